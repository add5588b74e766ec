package opcua

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// clientRecorded calls f with what the recorded server sent, in order, for every
// connection of a recording; conn counts over the whole file.
func clientRecorded(t testing.TB, file string, f func(conn int, b []byte)) {
	t.Helper()
	r, err := os.Open(file)
	require.NoError(t, err)
	defer r.Close()
	z, err := gzip.NewReader(r)
	require.NoError(t, err)
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 64<<20)
	base := 0 // connections of earlier baselines: numbers start again at each
	top := 0
	for lines.Scan() {
		b := lines.Bytes()
		if bytes.HasPrefix(b, []byte(`{"baseline":`)) {
			base = top
		}
		if !bytes.Contains(b[:min(len(b), 40)], []byte(`"net":"tx"`)) {
			continue
		}
		var line struct {
			Conn, Len int
			Hex       string
			Fill      *byte
		}
		require.NoError(t, json.Unmarshal(b, &line))
		data, err := hex.DecodeString(line.Hex)
		require.NoError(t, err)
		if line.Fill != nil {
			data = append(data, bytes.Repeat([]byte{*line.Fill}, line.Len-len(data))...)
		}
		top = max(top, base+line.Conn)
		f(base+line.Conn, data)
	}
	require.NoError(t, lines.Err())
}

func clientRecordings(t testing.TB) []string {
	files, err := filepath.Glob(shippedRecordings + "/*.jsonl.gz")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var plain []string
	for _, f := range files {
		if !strings.Contains(f, "encrypted") {
			plain = append(plain, f)
		}
	}
	return plain
}

// Everything the recorded servers sent, of four versions, is read and decoded.
func TestClientReadsRecordedServers(t *testing.T) {
	kinds := map[string]int{}
	types := map[string]int{}
	bad := map[string]int{}
	for _, file := range clientRecordings(t) {
		readers := map[int]*clientReader{}
		clientRecorded(t, file, func(conn int, b []byte) {
			r := readers[conn]
			if r == nil {
				r = &clientReader{maxChunk: 65535, wanted: func(uint32) bool { return true }}
				readers[conn] = r
			}
			r.feed(b)
			for {
				m, err := r.next()
				require.NoError(t, err, "%s connection %d", file, conn)
				if m == nil {
					return
				}
				kinds[m.kind]++
				if m.kind == "ACK" || m.kind == "ERR" {
					continue
				}
				v, err := clientDecode(m.body)
				require.NoError(t, err, "%s connection %d: %x", file, conn, m.body)
				require.Implements(t, (*ua.Response)(nil), v)
				types[reflect.TypeOf(v).Elem().Name()]++
				if status := v.(ua.Response).Header().ServiceResult; status>>31 != 0 {
					bad[ClientStatusName(status)]++
				}
			}
		})
	}
	require.Greater(t, kinds["MSG"], 1000)
	require.NotZero(t, kinds["ERR"])
	for _, want := range []string{"OpenSecureChannelResponse", "GetEndpointsResponse", "CreateSessionResponse", "ActivateSessionResponse",
		"ReadResponse", "BrowseResponse", "CreateSubscriptionResponse", "CreateMonitoredItemsResponse", "PublishResponse", "CloseSessionResponse"} {
		require.NotZero(t, types[want], want)
	}
	require.NotZero(t, bad["BadTooManySessions"], "%v", bad)
}

