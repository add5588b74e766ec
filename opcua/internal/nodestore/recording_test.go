package nodestore

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

const recordings = "../../../recordings/open62541"

// line is a line of a recording, as far as these tests look at it.
type line struct {
	Run   string `json:"run"`
	Stack string `json:"stack"`

	Op   string `json:"op"`
	ID   uint32 `json:"id"`
	Size uint32 `json:"size"`
	Old  uint32 `json:"old"`
	By   string `json:"by"`

	Phase *int   `json:"phase"`
	End   *int   `json:"end"`
	Name  string `json:"name"`
	sums

	Net  string  `json:"net"`
	Conn int     `json:"conn"`
	TMs  int64   `json:"t_ms"`
	Hex  string  `json:"hex"`
	Len  int     `json:"len"`
	Fill *string `json:"fill"`
}

// sums are the numbers of an end line.
type sums struct {
	Allocs      uint64 `json:"allocs"`
	AllocBytes  uint64 `json:"alloc_bytes"`
	Frees       uint64 `json:"frees"`
	FreedBytes  uint64 `json:"freed_bytes"`
	DeltaBytes  int64  `json:"delta_bytes"`
	DeltaBlocks int64  `json:"delta_blocks"`
	PeakBytes   uint64 `json:"peak_over_start"`
	PeakBlocks  uint64 `json:"peak_blocks_over_start"`
	MaxBlock    uint32 `json:"max_block"`
	LiveBytes   uint64 `json:"live_bytes"`
	LiveBlocks  uint64 `json:"live_blocks"`
}

func (l *line) bytes(t *testing.T) []byte {
	b, err := hex.DecodeString(l.Hex)
	require.NoError(t, err)
	return b
}

func loadRecording(t *testing.T, name string) []line {
	raw, err := os.ReadFile(filepath.Join(recordings, name))
	require.NoError(t, err)
	z, err := gzip.NewReader(bytes.NewReader(raw))
	require.NoError(t, err)
	var lines []line
	sc := bufio.NewScanner(z)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var l line
		require.NoError(t, json.Unmarshal(sc.Bytes(), &l))
		lines = append(lines, l)
	}
	require.NoError(t, sc.Err())
	return lines
}

// testNow is the wall clock at which the recorded servers were made, testBoot
// the time since boot, in ms.
const (
	testNow  = 133444736080000000
	testBoot = 8000
)

// testRandom is the generator of the recorded server: PCG32 with the wall clock
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

// recorded is the server of the recordings.
type recorded struct {
	m       mem.Memory
	now     int64
	random  *testRandom
	core    *Core
	nodeset Nodeset
	timer   uint32

	temperature float32 // what the changing variable gives next, if forced
	forced      bool
	reads       int
}

func newRecorded(m mem.Memory) *recorded {
	return &recorded{m: m, now: testNow, random: newTestRandom(testNow)}
}

func (r *recorded) create() (err error) {
	r.core, err = New(Options{Nodeset: r.nodeset, Memory: r.m, Now: func() int64 { return r.now }, Random: r.random.next,
		AddHousekeeping: func() {
			r.timer = r.m.Malloc(64, "UA_TimerEntry")
			r.random.next()
		},
		ClearTimer: func() {
			r.m.Free(r.timer)
			r.timer = 0
		}})
	return err
}

func (r *recorded) configure() error {
	return r.core.Configure(Config{Port: 4840, Hostname: "opcua-esp32", ApplicationURI: "open62541.esp32.server",
		ApplicationName: "OPC_UA_Server_ESP32", SoftwareVersion: "1.2.0-rc1-20-g78a6721b-dirty",
		BuildNumber: "Jan__1_2026 00:00:00", Users: []User{{"user1", "password"}, {"user2", "password1"}}})
}

// addVariables adds the three variables of the recorded firmware. Their read
// functions do not notice that memory is short.
func (r *recorded) addVariables() error {
	add := func(id, browse, display string, typ *uatypes.DataType, writable bool, read func(v *uatypes.Variant)) error {
		added, st := r.core.AddVariable(&Variable{
			ID:          uatypes.NodeID{Namespace: 1, Type: uatypes.IDString, Str: uatypes.Const(id)},
			BrowseName:  uatypes.QualifiedName{NamespaceIndex: 1, Name: uatypes.Const(browse)},
			DisplayName: uatypes.LocalizedText{Locale: uatypes.Const("en-US"), Text: uatypes.Const(display)},
			DataType:    *ns0ID(typ.TypeID), ValueRank: rankAny, Writable: writable,
			Source: &DataSource{
				Read: func(_ *uatypes.NodeID, _, _ bool, d *uatypes.DataValue) uatypes.Status {
					read(&d.Value)
					d.HasValue = true
					return uatypes.Good
				},
				Write: func(*uatypes.NodeID, bool, *uatypes.DataValue) uatypes.Status { return uatypes.Good },
			},
		})
		uatypes.Clear(r.m, &added)
		if st != uatypes.Good {
			return fmt.Errorf("variable %s: %w", id, st)
		}
		return nil
	}
	err := add("temperature", "Ambient Temperature", "Temperature", uatypes.TypeFloat, false, func(v *uatypes.Variant) {
		r.reads++
		x := 20 + 0.5*float32(r.reads)
		if r.forced {
			x = r.temperature
		}
		uatypes.ScalarCopy(r.m, v, uatypes.TypeFloat, x)
	})
	for i := range 2 {
		name := fmt.Sprintf("Control Relay number %d.", i)
		err = errors.Join(err, add(name, name, fmt.Sprintf("Relay%d", i), uatypes.TypeBoolean, true, func(v *uatypes.Variant) {
			uatypes.ScalarCopy(r.m, v, uatypes.TypeBoolean, false)
		}))
	}
	return err
}

// boot brings the server up without a look at the operations.
func (r *recorded) boot() error {
	if err := r.create(); err != nil {
		return err
	}
	if err := r.configure(); err != nil {
		return err
	}
	if err := r.addVariables(); err != nil {
		return err
	}
	return r.core.Startup(nil)
}
