package sdkconfig

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Config is the configuration of one firmware, as ESP-IDF would build it: every option of the table has the value that
// ESP-IDF's Kconfig files give it for this release, these assignments and these other values.
//
// The groups of typed fields are filled by New, Default, Parse, Set and Apply. A field whose option has no value,
// because what it depends on is off, is zero. Fields may also be assigned directly; Resolve then carries the change to
// the options that follow from it, as Set does and as ESP-IDF's menuconfig does.
type Config struct {
	// IDF is the release of ESP-IDF whose options and defaults hold. The model of the device follows it too.
	IDF Version
	// Target is CONFIG_IDF_TARGET, the chip: "esp32". The defaults of the table are those of the plain ESP32.
	Target string

	System    System
	FreeRTOS  FreeRTOS
	Heap      Heap
	LWIP      LWIP
	Ethernet  Ethernet
	WiFi      WiFi
	Bluetooth Bluetooth
	SPIRAM    SPIRAM
	MbedTLS   MbedTLS
	LibC      LibC

	// Unknown are the options that were assigned but are not in the table: those of the project itself (EXAMPLE_...),
	// of other components, and misspelled ones. They are kept in the order of their first appearance and change nothing
	// in the model. A value is as in the file; an option that "is not set" has the value n.
	Unknown []Option
	// Notes say what ESP-IDF does without a word and a reader should know: an assignment that has no effect, an option
	// that is assigned twice, an old name, a release that had to be guessed. They follow what is assigned later.
	Notes []Note

	assigned []assignment // by row; what a user has set
	chosen   []int        // by row of a choice: the member last set to y, or -1
	values   []string     // by row: what the typed fields were filled with; "" no value
	files    []string     // what was read, in that order
	remarks  []Note       // notes that stay, whatever is assigned later
}

// Option is an option and its value as a configuration file has it: y, n (which files write as "is not set"), a decimal
// or hexadecimal number, or a string in double quotes.
type Option struct {
	Name  string // with CONFIG_
	Value string
}

// String prints the option as a configuration file has it.
func (o Option) String() string {
	if o.Value == "n" {
		return "# " + o.Name + " is not set"
	}
	return o.Name + "=" + o.Value
}

// note renews the notes: those that stay, and those about assignments as they are now.
func (c *Config) note() {
	c.Notes = slices.Clone(c.remarks)
	for i, a := range c.assigned {
		if !a.set || c.misfit(i) != "" {
			continue
		}
		text := c.ineffective(i)
		if r := &table().rows[i]; text == "" && r.nameIn(c.IDF) != a.name && r.exists.holds(rules{c}) {
			text = fmt.Sprintf("ESP-IDF %s calls this %s", c.IDF, prefix+r.nameIn(c.IDF))
		}
		if text != "" {
			c.Notes = append(c.Notes, Note{a.file, a.line, prefix + a.name, text})
		}
	}
	slices.SortStableFunc(c.Notes, func(a, b Note) int {
		return cmp.Or(slices.Index(c.files, a.File)-slices.Index(c.files, b.File), a.Line-b.Line)
	})
}

// A Note is a remark about a configuration. File and Line are where it stands, if it is about a line of a file.
type Note struct {
	File   string
	Line   int
	Option string // the option, with CONFIG_, by the name it was written with; or empty
	Text   string
}

// String prints the note as "sdkconfig:17: CONFIG_X: text".
func (n Note) String() string {
	s := n.Text
	if n.Option != "" {
		s = n.Option + ": " + s
	}
	if n.File != "" && n.Line > 0 {
		s = fmt.Sprintf("%s:%d: %s", n.File, n.Line, s)
	} else if n.File != "" {
		s = n.File + ": " + s
	}
	return s
}

// An assignment is a value that a user, a file or a field of Config has given an option.
type assignment struct {
	set       bool
	value     string
	isDefault bool   // a file has it as a default value (# default:), not as a user's
	name      string // as written, without CONFIG_
	file      string
	line      int
	column    int
}

