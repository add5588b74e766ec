package opcua

import "math/bits"

// FDSetSize is the number of descriptors that a set can hold (FD_SETSIZE of
// ESP-IDF): descriptors are 0 to 63.
const FDSetSize = 64

// FDSet is a set of descriptors, as C's select takes it.
type FDSet uint64

// Set adds a descriptor; one outside the range is left out.
func (s *FDSet) Set(fd int) {
	if fd >= 0 && fd < FDSetSize {
		*s |= 1 << fd
	}
}

// Has reports whether a descriptor is in the set.
func (s FDSet) Has(fd int) bool { return fd >= 0 && fd < FDSetSize && s>>fd&1 != 0 }

// Len returns the number of descriptors in the set.
func (s FDSet) Len() int { return bits.OnesCount64(uint64(s)) }

// Sockets is what the server needs of the socket layer: non-blocking sockets
// in the manner of lwIP. A call that fails returns an error of type [Errno].
type Sockets interface {
	// Listen makes a socket that listens on a TCP port (socket, bind, listen)
	// and returns its descriptor.
	Listen(port uint16, backlog int) (fd int, err error)
	// Select takes out of both sets what is not ready, without waiting, and
	// returns how many descriptors are left.
	Select(read, except *FDSet) (int, error)
	// Accept takes a connection from a listening socket and makes it
	// non-blocking, without Nagle's delay. The peer's address is for reports.
	Accept(fd int) (conn int, peer string, err error)
	// Recv reads what is there, at most len(b) bytes. It returns 0 and no error
	// once the peer has closed.
	Recv(fd int, b []byte) (int, error)
	// Send takes as many bytes as there is room for.
	Send(fd int, b []byte) (int, error)
	// Shutdown ends both directions.
	Shutdown(fd int) error
	// Close gives the descriptor back.
	Close(fd int) error
}

// SpinWaiter is implemented by Sockets that want to be told that the server
// repeats a Send without pause. Where time is modelled, Spin lets it pass; it
// returns when another Send can end differently.
type SpinWaiter interface {
	Spin(fd int)
}

// Errno is an error number of the socket layer, with the values that newlib
// gives it on the ESP32.
type Errno int

// The error numbers that the server tells apart. Any other ends the connection.
const (
	EINTR        Errno = 4
	EAGAIN       Errno = 11
	ENFILE       Errno = 23
	EPIPE        Errno = 32
	ECONNABORTED Errno = 113
	ECONNRESET   Errno = 104
	ENOTCONN     Errno = 128
)

// Error returns the name of the error.
func (e Errno) Error() string {
	switch e {
	case EINTR:
		return "EINTR"
	case EAGAIN:
		return "EAGAIN"
	case ENFILE:
		return "ENFILE"
	case EPIPE:
		return "EPIPE"
	case ECONNABORTED:
		return "ECONNABORTED"
	case ECONNRESET:
		return "ECONNRESET"
	case ENOTCONN:
		return "ENOTCONN"
	}
	return "errno " + itoa(int(e))
}

// retry reports whether a Send or Recv is to be tried again.
func retry(err error) bool { return err == EAGAIN || err == EINTR }
