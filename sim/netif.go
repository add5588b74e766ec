package sim

import (
	"fmt"
	"net/netip"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
)

// Bytes of ESP-IDF's network objects in ILP32, for v5.3.1. Computed from their
// definitions, except where it says assumed.
const (
	sizeGotIP        = 20  // ip_event_got_ip_t
	sizeEthHandle    = 4   // event data of ETH_EVENT
	sizeGlue         = 32  // esp_eth_netif_glue_t
	sizeEMAC         = 148 // emac_esp32_t
	sizeEMACDMA      = 112 // struct emac_esp_dma_t for 10 and 10 buffers, 4 for each more
	sizeDescriptor   = 32  // of EMAC's DMA
	sizePHY          = 92  // phy_lan87xx_t
	sizeEthDriver    = 80  // esp_eth_driver_t
	sizeESPTimer     = 32  // struct esp_timer
	sizeIntrHandle   = 8   // intr_handle_data_t
	sizeVectorDesc   = 16  // vector_desc_t
	sizeNVS          = 528 // 24 KiB of partition at 22 KB per MB (documented)
	gotIPEthernet    = "IP_EVENT_ETH_GOT_IP"
	gotIPStation     = "IP_EVENT_STA_GOT_IP"
	sizeStaConnected = 48 // wifi_event_sta_connected_t
	internal8BitCap  = heap.CapInternal | heap.Cap8Bit
	dmaCap           = heap.CapDMA
)

// networkOnly is the firmware of a device that has none of its own.
type networkOnly struct{}

func (networkOnly) Main(a *App) {
	a.StartNetwork(func(*App) {})
	// It is up when the main task is gone, whose stack is not to count.
	d, boot := a.dev, a.dev.boots
	a.OnFree(func() {
		d.world.loop.After(0, func() {
			if d.boots == boot && d.Power() == Running {
				d.setReady()
			}
		})
	})
}

// StartNetwork brings up NVS, lwIP, the event loop and the device's interface
// with its address, in the order of ESP-IDF's protocol examples, and
// calls gotIP in the event task when the interface has its address. Then the
// services among the device's applications start, in their order.
func (a *App) StartNetwork(gotIP func(*App)) {
	a.Within("nvs", func() { a.must(a.Calloc("nvs pages", sizeNVS), "nvs_flash_init") })
	a.netifInit()
	a.EventLoopCreateDefault()
	id := eventID{"IP_EVENT", gotIPEthernet}
	if a.dev.cfg.Interface == WiFi {
		id.id = gotIPStation
	}
	a.onEvent(id, gotIP)
	a.Within("example_connect", func() { a.must(a.Calloc("EventGroup_t", a.dev.kernel.Sizes().EventGroup), "xEventGroupCreate") })
	if a.dev.cfg.Interface == WiFi {
		a.startWiFi(id)
	} else {
		a.startEthernet(id)
	}
	a.startServices()
}

// netifInit is esp_netif_init: lwIP's task with its mailbox and semaphores.
func (a *App) netifInit() {
	d := a.dev
	opt, err := lwipmodel.OptionsFrom(d.cfg.SDKConfig)
	a.check(err)
	d.net, err = lwipmodel.New(lwipmodel.Config{Kernel: d.kernel, Options: opt, Name: d.name})
	a.check(err)
	a.check(d.net.Init(a.Task))
	d.AddPending(d.pendingConnections)
}

// pendingConnections lists the connections that lwIP's timers end: those that no
// program holds any more, and those of a program that keep-alive or unanswered
// retransmissions will give up. What a program holds otherwise is for the program
// to say.
func (d *Device) pendingConnections() []Pending {
	var all []Pending
	for _, c := range d.net.Netstat() {
		if c.State == lwipmodel.Listen || c.Socket >= 0 && c.Goes < 0 || c.Proto != "tcp" {
			continue
		}
		all = append(all, Pending{
			What:  fmt.Sprintf("tcp %v %v: %s", c.State, c.Remote, c.Why),
			At:    d.world.Now() + c.Goes,
			Never: c.Goes < 0,
		})
	}
	return all
}

// newNetif is esp_netif_new with the driver's receive task.
func (a *App) newNetif(cfg lwipmodel.EthernetConfig, gotIP eventID) {
	d := a.dev
	cfg.MAC, cfg.Send = d.mac, d.transmit
	cfg.DHCP, cfg.OnAddress = d.cfg.DHCP, d.onAddress(gotIP)
	n, err := d.net.NewEthernet(a.Task, cfg)
	a.check(err)
	a.setNetif(n)
}

// setNetif is the interface's address, unless DHCP gives it one.
func (a *App) setNetif(n *lwipmodel.Netif) {
	if !a.dev.cfg.DHCP {
		a.check(n.SetAddr(a.Task, a.dev.cfg.Address, netip.Addr{}))
	}
	a.dev.netif = n
}

