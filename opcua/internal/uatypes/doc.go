// Package uatypes holds OPC UA's data types as open62541 holds them: every
// value knows the heap blocks that it consists of.
//
// C code keeps a string in one block, an array in another, the content of an
// extension object in a third. What the server costs in memory, and what
// happens when one of those blocks cannot be had, follows from the order in
// which they are taken and given back. So each type here lists its members
// once, in the order of the C structure, in a method Walk, and a [Walker] does
// with them what open62541's jump tables do: binary decoding and encoding
// (src/ua_types_encoding_binary.c), deep copy and clear (src/ua_types.c), the
// length of the encoding, and the layout of the structure under the ABI of the
// ESP32 (ILP32, 64-bit members aligned to 8 bytes).
//
// gopcua's types cannot serve here because they have no room for the address
// of a block; its names and numbers are used.
package uatypes
