package sim

import "github.com/plimsoll-sim/plimsoll/lwipmodel"

// What the Wi-Fi driver takes. The driver is a closed library; only its static
// receive buffers and the stack of its task are documented. The published
// totals for a station (40 to 50 KB, see FIDELITY.md) set the rest.
const (
	wifiStack       = 6656  // printed by the driver: "wifi driver task: ..., stack:6656"
	wifiPriority    = 23    // the same line
	wifiStaticRx    = 1600  // a static receive buffer (Kconfig help: about 1.6 KB)
	wifiRxMgmt      = 500   // a static buffer for received management frames; assumed
	wifiOther       = 18432 // the rest of the driver and the supplicant; assumed
	wifiOtherBlock  = 1024  // in blocks of this size; assumed
	wifiDefaultMgmt = 5     // ESP_WIFI_RX_MGMT_BUF_NUM_DEF where the release has no such option
)

// startWiFi brings up a Wi-Fi station (esp_wifi_init, esp_netif_new,
// esp_wifi_start, esp_wifi_connect).
func (a *App) startWiFi(gotIP eventID) {
	d, wifi := a.dev, a.dev.cfg.SDKConfig.WiFi
	a.Within("wifi driver", func() {
		for range wifi.StaticRxBufferNum {
			a.must(a.CapsCalloc("static RX buffer", wifiStaticRx, internal8BitCap|dmaCap), "esp_wifi_init")
		}
		mgmt := wifi.RxMgmtBufNumDef
		if mgmt == 0 {
			mgmt = wifiDefaultMgmt
		}
		for range mgmt {
			a.must(a.CapsCalloc("RX management buffer", wifiRxMgmt, internal8BitCap|dmaCap), "esp_wifi_init")
		}
		for range wifiOther / wifiOtherBlock {
			a.must(a.CapsCalloc("driver", wifiOtherBlock, internal8BitCap), "esp_wifi_init")
		}
	})
	a.newNetif(lwipmodel.EthernetConfig{
		RxBuffers:      wifi.StaticRxBufferNum,
		BufferSize:     wifiStaticRx,
		RxTaskStack:    wifiStack,
		RxTaskPriority: wifiPriority,
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
