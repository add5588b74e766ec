package view

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// Timeline collects how a heap fills up over time: free bytes, largest free
// block, minimum, and the bytes that each group of owners holds. SVG draws it,
// CSV and JSONL write the samples. The zero value is ready for use.
type Timeline struct {
	Title    string // in large letters above the drawing
	Subtitle string // in small letters below it
	// Caps selects the memory that Sample looks at; 0 means CapDefault, what
	// malloc serves.
	Caps heap.Cap
	// By groups the owners for Sample; nil is ByObject.
	By Grouping

	groups   []string
	index    map[string]int
	samples  []sample
	marks    []mark
	failures []heap.Failure
	end      time.Duration // the latest time seen
}

// sample is the state at one instant. held is parallel to Timeline.groups; it
// may be shorter, where groups appeared later.
type sample struct {
	at                     time.Duration
	free, largest, minimum uint32
	held                   []uint32
}

// Amount is what one group holds.
type Amount struct {
	Group string // its name
	Bytes uint32 // headers included
}

// MarkKind is how a mark is drawn.
type MarkKind uint8

const (
	MarkEvent MarkKind = iota // something happened: grey
	MarkGood                  // recovery: green
	MarkBad                   // loss, failure, death: red
)

type mark struct {
	at    time.Duration
	kind  MarkKind
	label string
}

// Sample adds the state of a heap at a time. Times must not go back.
func (t *Timeline) Sample(at time.Duration, h *heap.Heap) {
	caps := t.Caps
	if caps == 0 {
		caps = heap.CapDefault
	}
	by := t.By
	if by == nil {
		by = ByObject
	}
	all := held(h, caps, by)
	amounts := make([]Amount, len(all))
	for i, a := range all {
		amounts[i] = Amount{a.group, a.bytes}
	}
	t.Add(at, h.FreeSize(caps), h.LargestFreeBlock(caps), h.MinimumFreeSize(caps), amounts...)
}

// Add adds a sample from elsewhere, such as a device's log. All sizes are bytes.
// A sample that repeats the last one is not kept.
func (t *Timeline) Add(at time.Duration, free, largest, minimum uint32, held ...Amount) {
	s := sample{at: at, free: free, largest: largest, minimum: minimum, held: make([]uint32, len(t.groups), len(t.groups)+len(held))}
	for _, a := range held {
		i, ok := t.index[a.Group]
		if !ok {
			if t.index == nil {
				t.index = make(map[string]int)
			}
			i = len(t.groups)
			t.index[a.Group] = i
			t.groups = append(t.groups, a.Group)
			s.held = append(s.held, 0)
		}
		s.held[i] += a.Bytes
	}
	t.end = max(t.end, at)
	if n := len(t.samples); n > 0 {
		if l := &t.samples[n-1]; l.free == free && l.largest == largest && l.minimum == minimum && slices.Equal(l.held, s.held) {
			return
		}
	}
	t.samples = append(t.samples, s)
}

// Mark puts a labelled mark on the time axis, such as "client 3 lost" or
// "opcua_task closed".
func (t *Timeline) Mark(at time.Duration, kind MarkKind, label string) {
	t.marks = append(t.marks, mark{at, kind, label})
	t.end = max(t.end, at)
}

// Fail marks a failed allocation: the request is drawn at its size, against the
// largest free block.
func (t *Timeline) Fail(f heap.Failure) {
	t.failures = append(t.failures, f)
	t.end = max(t.end, f.At)
}

// CSV writes one line a sample: the time in seconds, free bytes, largest free
// block and minimum in bytes, the bytes of each group, and the marks of that
// instant and of those since the line before.
func (t *Timeline) CSV(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprint(b, "seconds,free,largest,minimum")
	for _, g := range t.groups {
		fmt.Fprint(b, ",", quoteCSV(g))
	}
	fmt.Fprintln(b, ",marks")
	marks := t.allMarks()
	row := func(at time.Duration, s *sample, notes []string) {
		fmt.Fprintf(b, "%s,%d,%d,%d", seconds(at), s.free, s.largest, s.minimum)
		for i := range t.groups {
			fmt.Fprintf(b, ",%d", s.heldBy(i))
		}
		fmt.Fprintf(b, ",%s\n", quoteCSV(strings.Join(notes, "; ")))
	}
	for i := range t.samples {
		s := &t.samples[i]
		var notes []string
		for len(marks) > 0 && marks[0].at <= s.at {
			notes = append(notes, marks[0].label)
			marks = marks[1:]
		}
		row(s.at, s, notes)
		// Marks between two samples get a line of their own at their time.
		for len(marks) > 0 && (i+1 == len(t.samples) || marks[0].at < t.samples[i+1].at) {
			row(marks[0].at, s, []string{marks[0].label})
			marks = marks[1:]
		}
	}
	return b.Flush()
}

// JSONL writes one JSON object a line: samples with "at" in nanoseconds, sizes
// in bytes and "held" by group, and marks with "at", "kind" and "mark".
func (t *Timeline) JSONL(w io.Writer) error {
	b := bufio.NewWriter(w)
	marks := t.allMarks()
	writeMark := func(m mark) {
		fmt.Fprintf(b, `{"at":%d,"kind":%s,"mark":%s}`+"\n", int64(m.at), quoteJSON([...]string{"event", "good", "bad"}[m.kind]), quoteJSON(m.label))
	}
	for i := range t.samples {
		s := &t.samples[i]
		for len(marks) > 0 && marks[0].at <= s.at {
			writeMark(marks[0])
			marks = marks[1:]
		}
		fmt.Fprintf(b, `{"at":%d,"free":%d,"largest":%d,"minimum":%d,"held":{`, int64(s.at), s.free, s.largest, s.minimum)
		for j, g := range t.groups {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, "%s:%d", quoteJSON(g), s.heldBy(j))
		}
		fmt.Fprintln(b, "}}")
	}
	for _, m := range marks {
		writeMark(m)
	}
	return b.Flush()
}

func (s *sample) heldBy(i int) uint32 {
	if i >= len(s.held) {
		return 0
	}
	return s.held[i]
}

// allMarks returns the marks and the failures in order of time.
func (t *Timeline) allMarks() []mark {
	all := slices.Clone(t.marks)
	for _, f := range t.failures {
		all = append(all, mark{f.At, MarkBad, fmt.Sprintf("%s of %d bytes failed, largest free block %d", f.Func, f.Size, f.Largest)})
	}
	slices.SortStableFunc(all, func(a, b mark) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	return all
}

// seconds writes a time as decimal seconds without losing digits.
func seconds(d time.Duration) string {
	s := fmt.Sprintf("%d.%09d", d/time.Second, d%time.Second)
	s = strings.TrimRight(s, "0")
	return strings.TrimSuffix(s, ".")
}

func quoteCSV(s string) string {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func quoteJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return strconv.Quote(s)
	}
	return string(b)
}
