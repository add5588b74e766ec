package heaptest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/heap/heaptest"
)

func TestMultiHeapConforms(t *testing.T) {
	for _, v := range []heap.Version{heap.V4_4, heap.V5_3_1, heap.Master} {
		for _, p := range []heap.Poisoning{heap.PoisoningNone, heap.PoisoningLight, heap.PoisoningComprehensive} {
			t.Run(v.String()+" "+p.String(), func(t *testing.T) {
				t.Parallel()
				heaptest.TestAllocator(t, func(t testing.TB, start heap.Addr, size uint32) heaptest.Allocator {
					m, err := heap.RegisterMultiHeap(start, size, heap.MultiHeapConfig{Version: v, Poisoning: p, Images: size < 5000})
					require.NoError(t, err)
					return m
				}, heaptest.Options{Poisoning: p})
			})
		}
	}
}

// server is a little firmware: it opens a connection with three objects, and
// handles a failure in a different way for each of them.
func server(t testing.TB, inject heap.Injector) heaptest.Run {
	h, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: heap.DefaultLayout(), Inject: inject})
	require.NoError(t, err)
	run := heaptest.Run{Heap: h}
	tag := func(what string) heap.Owner { return h.Intern(heap.Tag{Task: "server", What: what}) }

	conn := h.MallocDefault(tag("connection"), 100)
	if conn == 0 {
		run.Reported = errors.New("no connection")
		return run
	}
	buffer := h.MallocDefault(tag("buffer"), 1000)
	if buffer == 0 {
		run.Reported = errors.New("no buffer")
		return run // forgets the connection
	}
	var session heap.Addr
	for try := 0; session == 0 && try < 3; try++ {
		session = h.MallocDefault(tag("session"), 200)
	}
	h.MallocDefault(tag("log"), 50) // used if it is there
	queue := h.MallocDefault(tag("queue"), 60)
	if queue == 0 {
		run.Died = "server"
		return run
	}
	for _, p := range []heap.Addr{conn, buffer, session, queue} {
		require.NoError(t, h.Free(p))
	}
	return run
}

func TestSweep(t *testing.T) {
	r := heaptest.Sweep(t, server)
	require.Equal(t, uint64(5), r.Calls)
	outcomes := []heaptest.Outcome{heaptest.FaultReported, heaptest.FaultReported, heaptest.SilentRetry, heaptest.Unnoticed, heaptest.TaskDeath}
	leaks := []int64{0, 104, 0, 0, 104 + 1004 + 204}
	for i, f := range r.Findings {
		require.Equal(t, outcomes[i], f.Outcome, "allocation %d", i+1)
		require.Equal(t, leaks[i], f.Leak, "allocation %d", i+1)
	}
	require.Equal(t, "connection", r.Findings[1].LeakBy[0].Tag.What)
	require.Equal(t, "no buffer", r.Findings[1].Detail)
	require.Contains(t, r.String(), "5 of 5 allocations failed: 2 faults reported, 1 silent retries, 1 task deaths, 1 unnoticed; 2 leak")
	require.Contains(t, r.String(), "104 bytes, 104 of server/connection (no buffer)")

	some := heaptest.SweepSome(t, server, func(r heap.Request) bool { return r.Size >= 200 })
	require.Equal(t, uint64(5), some.Calls)
	require.Len(t, some.Findings, 2)
	require.Equal(t, r.Findings[1], some.Findings[0])
	require.Equal(t, r.Findings[2], some.Findings[1])
	first := heaptest.FirstOfEach()
	one := heap.Request{Size: 4, Tag: heap.Tag{Task: "t", Object: "1", What: "w"}}
	require.True(t, first(one))
	one.Tag.Object = "2"
	require.False(t, first(one), "another object of the kind")
	one.Size = 8
	require.True(t, first(one))
}

// fake is an allocator that breaks one rule.
type fake struct {
	*heap.MultiHeap
	rule string
	last heap.Addr
}

func (f *fake) Malloc(n uint32) heap.Addr {
	p := f.MultiHeap.Malloc(n)
	switch {
	case f.rule == "overlaps" && f.last != 0 && p != 0 && n < 400:
		return f.last
	case f.rule == "refuses small" && n < 40:
		return 0
	}
	f.last = p
	return p
}

func (f *fake) AlignedAlloc(n, align uint32) heap.Addr {
	if f.rule == "misaligns" {
		return f.MultiHeap.Malloc(n)
	}
	return f.MultiHeap.AlignedAlloc(n, align)
}

func (f *fake) Info() heap.MultiHeapInfo {
	i := f.MultiHeap.Info()
	if f.rule == "forgets the minimum" {
		i.MinimumFreeBytes = i.TotalFreeBytes
	}
	return i
}

// TestConformanceNotices runs the conformance test on allocators that break a
// rule, in a process of its own, which has to fail.
func TestConformanceNotices(t *testing.T) {
	for _, rule := range []string{"overlaps", "refuses small", "misaligns", "forgets the minimum"} {
		failed := runsInChild(t, rule)
		require.True(t, failed, "an allocator that %s passes", rule)
	}
	require.False(t, runsInChild(t, "keeps all rules"))
	require.True(t, strings.HasPrefix(heaptest.SilentRetry.String(), "silent"))
}
