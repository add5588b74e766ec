package sim

import (
	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
)

// What the Wi-Fi driver takes. The driver is a closed library; only its static
// buffers and the stack of its task are documented. What its task holds at most
// on a station was published (30,724 to 31,192 bytes, 16,000 of them static
// receive buffers; Espressif's case study of 2020, steps 0 to 3), and the total
// for a station (40 to 50 KB, see FIDELITY.md): these set the rest.
const (
	wifiStack       = 6656 // printed by the driver: "wifi driver task: ..., stack:6656"
	wifiPriority    = 23   // the same line
	wifiStatic      = 1600 // a static buffer, to receive or to send (Kconfig help: about 1.6 KB)
	wifiRxMgmt      = 500  // a static buffer for received management frames; assumed
	wifiTaskOther   = 9216 // the rest of what the driver's task takes; assumed
	wifiInitOther   = 9216 // what esp_wifi_init's caller and the supplicant take; assumed
	wifiOtherBlock  = 1024 // in blocks of this size; assumed
	wifiDefaultMgmt = 5    // ESP_WIFI_RX_MGMT_BUF_NUM_DEF where the release has no such option
)

// startWiFi brings up a Wi-Fi station: esp_netif_create_default_wifi_sta,
// esp_wifi_init, esp_wifi_start, esp_wifi_connect. The driver's task takes the
// driver's buffers.
func (a *App) startWiFi(gotIP eventID) {
	d, wifi := a.dev, a.dev.cfg.SDKConfig.WiFi
	cfg := lwipmodel.WiFiConfig{
		MAC:          d.mac,
		Send:         d.transmit,
		StaticRx:     wifi.StaticRxBufferNum,
		DynamicRx:    wifi.DynamicRxBufferNum,
		StaticTx:     wifi.StaticTxBufferNum,
		DynamicTx:    wifi.DynamicTxBufferNum,
		TaskStack:    wifiStack,
		TaskPriority: wifiPriority,
	}
	if cfg.DynamicRx == 0 {
		cfg.DynamicRx = -1 // Kconfig's 0 is no limit
	}
	cfg.DHCP, cfg.OnAddress = d.cfg.DHCP, d.onAddress(gotIP)
	n, err := d.net.NewWiFi(a.Task, cfg)
	a.check(err)
	a.setNetif(n)
	mgmt := wifi.RxMgmtBufNumDef
	if mgmt == 0 {
		mgmt = wifiDefaultMgmt
	}
	driver := func(count int, what string, size uint32, caps heap.Cap) {
		owner := d.heap.Intern(heap.Tag{Task: "wifi", Object: "wifi driver", What: what})
		for range count {
			a.must(d.heap.Calloc(owner, 1, size, caps), "esp_wifi_init")
		}
	}
	dma := internal8BitCap | dmaCap
	driver(wifi.StaticRxBufferNum, "static RX buffer", wifiStatic, dma)
	driver(wifi.StaticTxBufferNum, "static TX buffer", wifiStatic, dma)
	driver(mgmt, "RX management buffer", wifiRxMgmt, dma)
	driver(wifiTaskOther/wifiOtherBlock, "driver", wifiOtherBlock, internal8BitCap)
	a.Within("wifi driver", func() {
		for range wifiInitOther / wifiOtherBlock {
			a.must(a.CapsCalloc("driver and supplicant", wifiOtherBlock, internal8BitCap), "esp_wifi_init")
		}
	})
	up, down := eventID{"WIFI_EVENT", "WIFI_EVENT_STA_CONNECTED"}, eventID{"WIFI_EVENT", "WIFI_EVENT_STA_DISCONNECTED"}
	a.onEvent(eventID{"WIFI_EVENT", "WIFI_EVENT_STA_START"}, func(*App) {})
	a.onEvent(eventID{"WIFI_EVENT", "WIFI_EVENT_STA_STOP"}, func(*App) {})
	a.onEvent(up, func(e *App) { e.linkIsUp(gotIP) })
	a.onEvent(down, func(e *App) { e.linkIsDown() })
	a.onEvent(gotIP, func(*App) {}) // example_connect's own
	a.post(eventID{"WIFI_EVENT", "WIFI_EVENT_STA_START"}, 0)
	if d.linkUp {
		a.post(up, sizeStaConnected)
	}
}
