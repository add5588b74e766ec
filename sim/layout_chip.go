package sim

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// Where code and static data end on the chips beside the ESP32 where nothing is
// given, and the static data of RTC fast memory: as published boot logs have it,
// of applications of the size of one with Wi-Fi (see FIDELITY.md).
func published(c heap.Chip) (staticEnd, rtcDataEnd heap.Addr) {
	switch c {
	case heap.ESP32S2:
		return 0x3FFC19E0, 0 // v4.4.8
	case heap.ESP32S3:
		return 0x3FCA4390, 0x600FE010 // v5.2.2
	case heap.ESP32C3:
		return 0x3FC92710, 0x5000001C // v5.4.4
	}
	return 0x40817220, 0 // ESP32-C6, v5.5.2
}

// s2Caches is what heap.Chip.StaticRange counts for the ESP32-S2's caches, in KiB.
const s2Caches = 8

// chipLayout is layout for the chips beside the ESP32: one memory, in which code
// and static data lie before the heap.
func (d *Device) chipLayout() (heap.Layout, error) {
	c := d.cfg.SDKConfig
	low, high := d.chip.StaticRange()
	if d.chip == heap.ESP32S2 {
		low += heap.Addr(c.System.S2InstructionCache+c.System.S2DataCache-s2Caches) << 10
	}
	l := heap.Layout{Chip: d.chip, StaticStart: low, RTCFastAsHeap: c.System.AllowRTCFastMemAsHeap, SPIRAM: c.SPIRAM.Enabled}
	switch {
	case d.cfg.IRAMEnd != 0:
		return l, fmt.Errorf("an %v has no IRAM of its own: IRAMEnd is the plain esp32's; Static counts code in RAM too", d.chip)
	case c.Bluetooth.ControllerEnabled:
		return l, fmt.Errorf("the Bluetooth controller of an %v takes its memory from the heap, which is not modelled: CONFIG_BT_ENABLED must be off", d.chip)
	}
	if err := d.static(&l, high); err != nil {
		return heap.Layout{}, err
	}
	if _, rtc := published(d.chip); d.cfg.Image == nil {
		l.RTCDataEnd = rtc
	}
	if !l.RTCFastAsHeap {
		l.RTCDataEnd = 0
	}
	if d.chip == heap.ESP32S3 {
		l.DataCache = c.System.S3DataCache
	}
	l.StaticStart, l.IRAMEnd = 0, 0 // the heap's layout of these chips begins at the memory's start
	return l, nil
}

// chipStatic is the code in RAM and the static data of the published firmware
// with the options of this configuration.
func (d *Device) chipStatic() int {
	end, _ := published(d.chip)
	low, _ := d.chip.StaticRange()
	n := int(end-low) + codeOf(d.cfg.SDKConfig)
	if d.chip == heap.ESP32S3 && d.cfg.SDKConfig.FreeRTOS.Unicore {
		n -= secondCoreCode
	}
	return n
}
