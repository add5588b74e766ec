package wire

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func dhcpMessage(opts ...byte) []byte {
	m := make([]byte, dhcpFixed)
	copy(m, []byte{1, 1, 6, 0, 0xca, 0xfe, 0xba, 0xbe})
	copy(m[28:], []byte{2, 0, 0, 0, 0, 5})
	return append(append(m, 0x63, 0x82, 0x53, 0x63), opts...)
}

func dhcpServer() *DHCPConfig {
	return &DHCPConfig{Lease: 100 * time.Second, Router: netip.MustParseAddr("10.0.0.1"), Assign: func(client MAC) (netip.Prefix, bool) {
		return netip.MustParsePrefix("10.0.0.50/24"), client[5] == 5
	}}
}

func TestDHCPReplies(t *testing.T) {
	server := netip.MustParseAddr("10.0.0.1")
	other := dhcpMessage(optType, 1, dhcpDiscover, optEnd)
	other[33] = 6
	renew := dhcpMessage(optType, 1, dhcpRequest)
	copy(renew[12:], []byte{10, 0, 0, 50})
	for name, c := range map[string]struct {
		m    []byte
		want byte // 0: no answer
	}{
		"discover":                        {dhcpMessage(optType, 1, dhcpDiscover, optEnd), dhcpOffer},
		"discover of a stranger":          {other, 0},
		"request":                         {dhcpMessage(0, optType, 1, dhcpRequest, optServer, 4, 10, 0, 0, 1, optRequested, 4, 10, 0, 0, 50, optEnd), dhcpAck},
		"request of another address":      {dhcpMessage(optType, 1, dhcpRequest, optRequested, 4, 10, 0, 0, 51, optEnd), dhcpNak},
		"request to another server":       {dhcpMessage(optType, 1, dhcpRequest, optServer, 4, 10, 0, 0, 9, optEnd), 0},
		"renewal":                         {renew, dhcpAck},
		"release":                         {dhcpMessage(optType, 1, 7, optEnd), 0},
		"no type":                         {dhcpMessage(optEnd), 0},
		"an option that is cut off":       {dhcpMessage(optType, 9, dhcpDiscover), 0},
		"a reply":                         {append([]byte{2}, dhcpMessage(optType, 1, dhcpDiscover)[1:]...), 0},
		"too short":                       {dhcpMessage(optType, 1, dhcpDiscover)[:200], 0},
		"no magic number after the fixed": {append(dhcpMessage()[:dhcpFixed], 1, 2, 3, 4), 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := dhcpServer().reply(c.m, server)
			if c.want == 0 {
				require.Nil(t, r)
				return
			}
			require.GreaterOrEqual(t, len(r), 300)
			require.Equal(t, c.m[4:8], r[4:8], "transaction")
			opts := dhcpOptions(r[dhcpFixed+4:])
			require.Equal(t, []byte{c.want}, opts[optType])
			require.Equal(t, []byte{10, 0, 0, 1}, opts[optServer])
			if c.want == dhcpNak {
				require.Nil(t, opts[optLease])
				return
			}
			require.Equal(t, []byte{10, 0, 0, 50}, r[16:20])
			require.Equal(t, []byte{255, 255, 255, 0}, opts[optMask])
			require.Equal(t, []byte{0, 0, 0, 100}, opts[optLease])
			require.Equal(t, []byte{10, 0, 0, 1}, opts[optRouter])
			require.Nil(t, opts[optDNS])
		})
	}
}

func FuzzDHCPServer(f *testing.F) {
	f.Add(dhcpMessage(optType, 1, dhcpRequest, optRequested, 4, 10, 0, 0, 50, optEnd))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, m []byte) {
		if r := dhcpServer().reply(m, netip.MustParseAddr("10.0.0.1")); r != nil && (r[0] != 2 || len(r) < 300) {
			t.Fatalf("% x", r)
		}
	})
}
