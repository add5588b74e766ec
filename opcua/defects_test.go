package opcua

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// with returns a change of a configuration that sets defects.
func with(change func(*Defects)) func(*ServerConfig) {
	return func(c *ServerConfig) { change(&c.Defects) }
}

// released runs a test with the version as it is, and without the defect.
func released(t *testing.T, absent func(*Defects), test func(*testing.T, *rig, bool)) {
	t.Run("released", func(t *testing.T) { test(t, newRig(t, nil), true) })
	t.Run("absent", func(t *testing.T) { test(t, newRig(t, with(absent)), false) })
}

func (r *rig) turns(n int, ms int64) {
	for range n {
		require.True(r.t, r.turn(ms))
	}
}

func TestDefectsOfVersions(t *testing.T) {
	var none Defects
	require.Equal(t, behaviour{helloOnlyCut: true, requestsOutliveChannel: true, shellsStay: true, nullWrite: true, sendSpins: true,
		endpointsLeak: true, channelsPurged: true, newestDropped: true, userNameLeak: true, itemsStayCounted: true, copiesLeak: true, noHelloCut: true}, none.of(V1_2_RC1))
	require.False(t, none.of(V1_3_20).requestsOutliveChannel)
	require.False(t, none.of(V1_0_3).endpointsLeak)
	require.True(t, (&Defects{NullWrite: DefectPresent}).of(V1_3_20).nullWrite)
	require.Equal(t, "as released present absent", DefectAsReleased.String()+" "+DefectPresent.String()+" "+DefectAbsent.String())
}

func TestHelloOnlyCut(t *testing.T) {
	released(t, func(d *Defects) { d.HelloOnlyCut = DefectAbsent }, func(t *testing.T, r *rig, present bool) {
		require.True(t, r.connect() && r.send(helloBytes()))
		r.turns(110, 100)
		require.Equal(t, present, len(r.server.channels) == 0)
		r.turns(24*60, 60_000)
		require.Equal(t, present, len(r.server.network.connections) == 0)
	})
}

func TestNoHelloCut(t *testing.T) {
	released(t, func(d *Defects) { d.NoHelloCut = DefectAbsent }, func(t *testing.T, r *rig, present bool) {
		require.True(t, r.connect())
		r.turns(1199, 100)
		require.Len(t, r.server.network.connections, 1)
		r.turns(24*60, 60_000)
		require.Equal(t, present, len(r.server.network.connections) == 0)
	})
}

// A message of intermediate chunks that never ends is kept without a limit, unless the
// buffers have one.
func TestUnfinishedChunks(t *testing.T) {
	for _, limit := range []uint32{0, 4} {
		r := newRig(t, func(c *ServerConfig) { c.Buffers.MaxChunks = limit })
		b := newBench(r, true)
		before := r.memory.count.bytes
		for range 8 {
			require.True(t, b.chunk(typeMSG|chunkIntermediate, 1, make([]byte, 8000)))
			if len(r.server.network.connections) == 0 {
				break
			}
		}
		if limit == 0 {
			require.Greater(t, r.memory.count.bytes-before, int64(8*8000))
		} else {
			require.Less(t, r.memory.count.bytes-before, int64(5*8100))
		}
		require.True(t, r.hangUp())
		r.requireBaseline()
	}
}

// subscribed is a client with a subscription and some publish requests that wait.
func subscribed(r *rig, requests int) *bench {
	b := newBench(r, true)
	q := uatypes.CreateSubscriptionRequest{RequestedPublishingInterval: 500, RequestedLifetimeCount: 10, RequestedMaxKeepAliveCount: 3, PublishingEnabled: true}
	require.True(r.t, b.request(uatypes.TypeCreateSubscriptionRequest.Encoding, encoded(&q)[len(encoded(&q.RequestHeader)):]))
	for range requests {
		p := uatypes.PublishRequest{}
		require.True(r.t, b.request(uatypes.TypePublishRequest.Encoding, encoded(&p)[len(encoded(&p.RequestHeader)):]))
	}
	return b
}

func TestRequestsOutliveChannel(t *testing.T) {
	released(t, func(d *Defects) { d.RequestsOutliveChannel, d.ShellsStay = DefectAbsent, DefectAbsent }, func(t *testing.T, r *rig, present bool) {
		subscribed(r, 20)
		r.tape.load([]input{{kind: "fin", conn: 1}})
		r.turns(250, 100) // housekeeping, then more than the lifetime of 10 x 500 ms
		require.Equal(t, 1, r.server.Counts().Sessions)
		require.Equal(t, present, r.server.Counts().Subscriptions == 1)
	})
}