func TestClientReader(t *testing.T) {
	frame := func(kind string, size uint32, rest ...byte) []byte {
		b := append([]byte(kind), byte(size), byte(size>>8), byte(size>>16), byte(size>>24))
		return append(b, rest...)
	}
	msg := func(final string, seq, req byte, body ...byte) []byte {
		return frame("MSG"+final, uint32(24+len(body)), append([]byte{1, 0, 0, 0, 1, 0, 0, 0, seq, 0, 0, 0, req, 0, 0, 0}, body...)...)
	}
	for _, test := range []struct {
		name   string
		in     [][]byte
		status ua.StatusCode // of the violation; 0: none
		want   []string      // bodies
	}{
		{"whole", [][]byte{msg("F", 1, 5, 'a', 'b')}, 0, []string{"ab"}},
		{"two chunks", [][]byte{msg("C", 1, 5, 'a'), msg("F", 2, 5, 'b')}, 0, []string{"ab"}},
		{"interleaved", [][]byte{msg("C", 1, 5, 'a'), msg("C", 2, 6, 'x'), msg("F", 3, 5, 'b'), msg("F", 4, 6, 'y')}, 0, []string{"ab", "xy"}},
		{"not wanted", [][]byte{msg("C", 1, 99, 'a'), msg("F", 2, 99, 'b'), msg("F", 3, 5, 'c')}, 0, []string{"b", "c"}},
		{"aborted", [][]byte{msg("C", 1, 5, 'a'), msg("A", 2, 5, 0, 0, 3, 0x80, 255, 255, 255, 255), msg("F", 3, 5, 'c')}, 0, []string{"BadOutOfMemory", "c"}},
		{"short abort", [][]byte{msg("A", 1, 5, 0)}, ua.StatusBadDecodingError, nil},
		{"sequence gap", [][]byte{msg("F", 1, 5), msg("F", 3, 6)}, ua.StatusBadSequenceNumberInvalid, []string{""}},
		{"sequence repeated", [][]byte{msg("F", 1, 5), msg("F", 1, 6)}, ua.StatusBadSequenceNumberInvalid, []string{""}},
		{"unknown type", [][]byte{frame("XYZF", 8)}, ua.StatusBadTCPMessageTypeInvalid, nil},
		{"unknown chunk type", [][]byte{frame("MSGX", 8)}, ua.StatusBadTCPMessageTypeInvalid, nil},
		{"OPN in pieces", [][]byte{frame("OPNC", 8)}, ua.StatusBadTCPMessageTypeInvalid, nil},
		{"shorter than its header", [][]byte{frame("MSGF", 7)}, ua.StatusBadTCPMessageTypeInvalid, nil},
		{"too large", [][]byte{frame("MSGF", 4097)}, ua.StatusBadTCPMessageTooLarge, nil},
		{"no room for headers", [][]byte{frame("MSGF", 12, 1, 0, 0, 0)}, ua.StatusBadDecodingError, nil},
		{"no room for the sequence header", [][]byte{frame("MSGF", 20, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0)}, ua.StatusBadDecodingError, nil},
		{"OPN with a policy of 4 GB", [][]byte{frame("OPNF", 16, 1, 0, 0, 0, 254, 255, 255, 255)}, ua.StatusBadDecodingError, nil},
		{"message too large", [][]byte{msg("C", 1, 5, make([]byte, 90)...), msg("F", 2, 5, make([]byte, 11)...)}, ua.StatusBadResponseTooLarge, nil},
		{"too many chunks", [][]byte{msg("C", 1, 5), msg("C", 2, 5), msg("C", 3, 5), msg("F", 4, 5)}, ua.StatusBadResponseTooLarge, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			all := bytes.Join(test.in, nil)
			for _, step := range []int{len(all), 1, 7} { // however TCP cuts it
				r := clientReader{maxChunk: 4096, maxMessage: 100, maxChunks: 3, wanted: func(id uint32) bool { return id != 99 }}
				var got []string
				var failed error
				for i := 0; i < len(all) && failed == nil; i += step {
					r.feed(all[i:min(i+step, len(all))])
					for {
						m, err := r.next()
						if failed = err; m == nil || err != nil {
							break
						}
						if m.abort != nil {
							got = append(got, ClientStatusName(ua.StatusCode(m.abort.ErrorCode)))
						} else {
							got = append(got, string(m.body))
						}
					}
				}
				require.Equal(t, test.want, got)
				if test.status == 0 {
					require.NoError(t, failed)
					require.Empty(t, r.parts)
					continue
				}
				var v *clientProtocolError
				require.ErrorAs(t, failed, &v)
				require.Equal(t, test.status, v.status)
			}
		})
	}
}

