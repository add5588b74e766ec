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

// bench is a device on a switch with hosts, put together by hand.
type bench struct {
	t     testing.TB
	loop  *vtime.Loop
	heap  *heap.Heap
	k     *freertos.Kernel
	s     *Stack
	n     *Netif
	end   *wire.End
	cable *wire.Cable
	hosts []*wire.Host
	wifi  *WiFiConfig // nil: Ethernet
	dhcp  bool
	peer  wire.Port // at the other end of the device's cable; nil: the switch
}

var deviceAddr = netip.MustParseAddr("192.168.1.50")

const devicePort = 4840

type benchPort struct{ b *bench }

func (p benchPort) Receive(f wire.Frame) {
	if p.b.n != nil {
		p.b.n.Receive(f)
	}
}

// newBench boots a device whose app_main is firmware, with hosts on the same
// switch.
func newBench(t testing.TB, hosts int, opt Options, cable wire.CableConfig, firmware func(*bench, *freertos.Task)) *bench {
	return newBenchWith(t, 1, hosts, opt, cable, freertos.DefaultConfig(heap.V5_3_1), firmware)
}

func newBenchWith(t testing.TB, seed uint64, hosts int, opt Options, cable wire.CableConfig, kc freertos.Config, firmware func(*bench, *freertos.Task)) *bench {
	b := &bench{t: t, loop: vtime.New(seed)}
	b.boot(hosts, opt, cable, kc, firmware)
	return b
}

// newWiFiBench is newBench with a Wi-Fi station.
func newWiFiBench(t testing.TB, hosts int, opt Options, cfg WiFiConfig, firmware func(*bench, *freertos.Task)) *bench {
	b := &bench{t: t, loop: vtime.New(1), wifi: &cfg}
	b.boot(hosts, opt, wire.FastEthernet("air"), freertos.DefaultConfig(heap.V5_3_1), firmware)
	return b
}

func (b *bench) boot(hosts int, opt Options, cable wire.CableConfig, kc freertos.Config, firmware func(*bench, *freertos.Task)) {
	t := b.t
	var err error
	b.heap, err = heap.New(heap.Config{Version: heap.V5_3_1, Layout: heap.DefaultLayout(), Now: b.loop.Now})
	require.NoError(t, err)
	b.k, err = freertos.New(b.loop, b.heap, kc)
	require.NoError(t, err)
	b.s, err = New(Config{Kernel: b.k, Options: opt, Name: "dev"})
	require.NoError(t, err)
	sw := wire.NewSwitch(b.loop, "switch")
	b.cable, err = wire.NewCable(b.loop, cable)
	require.NoError(t, err)
	b.end, err = b.cable.Attach("dev", benchPort{b})
	require.NoError(t, err)
	if b.peer != nil {
		_, err = b.cable.Attach("peer", b.peer)
		require.NoError(t, err)
	} else {
		require.NoError(t, sw.Connect(b.cable))
	}
	for i := range hosts {
		h, err := wire.NewHost(b.loop, wire.HostConfig{Name: fmt.Sprint("host", i), Address: netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 168, 1, byte(10 + i)}), 24)})
		require.NoError(t, err)
		c, err := wire.NewCable(b.loop, wire.FastEthernet(fmt.Sprint("cable", i)))
		require.NoError(t, err)
		require.NoError(t, h.Connect(c))
		require.NoError(t, sw.Connect(c))
		b.hosts = append(b.hosts, h)
	}
	_, err = b.k.CreateTask("main", 3584, 1, freertos.Core0, func(task *freertos.Task) {
		require.NoError(t, b.s.Init(task))
		mac, send := [6]byte{0x24, 0x0a, 0xc4, 1, 2, 3}, func(f []byte) { require.NoError(t, b.end.Send(f)) }
		var n *Netif
		if b.wifi != nil {
			b.wifi.MAC, b.wifi.Send = mac, send
			n, err = b.s.NewWiFi(task, *b.wifi)
		} else {
			n, err = b.s.NewEthernet(task, EthernetConfig{MAC: mac, Send: send, DHCP: b.dhcp})
		}
		require.NoError(t, err)
		if !b.dhcp {
			require.NoError(t, n.SetAddr(task, netip.PrefixFrom(deviceAddr, 24), netip.Addr{}))
		}
		b.n = n
		n.Connected(task)
		firmware(b, task)
		task.Delete()
	})
	require.NoError(t, err)
	require.NoError(t, b.k.StartScheduler())
	t.Cleanup(func() {
		b.loop.Close()
		for _, h := range b.hosts {
			h.Close()
		}
	})
}

// live is what lwIP holds: requested bytes by kind of block.
func (b *bench) live() map[string]uint32 {
	m := map[string]uint32{}
	b.heap.Blocks(func(blk heap.Block) bool {
		if tag := blk.Tag; tag.Task == tcpipTaskName && tag.What != "stack" && tag.What != "TCB" {
			m[tag.What] += blk.Requested
		}
		return true
	})
	return m
}

