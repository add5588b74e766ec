package main

import (
	"errors"
	"runtime"
	"sync"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
)

// trial is one world of a table.
type trial struct {
	c       outage.Case
	clients int
	rest    bool
	outcome *outage.Outcome
	err     error
}

// try runs all trials and fills in their outcomes. Worlds share nothing, so
// several run at a time, each on a goroutine of its own; what comes out does not
// depend on it.
func try(trials []trial) error {
	next := make(chan *trial)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(trials)) {
		wg.Go(func() {
			for t := range next {
				t.outcome, t.err = outage.Survey(t.c, t.clients, t.rest)
			}
		})
	}
	for i := range trials {
		next <- &trials[i]
	}
	close(next)
	wg.Wait()
	var errs []error
	for i := range trials {
		errs = append(errs, trials[i].err)
	}
	return errors.Join(errs...)
}
