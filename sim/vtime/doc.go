// Package vtime is Plimsoll's virtual time: one event loop on which everything
// in a simulated world runs, in an order that only the seed decides.
//
// A [Loop] holds a queue of events. Each has a due time; events due at the same
// instant run in the order in which they were scheduled. Running an event takes
// no virtual time: the clock jumps from one due time to the next. Nothing reads
// the wall clock, and no goroutine runs beside the loop, so the same seed gives
// the same run on every machine.
//
// Code that waits is written as a [Proc], a coroutine: it runs until it calls
// [Proc.Park] or [Proc.Sleep], which give the loop back, and goes on when it is
// woken. A switch costs about a tenth of a microsecond.
//
//	loop := vtime.New(1)
//	defer loop.Close()
//	loop.Go("blinker", func(p *vtime.Proc) {
//		for {
//			p.Sleep(time.Second)
//			loop.Log().Emit("blinker", "tick")
//		}
//	})
//	err := loop.Run(time.Minute)
//
// Randomness comes from [Loop.Rand], one stream for each name, so that a new
// consumer does not shift the numbers of another. What happens is told to
// [Loop.Log]; its SHA-256 fingerprint is equal exactly when two runs were.
//
// A Loop and everything on it belong to one goroutine at a time.
package vtime
