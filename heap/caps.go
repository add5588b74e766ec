package heap

import (
	"fmt"
	"strings"
)

// Addr is an address of the ESP32's memory map, such as 0x3FFB2EC8. Zero is the
// null pointer.
type Addr uint32

// String returns the address as ESP-IDF prints pointers: "0x3ffb2ec8".
func (a Addr) String() string { return fmt.Sprintf("0x%08x", uint32(a)) }

// Cap is a set of MALLOC_CAP_* bits (include/esp_heap_caps.h).
type Cap uint32

// The capabilities, with the values of ESP-IDF. Later versions know more of
// them than earlier ones; a bit that a version does not know is one that no
// heap offers.
const (
	CapExec         Cap = 1 << 0  // MALLOC_CAP_EXEC: memory must run code
	Cap32Bit        Cap = 1 << 1  // MALLOC_CAP_32BIT: 32-bit aligned access is enough
	Cap8Bit         Cap = 1 << 2  // MALLOC_CAP_8BIT: byte access
	CapDMA          Cap = 1 << 3  // MALLOC_CAP_DMA: reachable by DMA
	CapSPIRAM       Cap = 1 << 10 // MALLOC_CAP_SPIRAM: external RAM
	CapInternal     Cap = 1 << 11 // MALLOC_CAP_INTERNAL: not lost when the flash or SPI RAM cache is off
	CapDefault      Cap = 1 << 12 // MALLOC_CAP_DEFAULT: what malloc may return
	CapIRAM8Bit     Cap = 1 << 13 // MALLOC_CAP_IRAM_8BIT: IRAM with unaligned access
	CapRetention    Cap = 1 << 14 // MALLOC_CAP_RETENTION
	CapRTCRAM       Cap = 1 << 15 // MALLOC_CAP_RTCRAM: RTC fast memory
	CapTCM          Cap = 1 << 16 // MALLOC_CAP_TCM, MALLOC_CAP_SPM in later versions
	CapDMADescAHB   Cap = 1 << 17 // MALLOC_CAP_DMA_DESC_AHB
	CapDMADescAXI   Cap = 1 << 18 // MALLOC_CAP_DMA_DESC_AXI
	CapCacheAligned Cap = 1 << 19 // MALLOC_CAP_CACHE_ALIGNED
	CapSIMD         Cap = 1 << 20 // MALLOC_CAP_SIMD
	CapInvalid      Cap = 1 << 31 // MALLOC_CAP_INVALID: no memory has it; "all heaps" in checks and dumps
)

// capNames in the order of their bits, for String and ParseCap.
var capNames = [...]struct {
	bit  Cap
	name string
}{
	{CapExec, "EXEC"}, {Cap32Bit, "32BIT"}, {Cap8Bit, "8BIT"}, {CapDMA, "DMA"},
	{CapSPIRAM, "SPIRAM"}, {CapInternal, "INTERNAL"}, {CapDefault, "DEFAULT"},
	{CapIRAM8Bit, "IRAM_8BIT"}, {CapRetention, "RETENTION"}, {CapRTCRAM, "RTCRAM"},
	{CapTCM, "TCM"}, {CapDMADescAHB, "DMA_DESC_AHB"}, {CapDMADescAXI, "DMA_DESC_AXI"},
	{CapCacheAligned, "CACHE_ALIGNED"}, {CapSIMD, "SIMD"}, {CapInvalid, "INVALID"},
}

// String returns the names without their MALLOC_CAP_ prefix, as in
// "8BIT|INTERNAL"; bits without a name are added in hexadecimal, and the empty
// set is "0".
func (c Cap) String() string {
	var b strings.Builder
	rest := c
	for _, n := range capNames {
		if c&n.bit == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('|')
		}
		b.WriteString(n.name)
		rest &^= n.bit
	}
	if rest != 0 || b.Len() == 0 {
		if b.Len() > 0 {
			b.WriteByte('|')
		}
		if rest == 0 {
			b.WriteByte('0')
		} else {
			fmt.Fprintf(&b, "0x%x", uint32(rest))
		}
	}
	return b.String()
}

// ParseCap reads what String writes; names may carry their MALLOC_CAP_ prefix.
func ParseCap(s string) (Cap, error) {
	var c Cap
next:
	for _, f := range strings.Split(s, "|") {
		name := strings.TrimPrefix(strings.TrimSpace(f), "MALLOC_CAP_")
		for _, n := range capNames {
			if n.name == name {
				c |= n.bit
				continue next
			}
		}
		var bits uint32
		if name == "0" {
			continue
		}
		if n, err := fmt.Sscanf(name, "0x%x", &bits); n == 1 && err == nil && fmt.Sprintf("0x%x", bits) == strings.ToLower(name) {
			c |= Cap(bits)
			continue
		}
		return 0, fmt.Errorf("heap: capability %q in %q: want names like 8BIT|INTERNAL or a number like 0x804", f, s)
	}
	return c, nil
}
