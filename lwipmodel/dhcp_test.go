package lwipmodel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// A router is the other end of the device's cable: it gives out an address by
// DHCP and answers questions to its name server.
type router struct {
	b     *bench
	log   []string
	lease uint32 // s
	deaf  bool   // to DHCP
	taken bool   // somebody else answers for the offered address
	nak   bool
	fails byte // error code of the name server
	names map[string]netip.Addr
	mute  int // questions not answered
}

var (
	routerAddr = ip4(192<<24 | 168<<16 | 1<<8 | 1)
	routerMAC  = hwAddr{2, 0, 0, 0, 0, 9}
)

func (r *router) say(format string, args ...any) {
	r.log = append(r.log, fmt.Sprintf("%.1f ", r.b.loop.Now().Seconds())+fmt.Sprintf(format, args...))
}

func (r *router) frame(dst hwAddr, typ uint16, body []byte) {
	f := make([]byte, 14, 14+len(body))
	copy(f, dst[:])
	copy(f[6:], routerMAC[:])
	binary.BigEndian.PutUint16(f[12:], typ)
	f = append(f, body...)
	for len(f) < 60 {
		f = append(f, 0)
	}
	r.b.n.Receive(f)
}

func (r *router) udp(dst ip4, srcPort, dstPort uint16, data []byte) {
	b := make([]byte, 28, 28+len(data))
	b[0], b[8], b[9] = 0x45, 64, protoUDP
	binary.BigEndian.PutUint16(b[2:], uint16(28+len(data)))
	binary.BigEndian.PutUint32(b[12:], uint32(routerAddr))
	binary.BigEndian.PutUint32(b[16:], uint32(dst))
	sum, _ := sumBytes(0, false, b[:20])
	binary.BigEndian.PutUint16(b[10:], ^foldSum(sum))
	binary.BigEndian.PutUint16(b[20:], srcPort)
	binary.BigEndian.PutUint16(b[22:], dstPort)
	binary.BigEndian.PutUint16(b[24:], uint16(8+len(data)))
	r.frame(r.b.n.mac, etherTypeIPv4, append(b, data...))
}

func (r *router) Receive(f wire.Frame) {
	b := f[14:]
	switch binary.BigEndian.Uint16(f[12:]) {
	case etherTypeARP:
		target := ip4(binary.BigEndian.Uint32(b[24:]))
		if binary.BigEndian.Uint16(b[6:]) != 1 || target != routerAddr && !(r.taken && target == fromAddr(deviceAddr)) {
			return
		}
		a := make([]byte, 28)
		copy(a, []byte{0, 1, 8, 0, 6, 4, 0, 2})
		copy(a[8:], routerMAC[:])
		binary.BigEndian.PutUint32(a[14:], uint32(target))
		copy(a[18:], b[8:18])
		r.frame(r.b.n.mac, etherTypeARP, a)
	case etherTypeIPv4:
		total := int(binary.BigEndian.Uint16(b[2:]))
		u := b[20:total]
		switch binary.BigEndian.Uint16(u[2:]) {
		case dhcpServerPort:
			r.dhcp(b, u[8:])
		case dnsPort:
			r.dns(binary.BigEndian.Uint16(u), u[8:])
		}
	}
}

var dhcpNames = map[byte]string{1: "discover", 3: "request", 4: "decline", 7: "release"}

func (r *router) dhcp(ip, m []byte) {
	opts := map[byte][]byte{}
	for o := m[240:]; len(o) > 1 && o[0] != 255; {
		if o[0] == 0 {
			o = o[1:]
			continue
		}
		opts[o[0]] = o[2 : 2+o[1]]
		o = o[2+o[1]:]
	}
	kind := opts[53][0]
	to := "everybody"
	if ip[19] != 255 {
		to = "the server"
	}
	r.say("%s to %s, %d bytes, from %d.%d.%d.%d", dhcpNames[kind], to, len(m), ip[12], ip[13], ip[14], ip[15])
	if r.deaf || kind != dhcpDiscover && kind != dhcpRequest {
		return
	}
	a := make([]byte, 240)
	copy(a, m[:44])
	a[0] = 2
	copy(a[16:], []byte{192, 168, 1, 50})
	copy(a[236:], m[236:240])
	reply := byte(dhcpOffer)
	if kind == dhcpRequest {
		reply = dhcpAck
		if r.nak {
			reply = dhcpNak
			r.nak = false
		}
	}
	a = append(a, 53, 1, reply, 54, 4, 192, 168, 1, 1, 1, 4, 255, 255, 255, 0, 3, 4, 192, 168, 1, 1, 6, 8, 192, 168, 1, 1, 192, 168, 1, 1, 51, 4)
	a = binary.BigEndian.AppendUint32(a, r.lease)
	a = append(a, 255)
	r.b.loop.After(10*time.Millisecond, func() { r.udp(fromAddr(deviceAddr), dhcpServerPort, dhcpClientPort, a) })
}

