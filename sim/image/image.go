package image

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// Memory is one of the chip's internal memories that the linker places sections in.
type Memory uint8

// The memories.
const (
	DRAM    Memory = iota // data and bss, from 0x3FFB0000 (dram0_0_seg)
	IRAM                  // code, from 0x40080000 (iram0_0_seg)
	RTCFast               // 8 KB of RTC fast memory, from 0x3FF80000 (rtc_data_seg, rtc_iram_seg)
)

// String returns the memory's name in the reports of idf.py size.
func (m Memory) String() string { return [...]string{"DRAM", "IRAM", "RTC FAST"}[m] }

// The address ranges of the memories (components/esp_system/ld/esp32/memory.ld.in). RTC fast memory is seen by the
// instruction bus at an address of its own. 0x400A0000 to 0x400AA000 is code with ESP_SYSTEM_ESP32_SRAM1_REGION_AS_IRAM.
const (
	dramStart, dramEnd       = 0x3FFB0000, 0x3FFE0000
	diramEnd                 = 0x40000000
	iramStart, iramEnd       = 0x40080000, 0x400AA000
	rtcStart, rtcEnd         = 0x3FF80000, 0x3FF82000
	rtcCodeStart, rtcCodeEnd = 0x400C0000, 0x400C2000
)

// A Section is an output section of the linker that lies in internal memory.
type Section struct {
	Name   string // as the linker or idf.py size names it: ".dram0.data", ".bss"
	Memory Memory
	Start  heap.Addr // on the data bus in RTC fast memory; 0 if only its size is known
	Size   uint32    // bytes
}

// An Image is the static memory of a firmware.
type Image struct {
	Source   string    // what it was read from
	Chip     heap.Chip // for which it was linked
	Sections []Section // in address order, without empty ones

	// StaticStart and StaticEnd are where DRAM's static data begin and end, and the heap begins. StaticStart is 0 if only
	// sizes are known: then it is where the chip's memory, or Bluetooth's reserved part of it, lets it begin, and
	// StaticEnd is 0 too.
	StaticStart, StaticEnd heap.Addr
	// IRAMEnd is where code in IRAM ends.
	IRAMEnd heap.Addr
	// RTCDataEnd is where static data in RTC fast memory end; 0: there are none.
	RTCDataEnd heap.Addr
}

// Size is how many bytes the sections of one memory have.
func (m *Image) Size(memory Memory) uint32 {
	n := uint32(0)
	for _, s := range m.Sections {
		if s.Memory == memory {
			n += s.Size
		}
	}
	return n
}

// ReadFile is Read for the file at path.
func ReadFile(path string) (*Image, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("image: %w", err)
	}
	return Read(path, data)
}

// Read reads an ELF file, a linker map file or the JSON of idf.py size, whichever it is. The name is that of the file,
// for errors, which say what was expected and found, and on which line.
func Read(name string, data []byte) (*Image, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\x7fELF")):
		return ReadELF(name, bytes.NewReader(data))
	case bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")):
		return ReadSizeJSON(name, bytes.NewReader(data))
	case bytes.Contains(data, []byte(mapHeading)):
		return ReadMap(name, bytes.NewReader(data))
	}
	return nil, fmt.Errorf("image: %s: expected an ELF file, a linker map file (with a line %q) or the JSON of idf.py size, found neither", name, mapHeading)
}

// place adds a section, if it lies in internal memory.
func (m *Image) place(name string, addr, size uint32) error {
	s := Section{Name: name, Start: heap.Addr(addr), Size: size}
	end := uint64(addr) + uint64(size)
	limit := uint64(0)
	switch {
	case addr >= dramStart && addr < dramEnd:
		s.Memory, limit = DRAM, dramEnd
	case addr >= dramEnd && addr < diramEnd:
		if size == 0 {
			return nil
		}
		return fmt.Errorf("section %s lies at %v: expected static data below %v, which the heap alone has from there", name, s.Start, heap.Addr(dramEnd))
	case addr >= iramStart && addr < iramEnd:
		s.Memory, limit = IRAM, iramEnd
	case addr >= rtcStart && addr < rtcEnd:
		s.Memory, limit = RTCFast, rtcEnd
	case addr >= rtcCodeStart && addr < rtcCodeEnd:
		s.Memory, limit = RTCFast, rtcCodeEnd
		s.Start = heap.Addr(addr - rtcCodeStart + rtcStart)
	default:
		return nil
	}
	if end > limit {
		return fmt.Errorf("section %s: %d bytes from %v go beyond the end of %v at %v", name, size, heap.Addr(addr), s.Memory, heap.Addr(limit))
	}
	if size > 0 && name != rtcDummy {
		m.Sections = append(m.Sections, s)
	}
	return nil
}

// rtcDummy keeps RTC data behind RTC code, which is the same memory on another bus.
const rtcDummy = ".rtc.dummy"

// finish sorts the sections, and takes from them the bounds that no symbol gave.
func (m *Image) finish() error {
	slices.SortStableFunc(m.Sections, func(a, b Section) int {
		return cmp.Or(cmp.Compare(a.Memory, b.Memory), cmp.Compare(a.Start, b.Start))
	})
	m.StaticStart = dramStart
	bound := [...]*heap.Addr{DRAM: &m.StaticEnd, IRAM: &m.IRAMEnd, RTCFast: &m.RTCDataEnd}
	first := true
	for i, s := range m.Sections {
		if i > 0 && m.Sections[i-1].Memory == s.Memory && m.Sections[i-1].Start+heap.Addr(m.Sections[i-1].Size) > s.Start {
			return fmt.Errorf("section %s at %v overlaps %s, which ends at %v", s.Name, s.Start, m.Sections[i-1].Name, m.Sections[i-1].Start+heap.Addr(m.Sections[i-1].Size))
		}
		if s.Memory == DRAM && first {
			m.StaticStart, first = s.Start, false
		}
		end := s.Start + heap.Addr(s.Size)
		if s.Memory == DRAM {
			end = (end + 7) &^ 7 // _heap_start is aligned so
		}
		*bound[s.Memory] = max(*bound[s.Memory], end)
	}
	if m.Size(DRAM) == 0 {
		return fmt.Errorf("no section lies in DRAM (%v to %v): is this a firmware for the plain ESP32?", heap.Addr(dramStart), heap.Addr(dramEnd))
	}
	if m.StaticEnd > dramEnd {
		return fmt.Errorf("the heap would begin at %v: expected at most %v", m.StaticEnd, heap.Addr(dramEnd))
	}
	return nil
}

// symbol takes up a symbol of the linker script that marks a bound of the heap.
func (m *Image) symbol(name string, addr uint32) error {
	var bound *heap.Addr
	low, high := uint32(dramStart), uint32(dramEnd)
	switch name {
	case "_heap_start", "_heap_low_start": // the same place; the first up to v4.4
		bound = &m.StaticEnd
	case "_iram_end":
		bound, low, high = &m.IRAMEnd, iramStart, iramEnd
	default:
		return nil
	}
	if addr < low || addr > high {
		return fmt.Errorf("symbol %s is %v: expected %v to %v", name, heap.Addr(addr), heap.Addr(low), heap.Addr(high))
	}
	*bound = max(*bound, heap.Addr(addr))
	return nil
}
