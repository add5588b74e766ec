package wire

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// What a switch forgets and holds, as in IEEE 802.1D and in small switches.
const (
	macAgeing    = 300 * time.Second // IEEE 802.1D, recommended ageing time
	macTableSize = 1024              // entries; assumed, common for small unmanaged switches
)

// A Switch is a learning Ethernet switch: it sends a frame to the socket where
// it last saw the destination address, and to all others while it does not know
// it. It takes no time of its own; a frame is received whole before it is sent
// on, since cables deliver whole frames.
type Switch struct {
	loop    *vtime.Loop
	name    string
	sockets []*socket
	table   map[MAC]learned
}

type learned struct {
	at *socket
	on time.Duration // when it was last seen
}

// NewSwitch returns a switch without cables. The name appears in errors.
func NewSwitch(loop *vtime.Loop, name string) *Switch {
	return &Switch{loop: loop, name: name, table: map[MAC]learned{}}
}

// Name returns the switch's name.
func (s *Switch) Name() string { return s.name }

// Connect plugs the cable into the next free socket. A cable that would close a
// ring of switches is an *AttachError: without a spanning tree, which this
// switch does not have, broadcasts would circle for ever.
func (s *Switch) Connect(c *Cable) error {
	so := &socket{sw: s, n: len(s.sockets) + 1}
	name := fmt.Sprintf("%s/%d", s.name, so.n)
	for _, e := range c.Ends() {
		if o, ok := e.port.(*socket); ok && reaches(s, o.sw, map[*Switch]bool{}) {
			return &AttachError{Cable: c.Name(), Port: name, Ends: []string{e.name}, Why: "that would close a ring of switches"}
		}
	}
	end, err := c.Attach(name, so)
	if err != nil {
		return err
	}
	so.end = end
	s.sockets = append(s.sockets, so)
	return nil
}

// reaches reports whether cables lead from one switch to another.
func reaches(from, to *Switch, seen map[*Switch]bool) bool {
	if from == to {
		return true
	}
	seen[from] = true
	for _, so := range from.sockets {
		peer := so.end.Peer()
		if peer == nil {
			continue
		}
		if o, ok := peer.port.(*socket); ok && !seen[o.sw] && reaches(o.sw, to, seen) {
			return true
		}
	}
	return false
}

// socket is one socket of a switch.
type socket struct {
	sw  *Switch
	n   int
	end *End
}

// Receive implements Port.
func (so *socket) Receive(frame Frame) {
	s := so.sw
	h := parseHeaders(frame)
	s.learn(h.src, so)
	if h.dst.IsMulticast() {
		s.flood(so, frame)
		return
	}
	to, ok := s.table[h.dst]
	if !ok || s.aged(to) {
		s.flood(so, frame)
		return
	}
	if to.at != so {
		s.forward(to.at, frame)
	}
}

// LinkChanged implements LinkPort: a socket without link has no addresses
// behind it.
func (so *socket) LinkChanged(up bool) {
	if up {
		return
	}
	for mac, l := range so.sw.table {
		if l.at == so {
			delete(so.sw.table, mac)
		}
	}
}

func (s *Switch) aged(l learned) bool { return s.loop.Now()-l.on >= macAgeing }

func (s *Switch) learn(mac MAC, at *socket) {
	if mac.IsMulticast() {
		return
	}
	if _, known := s.table[mac]; !known && len(s.table) >= macTableSize {
		for m, l := range s.table {
			if s.aged(l) {
				delete(s.table, m)
			}
		}
		if len(s.table) >= macTableSize {
			return
		}
	}
	s.table[mac] = learned{at: at, on: s.loop.Now()}
}

func (s *Switch) flood(from *socket, frame Frame) {
	for _, so := range s.sockets {
		if so != from {
			s.forward(so, frame)
		}
	}
}

func (s *Switch) forward(to *socket, frame Frame) {
	if err := to.end.Send(frame); err != nil {
		s.loop.Fail(fmt.Errorf("wire: switch %q: %w", s.name, err))
	}
}