// Sequence numbers wrap as Part 6 says, on both sides.
func TestClientSequenceWraps(t *testing.T) {
	const last = math.MaxUint32 - 1024
	ch := clientChannel{sequence: last - 1}
	require.Equal(t, uint32(last), ch.nextSequence())
	require.Equal(t, uint32(1), ch.nextSequence())

	r := clientReader{lastSeq: last - 1}
	require.NoError(t, r.sequence(last))
	require.NoError(t, r.sequence(1))
	r.lastSeq = last
	require.Error(t, r.sequence(1024))
	r.lastSeq = last - 1
	require.Error(t, r.sequence(1))
}

func TestClientChannelCheck(t *testing.T) {
	ch := clientChannel{id: 1, token: 7, previous: 6, expected: 3}
	require.NoError(t, ch.check(&clientMessage{kind: "MSG", channel: 1, token: 7}))
	require.NoError(t, ch.check(&clientMessage{kind: "MSG", channel: 1, token: 6}), "the old token is good until the new one was used")
	require.NoError(t, ch.check(&clientMessage{kind: "OPN", request: 3, policy: ua.SecurityPolicyURINone}))
	for status, m := range map[ua.StatusCode]*clientMessage{
		ua.StatusBadTCPSecureChannelUnknown:   {kind: "MSG", channel: 2, token: 7},
		ua.StatusBadSecureChannelTokenUnknown: {kind: "MSG", channel: 1, token: 5},
		ua.StatusBadTCPMessageTypeInvalid:     {kind: "OPN", request: 4, policy: ua.SecurityPolicyURINone},
		ua.StatusBadSecurityPolicyRejected:    {kind: "OPN", request: 3, policy: ua.SecurityPolicyURIBasic256Sha256},
	} {
		var v *clientProtocolError
		require.ErrorAs(t, ch.check(m), &v)
		require.Equal(t, status, v.status)
	}
}

// Bytes that would make the decoder allocate or recurse without end are refused.
func TestClientDecodeHostile(t *testing.T) {
	header := func() *ua.Buffer { // of a ReadResponse, up to its results
		b := ua.NewBuffer(nil)
		b.WriteStruct(ua.NewFourByteExpandedNodeID(0, ua.ServiceTypeID(new(ua.ReadResponse))))
		b.WriteStruct(&ua.ResponseHeader{ServiceDiagnostics: &ua.DiagnosticInfo{}})
		return b
	}
	variant := func(b *ua.Buffer, bytes ...byte) []byte {
		b.WriteUint32(1)         // one result
		b.WriteByte(1)           // with a value
		b.Write(bytes)           // the variant
		b.WriteUint32(1<<32 - 1) // no diagnostics
		return b.Bytes()
	}
	array := header()
	array.WriteUint32(math.MaxInt32)
	deep := func(n int) []byte {
		return variant(header(), append(bytes.Repeat([]byte{24}, n), 1, 1)...)
	}
	diagnostics := header()
	diagnostics.WriteUint32(0)
	diagnostics.WriteUint32(1)
	diagnostics.Write(bytes.Repeat([]byte{0x40}, 1<<20))
	for name, test := range map[string]struct {
		b    []byte
		text string
	}{
		"array of 2^31":        {array.Bytes(), "length 2147483647, but 0 bytes are left"},
		"variant of 2^31":      {variant(header(), 0x80|6, 255, 255, 255, 127), "variant array of length 2147483647"},
		"variant of -2":        {variant(header(), 0x80|6, 254, 255, 255, 255), "variant array of length -2"},
		"dimensions overflow":  {variant(header(), 0xc0|1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0), "multiply to something else"},
		"dimensions of null":   {variant(header(), 0xc0|1, 255, 255, 255, 255, 1, 0, 0, 0, 255, 255, 255, 255), "multiply to something else"},
		"dimensions too small": {variant(header(), 0xc0|1, 2, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0), "multiply to something else"},
		"unknown variant":      {variant(header(), 26), "variant of unknown type 26"},
		"deep variants":        {deep(1 << 20), "nest deeper than 100"},
		"deep diagnostics":     {diagnostics.Bytes(), "nest deeper than 100"},
		"long string":          {variant(header(), 12, 254, 255, 255, 255), "length 4294967294"},
		"unknown node id":      {variant(header(), 17, 9), "node id of unknown kind 9"},
		"trailing bytes":       {append(variant(header(), 1, 1), 0), "1 bytes after its end"},
		"no service":           {[]byte{1, 0, 1, 0}, "is not a service"},
		"nothing":              {nil, "1 bytes expected, 0 left"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := clientDecode(test.b)
			require.ErrorContains(t, err, test.text)
		})
	}
	for name, b := range map[string][]byte{
		"90 variants": deep(90),
		"matrix":      variant(header(), 0xc0|1, 4, 0, 0, 0, 1, 0, 1, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0),
		"null array":  variant(header(), 0x80|12, 255, 255, 255, 255),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := clientDecode(b)
			require.NoError(t, err)
		})
	}
}

