package sdkconfig

import (
	"errors"
	"fmt"
	"slices"
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
	// Target is CONFIG_IDF_TARGET: the chip, esp32, esp32s2, esp32s3, esp32c3 or esp32c6. Default "esp32". Another one has
	// the options of the plain ESP32, with a note.
	Target string `option:"IDF_TARGET"`

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
	HTTPD     HTTPD
	MQTT      MQTT
	MDNS      MDNS

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
	c := &Config{}
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
	if !t.rows[i].exists.holds(rules{d}) {
		return "", nil
	}
	return d.shown(i), nil
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

// assign records an assignment.
func (c *Config) assign(i int, a assignment) {
	c.assigned[i] = a
	if r := &table().rows[i]; r.choice >= 0 && a.value == "y" {
		c.chosen[r.choice] = i
	}
}
