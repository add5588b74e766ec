package opcua

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// A table is a file of numbers without a course of events. Its first line names it
// and has none of the members that a replay needs.
type table struct {
	run   string
	stack string
	lines []string // without the first
}

type tableHeader struct {
	Run   string `json:"run"`
	About string `json:"about"`
	Stack string `json:"stack"`
}

// parseTable reads a table; it returns nil if b is something else.
func parseTable(b []byte) (*table, error) {
	first, rest, _ := bytes.Cut(b, []byte("\n"))
	var h tableHeader
	if strict(string(first), &h) != nil {
		return nil, nil
	}
	if h.Run == "" || h.About == "" {
		return nil, fmt.Errorf("1: header: run or about is empty")
	}
	if len(rest) == 0 || rest[len(rest)-1] != '\n' {
		return nil, fmt.Errorf("%d: the last line does not end", bytes.Count(b, []byte("\n"))+1)
	}
	t := &table{run: h.Run, stack: h.Stack}
	for s := bufio.NewScanner(bytes.NewReader(rest)); s.Scan(); {
		t.lines = append(t.lines, s.Text())
	}
	return t, nil
}

// check compares a table with what the model says.
func (t *table) check() error {
	names, _, err := members(t.lines[0])
	switch {
	case err != nil:
		return fmt.Errorf("2: %w", err)
	case names[0] == "type":
		return t.checkSizes()
	case names[0] == "phase":
		return t.checkVersions()
	}
	return fmt.Errorf("2: unknown kind of table: %v", names)
}

// structSizes are the sizes of structures: those that the model uses, and the same
// with 64-bit members aligned to 4 bytes, as on i386, which no target of the model
// has.
var structSizes = map[string][2]uint32{
	"ConnectionEntry":              {releases[V1_2_RC1].sizes.connection, 60},
	"UA_Connection":                {56, 52},
	"channel_entry":                {releases[V1_2_RC1].sizes.channel, 256},
	"UA_SecureChannel":             {200, 188},
	"session_list_entry":           {releases[V1_2_RC1].sizes.session, 268},
	"UA_Session":                   {208, 200},
	"UA_Subscription":              {releases[V1_2_RC1].sizes.subscription, 188},
	"UA_MonitoredItem":             {releases[V1_2_RC1].sizes.item, 260},
	"UA_Notification":              {releases[V1_2_RC1].sizes.notification, 80},
	"UA_NotificationMessageEntry":  {sizeofRetransmission, 28},
	"UA_PublishResponseEntry":      {sizeofPublishRequest, 156},
	"UA_Server":                    {4984, 4948},
	"UA_ServerConfig":              {536, 520},
	"ServerNetworkLayerTCP":        {276, 276},
	"UA_TimerEntry":                {releases[V1_2_RC1].sizes.timerEntry, 60},
	"UA_Chunk":                     {sizeofChunk, 28},
	"ContinuationPoint":            {104, 104},
	"UA_EndpointDescription":       {uatypes.SizeOf(&uatypes.EndpointDescription{}), 108},
	"UA_NodeId":                    {uatypes.SizeOf(&uatypes.NodeID{}), 24},
	"UA_ExpandedNodeId":            {uatypes.SizeOf(&uatypes.ExpandedNodeID{}), 36},
	"UA_Variant":                   {uatypes.SizeOf(&uatypes.Variant{}), 24},
	"UA_DataValue":                 {uatypes.SizeOf(&uatypes.DataValue{}), 52},
	"UA_String":                    {uatypes.SizeOf(&uatypes.Str{}), 8},
	"UA_Node":                      {296, 272},
	"UA_NodeHead":                  {92, 92},
	"UA_VariableNode":              {296, 272},
	"UA_ObjectNode":                {100, 100},
	"UA_ReferenceTarget":           {76, 76},
	"UA_NodeReferenceKind":         {20, 20},
	"UA_Request":                   {208, 200},
	"UA_Response":                  {208, 204},
	"UA_MonitoredItemNotification": {uatypes.SizeOf(&uatypes.MonitoredItemNotification{}), 56},
	"UA_ReadValueId":               {uatypes.SizeOf(&uatypes.ReadValueID{}), 48},
	"UA_ReferenceDescription":      {uatypes.SizeOf(&uatypes.ReferenceDescription{}), 132},
	"UA_ExtensionObject":           {uatypes.SizeOf(&uatypes.ExtensionObject{}), 36},
	"UA_DataChangeNotification":    {uatypes.SizeOf(&uatypes.DataChangeNotification{}), 16},
	"UA_SecurityPolicy":            {264, 264},
}

// checkSizes compares a table of the sizes of structures.
func (t *table) checkSizes() error {
	seen := map[string]bool{}
	for i, text := range t.lines {
		var l struct {
			Type   string  `json:"type"`
			Align8 *uint32 `json:"size_align8"`
			Align4 *uint32 `json:"size_align4"`
		}
		if err := strict(text, &l); err != nil {
			return fmt.Errorf("%d: %w", i+2, err)
		}
		want, ok := structSizes[l.Type]
		switch {
		case l.Align8 == nil || l.Align4 == nil:
			return fmt.Errorf("%d: a member is missing in %s", i+2, text)
		case !ok || seen[l.Type]:
			return fmt.Errorf("%d: type %q is unknown, or there twice", i+2, l.Type)
		case *l.Align8 != want[0]:
			return fmt.Errorf("%d: %s: size_align8: expected %d, got %d", i+2, l.Type, *l.Align8, want[0])
		case *l.Align4 != want[1]:
			return fmt.Errorf("%d: %s: size_align4: expected %d, got %d", i+2, l.Type, *l.Align4, want[1])
		}
		seen[l.Type] = true
	}
	if len(seen) != len(structSizes) {
		return fmt.Errorf("%d: expected %d types, got %d", len(t.lines)+1, len(structSizes), len(seen))
	}
	return nil
}