// transmit puts a frame on the device's cable.
func (d *Device) transmit(f []byte) {
	if err := d.end.Send(f); err != nil {
		d.world.loop.Fail(err)
	}
}

// startEthernet is what opcua-esp32 and ESP-IDF's examples do for the internal
// EMAC with a LAN87xx: interface, MAC with its DMA buffers and task, PHY,
// driver, glue, start.
func (a *App) startEthernet(gotIP eventID) {
	d, eth := a.dev, a.dev.cfg.SDKConfig.Ethernet
	a.newNetif(lwipmodel.EthernetConfig{RxBuffers: eth.DMARxBufferNum, BufferSize: eth.DMABufferSize}, gotIP)
	a.onEvent(gotIP, func(*App) {}) // example_connect's own
	dma := dmaCap | internal8BitCap
	a.Within("emac", func() {
		extra := uint32(4 * (eth.DMARxBufferNum + eth.DMATxBufferNum - 20))
		a.must(a.Calloc("emac_esp32_t", sizeEMAC), "esp_eth_mac_new_esp32")
		a.must(a.Calloc("emac_esp_dma_t", sizeEMACDMA+extra), "esp_eth_mac_new_esp32")
		n := eth.DMARxBufferNum + eth.DMATxBufferNum
		a.must(a.CapsCalloc("DMA descriptors", uint32(n)*sizeDescriptor, dma), "esp_eth_mac_new_esp32")
		for range n {
			a.must(a.CapsCalloc("DMA buffer", uint32(eth.DMABufferSize), dma), "esp_eth_mac_new_esp32")
		}
		a.must(a.CapsCalloc("intr_handle_data_t", sizeIntrHandle, internal8BitCap), "esp_intr_alloc")
		a.must(a.CapsCalloc("vector_desc_t", sizeVectorDesc, internal8BitCap), "esp_intr_alloc")
		a.must(a.Calloc("phy_lan87xx_t", sizePHY), "esp_eth_phy_new_lan87xx")
		a.must(a.CapsCalloc("esp_eth_driver_t", sizeEthDriver, internal8BitCap), "esp_eth_driver_install")
		if eth.TransmitMutex {
			a.must(a.CapsCalloc("mutex", a.dev.kernel.Sizes().Queue, internal8BitCap), "esp_eth_driver_install")
		}
		a.must(a.CapsCalloc("esp_timer", sizeESPTimer, internal8BitCap), "esp_eth_driver_install")
		a.must(a.Calloc("esp_eth_netif_glue_t", sizeGlue), "esp_eth_new_netif_glue")
	})
	up, down := eventID{"ETH_EVENT", "ETHERNET_EVENT_CONNECTED"}, eventID{"ETH_EVENT", "ETHERNET_EVENT_DISCONNECTED"}
	a.onEvent(eventID{"ETH_EVENT", "ETHERNET_EVENT_START"}, func(e *App) {})
	a.onEvent(eventID{"ETH_EVENT", "ETHERNET_EVENT_STOP"}, func(*App) {})
	a.onEvent(up, func(e *App) { e.linkIsUp(gotIP) })
	a.onEvent(down, func(e *App) { e.linkIsDown() })
	a.onEvent(gotIP, func(*App) {}) // the glue's own
	a.post(eventID{"ETH_EVENT", "ETHERNET_EVENT_START"}, sizeEthHandle)
	if d.linkUp {
		a.post(up, sizeEthHandle)
	}
}

// linkIsUp is the default handler of a link that came up (esp_netif_action_
// connected): the interface gets its address, and IP_EVENT says so. With DHCP
// the client starts, and both come later.
func (a *App) linkIsUp(gotIP eventID) {
	a.dev.netif.Connected(a.Task)
	if !a.dev.cfg.DHCP {
		a.post(gotIP, sizeGotIP)
	}
}

// linkIsDown is the default handler of a link that went down: the address is
// taken away, and lwIP aborts the connections that used it.
func (a *App) linkIsDown() { a.dev.netif.Disconnected(a.Task) }

// linkEvent is the driver's interrupt or timer that notices the link's change
// and posts it to the event loop.
func (d *Device) linkEvent(up bool) {
	id := eventID{"ETH_EVENT", "ETHERNET_EVENT_DISCONNECTED"}
	switch {
	case d.cfg.Interface == WiFi && up:
		id = eventID{"WIFI_EVENT", "WIFI_EVENT_STA_CONNECTED"}
	case d.cfg.Interface == WiFi:
		id = eventID{"WIFI_EVENT", "WIFI_EVENT_STA_DISCONNECTED"}
	case up:
		id.id = "ETHERNET_EVENT_CONNECTED"
	}
	d.events.queue.SendFromISR(eventPost{eventID: id})
}
