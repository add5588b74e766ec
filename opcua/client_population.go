package opcua

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// A Population is a number of clients that arrive one after another. Which one
// leaves how, and when exactly it arrives, is drawn from a stream of the
// population's own, so that the same seed gives the same clients.
type Population struct {
	Name  string        // of the stream; clients are named after it, "name 1", "name 2" ...; default that of Life's configuration
	Life  ClientLife    // of every client, apart from its name and Leave
	N     int           // how many
	Every time.Duration // from one arrival to the next; 0: all at once
	// Jitter delays each arrival by up to so much; default 0.
	Jitter time.Duration
	// Leave gives the shares of the ways to leave, by weight; default: all as
	// Life says. {LeaveClose: 3, LeaveVanish: 1} loses every fourth on average.
	Leave [LeaveVanish + 1]uint32
	// Vary changes the life of the i-th client (from 0) before it starts; default nil.
	Vary func(i int, life *ClientLife)
}

// A clientStarter is a transport that runs its programs itself, as a host does.
type clientStarter interface {
	Go(name string, f func(*vtime.Proc)) *vtime.Proc
}

// Populate starts the clients of a population on the loop: the i-th (from 0)
// dials through hosts[i mod len(hosts)], in a process of its own, which dies with
// its host. The reports
// fill in as the clients live; Done says which have ended. All choices are made
// now, in order, and do not depend on what happens later.
func Populate(l *vtime.Loop, hosts []ClientTransport, pop Population) ([]*ClientReport, error) {
	if len(hosts) == 0 && pop.N > 0 {
		return nil, fmt.Errorf("population %q: %d clients, but no host", pop.Name, pop.N)
	}
	if pop.N < 0 || pop.Every < 0 || pop.Jitter < 0 {
		return nil, fmt.Errorf("population %q: N %d, Every %v, Jitter %v: none may be negative", pop.Name, pop.N, pop.Every, pop.Jitter)
	}
	clientDefault(&pop.Name, pop.Life.Config.Name)
	clientDefault(&pop.Name, "client")
	if cfg := pop.Life.Config; pop.Vary == nil {
		if _, err := cfg.withDefaults(); err != nil {
			return nil, fmt.Errorf("population %q: %w", pop.Name, err)
		}
	}
	var weights uint64
	for _, w := range pop.Leave {
		weights += uint64(w)
	}
	rand := l.Rand("opcua population " + pop.Name)
	reports := make([]*ClientReport, pop.N)
	for i := range reports {
		life := pop.Life
		life.Config.Name = fmt.Sprintf("%s %d", pop.Name, i+1)
		if weights > 0 {
			draw := rand.Uint64N(weights)
			for how, w := range pop.Leave {
				if draw < uint64(w) {
					life.Leave = Leaving(how)
					break
				}
				draw -= uint64(w)
			}
		}
		at := pop.Every * time.Duration(i)
		if pop.Jitter > 0 {
			at += time.Duration(rand.Int64N(int64(pop.Jitter) + 1))
		}
		if pop.Vary != nil {
			pop.Vary(i, &life)
		}
		r := &ClientReport{Name: life.Config.Name, Leave: life.Leave}
		host := hosts[i%len(hosts)]
		reports[i] = r
		start := l.Go
		if h, ok := host.(clientStarter); ok {
			start = h.Go
		}
		l.After(at, func() {
			start(life.Config.Name, func(p *vtime.Proc) { runClient(p, host, life, r) })
		})
	}
	return reports, nil
}
