package nodestore

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// testRandom is the generator of the recorded server, PCG32 with the wall clock
// as state and sequence.
type testRandom struct {
	state, inc uint64
	draws      int
}

func newTestRandom(now int64) *testRandom {
	r := &testRandom{inc: uint64(now)<<1 | 1}
	r.next()
	r.state += uint64(now)
	r.next()
	r.draws = 0
	return r
}

func (r *testRandom) next() uint32 {
	r.draws++
	old := r.state
	r.state = old*6364136223846793005 + r.inc
	x := uint32((old>>18 ^ old) >> 27)
	rot := uint32(old >> 59)
	return x>>rot | x<<(-rot&31)
}

// recordedOp is an operation or a phase line of a recording.
type recordedOp struct {
	Op    string `json:"op"`
	ID    uint32 `json:"id"`
	Size  uint32 `json:"size"`
	Old   uint32 `json:"old"`
	By    string `json:"by"`
	Phase *int   `json:"phase"`
	End   *int   `json:"end"`
	Name  string `json:"name"`

	LiveBytes   uint64 `json:"live_bytes"`
	LiveBlocks  uint64 `json:"live_blocks"`
	PeakBytes   uint64 `json:"peak_over_start"`
	PeakBlocks  uint64 `json:"peak_blocks_over_start"`
	Allocs      uint64 `json:"allocs"`
	AllocBytes  uint64 `json:"alloc_bytes"`
	Frees       uint64 `json:"frees"`
	FreedBytes  uint64 `json:"freed_bytes"`
	DeltaBytes  int64  `json:"delta_bytes"`
	DeltaBlocks int64  `json:"delta_blocks"`
	MaxBlock    uint32 `json:"max_block"`
}

// comparer holds the recorded operations of boot and takes those of the model one
// by one.
type comparer struct {
	t     *testing.T
	file  string
	lines []recordedOp
	at    int // next line
	equal int // operations that were

	startBytes, startBlocks uint64
	sum                     recordedOp
}

func loadBoot(t *testing.T) *comparer {
	const file = "../../../recordings/open62541/boot.jsonl.gz"
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	z, err := gzip.NewReader(bytes.NewReader(raw))
	require.NoError(t, err)
	c := &comparer{t: t, file: file}
	sc := bufio.NewScanner(z)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var o recordedOp
		require.NoError(t, json.Unmarshal(sc.Bytes(), &o))
		c.lines = append(c.lines, o)
	}
	require.NoError(t, sc.Err())
	return c
}

// skip goes to the next operation, phase or end line.
func (c *comparer) skip() *recordedOp {
	for c.at < len(c.lines) {
		if l := &c.lines[c.at]; l.Op != "" || l.Phase != nil || l.End != nil {
			return l
		}
		c.at++
	}
	c.t.Fatalf("%s: expected more operations", c.file)
	return nil
}

func (c *comparer) begin(name string, r *mem.Recorder) {
	l := c.skip()
	require.NotNil(c.t, l.Phase, "%s:%d: expected %s %s of %d bytes by %s before phase %s", c.file, c.at+1, l.Op, l.By, l.Size, l.By, name)
	require.Equal(c.t, name, l.Name)
	c.at++
	r.ResetPeak()
	c.startBytes, c.startBlocks = r.LiveBytes(), r.LiveBlocks()
	c.sum = recordedOp{}
}

func (c *comparer) op(o mem.Op) {
	l := c.skip()
	want := fmt.Sprintf("%s %d (%d bytes, old %d)", l.Op, l.ID, l.Size, l.Old)
	got := fmt.Sprintf("%s %d (%d bytes, old %d)", o.Kind, o.ID, o.Size, o.Old)
	if o.Kind == mem.KindFree {
		got = fmt.Sprintf("%s %d (%d bytes, old %d)", o.Kind, o.ID, 0, o.Old)
	}
	require.Equal(c.t, want, got, "%s:%d: operation %d, recorded by %s, %s", c.file, c.at+1, c.equal+1, l.By, o.What)
	c.at++
	c.equal++
	switch o.Kind {
	case mem.KindFree:
		c.sum.Frees++
		c.sum.FreedBytes += uint64(o.Size)
	case mem.KindRealloc:
		c.sum.Frees++
		fallthrough
	default:
		c.sum.Allocs++
		c.sum.AllocBytes += uint64(o.Size)
		c.sum.MaxBlock = max(c.sum.MaxBlock, o.Size)
	}
}