// New makes the configuration of a project that has changed nothing, for a release of ESP-IDF such as "5.3.1" or "v4.4".
// A release that the table does not cover is taken for the nearest older one that it does, or for the oldest, with a
// note. A text that is no release gives an error.
func New(version string) (*Config, error) {
	v, err := ParseVersion(version)
	if err != nil {
		return nil, err
	}
	return newConfig(v), nil
}

// Default is New for a release that the program itself names: it panics where New gives an error.
func Default(version string) *Config {
	c, err := New(version)
	if err != nil {
		panic(err)
	}
	return c
}

func newConfig(v Version) *Config {
	t := table()
	c := &Config{Target: "esp32"}
	c.assigned = make([]assignment, len(t.rows))
	c.chosen = make([]int, len(t.rows))
	for i := range c.chosen {
		c.chosen[i] = -1
	}
	var known bool
	if c.IDF, known = covered(v); !known {
		c.remarks = append(c.remarks, Note{Text: fmt.Sprintf("ESP-IDF %s is not in the option table; read as %s", v, c.IDF)})
	}
	c.resolve()
	c.note()
	return c
}

// Clone returns a copy that shares nothing with c.
func (c *Config) Clone() *Config {
	d := *c
	d.Unknown, d.Notes = slices.Clone(c.Unknown), slices.Clone(c.Notes)
	d.files, d.remarks = slices.Clone(c.files), slices.Clone(c.remarks)
	d.assigned, d.chosen, d.values = slices.Clone(c.assigned), slices.Clone(c.chosen), slices.Clone(c.values)
	return &d
}

// Set assigns an option, by its newest or an earlier name, with or without CONFIG_, and carries the change to all
// options that follow from it. The value is written as in a configuration file, a string also without its quotes. An
// option that is neither in the table nor in Unknown gives an *UnknownOptionError, a value that is not of the option's
// type or out of its range a *ValueError, and then nothing changes. A value that ESP-IDF would take and ignore is a
// note.
func (c *Config) Set(name, value string) error {
	t := table()
	bare := strings.TrimPrefix(name, prefix)
	i, ok := t.find(name)
	if !ok {
		for j := range c.Unknown {
			if c.Unknown[j].Name == prefix+bare {
				c.Unknown[j].Value = value
				return nil
			}
		}
		return t.unknown(name)
	}
	r := &t.rows[i]
	if r.typ == String && !strings.HasPrefix(value, `"`) {
		value = quote(value)
	}
	canonical, _, err := parseValue(r.typ, value)
	if err != nil {
		return &ValueError{Option: prefix + bare, Problem: err.Error()}
	}
	d, err := c.current()
	if err != nil {
		return err
	}
	d.assign(i, assignment{set: true, value: canonical, name: bare})
	d.resolve()
	if problem := d.misfit(i); problem != "" {
		return &ValueError{Option: prefix + bare, Problem: problem}
	}
	d.note()
	*c = *d
	return nil
}

// ValueError says that a value does not fit its option: what was expected, and what was found.
type ValueError struct {
	Option  string
	Problem string
}

// Error names the option.
func (e *ValueError) Error() string { return "sdkconfig: " + e.Option + ": " + e.Problem }

// Value returns an option's value as a configuration file would have it, or "" if it has none: the option is not in this
// release, or what it depends on is off.
func (c *Config) Value(name string) (string, error) {
	t := table()
	i, ok := t.find(name)
	if !ok {
		full := prefix + strings.TrimPrefix(name, prefix)
		for _, u := range c.Unknown {
			if u.Name == full {
				return u.Value, nil
			}
		}
		return "", t.unknown(name)
	}
	d, err := c.current()
	if err != nil {
		return "", err
	}
	value := d.values[i]
	if t.rows[i].typ == Choice && value != "" {
		member, _ := strconv.Atoi(value)
		return "CONFIG_" + t.rows[member].nameIn(d.IDF), nil
	}
	return value, nil
}

// Resolve takes fields that were assigned directly as assignments of their options, and carries them to all options
// that follow from them. It gives an error, and changes nothing, if a field has a value that its option cannot have, or
// one that ESP-IDF would ignore because what the option depends on is off.
func (c *Config) Resolve() error {
	d, err := c.current()
	if err == nil {
		d.note()
		*c = *d
	}
	return err
}

