package casebook

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// connection is a TCP connection of a host.
type connection = *wire.Conn

// The ports that a host connects from, one after the other as Linux picks them
// for one peer, so that none is taken again while it is in TIME_WAIT.
const (
	firstPort = 40_000
	lastPort  = 60_999
)

func (h *hostState) nextPort() uint16 {
	h.dials++
	return uint16(firstPort + (h.dials-1)%(lastPort-firstPort+1))
}

// plain names how a host's call ended.
func plain(err error) string {
	for _, k := range []struct {
		err  error
		name string
	}{
		{nil, "ok"}, {wire.ErrRefused, "refused"}, {wire.ErrReset, "reset"}, {wire.ErrTimeout, "timeout"},
		{wire.ErrUnreachable, "unreachable"}, {wire.ErrClosed, "closed"},
	} {
		if errors.Is(err, k.err) {
			return k.name
		}
	}
	return "failed"
}

// group returns the connections of a name.
func (p *play) group(name string) *group {
	if p.conns[name] == nil {
		p.conns[name] = &group{result: map[string]int{}}
	}
	return p.conns[name]
}

func (p *play) groupNames() []string { return slices.Sorted(maps.Keys(p.conns)) }

// until lets time pass until t, if that is not over.
func (p *play) until(t time.Duration) error { return p.world.Run(max(0, t-p.world.Now())) }

// moment is how long a statement waits until its segments have arrived.
const moment = 10 * time.Millisecond
