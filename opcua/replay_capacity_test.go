package opcua

import (
	"fmt"
	"slices"
)

// The smallest sufficient memory was found by bisection to 8 bytes. For the
// first client it began at firstLow and mostFree, for each further one at 8
// bytes less than the result before and mostFree.
const (
	firstLow = 8192
	mostFree = 400_000
	width    = 8
)

// bisect returns the last two bounds of such a bisection if least bytes are
// enough and one less is not.
func bisect(low, least int64) (fails, serves int64) {
	high := int64(mostFree)
	for high-low > width {
		if mid := (low + high) / 2; mid >= least {
			high = mid
		} else {
			low = mid
		}
	}
	return low, high
}

// replayCapacity repeats the search for the memory that serves so many clients,
// as far as it takes to tell its outcome.
func (rec *recording) replayCapacity(b *baseline) error {
	low := int64(firstLow)
	for i, l := range b.results {
		w := l.capacity
		if w == nil || w.Kind != b.name || w.Clients != i+1 {
			return fmt.Errorf("%d: expected the result for %d clients, got %s", l.number, i+1, l.text)
		}
		// What is free counts in steps of 4 bytes.
		least := w.MinFreeBytes &^ 3
		step, sees, err := rec.serve(b, w.Clients, least)
		if err != nil || step != "" {
			return fmt.Errorf("%d: %d bytes: %s fails, the client sees %q (%v)", l.number, least, step, sees, err)
		}
		for least > w.MinFreeBytes-width {
			if step, sees, err = rec.serve(b, w.Clients, least-4); err != nil {
				return err
			}
			if step != "" {
				break
			}
			least -= 4
		}
		fails, serves := bisect(low, least)
		if serves != w.MinFreeBytes {
			return fmt.Errorf("%d: min_free_bytes: expected %d, got %d", l.number, w.MinFreeBytes, serves)
		}
		if fails&^3 != least-4 || step == "" {
			if step, sees, err = rec.serve(b, w.Clients, fails); err != nil {
				return err
			}
		}
		if step != w.OneLess || sees != w.ClientSees {
			return fmt.Errorf("%d: %d bytes: expected to fail in %s with %q, got %s with %q", l.number, fails, w.OneLess, w.ClientSees, step, sees)
		}
		low = serves - width
	}
	return nil
}

// serve lets n clients of a baseline come to a server that has so much free
// memory when it has started. It returns the step in which what a client gets
// differs from the baseline, and what it sees; nothing if all are served.
func (rec *recording) serve(b *baseline, n int, free int64) (step, sees string, err error) {
	r, err := rec.bootForBaseline(b)
	if err != nil {
		return "", "", err
	}
	limit := r.memory.count.tlsf + free
	r.memory.fail = func(size uint32) bool { return r.memory.count.tlsf+tlsfBytes(size) > limit }
	end := slices.IndexFunc(b.lines, func(l *line) bool {
		return l.step != nil && (l.step.Client > n || l.step.Step == "end")
	})
	if r.play(b.lines[:end]) == nil {
		return "", "", nil
	}
	// What else happened in the turn that differs is what the client sees.
	sees = "no response"
	for _, h := range r.differs {
		if h.net == "tx" && h.conn == r.step.Client {
			sees = describe(h.bytes)
			if r.step.Step == "partial_chunk" {
				sees = "closed"
			}
		}
	}
	return r.step.Step, sees, nil
}
