package opcua

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// rig is a server on a bench: an allocator that counts, sockets without a network
// and a clock that a test moves.
type rig struct {
	t      testing.TB
	server *Server
	memory *ledger
	tape   *tape
	clock  testClock
	sent   []byte // by the server on the connection
	last   int    // connection made last
	base   tally
}

func newRig(t testing.TB, change func(*ServerConfig)) *rig {
	r := &rig{t: t, memory: newLedger(nil)}
	r.clock = testClock{now: 8000 * ticksPerMillisecond, offset: 133_444_735_920_000_000}
	r.tape = &tape{max: 10, first: 54, fds: map[int]*peer{}, conns: map[int]*peer{}, note: func(h happened) {
		if h.net == "tx" && h.conn == r.last {
			r.sent = append(r.sent, h.bytes...)
		}
	}}
	cfg := DefaultServerConfig()
	cfg.Variables = []Variable{{NodeID: "ns=1;s=temperature", BrowseName: "1:Ambient Temperature", DisplayName: "Temperature", Locale: "en-US", Initial: float32(20)}}
	cfg.Memory, cfg.Sockets, cfg.Clock = r.memory, r.tape, &r.clock
	if change != nil {
		change(&cfg)
	}
	var err error
	r.server, err = NewServer(cfg)
	require.NoError(t, err)
	r.base = r.memory.count
	return r
}

// turn moves the clock and runs a turn. It reports whether the server lives.
func (r *rig) turn(ms int64) bool {
	r.clock.now += ms * ticksPerMillisecond
	err := r.server.RunIterate()
	var crash *CrashError
	if err != nil && !errors.As(err, &crash) {
		r.t.Fatal(err)
	}
	return err == nil
}

// connect makes a new connection.
func (r *rig) connect() bool {
	r.last++
	r.sent = nil
	r.tape.load([]input{{kind: "accept", conn: r.last}})
	return r.turn(100)
}

// send gives bytes to the server and runs a turn.
func (r *rig) send(b []byte) bool {
	r.tape.load([]input{{kind: "rx", conn: r.last, bytes: b}})
	for {
		if !r.turn(100) {
			return false
		}
		if p := r.tape.conns[r.last]; len(p.rx) == 0 || r.tape.fds[p.fd] != p {
			return true
		}
	}
}

// hangUp closes the connection and waits for an hour and a quarter.
func (r *rig) hangUp() bool {
	r.tape.load([]input{{kind: "fin", conn: r.last}})
	for range 4500 {
		if !r.turn(1000) {
			return false
		}
	}
	return true
}

// requireBaseline expects that the server holds what it held after its start.
func (r *rig) requireBaseline() {
	r.t.Helper()
	require.Equal(r.t, Counts{}, r.server.Counts())
	require.Equal(r.t, [2]int64{r.base.bytes, r.base.blocks}, [2]int64{r.memory.count.bytes, r.memory.count.blocks}, "live bytes and blocks")
}

// encoded returns the encoding of values one after the other.
func encoded(values ...uatypes.Value) []byte {
	var b []byte
	for _, v := range values {
		part := make([]byte, uatypes.Length(v))
		e := uatypes.Encoder{Buf: part, End: len(part)}
		if e.Encode(v) != uatypes.Good {
			panic("a value that cannot be encoded")
		}
		b = append(b, part...)
	}
	return b
}

// hello is a HEL message.
func helloBytes() []byte {
	h := helloMessage{acknowledgeMessage: acknowledgeMessage{ReceiveBufferSize: 65535, SendBufferSize: 65535}, EndpointURL: uatypes.Const("opc.tcp://opcua-esp32:4840/")}
	body := encoded(&h)
	return append(encoded(&messageHeader{Type: typeHEL | chunkFinal, Size: uint32(headerLength + len(body))}), body...)
}

// opener is an OPN message that asks for a channel.
func openBytes(sequence uint32) []byte {
	id := uatypes.Numeric(0, uatypes.TypeOpenSecureChannelRequest.Encoding)
	policy := policyNone().uri
	q := uatypes.OpenSecureChannelRequest{SecurityMode: 1, RequestedLifetime: 600_000}
	q.RequestHeader.Timestamp = 133_444_736_000_000_000
	var channel uint32Value
	body := encoded(&channel, &asymmetricHeader{SecurityPolicyURI: policy}, &sequenceHeader{sequence, sequence}, &id, &q)
	return append(encoded(&messageHeader{Type: typeOPN | chunkFinal, Size: uint32(headerLength + len(body))}), body...)
}