func TestShellsStay(t *testing.T) {
	released(t, func(d *Defects) { d.ShellsStay = DefectAbsent }, func(t *testing.T, r *rig, present bool) {
		subscribed(r, 0)
		r.turns(100, 100)
		require.Equal(t, present, r.server.Counts().Subscriptions == 1)
	})
}

func TestNullWrite(t *testing.T) {
	released(t, func(d *Defects) { d.NullWrite = DefectAbsent }, func(t *testing.T, r *rig, present bool) {
		r.server.Limits()
		r.server.cfg.Variables = nil
		n := r.server.has
		r.memory.fail = func(size uint32) bool { return size == r.server.rel.sizes.notification }
		defer func() {
			x := recover()
			require.Equal(t, present, x != nil)
		}()
		got := r.server.newNotification(&monitoredItem{})
		require.False(t, n.nullWrite)
		require.Nil(t, got)
	})
}

func TestSendSpins(t *testing.T) {
	released(t, func(d *Defects) { d.SendSpins = DefectAbsent }, func(t *testing.T, r *rig, present bool) {
		b := newBench(r, true)
		require.NoError(t, r.tape.vanish(1, 10))
		q := uatypes.GetEndpointsRequest{}
		b.request(uatypes.TypeGetEndpointsRequest.Encoding, encoded(&q)[len(encoded(&q.RequestHeader)):])
		require.Equal(t, present, r.tape.conns[1].refused > giveUp)
		require.True(t, r.hangUp())
		r.requireBaseline()
	})
}

func TestEndpointsLeak(t *testing.T) {
	released(t, func(d *Defects) { d.EndpointsLeak = DefectAbsent }, func(t *testing.T, r *rig, present bool) {
		b := newBench(r, false)
		before := r.memory.count.bytes
		r.memory.fail = func(size uint32) bool { return size == 65 } // the transport profile
		q := uatypes.GetEndpointsRequest{}
		require.True(t, b.request(uatypes.TypeGetEndpointsRequest.Encoding, encoded(&q)[len(encoded(&q.RequestHeader)):]))
		require.Equal(t, present, r.memory.count.bytes > before)
	})
}

// With either of the two switches alone GetEndpoints still forgets something.
func TestCopiesLeak(t *testing.T) {
	released(t, func(d *Defects) { d.CopiesLeak = DefectAbsent }, func(t *testing.T, r *rig, present bool) {
		b := newBench(r, false)
		limits := r.server.Limits()
		limits.MaxSessionTimeout = 1000
		r.server.SetLimits(limits)
		before := r.memory.count
		q := uatypes.CreateSessionRequest{EndpointURL: uatypes.Const("opc.tcp://opcua-esp32:4840"), RequestedSessionTimeout: 1000}
		body := encoded(&q)[len(encoded(&q.RequestHeader)):]
		r.memory.fail = func(size uint32) bool { return size == 22 } // the application URI in the endpoint
		require.True(t, b.request(uatypes.TypeCreateSessionRequest.Encoding, body))
		r.turns(2, 100)
		left := r.memory.count
		if present {
			require.Equal(t, []int64{98, 3}, []int64{left.bytes - before.bytes, left.blocks - before.blocks}, "as recorded")
		} else {
			require.Equal(t, before.bytes, left.bytes)
		}
	})
	r := newRig(t, with(func(d *Defects) { d.CopiesLeak, d.EndpointsLeak = DefectAbsent, DefectAbsent }))
	b := newBench(r, false)
	before := r.memory.count.bytes
	q := uatypes.GetEndpointsRequest{}
	for n := range 12 {
		count := 0
		r.memory.fail = func(size uint32) bool { count++; return count == 5+n }
		b.request(uatypes.TypeGetEndpointsRequest.Encoding, encoded(&q)[len(encoded(&q.RequestHeader)):])
		require.Equal(t, before, r.memory.count.bytes, "failure of allocation %d", 5+n)
	}
}

func TestChannelsPurged(t *testing.T) {
	released(t, func(d *Defects) { d.ChannelsPurged = DefectAbsent }, func(t *testing.T, r *rig, present bool) {
		l := r.server.Limits()
		l.MaxSecureChannels = 1
		r.server.SetLimits(l)
		require.True(t, r.connect() && r.send(helloBytes()))
		require.True(t, r.connect() && r.send(helloBytes()))
		if present {
			require.Equal(t, "ACK", describe(r.sent))
		} else {
			require.Equal(t, "ERR BadOutOfMemory", describe(r.sent))
		}
	})
}

