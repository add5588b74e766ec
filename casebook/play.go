package casebook

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// play is one section while it runs.
type play struct {
	script   *Script
	section  *Section
	world    *sim.World
	sdk      *sdkconfig.Config
	cfg      sim.DeviceConfig
	device   *sim.Device
	tasks    []*taskDef
	server   *opcua.Server // of the opcua firmware, while it runs
	hosts    map[string]*hostState
	conns    map[string]*group
	https    sim.HTTPSServer
	blocks   map[string][]heap.Addr
	marks    map[string]mark
	outcomes map[outcome]int // of the tasks' calls
	clients  map[string][]*opcua.ClientReport
	ping     string
	findings []Finding
	out      io.Writer
}

// hostState is a host with its cable.
type hostState struct {
	*wire.Host
	cable *sim.Cable
	dials int // connects so far
}

// group is the connections that a script gave one name to.
type group struct {
	open   []connection // the oldest first
	result map[string]int
}

// mark is the state of the device at one instant.
type mark struct {
	at     time.Duration
	free   int64
	blocks int64
	held   sim.Baseline
}

// outcome is a call of a task with how it ended: "ok" or an errno.
type outcome struct{ call, result string }

func (p *play) count(call string, err error) {
	result := "ok"
	if err != nil {
		result = err.Error()
	}
	p.outcomes[outcome{call, result}]++
}

// Execute runs every section of the script, each in a new world, and returns
// what its lines "expect" and "gap" found, in the order in which they ran. The
// error is one that ends a section; findings carry their own.
func (s *Script) Execute(r Runner) ([]Finding, error) {
	var all []Finding
	var errs []error
	for i, c := range s.Sections {
		steps, bad := s.compile(r, i)
		if len(bad) > 0 {
			return nil, errors.Join(bad...)
		}
		p := &play{
			script: s, section: c, world: sim.New(sim.Config{Seed: r.Seed}), sdk: sdkconfig.Default("5.3.1"),
			hosts: map[string]*hostState{}, conns: map[string]*group{}, blocks: map[string][]heap.Addr{}, marks: map[string]mark{},
			out: r.Out, outcomes: map[outcome]int{}, clients: map[string][]*opcua.ClientReport{},
		}
		if r.Log != nil {
			p.world.Loop().Log().Keep(r.Log)
		}
		err := p.run(steps)
		p.world.Close()
		all = append(all, p.findings...)
		if err != nil {
			errs = append(errs, fmt.Errorf("section %q: %w", c.Name, err))
		}
	}
	return all, errors.Join(errs...)
}

func (p *play) run(steps []step) error {
	for _, s := range steps {
		if err := s.run(p); err != nil {
			var placed *Error
			if errors.As(err, &placed) {
				return err
			}
			return s.st.errorf("%w", err)
		}
	}
	return nil
}

// do runs f as a program on a host until it is done, at most for limit.
func (p *play) do(h *hostState, name string, limit time.Duration, f func(*vtime.Proc) error) error {
	done := false
	var err error
	h.Go(name, func(proc *vtime.Proc) {
		err = f(proc)
		done = true
	})
	if late := p.world.RunUntil(func() bool { return done }, limit); late != nil {
		return late
	}
	return err
}

func (p *play) take() mark {
	m := mark{at: p.world.Now()}
	if p.device != nil {
		if n := p.device.Net(); n != nil && p.device.Kernel().Halted() == nil {
			n.CatchUp()
		}
		m.free = int64(p.device.FreeHeap())
		p.device.Heap().Blocks(func(heap.Block) bool { m.blocks++; return true })
	}
	return m
}

// setMark remembers the state of the device under a name.
func (p *play) setMark(name string) {
	m := p.take()
	m.held = p.device.TakeBaseline()
	p.marks[name] = m
}
