package sdkconfig

import (
	"fmt"
	"strings"
)

// release tells which release of ESP-IDF a file is for, and how that was found out if the file does not say it.
func (f *file) release() (Version, string) {
	if v, err := ParseVersion(f.heading); err == nil && f.heading != "" {
		return v, ""
	}
	for _, l := range f.lines {
		if l.name == "IDF_INIT_VERSION" {
			if v, err := ParseVersion(strings.Trim(l.value, `"`)); err == nil {
				return v, fmt.Sprintf("read for ESP-IDF %s, which CONFIG_IDF_INIT_VERSION names", v)
			}
		}
	}
	return f.guess()
}

// guess finds the release in which the most of a file's assignments make sense: the option exists under that name, and
// its value is in range. Of several that fit equally, 5.3.1 is taken if it is among them, else the newest.
func (f *file) guess() (Version, string) {
	t := table()
	best, most, used := standard, -1, 0
	for _, v := range Versions() {
		fits := 0
		used = 0
		c := newConfig(v)
		f.setTarget(c)
		for _, l := range f.lines {
			i, ok := t.byName[l.name]
			if !ok || l.deprecated {
				continue
			}
			used++
			r := &t.rows[i]
			if r.exists.holds(rules{c}) && r.nameIn(c) == l.name {
				fits++
				if value, _, err := parseValue(r.typ, l.value); err == nil && c.outOfRange(i, value) == "" {
					fits++
				}
			}
		}
		if fits > most || fits == most && best != standard {
			best, most = v, fits
		}
	}
	if used == 0 {
		return standard, ""
	}
	return best, fmt.Sprintf("the file does not name its release of ESP-IDF; read for %s, which its options fit best", best)
}

// setTarget gives c the chip that the file names, on which names of options depend.
func (f *file) setTarget(c *Config) {
	for _, l := range f.lines {
		if value, _, err := parseValue(String, l.value); l.name == targetOption && err == nil {
			c.assign(table().byName[targetOption], assignment{set: true, value: value, name: l.name})
			c.resolve()
		}
	}
}
