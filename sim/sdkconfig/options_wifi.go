package sdkconfig

// WiFiTxBuffer is where frames to send are kept (CONFIG_ESP_WIFI_TX_BUFFER).
type WiFiTxBuffer int

// The kinds of Wi-Fi send buffers, by their number in CONFIG_ESP_WIFI_TX_BUFFER_TYPE.
const (
	WiFiTxStatic  WiFiTxBuffer = 0
	WiFiTxDynamic WiFiTxBuffer = 1
)

// WiFi is the configuration of the Wi-Fi driver.
type WiFi struct {
	// Enabled is CONFIG_ESP_WIFI_ENABLED: the driver is built if the firmware uses it. Always y on the ESP32.
	Enabled bool `option:"ESP_WIFI_ENABLED"`
	// StaticRxBufferNum is CONFIG_ESP_WIFI_STATIC_RX_BUFFER_NUM: receive buffers that are always held. 2 to 25, default 10;
	// 16 if Wi-Fi and lwIP prefer PSRAM.
	StaticRxBufferNum int `option:"ESP_WIFI_STATIC_RX_BUFFER_NUM"`
	// DynamicRxBufferNum is CONFIG_ESP_WIFI_DYNAMIC_RX_BUFFER_NUM: most received frames held at once; 0: no limit. 0 to 128
	// (to 1024 with window scaling), default 32.
	DynamicRxBufferNum int `option:"ESP_WIFI_DYNAMIC_RX_BUFFER_NUM"`
	// TxBuffer is CONFIG_ESP_WIFI_TX_BUFFER. Default WiFiTxDynamic.
	TxBuffer WiFiTxBuffer `choice:"ESP_WIFI_TX_BUFFER"`
	// StaticTxBufferNum is CONFIG_ESP_WIFI_STATIC_TX_BUFFER_NUM: send buffers that are always held. 1 to 64, default 16; 0
	// with dynamic ones.
	StaticTxBufferNum int `option:"ESP_WIFI_STATIC_TX_BUFFER_NUM"`
	// CacheTxBufferNum is CONFIG_ESP_WIFI_CACHE_TX_BUFFER_NUM: frames kept in PSRAM until they fit a send buffer. 16 to 128
	// (from 0 since 5.1.6, 5.2.4 and 5.3.3), default 32; 0 without PSRAM.
	CacheTxBufferNum int `option:"ESP_WIFI_CACHE_TX_BUFFER_NUM"`
	// DynamicTxBufferNum is CONFIG_ESP_WIFI_DYNAMIC_TX_BUFFER_NUM: most frames to send held at once. 1 to 128, default 32; 0
	// with static ones.
	DynamicTxBufferNum int `option:"ESP_WIFI_DYNAMIC_TX_BUFFER_NUM"`
	// RxMgmtBufNumDef is CONFIG_ESP_WIFI_RX_MGMT_BUF_NUM_DEF: buffers for received management frames. 1 to 10, default 5.
	RxMgmtBufNumDef int `option:"ESP_WIFI_RX_MGMT_BUF_NUM_DEF"`
	// MgmtSbufNum is CONFIG_ESP_WIFI_MGMT_SBUF_NUM: short buffers for management frames to send. 6 to 32, default 32.
	MgmtSbufNum int `option:"ESP_WIFI_MGMT_SBUF_NUM"`
	// AMPDUTxEnabled is CONFIG_ESP_WIFI_AMPDU_TX_ENABLED: frames are sent in aggregates. Default y.
	AMPDUTxEnabled bool `option:"ESP_WIFI_AMPDU_TX_ENABLED"`
	// TxBAWin is CONFIG_ESP_WIFI_TX_BA_WIN: frames of an aggregate sent. 2 to 32, default 6.
	TxBAWin int `option:"ESP_WIFI_TX_BA_WIN"`
	// AMPDURxEnabled is CONFIG_ESP_WIFI_AMPDU_RX_ENABLED: frames are received in aggregates. Default y.
	AMPDURxEnabled bool `option:"ESP_WIFI_AMPDU_RX_ENABLED"`
	// RxBAWin is CONFIG_ESP_WIFI_RX_BA_WIN: frames of an aggregate received. 2 to 32, default 6; 16 if Wi-Fi and lwIP prefer PSRAM.
	RxBAWin int `option:"ESP_WIFI_RX_BA_WIN"`
	// AMSDUTxEnabled is CONFIG_ESP_WIFI_AMSDU_TX_ENABLED: several packets are sent in one frame. Default n; needs PSRAM.
	AMSDUTxEnabled bool `option:"ESP_WIFI_AMSDU_TX_ENABLED"`
	// NVSEnabled is CONFIG_ESP_WIFI_NVS_ENABLED: the driver keeps its settings in flash. Default y.
	NVSEnabled bool `option:"ESP_WIFI_NVS_ENABLED"`
	// TaskCore is CONFIG_ESP_WIFI_TASK_CORE_ID: the core of the wifi task. Default Core0.
	TaskCore Core `choice:"ESP_WIFI_TASK_CORE_ID"`
	// SoftAPBeaconMaxLen is CONFIG_ESP_WIFI_SOFTAP_BEACON_MAX_LEN: bytes of an access point's beacon. 752 to 1256, default 752.
	SoftAPBeaconMaxLen int `option:"ESP_WIFI_SOFTAP_BEACON_MAX_LEN"`
	// IRAMOpt is CONFIG_ESP_WIFI_IRAM_OPT: sending code is in IRAM. Default y; n with Bluetooth and PSRAM.
	IRAMOpt bool `option:"ESP_WIFI_IRAM_OPT"`
	// RxIRAMOpt is CONFIG_ESP_WIFI_RX_IRAM_OPT: receiving code is in IRAM. Default y; n with Bluetooth and PSRAM.
	RxIRAMOpt bool `option:"ESP_WIFI_RX_IRAM_OPT"`
	// ExtraIRAMOpt is CONFIG_ESP_WIFI_EXTRA_IRAM_OPT: more code is in IRAM. Default n.
	ExtraIRAMOpt bool `option:"ESP_WIFI_EXTRA_IRAM_OPT"`
	// EnterpriseSupport is CONFIG_ESP_WIFI_ENTERPRISE_SUPPORT: WPA enterprise is built. Default y.
	EnterpriseSupport bool `option:"ESP_WIFI_ENTERPRISE_SUPPORT"`
	// ESPNowMaxEncryptNum is CONFIG_ESP_WIFI_ESPNOW_MAX_ENCRYPT_NUM: ESP-NOW peers with encryption. 0 to 17, default 7.
	ESPNowMaxEncryptNum int `option:"ESP_WIFI_ESPNOW_MAX_ENCRYPT_NUM"`
}