// bench is a client on a rig: its channel, session and sequence numbers.
type bench struct {
	*rig
	channel, tokenID, sequence uint32
	token                      uatypes.NodeID
}

// chunk sends a chunk of a MSG (or CLO) message.
func (b *bench) chunk(kind uint32, requestID uint32, payload []byte) bool {
	b.sequence++
	head := encoded(&messageHeader{Type: kind, Size: uint32(symmetricHeaderLength + len(payload))},
		(*uint32Value)(&b.channel), (*uint32Value)(&b.tokenID), &sequenceHeader{b.sequence, requestID})
	return b.send(append(head, payload...))
}

// request sends a request with a body behind its header.
func (b *bench) request(encoding uint32, body []byte) bool {
	id := uatypes.Numeric(0, encoding)
	h := uatypes.RequestHeader{AuthenticationToken: b.token, Timestamp: 133_444_736_000_000_000, RequestHandle: b.sequence + 1}
	return b.chunk(typeMSG|chunkFinal, b.sequence+1, append(encoded(&id, &h), body...))
}

// newBench connects, opens a channel and, if asked to, activates a session.
func newBench(r *rig, session bool) *bench {
	b := &bench{rig: r, sequence: 1, channel: 1, tokenID: 1}
	require.True(r.t, r.connect() && r.send(helloBytes()) && r.send(openBytes(1)))
	if !session {
		return b
	}
	q := uatypes.CreateSessionRequest{RequestedSessionTimeout: 60_000, SessionName: uatypes.Const("bench")}
	r.sent = nil
	require.True(r.t, b.request(uatypes.TypeCreateSessionRequest.Encoding, encoded(&q)[len(encoded(&q.RequestHeader)):]))
	x, ok := randomOf(1, 0, r.sent)
	require.True(r.t, ok, "no session")
	b.token = uatypes.NodeID{Namespace: 1, Type: uatypes.IDGuid}
	copy(b.token.Guid[:], fromHex(x.AuthToken))
	a := uatypes.ActivateSessionRequest{}
	require.True(r.t, b.request(uatypes.TypeActivateSessionRequest.Encoding, encoded(&a)[len(encoded(&a.RequestHeader)):]))
	return b
}

// FuzzPackets sends bytes to a server, in packets of a length that changes.
func FuzzPackets(f *testing.F) {
	f.Add(helloBytes(), uint8(0))
	f.Add(append(helloBytes(), openBytes(1)...), uint8(7))
	for _, l := range recordedInputs(f) {
		f.Add(l, uint8(0))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		if len(b) > 1<<16 {
			return
		}
		r := newRig(t, nil)
		alive := r.connect()
		for n := 1; alive && len(b) > 0; n++ {
			size := len(b)
			if cut > 0 {
				size = min(len(b), 1+n*int(cut))
			}
			alive = r.send(b[:size])
			b = b[size:]
		}
		if alive && r.hangUp() {
			r.requireBaseline()
		}
	})
}

// recordedInputs returns what the clients of a recording sent.
func recordedInputs(f *testing.F) [][]byte {
	rec, err := readRecording(lifecycle)
	require.NoError(f, err)
	var out [][]byte
	for _, l := range rec.lines {
		if l.net != nil && l.net.Net == "rx" {
			out = append(out, l.net.bytes)
		}
	}
	return out
}

// lasting are the requests after which something may rightly stay: nodes, servers
// that registered, and what FIDELITY.md lists as leaks.
func lasting(encoding uint32) bool {
	switch encoding {
	case uatypes.TypeAddNodesRequest.Encoding, uatypes.TypeAddReferencesRequest.Encoding, uatypes.TypeDeleteNodesRequest.Encoding,
		uatypes.TypeDeleteReferencesRequest.Encoding, uatypes.TypeRegisterServerRequest.Encoding, uatypes.TypeRegisterServer2Request.Encoding,
		uatypes.TypeWriteRequest.Encoding, uatypes.TypeCloseSessionRequest.Encoding, uatypes.TypeActivateSessionRequest.Encoding,
		uatypes.TypeTransferSubscriptionsRequest.Encoding:
		return true
	}
	return false
}

