package casebook

import (
	"net/netip"

	"github.com/plimsoll-sim/plimsoll/lwipmodel"
)

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