func wifiOptions() []option {
	const src = "components/esp_wifi/Kconfig"
	const dep = "ESP_WIFI_ENABLED"
	// Whether Wi-Fi and lwIP may count on PSRAM. Releases before this change looked only at the first of the two.
	const psram = "SPIRAM_TRY_ALLOCATE_WIFI_LWIP && (!SPIRAM_IGNORE_NOTFOUND || !" + psramMustExist + ")"
	old := func(name string) string {
		return "ESP32_WIFI_" + name + " until 5.1"
	}
	return []option{
		{name: "ESP_WIFI_ENABLED", src: src, ask: "no", def: "y", was: old("ENABLED"),
			does: "The Wi-Fi driver can be started."},
		{name: "ESP_WIFI_STATIC_RX_BUFFER_NUM", src: src, typ: Int, dep: dep, def: "16 if " + psram + "; 10", rng: "2..128 if chip(esp32c6); 2..25",
			was:  old("STATIC_RX_BUFFER_NUM"),
			does: "Blocks of about 1.6 KB of DMA memory, held from start to stop of the driver."},
		{name: "ESP_WIFI_DYNAMIC_RX_BUFFER_NUM", src: src, typ: Int, dep: dep, def: "32", rng: "0..1024 if LWIP_WND_SCALE; 0..128",
			was:  old("DYNAMIC_RX_BUFFER_NUM"),
			does: "How many received frames may wait for lwIP; more are lost."},
		{name: "ESP_WIFI_TX_BUFFER", src: src, typ: Choice, dep: dep, def: "ESP_WIFI_DYNAMIC_TX_BUFFER",
			does: "Whether send buffers are held always or taken for each frame.",
			one: []member{
				{name: "ESP_WIFI_STATIC_TX_BUFFER", number: int(WiFiTxStatic), was: old("STATIC_TX_BUFFER")},
				{name: "ESP_WIFI_DYNAMIC_TX_BUFFER", number: int(WiFiTxDynamic), was: old("DYNAMIC_TX_BUFFER"),
					ask: "!(" + psramMustExist + " && " + psram + " || !" + psramMustExist + " && SPIRAM_USE_MALLOC)"},
			}},
		{name: "ESP_WIFI_TX_BUFFER_TYPE", src: src, typ: Int, ask: "no", was: old("TX_BUFFER_TYPE"),
			def: "0 if ESP_WIFI_STATIC_TX_BUFFER; 1 if ESP_WIFI_DYNAMIC_TX_BUFFER"},
		{name: "ESP_WIFI_STATIC_TX_BUFFER_NUM", src: src, typ: Int, dep: "ESP_WIFI_STATIC_TX_BUFFER", def: "16", rng: "1..64",
			was:  old("STATIC_TX_BUFFER_NUM"),
			does: "Blocks of about 1.6 KB of DMA memory, held from start to stop of the driver."},
		{name: "ESP_WIFI_CACHE_TX_BUFFER_NUM", src: src, typ: Int, def: "32",
			dep: "ESP_WIFI_ENABLED && (" + psramMustExist + " && " + psram + " || !" + psramMustExist + " && SPIRAM)",
			rng: "0..128 if " + psramMustExist + "; 16..128", was: old("CACHE_TX_BUFFER_NUM"),
			does: "Frames to send that wait in PSRAM."},
		{name: "ESP_WIFI_DYNAMIC_TX_BUFFER_NUM", src: src, typ: Int, dep: "ESP_WIFI_DYNAMIC_TX_BUFFER", def: "32", rng: "1..128",
			was:  old("DYNAMIC_TX_BUFFER_NUM"),
			does: "How many frames to send may be held by the driver; more are refused."},
		{name: "ESP_WIFI_RX_MGMT_BUF_NUM_DEF", src: src, typ: Int, dep: dep, def: "5", rng: "1..10", in: managementBuffers,
			does: "Blocks of DMA memory, held from start to stop of the driver."},
		{name: "ESP_WIFI_MGMT_SBUF_NUM", src: src, typ: Int, dep: dep, def: "32", rng: "6..32", was: old("MGMT_SBUF_NUM"),
			does: "How many short blocks the driver may hold for management frames."},
		{name: "ESP_WIFI_AMPDU_TX_ENABLED", src: src, dep: dep, def: "y", was: old("AMPDU_TX_ENABLED"),
			does: "The driver keeps frames until their aggregate is acknowledged."},
		{name: "ESP_WIFI_TX_BA_WIN", src: src, typ: Int, dep: "ESP_WIFI_AMPDU_TX_ENABLED", def: "6", rng: "2..64 if chip(esp32c6); 2..32", was: old("TX_BA_WIN"),
			does: "How many frames an aggregate may hold."},
		{name: "ESP_WIFI_AMPDU_RX_ENABLED", src: src, dep: dep, def: "y", was: old("AMPDU_RX_ENABLED"),
			does: "The driver keeps received frames until their order is complete."},
		{name: "ESP_WIFI_RX_BA_WIN", src: src, typ: Int, dep: "ESP_WIFI_AMPDU_RX_ENABLED", def: "16 if " + psram + "; 6", rng: "2..64 if chip(esp32c6); 2..32",
			was:  old("RX_BA_WIN"),
			does: "How many frames an aggregate may hold."},
		{name: "ESP_WIFI_AMSDU_TX_ENABLED", src: src, def: "n", was: old("AMSDU_TX_ENABLED"),
			dep:  psramMustExist + " && ESP_WIFI_CACHE_TX_BUFFER_NUM >= 2 || !" + psramMustExist + " && SPIRAM",
			does: "Larger blocks for frames to send."},
		{name: "ESP_WIFI_NVS_ENABLED", src: src, dep: dep, def: "y", was: old("NVS_ENABLED"),
			does: "The driver opens NVS."},
		{name: "ESP_WIFI_TASK_CORE_ID", src: src, typ: Choice, dep: "!FREERTOS_UNICORE", def: "ESP_WIFI_TASK_PINNED_TO_CORE_0",
			does: "Core of the wifi task.",
			one: []member{
				{name: "ESP_WIFI_TASK_PINNED_TO_CORE_0", number: int(Core0), was: old("TASK_PINNED_TO_CORE_0")},
				{name: "ESP_WIFI_TASK_PINNED_TO_CORE_1", number: int(Core1), was: old("TASK_PINNED_TO_CORE_1")},
			}},
		{name: "ESP_WIFI_SOFTAP_BEACON_MAX_LEN", src: src, typ: Int, dep: dep, def: "752", rng: "752..1256", was: old("SOFTAP_BEACON_MAX_LEN"),
			does: "A block of this size when an access point starts."},
		{name: "ESP_WIFI_IRAM_OPT", src: src, dep: dep, def: "n if BT_ENABLED && SPIRAM && chip(esp32); y", was: old("IRAM_OPT"),
			does: "The IRAM heap shrinks by the code."},
		{name: "ESP_WIFI_RX_IRAM_OPT", src: src, dep: dep, def: "n if BT_ENABLED && SPIRAM && chip(esp32); y", was: old("RX_IRAM_OPT"),
			does: "The IRAM heap shrinks by the code."},
		{name: "ESP_WIFI_EXTRA_IRAM_OPT", src: src, dep: dep, def: "y if chip(esp32c6); n", in: "since(5.1.2, 5.2)",
			does: "The IRAM heap shrinks by the code."},
		{name: "ESP_WIFI_ENABLE_WPA3_SAE", src: src, dep: "since(4.4.7, 5.0.5, 5.1.2, 5.2) || ESP_WIFI_MBEDTLS_CRYPTO", def: "y", was: old("ENABLE_WPA3_SAE")},
		{name: "ESP_WIFI_ENABLE_WPA3_OWE_STA", src: src, def: "y", in: "IDF >= 5.0", was: old("ENABLE_WPA3_OWE_STA")},
		{name: "ESP_WIFI_MBEDTLS_CRYPTO", src: src, dep: dep, def: "y", was: "WPA_MBEDTLS_CRYPTO until 5.1",
			sel: "ESP_WIFI_ENABLE_WPA3_SAE && since(4.4.7, 5.0.5, 5.1.2, 5.2) || ESP_WIFI_ENABLE_WPA3_OWE_STA && IDF >= 5.0"},
		{name: "ESP_WIFI_MBEDTLS_TLS_CLIENT", src: src, def: "y", in: "IDF >= 5.0", gone: "n", was: "WPA_MBEDTLS_TLS_CLIENT until 5.1",
			dep: "ESP_WIFI_MBEDTLS_CRYPTO && (ESP_WIFI_ENTERPRISE_SUPPORT || !since(5.1.4, 5.2.1, 5.3))"},
		{name: "ESP_WIFI_ENTERPRISE_SUPPORT", src: src, dep: dep, def: "y", in: "since(5.0.5, 5.1.2, 5.2)",
			does: "Nothing in the model: no network with WPA enterprise is joined."},
		{name: "ESP_WIFI_ESPNOW_MAX_ENCRYPT_NUM", src: src, typ: Int, dep: dep, def: "7", rng: "0..17", in: "since(4.4.4, 5.0.1, 5.1)",
			does: "Nothing in the model: ESP-NOW is not used."},
	}
}
