package live

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim"
)

// Stats is the state of a live device at one instant. Sizes are in bytes, times
// in nanoseconds. Text prints it; as JSON it has these field names.
type Stats struct {
	URL      string        `json:"url"`
	Virtual  time.Duration `json:"virtual"`  // time in the world
	Uptime   time.Duration `json:"uptime"`   // since the last start, virtual
	Behind   time.Duration `json:"behind"`   // virtual time given up because the world could not keep up
	Speed    int           `json:"speed"`    // virtual seconds a second
	Power    string        `json:"power"`    // running, halted or off
	Halted   string        `json:"halted"`   // why, if it is
	Ready    bool          `json:"ready"`    // the firmware is up
	Boots    int           `json:"boots"`    // starts
	Pulled   bool          `json:"pulled"`   // the cable is
	Failures int           `json:"failures"` // allocations that failed since the start

	Free        uint32 `json:"free"`        // of the default heap
	Largest     uint32 `json:"largest"`     // block of it
	MinimumFree uint32 `json:"minimumFree"` // since the start
	ReadyFree   uint32 `json:"readyFree"`   // when the firmware was ready; 0: it is not yet

	Server      *ServerStats `json:"server"` // nil if there is no OPC UA server
	PCBs        []PCB        `json:"pcbs"`
	Held        []Held       `json:"held"`    // since the firmware was ready, the largest first
	Pending     []Pending    `json:"pending"` // what goes by itself, the latest last
	Connections []Connection `json:"connections"`
	Accepted    int          `json:"accepted"` // real connections so far
	Refused     int          `json:"refused"`  // of them above MaxConnections
}

// ServerStats counts what the OPC UA server has in its lists.
type ServerStats struct {
	Connections   int `json:"connections"`
	Channels      int `json:"channels"`
	Sessions      int `json:"sessions"`
	Subscriptions int `json:"subscriptions"`
}

// A PCB is one of lwIP's TCP or UDP control blocks.
type PCB struct {
	Proto     string        `json:"proto"`
	Local     string        `json:"local"`
	Remote    string        `json:"remote"`
	State     string        `json:"state"`
	Socket    int           `json:"socket"` // below 0: closed, or not accepted yet
	SendQueue int           `json:"sendQueue"`
	RecvQueue int           `json:"recvQueue"`
	Bytes     uint32        `json:"bytes"` // it and everything it holds
	Goes      time.Duration `json:"goes"`  // until it goes by itself; below 0: never
	Why       string        `json:"why"`
}

// Held is what one object of a task holds.
type Held struct {
	Bytes  int    `json:"bytes"`
	Blocks int    `json:"blocks"`
	Task   string `json:"task"`
	Object string `json:"object"`
}

// Pending is what goes by itself.
type Pending struct {
	What  string        `json:"what"`
	In    time.Duration `json:"in"`    // virtual time from now
	Never bool          `json:"never"` // and In is 0
}

// A Connection is a real one with its other half in the simulated network.
type Connection struct {
	ID         int    `json:"id"`
	Peer       string `json:"peer"`    // the real client
	Gateway    string `json:"gateway"` // what the device sees; empty: not accepted yet
	State      string `json:"state"`   // of the gateway's TCP
	ToDevice   uint64 `json:"toDevice"`
	FromDevice uint64 `json:"fromDevice"`
}

// Stats returns the state of the device.
func (s *Server) Stats() (st Stats, err error) {
	err = s.do(func() error { st = s.stats(); return nil })
	return st, err
}

func (s *Server) stats() Stats {
	d, now := s.device, s.world.Now()
	st := Stats{
		URL: s.URL(), Virtual: now, Uptime: now - d.BootedAt(), Behind: s.pace.behind, Speed: int(s.pace.speed),
		Power: d.Power().String(), Boots: d.Boots(), Pulled: s.cable.Pulled(), Failures: len(d.Failures()),
		Free: d.FreeHeap(), Largest: d.LargestFreeBlock(), MinimumFree: d.MinimumFreeHeap(),
		PCBs: []PCB{}, Held: []Held{}, Pending: []Pending{}, Connections: []Connection{},
		Accepted: s.accepted, Refused: s.refused,
	}
	if h := d.Kernel().Halted(); h != nil {
		st.Halted = fmt.Sprint(h)
	}
	base, ready := d.Baseline()
	st.Ready = ready
	if ready {
		st.ReadyFree = base.Free
		for _, h := range d.HeldSince(base) {
			st.Held = append(st.Held, Held{h.Bytes, h.Blocks, h.Task, h.Object})
		}
	}
	if s.opcua != nil && s.boot == d.Boots() {
		c := s.opcua.Counts()
		st.Server = &ServerStats{c.Connections, c.Channels, c.Sessions, c.Subscriptions}
	}
	if n := d.Net(); n != nil {
		for _, p := range n.Netstat() {
			st.PCBs = append(st.PCBs, PCB{p.Proto, p.Local.String(), p.Remote.String(), p.State.String(), p.Socket, p.SendQueue, p.RecvQueue, p.Bytes, p.Goes, p.Why})
		}
	}
	for _, p := range d.Pending() {
		st.Pending = append(st.Pending, pending(p, now))
	}
	for _, c := range s.conns {
		x := Connection{ID: c.id, Peer: c.peer.String(), ToDevice: c.toDevice, FromDevice: c.fromDevice}
		if c.sim != nil {
			x.Gateway, x.State = c.sim.LocalAddr().String(), c.sim.State()
		}
		st.Connections = append(st.Connections, x)
	}
	return st
}

