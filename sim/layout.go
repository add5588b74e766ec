package sim

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// Where static memory lies (components/esp_system/ld/esp32/memory.ld.in), and
// what is taken where nothing is given: the boot log of a published firmware
// with Wi-Fi (nodemcu/nodemcu-firmware#3571).
const (
	btReserved     = 0xDB5C // BTDM_RESERVE_DRAM
	defaultStatic  = 0x7B00
	defaultIRAMEnd = heap.Addr(0x400971DC)
	iramSegmentEnd = heap.Addr(0x400A0000)
	defaultPSRAM   = 4 << 20 // also the most that the ESP32 maps
	timerCommand   = 16      // DaemonTaskMessage_t
	lwipSock       = 20      // struct lwip_sock
)

// How much code in IRAM an option moves the heap's beginning by, in bytes, where
// no image is given. The published firmware above has Wi-Fi's two options on and
// lwIP's off, as is the default, and two cores.
const (
	wifiIRAMCode   = 15 << 10 // ESP_WIFI_IRAM_OPT (docs, wifi-performance-and-power-save.rst)
	wifiRxIRAMCode = 16 << 10 // ESP_WIFI_RX_IRAM_OPT (the same)
	lwipIRAMCode   = 13 << 10 // LWIP_IRAM_OPTIMIZATION (the same)
	secondCoreCode = 3092     // code for the second core (Espressif's case study of 2020, steps 0 and 1)
)

// layout is the memory of the chip that the linker and the options leave for
// heaps.
func (d *Device) layout() (heap.Layout, error) {
	if d.chip != heap.ESP32 {
		return d.chipLayout()
	}
	c := d.cfg.SDKConfig
	low, high := d.chip.StaticRange()
	l := heap.Layout{
		SingleCore:    c.FreeRTOS.Unicore,
		StaticStart:   low,
		IRAMEnd:       d.cfg.IRAMEnd,
		RTCFastAsHeap: c.System.AllowRTCFastMemAsHeap && c.FreeRTOS.Unicore,
		IRAMAs8Bit:    c.System.IRAMAs8Bit && c.FreeRTOS.Unicore,
		BT:            c.Bluetooth.ControllerEnabled,
		SPIRAM:        c.SPIRAM.Enabled,
	}
	switch c.System.TraceMemReserveDRAM {
	case 0x4000:
		l.TraceBanks = 1
	case 0x8000:
		l.TraceBanks = 2
	}
	if l.BT {
		l.StaticStart += btReserved
		l.BTSCOConnections = c.Bluetooth.BREDRMaxSyncConn
	}
	if err := d.static(&l, high); err != nil {
		return heap.Layout{}, err
	}
	if c.System.UseFixedStaticRAMSize {
		end := low + heap.Addr(c.System.FixedStaticRAMSize)
		if l.StaticEnd > end {
			return heap.Layout{}, fmt.Errorf("static DRAM ends at %v: CONFIG_ESP32_FIXED_STATIC_RAM_SIZE lets it end at %v", l.StaticEnd, end)
		}
		l.StaticEnd = end
	}
	if l.IRAMEnd == 0 {
		l.IRAMEnd = d.defaultIRAMEnd()
	}
	if l.IRAMEnd > iramSegmentEnd && !c.System.SRAM1RegionAsIRAM {
		return heap.Layout{}, fmt.Errorf("code in IRAM ends at %v: the linker places it up to %v, and more only with CONFIG_ESP_SYSTEM_ESP32_SRAM1_REGION_AS_IRAM", l.IRAMEnd, iramSegmentEnd)
	}
	return l, nil
}

