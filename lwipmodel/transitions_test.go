package lwipmodel

import "slices"

// nextStates are the steps that the original can take between two moments at
// which one can look: each allocation, each free, each segment sent.
// (lwip: src/core/tcp.c, tcp_in.c: every assignment to a PCB's state.)
var nextStates = map[State][]State{
	Closed:      {SynSent, SynRcvd},
	SynSent:     {Established, Closed},
	SynRcvd:     {Established, CloseWait, FinWait1, Closed},
	Established: {CloseWait, FinWait1, Closed},
	CloseWait:   {LastAck, Closed},
	FinWait1:    {FinWait2, Closing, TimeWait, Closed},
	FinWait2:    {TimeWait, Closed},
	Closing:     {TimeWait, Closed},
	LastAck:     {Closed},
	TimeWait:    {Closed},
}

// transitions holds the state of each PCB as it was last seen.
type transitions struct {
	noObserver
	r    *rig
	pcbs []seenState // in the order in which they were made
}

type seenState struct {
	pcb  *tcpPCB
	last State
}

// watchStates fails the test as soon as a connection takes a step that the
// original cannot take.
func (r *rig) watchStates() {
	r.states = &transitions{r: r}
	r.c.watch = r.states
}

func (t *transitions) pcbAllocated(pcb *tcpPCB) { t.pcbs = append(t.pcbs, seenState{pcb, Closed}) }

func (t *transitions) pcbFreeing(pcb *tcpPCB) {
	t.sample()
	t.pcbs = slices.DeleteFunc(t.pcbs, func(s seenState) bool { return s.pcb == pcb })
}

func (t *transitions) sample() {
	if t == nil {
		return
	}
	for i := range t.pcbs {
		s := &t.pcbs[i]
		if now := s.pcb.state; now != s.last {
			if !slices.Contains(nextStates[s.last], now) {
				t.r.t.Fatalf("at %d ms: a connection goes from %v to %v", t.r.clock, s.last, now)
			}
			s.last = now
		}
	}
}
