package live_test

import (
	"context"
	"testing"
	"time"

	gopcua "github.com/gopcua/opcua"
	"github.com/gopcua/opcua/id"
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

// faster lets four seconds pass in one: what a client waits for is mostly the
// server's loop, which looks for requests ten times a second.
func faster(c *live.Config) { c.Speed = 4 }

// connect connects gopcua's client.
func connect(t testing.TB, ctx context.Context, s *live.Server, opts ...gopcua.Option) *gopcua.Client {
	opts = append([]gopcua.Option{
		gopcua.SecurityMode(ua.MessageSecurityModeNone), gopcua.AutoReconnect(false), gopcua.DialTimeout(patience), gopcua.RequestTimeout(patience),
	}, opts...)
	c, err := gopcua.NewClient(s.URL(), opts...)
	require.NoError(t, err)
	require.NoError(t, c.Connect(ctx))
	return c
}

// leave lets a client end that nobody answers any more.
func leave(c *gopcua.Client) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = c.Close(ctx)
}

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	return ctx
}

var (
	temperature = ua.MustParseNodeID("ns=1;s=temperature")
	relay       = ua.MustParseNodeID("ns=1;s=Control Relay number 0.")
)

func read(t testing.TB, ctx context.Context, c *gopcua.Client, node *ua.NodeID) any {
	t.Helper()
	v, err := c.Node(node).Value(ctx)
	require.NoError(t, err)
	return v.Value()
}

// subscribe returns once the first value has come.
func subscribe(t testing.TB, ctx context.Context, c *gopcua.Client) {
	t.Helper()
	notes := make(chan *gopcua.PublishNotificationData, 100)
	sub, err := c.Subscribe(ctx, &gopcua.SubscriptionParameters{Interval: 200 * time.Millisecond}, notes)
	require.NoError(t, err)
	res, err := sub.Monitor(ctx, ua.TimestampsToReturnBoth, gopcua.NewMonitoredItemCreateRequestWithDefaults(temperature, ua.AttributeIDValue, 7))
	require.NoError(t, err)
	require.Equal(t, ua.StatusOK, res.Results[0].StatusCode)
	for {
		select {
		case n := <-notes:
			require.NoError(t, n.Error)
			if d, ok := n.Value.(*ua.DataChangeNotification); ok {
				require.EqualValues(t, 7, d.MonitoredItems[0].ClientHandle)
				require.IsType(t, float32(0), d.MonitoredItems[0].Value.Value.Value())
				return
			}
		case <-ctx.Done():
			require.FailNow(t, "no notification came")
		}
	}
}

// gopcua's client connects, browses, reads, writes and subscribes; after its cable
// was pulled the device holds its memory until its timers end, and takes new
// clients when the cable is back.
func TestGopcuaSession(t *testing.T) {
	t.Parallel()
	s := start(t, faster)
	ctx := testContext(t)

	endpoints, err := gopcua.GetEndpoints(ctx, s.URL())
	require.NoError(t, err)
	require.NotEmpty(t, endpoints)
	for _, e := range endpoints {
		require.Equal(t, s.URL(), e.EndpointURL, "an address that works for the client")
	}

	c := connect(t, ctx, s, gopcua.SessionTimeout(2*time.Minute))
	refs, err := c.Node(ua.NewNumericNodeID(0, id.ObjectsFolder)).Children(ctx, id.HierarchicalReferences, ua.NodeClassVariable)
	require.NoError(t, err)
	names := []string{}
	for _, r := range refs {
		names = append(names, r.ID.String())
	}
	require.Contains(t, names, temperature.String())
	require.IsType(t, float32(0), read(t, ctx, c, temperature))
	require.Equal(t, false, read(t, ctx, c, relay))
	res, err := c.Write(ctx, &ua.WriteRequest{NodesToWrite: []*ua.WriteValue{{
		NodeID: relay, AttributeID: ua.AttributeIDValue, Value: &ua.DataValue{EncodingMask: ua.DataValueValue, Value: ua.MustVariant(true)},
	}}})
	require.NoError(t, err)
	require.Equal(t, []ua.StatusCode{ua.StatusOK}, res.Results)
	subscribe(t, ctx, c)

	st := stats(t, s)
	require.Equal(t, &live.ServerStats{Connections: 1, Channels: 1, Sessions: 1, Subscriptions: 1}, st.Server)
	require.Positive(t, held(st, "session"))

	require.NoError(t, s.Pull())
	leave(c)
	eventually(t, "the real connection has ended", func() bool { return len(stats(t, s).Connections) <= 1 })
	st = stats(t, s)
	require.Less(t, st.Free, st.ReadyFree, "the device was told nothing")
	require.Equal(t, 1, st.Server.Sessions)
	require.NotEmpty(t, st.Pending)

	require.NoError(t, s.SetSpeed(2000))
	eventually(t, "the device's timers have given all memory back", func() bool {
		st := stats(t, s)
		return returned(st) && *st.Server == live.ServerStats{}
	})
	require.NoError(t, s.SetSpeed(4))

	require.NoError(t, s.Plug())
	c = connect(t, ctx, s)
	require.IsType(t, float32(0), read(t, ctx, c, temperature))
	require.NoError(t, c.Close(ctx))
}

