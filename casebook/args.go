package casebook

import (
	"slices"
	"strings"
	"time"
)

// args are the words of a statement behind its verb: positional ones in order,
// and KEY=VALUE in any order. A statement takes what it knows and calls done,
// which returns the first error.
type args struct {
	st   *Statement
	pos  []string
	keys map[string]string
	left []string // keys not yet taken, in the order written
	know []string // keys asked for
	err  error
}

func newArgs(st *Statement) *args {
	a := &args{st: st, keys: map[string]string{}}
	for _, w := range st.Words[1:] {
		k, v, ok := strings.Cut(w, "=")
		if !ok || k == "" || strings.Trim(k, "abcdefghijklmnopqrstuvwxyz-0123456789") != "" {
			a.pos = append(a.pos, w)
			continue
		}
		if _, twice := a.keys[k]; twice {
			a.fail("%s= is given twice", k)
		}
		a.keys[k] = v
		a.left = append(a.left, k)
	}
	return a
}

func (a *args) fail(format string, x ...any) {
	if a.err == nil {
		a.err = a.st.errorf(format, x...)
	}
}

// word takes the next positional word; what names it in errors.
func (a *args) word(what string) string {
	if len(a.pos) == 0 {
		a.fail("%s was expected", what)
		return ""
	}
	w := a.pos[0]
	a.pos = a.pos[1:]
	return w
}

// text takes all words, as they were written.
func (a *args) text() string {
	a.pos, a.left = nil, nil
	return strings.Join(a.st.Words[1:], " ")
}

// more reports whether there is another positional word.
func (a *args) more() bool { return len(a.pos) > 0 }

// literal takes the next positional word, which has to be the given one.
func (a *args) literal(want string) {
	if got := a.word(`"` + want + `"`); got != want {
		a.fail("%q was expected, found %q", want, got)
	}
}

// number takes the next positional word as a whole number from lo to hi.
func (a *args) number(what string, lo, hi int64) int64 {
	return a.inRange(what, a.word(what), lo, hi)
}

// time takes the next positional word as a time of at least 0.
func (a *args) time(what string) time.Duration { return a.span(what, a.word(what)) }

func (a *args) inRange(what, text string, lo, hi int64) int64 {
	n, err := sum(text, parseInt)
	switch {
	case a.err != nil:
	case err != nil:
		a.fail("%s: %w", what, err)
	case n < lo || n > hi:
		a.fail("%s is %d: %d to %d was expected", what, n, lo, hi)
	}
	return n
}

func (a *args) span(what, text string) time.Duration {
	d, err := parseDuration(text)
	switch {
	case a.err != nil:
	case err != nil:
		a.fail("%s: %w", what, err)
	case d < 0 || d > maxSpan:
		a.fail("%s is %v: 0 to %v was expected", what, d, maxSpan)
	}
	return d
}

// maxSpan is the longest time that a script may name, some six years.
const maxSpan = 50_000 * time.Hour

// key takes KEY=VALUE as text.
func (a *args) key(k, otherwise string) string {
	a.know = append(a.know, k)
	v, ok := a.keys[k]
	if !ok {
		return otherwise
	}
	a.left = slices.DeleteFunc(a.left, func(l string) bool { return l == k })
	return v
}

// keyNumber takes KEY=VALUE as a whole number from lo to hi.
func (a *args) keyNumber(k string, otherwise, lo, hi int64) int64 {
	if v := a.key(k, ""); v != "" {
		return a.inRange(k+"=", v, lo, hi)
	}
	return otherwise
}

// keyTime takes KEY=VALUE as a time.
func (a *args) keyTime(k string, otherwise time.Duration) time.Duration {
	if v := a.key(k, ""); v != "" {
		return a.span(k+"=", v)
	}
	return otherwise
}

// keyOneOf takes KEY=VALUE as one of several words; the first is the default.
func (a *args) keyOneOf(k string, words ...string) string {
	v := a.key(k, words[0])
	if !slices.Contains(words, v) {
		a.fail("%s=%s: one of %s was expected", k, v, strings.Join(words, ", "))
	}
	return v
}

// rest takes all positional words that are left.
func (a *args) rest() []string {
	r := a.pos
	a.pos = nil
	return r
}

// done returns what is wrong, words that nobody took included.
func (a *args) done() error {
	if len(a.pos) > 0 {
		a.fail("%q is too much", strings.Join(a.pos, " "))
	}
	if len(a.left) > 0 {
		if len(a.know) == 0 {
			a.fail("%s= is unknown: nothing of that form is known here", a.left[0])
		}
		slices.Sort(a.know)
		a.fail("%s= is unknown; known are %s", a.left[0], strings.Join(a.know, "= ")+"=")
	}
	return a.err
}