func (c *comparer) end(name string, r *mem.Recorder) {
	l := c.skip()
	require.NotNil(c.t, l.End, "%s:%d: expected %s of %d bytes by %s before the end of phase %s", c.file, c.at+1, l.Op, l.Size, l.By, name)
	require.Equal(c.t, name, l.Name)
	peakBytes, peakBlocks := r.Peak()
	require.Equal(c.t, l.LiveBytes, r.LiveBytes(), "%s: live bytes", name)
	require.Equal(c.t, l.LiveBlocks, r.LiveBlocks(), "%s: live blocks", name)
	require.Equal(c.t, l.PeakBytes, peakBytes-c.startBytes, "%s: peak bytes", name)
	require.Equal(c.t, l.PeakBlocks, peakBlocks-c.startBlocks, "%s: peak blocks", name)
	require.Equal(c.t, l.DeltaBytes, int64(r.LiveBytes())-int64(c.startBytes), "%s: change of bytes", name)
	require.Equal(c.t, l.DeltaBlocks, int64(r.LiveBlocks())-int64(c.startBlocks), "%s: change of blocks", name)
	require.Equal(c.t, l.Allocs, c.sum.Allocs, "%s: allocations", name)
	require.Equal(c.t, l.AllocBytes, c.sum.AllocBytes, "%s: allocated bytes", name)
	require.Equal(c.t, l.Frees, c.sum.Frees, "%s: frees", name)
	require.Equal(c.t, l.MaxBlock, c.sum.MaxBlock, "%s: largest block", name)
	c.at++
}

const testNow = 133444736080000000

// recordedConfig is the configuration of the recorded server.
func recordedConfig() Config {
	return Config{Port: 4840, Hostname: "opcua-esp32", ApplicationURI: "open62541.esp32.server", ApplicationName: "OPC_UA_Server_ESP32",
		SoftwareVersion: "1.2.0-rc1-20-g78a6721b-dirty", BuildNumber: "Jan__1_2026 00:00:00",
		Users: []User{{"user1", "password"}, {"user2", "password1"}}}
}

// recordedVariables adds the three variables of the recorded firmware.
func recordedVariables(t *testing.T, c *Core) {
	reads := 0
	add := func(id, browse, display string, typ *uatypes.DataType, writable bool, read func(v *uatypes.Variant)) {
		v := &Variable{
			ID:          uatypes.NodeID{Namespace: 1, Type: uatypes.IDString, Str: uatypes.Const(id)},
			BrowseName:  uatypes.QualifiedName{NamespaceIndex: 1, Name: uatypes.Const(browse)},
			DisplayName: uatypes.LocalizedText{Locale: uatypes.Const("en-US"), Text: uatypes.Const(display)},
			DataType:    *ns0ID(typ.TypeID), ValueRank: rankAny, Writable: writable,
			Source: &DataSource{Read: func(_ *uatypes.NodeID, _, _ bool, d *uatypes.DataValue) uatypes.Status {
				read(&d.Value)
				d.HasValue = true
				return uatypes.Good
			}},
		}
		added, st := c.AddVariable(v)
		require.Equal(t, uatypes.Good, st)
		uatypes.Clear(c.m, &added)
	}
	add("temperature", "Ambient Temperature", "Temperature", uatypes.TypeFloat, false, func(v *uatypes.Variant) {
		reads++
		uatypes.ScalarCopy(c.m, v, uatypes.TypeFloat, 20+0.5*float32(reads))
	})
	for i := range 2 {
		name := fmt.Sprintf("Control Relay number %d.", i)
		add(name, name, fmt.Sprintf("Relay%d", i), uatypes.TypeBoolean, true, func(v *uatypes.Variant) {
			uatypes.ScalarCopy(c.m, v, uatypes.TypeBoolean, false)
		})
	}
	require.Equal(t, 2, reads)
}

func TestBootOperationByOperation(t *testing.T) {
	cmp := loadBoot(t)
	r := &mem.Recorder{OnOp: cmp.op}
	random := newTestRandom(testNow)
	var timer uint32

	cmp.begin("server_new_ns0", r)
	c, err := New(Options{Memory: r, Now: func() int64 { return testNow }, Random: random.next,
		AddHousekeeping: func() {
			timer = r.Malloc(64, "UA_TimerEntry")
			random.next()
		},
		ClearTimer: func() { r.Free(timer) }})
	require.NoError(t, err)
	cmp.end("server_new_ns0", r)

	cmp.begin("server_config", r)
	require.NoError(t, c.Configure(recordedConfig()))
	cmp.end("server_config", r)

	cmp.begin("add_3_variables", r)
	recordedVariables(t, c)
	cmp.end("add_3_variables", r)

	cmp.begin("run_startup_listen", r)
	require.NoError(t, c.Startup(nil))
	cmp.end("run_startup_listen", r)

	cmp.begin("idle_60s", r)
	cmp.end("idle_60s", r)
	require.Equal(t, 5619, cmp.equal, "operations")
	require.Equal(t, 234, random.draws, "random numbers")
	require.Equal(t, 237, c.Nodes())

	r.OnOp = nil
	c.Delete()
	require.Zero(t, r.LiveBlocks(), "a deleted server holds nothing")
	require.Zero(t, r.LiveBytes())
}
