package nodestore

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// comparer takes the operations of the model one by one and compares them with
// the recorded ones; it keeps the first difference.
type comparer struct {
	file  string
	lines []line
	at    int // next line
	equal int // operations that were the same
	err   error

	startBytes, startBlocks uint64
	sum                     sums
}

// next returns the next operation, phase or end line, nil at the end.
func (c *comparer) next() *line {
	for c.at < len(c.lines) {
		if l := &c.lines[c.at]; l.Op != "" || l.Phase != nil || l.End != nil {
			return l
		}
		c.at++
	}
	return nil
}

func (c *comparer) differ(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%s:%d: %s", c.file, c.at+1, fmt.Sprintf(format, args...))
	}
}

func (c *comparer) op(o mem.Op) {
	if c.err != nil {
		return
	}
	got := line{Op: o.Kind.String(), ID: o.ID, Size: o.Size, Old: o.Old}
	if o.Kind == mem.KindFree {
		got.Size = 0
	}
	l := c.next()
	if l == nil || l.Op != got.Op || l.ID != got.ID || l.Size != got.Size || l.Old != got.Old {
		if l == nil {
			l = &line{Op: "nothing"}
		}
		c.differ("expected %s %d of %d bytes, old %d, by %s, found %s %d of %d bytes, old %d, for %s",
			l.Op, l.ID, l.Size, l.Old, l.By, got.Op, got.ID, got.Size, got.Old, o.What)
		return
	}
	c.at++
	c.equal++
	s := &c.sum
	if o.Kind != mem.KindFree {
		s.Allocs++
		s.AllocBytes += uint64(o.Size)
		s.MaxBlock = max(s.MaxBlock, o.Size)
	}
	if o.Kind == mem.KindFree || o.Kind == mem.KindRealloc {
		s.Frees++
	}
}

func (c *comparer) begin(name string, r *mem.Recorder) {
	l := c.next()
	if l == nil || l.Phase == nil || l.Name != name {
		c.differ("expected %+v, found the begin of %s", l, name)
	}
	c.at++
	r.ResetPeak()
	c.startBytes, c.startBlocks = r.LiveBytes(), r.LiveBlocks()
	c.sum = sums{}
}

func (c *comparer) end(name string, r *mem.Recorder) {
	l := c.next()
	if l == nil || l.End == nil || l.Name != name {
		c.differ("expected %+v, found the end of %s", l, name)
		return
	}
	got := c.sum
	got.LiveBytes, got.LiveBlocks = r.LiveBytes(), r.LiveBlocks()
	got.DeltaBytes = int64(got.LiveBytes) - int64(c.startBytes)
	got.DeltaBlocks = int64(got.LiveBlocks) - int64(c.startBlocks)
	got.FreedBytes = uint64(int64(got.AllocBytes) - got.DeltaBytes)
	got.PeakBytes, got.PeakBlocks = r.Peak()
	got.PeakBytes -= c.startBytes
	got.PeakBlocks -= c.startBlocks
	if l.sums != got {
		c.differ("expected %+v, found %+v", l.sums, got)
	}
	c.at++
}

// compareBoot boots a server and compares everything it does with a recording.
func compareBoot(file string, lines []line) (*comparer, *recorded, *mem.Recorder) {
	c := &comparer{file: file, lines: lines}
	m := &mem.Recorder{OnOp: c.op}
	r := newRecorded(m)
	phase := func(name string, f func() error) {
		c.begin(name, m)
		if err := f(); err != nil {
			c.differ("%s: %v", name, err)
		}
		c.end(name, m)
	}
	phase("server_new_ns0", r.create)
	phase("server_config", r.configure)
	phase("add_3_variables", r.addVariables)
	phase("run_startup_listen", func() error { return r.core.Startup(nil) })
	phase("idle_60s", func() error { return nil })
	if l := c.next(); l != nil {
		c.differ("expected %+v, found the end", l)
	}
	return c, r, m
}

