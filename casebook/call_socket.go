package casebook

import (
	"net/netip"

	"github.com/plimsoll-sim/plimsoll/lwipmodel"
)

// net is the device's lwIP.
func (t *task) net() *lwipmodel.Stack { return t.Device().Net() }

// have remembers a socket that a call made, and counts how the call ended.
func (t *task) have(call, name string, fd int, err error) {
	t.play.count(call, err)
	if err == nil {
		t.fds[name] = fd
	}
}

func callListen() call {
	return call{
		name:  "listen",
		usage: "listen PORT as NAME [backlog=5]",
		help:  "Makes a listening TCP socket (socket, bind, listen).",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			port := a.number("a port", 1, 65535)
			a.literal("as")
			name, backlog := a.word("a name"), a.keyNumber("backlog", 5, 0, 255)
			return func(t *task) error {
				fd, err := t.listen(uint16(port), int(backlog))
				t.have("listen", name, fd, err)
				return nil
			}, a.done()
		},
	}
}

func (t *task) listen(port uint16, backlog int) (int, error) {
	fd, err := t.net().Socket(t.Task, lwipmodel.SockStream)
	if err != nil {
		return -1, err
	}
	_ = t.net().Setsockopt(t.Task, fd, lwipmodel.SOReuseAddr, 1)
	if err := t.net().Bind(t.Task, fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port)); err != nil {
		return -1, err
	}
	return fd, t.net().Listen(t.Task, fd, backlog)
}

func callAccept() call {
	return call{
		name:  "accept",
		usage: "accept LISTENER as NAME",
		help:  "Waits for a connection and takes it. A NAME that stood for a connection before is not closed by that: its descriptor is lost.",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			listener := a.word("a listening socket")
			a.literal("as")
			name := a.word("a name")
			return func(t *task) error {
				l, err := t.fd(listener)
				if err != nil {
					return err
				}
				fd, err := t.net().Accept(t.Task, l)
				t.have("accept", name, fd, err)
				if err != nil {
					delete(t.fds, name)
				}
				return nil
			}, a.done()
		},
	}
}

func callConnect() call {
	return call{
		name:  "connect",
		usage: "connect HOST PORT as NAME",
		help:  "Connects to a host (socket, connect). If it fails the socket is closed again.",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			host, port := a.word("a host"), a.number("a port", 1, 65535)
			a.literal("as")
			name := a.word("a name")
			return func(t *task) error {
				h, ok := t.play.hosts[host]
				if !ok {
					return st.errorf("there is no host %q", host)
				}
				fd, err := t.net().Socket(t.Task, lwipmodel.SockStream)
				if err == nil {
					if err = t.net().Connect(t.Task, fd, netip.AddrPortFrom(h.Addr(), uint16(port))); err != nil {
						_ = t.net().Close(t.Task, fd)
					}
				}
				t.have("connect", name, fd, err)
				return nil
			}, a.done()
		},
	}
}

func callUDP() call {
	return call{
		name:  "udp",
		usage: "udp PORT as NAME",
		help:  "Makes a UDP socket that receives on a port (socket, bind).",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			port := a.number("a port", 1, 65535)
			a.literal("as")
			name := a.word("a name")
			return func(t *task) error {
				fd, err := t.net().Socket(t.Task, lwipmodel.SockDgram)
				if err == nil {
					err = t.net().Bind(t.Task, fd, netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(port)))
				}
				t.have("udp", name, fd, err)
				return nil
			}, a.done()
		},
	}
}

// onSocket is a call with a socket of the task.
func onSocket(name, usage, help string, f func(a *args) func(t *task, fd int) error) call {
	return call{
		name: name, usage: usage, help: help,
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			socket := a.word("a socket")
			g := f(a)
			return func(t *task) error {
				if _, lost := t.fds[socket]; !lost {
					// As in C with a descriptor of -1.
					t.play.count(name, lwipmodel.EBADF)
					return nil
				}
				fd, err := t.fd(socket)
				if err != nil {
					return err
				}
				t.play.count(name, g(t, fd))
				if name == "close" {
					delete(t.fds, socket)
				}
				return nil
			}, a.done()
		},
	}
}

func callClose() call {
	return onSocket("close", "close NAME", "Closes a socket (close).", func(*args) func(*task, int) error {
		return func(t *task, fd int) error { return t.net().Close(t.Task, fd) }
	})
}

func callShutdown() call {
	return onSocket("shutdown", "shutdown NAME", "Ends both directions (shutdown SHUT_RDWR); the descriptor stays.", func(*args) func(*task, int) error {
		return func(t *task, fd int) error { return t.net().Shutdown(t.Task, fd, lwipmodel.ShutRDWR) }
	})
}
