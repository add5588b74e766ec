package sdkconfig

import (
	"fmt"
	"math"
	"strconv"
)

// How an option gets its value (the rules of ESP-IDF's Kconfig library, kconfiglib.py: Symbol.str_value and
// Choice.selection):
//
//  1. An option that the release does not have, keeps the value the release behaves as if it had ("gone", or the
//     default).
//  2. If a user can set it (it has a prompt whose condition holds) and has set it to a value in its range, it has that.
//  3. Else it has the first default whose condition holds, moved into the range if it lies outside.
//  4. A bool that another option selects is y whatever else holds. Any other bool is n, any other option has no value.
//
// Of a choice that is on, the member last set to y is chosen if a user can set it, also if it was set to n after that;
// else the default, else the first that can be set.

// resolver computes the values of all options of one configuration, each once.
type resolver struct {
	t      *optionTable
	c      *Config
	values []string
	state  []byte // 0 not yet, 1 being computed, 2 done

	circular bool // a value was needed while it was being computed: a mistake in the table
}

// resolve computes all values from the assignments and fills the typed fields.
func (c *Config) resolve() {
	t := table()
	r := &resolver{t: t, c: c, values: make([]string, len(t.rows)), state: make([]byte, len(t.rows))}
	for i := range t.rows {
		r.value(i)
	}
	c.values = r.values
	c.fill()
}

// rules answers conditions from the values of a resolved configuration.
type rules struct{ c *Config }

func (r rules) version() Version   { return r.c.IDF }
func (r rules) value(i int) string { return r.c.values[i] }
func (r rules) chip() string       { return chipOf(r.c.values[table().byName[targetOption]]) }

func (r *resolver) version() Version { return r.c.IDF }
func (r *resolver) chip() string     { return chipOf(r.value(r.t.byName[targetOption])) }

func (r *resolver) value(i int) string {
	r.circular = r.circular || r.state[i] == 1
	if r.state[i] == 0 {
		r.state[i] = 1
		r.values[i] = r.compute(&r.t.rows[i], i)
		r.state[i] = 2
	}
	return r.values[i]
}

func (r *resolver) compute(o *row, i int) string {
	if !o.exists.holds(r) {
		return r.absent(o)
	}
	if o.typ == Choice {
		return r.choose(o, i)
	}
	if o.inChoice(r) {
		if r.value(o.choice) == strconv.Itoa(i) {
			return "y"
		}
		return "n"
	}
	value := ""
	if a := r.c.assigned[i]; a.set && !o.derived && o.asked.holds(r) && inRange(o, r, a.value) {
		value = a.value
	} else if o.depends.holds(r) {
		value = r.byDefault(o)
	}
	if o.typ == Bool {
		if o.selected != nil && o.selected.holds(r) {
			return "y"
		}
		if value == "" {
			return "n"
		}
	}
	return value
}

// absent is the value that a release without the option behaves as if it had.
func (r *resolver) absent(o *row) string {
	switch {
	case o.typ == Choice && o.depends.holds(r):
		return r.byDefault(o)
	case o.inChoice(r):
		// A release without the whole choice behaves as its default does.
		if c := &r.t.rows[o.choice]; !c.exists.holds(r) && r.value(o.choice) != "" {
			if m, _ := strconv.Atoi(r.value(o.choice)); &r.t.rows[m] == o {
				return "y"
			}
		}
		return "n"
	case !o.depends.holds(r) && o.typ == Bool:
		return "n"
	case !o.depends.holds(r):
		return ""
	case o.gone != "":
		return o.gone
	}
	value := r.byDefault(o)
	if value == "" && o.typ == Bool {
		return "n"
	}
	return value
}

func (r *resolver) byDefault(o *row) string {
	for _, d := range o.defaults {
		if d.when.holds(r) {
			return intoRange(o, r, d.value)
		}
	}
	return ""
}

