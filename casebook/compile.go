package casebook

import (
	"slices"
	"strings"
)

// A step is a compiled statement of a section.
type step struct {
	st  *Statement
	run func(*play) error
}

// A verb is a kind of statement in a section. usage is its form, with optional
// parts in brackets; help is a sentence.
type verb struct {
	name, usage, help string
	// body says that the statement has others indented below it.
	body    bool
	compile func(*compiler, *Statement, *args) (func(*play) error, error)
}

// verbs are those of a section, in the order in which the manual lists them.
func verbs() []verb {
	return []verb{
		verbDevice(), verbSDKConfig(), verbOption(), verbTask(), verbOPCUA(), verbHTTPS(), verbService(), verbFirmware(), verbStart(), verbReboot(),
		verbHost(), verbConnect(), verbSend(), verbReceive(), verbShutdown(), verbClose(), verbReset(), verbVanish(), verbServe(), verbDatagrams(), verbPing(),
		verbClients(), verbBrowse(),
		verbPull(), verbPlug(), verbLink(), verbPower(), verbFault(),
		verbMalloc(), verbFree(), verbHoles(),
		verbWait(), verbRepeat(), verbMark(),
		verbExpect(), verbGap(), verbShow(),
	}
}

// compiler turns the statements of one section into steps, and remembers what
// earlier ones named.
type compiler struct {
	runner  Runner
	script  *Script
	verbs   []verb
	calls   []call
	figures []figureKind
	started bool
	shared  bool // the statement may run more than once
	marks   map[string]bool
	hosts   []string
	conns   map[string]bool
	blocks  map[string]bool
	tasks   map[string]bool
	clients map[string]bool
	https   bool // there is an HTTPS server
	errs    []error
}

// compile compiles the prelude and the section of a number; without sections the
// prelude alone.
func (s *Script) compile(r Runner, section int) ([]step, []error) {
	c := &compiler{
		runner: r, script: s, verbs: verbs(), calls: calls(), figures: figures(),
		marks: map[string]bool{}, conns: map[string]bool{}, blocks: map[string]bool{}, tasks: map[string]bool{}, clients: map[string]bool{},
	}
	c.shared = true
	steps := c.steps(s.prelude)
	c.shared = false
	if section < len(s.Sections) {
		steps = append(steps, c.steps(s.Sections[section].body)...)
	}
	return steps, c.errs
}

func (c *compiler) steps(body []*Statement) []step {
	var out []step
	for _, st := range body {
		run, err := c.statement(st)
		if err != nil {
			c.errs = append(c.errs, err)
			continue
		}
		out = append(out, step{st, run})
	}
	return out
}

func (c *compiler) statement(st *Statement) (func(*play) error, error) {
	i := slices.IndexFunc(c.verbs, func(v verb) bool { return v.name == st.Verb() })
	if i < 0 {
		var known []string
		for _, v := range c.verbs {
			known = append(known, v.name)
		}
		return nil, st.errorf("%q is not a verb; known are %s", st.Verb(), strings.Join(known, ", "))
	}
	v := c.verbs[i]
	if !v.body && len(st.Body) > 0 && v.name != "expect" && v.name != "gap" {
		return nil, st.Body[0].errorf("%s has nothing indented below it", v.name)
	}
	if v.body && len(st.Body) == 0 {
		return nil, st.errorf("statements indented below were expected")
	}
	a := newArgs(st)
	run, err := v.compile(c, st, a)
	if a.err != nil {
		err = a.err
	}
	return run, err
}

// needStart says that a statement needs a device that was started.
func (c *compiler) needStart(a *args) {
	if !c.started {
		a.fail("the device is not started: a line \"start\" was expected before")
	}
}

// needBefore says that a statement has to come before the start.
func (c *compiler) needBefore(a *args) {
	if c.started {
		a.fail("this belongs before \"start\"")
	}
}

// host takes HOST, by default the first host.
func (c *compiler) host(a *args, name string) string {
	switch {
	case len(c.hosts) == 0:
		a.fail("there is no host: a line \"host NAME\" was expected before")
	case name == "":
		return c.hosts[0]
	case !slices.Contains(c.hosts, name):
		a.fail("there is no host %q; the hosts are %s", name, strings.Join(c.hosts, ", "))
	}
	return name
}

// known says that a name has to be one that an earlier statement made.
func known(a *args, set map[string]bool, what, name string) {
	if set[name] {
		return
	}
	var names []string
	for n := range set {
		names = append(names, n)
	}
	slices.Sort(names)
	if len(names) == 0 {
		names = []string{"none"}
	}
	a.fail("there is no %s %q; there are: %s", what, name, strings.Join(names, ", "))
}
