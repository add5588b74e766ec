package casebook

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// relations are the words that stand between a figure and what is expected.
var relations = [...]string{"=", "!=", "<", "<=", ">", ">=", "is", "between"}

// A condition is a figure with what is expected of it, as in
//
//	lost since start = 10*172 within 5%
//	time since close between 120s and 121s
//	task opcua_task is ended
type condition struct {
	figure   figure
	name     string // the figure's words
	relation string
	want     value
	upto     value // the second value of between
	percent  bool  // the tolerance is a share of want, else absolute
	within   int64
	text     string // relation and values as written
}

// compileCondition reads a condition from the words of st behind its verb.
func (c *compiler) condition(st *Statement, words []string) (*condition, error) {
	at := slices.IndexFunc(words, func(w string) bool { return slices.Contains(relations[:], w) })
	if at < 1 {
		return nil, st.errorf("FIGURE RELATION VALUE was expected, with one of %s between them", strings.Join(relations[:], " "))
	}
	k := &condition{name: strings.Join(words[:at], " "), relation: words[at], text: strings.Join(words[at:], " ")}
	f, unit, err := c.figure(st, words[:at])
	if err != nil {
		return nil, err
	}
	k.figure = f
	rest := words[at+1:]
	next := func(what string) (string, error) {
		if len(rest) == 0 {
			return "", st.errorf("%s was expected at the end", what)
		}
		w := rest[0]
		rest = rest[1:]
		return w, nil
	}
	val := func(into *value) error {
		w, err := next("a value")
		if err != nil {
			return err
		}
		if *into, err = parseValue(w, unit); err != nil {
			return st.errorf("%s is %v: %w", k.name, unit, err)
		}
		return nil
	}
	if err := val(&k.want); err != nil {
		return nil, err
	}
	if k.relation == "between" {
		if w, err := next("and"); err != nil || w != "and" {
			return nil, st.errorf("between A and B was expected")
		}
		if err := val(&k.upto); err != nil {
			return nil, err
		}
	}
	if (unit == isWord) != (k.relation == "is") && (unit != isWord || k.relation != "!=") {
		return nil, st.errorf("%s is %v: \"is\" goes with words, the other relations with numbers and times", k.name, unit)
	}
	if len(rest) == 0 {
		return k, nil
	}
	if rest[0] != "within" || len(rest) != 2 || k.relation != "=" {
		return nil, st.errorf("%q is too much; only = may be followed by \"within TOLERANCE\"", strings.Join(rest, " "))
	}
	if p, ok := strings.CutSuffix(rest[1], "%"); ok {
		k.percent = true
		if k.within, err = parseInt(p); err != nil {
			return nil, st.errorf("tolerance: %w", err)
		}
	} else {
		t, err := parseValue(rest[1], unit)
		if err != nil {
			return nil, st.errorf("tolerance: %w", err)
		}
		k.within = t.n
	}
	if k.within < 0 {
		return nil, st.errorf("tolerance %s: at least 0 was expected", rest[1])
	}
	return k, nil
}

// holds reports whether a value is as expected.
func (k *condition) holds(v value) bool {
	switch k.relation {
	case "is":
		return v.s == k.want.s
	case "!=":
		return v != k.want
	case "<":
		return v.n < k.want.n
	case "<=":
		return v.n <= k.want.n
	case ">":
		return v.n > k.want.n
	case ">=":
		return v.n >= k.want.n
	case "between":
		return v.n >= k.want.n && v.n <= k.upto.n
	}
	off := v.n - k.want.n
	if k.percent {
		// To the unit: floats decide nothing, and products may take 128 bits.
		h1, l1 := bits.Mul64(uint64(abs(off)), 100)
		h2, l2 := bits.Mul64(uint64(abs(k.want.n)), uint64(k.within))
		return h1 < h2 || h1 == h2 && l1 <= l2
	}
	return abs(off) <= k.within
}

func abs(n int64) int64 { return max(n, -n) }

// off says by how much a value misses a number or a time that was computed or
// has a tolerance.
func (k *condition) off(v value) string {
	if k.relation != "=" || v.kind == isWord {
		return ""
	}
	d := value{kind: v.kind, n: abs(v.n - k.want.n)}
	if v.n < k.want.n {
		return fmt.Sprintf(", %v less than %v", d, k.want)
	}
	return fmt.Sprintf(", %v more than %v", d, k.want)
}

// A Finding is what a line "expect" or "gap" found.
type Finding struct {
	// Section is the name of the section that the line stands in.
	Section string
	// Line is the number of the line.
	Line int
	// Gap says that the line is a "gap": the model is known to differ.
	Gap bool
	// Figure is what was measured, such as "lost since start".
	Figure string
	// Expected is the relation and the published value, such as "= 1720 within 5%".
	Expected string
	// Found is what the model measured.
	Found string
	// Written is what the script says was found; empty if it says nothing.
	Written string
	// Comment is where the expectation comes from, in the script's words.
	Comment string
	// Err says why the line fails; nil: it does not.
	Err error

	stale bool // the only failure is what is written
}

// judge compares what was found with what the line expects and with what it says
// was found.
func (k *condition) judge(st *Statement, v value, f *Finding) {
	f.Found = v.String()
	ok := k.holds(v)
	switch {
	case !f.Gap && !ok:
		f.Err = st.errorf("expected %s, found %v%s", k.text, v, k.off(v))
	case f.Gap && ok:
		f.Err = st.errorf("the gap is closed: found %v, which is as published; write expect in place of gap", v)
	case f.Written != "" && f.Written != f.Found:
		f.stale = true
		f.Err = st.errorf("the script says that %s was found, now it is %s; the flag -rewrite writes what is found", f.Written, f.Found)
	}
}

func (f *Finding) String() string {
	kind := "expect"
	if f.Gap {
		kind = "gap"
	}
	return fmt.Sprintf("%s %s %s: found %s", kind, f.Figure, f.Expected, f.Found)
}
