package outage

import (
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// A Probe is what the outside world sees of a device.
type Probe struct {
	Ping   string // "1.2ms", or what went wrong
	SYN    string // what a SYN to the server's port gets
	Client string // what the next client gets
}

// Probe asks the device by ping, by a SYN, and by one more client, which closes
// properly if it is served.
func (r *Run) Probe() (Probe, error) {
	var p Probe
	host := r.hosts[0]
	done := false
	host.Go("probe", func(proc *vtime.Proc) {
		rtt, err := host.Ping(proc, r.Device.Addr(), probeLimit)
		p.Ping = "answered"
		if err != nil {
			p.Ping = plain(err)
		} else if rtt <= 0 {
			p.Ping = fmt.Sprintf("answered in %v", rtt)
		}
		answer, err := host.ProbeSYN(proc, r.Device.Addr(), opcua.DefaultServerConfig().Port, probeLimit)
		p.SYN = answer.String()
		if err != nil {
			p.SYN = plain(err)
		}
		done = true
	})
	if err := r.World.RunUntil(func() bool { return done }, time.Minute); err != nil {
		return p, err
	}
	var report opcua.ClientReport
	served := r.startClient(opcua.LeaveClose, &report)
	if err := r.World.RunUntil(served, lifeLimit+r.Case.Stay); err != nil {
		var late *vtime.TimeoutError
		if !errors.As(err, &late) {
			return p, err
		}
		p.Client = "still waiting after " + late.Max.String()
		return p, nil
	}
	p.Client = "served"
	if report.Err != nil {
		p.Client = report.Err.Error()
	}
	r.next = max(r.next, r.World.Now())
	return p, nil
}

// plain is an error without the addresses and times that the reader knows.
func plain(err error) string {
	var n *wire.NetError
	if errors.As(err, &n) {
		return n.Err.Error()
	}
	return err.Error()
}
