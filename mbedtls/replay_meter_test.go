package mbedtls

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// event is one allocation or release.
type event struct {
	op   string
	id   int
	size uint32
	what string // the C function of the allocation
}

// tlsf is what a block takes in the heap: at least 12 bytes, in words, and its
// header.
func tlsf(size uint32) int { return int(max(12, (size+3)&^3)) + 4 }

// figures are what an end line reports.
type figures struct {
	Delta     int `json:"delta"`
	Peak      int `json:"peak"`
	Largest   int `json:"largest"`
	Live      int `json:"live"`
	Blocks    int `json:"blocks"`
	TLSFDelta int `json:"tlsf_delta"`
	TLSFPeak  int `json:"tlsf_peak"`
	TLSFLive  int `json:"tlsf_live"`
}

// meter works out figures from events.
type meter struct {
	f            figures
	start, tlsf0 int
}

func (m *meter) begin() {
	m.start, m.tlsf0 = m.f.Live, m.f.TLSFLive
	m.f.Delta, m.f.Peak, m.f.Largest, m.f.TLSFDelta, m.f.TLSFPeak = 0, 0, 0, 0, 0
}

func (m *meter) event(e event) {
	if e.op == "calloc" {
		m.f.Live += int(e.size)
		m.f.TLSFLive += tlsf(e.size)
		m.f.Blocks++
		m.f.Largest = max(m.f.Largest, int(e.size))
	} else {
		m.f.Live -= int(e.size)
		m.f.TLSFLive -= tlsf(e.size)
		m.f.Blocks--
	}
	m.f.Delta, m.f.TLSFDelta = m.f.Live-m.start, m.f.TLSFLive-m.tlsf0
	m.f.Peak, m.f.TLSFPeak = max(m.f.Peak, m.f.Delta), max(m.f.TLSFPeak, m.f.TLSFDelta)
}

// recorder is a memory without end that notes what is asked of it.
type recorder struct {
	events []event
	next   int
	live   map[heap.Addr]event
}

func (r *recorder) Calloc(what string, size uint32) heap.Addr {
	r.next++
	e := event{"calloc", r.next, size, what}
	r.events = append(r.events, e)
	r.live[heap.Addr(r.next)] = e
	return heap.Addr(r.next)
}

func (r *recorder) Free(p heap.Addr) {
	if p == 0 {
		return
	}
	e, ok := r.live[p]
	if !ok {
		panic(fmt.Sprintf("block %d freed, which is not live", p))
	}
	delete(r.live, p)
	r.events = append(r.events, event{"free", e.id, e.size, e.what})
}
