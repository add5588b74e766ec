package lwipmodel

import (
	"strconv"
	"syscall"
)

// Err is lwIP's err_t: what the functions inside the stack return.
// (lwip: src/include/lwip/err.h)
type Err int8

// The values of err_t.
const (
	ErrOK         Err = 0   // no error
	ErrMem        Err = -1  // out of memory
	ErrBuf        Err = -2  // buffer error
	ErrTimeout    Err = -3  // timeout
	ErrRte        Err = -4  // no route
	ErrInProgress Err = -5  // operation in progress
	ErrVal        Err = -6  // illegal value
	ErrWouldBlock Err = -7  // operation would block
	ErrUse        Err = -8  // address in use
	ErrAlready    Err = -9  // already connecting
	ErrIsConn     Err = -10 // already connected
	ErrConn       Err = -11 // not connected
	ErrIf         Err = -12 // low-level interface error
	ErrAbrt       Err = -13 // connection aborted
	ErrRst        Err = -14 // connection reset
	ErrClsd       Err = -15 // connection closed
	ErrArg        Err = -16 // illegal argument
)

var errNames = [...]string{
	"ERR_OK", "ERR_MEM", "ERR_BUF", "ERR_TIMEOUT", "ERR_RTE", "ERR_INPROGRESS", "ERR_VAL", "ERR_WOULDBLOCK", "ERR_USE",
	"ERR_ALREADY", "ERR_ISCONN", "ERR_CONN", "ERR_IF", "ERR_ABRT", "ERR_RST", "ERR_CLSD", "ERR_ARG",
}

// String returns lwIP's name of the error, such as "ERR_ABRT".
func (e Err) String() string {
	if e > 0 || int(-e) >= len(errNames) {
		return "err_t " + strconv.Itoa(int(e))
	}
	return errNames[-e]
}

// Errno is the value of errno that a failed socket call leaves, in the
// numbering of the C library on the ESP32 (newlib: sys/errno.h). Zero means no
// error. It implements error.
type Errno int

// The errno values that the socket layer sets.
const (
	EIO           Errno = 5
	EBADF         Errno = 9
	EWOULDBLOCK   Errno = 11 // the same number as EAGAIN
	ENOMEM        Errno = 12
	EFAULT        Errno = 14
	EBUSY         Errno = 16
	ENODEV        Errno = 19
	EINVAL        Errno = 22
	ENFILE        Errno = 23
	ENOSYS        Errno = 88
	EOPNOTSUPP    Errno = 95
	ECONNRESET    Errno = 104
	ENOBUFS       Errno = 105
	ENOPROTOOPT   Errno = 109
	EADDRINUSE    Errno = 112
	ECONNABORTED  Errno = 113
	EHOSTUNREACH  Errno = 118
	EINPROGRESS   Errno = 119
	EALREADY      Errno = 120
	EMSGSIZE      Errno = 122
	EADDRNOTAVAIL Errno = 125
	EISCONN       Errno = 127
	ENOTCONN      Errno = 128
)

// String returns the C name of the value, such as "EWOULDBLOCK".
func (e Errno) String() string {
	switch e {
	case 0:
		return "0"
	case EIO:
		return "EIO"
	case EBADF:
		return "EBADF"
	case EWOULDBLOCK:
		return "EWOULDBLOCK"
	case ENOMEM:
		return "ENOMEM"
	case EFAULT:
		return "EFAULT"
	case EBUSY:
		return "EBUSY"
	case ENODEV:
		return "ENODEV"
	case EINVAL:
		return "EINVAL"
	case ENFILE:
		return "ENFILE"
	case ENOSYS:
		return "ENOSYS"
	case EOPNOTSUPP:
		return "EOPNOTSUPP"
	case ECONNRESET:
		return "ECONNRESET"
	case ENOBUFS:
		return "ENOBUFS"
	case ENOPROTOOPT:
		return "ENOPROTOOPT"
	case EADDRINUSE:
		return "EADDRINUSE"
	case ECONNABORTED:
		return "ECONNABORTED"
	case EHOSTUNREACH:
		return "EHOSTUNREACH"
	case EINPROGRESS:
		return "EINPROGRESS"
	case EALREADY:
		return "EALREADY"
	case EMSGSIZE:
		return "EMSGSIZE"
	case EADDRNOTAVAIL:
		return "EADDRNOTAVAIL"
	case EISCONN:
		return "EISCONN"
	case ENOTCONN:
		return "ENOTCONN"
	}
	return "errno " + strconv.Itoa(int(e))
}

// Error returns the same text as String.
func (e Errno) Error() string { return e.String() }

// sameErrno are the values that have a name in package syscall on every system.
var sameErrno = [...]struct {
	e    Errno
	host syscall.Errno
}{
	{EIO, syscall.EIO}, {EBADF, syscall.EBADF}, {EWOULDBLOCK, syscall.EAGAIN}, {EWOULDBLOCK, syscall.EWOULDBLOCK}, {ENOMEM, syscall.ENOMEM},
	{EFAULT, syscall.EFAULT}, {EBUSY, syscall.EBUSY}, {ENODEV, syscall.ENODEV}, {EINVAL, syscall.EINVAL}, {ENFILE, syscall.ENFILE},
	{ENOSYS, syscall.ENOSYS}, {EOPNOTSUPP, syscall.EOPNOTSUPP}, {ECONNRESET, syscall.ECONNRESET}, {ENOBUFS, syscall.ENOBUFS},
	{ENOPROTOOPT, syscall.ENOPROTOOPT}, {EADDRINUSE, syscall.EADDRINUSE}, {ECONNABORTED, syscall.ECONNABORTED},
	{EHOSTUNREACH, syscall.EHOSTUNREACH}, {EINPROGRESS, syscall.EINPROGRESS}, {EALREADY, syscall.EALREADY}, {EMSGSIZE, syscall.EMSGSIZE},
	{EADDRNOTAVAIL, syscall.EADDRNOTAVAIL}, {EISCONN, syscall.EISCONN}, {ENOTCONN, syscall.ENOTCONN},
}

var errnoOf = [...]Errno{
	0, ENOMEM, ENOBUFS, EWOULDBLOCK, EHOSTUNREACH, EINPROGRESS, EINVAL, EWOULDBLOCK, EADDRINUSE,
	EALREADY, EISCONN, ENOTCONN, -1, ECONNABORTED, ECONNRESET, ENOTCONN, EIO,
}

// errno is lwIP's err_to_errno (src/api/err.c).
func (e Err) errno() Errno {
	if e > 0 || int(-e) >= len(errnoOf) {
		return EIO
	}
	return errnoOf[-e]
}

// Is lets errors.Is find the errno of package syscall, for code that looks for
// one.
func (e Errno) Is(target error) bool {
	for _, s := range sameErrno {
		if s.e == e && s.host == target {
			return true
		}
	}
	return false
}

// Timeout reports whether the error is one of waiting too long.
func (e Errno) Timeout() bool { return e == EWOULDBLOCK }

// Temporary reports whether the call may succeed later.
func (e Errno) Temporary() bool {
	return e == EWOULDBLOCK || e == EINPROGRESS || e == ENOBUFS || e == ENOMEM || e == ENFILE || e == ECONNABORTED
}
