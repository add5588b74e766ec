package lwipmodel

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// A datagram of three fragments goes out and comes back in three.
func TestFragments(t *testing.T) {
	for _, on := range []bool{false, true} {
		opt := DefaultOptions()
		opt.IP4Reassembly = on
		opt.ChecksumCheckIP = true
		var got, peerGot []byte
		b := newBench(t, 1, opt, wire.FastEthernet("dev cable"), func(b *bench, task *freertos.Task) {
			s := b.s
			fd, err := s.Socket(task, SockDgram)
			require.NoError(t, err)
			require.NoError(t, s.Bind(task, fd, netip.AddrPortFrom(netip.Addr{}, 5000)))
			buf := make([]byte, 5000)
			s.SendTo(task, fd, []byte("hello"), netip.MustParseAddrPort("192.168.1.10:6000")) // for ARP
			task.Delay(10)
			n, err := s.SendTo(task, fd, buf[:4000], netip.MustParseAddrPort("192.168.1.10:6000"))
			require.NoError(t, err)
			require.Equal(t, 4000, n)
			n, err = s.Recv(task, fd, buf, 0)
			require.NoError(t, err)
			got = buf[:n]
		})
		b.hosts[0].Go("peer", func(p *vtime.Proc) {
			u, err := b.hosts[0].ListenUDP(6000)
			require.NoError(t, err)
			buf := make([]byte, 5000)
			_, _, err = u.ReceiveFrom(p, buf, time.Minute)
			require.NoError(t, err)
			n, from, err := u.ReceiveFrom(p, buf, time.Minute)
			require.NoError(t, err)
			peerGot = buf[:n]
			p.Sleep(time.Second)
			out := make([]byte, 4000)
			for i := range out {
				out[i] = byte(i * 5)
			}
			require.NoError(t, u.SendTo(out, from))
		})
		require.NoError(t, b.loop.Run(time.Minute))
		require.Len(t, peerGot, 4000)
		if !on {
			require.Empty(t, got)
			continue
		}
		require.Len(t, got, 4000)
		for i := range got {
			require.Equal(t, byte(i*5), got[i])
		}
		live := b.live()
		require.Zero(t, live["REASSDATA"])
		require.Zero(t, live["l2_rx_buffer"])
		require.Zero(t, live["PBUF_RAM"])
	}
}

// Fragments without the rest: they are held for three to four seconds, at most
// ten of them.
func TestFragmentsGivenUp(t *testing.T) {
	opt := DefaultOptions()
	opt.IP4Reassembly = true
	b := newBench(t, 0, opt, wire.FastEthernet("dev cable"), func(*bench, *freertos.Task) {})
	require.NoError(t, b.loop.Run(time.Second))
	sent := b.n.Counters().Sent
	frag := func(id byte, offset, n int, more bool) {
		f := make([]byte, 14+20+n)
		copy(f, b.n.mac[:])
		copy(f[6:], []byte{2, 0, 0, 0, 0, 1})
		copy(f[12:], []byte{8, 0, 0x45, 0, byte((20 + n) >> 8), byte(20 + n), 0, id, byte(offset / 8 >> 8), byte(offset / 8), 64, 17, 0, 0, 192, 168, 1, 10, 192, 168, 1, 50})
		if more {
			f[20] |= 0x20
		}
		sum, _ := sumBytes(0, false, f[14:34])
		s := ^foldSum(sum)
		f[24], f[25] = byte(s>>8), byte(s)
		b.n.Receive(f)
		require.NoError(t, b.loop.Run(time.Millisecond))
	}
	held := func() (int, int) { live := b.live(); return int(live["REASSDATA"]) / 32, int(live["esp_pbuf"]) / 28 }
	frag(1, 0, 800, true)
	frag(1, 800, 800, true)
	frag(1, 800, 800, true)  // twice
	frag(1, 400, 800, true)  // overlapping
	frag(2, 1600, 80, false) // of another packet
	d, p := held()
	require.Equal(t, []int{2, 3}, []int{d, p})
	for i := range 20 {
		frag(byte(10+i), 800, 80, true)
	}
	d, p = held()
	require.Equal(t, []int{10, 10}, []int{d, p}, "the oldest made room")
	require.Equal(t, sent+1, b.n.Counters().Sent, "an ARP request, to tell the sender of the first packet")
	require.NoError(t, b.loop.Run(5*time.Second))
	d, p = held()
	require.Equal(t, []int{0, 0}, []int{d, p})
}