// gopcua's client and its subscription: a cable that was out for a moment changes
// nothing. If the connection is reset, the client takes its session back, but sends no
// Publish request any more: that is how gopcua v0.9.0 deals with a server that still
// has the session (client.go, monitor: only subscriptions that were transferred or made
// anew are resumed), not the device, which goes on as soon as the program subscribes
// again.
func TestGopcuaSubscription(t *testing.T) {
	t.Parallel()
	s := start(t, faster)
	ctx := testContext(t)
	c := connect(t, ctx, s, gopcua.AutoReconnect(true), gopcua.ReconnectInterval(50*time.Millisecond))
	notes := make(chan *gopcua.PublishNotificationData, 10_000)
	subscription := func(handle uint32) {
		sub, err := c.Subscribe(ctx, &gopcua.SubscriptionParameters{Interval: 200 * time.Millisecond}, notes)
		require.NoError(t, err)
		_, err = sub.Monitor(ctx, ua.TimestampsToReturnBoth, gopcua.NewMonitoredItemCreateRequestWithDefaults(temperature, ua.AttributeIDValue, handle))
		require.NoError(t, err)
	}
	// notified waits until a value has come for each of the handles.
	notified := func(handles ...uint32) {
		t.Helper()
		left := map[uint32]bool{}
		for _, h := range handles {
			left[h] = true
		}
		for len(left) > 0 {
			select {
			case n := <-notes:
				if d, ok := n.Value.(*ua.DataChangeNotification); ok {
					delete(left, d.MonitoredItems[0].ClientHandle)
				}
			case <-ctx.Done():
				require.Fail(t, "no notification comes", "%v", handles)
			}
		}
	}
	forget := func() {
		for len(notes) > 0 {
			<-notes
		}
	}
	pass := func(d time.Duration) {
		at, err := s.Now()
		require.NoError(t, err)
		eventually(t, "time passes", func() bool { now, _ := s.Now(); return now > at+d })
	}
	subscription(1)
	notified(1)

	require.NoError(t, s.Pull())
	pass(time.Second)
	forget()
	require.NoError(t, s.Plug())
	notified(1)
	require.Equal(t, 1, stats(t, s).Accepted, "it is the same connection")

	_, err := s.Kill(0)
	require.NoError(t, err)
	eventually(t, "the client has connected anew", func() bool { return stats(t, s).Accepted >= 2 && c.State() == gopcua.Connected })
	require.IsType(t, float32(0), read(t, ctx, c, temperature))
	forget()
	pass(2 * time.Second)
	require.Empty(t, notes, "gopcua does not publish")
	require.Equal(t, 1, stats(t, s).Server.Subscriptions, "the device has it still")
	subscription(2)
	notified(1, 2)

	require.NoError(t, c.Close(ctx))
}

// A cable that was out for a moment is mended by TCP on both sides; a client whose
// connection was reset connects anew by itself.
func TestGopcuaReconnects(t *testing.T) {
	t.Parallel()
	s := start(t, faster)
	ctx := testContext(t)
	c := connect(t, ctx, s, gopcua.AutoReconnect(true), gopcua.ReconnectInterval(50*time.Millisecond))
	subscribe(t, ctx, c)
	require.NoError(t, s.Pull())
	at, err := s.Now()
	require.NoError(t, err)
	eventually(t, "a second with a pulled cable", func() bool { now, _ := s.Now(); return now > at+time.Second })
	require.NoError(t, s.Plug())
	require.IsType(t, float32(0), read(t, ctx, c, temperature))
	require.Equal(t, 1, stats(t, s).Accepted, "it is the same connection")

	n, err := s.Kill(0)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	eventually(t, "the client has connected anew", func() bool {
		return stats(t, s).Accepted >= 2 && c.State() == gopcua.Connected
	})
	require.IsType(t, float32(0), read(t, ctx, c, temperature))
	require.NoError(t, c.Close(ctx))
}
