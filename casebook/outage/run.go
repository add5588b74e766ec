package outage

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/heap/view"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// Limits of waiting in virtual time.
const (
	startLimit = 5 * time.Minute // for the firmware to be up
	settle     = 2 * time.Second // after the start, until the main task is gone
	lifeLimit  = 5 * time.Minute // for a client to connect, beside its stay
	probeLimit = 5 * time.Second // for an answer to a SYN or a ping
)

// A Run is a case in progress. Close it.
type Run struct {
	Case   Case
	World  *sim.World
	Device *sim.Device
	// Timeline is the heap over time; nil unless asked for by Observe.
	Timeline *view.Timeline

	hosts   []*wire.Host
	clients int
	start   sim.Baseline  // the heap after the start, at rest
	next    time.Duration // when the next client is due

	boots   int           // of the device, as far as the run knows
	failure *heap.Failure // the first allocation that failed in this visit
}

// Start builds the world of a case and lets the device start.
func Start(c Case) (*Run, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	w := sim.New(sim.Config{Seed: c.Seed})
	r := &Run{Case: c, World: w}
	if err := r.build(); err != nil {
		w.Close()
		return nil, err
	}
	return r, nil
}

func (r *Run) build() error {
	c := r.Case
	var err error
	r.Device, err = r.World.Device(sim.DeviceConfig{
		SDKConfig: c.SDKConfig, Static: c.Static, Image: c.Image, PSRAM: c.PSRAM, Interface: c.Interface, Firmware: c.Firmware,
	})
	if err != nil {
		return err
	}
	for i := range max(c.Hosts, 1) {
		h, err := r.World.Host(fmt.Sprintf("pc%d", i+1))
		if err != nil {
			return err
		}
		if _, err := r.World.Cable(r.Device, h); err != nil {
			return err
		}
		r.hosts = append(r.hosts, h)
	}
	return r.waitForStart()
}

func (r *Run) waitForStart() error {
	up := func() bool { _, ok := r.Device.Ready(); return ok || r.Device.Power() != sim.Running }
	if err := r.World.RunUntil(up, startLimit); err != nil {
		return fmt.Errorf("outage: waiting for the firmware to be up: %w", err)
	}
	if p := r.Device.Power(); p != sim.Running {
		return fmt.Errorf("outage: the device is %v before its server is up: %v", p, r.Device.Kernel().Halted())
	}
	if err := r.World.Run(settle); err != nil {
		return err
	}
	// A reboot makes the device forget its failures and who asked for them.
	r.boots = r.Device.Boots()
	r.Device.OnFailure(func(f heap.Failure) {
		if r.failure == nil {
			r.failure = &f
		}
	})
	r.start = r.Device.TakeBaseline()
	r.next = r.World.Now()
	return nil
}

// Close ends the run.
func (r *Run) Close() { r.World.Close() }

// Observe keeps the state of the heap over time in r.Timeline from now on, and
// writes all frames at the device's port to capture, unless it is nil. The
// function that it returns has to be called at the end.
func (r *Run) Observe(title string, capture io.Writer) (finish func() error, err error) {
	r.Timeline = &view.Timeline{Title: title, By: Grouping}
	r.sample()
	if capture == nil {
		return func() error { return nil }, nil
	}
	tap, err := r.Device.Capture(capture)
	if err != nil {
		return nil, err
	}
	return tap.Close, nil
}

// Start returns the heap after the start, which what is left behind is compared
// with.
func (r *Run) Start() sim.Baseline { return r.start }

// Clients returns how many clients have come so far.
func (r *Run) Clients() int { return r.clients }

// A Visit is what became of one client, and of the device meanwhile.
type Visit struct {
	N      int                // the client's number, from 1
	Report opcua.ClientReport // what the client saw
	Came   time.Duration      // when it came
	Free   uint32             // free bytes of the device when the next one may come
	Large  uint32             // largest free block then
	Kept   int                // bytes that this client left behind then

	// Failure is the first allocation that failed during the visit, nil if none
	// did.
	Failure *heap.Failure
	// Dead says why the server is dead after the visit; empty: it is not.
	Dead string
	// Reboots is how often the device started anew during the visit, after a
	// panic whose action is to reboot.
	Reboots int
}

// OK reports whether the client was served as it should be, and the server lives
// and has lived all the time.
func (v *Visit) OK() bool { return v.Report.OK() && v.Dead == "" && v.Reboots == 0 }

// Visit lets one client come, stay and be lost, and then lets time pass until
// the next one is due. If the device rebooted meanwhile, Visit waits until it is
// up again.
func (r *Run) Visit() (*Visit, error) { return r.visit(true) }

