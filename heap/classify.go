package heap

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Stay is why memory is still held after a cycle of work.
type Stay uint8

const (
	// WarmUp was taken once and is used again by every later cycle: buffers made
	// at the first use, per-thread semaphores.
	WarmUp Stay = iota + 1
	// Timed goes back by itself when a timer runs out: TIME_WAIT, sessions that
	// expire.
	Timed
	// Leak grows with every cycle and stays.
	Leak
)

// String returns "warm-up", "timed" or "leak".
func (s Stay) String() string {
	switch s {
	case WarmUp:
		return "warm-up"
	case Timed:
		return "timed"
	case Leak:
		return "leak"
	}
	return fmt.Sprintf("Stay(%d)", uint8(s))
}

// Staying is what stays held for one purpose and one reason. The same purpose
// can have several.
type Staying struct {
	Stay   Stay   // the reason
	Task   string // of the blocks' tags; objects differ from cycle to cycle
	What   string // the purpose
	Bytes  int64  // footprint after the last cycle, beyond the state before the first
	Blocks int64  // beyond the state before the first cycle
	// PerCycle is by how many bytes each cycle adds to a Leak.
	PerCycle int64
	// Returns is when the last of a Timed inventory goes back, if known.
	Returns time.Duration
}

// String is one line of a report.
func (s Staying) String() string {
	name := s.Task + "/" + s.What
	switch s.Stay {
	case Leak:
		return fmt.Sprintf("leak     %8d bytes in %4d blocks of %s, %d bytes every cycle", s.Bytes, s.Blocks, name, s.PerCycle)
	case Timed:
		when := ""
		if s.Returns > 0 {
			when = fmt.Sprintf(", back by %v", s.Returns)
		}
		return fmt.Sprintf("timed    %8d bytes in %4d blocks of %s%s", s.Bytes, s.Blocks, name, when)
	}
	return fmt.Sprintf("warm-up  %8d bytes in %4d blocks of %s", s.Bytes, s.Blocks, name)
}

// Cycles are snapshots of equal rounds of work, such as connect, use and lose a
// client.
type Cycles struct {
	Before *Snapshot   // before the first round
	After  []*Snapshot // after each round, at least 3
	// Quiet is a snapshot after a time without work, longer than every timer;
	// what is gone then was timed. Nil if there was none.
	Quiet *Snapshot
	// Due says when a block is going to be given back, for blocks that a timer
	// holds; nil if no timers are known. What it says wins over Quiet's absence.
	Due func(Block) (at time.Duration, timed bool)
}

// purpose is what Classify counts by.
type purpose struct{ task, what string }

type tally struct{ bytes, blocks int64 }

// Classify says for everything that the last round left behind whether it is
// warm-up, timed or a leak, leaks first,
// then timed, then warm-up, each by size. It needs at least three rounds: a
// leak is what grew in every round after the first and did not go away in the
// quiet time.
func (c Cycles) Classify() ([]Staying, error) {
	n := len(c.After)
	if c.Before == nil || n < 3 || slices.Contains(c.After, nil) {
		return nil, fmt.Errorf("heap: classify: want a snapshot before and at least 3 after rounds, got %d", n)
	}
	count := func(s *Snapshot) map[purpose]tally {
		m := make(map[purpose]tally)
		for b := range s.Blocks {
			k := purpose{b.Tag.Task, b.Tag.What}
			t := m[k]
			m[k] = tally{t.bytes + int64(b.Footprint), t.blocks + 1}
		}
		return m
	}
	rounds := []map[purpose]tally{count(c.Before)}
	for _, s := range c.After {
		rounds = append(rounds, count(s))
	}
	due := make(map[purpose]tally)
	returns := make(map[purpose]time.Duration)
	var order []purpose
	seen := make(map[purpose]bool)
	for b := range c.After[n-1].Blocks {
		k := purpose{b.Tag.Task, b.Tag.What}
		if !seen[k] {
			seen[k] = true
			order = append(order, k)
		}
		if c.Due == nil {
			continue
		}
		if at, ok := c.Due(b); ok {
			t := due[k]
			due[k] = tally{t.bytes + int64(b.Footprint), t.blocks + 1}
			returns[k] = max(returns[k], at)
		}
	}
	var quiet map[purpose]tally
	if c.Quiet != nil {
		quiet = count(c.Quiet)
	}

	var out []Staying
	for _, k := range order {
		left := tally{rounds[n][k].bytes - rounds[0][k].bytes, rounds[n][k].blocks - rounds[0][k].blocks}
		timed := due[k]
		if quiet != nil {
			timed = tally{max(0, rounds[n][k].bytes-quiet[k].bytes), max(0, rounds[n][k].blocks-quiet[k].blocks)}
		}
		timed = tally{min(timed.bytes, max(0, left.bytes)), min(timed.blocks, max(0, left.blocks))}
		left = tally{left.bytes - timed.bytes, left.blocks - timed.blocks}

		// What every round after the first added; if it is all timed, it is none.
		grows := tally{left.bytes, left.blocks}
		for i := 2; i <= n; i++ {
			grows.bytes = min(grows.bytes, rounds[i][k].bytes-rounds[i-1][k].bytes)
			grows.blocks = min(grows.blocks, rounds[i][k].blocks-rounds[i-1][k].blocks)
		}
		leak := tally{max(0, min(grows.bytes*int64(n), left.bytes)), max(0, min(grows.blocks*int64(n), left.blocks))}
		if leak.bytes == 0 {
			leak.blocks = 0
		}
		warm := tally{left.bytes - leak.bytes, left.blocks - leak.blocks}
		for _, x := range []struct {
			stay Stay
			t    tally
		}{{Leak, leak}, {Timed, timed}, {WarmUp, warm}} {
			if x.t.bytes <= 0 {
				continue
			}
			s := Staying{Stay: x.stay, Task: k.task, What: k.what, Bytes: x.t.bytes, Blocks: x.t.blocks}
			switch x.stay {
			case Leak:
				s.PerCycle = grows.bytes
			case Timed:
				s.Returns = returns[k]
			}
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Staying) int {
		return cmp.Or(cmp.Compare(b.Stay, a.Stay), cmp.Compare(b.Bytes, a.Bytes))
	})
	return out, nil
}
