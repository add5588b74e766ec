// Package plimsoll is the manual of a library for people who write firmware for
// the ESP32. A Plimsoll line on a ship's hull shows how much load it can carry
// before it sinks; this library shows that for a chip's DRAM.
//
// It models the system software of the device (ESP-IDF's heap, FreeRTOS, lwIP's
// TCP and an OPC UA server) in virtual time, so that a memory outage that takes
// days on a bench happens in milliseconds in go test, the same every time, and
// its fix is proved beside it. It is not an emulator: it runs no ELF file, and
// firmware in C is not linked to it.
//
// # The parts
//
//   - heap is ESP-IDF's heap, bit for bit: TLSF, multi_heap, poisoning and the
//     capability layer with the ESP32's regions. Every block has an owner.
//     heap/view draws it, and prints and reads ESP-IDF's own formats;
//     heap/heaptest tests other models of an allocator.
//   - mbedtls is what a TLS connection takes, handshake and records, with
//     ESP-IDF's dynamic buffers and all its options.
//   - sim/vtime is virtual time: one loop, coroutines, seeded randomness, and a
//     log with a fingerprint.
//   - sim/sdkconfig reads a real sdkconfig by Kconfig's rules.
//   - sim/freertos is the kernel: tasks, queues, the task watchdog, what a panic
//     does.
//   - sim/wire is what lies outside: cables, switches, client computers with a
//     TCP/IP stack of their own, faults, and packet capture.
//   - lwipmodel is lwIP with its sockets, segment for segment and block for block.
//   - sim puts a device together from an sdkconfig and connects it, with a cloud
//     link or an HTTPS server over TLS if it has one; sim/simtest is the same for
//     tests, with assertions.
//   - opcua is a server that behaves, and takes memory, as open62541 does on an
//     ESP32, and a client for the hosts.
//   - live is the edge to the real world: it offers a device's port to real
//     clients, in real time or faster; cmd/plimsoll serve is its program.
//   - casebook runs outages that were published, as text scripts, and yours.
//   - casebook/outage is the story that this was made for, with everything that
//     varies as a parameter; examples/casestudy tells it.
//
// # A test
//
// A test boots a device, connects a host to it by a cable, lets clients come and
// go, and asks what is left. See the example in sim_test.go, and package simtest.
//
// # How far to trust it
//
// Sizes, orders and times come from recordings of the real programs, which the
// tests replay: heap, lwIP and mbedTLS without a difference, open62541 operation by
// operation. What is read from source, published or assumed says so in
// FIDELITY.md, and so does what the model is known to do differently.
//
// # Determinism
//
// The same seed gives the same run, frame for frame and byte for byte: on every
// machine, for any GOMAXPROCS, with and without the race detector. World.Fingerprint
// says so. Nothing reads the wall clock or global randomness, and no goroutine
// runs beside the loop of a world. Package live is the exception.
package plimsoll
