package sdkconfig

import (
	"fmt"
	"strconv"
	"strings"
)

// Info is what is known of one option, for a reader.
type Info struct {
	// Name is the option's newest name, with CONFIG_, or the name of a choice.
	Name string
	// Type is its Kconfig type.
	Type Type
	// OldNames are the names it has had, newest first, each with the release in which the next name came: "CONFIG_X until 5.1".
	OldNames []string
	// Releases says which releases have it; empty: all that are covered.
	Releases string
	// Chips says which chips have it; empty: all that are covered.
	Chips string
	// Depends is the Kconfig condition under which it has a value, and Asked that under which a user can set it; empty: always.
	Depends, Asked string
	// Default and Range are Kconfig's: the first whose condition holds counts; "IDF" stands for the release.
	Default, Range string
	// Members are the options of a Choice.
	Members []string
	// Choice is the choice it belongs to, if any.
	Choice string
	// Field is the field of Config that holds it, for example "LWIP.TCPMSS"; empty: the model does not read it.
	Field string
	// Effect is one sentence on what it changes in the model.
	Effect string
	// Value is its value, and DefaultNow and RangeNow are what holds for it, in a configuration; Config.Explain fills them.
	Value, DefaultNow, RangeNow string
	// Source is the Kconfig file it was read from.
	Source string
}

// The effect of options that fill no field.
const (
	followsOnly = "Only follows from other options."
	decidesOnly = "Nothing itself; other options depend on it."
)

// String prints the option for a person.
func (i Info) String() string {
	var b strings.Builder
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "  %-9s %s\n", label, text)
		}
	}
	fmt.Fprintf(&b, "%s (%s)\n", i.Name, i.Type)
	line("effect", i.Effect)
	line("value", i.Value)
	line("here", i.here())
	line("default", i.Default)
	line("range", i.Range)
	line("one of", strings.Join(i.Members, ", "))
	line("choice", i.Choice)
	line("depends", i.Depends)
	line("asked if", i.Asked)
	line("releases", i.Releases)
	line("chips", i.Chips)
	line("was", strings.Join(i.OldNames, ", "))
	line("field", i.Field)
	line("source", i.Source)
	return b.String()
}

// here is the default and the range in a configuration.
func (i Info) here() string {
	switch {
	case i.DefaultNow == "" && i.RangeNow == "":
		return ""
	case i.RangeNow == "":
		return "default " + i.DefaultNow
	}
	return "default " + noValue(i.DefaultNow) + ", range " + i.RangeNow
}

// Explain says what an option does: its type, default, range, effect in the model and source. The name may be an old
// one, with or without CONFIG_, in upper or lower case. An option that is not in the table gives an
// *UnknownOptionError.
func Explain(name string) (Info, error) {
	t := table()
	i, ok := t.find(strings.ToUpper(name))
	if !ok {
		return Info{}, t.unknown(name)
	}
	return t.rows[i].info(t), nil
}

// Explain is the function Explain, with the value that the option has in c, and its default and range there.
func (c *Config) Explain(name string) (Info, error) {
	t := table()
	i, ok := t.find(strings.ToUpper(name))
	if !ok {
		return Info{}, t.unknown(name)
	}
	info := t.rows[i].info(t)
	value, err := c.Value(strings.ToUpper(name))
	if err != nil {
		return Info{}, err
	}
	d, err := c.current()
	if err != nil {
		return Info{}, err
	}
	if low, high, ok := limits(&t.rows[i], rules{d}); ok && len(t.rows[i].ranges) > 0 {
		info.RangeNow = fmt.Sprintf("%d..%d", low, high)
		if info.Type == Hex {
			info.RangeNow = fmt.Sprintf("%#x..%#x", low, high)
		}
	}
	d.assigned[i], d.chosen[i] = assignment{}, -1
	d.resolve()
	info.Value, info.DefaultNow = value, d.shown(i)
	return info, nil
}

// shown is the value of a row as Value gives it.
func (c *Config) shown(i int) string {
	t := table()
	if t.rows[i].typ == Choice && c.values[i] != "" {
		member, _ := strconv.Atoi(c.values[i])
		return prefix + t.rows[member].nameIn(c)
	}
	return c.values[i]
}

// Table lists every option that the table holds, in its order: component by component.
func Table() []Info {
	t := table()
	var all []Info
	for _, r := range t.rows {
		all = append(all, r.info(t))
	}
	return all
}

// UnknownOptionError says that the option table does not hold an option.
type UnknownOptionError struct {
	Option  string // as it was asked for
	Closest string // the most similar name in the table, or empty
	// Near are names that have words which begin as those of Option do, eight at most, if there is no Closest.
	Near []string
}

// Error names the option and what is most similar.
func (e *UnknownOptionError) Error() string {
	s := fmt.Sprintf("sdkconfig: %s is not in the option table", e.Option)
	if e.Closest != "" {
		s += "; the closest name is " + e.Closest
	}
	if len(e.Near) > 0 {
		s += "; names like it are " + strings.Join(e.Near, ", ")
	}
	return s
}