// echo is a server that sends back what it gets, one connection after another.
func echo(b *bench, task *freertos.Task) {
	s := b.s
	l, err := s.Socket(task, SockStream)
	require.NoError(b.t, err)
	require.NoError(b.t, s.Bind(task, l, netip.AddrPortFrom(netip.Addr{}, devicePort)))
	require.NoError(b.t, s.Listen(task, l, 5))
	buf := make([]byte, 4096)
	for {
		fd, err := s.Accept(task, l)
		require.NoError(b.t, err)
		for {
			n, err := s.Recv(task, fd, buf, 0)
			if err != nil || n == 0 {
				break
			}
			for sent := 0; sent < n; {
				k, err := s.Send(task, fd, buf[sent:n], 0)
				if err != nil {
					break
				}
				sent += k
			}
		}
		s.Close(task, fd)
	}
}

func TestDeviceEchoesToAHost(t *testing.T) {
	devices(t, testEcho)
}

func testEcho(t *testing.T, opt Options, kc freertos.Config) {
	b := newBenchWith(t, 1, 1, opt, wire.FastEthernet("dev cable"), kc, echo)
	require.NoError(t, b.loop.Run(time.Second))
	base := b.live()
	free := b.heap.FreeSize(heap.CapDefault)
	var got []byte
	b.hosts[0].Go("client", func(p *vtime.Proc) {
		_, err := b.hosts[0].Ping(p, deviceAddr, time.Second)
		require.NoError(t, err)
		for range 3 {
			c, err := b.hosts[0].Dial(p, deviceAddr, devicePort, 5*time.Second)
			require.NoError(t, err)
			msg := make([]byte, 10000)
			for i := range msg {
				msg[i] = byte(i * 7)
			}
			sent := 0
			got = got[:0]
			buf := make([]byte, 4096)
			for len(got) < len(msg) {
				if sent < len(msg) {
					n, err := c.Write(p, msg[sent:min(sent+2000, len(msg))], time.Second)
					require.NoError(t, err)
					sent += n
				}
				n, err := c.Read(p, buf, time.Second)
				require.NoError(t, err)
				got = append(got, buf[:n]...)
			}
			require.Equal(t, msg, got)
			c.Close()
			p.Sleep(time.Second)
		}
	})
	require.NoError(t, b.loop.Run(300*time.Second))
	require.Len(t, got, 10000)
	require.Equal(t, base, b.live())
	require.Equal(t, free, b.heap.FreeSize(heap.CapDefault))
}

// devices are what the tests of whole devices run on.
func devices(t *testing.T, f func(t *testing.T, opt Options, kc freertos.Config)) {
	for _, d := range []struct {
		name string
		edit func(*Options, *freertos.Config)
	}{
		{"default", func(*Options, *freertos.Config) {}},
		{"unicore", func(_ *Options, k *freertos.Config) { k.Unicore = true }},
		{"core locking", func(o *Options, _ *freertos.Config) { o.CoreLocking = true }},
		{"1000 Hz", func(_ *Options, k *freertos.Config) { k.HZ = 1000 }},
		{"free calls", func(_ *Options, k *freertos.Config) { k.SyscallCost = 0 }},
		{"no IPv6", func(o *Options, _ *freertos.Config) { o.IPv6 = false }},
	} {
		t.Run(d.name, func(t *testing.T) {
			opt, kc := DefaultOptions(), freertos.DefaultConfig(heap.V5_3_1)
			d.edit(&opt, &kc)
			f(t, opt, kc)
		})
	}
}

func TestDeviceAnswersDatagrams(t *testing.T) {
	devices(t, func(t *testing.T, opt Options, kc freertos.Config) {
		b := newBenchWith(t, 1, 1, opt, wire.FastEthernet("dev cable"), kc, func(b *bench, task *freertos.Task) {
			fd, err := b.s.Socket(task, SockDgram)
			require.NoError(t, err)
			require.NoError(t, b.s.Bind(task, fd, netip.AddrPortFrom(netip.Addr{}, 7)))
			buf := make([]byte, 2000)
			for {
				n, from, err := b.s.RecvFrom(task, fd, buf, 0)
				require.NoError(t, err)
				_, err = b.s.SendTo(task, fd, buf[:n], from)
				require.NoError(t, err)
			}
		})
		require.NoError(t, b.loop.Run(time.Second))
		base := b.live()
		done := false
		b.hosts[0].Go("client", func(p *vtime.Proc) {
			c, err := b.hosts[0].ListenUDP(0)
			require.NoError(t, err)
			for _, n := range []int{0, 1, 100, 1472} {
				msg := make([]byte, n)
				for i := range msg {
					msg[i] = byte(i)
				}
				require.NoError(t, c.SendTo(msg, netip.AddrPortFrom(deviceAddr, 7)))
				buf := make([]byte, 2000)
				k, from, err := c.ReceiveFrom(p, buf, time.Second)
				require.NoError(t, err)
				require.Equal(t, msg, buf[:k])
				require.Equal(t, netip.AddrPortFrom(deviceAddr, 7), from)
			}
			done = true
		})
		require.NoError(t, b.loop.Run(10*time.Second))
		require.True(t, done)
		require.Equal(t, base, b.live())
	})
}
