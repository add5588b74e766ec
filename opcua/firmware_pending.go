package opcua

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim"
)

// pending lists what the server will give back by itself: sessions and channels
// at their deadline and the housekeeping that follows it. Once the server's task
// is dead, nobody looks at deadlines, and what its sockets hold stays too.
func (s *Server) pending(a *sim.App) func() []sim.Pending {
	d := a.Device()
	return func() []sim.Pending {
		dead := a.Ended() != ""
		boot := d.World().Now() - time.Duration(s.cfg.Clock.Monotonic())*100
		slack := housekeeping*time.Millisecond + 2*turnDelay
		var all []sim.Pending
		add := func(what string, deadline int64) {
			p := sim.Pending{What: what}
			const century = 100 * 365 * 24 * int64(time.Hour/100)
			if dead || deadline > s.cfg.Clock.Monotonic()+century {
				p.Never = true
			} else {
				p.At = boot + time.Duration(deadline)*100 + slack
			}
			all = append(all, p)
		}
		for _, c := range s.network.connections {
			switch {
			case dead:
				add(fmt.Sprintf("opcua connection %s (%s is dead)", c.peer, taskName), 0)
			case c.state == connectionOpening:
				add(fmt.Sprintf("opcua connection %s (no HEL)", c.peer), c.opened+noHelloTimeout)
			}
		}
		for _, x := range s.sessions {
			add(fmt.Sprintf("opcua session %d (timeout)", x.number), x.validTill)
		}
		for _, c := range s.channels {
			add(fmt.Sprintf("opcua channel %d (token lifetime)", c.token.channelID), c.token.expires())
		}
		return all
	}
}
