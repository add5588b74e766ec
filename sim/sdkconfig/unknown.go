package sdkconfig

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

// otherOptions names the options of ESP-IDF that the option table does not hold, because the model does not read them:
// one a line, sorted, from the Kconfig files of the releases that the table covers.
//
//go:embed other_options.txt
var otherOptions string

// others is otherOptions as a set.
var others = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for name := range strings.Lines(otherOptions) {
		if name = strings.TrimSpace(name); !strings.HasPrefix(name, "#") {
			set[name] = true
		}
	}
	return set
})

// maxSuggestions is for how many unknown options of one file a similar name is looked for.
const maxSuggestions = 20

// unknownOptions collects a file's assignments of options that the table does not hold.
type unknownOptions struct {
	c     *Config
	f     *file
	place map[string]int // in Config.Unknown
	asked int
}

func newUnknown(c *Config, f *file) *unknownOptions {
	u := &unknownOptions{c: c, f: f, place: map[string]int{}}
	for i, o := range c.Unknown {
		u.place[o.Name] = i
	}
	return u
}

// keep records one assignment. A name that no release of ESP-IDF has, but that is almost one of the table's, leaves a
// note: it may be misspelled.
func (u *unknownOptions) keep(l line) {
	c, full := u.c, prefix+l.name
	i, before := u.place[full]
	if l.deprecated && (before || others()[l.name]) {
		return
	}
	if before {
		if c.Unknown[i].Value != l.value {
			c.noteLine(u.f, l, fmt.Sprintf("replaces %s; the later line counts", c.Unknown[i].Value))
		}
		c.Unknown[i].Value = l.value
		return
	}
	u.place[full] = len(c.Unknown)
	c.Unknown = append(c.Unknown, Option{full, l.value})
	if others()[l.name] || u.asked >= maxSuggestions {
		return
	}
	u.asked++
	if near := table().closest(l.name); near != "" && editDistance(l.name, near, 3) < 3 {
		c.noteLine(u.f, l, "ESP-IDF has no such option; did you mean "+prefix+near+"?")
	}
}
