// Package mem is the memory below the OPC UA server: the four calls of C's
// allocator that open62541 makes (its UA_malloc, UA_calloc, UA_realloc and
// UA_free, include/open62541/config.h), with a name for what each block is.
//
// The server's packages call it exactly where open62541 calls the allocator,
// with the sizes that ILP32 code with 8-byte aligned 64-bit members asks for,
// and in the same order. Beneath it is either the modelled heap of a device or
// a [Recorder].
package mem

// Memory is an allocator of a 32-bit device. Addresses are opaque; 0 is NULL.
// The argument what names the C object that the block is (a string constant
// such as "UA_Node" or "UA_Session"); it changes nothing in the outcome.
type Memory interface {
	// Malloc allocates n bytes and returns their address, 0 if there are none.
	Malloc(n uint32, what string) uint32
	// Calloc is Malloc of cleared memory; n is the product of C's two arguments.
	Calloc(n uint32, what string) uint32
	// Realloc moves block p to a block of n bytes and returns it. At failure it
	// returns 0 and p stays. With p == 0 it is a Malloc.
	Realloc(p, n uint32, what string) uint32
	// Free releases block p; Free(0) does nothing and is not recorded.
	Free(p uint32)
}
