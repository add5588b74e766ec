package outage

import (
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
)

// An Outcome is the end of a row of clients.
type Outcome struct {
	Case   Case
	Served int // clients served before the first that was not
	// First is the first visit that went wrong; nil: all were served.
	First *Visit
	// Free and Largest are of the default heap after the start, Minimum is the
	// lowest free ever.
	Free, Largest, Minimum uint32
	// Failure is the first allocation that failed, nil if none did.
	Failure *heap.Failure

	// Held is how many bytes are still held after the quiet period that followed
	// the loss of the last client, and HeldBy who holds them.
	Held   int
	HeldBy []sim.Held
	// LargestRest is the largest free block then.
	LargestRest uint32
	// Waited is after how long the memory was back.
	Waited time.Duration
	// Never lists what does not go by itself.
	Never []sim.Pending
	// Dead says why the server is dead; empty: it is not.
	Dead string
	// Halted says that the chip stopped, and not a task for lack of memory.
	Halted bool
}

// quietLimit is how long Survey waits where something never goes.
const quietLimit = 3 * time.Hour

// Survey lets up to n clients come until one is not served. With rest it lets
// the quiet period pass then and looks at what stays.
func Survey(c Case, n int, rest bool) (*Outcome, error) {
	r, err := Start(c)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	o := &Outcome{Case: c, Free: r.start.Free, Largest: r.Device.LargestFreeBlock()}
	for o.Served < n {
		v, err := r.visit(!rest || o.Served < n-1)
		if err != nil {
			return nil, err
		}
		if o.Failure == nil {
			o.Failure = v.Failure
		}
		if !v.OK() {
			o.First = v
			break
		}
		o.Served++
	}
	o.Dead = r.Dead()
	if rest && o.Dead == "" {
		if o.Waited, o.Never, err = r.Rest(quietLimit); err != nil {
			return nil, err
		}
		o.Dead = r.Dead()
	}
	o.Halted = r.Device.Kernel().Halted() != nil
	now := r.Device.TakeBaseline()
	o.Held = int(r.start.Free) - int(now.Free)
	o.HeldBy = r.Device.HeldSince(r.start)
	o.LargestRest = r.Device.LargestFreeBlock()
	o.Minimum = r.Device.MinimumFreeHeap()
	return o, nil
}

// A Crowd is several clients at once.
type Crowd struct {
	Reports []opcua.ClientReport
	Minimum uint32 // lowest free bytes ever
	Held    int    // bytes after the quiet period
	Waited  time.Duration
	Never   []sim.Pending
	Failure *heap.Failure // the first allocation that failed, nil if none did
	Dead    string        // why the server is dead; empty: it is not
}

// Together lets n clients come at once, a second apart, from as many hosts as
// the case has, each leaving in its own way, and then waits until all is quiet.
func Together(c Case, n int, leave func(i int) opcua.Leaving) (*Crowd, error) {
	r, err := Start(c)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	crowd := &Crowd{Reports: make([]opcua.ClientReport, n)}
	var ends []func() bool
	for i := range n {
		ends = append(ends, r.startClient(leave(i), &crowd.Reports[i]))
		if err := r.World.Run(time.Second); err != nil {
			return nil, err
		}
	}
	all := func() bool {
		for _, done := range ends {
			if !done() {
				return false
			}
		}
		return true
	}
	if err := r.World.RunUntil(all, lifeLimit+c.Stay); err != nil {
		return nil, err
	}
	if crowd.Dead = r.Dead(); crowd.Dead == "" {
		if crowd.Waited, crowd.Never, err = r.Rest(quietLimit); err != nil {
			return nil, err
		}
		crowd.Dead = r.Dead()
	}
	crowd.Failure = r.failure
	crowd.Minimum = r.Device.MinimumFreeHeap()
	crowd.Held = int(r.start.Free) - int(r.Device.FreeHeap())
	return crowd, nil
}

// Served counts the clients that ended their life as they wanted.
func (c *Crowd) Served() int {
	n := 0
	for i := range c.Reports {
		if c.Reports[i].OK() {
			n++
		}
	}
	return n
}