func (r *router) dns(port uint16, q []byte) {
	var labels []string
	at := 12
	for q[at] != 0 {
		labels = append(labels, string(q[at+1:at+1+int(q[at])]))
		at += 1 + int(q[at])
	}
	name := strings.ToLower(strings.Join(labels, "."))
	typ := binary.BigEndian.Uint16(q[at+1:])
	r.say("asked for %s type %d", name, typ)
	if r.mute > 0 {
		r.mute--
		return
	}
	a := append([]byte(nil), q[:at+5]...)
	a[2], a[3] = 0x81, 0x80|r.fails
	if addr, ok := r.names[name]; ok && addr.Is4() == (typ == dnsTypeA) {
		a[7] = 2 // an alias first
		a = append(a, 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12)
		v := addr.AsSlice()
		a = append(a, 0xc0, 12, byte(typ>>8), byte(typ), 0, 1, 0, 0, 0, 60, 0, byte(len(v)))
		a = append(a, v...)
	}
	r.b.loop.After(5*time.Millisecond, func() { r.udp(fromAddr(deviceAddr), dnsPort, port, a) })
}

func dhcpBench(t *testing.T, opt Options, edit func(*router), firmware func(*bench, *freertos.Task)) *router {
	b := &bench{t: t, loop: vtime.New(3), dhcp: true}
	r := &router{b: b, lease: 3600, names: map[string]netip.Addr{}}
	b.peer = r
	if edit != nil {
		edit(r)
	}
	if firmware == nil {
		firmware = func(*bench, *freertos.Task) {}
	}
	b.boot(0, opt, wire.FastEthernet("dev cable"), freertos.DefaultConfig(heap.V5_3_1), firmware)
	return r
}

func TestDHCP(t *testing.T) {
	r := dhcpBench(t, DefaultOptions(), nil, nil)
	require.NoError(t, r.b.loop.Run(100*time.Millisecond))
	require.EqualValues(t, 80, r.b.live()["UDP_PCB"])
	require.False(t, r.b.n.Up())
	require.NoError(t, r.b.loop.Run(10*time.Second))
	require.Equal(t, deviceAddr, r.b.n.Addr(), "two ARP probes of half a second each found nobody")
	require.Equal(t, []string{
		"0.0 discover to everybody, 308 bytes, from 0.0.0.0",
		"0.0 request to everybody, 308 bytes, from 0.0.0.0",
	}, r.log)
	require.Equal(t, [dnsServers]ip4{routerAddr, routerAddr}, r.b.s.c.dns.servers)
	require.Equal(t, routerAddr, r.b.s.c.nif.gw)
	held, _ := r.b.s.Held()
	// Half of the lease later it is renewed, and again.
	r.log = nil
	require.NoError(t, r.b.loop.Run(2*time.Hour))
	require.Len(t, r.log, 4)
	for i, line := range r.log {
		require.True(t, strings.HasSuffix(line, "request to the server, 308 bytes, from 192.168.1.50"), line)
		require.True(t, strings.HasPrefix(line, fmt.Sprint(1801+1800*i)), line)
	}
	after, _ := r.b.s.Held()
	require.Equal(t, held, after)
}

func TestDHCPWithoutServer(t *testing.T) {
	r := dhcpBench(t, DefaultOptions(), func(r *router) { r.deaf = true }, nil)
	require.NoError(t, r.b.loop.Run(20*time.Second))
	var at []string
	for _, l := range r.log {
		at = append(at, strings.Fields(l)[0])
	}
	require.Equal(t, []string{"0.0", "0.5", "1.5", "3.5", "7.5", "11.5", "15.5", "19.5"}, at)
	require.False(t, r.b.n.Up())
}

// The lease runs out while the server is away: the connections end with it.
func TestDHCPLeaseEnds(t *testing.T) {
	r := dhcpBench(t, DefaultOptions(), func(r *router) { r.lease = 100 }, nil)
	require.NoError(t, r.b.loop.Run(10*time.Second))
	require.True(t, r.b.n.Up())
	r.deaf = true
	r.log = nil
	require.NoError(t, r.b.loop.Run(80*time.Second))
	require.True(t, r.b.n.Up())
	require.NoError(t, r.b.loop.Run(20*time.Second))
	require.False(t, r.b.n.Up())
	text := strings.Join(r.log, "\n")
	require.Contains(t, text, "request to the server")
	require.Contains(t, text, "request to everybody")
	require.Contains(t, text, "release to the server")
	require.Contains(t, text, "discover")
	r.deaf = false
	require.NoError(t, r.b.loop.Run(20*time.Second))
	require.True(t, r.b.n.Up())
}

func TestDHCPAddressTaken(t *testing.T) {
	r := dhcpBench(t, DefaultOptions(), func(r *router) { r.taken = true }, nil)
	require.NoError(t, r.b.loop.Run(5*time.Second))
	require.False(t, r.b.n.Up())
	require.Contains(t, r.log[2], "decline to everybody")
	r.taken = false
	require.NoError(t, r.b.loop.Run(10*time.Second))
	require.True(t, r.b.n.Up(), "it asks again ten seconds later")

	opt := DefaultOptions()
	opt.DHCPARPCheck = false
	r = dhcpBench(t, opt, func(r *router) { r.taken, r.nak = true, true }, nil)
	require.NoError(t, r.b.loop.Run(time.Second))
	require.True(t, r.b.n.Up(), "it does not look")
	require.Len(t, r.log, 4, "the first request was refused")
}

