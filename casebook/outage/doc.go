// Package outage is the story that Plimsoll was made for, with everything that
// varies in it as a parameter: an ESP32 with an OPC UA server, whose clients come
// one after another and are lost, until the server is dead and stays so.
//
// A [Case] describes the device, the clients and how they are lost. Start boots
// it, and [Run] lets clients come, looks at what each leaves behind, and says
// what a client, a SYN and a ping get from the device then. Nothing in the
// package knows at which client the device dies: that follows from the sizes of
// what is allocated.
package outage