// visit is Visit; the last client's ends when it is lost.
func (r *Run) visit(wait bool) (*Visit, error) {
	before := r.Device.FreeHeap()
	r.failure = nil
	v := &Visit{N: r.clients + 1, Came: r.World.Now()}
	done := r.startClient(r.Case.Loss, &v.Report)
	limit := lifeLimit + r.Case.Stay
	if err := r.runUntil(done, limit); err != nil {
		var late *vtime.TimeoutError
		if !errors.As(err, &late) {
			return nil, err
		}
	}
	r.mark(v)
	r.next += r.Case.Every
	if wait {
		if err := r.runTo(r.next); err != nil {
			return nil, err
		}
	}
	if boots := r.boots; r.Device.Boots() > boots && r.Device.Power() == sim.Running {
		next := r.next
		if err := r.waitForStart(); err != nil {
			return nil, err
		}
		v.Reboots = r.boots - boots
		r.next = max(next, r.World.Now())
	}
	v.Free, v.Large = r.Device.FreeHeap(), r.Device.LargestFreeBlock()
	v.Kept = int(before) - int(v.Free)
	v.Failure = r.failure
	v.Dead = r.Dead()
	return v, nil
}

// startClient begins the life of one client.
func (r *Run) startClient(loss opcua.Leaving, report *opcua.ClientReport) (done func() bool) {
	host := r.hosts[r.clients%len(r.hosts)]
	r.clients++
	cfg := r.Case.Client
	cfg.Name = fmt.Sprintf("client %d", r.clients)
	cfg.Address = fmt.Sprintf("%v:%d", r.Device.Addr(), opcua.DefaultServerConfig().Port)
	life := opcua.ClientLife{Config: cfg, Stay: r.Case.Stay, Leave: loss}
	finished := false
	host.Go(cfg.Name, func(p *vtime.Proc) {
		*report = opcua.RunClient(p, opcua.OnHost(host), life)
		finished = true
	})
	return func() bool { return finished }
}

// Dead says why the server does not serve any more; empty: it does, as far as
// one can see from inside.
func (r *Run) Dead() string {
	if h := r.Device.Kernel().Halted(); h != nil && !h.Reboot {
		return "chip halted: " + h.Text
	}
	for _, e := range r.Device.EndedTasks() {
		return e.Name + " ended: " + e.Why
	}
	return ""
}

// Reboot restarts the device and waits until it is up.
func (r *Run) Reboot() error {
	if err := r.Device.Reboot(); err != nil {
		return err
	}
	return r.waitForStart()
}

// Rest lets time pass until nothing is pending on the device. It returns after
// how long the memory was back: as much free as after the start. If something
// never goes, it waits for limit, and says what it is.
func (r *Run) Rest(limit time.Duration) (back time.Duration, never []sim.Pending, err error) {
	from := r.World.Now()
	err = r.World.RunUntil(func() bool { return r.Device.FreeHeap() >= r.start.Free }, limit)
	var late *vtime.TimeoutError
	if errors.As(err, &late) {
		err = nil
	}
	back = r.World.Now() - from
	if err == nil {
		err = r.World.Quiet(r.Device)
	}
	var forever *sim.NeverError
	if errors.As(err, &forever) {
		never, err = forever.Pending, nil
	}
	r.sample()
	return back, never, err
}

// runUntil is World.RunUntil, with samples for the timeline.
func (r *Run) runUntil(done func() bool, max time.Duration) error {
	if r.Timeline == nil {
		return r.World.RunUntil(done, max)
	}
	last := ^uint32(0)
	return r.World.RunUntil(func() bool {
		if free := r.Device.FreeHeap(); free != last {
			last = free
			r.sample()
		}
		return done()
	}, max)
}

func (r *Run) runTo(t time.Duration) error {
	if r.Timeline == nil {
		return r.World.Run(max(0, t-r.World.Now()))
	}
	for r.World.Now() < t {
		if err := r.World.Run(min(t-r.World.Now(), sampleEvery)); err != nil {
			return err
		}
		r.sample()
	}
	return nil
}

// sampleEvery is the time between samples while nothing special happens.
const sampleEvery = 10 * time.Second

func (r *Run) sample() {
	if r.Timeline != nil {
		r.Timeline.Sample(r.World.Now(), r.Device.Heap())
	}
}

func (r *Run) mark(v *Visit) {
	if r.Timeline == nil {
		return
	}
	r.sample()
	if v.Report.OK() {
		r.Timeline.Mark(r.World.Now(), view.MarkEvent, fmt.Sprintf("client %d lost", v.N))
	} else {
		r.Timeline.Mark(r.World.Now(), view.MarkBad, fmt.Sprintf("client %d not served", v.N))
	}
}

// Grouping puts what one client left behind under one name in pictures, and
// keeps the parts of the system apart.
func Grouping(t heap.Tag) string {
	switch kind, _, _ := strings.Cut(t.Object, " "); {
	case t.Task == "opcua_task" && t.Object == "boot":
		return "OPC UA server"
	case kind == "session", kind == "subscription", kind == "item":
		return kind + "s"
	case kind == "channel", kind == "connection", kind == "tcp":
		return "connections"
	case t.Task == "tiT":
		return "lwIP"
	}
	return "system and tasks"
}
