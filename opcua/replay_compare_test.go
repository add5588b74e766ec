package opcua

import (
	"bytes"
	"fmt"
	"slices"
)

// compare compares what happened in a turn with its lines: everything in order,
// except that the frees of one turn are compared as a set.
func (r *replay) compare(t int64, lines []*line) error {
	got := r.pending
	r.pending, r.differs = nil, got
	for _, h := range got {
		switch h.net {
		case "rx":
			r.rx += len(h.bytes)
			if r.spy != nil {
				if err := r.spy.rx(h.conn, h.bytes); err != nil {
					return fmt.Errorf("%d: %w", r.number(lines), err)
				}
			}
		case "tx":
			r.observe(h.conn).receive(h.bytes)
			if x, ok := r.randomOf(h.conn, t, h.bytes); ok {
				r.random = append(r.random, x)
			}
		}
		if h.net != "" && r.phase != nil {
			r.seen = append(r.seen, h)
		}
	}
	if r.omitted {
		got = slices.DeleteFunc(got, func(h happened) bool { return h.op != "" })
	}
	gotFrees, got := split(got, func(h happened) bool { return h.op == "free" })
	wantFrees, want := split(lines, func(l *line) bool { return l.op != nil && l.op.Op == "free" })
	for i, l := range want {
		if lt, _ := l.time(); lt != t {
			return fmt.Errorf("%d: t_ms: expected %d, got %d", l.number, lt, t)
		}
		if i >= len(got) {
			return fmt.Errorf("%d: expected %s, got nothing in the turn at %d ms", l.number, l.text, t)
		}
		if n := l.net; n != nil && n.Net == "accept" {
			if n.Client != r.expectedClient() {
				return fmt.Errorf("%d: client: expected %d, got %d", l.number, r.expectedClient(), n.Client)
			}
			r.connOf[n.Client] = n.Conn
		}
		if err := l.same(&got[i]); err != nil {
			return fmt.Errorf("%d: expected %s, got %s: %w", l.number, l.text, got[i], err)
		}
	}
	if len(got) > len(want) {
		return fmt.Errorf("%d: after the turn at %d ms: expected nothing more, got %s", r.number(lines), t, got[len(want)])
	}
	freed := map[uint32]bool{}
	for _, h := range gotFrees {
		freed[h.id] = true
	}
	for _, l := range wantFrees {
		id := r.opaque.match(l.op.ID, freed, r.memory.sizes)
		if l.op.TMs != t || !freed[id] {
			return fmt.Errorf("%d: expected %s in the turn at %d ms, got none", l.number, l.text, t)
		}
		delete(freed, id)
	}
	for _, h := range gotFrees {
		if freed[h.id] {
			return fmt.Errorf("%d: in the turn at %d ms: expected no further free, got %s", r.number(lines), t, h)
		}
	}
	return nil
}

// randomOf lists the random values in a message as the header does.
func (r *replay) randomOf(conn int, t int64, m []byte) (headerRandom, bool) {
	if r.spy != nil {
		return r.spy.random(conn, t, m)
	}
	return randomOf(conn, t, m)
}

// expectedClient is the client of the phase or step.
func (r *replay) expectedClient() int {
	switch {
	case r.phase != nil:
		return r.phase.Client
	case r.step != nil:
		return r.step.Client
	}
	return 0
}

// number is the number of the last of some lines.
func (r *replay) number(lines []*line) int {
	if len(lines) == 0 {
		return 1
	}
	return lines[len(lines)-1].number
}

func split[T any](all []T, f func(T) bool) (yes, no []T) {
	for _, x := range all {
		if f(x) {
			yes = append(yes, x)
		} else {
			no = append(no, x)
		}
	}
	return yes, no
}

// String describes what happened like a line.
func (h happened) String() string {
	if h.op != "" {
		return fmt.Sprintf("%s id %d size %d old %d", h.op, h.id, h.size, h.old)
	}
	return fmt.Sprintf("%s conn %d len %d of %d count %d %s %s %x", h.net, h.conn, len(h.bytes), h.of, h.count, h.on, h.errno, h.bytes)
}

// same compares a line with what happened.
func (l *line) same(h *happened) error {
	if o := l.op; o != nil {
		if o.Op != h.op || o.ID != h.id || o.Size != h.size || o.Old != h.old {
			return fmt.Errorf("another operation")
		}
		if o.By == "" && !h.anonymous {
			return fmt.Errorf("by is empty")
		}
		return nil
	}
	n := l.net
	switch {
	case n.Net != h.net || n.Conn != h.conn:
		return fmt.Errorf("another event")
	case !bytes.Equal(n.bytes, h.bytes):
		return fmt.Errorf("byte %d differs", firstDifference(n.bytes, h.bytes))
	case n.Of != h.of:
		return fmt.Errorf("of is %d", h.of)
	case n.Count != h.count:
		return fmt.Errorf("count is %d", h.count)
	case n.Net == "tx_err" && n.Len != 0 && n.Len != h.len:
		return fmt.Errorf("len is %d", h.len)
	case n.On != h.on || n.Errno != h.errno:
		return fmt.Errorf("on or errno differs")
	}
	return nil
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
