package casebook

import (
	"net/netip"

	"github.com/plimsoll-sim/plimsoll/lwipmodel"
)

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
