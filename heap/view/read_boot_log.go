package view

import (
	"fmt"
	"io"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// ReadBootLog finds the heap_init lines in an ESP32's boot log and returns the
// layout that gives them, so that a model can start from a device's memory. It
// is an error if the lines are not those of a layout the package models.
func ReadBootLog(r io.Reader) (heap.Layout, error) {
	text, err := logLines(r)
	if err != nil {
		return heap.Layout{}, err
	}
	var l heap.Layout
	var at []int
	var seen []string
	for i, s := range text {
		m := bootLine.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		start, ok1 := unsigned(m[1], 16)
		size, ok2 := unsigned(m[2], 16)
		if !ok1 || !ok2 {
			continue
		}
		at, seen = append(at, i), append(seen, m[0])
		layoutFrom(&l, m[4], start, start+size)
	}
	if len(at) == 0 {
		return l, &LogError{Why: `no line like "At 3FFB7B00 len 00028500 (161 KiB): DRAM"`}
	}
	h, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: l})
	if err != nil {
		return l, err
	}
	for i, want := range h.BootLog() {
		if i >= len(seen) {
			return l, &LogError{Why: fmt.Sprintf("after the last region of the log there is one more in the model: %q", want)}
		}
		if seen[i] != want {
			return l, &LogError{at[i] + 1, text[at[i]], fmt.Sprintf("the layout found gives %q here", want)}
		}
	}
	if n := len(h.BootLog()); n < len(seen) {
		return l, &LogError{at[n] + 1, text[at[n]], "the model has no such region"}
	}
	return l, nil
}

// layoutFrom draws what a region says about the layout.
func layoutFrom(l *heap.Layout, name string, start, end uint32) {
	switch name {
	case "DRAM":
		switch {
		case end == 0x3FFE0000:
			l.StaticEnd = heap.Addr(start)
		case start == 0x3FFAFF10:
			l.BT = true
		case l.BT && start >= 0x3FFB6388 && start < 0x3FFB8000:
			l.BTSCOConnections = int(start-0x3FFB6388) / 0x870
		}
	case "D/IRAM":
		l.SingleCore = start == 0x3FFE0440 && end != 0x3FFE3F20
		switch {
		case end == 0x3FFFC000:
			l.TraceBanks = 1
		case end == 0x3FFF8000:
			l.TraceBanks = 2
		case end > 0x3FFF0000 && end < 0x40000000:
			l.IRAMEnd = heap.Addr(0x400A0000 + (0x40000000 - end))
		}
		if start == 0x3FFE4350 {
			l.SingleCore = false
		}
		if l.IRAMEnd == 0 {
			l.IRAMEnd = 0x400A0000 // unless an IRAM region says otherwise
		}
	case "IRAM":
		if end == 0x400A0000 {
			l.IRAMEnd = heap.Addr(start)
		}
	case "RTCRAM":
		l.RTCFastAsHeap, l.RTCDataEnd = true, heap.Addr(start)
	}
}
