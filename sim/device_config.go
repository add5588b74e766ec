package sim

import (
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/image"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// Interface is how a device is connected to the network.
type Interface uint8

// The interfaces.
const (
	Ethernet Interface = iota // the internal EMAC with an external PHY
	WiFi                      // a Wi-Fi station
)

// String returns "eth" or "wifi".
func (i Interface) String() string {
	switch i {
	case Ethernet:
		return "eth"
	case WiFi:
		return "wifi"
	}
	return fmt.Sprintf("Interface(%d)", uint8(i))
}

// ParseInterface reads what String writes.
func ParseInterface(s string) (Interface, error) {
	switch s {
	case "eth":
		return Ethernet, nil
	case "wifi":
		return WiFi, nil
	}
	return 0, fmt.Errorf("sim: interface %q: eth or wifi was expected", s)
}

// DeviceConfig describes a device.
type DeviceConfig struct {
	// Name appears in errors, logs and tables. Empty: its chip's, such as "esp32",
	// and with a number from the second device on.
	Name string

	// SDKConfig is the configuration of its firmware. Nil: the defaults of
	// ESP-IDF 5.3.1.
	SDKConfig *sdkconfig.Config

	// Static is the DRAM that the firmware's .data and .bss take, in bytes, up
	// to 0x2C200. 0: 31,488, as in a published boot log of an application with
	// Wi-Fi. On chips beside the ESP32, where code in RAM lies before the data in
	// the same memory, it is both, up to the end of the linker's memory; 0 is again
	// as in a published boot log.
	Static uint32

	// Image is the firmware's static memory as its linker placed it, in place of
	// Static. Nil: Static.
	Image *image.Image

	// IRAMEnd is where code in IRAM ends, on the ESP32 alone. 0: what the image
	// says, or 0x400971DC as in the same boot log, moved by what options add to or
	// take from it.
	IRAMEnd heap.Addr

	// PSRAM is the size of the external memory that the device has if its
	// sdkconfig has CONFIG_SPIRAM, in bytes, up to what the chip maps: 4 MiB, on
	// the ESP32-S2 10.5, on the ESP32-S3 32. 0: 4 MiB.
	PSRAM uint32

	// BootTime is the time from a reset to the start of the scheduler: ROM,
	// bootloader and the system's own start. It passes at the first start and at
	// every restart. 0: 320 ms, assumed; 252 ms of them are published for
	// hello_world. Negative: none.
	BootTime time.Duration

	// Interface is how it is connected. Default Ethernet.
	Interface Interface

	// Address is its fixed IPv4 address with the length of its network's
	// prefix, which nobody else in the world has. Zero: the next free one from
	// 192.168.1.50 to .99.
	Address netip.Prefix

	// DHCP has it ask for Address instead, when it starts and whenever its link
	// comes up again; see [World.ServeDHCP]. Default: it has Address by itself.
	DHCP bool

	// Firmware is its program. Nil: app_main brings up the network and returns,
	// after which the device is ready.
	Firmware Firmware

	// Applications are what the firmware has beside its main program, such as a
	// [CloudLink]. Nil: nothing.
	Applications []Application

	// Console is given what the device prints, a line at a time, each behind
	// the milliseconds since the device's start in brackets. Nil: nobody.
	Console io.Writer

	// Inject decides which allocations fail on purpose, and goes on where it
	// was after a reboot. Nil: none.
	Inject heap.Injector
}
