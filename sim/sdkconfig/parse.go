package sdkconfig

import (
	"fmt"
	"io"
	"os"
	"slices"
)

// ParseFile is Parse for the file at path.
func ParseFile(path string) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("sdkconfig: %w", err)
	}
	defer f.Close()
	return Parse(path, f)
}

// Parse reads a configuration file of ESP-IDF 4 to 6: a full sdkconfig, or an sdkconfig.defaults, which names only what
// differs from the defaults. The name is that of the file, for errors and notes.
//
// The release of ESP-IDF is what the file says: the heading that ESP-IDF writes since 5.1, or CONFIG_IDF_INIT_VERSION;
// else it follows from the options it names, with a note; else it is 5.3.1.
//
// What ESP-IDF's own tools warn about is an error: a line that is no assignment, a value of the wrong type or out of
// its range. All problems are found, joined by errors.Join, each a *LineError. What ESP-IDF resolves without a word is
// a note in Config.Notes.
func Parse(name string, r io.Reader) (*Config, error) {
	f, err := read(name, r)
	if err != nil {
		return nil, err
	}
	v, note := f.release()
	c := newConfig(v)
	if note != "" {
		c.remarks = append(c.remarks, Note{File: name, Text: note})
	}
	if err := c.apply(f); err != nil {
		return nil, err
	}
	return c, nil
}

// ParseFor is Parse for a release of ESP-IDF that the caller knows, whatever the file says of it.
func ParseFor(version, name string, r io.Reader) (*Config, error) {
	c, err := New(version)
	if err != nil {
		return nil, err
	}
	return c, c.Apply(name, r)
}

// Apply reads another configuration file on top of c, as ESP-IDF reads several sdkconfig.defaults: what it assigns
// replaces what was assigned before. The release stays. On an error c is unchanged.
func (c *Config) Apply(name string, r io.Reader) error {
	f, err := read(name, r)
	if err != nil {
		return err
	}
	d, err := c.current()
	if err != nil {
		return err
	}
	if err := d.apply(f); err != nil {
		return err
	}
	*c = *d
	return nil
}

// apply assigns what a file says. Values under "# default:" count where they differ from the default that the
// assignments give, as in ESP-IDF 6.
func (c *Config) apply(f *file) error {
	t := table()
	errs := f.errs
	c.files = append(c.files, f.name)
	c.remarks = append(c.remarks, f.notes...)
	seen := map[int]line{} // by row, what the file said before
	unknown := newUnknown(c, f)
	var rows []int
	for _, l := range f.lines {
		i, known := t.byName[l.name]
		if !known {
			unknown.keep(l)
			continue
		}
		r := &t.rows[i]
		value, odd := "", "" // an int or a string that "is not set" has its default
		if !l.unset || r.typ == Bool {
			var err error
			if value, odd, err = parseValue(r.typ, l.value); err != nil {
				errs.add(&LineError{f.name, l.number, l.column, prefix + l.name, err.Error()})
				continue
			}
		}
		c.noteLine(f, l, odd)
		if l.deprecated {
			c.noteLine(f, l, f.block(c, i, value, seen))
			continue
		}
		c.noteLine(f, l, again(seen, i, l))
		seen[i] = l
		if value != "" {
			c.assign(i, assignment{true, value, l.isDefault, l.name, f.name, l.number, l.column})
			rows = append(rows, i)
		}
	}
	rows = lastOfEach(rows)
	c.dropDefaults(rows)
	c.resolve()
	for _, i := range rows {
		if a := c.assigned[i]; a.set {
			if problem := c.misfit(i); problem != "" {
				errs.add(&LineError{a.file, a.line, a.column, prefix + a.name, problem})
			}
		}
	}
	c.note()
	return errs.joined()
}

// noteLine adds a note about a line, unless the text is empty.
func (c *Config) noteLine(f *file, l line, text string) {
	if text != "" {
		c.remarks = append(c.remarks, Note{File: f.name, Line: l.number, Option: prefix + l.name, Text: text})
	}
}

// again says that an option was assigned before, if it was: under the same name, or with another value.
func again(seen map[int]line, i int, l line) string {
	old, assigned := seen[i]
	switch {
	case !assigned || old.name != l.name && old.value == l.value:
		return ""
	case old.name == l.name:
		return fmt.Sprintf("also assigned in line %d; the later line counts", old.number)
	}
	return fmt.Sprintf("also assigned in line %d, as %s; the later line counts", old.number, prefix+old.name)
}

// block says what is odd about a line of the block of old names that ESP-IDF appends to an sdkconfig and does not read.
func (f *file) block(c *Config, i int, value string, seen map[int]line) string {
	main, assigned := seen[i]
	switch {
	case assigned && !same(table().rows[i].typ, c.assigned[i].value, value):
		return fmt.Sprintf("in the block of deprecated options, which ESP-IDF does not read; line %d counts", main.number)
	case !assigned && !same(table().rows[i].typ, c.values[i], value) && value != "n":
		return "only in the block of deprecated options, which ESP-IDF does not read"
	}
	return ""
}

// lastOfEach keeps of each row its last appearance, in that order.
func lastOfEach(rows []int) []int {
	last := map[int]int{}
	for k, i := range rows {
		last[i] = k
	}
	kept := rows[:0]
	for k, i := range rows {
		if last[i] == k {
			kept = append(kept, i)
		}
	}
	return kept
}

// dropDefaults takes back assignments that a file marks as defaults and that are the default anyway, so that they follow
// when something else changes.
func (c *Config) dropDefaults(rows []int) {
	marked := map[int]assignment{}
	chosen := slices.Clone(c.chosen)
	for _, i := range rows {
		if a := c.assigned[i]; a.isDefault {
			marked[i] = a
			c.assigned[i] = assignment{}
			if r := &table().rows[i]; r.choice >= 0 && c.chosen[r.choice] == i {
				c.chosen[r.choice] = -1
			}
		}
	}
	if len(marked) == 0 {
		return
	}
	c.resolve()
	plain := c.values
	for _, i := range rows {
		a, ok := marked[i]
		r := &table().rows[i]
		if !ok || same(r.typ, plain[i], a.value) || r.derived || r.choice >= 0 && a.value == "n" {
			continue
		}
		c.assigned[i] = a
		if r.choice >= 0 {
			c.chosen[r.choice] = chosen[r.choice]
		}
		if r.asked.holds(rules{c}) && c.outOfRange(i, a.value) == "" {
			c.remarks = append(c.remarks, Note{File: a.file, Line: a.line, Option: prefix + a.name,
				Text: fmt.Sprintf("the default of ESP-IDF %s is %s; the file's default counts", c.IDF, noValue(plain[i]))})
		}
	}
}