// FuzzRequests sends requests of every type with bodies that are damaged or made up,
// on an activated session that has a subscription.
func FuzzRequests(f *testing.F) {
	for _, b := range recordedInputs(f) {
		if len(b) < symmetricHeaderLength || string(b[:3]) != "MSG" {
			continue
		}
		rest := b[symmetricHeaderLength:]
		id, h := uatypes.NodeID{}, uatypes.RequestHeader{}
		m := newLedger(nil)
		pos, _ := uatypes.Decode(m, rest, 0, &id)
		pos, _ = uatypes.Decode(m, rest, pos, &h)
		f.Add(uint16(id.Numeric), rest[pos:], uint16(0), []byte(nil))
	}
	for encoding := range newServices(&releases[V1_2_RC1]) {
		f.Add(uint16(encoding), make([]byte, 40), uint16(0), []byte(nil))
	}
	f.Fuzz(func(t *testing.T, first uint16, body []byte, second uint16, body2 []byte) {
		if len(body)+len(body2) > 8000 {
			return
		}
		r := newRig(t, nil)
		b := newBench(r, true)
		q := uatypes.CreateSubscriptionRequest{RequestedPublishingInterval: 500, RequestedLifetimeCount: 10, RequestedMaxKeepAliveCount: 3, PublishingEnabled: true}
		alive := b.request(uatypes.TypeCreateSubscriptionRequest.Encoding, encoded(&q)[len(encoded(&q.RequestHeader)):])
		alive = alive && b.request(uint32(first), body)
		if second != 0 {
			alive = alive && b.request(uint32(second), body2)
		}
		for i := 0; alive && i < 20; i++ {
			alive = r.turn(100)
		}
		if alive && r.hangUp() && !lasting(uint32(first)) && !lasting(uint32(second)) {
			r.requireBaseline()
		}
	})
}

// FuzzChunks cuts a message into chunks of kinds and sizes that the input chooses.
func FuzzChunks(f *testing.F) {
	f.Add([]byte("CF"), []byte{5, 5}, make([]byte, 60))
	f.Add([]byte("CA"), []byte{200}, make([]byte, 600))
	f.Add([]byte("CCCCF"), []byte{0}, []byte("x"))
	f.Fuzz(func(t *testing.T, kinds, sizes, body []byte) {
		if len(kinds) == 0 || len(sizes) == 0 || len(kinds) > 64 || len(body) > 30_000 {
			return
		}
		r := newRig(t, nil)
		b := newBench(r, true)
		id := uatypes.Numeric(0, uatypes.TypeReadRequest.Encoding)
		h := uatypes.RequestHeader{AuthenticationToken: b.token, Timestamp: 1}
		rest := append(encoded(&id, &h), body...)
		alive := true
		for i, k := range kinds {
			n := min(len(rest), int(sizes[i%len(sizes)])*64)
			alive = alive && b.chunk(typeMSG|uint32(k)<<24, 1000+uint32(k>>6), rest[:n])
			rest = rest[n:]
		}
		if alive && r.hangUp() {
			r.requireBaseline()
		}
	})
}

// TestBenchReads is the way of a request that is as it should be.
func TestBenchReads(t *testing.T) {
	for v := range versions {
		r := newRig(t, func(c *ServerConfig) { *c = withVersion(*c, v) })
		b := newBench(r, true)
		r.sent = nil
		q := uatypes.ReadRequest{NodesToRead: uatypes.Array[uatypes.ReadValueID]{P: uatypes.Static, V: []uatypes.ReadValueID{{
			NodeID: uatypes.Numeric(0, 2258), AttributeID: attributeValue}}}}
		require.True(t, b.request(uatypes.TypeReadRequest.Encoding, encoded(&q)[len(encoded(&q.RequestHeader)):]))
		require.Equal(t, "Good", describe(r.sent), v)
		require.Equal(t, uint32(len(r.sent)), binary.LittleEndian.Uint32(r.sent[4:]))
		require.True(t, r.hangUp())
		r.requireBaseline()
	}
}

// withVersion is a configuration of another version with the same surroundings.
func withVersion(c ServerConfig, v Version) ServerConfig {
	o := ServerConfigOf(v)
	o.Variables, o.Memory, o.Sockets, o.Clock = c.Variables, c.Memory, c.Sockets, c.Clock
	return o
}
