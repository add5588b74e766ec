package lwipmodel

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// idle accepts connections and leaves them alone.
func idle(b *bench, task *freertos.Task) {
	l, err := b.s.Socket(task, SockStream)
	require.NoError(b.t, err)
	require.NoError(b.t, b.s.Bind(task, l, netip.AddrPortFrom(netip.Addr{}, devicePort)))
	require.NoError(b.t, b.s.Listen(task, l, 5))
	for {
		_, err := b.s.Accept(task, l)
		require.NoError(b.t, err)
	}
}

// halfOpen is a device with one connection whose client has vanished.
func halfOpen(t testing.TB) *bench {
	b := newBench(t, 1, DefaultOptions(), wire.FastEthernet("dev cable"), idle)
	b.hosts[0].Go("client", func(p *vtime.Proc) {
		c, err := b.hosts[0].Dial(p, deviceAddr, devicePort, 5*time.Second)
		require.NoError(t, err)
		c.Vanish()
	})
	require.NoError(t, b.loop.Run(2*time.Second))
	require.Len(t, b.s.Netstat(), 2)
	return b
}

// BenchmarkIdleDay is the cost of a simulated day with one half-open connection.
func BenchmarkIdleDay(bb *testing.B) {
	for range bb.N {
		bb.StopTimer()
		b := halfOpen(bb)
		bb.StartTimer()
		require.NoError(bb, b.loop.Run(24*time.Hour))
		bb.StopTimer()
		require.Equal(bb, Established, b.s.Netstat()[1].State)
		b.loop.Close()
		bb.StartTimer()
	}
}

// BenchmarkSegment is one full segment received and read by the application, in
// the stack alone.
func BenchmarkSegment(b *testing.B) {
	r := newRig(b, DefaultOptions(), 1)
	l := r.listen(5)
	pcb := r.open(1000)
	fd := r.accept(l)
	buf := make([]byte, 1440)
	s := &seg{srcPort: 1000, dstPort: rigPort, seq: 1, ack: pcb.sndNxt, flags: flagACK | flagPSH, wnd: 5840, data: buf}
	raw := s.bytes(rigPeer, rigServer)
	input := func(c *core, p *pbuf) { c.tcpInput(p, rigPeer, rigServer) }
	recv := func(th *thread) { r.c.recv(th, fd, buf, MsgDontWait) }
	b.SetBytes(1440)
	b.ReportAllocs()
	for b.Loop() {
		binary.BigEndian.PutUint32(raw[4:], s.seq)
		raw[16], raw[17] = 0, 0
		sum := bytesChecksum(6, raw, rigPeer, rigServer)
		raw[16], raw[17] = byte(sum>>8), byte(sum)
		r.feed(raw, input)
		r.do(0, recv)
		s.seq += 1440
	}
	require.Equal(b, s.seq, pcb.rcvNxt)
}

// BenchmarkStream is a segment on its way from a host over the switch through the
// device's driver, interface, IP and TCP to the task that reads it, and its
// acknowledgement back.
func BenchmarkStream(bb *testing.B) {
	const segments = 2000
	bb.ReportAllocs()
	bb.SetBytes(segments * 1440)
	for range bb.N {
		got := 0
		b := newBench(bb, 1, DefaultOptions(), wire.FastEthernet("dev cable"), func(b *bench, task *freertos.Task) {
			l, _ := b.s.Socket(task, SockStream)
			b.s.Bind(task, l, netip.AddrPortFrom(netip.Addr{}, devicePort))
			b.s.Listen(task, l, 5)
			fd, err := b.s.Accept(task, l)
			require.NoError(bb, err)
			buf := make([]byte, 1440)
			for {
				n, err := b.s.Recv(task, fd, buf, 0)
				if n == 0 || err != nil {
					break
				}
				got += n
			}
			b.s.Close(task, fd)
		})
		b.hosts[0].Go("client", func(p *vtime.Proc) {
			p.Sleep(time.Second)
			c, err := b.hosts[0].Dial(p, deviceAddr, devicePort, 5*time.Second)
			require.NoError(bb, err)
			data := make([]byte, 14400)
			for sent := 0; sent < segments*1440; {
				n, err := c.Write(p, data, time.Minute)
				require.NoError(bb, err)
				sent += n
			}
			c.Close()
		})
		require.NoError(bb, b.loop.Run(time.Hour))
		require.Equal(bb, segments*1440, got)
	}
	bb.ReportMetric(float64(bb.N)*segments/bb.Elapsed().Seconds(), "segments/s")
}

// BenchmarkThousandConnections is a thousand clients in a simulated hour, each of
// which connects, has 300 bytes echoed and closes.
func BenchmarkThousandConnections(bb *testing.B) {
	bb.ReportAllocs()
	for range bb.N {
		b := newBench(bb, 1, DefaultOptions(), wire.FastEthernet("dev cable"), echo)
		done := 0
		b.hosts[0].Go("clients", func(p *vtime.Proc) {
			buf := make([]byte, 300)
			for range 1000 {
				c, err := b.hosts[0].Dial(p, deviceAddr, devicePort, 5*time.Second)
				require.NoError(bb, err)
				_, err = c.Write(p, buf, time.Minute)
				require.NoError(bb, err)
				_, err = c.Read(p, buf, time.Minute)
				require.NoError(bb, err)
				c.Close()
				done++
				p.Sleep(3600 * time.Millisecond)
			}
		})
		require.NoError(bb, b.loop.Run(time.Hour+time.Minute))
		require.Equal(bb, 1000, done)
	}
}

// BenchmarkConnection is the life of a connection in the stack alone: handshake,
// accept, a request and its answer, close by the client.
func BenchmarkConnection(b *testing.B) {
	r := newRig(b, DefaultOptions(), 1)
	l := r.listen(5)
	b.ReportAllocs()
	port := uint16(1000)
	data := make([]byte, 100)
	for b.Loop() {
		port++
		pcb := r.open(port)
		fd := r.accept(l)
		r.send(&seg{srcPort: port, seq: 1, ack: pcb.sndNxt, flags: flagACK | flagPSH, wnd: 5840, data: data})
		r.do(0, func(th *thread) {
			r.c.recv(th, fd, data, 0)
			r.c.send(th, fd, [][]byte{data}, 0)
		})
		r.send(&seg{srcPort: port, seq: 101, ack: pcb.sndNxt, flags: flagACK | flagFIN, wnd: 5840})
		r.close(fd)
		r.send(&seg{srcPort: port, seq: 102, ack: pcb.sndNxt, flags: flagACK, wnd: 5840})
		if !pcb.freed {
			b.Fatal("the connection is still there")
		}
	}
}
