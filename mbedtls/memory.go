package mbedtls

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/internal/bignum"
)

// Memory is what mbedTLS allocates from: mbedtls_calloc and mbedtls_free as the
// application has set them (ESP-IDF: port/esp_mem.c).
type Memory interface {
	// Calloc returns a zeroed block of size bytes, or 0 if there is none. What
	// is the C function that asks, such as "mbedtls_ssl_setup".
	Calloc(what string, size uint32) heap.Addr
	// Free gives a block back. Free(0) does nothing.
	Free(p heap.Addr)
}

// Operation is work that takes a processor long enough to be seen on a clock.
type Operation int

const (
	RSAPublic     Operation = iota + 1 // a signature verified
	RSAPrivate                         // a signature made
	ECMulFixed                         // multiplication of a curve's generator
	ECMulVariable                      // multiplication of another point
)

// Port is what a connection runs on besides memory: the other side, and time.
type Port interface {
	// Send gives n bytes to the network, records with their headers.
	Send(n int) error
	// Recv waits for n bytes from the network.
	Recv(n int) error
	// Spend lets the time of one operation with a key of bits pass.
	Spend(op Operation, bits int)
}

// PortError is an error of the Port, as the step that met it returns it.
type PortError struct{ Err error }

func (e *PortError) Error() string { return e.Err.Error() }

// Unwrap returns the Port's own error.
func (e *PortError) Unwrap() error { return e.Err }

// AllocError says that an allocation failed, and which: mbedTLS returns
// MBEDTLS_ERR_SSL_ALLOC_FAILED (-0x7F00) or the like of another module.
type AllocError struct {
	What string // the C function that asked
	Size uint32 // bytes it asked for
}

func (e *AllocError) Error() string {
	return fmt.Sprintf("%s: calloc of %d bytes failed (-0x7F00 or its like)", e.What, e.Size)
}

// calloc is a request that must succeed: where C goes to its cleanup label, we
// unwind to catch, and the deferred frees in between are that cleanup.
func (l *lib) calloc(what string, size uint32) heap.Addr { return l.bn.Calloc(what, size) }

// free gives the block at *p back and forgets it.
func (l *lib) free(p *heap.Addr) { l.bn.Free(p) }

// catch turns what C returns as an error code into an error.
func catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case *bignum.AllocError:
		*err = &AllocError{r.What, r.Size}
	case *BufferTooSmallError:
		*err = r
	case *PortError:
		*err = r
	default:
		panic(r)
	}
}
