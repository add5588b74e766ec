package live_test

import (
	"context"
	"testing"
	"time"

	gopcua "github.com/gopcua/opcua"
	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/live"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
)

// start boots a device with the OPC UA firmware on a port of the system's choice.
func start(t testing.TB, change func(*live.Config)) *live.Server {
	cfg := live.Config{Listen: "127.0.0.1:0", Device: sim.DeviceConfig{Firmware: opcua.Firmware{}}, Seed: 1}
	if change != nil {
		change(&cfg)
	}
	s, err := live.Start(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func connect(t testing.TB, ctx context.Context, s *live.Server, opts ...gopcua.Option) *gopcua.Client {
	c, err := gopcua.NewClient(s.URL(), append([]gopcua.Option{gopcua.SecurityMode(ua.MessageSecurityModeNone), gopcua.AutoReconnect(false)}, opts...)...)
	require.NoError(t, err)
	require.NoError(t, c.Connect(ctx))
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

func TestGopcuaReads(t *testing.T) {
	s := start(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := connect(t, ctx, s)
	v, err := c.Node(ua.MustParseNodeID("ns=1;s=temperature")).Value(ctx)
	require.NoError(t, err)
	require.IsType(t, float32(0), v.Value())
}