func TestNewestDropped(t *testing.T) {
	released(t, func(d *Defects) { d.NewestDropped = DefectAbsent }, func(t *testing.T, r *rig, present bool) {
		subscribed(r, 0)
		sub := r.server.subscriptions[0]
		for n := range maxRetransmissionQueue + 1 {
			k := &retransmission{}
			k.message.SequenceNumber = uint32(n + 1)
			r.server.keep(sub, k)
		}
		require.Equal(t, present, sub.retransmission[0].message.SequenceNumber == 1)
		require.Equal(t, uint32(maxRetransmissionQueue+1), sub.retransmission[maxRetransmissionQueue-1].message.SequenceNumber)
	})
}

func TestUserNameLeak(t *testing.T) {
	released(t, func(d *Defects) { d.UserNameLeak = DefectAbsent }, func(t *testing.T, r *rig, present bool) {
		b := newBench(r, true)
		token := uatypes.UserNameIdentityToken{PolicyID: uatypes.Const(usernamePolicy), UserName: uatypes.Const("user1"), Password: uatypes.Const("password")}
		a := uatypes.ActivateSessionRequest{UserIdentityToken: uatypes.Wrap(uatypes.TypeUserNameIdentityToken, uatypes.Static, token)}
		body := encoded(&a)[len(encoded(&a.RequestHeader)):]
		require.True(t, b.request(uatypes.TypeActivateSessionRequest.Encoding, body))
		once := r.memory.count.bytes
		require.True(t, b.request(uatypes.TypeActivateSessionRequest.Encoding, body))
		require.Equal(t, "Good", describe(r.sent[len(r.sent)-96:]))
		require.Equal(t, present, r.memory.count.bytes > once)
	})
}

func TestItemsStayCounted(t *testing.T) {
	released(t, func(d *Defects) { d.ItemsStayCounted = DefectAbsent }, func(t *testing.T, r *rig, present bool) {
		b := subscribed(r, 0)
		q := uatypes.CreateMonitoredItemsRequest{SubscriptionID: 1, ItemsToCreate: uatypes.Array[uatypes.MonitoredItemCreateRequest]{P: uatypes.Static,
			V: []uatypes.MonitoredItemCreateRequest{{ItemToMonitor: uatypes.ReadValueID{NodeID: uatypes.Numeric(0, 2258), AttributeID: attributeValue}, MonitoringMode: monitoringReporting}}}}
		require.True(t, b.request(uatypes.TypeCreateMonitoredItemsRequest.Encoding, encoded(&q)[len(encoded(&q.RequestHeader)):]))
		sub := r.server.subscriptions[0]
		require.Len(t, sub.items, 1)
		r.server.deleteItem(sub.items[0])
		require.Equal(t, present, sub.itemCount == 1)
	})
}

// TestTimeBases sets the clock an hour forward: only deadlines that are compared with
// the wall clock notice. With the wall clock on one side nothing ever ends.
func TestTimeBases(t *testing.T) {
	for base, left := range map[TimeBase][2]int{AsReleased: {1, 0}, Monotonic: {1, 0}, WallClock: {1, 1}, OnlyWallClock: {0, 0}} {
		t.Run(base.String(), func(t *testing.T) {
			r := newRig(t, func(c *ServerConfig) { c.SessionTimeBase = base })
			newBench(r, true)
			r.clock.offset += 3_600_000 * ticksPerMillisecond
			r.turns(110, 100)
			require.Equal(t, left[0], r.server.Counts().Sessions)
			r.turns(200, 1000)
			require.Equal(t, left[1], r.server.Counts().Sessions)
		})
	}
}

func TestTickWrap(t *testing.T) {
	for _, wide := range []bool{false, true} {
		n := uint32(0xffffffff - 100)
		c := &deviceClock{ticks: func() uint32 { return n }, hz: 100, wide: wide, set: 1 << 62, wall: 1}
		before := c.Monotonic()
		n += 200
		require.Equal(t, wide, c.Monotonic() == before+2_000*ticksPerMillisecond)
		require.Equal(t, c.Monotonic()+unixEpoch, c.Now())
		c.set = 0
		require.Equal(t, c.Monotonic()+1, c.Now())
	}
	// What was due waits until the clock is there again: a session that ended stays.
	r := newRig(t, nil)
	newBench(r, true)
	r.clock.now += (1<<32 - 200) * 10 * ticksPerMillisecond
	r.turns(1, 100)
	require.Equal(t, 0, r.server.Counts().Sessions)
	newBench(r, false)
	r.clock.now -= 1 << 32 * 10 * ticksPerMillisecond
	r.turns(24*60, 60_000)
	require.Equal(t, 1, r.server.Counts().Channels)
}
