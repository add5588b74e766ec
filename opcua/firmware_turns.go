package opcua

import "github.com/plimsoll-sim/plimsoll/sim"

// The firmware polls: a turn of the server, vTaskDelay, and so on for ever. Most
// turns find no socket ready and no callback due, or only callbacks that find
// nothing to do, and leave everything as it was; a day has 864,000 turns. wait
// leaves these out: the task sleeps until the first turn that can find something,
// which is the one after a callback falls due or something happens on a socket.
// Turns stay where they would be, since they follow each other by whole delays.

// wait lets the task wait for its next turn, ticks from now or a multiple of it.
func (s *deviceSockets) wait(a *sim.App, server *Server, ticks uint32) {
	if s.everyTurn || ticks == 0 { // ticks longer than the delay: it is none
		a.Delay(ticks)
		return
	}
	k := a.Kernel()
	from := k.Ticks()
	s.idle = true // from here on nothing that happens is missed
	turns := s.idleTurns(a, server, ticks)
	if turns <= 1 {
		s.idle = false
		a.Delay(ticks)
		return
	}
	k.WDT.Polling(nil, true)
	woken := a.Block(turns * ticks)
	k.WDT.Polling(nil, false)
	s.idle = false
	if woken {
		// A turn that was due at this very tick has passed and found nothing.
		a.Delay(ticks - (k.Ticks()-from)%ticks)
	}
	// The turns before this one were left out.
	server.catchUp(server.cfg.Clock.Monotonic() - s.delay(a, ticks))
}

// delay is the time between two turns in 100 ns.
func (s *deviceSockets) delay(a *sim.App, ticks uint32) int64 {
	return int64(ticks) * 1000 / int64(a.Kernel().Config().HZ) * ticksPerMillisecond
}

// idleTurns returns how many delays there are until the first turn that can find
// something to do without anything happening on a socket.
func (s *deviceSockets) idleTurns(a *sim.App, server *Server, ticks uint32) uint32 {
	for fd := range FDSetSize {
		if s.open.Has(fd) && s.net.Ready(fd) {
			return 1
		}
	}
	delay := s.delay(a, ticks)
	left := server.nextDue(delay) - server.cfg.Clock.Monotonic()
	if left <= delay {
		return 1
	}
	return uint32(min((left+delay-1)/delay, maxIdleTurns))
}

// maxIdleTurns bounds a wait to about a quarter of an hour.
const maxIdleTurns = 10_000
