// Package wire is what lies outside the modelled device: Ethernet cables and
// switches with their faults, the client hosts, and packet capture.
//
// Everything runs on one [vtime.Loop]. A [Cable] joins two ends, each of which
// is a [Port]; a frame handed to [End.Send] reaches the other end's port as an
// event, after the time that its bits and the distance take. Cables can be
// pulled, which nobody is told of, have faults that the seed decides
// ([Fault]), and be recorded as pcapng ([Capture]). A [Switch] lets one device
// port serve several hosts.
//
//	cable, err := wire.NewCable(loop, wire.FastEthernet("eth0"))
//	dev, err := cable.Attach("device", port)
//	host, err := wire.NewHost(loop, wire.HostConfig{Name: "pc", Address: netip.MustParsePrefix("192.168.1.10/24")})
//	err = host.Connect(cable)
//	host.Go("client", func(p *vtime.Proc) {
//		conn, err := host.Dial(p, netip.MustParseAddr("192.168.1.50"), 4840, 5*time.Second)
//		...
//		conn.Vanish() // the process is gone: no FIN, no RST
//	})
//	cable.Pull()
//
// # Hosts and gVisor
//
// A [Host] is gVisor's network stack, a mature TCP that shares no code with the
// device's lwIP. Its TCP has a processor goroutine, and that would make runs
// differ. So the stack is kept paused and brought to rest after every single
// stimulus, as follows.
//
//  1. A stimulus is one frame, one timer or one call of a program. It enters
//     the stack on the loop's goroutine while the processor is parked.
//  2. The processor is resumed and paused again. Pause returns only when its
//     queue is empty and it is parked.
//  3. What the stack did meanwhile (frames written, timers set and stopped,
//     sockets made ready) was only noted down. It is now carried out, in order,
//     on the loop.
//
// Two stimuli never share a rest, also at the same instant. gVisor's callbacks
// run under its locks, so they only note down; nothing calls back into the
// stack or switches coroutine from one.
//
// The stack has the loop's clock and random streams, one processor whatever
// GOMAXPROCS is, Reno in place of CUBIC (which computes in floating point), and
// timers rounded up to whole microseconds, because the round-trip estimate is
// computed in floating point, where the last digit differs by CPU.
//
// # Time
//
// A host's programs take no virtual time; where they do, they say so with
// [vtime.Proc.Sleep]. A timeout of zero is none, as in package net; a negative
// one has already passed, so the call only polls.
package wire