// What gopcua encodes the checker passes, and what it passes gopcua decodes.
func TestClientCheckerAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) *ua.LocalizedText {
			v := &ua.LocalizedText{Text: rapid.String().Draw(t, name), Locale: rapid.StringN(0, 3, 3).Draw(t, name)}
			v.UpdateMask()
			return v
		}
		node := rapid.SampledFrom([]*ua.NodeID{ua.NewTwoByteNodeID(3), ua.NewFourByteNodeID(1, 2), ua.NewNumericNodeID(7, 99999), ua.NewStringNodeID(1, "x"),
			ua.NewByteStringNodeID(1, []byte{1, 2}), ua.NewGUIDNodeID(1, "72962B91-FA75-4AE6-8D28-B404DC7DAF63")}).Draw(t, "node")
		value := rapid.SampledFrom([]any{true, int8(1), byte(2), int16(3), uint16(4), int32(5), uint32(6), int64(7), uint64(8), float32(1.5), 2.5, "text", time.Unix(1, 0).UTC(),
			[]byte{1, 2, 3}, node, &ua.ExpandedNodeID{NodeID: node}, ua.StatusBadOutOfMemory, &ua.QualifiedName{Name: "q"}, text("value"), []float32{1, 2, 3}, []string{"a", ""},
			[][]int32{{1, 2}, {3, 4}, {5, 6}}, ua.NewExtensionObject(&ua.AnonymousIdentityToken{PolicyID: "p"})}).Draw(t, "variant")
		mask := byte(rapid.IntRange(0, 63).Draw(t, "mask"))
		dv := &ua.DataValue{EncodingMask: mask, Value: ua.MustVariant(value), SourceTimestamp: time.Unix(5, 0)}
		diag := &ua.DiagnosticInfo{SymbolicID: 3, AdditionalInfo: rapid.String().Draw(t, "info"), InnerStatusCode: 7, InnerDiagnosticInfo: &ua.DiagnosticInfo{}}
		diag.UpdateMask()
		resp := rapid.SampledFrom([]ua.Response{
			&ua.ReadResponse{Results: []*ua.DataValue{dv, dv}, DiagnosticInfos: []*ua.DiagnosticInfo{diag}},
			&ua.CreateSessionResponse{SessionID: node, AuthenticationToken: node, ServerEndpoints: clientPeerEndpoints(), ServerSignature: &ua.SignatureData{Algorithm: "a"}},
			&ua.PublishResponse{AvailableSequenceNumbers: []uint32{1, 2}, NotificationMessage: &ua.NotificationMessage{NotificationData: []*ua.ExtensionObject{
				ua.NewExtensionObject(&ua.DataChangeNotification{MonitoredItems: []*ua.MonitoredItemNotification{{ClientHandle: 1, Value: dv}}})}}},
			&ua.BrowseResponse{Results: []*ua.BrowseResult{{References: []*ua.ReferenceDescription{clientPeerReference(4)}}}},
		}).Draw(t, "response")
		resp.SetHeader(&ua.ResponseHeader{ServiceDiagnostics: diag, StringTable: []string{"s"}, AdditionalHeader: ua.NewExtensionObject(nil)})
		b := ua.NewBuffer(nil)
		b.WriteStruct(ua.NewFourByteExpandedNodeID(0, ua.ServiceTypeID(resp)))
		b.WriteStruct(resp)
		require.NoError(t, b.Error())
		whole := b.Bytes()
		_, err := clientDecode(whole)
		require.NoError(t, err)
		_, err = clientDecode(whole[:rapid.IntRange(0, len(whole)-1).Draw(t, "cut")])
		require.Error(t, err)
	})
}

