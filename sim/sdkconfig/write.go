package sdkconfig

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Options lists all options that have a value, as ESP-IDF would write them into an sdkconfig: those of the table under
// the names of this release, and the unknown ones; sorted by name. A field that was assigned directly a value its
// option cannot have is listed with that value; Validate tells.
func (c *Config) Options() []Option {
	var all []Option
	for _, w := range c.written() {
		all = append(all, w.Option)
	}
	slices.SortStableFunc(all, func(a, b Option) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Value and origin of one option as it is written.
type written struct {
	Option
	isDefault bool // no user has set it
	canonical string
}

// written lists what a configuration file of c holds, in the table's order.
func (c *Config) written() []written {
	d, _ := c.current()
	t := table()
	var all []written
	for i := range t.rows {
		r := &t.rows[i]
		if r.typ == Choice || !r.exists.holds(rules{d}) {
			continue
		}
		value := d.values[i]
		if value == "" || value == "n" && (r.derived || !d.visible(r)) {
			continue
		}
		all = append(all, written{Option{prefix + r.nameIn(d), value}, !d.assigned[i].set || d.assigned[i].isDefault, prefix + r.name})
	}
	for _, u := range d.Unknown {
		all = append(all, written{u, false, u.Name})
	}
	return all
}

// visible tells whether a user can set an option.
func (c *Config) visible(r *row) bool {
	if r.inChoice(rules{c}) && c.values[r.choice] == "" {
		return false
	}
	return !r.derived && r.asked.holds(rules{c})
}

// WriteTo writes the configuration as an sdkconfig, with the release in its heading. Values that no user has set stand
// under "# default:", as ESP-IDF writes them since 6.0; older releases take that for a comment. Parse reads back the
// same configuration.
func (c *Config) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, c.String())
	return int64(n), err
}

// String is the text that WriteTo writes.
func (c *Config) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#\n%s%s%s\n#\n", headingBegin, c.IDF, headingEnd)
	all := c.written()
	slices.SortStableFunc(all, func(x, y written) int { return strings.Compare(x.Name, y.Name) })
	for _, o := range all {
		if o.isDefault {
			b.WriteString(defaultPragma + "\n")
		}
		b.WriteString(o.String() + "\n")
	}
	return b.String()
}

// A Difference is an option that two configurations have different values of. A value is empty where the option has
// none. The name is the option's newest one, so that releases can be compared.
type Difference struct {
	Name string
	A, B string
}

// String prints the difference as "CONFIG_X: 5760 -> 2440".
func (d Difference) String() string {
	named := func(v string) string {
		if v == "" {
			return "(none)"
		}
		return v
	}
	return fmt.Sprintf("%s: %s -> %s", d.Name, named(d.A), named(d.B))
}

// Diff lists the options whose values differ between two configurations, sorted by name. A bool without a value counts
// as n, and options that only follow from others and that the model does not read are left out.
func Diff(a, b *Config) []Difference {
	t := table()
	inA, inB := map[string]string{}, map[string]string{}
	var names []string
	for _, w := range a.written() {
		inA[w.canonical] = w.Value
		names = append(names, w.canonical)
	}
	for _, w := range b.written() {
		inB[w.canonical] = w.Value
		names = append(names, w.canonical)
	}
	slices.Sort(names)
	var all []Difference
	for _, n := range slices.Compact(names) {
		d := Difference{n, inA[n], inB[n]}
		i, known := t.byName[strings.TrimPrefix(n, prefix)]
		if !known {
			if d.A != d.B {
				all = append(all, d)
			}
			continue
		}
		r := &t.rows[i]
		if r.typ == Bool {
			d.A, d.B = cmp.Or(d.A, "n"), cmp.Or(d.B, "n")
		}
		if !same(r.typ, d.A, d.B) && !(r.derived && r.path == nil) {
			all = append(all, d)
		}
	}
	return all
}
