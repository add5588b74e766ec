package heap

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clocked is a heap with a clock that the test moves.
func clocked(t testing.TB) (*Heap, *time.Duration) {
	now := new(time.Duration)
	h, err := New(Config{Version: V5_3_1, Layout: DefaultLayout(), Now: func() time.Duration { return *now }})
	require.NoError(t, err)
	h.EnableNonOSStackHeaps()
	return h, now
}

func TestGroupBlocks(t *testing.T) {
	h, now := clocked(t)
	a := h.Intern(Tag{Task: "tiT", Object: "10.0.0.2:51234", What: "tcp_pcb"})
	b := h.Intern(Tag{Task: "opcua_task", Object: "session 1", What: "UA_Session"})
	h.MallocDefault(a, 164)
	*now = time.Minute
	h.MallocDefault(b, 900)
	h.MallocDefault(b, 17)
	*now = 10 * time.Minute

	g := GroupBlocks(h.Blocks, ByTask)
	require.Equal(t, Group{Key: "opcua_task", Blocks: 2, Requested: 917, Footprint: 928, Largest: 900, Oldest: time.Minute}, g[0])
	require.Equal(t, []string{"opcua_task", "boot", "tiT"}, []string{g[0].Key, g[1].Key, g[2].Key})
	keys := func(k Key) (out []string) {
		for _, g := range GroupBlocks(h.Blocks, k) {
			out = append(out, g.Key)
		}
		return
	}
	require.Equal(t, []string{"session 1", "-", "10.0.0.2:51234"}, keys(ByObject))
	require.Equal(t, []string{"UA_Session", "heap_t", "tcp_pcb"}, keys(ByWhat))
	require.Equal(t, []string{"DRAM"}, keys(ByRegion))
	require.Equal(t, []string{"513 to 1024", "129 to 256", "17 to 32"}, keys(BySizeClass))
	require.Equal(t, []string{"under 10m0s", "10m0s and more"}, keys(ByAge(*now, 10*time.Minute, time.Hour)))
	require.Equal(t, []string{"9m0s and more"}, keys(ByAge(*now, time.Minute, 9*time.Minute)))
	require.Equal(t, []string{"any age"}, keys(ByAge(*now)))
	require.Empty(t, keys(func(Block) string { return "" }))

	p := h.MallocDefault(a, 100)
	in, ok := h.Find(p + 50)
	require.True(t, ok)
	require.Equal(t, p, in.Addr)
	_, ok = h.Find(0x3FFB0000)
	require.False(t, ok)
	_, ok = h.Find(p + 5000)
	require.False(t, ok, "free memory")
}

func TestDiff(t *testing.T) {
	h, _ := clocked(t)
	o := h.Intern(Tag{Task: "a", What: "x"})
	gone, kept := h.MallocDefault(o, 40), h.MallocDefault(o, 50)
	before := h.Snapshot()
	require.NoError(t, h.Free(gone))
	again := h.MallocDefault(o, 40) // the same address
	require.Equal(t, gone, again)
	h.MallocDefault(h.Intern(Tag{Task: "b"}), 60)
	d := Diff(before, h.Snapshot())
	require.Len(t, d.Added, 2)
	require.Len(t, d.Freed, 1)
	require.Equal(t, gone, d.Freed[0].Addr)
	require.NotEqual(t, kept, d.Added[0].Addr)
	require.Contains(t, d.String(), "(-64)\n+1 b 64 bytes\n+1 a/x 44 bytes\n-1 a/x 44 bytes\n")
	require.Equal(t, h.FreeSize(CapDefault), h.Snapshot().FreeSize(CapDefault))
	require.Equal(t, h.LargestFreeBlock(CapDefault), h.Snapshot().LargestFreeBlock(CapDefault))
	require.Equal(t, h.MinimumFreeSize(CapDefault), h.Snapshot().MinimumFreeSize(CapDefault))
}

// TestClassify runs clients that leave behind a leak, a PCB in TIME_WAIT and
// once a buffer, as connection after connection would.
func TestClassify(t *testing.T) {
	h, now := clocked(t)
	type timed struct {
		p    Addr
		ends time.Duration
	}
	var waiting []timed
	advance := func(d time.Duration) {
		*now += d
		for len(waiting) > 0 && waiting[0].ends <= *now {
			require.NoError(t, h.Free(waiting[0].p))
			waiting = waiting[1:]
		}
	}
	c := Cycles{Before: h.Snapshot()}
	for i := range 5 {
		session := h.Intern(Tag{Task: "opcua_task", Object: fmt.Sprint("session ", i), What: "UA_Session"})
		pcb := h.Intern(Tag{Task: "tiT", Object: fmt.Sprint("pcb ", i), What: "tcp_pcb"})
		if i == 0 {
			h.MallocDefault(h.Intern(Tag{Task: "tiT", What: "semaphore"}), 84)
		}
		h.MallocDefault(session, 200)
		h.MallocDefault(session, 60)
		waiting = append(waiting, timed{h.MallocDefault(pcb, 164), *now + 2*time.Minute})
		advance(30 * time.Second)
		c.After = append(c.After, h.Snapshot())
	}
	c.Due = func(b Block) (time.Duration, bool) { return b.At + 2*time.Minute, b.Tag.What == "tcp_pcb" }
	want := []Staying{
		{Stay: Leak, Task: "opcua_task", What: "UA_Session", Bytes: 5 * 268, Blocks: 10, PerCycle: 268},
		{Stay: Timed, Task: "tiT", What: "tcp_pcb", Bytes: 3 * 168, Blocks: 3, Returns: 4 * time.Minute},
		{Stay: WarmUp, Task: "tiT", What: "semaphore", Bytes: 88, Blocks: 1},
	}
	got, err := c.Classify()
	require.NoError(t, err)
	require.Equal(t, want, got)

	// Without knowing the timers, a quiet time tells.
	c.Due = nil
	advance(10 * time.Minute)
	c.Quiet = h.Snapshot()
	got, err = c.Classify()
	require.NoError(t, err)
	want[1].Returns = 0
	require.Equal(t, want, got)
	require.Equal(t, "leak         1340 bytes in   10 blocks of opcua_task/UA_Session, 268 bytes every cycle", got[0].String())
	require.Equal(t, "timed         504 bytes in    3 blocks of tiT/tcp_pcb", got[1].String())

	_, err = Cycles{Before: c.Before, After: c.After[:2]}.Classify()
	require.ErrorContains(t, err, "at least 3")
}

// recorder notes what hooks are told.
type recorder struct{ lines []string }

func (r *recorder) Alloc(p Addr, n uint32, b Block) {
	r.lines = append(r.lines, fmt.Sprintf("alloc %d %v", n, b.Tag))
}
func (r *recorder) Free(p Addr, b Block) {
	r.lines = append(r.lines, fmt.Sprintf("free %d", b.Requested))
}

func TestHooks(t *testing.T) {
	h, _ := clocked(t)
	r := &recorder{}
	h.AddHook(r)
	p := h.Malloc(h.Intern(Tag{Task: "a"}), 13, CapDMA)
	p, err := h.Realloc(OwnerBoot, p, 20, CapDefault)
	require.NoError(t, err)
	require.NoError(t, h.Free(p))
	h.Malloc(OwnerBoot, 1<<21, CapDefault)
	h.RemoveHook(r)
	h.Malloc(OwnerBoot, 10, CapDefault)
	require.Equal(t, []string{"alloc 13 a", "free 16", "alloc 20 boot", "free 20"}, r.lines)
}
