package lwipmodel

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// layout is every block of the heap: address, size, owner.
func layout(h *heap.Heap) []string {
	var out []string
	h.Blocks(func(b heap.Block) bool {
		out = append(out, fmt.Sprintf("%x %d %v %v", b.Addr, b.Requested, b.Free, b.Tag))
		return true
	})
	return out
}

// Leaving out the firings of timers that only count changes nothing: not what is
// sent, nor when, nor where a block lies.
func TestSkippingChangesNothing(t *testing.T) {
	devices(t, func(t *testing.T, opt Options, kc freertos.Config) {
		kc.SyscallCost = 0 // a firing that is left out takes no time of the CPU
		run := func(every bool) (out []string) {
			b := newBenchWith(t, 7, 2, opt, wire.FastEthernet("dev cable"), kc, func(b *bench, task *freertos.Task) {
				b.s.everyTick = every
				send := b.n.drv.(*emac).cfg.Send
				b.n.drv.(*emac).cfg.Send = func(f []byte) {
					out = append(out, fmt.Sprintf("%v %x", b.loop.Now(), f))
					send(f)
				}
				s := b.s
				l, err := s.Socket(task, SockStream)
				require.NoError(t, err)
				require.NoError(t, s.Bind(task, l, netip.AddrPortFrom(netip.Addr{}, devicePort)))
				require.NoError(t, s.Listen(task, l, 5))
				require.NoError(t, s.SetNonBlocking(task, l, true))
				fds := []int{}
				for range 200 {
					if fd, err := s.Accept(task, l); err == nil {
						s.SetNonBlocking(task, fd, true)
						if len(fds)%2 == 1 {
							s.Setsockopt(task, fd, SOKeepAlive, 1)
							s.Setsockopt(task, fd, TCPKeepIdle, 40)
						}
						fds = append(fds, fd)
					}
					buf := make([]byte, 500)
					for i, fd := range fds {
						n, err := s.Recv(task, fd, buf, 0)
						if n > 0 {
							s.Send(task, fd, buf[:n], 0)
						} else if n == 0 || err != nil && err != EWOULDBLOCK {
							s.Close(task, fd)
							fds = append(fds[:i], fds[i+1:]...)
							break
						}
					}
					task.Delay(uint32(3700 / (1000 / kc.HZ)))
				}
				out = append(out, layout(b.heap)...)
			})
			for i := range 2 {
				b.hosts[i].Go("client", func(p *vtime.Proc) {
					for round := 0; ; round++ {
						c, err := b.hosts[i].Dial(p, deviceAddr, devicePort, 10*time.Second)
						if err != nil {
							return
						}
						for range 3 {
							c.Write(p, make([]byte, 300), time.Second)
							c.Read(p, make([]byte, 300), 5*time.Second)
							p.Sleep(time.Duration(11+17*i) * time.Second)
						}
						switch (round + i) % 3 {
						case 0:
							c.Close()
						case 1:
							c.Vanish()
						case 2:
							c.Abort()
						}
						p.Sleep(7 * time.Second)
					}
				})
			}
			require.NoError(t, b.loop.Run(800*time.Second))
			b.s.CatchUp()
			out = append(out, layout(b.heap)...)
			return out
		}
		want := run(true)
		require.Greater(t, len(want), 300)
		got := run(false)
		for i := range min(len(got), len(want)) {
			require.Equal(t, want[i], got[i], "line %d", i)
		}
		require.Len(t, got, len(want))
	})
}
