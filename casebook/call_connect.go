package casebook

import (
	"net/netip"

	"github.com/plimsoll-sim/plimsoll/lwipmodel"
)

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