// static fills what the image or the configured size say of the memory that the
// linker took, of which data may end at high.
func (d *Device) static(l *heap.Layout, high heap.Addr) error {
	static := d.cfg.Static
	if img := d.cfg.Image; img != nil {
		if static != 0 {
			return fmt.Errorf("static DRAM is given twice: %d bytes in Static, and by the image %s", static, img.Source)
		}
		if img.Chip != d.chip {
			return fmt.Errorf("the image %s is read as one for the %v, and the sdkconfig is for the %v: of other chips than the esp32 give the bytes of code and data in RAM (Static)", img.Source, img.Chip, d.chip)
		}
		l.RTCDataEnd = img.RTCDataEnd
		if l.IRAMEnd == 0 {
			l.IRAMEnd = img.IRAMEnd
		}
		if img.StaticStart != 0 {
			l.StaticStart, l.StaticEnd = img.StaticStart, img.StaticEnd
		} else {
			static = img.Size(0)
		}
	} else if static == 0 {
		static = d.defaultStatic()
	}
	low, _ := d.chip.StaticRange()
	if most := uint32(high - low); static > most {
		return fmt.Errorf("%d bytes of static DRAM: the linker places at most %d", static, most)
	}
	if l.StaticEnd == 0 {
		l.StaticEnd = l.StaticStart + heap.Addr((static+3)&^3)
	}
	if l.StaticEnd > high {
		return fmt.Errorf("%d bytes of static DRAM: the linker places at most %d", l.StaticEnd-l.StaticStart, high-l.StaticStart)
	}
	return nil
}

// defaultStatic is the static memory of the published firmware with the options
// of this configuration: what is known of them to be static.
func (d *Device) defaultStatic() uint32 {
	c := d.cfg.SDKConfig
	n, cores := defaultStatic, 2
	if d.chip != heap.ESP32 {
		n, cores = d.chipStatic(), d.chip.Cores()
	}
	n -= cores * 1536
	if c.FreeRTOS.Unicore {
		cores = 1
	}
	n += cores * c.FreeRTOS.ISRStackSize // port_IntStack, xIsrStack (components/freertos, portable/*/port.c, portasm.S)
	if c.FreeRTOS.UseTimers {
		n += timerCommand * (c.FreeRTOS.TimerQueueLength - 10) // ucStaticTimerQueueStorage
	}
	n += 8 * c.FreeRTOS.QueueRegistrySize    // QueueRegistryItem_t
	n += c.System.CoredumpStackSize          // s_coredump_stack
	n += lwipSock * (c.LWIP.MaxSockets - 10) // sockets[] (lwip, src/api/sockets.c)
	return uint32(max(n, 0))
}

// defaultIRAMEnd is where the code of the published firmware ends with the
// options of this configuration.
func (d *Device) defaultIRAMEnd() heap.Addr {
	c := d.cfg.SDKConfig
	end := int(defaultIRAMEnd) + codeOf(c)
	if c.FreeRTOS.Unicore {
		end -= secondCoreCode
	}
	return heap.Addr(end)
}

// codeOf is how much more code lies in RAM than with the default options.
func codeOf(c *sdkconfig.Config) int {
	n := 0
	if !c.WiFi.IRAMOpt {
		n -= wifiIRAMCode
	}
	if !c.WiFi.RxIRAMOpt {
		n -= wifiRxIRAMCode
	}
	if c.LWIP.IRAMOptimization {
		n += lwipIRAMCode
	}
	return n
}

// addPSRAM makes external memory heap, where the configuration says so
// (components/esp_psram, esp_psram_init and esp_psram_extram_add_to_heap_allocator).
func (d *Device) addPSRAM() error {
	c := d.cfg.SDKConfig.SPIRAM
	if !c.Enabled || !c.BootInit || c.Use == sdkconfig.SPIRAMUseMemmap {
		return nil
	}
	size := d.psramSize()
	limit := -1
	if c.Use == sdkconfig.SPIRAMUseMalloc {
		limit = c.MallocAlwaysInternal
	}
	d.kernel.Print(fmt.Sprintf("esp_psram: Adding pool of %dK of PSRAM memory to heap allocator", size/1024))
	return d.heap.AddSPIRAM(size, limit)
}

// reserveInternalPool keeps internal memory away from malloc, which has PSRAM
// (esp_psram_extram_reserve_dma_pool).
func (d *Device) reserveInternalPool() error {
	c := d.cfg.SDKConfig.SPIRAM
	if !c.Enabled || !c.BootInit || c.Use != sdkconfig.SPIRAMUseMalloc || c.MallocReserveInternal == 0 {
		return nil
	}
	d.kernel.Print(fmt.Sprintf("esp_psram: Reserving pool of %dK of internal memory for DMA/internal allocations", c.MallocReserveInternal/1024))
	return d.heap.ReserveInternalPool(uint32(c.MallocReserveInternal))
}
