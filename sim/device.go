package sim

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// Power says whether a device runs.
type Power uint8

// The states of power.
const (
	Running Power = iota // the system runs
	Halted               // the chip stopped after a panic (GDB stub or halt)
	Off                  // PowerOff
)

// String returns the state in words.
func (p Power) String() string {
	if names := [...]string{"running", "halted", "off"}; int(p) < len(names) {
		return names[p]
	}
	return fmt.Sprintf("Power(%d)", uint8(p))
}

// A Device is a chip of the ESP32 family with its firmware, from one reset to the
// next.
type Device struct {
	world *World
	cfg   DeviceConfig
	chip  heap.Chip
	name  string
	mac   wire.MAC
	hub   *wire.Switch // where the cables of all its hosts meet
	link  *wire.Cable  // from its port to the hub
	end   *wire.End    // its port

	boots    int
	bootedAt time.Duration
	power    Power
	heap     *heap.Heap
	kernel   *freertos.Kernel
	tasks    []*freertos.Task // made by the firmware
	events   *eventLoop
	net      *lwipmodel.Stack
	netif    *lwipmodel.Netif
	linkUp   bool
	ready    bool
	readyAt  time.Duration
	baseline Baseline
	pending  []func() []Pending
	failures []heap.Failure
	onFail   []func(heap.Failure)

	whenNetwork []func(*App) // services that start when the network is there

	tlsConnections int
}

// Device adds a device to the world and resets it: the heap is there at once with
// what the system takes before its scheduler, which starts after
// [DeviceConfig.BootTime]; the rest happens as time passes.
func (w *World) Device(cfg DeviceConfig) (*Device, error) {
	if cfg.SDKConfig == nil {
		cfg.SDKConfig = sdkconfig.Default("5.3.1")
	}
	if cfg.Name == "" {
		cfg.Name = cfg.SDKConfig.Target
		if len(w.devices) > 0 {
			cfg.Name = fmt.Sprintf("%s-%d", cfg.Name, len(w.devices)+1)
		}
	}
	cfg.SDKConfig = cfg.SDKConfig.Clone()
	if err := cfg.SDKConfig.Resolve(); err != nil {
		return nil, fmt.Errorf("sim: device %q: %w", cfg.Name, err)
	}
	if cfg.Interface > WiFi {
		return nil, fmt.Errorf("sim: device %q: interface %v: Ethernet or WiFi was expected", cfg.Name, cfg.Interface)
	}
	if !cfg.Address.IsValid() {
		free, err := w.freeAddr(firstDevice, firstHost-1)
		if err != nil {
			return nil, fmt.Errorf("sim: device %q: %w", cfg.Name, err)
		}
		cfg.Address = free
	}
	if ip := cfg.Address.Addr(); !ip.Is4() || ip.IsUnspecified() || ip.IsMulticast() {
		return nil, fmt.Errorf("sim: device %q: address %v: an IPv4 address with prefix length such as 192.168.1.50/24 was expected", cfg.Name, cfg.Address)
	}
	if cfg.Firmware == nil {
		cfg.Firmware = networkOnly{}
	}
	if cfg.BootTime == 0 {
		cfg.BootTime = defaultBootTime
	}
	chip, err := heap.ParseChip(cfg.SDKConfig.Target)
	if err != nil {
		return nil, fmt.Errorf("sim: device %q: CONFIG_IDF_TARGET: %w", cfg.Name, err)
	}
	if chip != heap.ESP32 && cfg.Interface == Ethernet {
		return nil, fmt.Errorf("sim: device %q: an %v has no Ethernet MAC of its own (CONFIG_ETH_USE_ESP32_EMAC is the plain esp32's): connect it by Wi-Fi (wifi); an Ethernet chip on SPI, which it could have, is not modelled", cfg.Name, chip)
	}
	if err := w.take(cfg.Name, cfg.Address.Addr()); err != nil {
		return nil, err
	}
	d := &Device{world: w, cfg: cfg, chip: chip, name: cfg.Name, linkUp: true}
	ip := cfg.Address.Addr().As4()
	d.mac = wire.MAC{0x24, 0x0a, 0xc4, ip[1], ip[2], ip[3]} // an Espressif prefix
	d.hub = wire.NewSwitch(w.loop, d.name+" switch")
	if d.link, err = wire.NewCable(w.loop, wire.FastEthernet(d.name+" link")); err != nil {
		return nil, fmt.Errorf("sim: device %q: %w", d.name, err)
	}
	if d.end, err = d.link.Attach(d.name, (*port)(d)); err != nil {
		return nil, fmt.Errorf("sim: device %q: %w", d.name, err)
	}
	if err := d.hub.Connect(d.link); err != nil {
		return nil, fmt.Errorf("sim: device %q: %w", d.name, err)
	}
	if err := d.boot(); err != nil {
		w.release(d.name, d.Addr())
		return nil, fmt.Errorf("sim: device %q: %w", d.name, err)
	}
	w.devices = append(w.devices, d)
	return d, nil
}