func pending(p sim.Pending, now time.Duration) Pending {
	if p.Never {
		return Pending{What: p.What, Never: true}
	}
	return Pending{What: p.What, In: max(p.At-now, 0)}
}

// Text returns the state as the terminal shows it.
func (st *Stats) Text() string {
	w := new(strings.Builder)
	fmt.Fprintf(w, "%s  virtual time %v (x%d)", st.URL, st.Virtual.Round(time.Millisecond), st.Speed)
	if st.Behind > 0 {
		fmt.Fprintf(w, ", fell behind by %v", st.Behind.Round(time.Millisecond))
	}
	fmt.Fprintf(w, "\ndevice %s, start %d, up for %v, cable %s\n", st.Power, st.Boots, st.Uptime.Round(time.Millisecond), map[bool]string{false: "plugged", true: "PULLED"}[st.Pulled])
	if st.Halted != "" {
		fmt.Fprintf(w, "halted: %s\n", st.Halted)
	}
	fmt.Fprintf(w, "heap: %d bytes free, largest block %d, minimum %d", st.Free, st.Largest, st.MinimumFree)
	if st.Ready {
		fmt.Fprintf(w, "; when ready %d (now %+d)", st.ReadyFree, int64(st.Free)-int64(st.ReadyFree))
	} else {
		fmt.Fprint(w, "; the firmware is not ready")
	}
	if st.Failures > 0 {
		fmt.Fprintf(w, "; %d allocations failed", st.Failures)
	}
	fmt.Fprintln(w)
	if v := st.Server; v != nil {
		fmt.Fprintf(w, "server: %d connections, %d channels, %d sessions, %d subscriptions\n", v.Connections, v.Channels, v.Sessions, v.Subscriptions)
	}
	fmt.Fprintf(w, "real connections: %d, %d so far, %d refused\n", len(st.Connections), st.Accepted, st.Refused)
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, c := range st.Connections {
		fmt.Fprintf(t, "  %d\t%s\tas %s\t%s\tto device %d\tfrom device %d\n", c.ID, c.Peer, c.Gateway, c.State, c.ToDevice, c.FromDevice)
	}
	fmt.Fprint(t, "\nproto\tlocal\tremote\tstate\tsend-q\trecv-q\tbytes\tgoes\n")
	for _, p := range st.PCBs {
		goes := p.Why
		if p.Goes >= 0 {
			goes = fmt.Sprintf("in %v: %s", p.Goes, p.Why)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n", p.Proto, p.Local, p.Remote, p.State, p.SendQueue, p.RecvQueue, p.Bytes, goes)
	}
	t.Flush()
	if len(st.Held) > 0 {
		fmt.Fprintln(w, "\nheld more than when ready:")
		t := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(t, "bytes\tblocks\t  task\tobject\t")
		sum := Held{}
		for _, h := range st.Held {
			fmt.Fprintf(t, "%d\t%d\t  %s\t%s\t\n", h.Bytes, h.Blocks, h.Task, h.Object)
			sum.Bytes += h.Bytes
			sum.Blocks += h.Blocks
		}
		fmt.Fprintf(t, "%d\t%d\t\ttotal\t\n", sum.Bytes, sum.Blocks)
		t.Flush()
	}
	if len(st.Pending) > 0 {
		fmt.Fprintln(w, "\ngoes by itself:")
		for _, p := range st.Pending {
			if p.Never {
				fmt.Fprintf(w, "  never: %s\n", p.What)
			} else {
				fmt.Fprintf(w, "  in %v: %s\n", p.In.Round(time.Millisecond), p.What)
			}
		}
	}
	return w.String()
}
