package view

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// TraceLog is a heap_trace_dump read from a log.
type TraceLog struct {
	Mode        TraceMode        // as the summary says
	Records     []TraceLogRecord // in the order of the log
	Capacity    int              // records that the buffer holds
	HighWater   int              // 0 in v4.4, which does not print it
	Allocations int              // traced in all
	Frees       int              // traced in all
	Overflowed  bool             // older records were dropped
	// Symbols are names of code addresses, where the log has lines that
	// idf_monitor adds ("0x400d1234: app_main at main.c:12") or the caller of
	// ReadHeapTrace knows them.
	Symbols map[uint32]string
}

// TraceLogRecord is one allocation of a trace.
type TraceLogRecord struct {
	Line      int       // where it is in the log
	Addr      heap.Addr // of the allocation
	Size      uint32    // bytes asked for
	CPU       int       // 0 or 1
	CCount    uint32    // cycle counter of that CPU, without its two lowest bits
	PSRAM     bool      // in external memory
	AllocedBy []uint32  // call stack, innermost first; empty without stack depth
	Freed     bool      // it was given back
	FreedBy   []uint32  // call stack of the free
}

var (
	traceHead   = regexp.MustCompile(`^====== Heap Trace: (\d+) records \((\d+) capacity\) ======$`)
	traceHeadV4 = regexp.MustCompile(`^(\d+) allocations trace \((\d+) entry buffer\)$`)
	traceRow    = regexp.MustCompile(`^ *(\d+) bytes \(@ 0x([0-9a-f]+)(, Internal|,    PSRAM)?\) allocated CPU ([01]) ccount 0x([0-9a-f]{8})(?: caller ?((?:0x[0-9a-f]+:?)*))?( freed)?$`)
	traceFreed  = regexp.MustCompile(`^freed by ((?:0x[0-9a-f]+:?)*)$`)
	traceAlive  = regexp.MustCompile(`^(\d+) bytes alive in trace \((\d+)/(\d+) allocations\)$`)
	traceLeaked = regexp.MustCompile(`^(\d+) bytes 'leaked' in trace \((\d+) allocations\)$`)
	traceCounts = regexp.MustCompile(`^records: (\d+) \((\d+) capacity, (\d+) high water mark\)$`)
	traceTotals = regexp.MustCompile(`^total allocations: (\d+)$`)
	traceFrees  = regexp.MustCompile(`^total frees: (\d+)$`)
	traceV4     = regexp.MustCompile(`^total allocations (\d+) total frees (\d+)$`)
	symbolLine  = regexp.MustCompile(`^(?:--- )?0x([0-9a-f]{8}): (.+?)(?: at .*)?$`)
)

// ReadHeapTrace reads the first heap_trace_dump in a log, of any version and
// mode, with or without callers. Lines of other sources between are passed over.
// A dump whose beginning or end is missing or that does not add up, because lines
// are lost, is an error; what was read is returned with it.
func ReadHeapTrace(r io.Reader) (*TraceLog, error) {
	text, err := logLines(r)
	if err != nil {
		return nil, err
	}
	p := traceReader{text: text, log: &TraceLog{Symbols: make(map[uint32]string)}}
	err = p.read()
	if err != nil && len(p.log.Records) == 0 {
		return nil, err
	}
	return p.log, err
}

type traceReader struct {
	text    []string
	log     *TraceLog
	old     bool     // the format of v4.4
	records int      // as the header says
	sum     []uint32 // bytes and allocations as the summary says
	totals  int      // summary lines seen
}

func (p *traceReader) read() error {
	begin := slices.IndexFunc(p.text, func(s string) bool { return traceHead.MatchString(s) || traceHeadV4.MatchString(s) })
	headless := begin < 0
	if headless {
		begin = slices.IndexFunc(p.text, traceRow.MatchString) - 1
		if begin < -1 {
			return &LogError{Why: `no line like "====== Heap Trace: 3 records (100 capacity) ======"`}
		}
		p.records = -1
	} else if err := p.head(begin); err != nil {
		return err
	}
	end := false
	i := begin + 1
	for ; i < len(p.text) && !end; i++ {
		var err error
		if end, err = p.line(i, p.text[i]); err != nil {
			return err
		}
	}
	// What idf_monitor could not decode in place may follow.
	for ; i < len(p.text); i++ {
		p.symbol(p.text[i])
	}
	switch {
	case headless:
		return &LogError{begin + 2, p.text[begin+1], `the beginning of the dump is missing: no line like "====== Heap Trace: 3 records (100 capacity) ======"`}
	case p.sum == nil || p.totals < p.summaryLines():
		return &LogError{Why: "the trace has no summary: the log is cut off"}
	}
	return p.check()
}

// summaryLines is how many lines of totals the summary has.
func (p *traceReader) summaryLines() int {
	if p.old {
		return 1
	}
	return 2
}

// head reads the headline.
func (p *traceReader) head(i int) error {
	m := traceHead.FindStringSubmatch(p.text[i])
	if m == nil {
		m, p.old = traceHeadV4.FindStringSubmatch(p.text[i]), true
	}
	n, err1 := strconv.Atoi(m[1])
	c, err2 := strconv.Atoi(m[2])
	if err1 != nil || err2 != nil || n > c {
		return &LogError{i + 1, p.text[i], "want no more records than capacity"}
	}
	p.records, p.log.Capacity = n, c
	return nil
}

func (p *traceReader) symbol(s string) bool {
	m := symbolLine.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	if a, ok := unsigned(m[1], 16); ok {
		p.log.Symbols[a] = m[2]
	}
	return true
}