// Validate gives the error that Resolve would give, without changing anything.
func (c *Config) Validate() error {
	_, err := c.current()
	return err
}

// current is c with its directly assigned fields taken up and all values resolved.
func (c *Config) current() (*Config, error) {
	d := c.Clone()
	rows, err := d.absorb()
	if len(rows) == 0 {
		return d, err
	}
	d.resolve()
	problems := []error{err}
	for _, i := range rows {
		problem := d.misfit(i)
		if problem == "" {
			problem = d.ineffective(i)
		}
		if problem != "" {
			problems = append(problems, &ValueError{Option: d.place(i), Problem: problem})
		}
	}
	return d, errors.Join(problems...)
}

// place names an option and the field that holds it.
func (c *Config) place(i int) string {
	t := table()
	r := &t.rows[i]
	field := r.field
	if field == "" && r.choice >= 0 {
		field = t.rows[r.choice].field
	}
	return prefix + r.nameIn(c.IDF) + " (Config." + field + ")"
}

// assign records an assignment.
func (c *Config) assign(i int, a assignment) {
	c.assigned[i] = a
	if r := &table().rows[i]; r.choice >= 0 && a.value == "y" {
		c.chosen[r.choice] = i
	}
}

// fill writes the values into the typed fields.
func (c *Config) fill() {
	t := table()
	v := reflect.ValueOf(c).Elem()
	for i := range t.rows {
		if r := &t.rows[i]; r.path != nil {
			r.store(t, v.FieldByIndex(r.path), c.values[i])
		}
	}
}

func (r *row) store(t *optionTable, f reflect.Value, value string) {
	switch r.typ {
	case Bool:
		f.SetBool(value == "y")
	case String:
		f.SetString(plain(value))
	case Choice:
		f.SetInt(0)
		if member, err := strconv.Atoi(value); err == nil {
			f.SetInt(int64(t.rows[member].number))
		}
	default:
		n, _ := strconv.ParseInt(value, 0, 64)
		f.SetInt(n)
	}
}

// load reads a typed field back; was is the value it was filled with.
func (r *row) load(t *optionTable, f reflect.Value, was string) (string, error) {
	filled := reflect.New(f.Type()).Elem()
	if r.store(t, filled, was); filled.Equal(f) {
		return was, nil
	}
	switch r.typ {
	case Bool:
		if f.Bool() {
			return "y", nil
		}
		return "n", nil
	case String:
		if strings.ContainsAny(f.String(), "\r\n\x00") {
			return "", fmt.Errorf("expected a string of one line, found %s", shown(f.String()))
		}
		return quote(f.String()), nil
	case Choice:
		for _, m := range r.members {
			if t.rows[m].number == int(f.Int()) {
				return strconv.Itoa(m), nil
			}
		}
		return "", fmt.Errorf("expected one of the values of its choice, found %d", f.Int())
	case Hex:
		return fmt.Sprintf("0x%x", f.Int()), nil
	}
	return strconv.FormatInt(f.Int(), 10), nil
}

// absorb records fields that were assigned directly as assignments of their options, and returns these.
func (c *Config) absorb() ([]int, error) {
	t := table()
	v := reflect.ValueOf(c).Elem()
	var rows []int
	var problems []error
	for i := range t.rows {
		r := &t.rows[i]
		if r.path == nil {
			continue
		}
		value, err := r.load(t, v.FieldByIndex(r.path), c.values[i])
		switch {
		case err != nil:
			problems = append(problems, &ValueError{Option: c.place(i), Problem: err.Error()})
		case value == c.values[i]:
		case r.typ == Choice:
			member, _ := strconv.Atoi(value)
			c.assign(member, assignment{set: true, value: "y", name: t.rows[member].name})
			rows = append(rows, member)
		default:
			c.assign(i, assignment{set: true, value: value, name: r.name})
			rows = append(rows, i)
		}
	}
	return rows, errors.Join(problems...)
}
