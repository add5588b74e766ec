// Package live is the edge to the real world: it boots a device, lets virtual
// time keep pace with the clock on the wall, and offers a TCP port of the device
// to real programs.
//
//	s, err := live.Start(live.Config{
//		Listen: "127.0.0.1:4840",
//		Device: sim.DeviceConfig{SDKConfig: c, Firmware: opcua.Firmware{}},
//	})
//	fmt.Println(s.URL()) // opc.tcp://127.0.0.1:4840
//	...
//	err = s.Pull()
//	err = s.Close()
//
// Each real connection is carried by one of a gateway, a host in the simulated
// network with a cable to the device:
//
//	real client == TCP == | live | == gateway == cable == device
//
// The device sees the gateway's connection and nothing else, with the time,
// windows, faults and losses of the simulated network; Pull interrupts its cable.
//
// # What is carried
//
//   - Bytes, in order, in both directions. A side that does not read stops the
//     other: what is not taken stays in a buffer of fixed size, and the window of
//     the connection behind it closes.
//   - The end: FIN becomes FIN, RST becomes RST. If the gateway's TCP gives up,
//     because the device does not answer, the real client gets RST.
//   - Not the handshake: the real system accepts a connection before the
//     simulated one is made. A refused one is reset.
//
// # Goroutines
//
// One goroutine, the loop, owns the world. Sockets, the terminal and HTTP have
// goroutines of their own, which hand work to the loop by a channel; the loop
// never waits for any of them. This is the only package with goroutines and the
// clock on the wall, so a live run is not reproducible: what arrives when is up
// to the real world.
package live
