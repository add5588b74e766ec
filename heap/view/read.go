package view

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// LogError is a line of a device's log that does not fit its format, or the
// others.
type LogError struct {
	Line int    // from 1; 0 if the log as a whole is meant
	Text string // the line
	Why  string // what was expected of it
}

// Error names the line and what was expected.
func (e *LogError) Error() string {
	if e.Line == 0 {
		return "view: device log: " + e.Why
	}
	return fmt.Sprintf("view: device log line %d: %s: %q", e.Line, e.Why, e.Text)
}

// logLines reads a log. Lines end at a newline, with or without a carriage
// return; terminal colours are removed.
func logLines(r io.Reader) ([]string, error) {
	var out []string
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		out = append(out, colour.ReplaceAllString(strings.TrimRight(s.Text(), "\r"), ""))
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("view: device log line %d: %w", len(out)+1, err)
	}
	return out, nil
}

var (
	colour   = regexp.MustCompile("\x1b\\[[0-9;]*m")
	bootLine = regexp.MustCompile(`At ([0-9A-F]{8}) len ([0-9A-F]{8}) \((\d+) KiB\): ([A-Za-z/]+(?: RAM)?)`)
	infoHead = regexp.MustCompile(`^Heap summary for capabilities 0x([0-9A-Fa-f]{8}):$`)
	infoAt   = regexp.MustCompile(`^  At 0x([0-9a-f]{8}) len (\d+) free (-?\d+) allocated (-?\d+) min_free (-?\d+)$`)
	infoMore = regexp.MustCompile(`^    largest_free_block (-?\d+) alloc_blocks (\d+) free_blocks (\d+) total_blocks (\d+)$`)
	infoSum  = regexp.MustCompile(`^    free (-?\d+) allocated (-?\d+) min_free (-?\d+) largest_free_block (-?\d+)$`)
	// tableLine is a line of the table, whole or damaged.
	tableLine = regexp.MustCompile(`^ *(At 0x|largest_free_block|Totals:|free -?\d)`)
	dumpHead  = regexp.MustCompile(`^Showing data for heap: 0x([0-9a-f]+) ?$`)
	dumpLine  = regexp.MustCompile(`^Block 0x([0-9a-f]+) data, size: (\d+) bytes, Free: (No|Yes) ?$`)
)

// unsigned reads a number that a pattern matched; too large a one gives false.
func unsigned(s string, base int) (uint32, bool) {
	n, err := strconv.ParseUint(s, base, 32)
	return uint32(n), err == nil
}

// HeapInfo is a table of heap_caps_print_heap_info.
type HeapInfo struct {
	Caps    heap.Cap           // the capabilities asked for
	Regions []HeapInfoRegion   // the heaps that offer them, in search order
	Total   heap.MultiHeapInfo // the totals as printed, and the sums of the numbers of blocks
}

// HeapInfoRegion is one heap of the table.
type HeapInfoRegion struct {
	Start, End heap.Addr          // its region
	Info       heap.MultiHeapInfo // its figures
}

// ReadHeapInfo reads the first table of heap_caps_print_heap_info in a log.
// Lines of other sources between its rows, such as those of the Wi-Fi driver,
// are passed over. Where the printed totals are not the sums of the rows the
// table is returned with the error: the device takes the totals after the rows,
// so other tasks may have allocated in between, or a line is lost.
func ReadHeapInfo(r io.Reader) (*HeapInfo, error) {
	text, err := logLines(r)
	if err != nil {
		return nil, err
	}
	t, _, err := readHeapInfo(text, 0)
	if t == nil && err == nil {
		err = &LogError{Why: `no line like "Heap summary for capabilities 0x00001000:"`}
	}
	return t, err
}

