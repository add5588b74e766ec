package view

import (
	"fmt"
	"io"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// ReadBootLog finds the heap_init lines in a boot log of an ESP32, ESP32-S2, -S3,
// -C3 or -C6 and returns the layout that gives them, so that a model can start
// from a device's memory. It is an error if the lines are not those of a layout
// the package models.
func ReadBootLog(r io.Reader) (heap.Layout, error) {
	text, err := logLines(r)
	if err != nil {
		return heap.Layout{}, err
	}
	var l heap.Layout
	var at []int
	var seen []string
	var regions []bootRegion
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
		regions = append(regions, bootRegion{m[4], start, start + size})
	}
	if len(at) == 0 {
		return l, &LogError{Why: `no line like "At 3FFB7B00 len 00028500 (161 KiB): DRAM"`}
	}
	version := heap.V5_3_1
	if l.Chip = chipOf(regions); l.Chip == heap.ESP32 {
		for _, r := range regions {
			layoutFrom(&l, r.name, r.start, r.end)
		}
	} else if version, err = chipLayout(&l, regions); err != nil {
		return l, err
	}
	h, err := heap.New(heap.Config{Version: version, Layout: l})
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

// bootRegion is one line of the log.
type bootRegion struct {
	name       string
	start, end uint32
}

// chipOf knows a chip by where its ROM's startup stack begins, whose region is in
// every log.
func chipOf(regions []bootRegion) heap.Chip {
	for _, r := range regions {
		switch {
		case r.start == 0x3FFFC000 && r.end == 0x3FFFFA10:
			return heap.ESP32S2
		case r.start == 0x3FCE9710:
			return heap.ESP32S3
		case r.start == 0x3FCDC710:
			return heap.ESP32C3
		case r.start == 0x4087C610:
			return heap.ESP32C6
		}
	}
	return heap.ESP32
}

// chipLayout is layoutFrom for the chips beside the ESP32. It also returns a
// version whose memory types have the names of the log.
func chipLayout(l *heap.Layout, regions []bootRegion) (heap.Version, error) {
	l.StaticEnd = heap.Addr(regions[0].start)
	version := "v5.1.1"
	cache := 64
	for _, r := range regions {
		switch r.name {
		case "RAM":
			version = "master"
		case "DRAM/RETENTION":
			version = "v5.1.2"
		case "RTCRAM":
			low, high := uint32(0x50000000), uint32(0x50002000)
			switch l.Chip {
			case heap.ESP32S2:
				low, high = 0x3FF9E000, 0x3FFA0000
			case heap.ESP32S3:
				low, high = 0x600FE000, 0x60100000
			case heap.ESP32C6:
				high = 0x50004000
			}
			l.RTCFastAsHeap = true
			if r.start > low {
				l.RTCDataEnd = heap.Addr(r.start)
			}
			switch reserved := high - r.end; {
			case reserved == 0 && l.Chip == heap.ESP32C6:
				version = "v5.1"
			case reserved == 0 && version == "v5.1.1":
				version = "v4.4.8"
			case reserved != 24:
				l.RTCReserved = reserved
			}
		}
		switch r.start {
		case 0x3FCF0000:
			cache = min(cache, 32)
		case 0x3C000000:
			cache = 16
		}
	}
	if l.Chip == heap.ESP32S3 && cache != 32 {
		l.DataCache = cache
	}
	return heap.ParseVersion(version)
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
