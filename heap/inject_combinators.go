package heap

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// Always fails every allocation that reaches it: "always".
func Always() Injector { return always{} }

type always struct{}

func (always) Fail(Request) bool { return true }
func (always) String() string    { return "always" }

// Nth fails the n-th allocation that reaches it, counting from 1: "(nth 3)".
func Nth(n uint64) Injector { return &nth{n: n} }

type nth struct{ n, seen uint64 }

func (i *nth) Fail(Request) bool { i.seen++; return i.seen == i.n }
func (i *nth) String() string    { return fmt.Sprintf("(nth %d)", i.n) }

// From fails the n-th allocation that reaches it and all after it: "(from 3)".
func From(n uint64) Injector { return &from{n: n} }

type from struct{ n, seen uint64 }

func (i *from) Fail(Request) bool { i.seen++; return i.seen >= i.n }
func (i *from) String() string    { return fmt.Sprintf("(from %d)", i.n) }

// Larger fails requests of more than n bytes: "(larger 1024)".
func Larger(n uint32) Injector { return larger(n) }

type larger uint32

func (i larger) Fail(r Request) bool { return r.Size > uint32(i) }
func (i larger) String() string      { return fmt.Sprintf("(larger %d)", uint32(i)) }

// OfTask fails the requests of tasks whose name matches a pattern of path.Match,
// in which "*" matches slashes too: `(task "opcua_*")`.
func OfTask(pattern string) Injector { return tagged{"task", pattern} }

// OfObject fails the requests for objects that match a pattern, as OfTask:
// `(object "session *")`.
func OfObject(pattern string) Injector { return tagged{"object", pattern} }

// OfWhat fails the requests for purposes that match a pattern, as OfTask:
// `(what "tcp_pcb")`.
func OfWhat(pattern string) Injector { return tagged{"what", pattern} }

type tagged struct{ part, pattern string }

func (i tagged) Fail(r Request) bool {
	s := r.Tag.What
	switch i.part {
	case "task":
		s = r.Tag.Task
	case "object":
		s = r.Tag.Object
	}
	// A slash in a name is no separator here, so "*" has to cover it.
	ok, err := path.Match(strings.ReplaceAll(i.pattern, "/", "\x00"), strings.ReplaceAll(s, "/", "\x00"))
	return err == nil && ok
}
func (i tagged) String() string { return fmt.Sprintf("(%s %s)", i.part, strconv.Quote(i.pattern)) }

// OfCaps fails requests that ask for all of these capabilities:
// "(caps DMA|INTERNAL)".
func OfCaps(c Cap) Injector { return ofCaps(c) }

type ofCaps Cap

func (i ofCaps) Fail(r Request) bool { return r.Caps&Cap(i) == Cap(i) }
func (i ofCaps) String() string      { return fmt.Sprintf("(caps %v)", Cap(i)) }

// Chance fails one of n allocations that reach it on average, chosen by the
// seed: "(chance 100 7)". n of 0 fails none.
func Chance(n uint32, seed uint64) Injector { return &chance{n: n, seed: seed, state: seed} }

type chance struct {
	n           uint32
	seed, state uint64
}

// Fail draws a number from SplitMix64.
func (i *chance) Fail(Request) bool {
	i.state += 0x9E3779B97F4A7C15
	z := i.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	z ^= z >> 31
	return i.n != 0 && z>>32*uint64(i.n)>>32 == 0
}
func (i *chance) String() string { return fmt.Sprintf("(chance %d %d)", i.n, i.seed) }

// And fails an allocation that all of the injectors fail. One that an injector
// lets pass does not reach those after it, so And(OfTask("tiT"), Nth(2)) is the
// second allocation of tiT: "(and ...)".
func And(all ...Injector) Injector { return join{"and", all} }

// Or fails an allocation that any of the injectors fails; all of them see it:
// "(or ...)".
func Or(any ...Injector) Injector { return join{"or", any} }

type join struct {
	op  string
	all []Injector
}

func (i join) Fail(r Request) bool {
	if i.op == "and" {
		for _, x := range i.all {
			if !x.Fail(r) {
				return false
			}
		}
		return len(i.all) > 0
	}
	fail := false
	for _, x := range i.all {
		fail = x.Fail(r) || fail
	}
	return fail
}

func (i join) String() string {
	s := "(" + i.op
	for _, x := range i.all {
		s += " " + x.String()
	}
	return s + ")"
}

// Not fails what the injector lets pass: "(not ...)".
func Not(x Injector) Injector { return not{x} }

type not struct{ x Injector }

func (i not) Fail(r Request) bool { return !i.x.Fail(r) }
func (i not) String() string      { return fmt.Sprintf("(not %v)", i.x) }

// AtMost fails what the injector fails, but only n times: "(atmost 1 ...)".
func AtMost(n uint64, x Injector) Injector { return &atMost{n: n, x: x} }

type atMost struct {
	n, failed uint64
	x         Injector
}

func (i *atMost) Fail(r Request) bool {
	if !i.x.Fail(r) || i.failed >= i.n {
		return false
	}
	i.failed++
	return true
}
func (i *atMost) String() string { return fmt.Sprintf("(atmost %d %v)", i.n, i.x) }

// Toggle passes what its injector decides while it is on. It starts off:
// "(off ...)", "(on ...)".
type Toggle struct {
	X  Injector // what decides
	On bool     // whether its decisions count
}

// Fail asks the injector, on or off, so that its counts go on.
func (i *Toggle) Fail(r Request) bool { return i.X.Fail(r) && i.On }

// String prints "(on ...)" or "(off ...)".
func (i *Toggle) String() string {
	if i.On {
		return fmt.Sprintf("(on %v)", i.X)
	}
	return fmt.Sprintf("(off %v)", i.X)
}
