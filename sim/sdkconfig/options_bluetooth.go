package sdkconfig

// Bluetooth is the configuration of the Bluetooth controller, as far as it takes memory from the heap's regions.
type Bluetooth struct {
	// Enabled is CONFIG_BT_ENABLED. Default n.
	Enabled bool `option:"BT_ENABLED"`
	// ControllerEnabled is CONFIG_BT_CONTROLLER_ENABLED: this chip's controller is used. Default y with Bluetooth; always so before 5.0.
	ControllerEnabled bool `option:"BT_CONTROLLER_ENABLED"`
	// ReserveDRAM is CONFIG_BTDM_RESERVE_DRAM: bytes at the start of DRAM that the controller takes: 0xdb5c, or 0 without Bluetooth.
	ReserveDRAM int `option:"BTDM_RESERVE_DRAM"`
	// BREDRMaxSyncConn is CONFIG_BTDM_CTRL_BR_EDR_MAX_SYNC_CONN: audio connections. 0 to 3, default 0.
	BREDRMaxSyncConn int `option:"BTDM_CTRL_BR_EDR_MAX_SYNC_CONN"`
}

func bluetoothOptions() []option {
	const src = "components/bt/Kconfig"
	const esp32 = "components/bt/controller/esp32/Kconfig.in"
	const mode = "BTDM_CTRL_MODE_BR_EDR_ONLY || BTDM_CTRL_MODE_BTDM"
	old := func(name string) string {
		return "BTDM_CONTROLLER_" + name + " until 4.0"
	}
	return []option{
		{name: "BT_ENABLED", src: src, def: "n", dep: "IDF >= 5.1 || !chip(esp32s2)", does: "The controller's regions are not heap."},
		{name: "BT_CONTROLLER", src: src, typ: Choice, dep: "BT_ENABLED", in: "IDF >= 5.0", def: "BT_CONTROLLER_ENABLED",
			does: "With another chip's controller, no regions of DRAM are reserved.",
			one: []member{
				{name: "BT_CONTROLLER_ENABLED", number: 1, ask: "!chip(esp32s2)"},
				{name: "BT_CONTROLLER_DISABLED", number: 0},
			}},
		{name: "BTDM_CTRL_MODE", on: "esp32", src: esp32, typ: Choice, dep: "BT_ENABLED && (IDF < 5.0 || BT_CONTROLLER_ENABLED)", def: "BTDM_CTRL_MODE_BLE_ONLY",
			does: "Whether audio connections, which reserve more DRAM, exist.",
			one: []member{
				{name: "BTDM_CTRL_MODE_BLE_ONLY", was: old("MODE_BLE_ONLY")},
				{name: "BTDM_CTRL_MODE_BR_EDR_ONLY", was: old("MODE_BR_EDR_ONLY")},
				{name: "BTDM_CTRL_MODE_BTDM", was: old("MODE_BTDM")},
			}},
		{name: "BT_HOST", src: src, typ: Choice, dep: "BT_ENABLED", def: "BT_BLUEDROID_ENABLED",
			does: "Nothing in the model: the host stack is part of the firmware.",
			one: []member{
				{name: "BT_BLUEDROID_ENABLED", ask: "BT_CONTROLLER_ENABLED || IDF >= 5.2 || !since(5.1.4)", was: "BLUEDROID_ENABLED until 4.0"},
				{name: "BT_NIMBLE_ENABLED", ask: "BT_CONTROLLER_ENABLED || IDF < 5.2 || since(5.2.1)", was: "NIMBLE_ENABLED until 4.0"},
				{name: "BT_CONTROLLER_ONLY", ask: "!chip(esp32s2)"},
			}},
		{name: "BTDM_CTRL_BR_EDR_MAX_SYNC_CONN", on: "esp32", src: esp32, typ: Int, def: "0", rng: "0..3", dep: mode, was: old("BR_EDR_MAX_SYNC_CONN"),
			does: "0x870 more reserved bytes for each."},
		{name: "BTDM_RESERVE_DRAM", on: "esp32", src: esp32, typ: Hex, ask: "no", dep: "BT_ENABLED && (IDF < 5.0 || BT_CONTROLLER_ENABLED)", def: "0xdb5c",
			does: "Static data begin this much later."},
	}
}
