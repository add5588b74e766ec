package sdkconfig

import "strings"

// needs says what would have to be otherwise for a condition that does not hold to hold, as a person would set it:
// "CONFIG_FREERTOS_UNICORE=y". An option that only follows from others is replaced by what it follows from.
func (c *Config) needs(e *condition) string {
	texts := c.lacking(e, true, 0)
	if len(texts) == 0 {
		return "other options"
	}
	return strings.Join(texts, " and ")
}

// lacking lists the parts of a condition that keep it from being want. Depth bounds how far derived options are
// followed.
func (c *Config) lacking(e *condition, want bool, depth int) []string {
	if e.holds(rules{c}) == want || depth > 8 {
		return nil
	}
	switch {
	case e.op == 'n':
		return c.lacking(e.left, !want, depth+1)
	case e.op == 'a' && want || e.op == 'o' && !want: // both sides must be so
		return merge(c.lacking(e.left, want, depth+1), c.lacking(e.right, want, depth+1))
	case e.op == 'a' || e.op == 'o': // either side would do
		left := strings.Join(c.lacking(e.left, want, depth+1), " and ")
		right := strings.Join(c.lacking(e.right, want, depth+1), " and ")
		if left == right || right == "" {
			return merge([]string{left}, nil)
		}
		if left == "" {
			return []string{right}
		}
		return []string{left + " or " + right}
	case e.op == 'v' || e.op == 'i':
		return []string{"another release of ESP-IDF"}
	}
	r := &table().rows[e.row]
	if e.op == 's' && r.derived {
		if cause := r.cause(); cause != nil {
			if texts := c.lacking(cause, want, depth+1); len(texts) > 0 {
				return texts
			}
		}
	}
	name := prefix + r.nameIn(c.IDF)
	if e.op == 's' {
		if want {
			return []string{name + "=y"}
		}
		return []string{name + "=n"}
	}
	other := e.literal
	if e.other >= 0 {
		other = prefix + table().rows[e.other].nameIn(c.IDF)
	}
	if !want {
		return []string{"not " + name + " " + e.cmp + " " + other}
	}
	return []string{name + " " + e.cmp + " " + other}
}

// cause is the condition under which a derived bool is y.
func (r *row) cause() *condition {
	if r.selected != nil {
		return r.selected
	}
	for _, d := range r.defaults {
		if d.value == "y" {
			return d.when
		}
	}
	return nil
}

// merge joins lists without empty or repeated texts.
func merge(a, b []string) []string {
	var all []string
	for _, t := range append(append([]string(nil), a...), b...) {
		seen := t == ""
		for _, s := range all {
			seen = seen || s == t
		}
		if !seen {
			all = append(all, t)
		}
	}
	return all
}
