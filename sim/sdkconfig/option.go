package sdkconfig

import (
	"fmt"
	"strconv"
	"strings"
)

// Type is the Kconfig type of an option.
type Type int

// The types of options. A Choice is a group of Bool options of which exactly one is y.
const (
	Bool Type = iota
	Int
	Hex
	String
	Choice
)

// String returns the type's name in Kconfig.
func (t Type) String() string {
	return [...]string{"bool", "int", "hex", "string", "choice"}[t]
}

// An option is one row of the option table, in the words of the Kconfig files it was read from. Texts in Kconfig's
// language keep the table readable; compile.go turns them into rows.
type option struct {
	name string // without CONFIG_; the newest name it has had
	typ  Type
	in   string // condition on IDF: the releases that have it; "" all
	dep  string // "depends on": where it does not hold, the option has no value
	ask  string // further condition for a user to be able to set it; "no": never, the value only follows from others
	def  string // defaults "VALUE if CONDITION; VALUE if CONDITION; VALUE", the first that holds counts
	rng  string // ranges "LOW..HIGH if CONDITION; LOW..HIGH", the first that holds counts
	sel  string // condition under which another option selects it: it is y then, whatever a user says
	hint string // for a release without the option: what to do there, "; ..."
	gone string // the value a release without the option behaves as if it had; "" the default
	was  string // earlier names, newest first: "NAME until 5.1, OLDER until 4.0"
	one  []member
	does string // what it changes in the model, one sentence
	src  string // Kconfig file, relative to ESP-IDF
}

// A member is one option of a choice. Its number is what the choice's field holds when it is the chosen one.
type member struct {
	name   string
	number int
	in     string
	ask    string
	was    string
	alone  string // condition under which it is an option of its own, outside the choice
	def    string // its default then
}

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
	line("default", i.Default)
	line("range", i.Range)
	line("one of", strings.Join(i.Members, ", "))
	line("choice", i.Choice)
	line("depends", i.Depends)
	line("asked if", i.Asked)
	line("releases", i.Releases)
	line("was", strings.Join(i.OldNames, ", "))
	line("field", i.Field)
	line("source", i.Source)
	return b.String()
}

// Explain says what an option does: its type, default, range, effect in the model and source. The name may be an old
// one, with or without CONFIG_. An option that is not in the table gives an *UnknownOptionError.
func Explain(name string) (Info, error) {
	t := table()
	i, ok := t.find(name)
	if !ok {
		return Info{}, t.unknown(name)
	}
	return t.rows[i].info(t), nil
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
}

// Error names the option and the most similar one.
func (e *UnknownOptionError) Error() string {
	s := fmt.Sprintf("sdkconfig: %s is not in the option table", e.Option)
	if e.Closest != "" {
		s += "; the closest name is " + e.Closest
	}
	return s
}

// parseValue checks the text of a value against an option's type and returns it as Kconfig would write it. The second
// result, if not empty, says what was odd about a value that ESP-IDF accepts all the same.
func parseValue(typ Type, text string) (value, odd string, err error) {
	switch typ {
	case Bool:
		if text == "" || text[0] != 'y' && text[0] != 'n' {
			return "", "", fmt.Errorf("expected y or n, found %s", shown(text))
		}
		if len(text) > 1 {
			odd = fmt.Sprintf("ESP-IDF reads only the first letter of %s", shown(text))
		}
		return text[:1], odd, nil
	case Int:
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return "", "", fmt.Errorf("expected a decimal number, found %s", shown(text))
		}
		return strings.TrimPrefix(text, "+"), "", nil
	case Hex:
		digits, prefixed := strings.CutPrefix(strings.Replace(text, "0X", "0x", 1), "0x")
		if _, err := strconv.ParseUint(digits, 16, 63); err != nil {
			return "", "", fmt.Errorf("expected a hexadecimal number, found %s", shown(text))
		}
		if !prefixed {
			odd = fmt.Sprintf("%s is read as hexadecimal", shown(text))
		}
		return "0x" + digits, odd, nil
	case String:
		return unquote(text)
	}
	return "", "", fmt.Errorf("expected one of its members to be set to y, found %s", shown(text))
}

// unquote reads a string value, "..." with \" and \\ inside, and returns it in the same form.
func unquote(text string) (value, odd string, err error) {
	if !strings.HasPrefix(text, `"`) {
		return "", "", fmt.Errorf(`expected a string in double quotes, found %s`, shown(text))
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == '"':
			if rest := text[i+1:]; rest != "" {
				odd = fmt.Sprintf("ESP-IDF ignores %s after the string", shown(rest))
			}
			return quote(b.String()), odd, nil
		default:
			b.WriteByte(c)
		}
	}
	return "", "", fmt.Errorf(`expected a closing double quote, found the end of the line`)
}

// quote writes a string value as Kconfig does.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// plain is the text inside a quoted value.
func plain(value string) string {
	var b strings.Builder
	for i := 1; i < len(value)-1; i++ {
		if value[i] == '\\' {
			i++
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// shown quotes a found text for an error, shortened.
func shown(text string) string {
	if text == "" {
		return "nothing"
	}
	if len(text) > 60 {
		text = text[:60] + "..."
	}
	return strconv.Quote(text)
}