// FuzzClientDecode gives any body to the decoder.
func FuzzClientDecode(f *testing.F) {
	seeds := 0
	for _, file := range clientRecordings(f) {
		if !strings.Contains(file, "lifecycle") && !strings.Contains(file, "limits") {
			continue
		}
		r := clientReader{maxChunk: 65535, wanted: func(uint32) bool { return true }}
		clientRecorded(f, file, func(conn int, b []byte) {
			if conn != 1 || seeds > 60 {
				return
			}
			r.feed(b)
			for m, err := r.next(); m != nil && err == nil; m, err = r.next() {
				f.Add(m.body)
				seeds++
			}
		})
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := clientDecode(b)
		if (v == nil) == (err == nil) {
			t.Fatalf("value %T and error %v", v, err)
		}
	})
}

// FuzzClientReceive gives any bytes to a client that has a session, a
// subscription and requests under way: it must end with an error or go on, and
// hold no more than it agreed to.
func FuzzClientReceive(f *testing.F) {
	c := clientPeerConn{channel: 1, token: 2, seq: 4}
	f.Add(c.frames("MSG", 5, &ua.ReadResponse{ResponseHeader: &ua.ResponseHeader{ServiceDiagnostics: &ua.DiagnosticInfo{}}}, 16384))
	f.Add(c.frames("MSG", 6, &ua.ReadResponse{ResponseHeader: &ua.ResponseHeader{ServiceDiagnostics: &ua.DiagnosticInfo{}}}, 30))
	f.Add(clientFrame("ERRF", &uacp.Error{ErrorCode: uint32(ua.StatusBadOutOfMemory), Reason: "no"}))
	f.Add(clientFrame("ACKF", &uacp.Acknowledge{ReceiveBufSize: 16384}))
	f.Add([]byte("MSGA\x20\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x05\x00\x00\x00\x05\x00\x00\x00\x00\x00\x03\x80\xff\xff\xff\xff"))
	f.Add(c.frames("MSG", 5, &ua.PublishResponse{SubscriptionID: 3, NotificationMessage: &ua.NotificationMessage{NotificationData: []*ua.ExtensionObject{
		ua.NewExtensionObject(&ua.StatusChangeNotification{Status: ua.StatusBadTimeout, DiagnosticInfo: &ua.DiagnosticInfo{}})}},
		ResponseHeader: &ua.ResponseHeader{ServiceDiagnostics: &ua.DiagnosticInfo{}}}, 16384))
	f.Fuzz(func(t *testing.T, b []byte) {
		l := vtime.New(1)
		defer l.Close()
		s := newClientPeer(l)
		l.Go("client", func(p *vtime.Proc) {
			cfg := clientSubscribed("i=2258")
			cfg.Subscription.Publish = 2
			c, err := Dial(p, s, cfg)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Subscribe(SubscriptionConfig{}); err != nil {
				t.Fatal(err)
			}
			s.hook = func(*clientPeerConn, any) (any, bool) { return b, true } // an answer to everything
			c.Read("i=2258")
			c.Stay(30 * time.Second)
			if n := len(c.reader.buf); n > int(cfg.ReceiveBufferSize)+65535+4096 {
				t.Fatalf("the client keeps %d bytes", n)
			}
			if c.conn != nil {
				c.Close()
			}
		})
		if err := l.Run(time.Hour); err != nil {
			t.Fatal(err)
		}
	})
}