func TestDHCPLinkLost(t *testing.T) {
	r := dhcpBench(t, DefaultOptions(), nil, func(b *bench, task *freertos.Task) {
		task.Delay(500)
		b.n.Disconnected(task)
		require.False(t, b.n.Up())
		require.Zero(t, b.live()["UDP_PCB"])
		task.Delay(500)
		b.n.Connected(task)
	})
	require.NoError(t, r.b.loop.Run(20*time.Second))
	require.True(t, r.b.n.Up())
}

func TestGetaddrinfo(t *testing.T) {
	done := false
	r := dhcpBench(t, DefaultOptions(), func(r *router) {
		r.names["plc.example"] = netip.MustParseAddr("192.168.1.7")
		r.names["six.example"] = netip.MustParseAddr("2001:db8::1")
	}, nil)
	r.b.s.k.CreateTask("resolver", 4096, 3, freertos.NoAffinity, func(task *freertos.Task) {
		s := r.b.s
		task.Delay(500)
		base, _ := s.Held()
		ai, err := s.Getaddrinfo(task, "PLC.example", "4840")
		require.NoError(t, err)
		require.Equal(t, "192.168.1.7:4840", ai.Addr.String())
		require.EqualValues(t, 320, r.b.live()["NETDB"])
		s.Freeaddrinfo(ai)
		s.Freeaddrinfo(ai)
		require.Zero(t, r.b.live()["NETDB"])
		n := len(r.log)
		ai, err = s.Getaddrinfo(task, "plc.example", "")
		require.NoError(t, err)
		s.Freeaddrinfo(ai)
		require.Len(t, r.log, n, "it is known for a minute")
		task.Delay(6200)
		ai, err = s.Getaddrinfo(task, "plc.example", "")
		require.NoError(t, err)
		s.Freeaddrinfo(ai)
		require.Len(t, r.log, n+1)

		// Questions that are lost are repeated after 1, 1, 2 and 3 seconds.
		r.log, r.mute = nil, 3
		start := r.b.loop.Now()
		_, err = s.Getaddrinfo(task, "six.example", "")
		require.Equal(t, EAIFail, err, "only IPv6, which is of no use")
		require.InDelta(t, 4, (r.b.loop.Now() - start).Seconds(), 1)
		require.Len(t, r.log, 5, "three lost, the fourth has no IPv4 address, the fifth asks for IPv6")

		r.log, r.fails = nil, 3
		_, err = s.Getaddrinfo(task, "nobody.example", "")
		require.Equal(t, EAIFail, err)
		require.Len(t, r.log, 2, "both servers")
		r.log, r.fails, r.mute = nil, 0, 100
		_, err = s.Getaddrinfo(task, "silent.example", "")
		require.Equal(t, EAIFail, err)
		require.Len(t, r.log, 8, "two servers, four times each")

		for name, want := range map[string]error{"": EAINoName} {
			_, err = s.Getaddrinfo(task, name, "")
			require.Equal(t, want, err)
		}
		_, err = s.Getaddrinfo(task, "plc.example", "opc")
		require.True(t, errors.Is(err, EAIService))
		task.Delay(7000)
		after, _ := s.Held()
		require.Equal(t, base+4+84+4+12, after, "but for the semaphore of this task: %v", r.b.live())
		done = true
	})
	require.NoError(t, r.b.loop.Run(10*time.Minute))
	require.True(t, done)
}

// Messages from a server that means no good.
func FuzzDHCPAndDNS(f *testing.F) {
	f.Add([]byte{53, 1, 2, 54, 4, 192, 168, 1, 1, 255}, true)
	f.Add([]byte{1, 2, 3}, false)
	f.Fuzz(func(t *testing.T, data []byte, isDHCP bool) {
		r := newRig(t, DefaultOptions(), 1)
		c := r.c
		c.nif.linkOutput = func([]byte) Err { return ErrOK }
		c.nif.ip = 0
		if isDHCP {
			c.nif.dhcp.start()
			m := make([]byte, 240)
			m[0] = 2
			copy(m[28:], c.nif.hw[:])
			binary.BigEndian.PutUint32(m[4:], c.nif.dhcp.xid)
			m = append(m, data...)
			for range 3 {
				r.datagram(67, 68, m)
				r.advance(3000)
			}
			c.nif.dhcp.stop()
			r.advance(30000)
		} else {
			c.nif.ip = rigServer
			c.dns.servers[0] = rigPeer
			c.gethostbyname("name.example", true, func(ip4, bool) {})
			for i := range c.dns.table {
				if e := &c.dns.table[i]; e.state == dnsAsking {
					m := []byte{byte(e.txid >> 8), byte(e.txid), 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0, 4, 'n', 'a', 'm', 'e', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1}
					r.datagram(53, c.dns.pcbs[e.pcb].localPort, append(m, data...))
				}
			}
			r.skip(1000_000_000)
		}
		r.check()
		require.Zero(t, r.live)
	})
}
