package sdkconfig

import (
	"cmp"
	"fmt"
	"slices"
)

// note renews the notes: those that stay, and those about assignments as they are now.
func (c *Config) note() {
	c.Notes = slices.Clone(c.remarks)
	for i, a := range c.assigned {
		if !a.set || c.misfit(i) != "" {
			continue
		}
		text, renamed := c.ineffective(i), false
		if r := &table().rows[i]; text == "" && r.nameIn(c) != a.name && r.exists.holds(rules{c}) {
			text, renamed = fmt.Sprintf("ESP-IDF %s calls this %s", c.IDF, prefix+r.nameIn(c)), true
		}
		if i == table().byName[targetOption] && c.Chip() != c.Target {
			text, renamed = "the option table does not know this chip; it has the options of the plain ESP32", false
		}
		if text != "" {
			c.Notes = append(c.Notes, Note{a.file, a.line, prefix + a.name, text, renamed})
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
	// Renamed says that the option stands by a name that the release has changed,
	// and that nothing else is to be said about it.
	Renamed bool
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
