package sdkconfig

// Ethernet is the configuration of the Ethernet driver.
type Ethernet struct {
	// Enabled is CONFIG_ETH_ENABLED: some Ethernet driver is built. Default y.
	Enabled bool `option:"ETH_ENABLED"`
	// UseESP32EMAC is CONFIG_ETH_USE_ESP32_EMAC: the chip's own MAC. Default y.
	UseESP32EMAC bool `option:"ETH_USE_ESP32_EMAC"`
	// DMABufferSize is CONFIG_ETH_DMA_BUFFER_SIZE: bytes of each DMA buffer. 256 to 1600, default 512.
	DMABufferSize int `option:"ETH_DMA_BUFFER_SIZE"`
	// DMARxBufferNum is CONFIG_ETH_DMA_RX_BUFFER_NUM: receive buffers. 3 to 30, default 10.
	DMARxBufferNum int `option:"ETH_DMA_RX_BUFFER_NUM"`
	// DMATxBufferNum is CONFIG_ETH_DMA_TX_BUFFER_NUM: send buffers. 3 to 30, default 10.
	DMATxBufferNum int `option:"ETH_DMA_TX_BUFFER_NUM"`
	// SoftFlowControl is CONFIG_ETH_SOFT_FLOW_CONTROL: the driver sends pause frames. Default n; needs more than 15 receive buffers.
	SoftFlowControl bool `option:"ETH_SOFT_FLOW_CONTROL"`
	// IRAMOptimization is CONFIG_ETH_IRAM_OPTIMIZATION: the driver's code is in IRAM. Default n.
	IRAMOptimization bool `option:"ETH_IRAM_OPTIMIZATION"`
	// UseSPIEthernet is CONFIG_ETH_USE_SPI_ETHERNET: an Ethernet chip on SPI. Default y.
	UseSPIEthernet bool `option:"ETH_USE_SPI_ETHERNET"`
	// UseOpenETH is CONFIG_ETH_USE_OPENETH: the MAC that QEMU emulates. Default n.
	UseOpenETH bool `option:"ETH_USE_OPENETH"`
	// TransmitMutex is CONFIG_ETH_TRANSMIT_MUTEX: several tasks may send at once. Default n.
	TransmitMutex bool `option:"ETH_TRANSMIT_MUTEX"`
}

func ethernetOptions() []option {
	const src = "components/esp_eth/Kconfig"
	emac := "ETH_USE_ESP32_EMAC"
	return []option{
		{name: "ETH_ENABLED", src: src, ask: "no", sel: "ETH_USE_ESP32_EMAC || ETH_USE_SPI_ETHERNET || ETH_USE_OPENETH",
			does: "The driver can be built into the firmware."},
		{name: "ETH_USE_ESP32_EMAC", on: "esp32", src: src, def: "y",
			does: "The EMAC driver with its DMA buffers and its task emac_rx (4096 bytes of stack) can be started."},
		{name: "ETH_DMA_BUFFER_SIZE", src: src, typ: Int, def: "512", rng: "256..1600", dep: emac,
			does: "Size of each of the driver's DMA blocks; a longer frame takes several."},
		{name: "ETH_DMA_RX_BUFFER_NUM", src: src, typ: Int, def: "10", rng: "3..30", dep: emac,
			does: "Blocks of DMA memory, 32 bytes of descriptor each; frames that wait beyond them are lost."},
		{name: "ETH_DMA_TX_BUFFER_NUM", src: src, typ: Int, def: "10", rng: "3..30", dep: emac,
			does: "Blocks of DMA memory, 32 bytes of descriptor each."},
		{name: "ETH_SOFT_FLOW_CONTROL", src: src, def: "n", dep: "ETH_DMA_RX_BUFFER_NUM > 15 && ETH_USE_ESP32_EMAC",
			does: "The driver asks the peer to pause when receive buffers run short."},
		{name: "ETH_IRAM_OPTIMIZATION", src: src, def: "n", in: "since(5.0.5, 5.1.2, 5.2)", dep: emac,
			does: "The IRAM heap shrinks by the driver's code."},
		{name: "ETH_USE_SPI_ETHERNET", src: src, def: "y",
			does: "The driver of an Ethernet chip on SPI can be built into the firmware."},
		{name: "ETH_USE_OPENETH", src: src, def: "n",
			does: "Nothing in the model: it is for QEMU."},
		{name: "ETH_TRANSMIT_MUTEX", src: src, def: "n", in: "IDF >= 5.0", dep: "ETH_ENABLED", sel: "ESP_NETIF_L2_TAP",
			does: "One mutex for each driver."},
	}
}
