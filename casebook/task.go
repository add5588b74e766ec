package casebook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// taskDef is a task of the device's firmware as a script wrote it.
type taskDef struct {
	name  string
	stack uint32
	prio  int
	core  freertos.Core
	later bool // made by the call create
	body  []taskStep
}

// A taskStep is a compiled call with the statements below it.
type taskStep struct {
	st  *Statement
	run func(*task) error
}

// A call is a statement of a task: what C code calls. usage and help are as a
// verb's.
type call struct {
	name, usage, help string
	body              bool
	compile           func(*compiler, *Statement, *args) (func(*task) error, error)
}

// calls are those of a task, in the order in which the manual lists them.
func calls() []call {
	return []call{
		callListen(), callAccept(), callConnect(), callUDP(), callSend(), callRecv(), callSet(), callShutdown(), callClose(), callHTTPD(),
		callMalloc(), callFree(),
		callDelay(), callSpend(), callCreate(), callDelete(), callWatchdog(), callPrint(),
		callRepeat(),
	}
}

// task is a task while it runs. Names of sockets and blocks are the task's own;
// a task made by create starts with a copy of its maker's.
type task struct {
	*sim.App
	play   *play
	fds    map[string]int
	blocks map[string]heap.Addr
	leave  bool // a call in repeat failed, see callRepeat
}

// tasksFirmware is the program whose tasks a script wrote: it brings up the
// network and then makes the tasks, from the event task.
type tasksFirmware play

// Main implements sim.Firmware.
func (f *tasksFirmware) Main(a *sim.App) {
	p := (*play)(f)
	made := false
	a.StartNetwork(func(e *sim.App) {
		if made {
			return
		}
		made = true
		e.Ready()
		root := &task{App: e, play: p}
		for _, d := range p.tasks {
			if !d.later {
				root.create(d)
			}
		}
	})
}

// create starts a task (xTaskCreatePinnedToCore).
func (t *task) create(d *taskDef) {
	fds, blocks := map[string]int{}, map[string]heap.Addr{}
	for k, v := range t.fds {
		fds[k] = v
	}
	for k, v := range t.blocks {
		blocks[k] = v
	}
	_, err := t.CreateTask(d.name, d.stack, d.prio, d.core, func(a *sim.App) {
		u := &task{App: a, play: t.play, fds: fds, blocks: blocks}
		u.run(d.body)
		u.Delete()
	})
	if err != nil {
		t.play.outcomes[outcome{"create", "failed"}]++
		return
	}
	t.play.outcomes[outcome{"create", "ok"}]++
}

// run runs statements. An error is one of the script, and ends the world.
func (t *task) run(body []taskStep) {
	for _, s := range body {
		if t.leave {
			return
		}
		if err := s.run(t); err != nil {
			t.Device().World().Loop().Fail(s.st.errorf("%w", err))
			t.Suspend()
		}
	}
}

// fd returns the descriptor of a name.
func (t *task) fd(name string) (int, error) {
	fd, ok := t.fds[name]
	if !ok {
		return 0, fmt.Errorf("task %s has no socket %q", t.Name(), name)
	}
	return fd, nil
}

func (c *compiler) taskBody(body []*Statement) []taskStep {
	var out []taskStep
	for _, st := range body {
		run, err := c.call(st)
		if err != nil {
			c.errs = append(c.errs, err)
			continue
		}
		out = append(out, taskStep{st, run})
	}
	return out
}

func (c *compiler) call(st *Statement) (func(*task) error, error) {
	i := slices.IndexFunc(c.calls, func(k call) bool { return k.name == st.Verb() })
	if i < 0 {
		var known []string
		for _, k := range c.calls {
			known = append(known, k.name)
		}
		return nil, st.errorf("%q is not a call of a task; known are %s", st.Verb(), strings.Join(known, ", "))
	}
	k := c.calls[i]
	switch {
	case !k.body && len(st.Body) > 0:
		return nil, st.Body[0].errorf("%s has nothing indented below it", k.name)
	case k.body && len(st.Body) == 0:
		return nil, st.errorf("statements indented below were expected")
	}
	a := newArgs(st)
	run, err := k.compile(c, st, a)
	if a.err != nil {
		err = a.err
	}
	return run, err
}