func (r *resolver) choose(o *row, i int) string {
	if !o.depends.holds(r) {
		return ""
	}
	can := func(m int) bool {
		member := &r.t.rows[m]
		return member.inChoice(r) && member.exists.holds(r) && member.asked.holds(r)
	}
	if m := r.c.chosen[i]; m >= 0 && can(m) {
		return strconv.Itoa(m)
	}
	for _, d := range o.defaults {
		if m, _ := strconv.Atoi(d.value); d.when.holds(r) && can(m) {
			return d.value
		}
	}
	for _, m := range o.members {
		if can(m) {
			return strconv.Itoa(m)
		}
	}
	return ""
}

// inChoice tells whether a row is a member of a choice in this configuration.
func (o *row) inChoice(s symbols) bool {
	return o.choice >= 0 && (o.alone == nil || !o.alone.holds(s))
}

// limits is the range that holds for a number, if any does.
func limits(o *row, s symbols) (low, high int64, ok bool) {
	for _, l := range o.ranges {
		if l.when.holds(s) {
			return l.low, l.high, true
		}
	}
	if o.typ == Int { // a size, a count or a time, in an int of the firmware
		return 0, math.MaxInt32, true
	}
	return 0, 0, false
}

func inRange(o *row, s symbols, value string) bool {
	low, high, ok := limits(o, s)
	if !ok {
		return true
	}
	n, err := strconv.ParseInt(value, 0, 64)
	return err == nil && low <= n && n <= high
}

func intoRange(o *row, s symbols, value string) string {
	low, high, ok := limits(o, s)
	if !ok {
		return value
	}
	n, err := strconv.ParseInt(value, 0, 64)
	if err != nil || low <= n && n <= high {
		return value
	}
	if n < low {
		n = low
	} else {
		n = high
	}
	if o.typ == Hex {
		return fmt.Sprintf("0x%x", n)
	}
	return strconv.FormatInt(n, 10)
}

// outOfRange says what is wrong with a number for an option, or "".
func (c *Config) outOfRange(i int, value string) string {
	o := &table().rows[i]
	low, high, ok := limits(o, rules{c})
	if !ok || inRange(o, rules{c}, value) {
		return ""
	}
	format := "expected a number from %d to %d (ESP-IDF %s), found %s"
	if o.typ == Hex {
		format = "expected a number from %#x to %#x (ESP-IDF %s), found %s"
	}
	return fmt.Sprintf(format, low, high, c.IDF, value)
}

// misfit says what is wrong with what option i was assigned, or "".
func (c *Config) misfit(i int) string {
	o := &table().rows[i]
	if a := c.assigned[i]; a.set && o.exists.holds(rules{c}) && !o.derived && o.asked.holds(rules{c}) {
		return c.outOfRange(i, a.value)
	}
	return ""
}

// ineffective says why what option i was assigned has no effect, or "" if it has.
func (c *Config) ineffective(i int) string {
	t := table()
	o, a := &t.rows[i], c.assigned[i]
	value := c.values[i]
	if !a.set || same(o.typ, a.value, value) {
		return ""
	}
	why := ""
	switch {
	case !o.exists.holds(rules{c}):
		return fmt.Sprintf("ESP-IDF %s has no such option and ignores it", c.IDF) + o.hint
	case o.derived:
		why = "it only follows from other options"
	case o.inChoice(rules{c}) && c.values[o.choice] == "":
		why = "it needs " + c.needs(t.rows[o.choice].depends)
	case !o.asked.holds(rules{c}):
		why = "it needs " + c.needs(o.asked)
	case o.inChoice(rules{c}) && a.value == "n":
		why = "a member of a choice is unset by choosing another"
	case o.inChoice(rules{c}):
		chosen, _ := strconv.Atoi(c.values[o.choice])
		why = prefix + t.rows[chosen].nameIn(c) + " is chosen"
	default:
		why = "another option selects it"
	}
	return fmt.Sprintf("ESP-IDF ignores this and uses %s: %s", noValue(value), why)
}

func noValue(value string) string {
	if value == "" {
		return "no value"
	}
	return value
}

// same tells whether two values of an option are equal.
func same(typ Type, a, b string) bool {
	if a == b {
		return true
	}
	if typ != Hex {
		return false
	}
	x, err1 := strconv.ParseInt(a, 0, 64)
	y, err2 := strconv.ParseInt(b, 0, 64)
	return err1 == nil && err2 == nil && x == y
}
