package nodestore

import (
	"encoding/binary"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Node ids of the binary encodings of the requests that the test replays.
const (
	readRequest   = 631
	browseRequest = 527
)

// messageHead is the length of what is before the body of a chunk with one
// symmetric header and security policy None.
const messageHead = 24

// exchange is a recorded request with its response and what the server did with
// its memory in between.
type exchange struct {
	at       int // line of the request
	tMs      int64
	typ      uint16
	request  []byte // body behind the type id
	response []byte
	before   []line // operations between request and response
	after    []line // operations behind the response
}

// exchanges returns the requests of a recording that came alone in one piece.
func exchanges(t *testing.T, lines []line) (all []exchange) {
	for i := range lines {
		l := &lines[i]
		if l.Net != "rx" || l.Fill != nil || l.Len*2 != len(l.Hex) {
			continue
		}
		b := l.bytes(t)
		if len(b) < messageHead+4 || string(b[:4]) != "MSGF" || int(binary.LittleEndian.Uint32(b[4:])) != len(b) {
			continue
		}
		e := exchange{at: i + 1, tMs: l.TMs, typ: binary.LittleEndian.Uint16(b[messageHead+2:]), request: b[messageHead+4:]}
		if e.typ != readRequest && e.typ != browseRequest {
			continue
		}
		for j := i + 1; j < len(lines) && lines[j].Net != "rx" && lines[j].TMs == l.TMs; j++ {
			switch n := &lines[j]; {
			case n.Net == "tx":
				require.Nil(t, e.response, "line %d: a second response", j+1)
				require.Equal(t, l.Conn, n.Conn)
				e.response = n.bytes(t)[messageHead+4:]
			case n.Op != "" && e.response == nil:
				e.before = append(e.before, *n)
			case n.Op != "":
				e.after = append(e.after, *n)
			}
		}
		if e.response != nil {
			all = append(all, e)
		}
	}
	return all
}

// allocations are the operations of a list that the services and the decoder of
// the request cause: without the buffers of the network.
func allocations(ops []line) (all []string) {
	for _, o := range ops {
		if o.Op == "free" || strings.Contains(o.By, "connection_") || strings.HasPrefix(o.By, "extractCompleteChunk") {
			continue
		}
		all = append(all, o.Op+" "+itoa(o.Size))
	}
	return all
}

func itoa(n uint32) string {
	var b []byte
	for {
		b = append([]byte{byte('0' + n%10)}, b...)
		if n /= 10; n == 0 {
			return string(b)
		}
	}
}

// other matches recordings of other versions and without plain requests.
var other = regexp.MustCompile("^(v1|versions|struct|capacity|oom|encrypted|boot)")

// TestRecordedReadAndBrowse feeds every Read and Browse request of the
// recordings of this version to the services: the responses are the same byte
// for byte, and so are the allocations and the order in which they are given back.
func TestRecordedReadAndBrowse(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(recordings, "*.jsonl.gz"))
	require.NoError(t, err)
	count := map[uint16]int{}
	for _, file := range files {
		name := filepath.Base(file)
		if other.MatchString(name) {
			continue
		}
		lines := loadRecording(t, name)
		all := exchanges(t, lines)
		if len(all) == 0 {
			continue
		}
		var ops []string
		ids := map[uint32]int{} // blocks of this exchange, by order
		var frees []int
		m := &mem.Recorder{}
		r := newRecorded(m)
		require.NoError(t, r.boot())
		m.OnOp = func(o mem.Op) {
			if o.Kind == mem.KindFree {
				frees = append(frees, ids[o.ID])
				return
			}
			ids[o.ID] = len(ops)
			ops = append(ops, o.Kind.String()+" "+itoa(o.Size))
		}
		for _, e := range all {
			ops, frees = nil, nil
			clear(ids)
			r.now = testNow + (e.tMs-testBoot)*10000
			response, clearAll := r.answer(t, &e)
			require.Equal(t, e.response, response, "%s:%d: response", name, e.at)
			want := allocations(e.before)
			require.Equal(t, want, ops, "%s:%d: allocations", name, e.at)
			clearAll()
			wantIDs := map[uint32]int{}
			n := 0
			for _, o := range e.before {
				if len(allocations([]line{o})) == 1 {
					wantIDs[o.ID] = n
					n++
				}
			}
			var wantFrees []int
			for _, o := range append(e.before, e.after...) {
				if k, ok := wantIDs[o.ID]; ok && o.Op == "free" {
					wantFrees = append(wantFrees, k)
				}
			}
			require.Equal(t, wantFrees, frees, "%s:%d: frees", name, e.at)
			count[e.typ]++
		}
	}
	require.Greater(t, count[readRequest], 20)
	require.Greater(t, count[browseRequest], 2)
	t.Logf("%d reads and %d browses", count[readRequest], count[browseRequest])
}

// answer runs the service of a request and encodes the response.
func (r *recorded) answer(t *testing.T, e *exchange) (response []byte, clearAll func()) {
	b := make([]byte, 1<<16)
	enc := &uatypes.Encoder{Buf: b, End: len(b)}
	header := func(h *uatypes.RequestHeader) uatypes.ResponseHeader {
		return uatypes.ResponseHeader{Timestamp: r.now, RequestHandle: h.RequestHandle}
	}
	s := &Session{}
	switch e.typ {
	case readRequest:
		var req uatypes.ReadRequest
		_, st := uatypes.Decode(r.m, e.request, 0, &req)
		require.Equal(t, uatypes.Good, st)
		// The changing variable goes on as the recorded one did.
		r.forced = true
		temperature := uatypes.Const("temperature")
		resp := uatypes.ReadResponse{ResponseHeader: header(&req.RequestHeader)}
		var ok bool
		resp.Results, ok = uatypes.NewArray[uatypes.DataValue](r.m, len(req.NodesToRead.V), "UA_DataValue")
		require.True(t, ok)
		var recorded uatypes.ReadResponse
		_, st = uatypes.Decode(&mem.Recorder{}, e.response, 0, &recorded)
		require.Equal(t, uatypes.Good, st)
		for i := range req.NodesToRead.V {
			id := &req.NodesToRead.V[i]
			if x, ok := recorded.Results.V[i].Value.V.([]float32); ok && id.NodeID.Str.Equal(&temperature) {
				r.temperature = x[0]
			}
			r.core.Read(s, req.TimestampsToReturn, id, &resp.Results.V[i])
		}
		require.Equal(t, uatypes.Good, enc.Encode(&resp))
		return b[:enc.Pos], func() {
			uatypes.Clear(r.m, &req)
			uatypes.Clear(r.m, &resp)
		}
	default:
		var req uatypes.BrowseRequest
		_, st := uatypes.Decode(r.m, e.request, 0, &req)
		require.Equal(t, uatypes.Good, st)
		resp := uatypes.BrowseResponse{ResponseHeader: header(&req.RequestHeader)}
		var ok bool
		resp.Results, ok = uatypes.NewArray[uatypes.BrowseResult](r.m, len(req.NodesToBrowse.V), "UA_BrowseResult")
		require.True(t, ok)
		for i := range req.NodesToBrowse.V {
			r.core.Browse(s, req.RequestedMaxReferencesPerNode, &req.NodesToBrowse.V[i], &resp.Results.V[i])
		}
		require.Equal(t, uatypes.Good, enc.Encode(&resp))
		return b[:enc.Pos], func() {
			uatypes.Clear(r.m, &req)
			uatypes.Clear(r.m, &resp)
		}
	}
}