func TestBootOperationByOperation(t *testing.T) {
	c, r, m := compareBoot("boot.jsonl.gz", loadRecording(t, "boot.jsonl.gz"))
	require.NoError(t, c.err)
	require.Equal(t, 5619, c.equal, "operations")
	require.Equal(t, 234, r.random.draws, "random numbers")
	require.Equal(t, 2, r.reads, "reads of the changing variable")
	require.Equal(t, 237, r.core.Nodes())

	m.OnOp = nil
	r.core.Delete()
	require.Zero(t, m.LiveBlocks(), "a deleted server holds nothing")
	require.Zero(t, m.LiveBytes())
}

// TestBootComparisonIsStrict alters a recording in many places, one number or
// line at a time, and expects each to be noticed.
func TestBootComparisonIsStrict(t *testing.T) {
	original := loadRecording(t, "boot.jsonl.gz")
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < 40; i++ {
		lines := append([]line(nil), original...)
		k := rnd.IntN(len(lines))
		l := &lines[k]
		if i < 15 {
			for l.End == nil {
				k = rnd.IntN(len(lines))
				l = &lines[k]
			}
		}
		var what string
		switch {
		case l.End != nil:
			fields := []*uint64{&l.Allocs, &l.AllocBytes, &l.Frees, &l.FreedBytes, &l.PeakBytes, &l.PeakBlocks, &l.LiveBytes, &l.LiveBlocks}
			n := rnd.IntN(len(fields))
			*fields[n]++
			what = fmt.Sprintf("field %d of the end line", n)
		case l.Op == "":
			continue
		case i%4 == 0:
			lines = append(lines[:k:k], lines[k+1:]...)
			what = "line deleted"
		case i%4 == 1:
			lines = append(lines[:k+1:k+1], lines[k:]...)
			what = "line added"
		case i%4 == 2:
			l.ID++
			what = "number of a block"
		case l.Op != "free":
			l.Size--
			what = "size"
		default:
			continue
		}
		c, _, _ := compareBoot("boot.jsonl.gz", lines)
		require.Error(t, c.err, "line %d: %s", k+1, what)
	}
}

// TestBootWithoutMemory makes every allocation of the start fail once. The
// server then is not made or not started, without a loss, or it comes up with
// less.
func TestBootWithoutMemory(t *testing.T) {
	m := &mem.Recorder{}
	r := newRecorded(m)
	require.NoError(t, r.boot())
	total := m.Allocs()
	base := m.LiveBytes()
	failed, up := 0, 0
	for n := uint64(1); n <= total; n += 41 {
		m := &mem.Recorder{Fail: func(k uint64, _ uint32) bool { return k == n }}
		r := newRecorded(m)
		err := r.boot()
		if err != nil {
			failed++
			require.True(t, r.core == nil || n > 3000, "allocation %d", n)
		} else {
			up++
			require.LessOrEqual(t, m.LiveBytes(), base)
		}
		if r.core != nil {
			r.core.Delete()
		} else {
			require.ErrorIs(t, err, ErrOutOfMemory)
		}
		require.Zero(t, m.LiveBlocks(), "allocation %d: %v", n, err)
	}
	require.Positive(t, failed)
	require.Positive(t, up)
}

// endless is a memory without end or books.
type endless struct{ next uint32 }

func (e *endless) Malloc(uint32, string) uint32 { e.next += 2; return e.next }

func (e *endless) Calloc(uint32, string) uint32 { e.next += 2; return e.next }

func (e *endless) Realloc(uint32, uint32, string) uint32 { e.next += 2; return e.next }

func (e *endless) Free(uint32) {}

// BenchmarkBoot makes, configures and starts the recorded server.
func BenchmarkBoot(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		r := newRecorded(&endless{})
		if err := r.boot(); err != nil {
			b.Fatal(err)
		}
	}
}
