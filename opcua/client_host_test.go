package opcua

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// clientNetwork is two hosts on a cable, the scripted server on the first.
func clientNetwork(t *testing.T, l *vtime.Loop) (*clientPeer, *wire.Host, *wire.Cable) {
	t.Helper()
	cable, err := wire.NewCable(l, wire.FastEthernet("cable"))
	require.NoError(t, err)
	var hosts []*wire.Host
	for i, name := range []string{"server", "client"} {
		h, err := wire.NewHost(l, wire.HostConfig{Name: name, Address: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), 24)})
		require.NoError(t, err)
		require.NoError(t, h.Connect(cable))
		hosts = append(hosts, h)
	}
	s := newClientPeer(l)
	listener, err := hosts[0].Listen(4840, 8)
	require.NoError(t, err)
	hosts[0].Go("accept", func(p *vtime.Proc) {
		for {
			conn, err := listener.Accept(p, 0)
			if err != nil {
				return
			}
			c := &clientPeerConn{s: s, conn: conn}
			s.conns = append(s.conns, c)
			hosts[0].Go(fmt.Sprintf("conn %d", len(s.conns)), c.serve)
		}
	})
	return s, hosts[1], cable
}

// A whole life over a simulated network, with each way to leave: what the
// server's TCP sees is what was meant.
func TestClientOnHost(t *testing.T) {
	for how, sees := range map[Leaving]string{LeaveClose: "CloseSecureChannel", LeaveFIN: "end: EOF", LeaveRST: "connection reset by peer", LeaveVanish: "CreateMonitoredItems"} {
		t.Run(how.String(), func(t *testing.T) {
			l := vtime.New(1)
			defer l.Close()
			s, host, _ := clientNetwork(t, l)
			s.values = false
			cfg := clientSubscribed("i=2258")
			cfg.Subscription.PublishingInterval = time.Hour // no traffic at the end
			r, err := Populate(l, []ClientTransport{OnHost(host)}, Population{N: 1, Life: ClientLife{Config: cfg, Stay: 10 * time.Second, Leave: how}})
			require.NoError(t, err)
			require.NoError(t, l.Run(20*time.Second))
			require.NoError(t, r[0].Err)
			require.True(t, r[0].OK())
			require.Contains(t, s.log[len(s.log)-1], sees)
		})
	}
}

// The errors of a network, in the client's words.
func TestClientOnHostErrors(t *testing.T) {
	dial := func(t *testing.T, addr string, timeout time.Duration, before func(*wire.Cable)) error {
		l := vtime.New(1)
		defer l.Close()
		_, host, cable := clientNetwork(t, l)
		before(cable)
		var err error
		host.Go("dial", func(p *vtime.Proc) {
			cfg := ClientConfig{Address: addr, ConnectTimeout: timeout}
			_, err = Dial(p, OnHost(host), cfg)
		})
		require.NoError(t, l.Run(time.Hour))
		return err
	}
	nothing := func(*wire.Cable) {}
	require.ErrorContains(t, dial(t, "10.0.0.1:4841", 0, nothing), "TCP connect 10.0.0.1:4841: no connection: connection refused at ")
	require.ErrorContains(t, dial(t, "10.0.0.9:4840", 0, nothing), "TCP connect 10.0.0.9:4840: no connection (nobody answers ARP): no route to host at 3s")
	require.EqualError(t, dial(t, "10.0.0.1:4840", 2*time.Second, (*wire.Cable).Pull), "TCP connect 10.0.0.1:4840: timed out (nobody answers ARP) at 2s")
	require.ErrorContains(t, dial(t, "localhost:4840", 0, nothing), "expected an IPv4 address with a port")
}

// A pulled cable: UaExpert notices by its watchdog and is back when the cable is;
// gopcua notices by the probes of TCP.
func TestClientOnHostPulledCable(t *testing.T) {
	for name, cfg := range map[string]ClientConfig{"UaExpert": UaExpert(), "Gopcua": Gopcua()} {
		t.Run(name, func(t *testing.T) {
			l := vtime.New(1)
			defer l.Close()
			s, host, cable := clientNetwork(t, l)
			s.values = false
			cfg.Address = "10.0.0.1:4840"
			l.After(time.Minute, cable.Pull)
			l.After(10*time.Minute, cable.Plug)
			r, err := Populate(l, []ClientTransport{OnHost(host)}, Population{N: 1, Life: ClientLife{Config: cfg, Stay: 15 * time.Minute}})
			require.NoError(t, err)
			require.NoError(t, l.Run(20*time.Minute))
			require.NoError(t, r[0].Err)
			require.Equal(t, uint64(1), r[0].Stats.Losses)
			require.Equal(t, uint64(1), r[0].Stats.Reactivations)
			require.NotZero(t, r[0].Stats.Attempts)
		})
	}
}