// Chip returns the chip: its sdkconfig's CONFIG_IDF_TARGET.
func (d *Device) Chip() heap.Chip { return d.chip }

// Name returns the device's name.
func (d *Device) Name() string { return d.name }

// World returns the world that the device is in.
func (d *Device) World() *World { return d.world }

// Config returns what the device was built from, with defaults filled in.
func (d *Device) Config() DeviceConfig { return d.cfg }

// Addr returns the device's IPv4 address; with DHCP the one that it will get.
func (d *Device) Addr() netip.Addr { return d.cfg.Address.Addr() }

// Heap returns the heap of the device as it runs now; a reboot makes a new one.
func (d *Device) Heap() *heap.Heap { return d.heap }

// Kernel returns FreeRTOS as it runs now; a reboot makes a new one.
func (d *Device) Kernel() *freertos.Kernel { return d.kernel }

// Net returns lwIP as it runs now, nil before the firmware has started it; a
// reboot makes a new one.
func (d *Device) Net() *lwipmodel.Stack { return d.net }

// Netif returns the device's network interface as it runs now, nil before the
// firmware has made it; a reboot makes a new one.
func (d *Device) Netif() *lwipmodel.Netif { return d.netif }

// Power says whether the device runs.
func (d *Device) Power() Power {
	if h := d.kernel.Halted(); d.power == Running && h != nil && !h.Reboot {
		return Halted
	}
	return d.power
}

// Boots returns how often the device has started, 1 after it was made.
func (d *Device) Boots() int { return d.boots }

// BootedAt returns when the device was last started.
func (d *Device) BootedAt() time.Duration { return d.bootedAt }

// Ready reports whether the firmware has said that it is up, and since when.
func (d *Device) Ready() (at time.Duration, ok bool) { return d.readyAt, d.ready }

// FreeHeap returns the free bytes of the default heap (esp_get_free_heap_size).
func (d *Device) FreeHeap() uint32 { return d.heap.FreeSize(heap.CapDefault) }

// LargestFreeBlock returns the largest block that malloc is sure to give
// (heap_caps_get_largest_free_block(MALLOC_CAP_DEFAULT)).
func (d *Device) LargestFreeBlock() uint32 { return d.heap.LargestFreeBlock(heap.CapDefault) }

// MinimumFreeHeap returns the lowest free bytes since the start
// (esp_get_minimum_free_heap_size).
func (d *Device) MinimumFreeHeap() uint32 { return d.heap.MinimumFreeSize(heap.CapDefault) }

// Failures returns the allocations that failed since the start, the first first.
// The slice is not to be changed; a reboot makes a new one.
func (d *Device) Failures() []heap.Failure { return d.failures }

// OnFailure has f called at each failed allocation, as heap_caps_register_
// failed_alloc_callback does, until the next reboot.
func (d *Device) OnFailure(f func(heap.Failure)) { d.onFail = append(d.onFail, f) }

// LinkDown takes down the device's own link, see Cable.LinkDown.
func (d *Device) LinkDown() { d.end.LinkDown() }

// LinkUp undoes LinkDown.
func (d *Device) LinkUp() { d.end.LinkUp() }

// port is the device's side of its network socket.
type port Device

func (p *port) Receive(f wire.Frame) {
	d := (*Device)(p)
	if d.netif == nil || d.kernel.Halted() != nil {
		return // nobody takes it out of the controller's DMA buffers
	}
	d.netif.Receive(f)
}

func (p *port) LinkChanged(up bool) {
	d := (*Device)(p)
	d.linkUp = up
	if d.netif != nil && d.kernel.Halted() == nil {
		d.linkEvent(up)
	}
}