// ReadHeapInfos reads all tables of heap_caps_print_heap_info in a log, such as
// those that a firmware prints before and after something. A table that is
// damaged is left out, one whose totals do not add up is in the result; the
// errors of all are joined. No table at all is an error.
func ReadHeapInfos(r io.Reader) ([]*HeapInfo, error) {
	text, err := logLines(r)
	if err != nil {
		return nil, err
	}
	var all []*HeapInfo
	var errs []error
	for i := 0; ; {
		var t *HeapInfo
		t, i, err = readHeapInfo(text, i)
		if t == nil && err == nil {
			break
		}
		if t != nil {
			all = append(all, t)
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		errs = append(errs, &LogError{Why: `no line like "Heap summary for capabilities 0x00001000:"`})
	}
	return all, errors.Join(errs...)
}

// readHeapInfo reads the first table from a line on and returns where it ended;
// it returns neither table nor error if there is none.
func readHeapInfo(text []string, from int) (*HeapInfo, int, error) {
	i := slices.IndexFunc(text[from:], infoHead.MatchString)
	if i < 0 {
		return nil, len(text), nil
	}
	i += from
	caps, _ := unsigned(infoHead.FindStringSubmatch(text[i])[1], 16)
	t := &HeapInfo{Caps: heap.Cap(caps)}
	// next finds the next line of the table: what a pattern matches, or the one
	// line that may stand in its place.
	next := func(p *regexp.Regexp, instead string) (n []uint32, found bool, err error) {
		for i++; i < len(text); i++ {
			switch {
			case instead != "" && text[i] == instead:
				return nil, true, nil
			case p.MatchString(text[i]):
				if n = numbers(p, text[i]); n == nil {
					return nil, false, &LogError{i + 1, text[i], "want 32-bit numbers"}
				}
				return n, true, nil
			case infoHead.MatchString(text[i]), tableLine.MatchString(text[i]):
				return nil, false, nil
			}
		}
		return nil, false, nil
	}
	lost := func(why string) error {
		s := ""
		if i < len(text) {
			s = text[i]
		}
		return &LogError{i + 1, s, why}
	}
	var sum heap.MultiHeapInfo
	for {
		m, found, err := next(infoAt, "  Totals:")
		if err != nil {
			return nil, i, err
		}
		if !found {
			return nil, i, lost(`want "  At 0x... len ... free ... allocated ... min_free ..." or "  Totals:"`)
		}
		if m == nil {
			break
		}
		n, found, err := next(infoMore, "")
		if err != nil {
			return nil, i, err
		}
		if !found {
			return nil, i, lost(`want "    largest_free_block ... alloc_blocks ... free_blocks ... total_blocks ..."`)
		}
		g := HeapInfoRegion{Start: heap.Addr(m[0]), End: heap.Addr(m[0] + m[1]), Info: heap.MultiHeapInfo{
			TotalFreeBytes: m[2], TotalAllocatedBytes: m[3], MinimumFreeBytes: m[4],
			LargestFreeBlock: n[0], AllocatedBlocks: n[1], FreeBlocks: n[2], TotalBlocks: n[3],
		}}
		if g.Info.TotalBlocks != g.Info.AllocatedBlocks+g.Info.FreeBlocks {
			return nil, i, lost("total_blocks is not alloc_blocks and free_blocks")
		}
		t.Regions = append(t.Regions, g)
		sum.TotalFreeBytes += g.Info.TotalFreeBytes
		sum.TotalAllocatedBytes += g.Info.TotalAllocatedBytes
		sum.MinimumFreeBytes += g.Info.MinimumFreeBytes
		sum.LargestFreeBlock = max(sum.LargestFreeBlock, g.Info.LargestFreeBlock)
		sum.AllocatedBlocks += g.Info.AllocatedBlocks
		sum.FreeBlocks += g.Info.FreeBlocks
		sum.TotalBlocks += g.Info.TotalBlocks
	}
	m, found, err := next(infoSum, "")
	if err != nil {
		return nil, i, err
	}
	if !found {
		return nil, i, lost(`want "    free ... allocated ... min_free ... largest_free_block ..."`)
	}
	t.Total = sum
	t.Total.TotalFreeBytes, t.Total.TotalAllocatedBytes, t.Total.MinimumFreeBytes, t.Total.LargestFreeBlock = m[0], m[1], m[2], m[3]
	if t.Total != sum {
		return t, i + 1, lost(fmt.Sprintf("the totals are not those of the heaps above, which are free %d allocated %d min_free %d largest_free_block %d",
			sum.TotalFreeBytes, sum.TotalAllocatedBytes, sum.MinimumFreeBytes, sum.LargestFreeBlock))
	}
	return t, i + 1, nil
}

// numbers returns what a pattern of numbers matches; the first is hexadecimal if
// it is a digit string of eight after "0x". Negative numbers are those of a
// 32-bit size printed with %d.
func numbers(p *regexp.Regexp, s string) []uint32 {
	m := p.FindStringSubmatchIndex(s)
	if m == nil {
		return nil
	}
	var out []uint32
	for k := 2; k < len(m); k += 2 {
		w := s[m[k]:m[k+1]]
		base := 10
		if m[k] >= 2 && s[m[k]-2:m[k]] == "0x" {
			base = 16
		}
		n, err := strconv.ParseInt(w, base, 64)
		if err != nil || n < -1<<31 || n > 1<<32-1 {
			return nil
		}
		out = append(out, uint32(n))
	}
	return out
}
