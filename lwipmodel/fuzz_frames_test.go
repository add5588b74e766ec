package lwipmodel

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// frames sends a device what a program of bytes says: frames of every kind, and
// time between them. In the end it must hold what it held in the beginning.
func frames(t *testing.T, in reader) {
	opt := DefaultOptions()
	v := in.byte()
	opt.IP4Reassembly = v&1 != 0
	opt.ChecksumCheckIP = v&2 != 0
	opt.ChecksumCheckUDP = v&4 != 0
	opt.L2ToL3Copy = v&8 != 0
	kc := freertos.DefaultConfig(heap.V5_3_1)
	kc.Unicore = v&16 != 0
	b := newBenchWith(t, 1, 0, opt, wire.FastEthernet("dev cable"), kc, func(b *bench, task *freertos.Task) {
		u, _ := b.s.Socket(task, SockDgram)
		b.s.Bind(task, u, netip.AddrPortFrom(netip.Addr{}, 5000))
		l, _ := b.s.Socket(task, SockStream)
		b.s.Bind(task, l, netip.AddrPortFrom(netip.Addr{}, devicePort))
		b.s.Listen(task, l, 5)
		buf := make([]byte, 2000)
		for {
			fds := []PollFd{{Fd: u, Read: true}, {Fd: l, Read: true}}
			b.s.Select(task, fds, -1)
			if fds[0].CanRead {
				n, from, err := b.s.RecvFrom(task, u, buf, MsgDontWait)
				if err == nil {
					b.s.SendTo(task, u, buf[:n], from)
				}
			}
			if fds[1].CanRead {
				if fd, err := b.s.Accept(task, l); err == nil {
					b.s.Close(task, fd)
				}
			}
		}
	})
	require.NoError(t, b.loop.Run(time.Second))
	require.NotNil(t, b.n)
	held, _ := b.s.Held()
	mac := b.n.mac
	for in.more() {
		kind := in.byte()
		n := in.byte()
		if kind&128 != 0 {
			n = n*6 + in.byte()%6
		}
		f := make([]byte, max(60, min(14+n, 1514)))
		copy(f, mac[:])
		if kind&64 != 0 {
			copy(f, ethBroadcast[:])
		}
		copy(f[6:], []byte{2, 0, 0, 0, 0, byte(in.byte() & 3)})
		p := f[14:]
		for i := range p {
			p[i] = byte(in.byte())
			if !in.more() {
				break
			}
		}
		switch kind & 7 {
		case 0:
			binary.BigEndian.PutUint16(f[12:], uint16(in.u16()))
		case 1: // ARP
			copy(f[12:], []byte{8, 6, 0, 1, 8, 0, 6, 4, 0, byte(1 + in.byte()&1)})
			if kind&8 != 0 {
				copy(p[24:], []byte{192, 168, 1, 50})
			}
			copy(p[14:], []byte{192, 168, 1, byte(in.byte())})
		default: // IPv4 with the pieces made right
			binary.BigEndian.PutUint16(f[12:], etherTypeIPv4)
			hlen := 20
			if kind&8 != 0 {
				hlen = 20 + in.byte()%11*4
			}
			p[0] = 0x40 | byte(hlen/4)
			total := min(max(hlen, 14+n-14), len(p))
			binary.BigEndian.PutUint16(p[2:], uint16(total))
			if kind&16 == 0 {
				p[6], p[7] = 0, 0
			}
			p[9] = []byte{1, 6, 17, 17, 6, 2}[kind&7-2]
			copy(p[12:], []byte{192, 168, 1, byte(10 + in.byte()&3)})
			copy(p[16:], []byte{192, 168, 1, 50})
			if kind&32 != 0 {
				copy(p[16:], [][]byte{{255, 255, 255, 255}, {192, 168, 1, 255}, {224, 0, 0, 1}, {192, 168, 1, 51}}[in.byte()&3])
			}
			p[10], p[11] = 0, 0
			if total < hlen {
				break
			}
			sum, _ := sumBytes(0, false, p[:hlen])
			binary.BigEndian.PutUint16(p[10:], ^foldSum(sum))
			body := p[hlen:total]
			src, dst := ip4(binary.BigEndian.Uint32(p[12:])), ip4(binary.BigEndian.Uint32(p[16:]))
			switch {
			case p[9] == 1 && len(body) >= 4:
				body[0] &= 15
				body[2], body[3] = 0, 0
				sum, _ := sumBytes(0, false, body)
				binary.BigEndian.PutUint16(body[2:], ^foldSum(sum))
			case p[9] == 6 && len(body) >= 20:
				binary.BigEndian.PutUint16(body[2:], devicePort)
				body[16], body[17] = 0, 0
				binary.BigEndian.PutUint16(body[16:], bytesChecksum(6, body, src, dst))
			case p[9] == 17 && len(body) >= 8:
				binary.BigEndian.PutUint16(body[2:], 5000+uint16(in.byte()&1))
				body[6], body[7] = 0, 0
			}
		}
		if in.byte() < 8 {
			f = f[:in.byte()%len(f)]
		}
		b.n.Receive(f)
		require.NoError(t, b.loop.Run(time.Duration(in.byte())*time.Millisecond))
	}
	require.NoError(t, b.loop.Run(10*time.Minute))
	after, _ := b.s.Held()
	require.Equal(t, held, after, "%v", b.live())
}

func FuzzFrames(f *testing.F) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 6 {
		b := make([]byte, 400)
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { frames(t, reader{b}) })
}

func TestRandomFrames(t *testing.T) {
	for seed := range max(*programs/10, 1) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 3))
		b := make([]byte, 100+rnd.IntN(8000))
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		t.Run("", func(t *testing.T) { frames(t, reader{b}) })
	}
}