// lifecycle is the recording whose clients the table of versions was made with.
const lifecycle = shippedRecordings + "/lifecycle_anonymous.jsonl.gz"

// figures are what the table of versions says of a phase: live bytes and blocks
// more than before, the highest live bytes over the start, allocations.
type figures [4]int64

// checkVersions compares the table of versions: the inputs of one recording, given
// to the model of each version.
func (t *table) checkVersions() error {
	rec, err := readRecording(lifecycle)
	if err != nil {
		return err
	}
	of := map[string][]figures{}
	var phases []string
	for v := range versions {
		if phases, of[v.String()], err = rec.figuresOf(v); err != nil {
			return fmt.Errorf("%s of %s: %w", lifecycle, v, err)
		}
	}
	for i, text := range t.lines {
		var raw map[string]json.RawMessage
		if err := strict(text, &raw); err != nil {
			return fmt.Errorf("%d: %w", i+2, err)
		}
		var phase string
		if err := json.Unmarshal(raw["phase"], &phase); err != nil {
			return fmt.Errorf("%d: phase: %w", i+2, err)
		}
		if i >= len(phases) || phase != phases[i] {
			return fmt.Errorf("%d: phase %q is not that of %s", i+2, phase, lifecycle)
		}
		delete(raw, "phase")
		if len(raw) != len(of) {
			return fmt.Errorf("%d: expected %d versions, got %d", i+2, len(of), len(raw))
		}
		for _, name := range slices.Sorted(maps.Keys(raw)) {
			var want figures
			if err := json.Unmarshal(raw[name], &want); err != nil || strings.Count(string(raw[name]), ",") != len(want)-1 {
				return fmt.Errorf("%d: %s: expected four numbers, got %s", i+2, name, raw[name])
			}
			got, ok := of[name]
			if !ok {
				return fmt.Errorf("%d: %s: the model does not know this version", i+2, name)
			}
			if want != got[i] {
				return fmt.Errorf("%d: %s: %s: expected %v, got %v", i+2, phase, name, want, got[i])
			}
		}
	}
	if len(t.lines) != len(phases) {
		return fmt.Errorf("%d: expected %d phases, got %d", len(t.lines)+1, len(phases), len(t.lines))
	}
	return nil
}

// figuresOf gives the inputs of a recording to another version of the server and
// returns the figures of each phase. What a client sends back, the authentication
// token, is that of the server.
func (rec *recording) figuresOf(v Version) (phases []string, out []figures, err error) {
	h := *rec.header
	r := &replay{rec: &recording{header: &h}}
	h.Stack = "open62541 " + v.String()
	h.BuildInfo.SoftwareVersion = releases[v].software
	if err := r.build(&h, h.TimeBase); err != nil {
		return nil, nil, err
	}
	var turn []*line
	for _, l := range rec.lines {
		if t, ok := l.time(); ok && len(turn) > 0 && (!l.inTurn() || t != turn[0].net.TMs) {
			if err := r.feed(turn[0].net.TMs, turn); err != nil {
				return nil, nil, fmt.Errorf("%d: %w", turn[0].number, err)
			}
			turn = nil
		}
		switch {
		case l.phase != nil:
			if err := r.feedUntil(l.phase.TMs); err != nil {
				return nil, nil, err
			}
			r.memory.begin()
			if step := bootSteps[l.phase.Name]; step != nil {
				if err := step(r.server); err != nil {
					return nil, nil, err
				}
				if o, ok := opaquePhases[v][l.phase.Name]; ok {
					r.memory.impose(o)
				}
			}
		case l.end != nil:
			if err := r.feedUntil(l.end.TMs); err != nil {
				return nil, nil, err
			}
			c, s := &r.memory.count, &r.memory.start
			phases = append(phases, l.end.Name)
			out = append(out, figures{c.bytes - s.bytes, c.blocks - s.blocks, c.peakBytes - s.bytes, int64(c.allocs)})
		case l.net != nil && l.inTurn():
			turn = append(turn, l)
		}
	}
	return phases, out, nil
}

// feedUntil runs the turns up to and including t without inputs.
func (r *replay) feedUntil(t int64) error {
	if r.now >= t {
		return nil
	}
	return r.feed(t, nil)
}

// feed runs the turns up to t and gives the inputs of lines to that at t.
func (r *replay) feed(t int64, lines []*line) error {
	for r.now < t {
		r.now += r.rec.header.Period
		r.clock.now = r.now * ticksPerMillisecond
		var in []input
		if r.now == t {
			in = inputsOf(lines)
		}
		for i := range in {
			in[i].bytes = r.substitute(in[i].bytes)
		}
		r.tape.load(in)
		if err := r.server.RunIterate(); err != nil {
			return err
		}
		for _, h := range r.pending {
			if h.net == "tx" {
				if x, ok := randomOf(h.conn, r.now, h.bytes); ok && x.Kind == "session" {
					r.random = append(r.random, x)
				}
			}
		}
		r.pending = nil
	}
	return nil
}

// substitute puts the server's authentication tokens in the place of the recorded
// ones.
func (r *replay) substitute(b []byte) []byte {
	recorded := 0
	for _, x := range r.rec.header.Random {
		if x.Kind != "session" {
			continue
		}
		if recorded < len(r.random) {
			b = bytes.ReplaceAll(b, fromHex(x.AuthToken), fromHex(r.random[recorded].AuthToken))
		}
		recorded++
	}
	return b
}

func fromHex(s string) []byte {
	b, _ := hex.DecodeString(s)
	return b
}
