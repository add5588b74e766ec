package sdkconfig

import "strings"

// needs says what would have to be otherwise for a condition that does not hold to hold, as a person would set it:
// "CONFIG_FREERTOS_UNICORE=y". An option that only follows from others is replaced by what it follows from.
func (c *Config) needs(e *condition) string {
	texts, possible := c.lacking(e, true, 0)
	if len(texts) == 0 || !possible {
		return "another release of ESP-IDF"
	}
	return strings.Join(texts, " and ")
}

// lacking lists the parts of a condition that keep it from being want, and tells whether this release allows that at
// all. Depth bounds how far derived options are followed.
func (c *Config) lacking(e *condition, want bool, depth int) (texts []string, possible bool) {
	if e.holds(rules{c}) == want {
		return nil, true
	}
	switch {
	case e.op == 'n':
		return c.lacking(e.left, !want, depth+1)
	case e.op == 'v' || e.op == 'i':
		return nil, false
	case e.op == 't' && want:
		var texts []string
		for _, chip := range e.chips {
			texts = append(texts, prefix+targetOption+"="+quote(chip))
		}
		return []string{strings.Join(texts, " or ")}, true
	case e.op == 't':
		return nil, false // nobody changes the chip for an option
	case e.op == 'a' || e.op == 'o':
		left, possibleLeft := c.lacking(e.left, want, depth+1)
		right, possibleRight := c.lacking(e.right, want, depth+1)
		if (e.op == 'a') == want { // both sides must be so
			return merge(left, right), possibleLeft && possibleRight
		}
		switch {
		case !possibleLeft:
			return right, possibleRight
		case !possibleRight:
			return left, true
		}
		either := merge([]string{strings.Join(left, " and ")}, []string{strings.Join(right, " and ")})
		return []string{strings.Join(either, " or ")}, true
	}
	r := &table().rows[e.row]
	if cause := r.cause(); e.op == 's' && r.derived && cause != nil && depth < 8 {
		if texts, possible := c.lacking(cause, want, depth+1); len(texts) > 0 {
			return texts, possible
		}
	}
	name := prefix + r.nameIn(c)
	switch {
	case e.op == 's' && want:
		return []string{name + "=y"}, true
	case e.op == 's':
		return []string{name + "=n"}, true
	}
	text := name + " " + e.cmp + " " + e.literal
	if e.other >= 0 {
		text = name + " " + e.cmp + " " + prefix + table().rows[e.other].nameIn(c)
	}
	if !want {
		text = "not " + text
	}
	return []string{text}, true
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
