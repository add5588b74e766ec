// Package sim is Plimsoll's front door: a world with devices, hosts and the
// cables between them, in virtual time.
//
// A [World] is made with New. A [Device] is an ESP32 that boots from an
// sdkconfig and runs a [Firmware]: its heap, its FreeRTOS and its lwIP take
// memory as those of ESP-IDF do, in the same order, and every block has an
// owner. A host is a client computer with a TCP/IP stack of its own. A [Cable]
// joins them, and can be pulled.
//
//	w := sim.New(sim.Config{Seed: 1})
//	defer w.Close()
//	dev, err := w.Device(sim.DeviceConfig{SDKConfig: cfg, Firmware: opcua.Firmware{}})
//	pc, err := w.Host("pc")
//	cable, err := w.Cable(dev, pc)
//	err = w.Run(10 * time.Second)
//	...
//	cable.Pull()
//	err = w.Run(time.Hour)
//	dev.WriteHeld(os.Stdout, baseline) // who holds the DRAM now
//
// Package simtest has the same for tests, where errors end the test, with
// assertions on top.
//
// # Time
//
// Nothing happens except in Run and RunUntil, and everything that happens in
// them depends on the seed alone. Programs of hosts and tasks of devices are
// coroutines: they wait in virtual time. They must not wait for each other by
// Go's channels or mutexes, and must not call Run.
//
// # Boot
//
// A device's start takes what ESP-IDF's start takes: console, the tasks ipc0,
// ipc1, esp_timer and main, then idle and timer tasks, the task watchdog, and
// from app_main on what the firmware asks for. What is not known exactly (the
// closed Wi-Fi driver above all) is assumed, and listed in FIDELITY.md. The
// firmware's static memory is given in DeviceConfig.Static; StaticFor finds the
// value at which a wanted amount is free.
package sim