// line takes one line of the dump and reports whether it was the last.
func (p *traceReader) line(i int, s string) (end bool, err error) {
	l := p.log
	bad := func(why string) (bool, error) { return false, &LogError{i + 1, s, why} }
	if m := traceRow.FindStringSubmatch(s); m != nil {
		size, ok1 := unsigned(m[1], 10)
		addr, ok2 := unsigned(m[2], 16)
		ccount, ok3 := unsigned(m[5], 16)
		callers, ok4 := frames(m[6])
		if !ok1 || !ok2 || !ok3 || !ok4 {
			return bad("want 32-bit numbers")
		}
		l.Records = append(l.Records, TraceLogRecord{
			Line: i + 1, Addr: heap.Addr(addr), Size: size, CPU: int(m[4][0] - '0'), CCount: ccount,
			PSRAM: strings.Contains(m[3], "PSRAM"), AllocedBy: callers, Freed: m[7] != "",
		})
		return false, nil
	}
	if m := traceFreed.FindStringSubmatch(s); m != nil {
		callers, ok := frames(m[1])
		if len(l.Records) == 0 || l.Records[len(l.Records)-1].Freed || !ok {
			return bad("freed by without an allocation before it")
		}
		last := &l.Records[len(l.Records)-1]
		last.Freed, last.FreedBy = true, callers
		return false, nil
	}
	if m := traceAlive.FindStringSubmatch(s); m != nil {
		l.Mode = TraceAll
		p.sum = numbers(traceAlive, s)
	} else if m := traceLeaked.FindStringSubmatch(s); m != nil {
		p.sum = numbers(traceLeaked, s)
	} else if n := numbers(traceCounts, s); n != nil {
		l.HighWater = int(n[2])
		p.totals++
		if p.records >= 0 && int(n[0]) != p.records {
			return bad(fmt.Sprintf("the header says %d records", p.records))
		}
	} else if n := numbers(traceTotals, s); n != nil {
		l.Allocations = int(n[0])
		p.totals++
	} else if n := numbers(traceFrees, s); n != nil {
		l.Frees = int(n[0])
	} else if n := numbers(traceV4, s); n != nil {
		l.Allocations, l.Frees = int(n[0]), int(n[1])
		p.totals++
		// A note may follow, and nothing marks the end.
		if i+1 < len(p.text) && strings.HasPrefix(p.text[i+1], "(NB: Buffer has overflowed") {
			l.Overflowed = true
		}
		return true, nil
	} else if strings.Contains(s, "Buffer has overflowed") {
		l.Overflowed = true
	} else if s == "================================" {
		return true, nil
	} else {
		p.symbol(s)
	}
	return false, nil
}

// check compares the records with the summary.
func (p *traceReader) check() error {
	var bytes, blocks uint32
	for _, r := range p.log.Records {
		if !r.Freed {
			bytes += r.Size
			blocks++
		}
	}
	if len(p.log.Records) > p.records {
		return &LogError{Why: fmt.Sprintf("%d records, the header says %d", len(p.log.Records), p.records)}
	}
	if bytes != p.sum[0] || blocks != p.sum[1] {
		return &LogError{Why: fmt.Sprintf("%d bytes in %d allocations, the summary says %d in %d: lines are lost", bytes, blocks, p.sum[0], p.sum[1])}
	}
	return nil
}

// frames reads a call stack; null frames are left out.
func frames(s string) ([]uint32, bool) {
	var out []uint32
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ':' }) {
		n, ok := unsigned(strings.TrimPrefix(f, "0x"), 16)
		if !ok {
			return nil, false
		}
		if n != 0 {
			out = append(out, n)
		}
	}
	return out, true
}

// CallerLeak is what one call stack allocated and did not free.
type CallerLeak struct {
	Callers []uint32 // call stack, innermost first
	Name    string   // the innermost caller's symbol, or its address
	Bytes   uint64   // asked for and not freed
	Blocks  int      // how many
}

// Leaks adds up what was not freed by call stack, largest first.
func (l *TraceLog) Leaks() []CallerLeak {
	var out []CallerLeak
	index := make(map[string]int)
	for _, r := range l.Records {
		if r.Freed {
			continue
		}
		k := fmt.Sprint(r.AllocedBy)
		i, ok := index[k]
		if !ok {
			i = len(out)
			index[k] = i
			out = append(out, CallerLeak{Callers: r.AllocedBy, Name: l.name(r.AllocedBy)})
		}
		out[i].Bytes += uint64(r.Size)
		out[i].Blocks++
	}
	slices.SortStableFunc(out, func(a, b CallerLeak) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return out
}

func (l *TraceLog) name(callers []uint32) string {
	if len(callers) == 0 {
		return "unknown caller"
	}
	if s, ok := l.Symbols[callers[0]]; ok {
		return s
	}
	return fmt.Sprintf("0x%08x", callers[0])
}

// Rebuild allocates what was not freed at its addresses in a fresh heap of the
// same layout and version, owned by the callers: What is the innermost caller,
// Object the next. Allocations that were not traced are free memory there.
func (l *TraceLog) Rebuild(h *heap.Heap) error {
	alive := slices.DeleteFunc(slices.Clone(l.Records), func(r TraceLogRecord) bool { return r.Freed })
	slices.SortStableFunc(alive, func(a, b TraceLogRecord) int { return cmp.Compare(a.Addr, b.Addr) })
	for _, r := range alive {
		tag := heap.Tag{Task: "device", What: l.name(r.AllocedBy)}
		if len(r.AllocedBy) > 1 {
			tag.Object = l.name(r.AllocedBy[1:])
		}
		if err := h.Place(h.Intern(tag), r.Addr, r.Size, 0); err != nil {
			return &LogError{Line: r.Line, Why: err.Error()}
		}
	}
	return nil
}
