package casebook

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

func verbReceive() verb {
	return verb{
		name:  "receive",
		usage: "receive NAME BYTES|end [timeout=60s] [may=fail]",
		help:  "Reads so many bytes on each connection of a group, or up to the device's FIN.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			name := a.word("the name of connections")
			known(a, c.conns, "connection", name)
			want := int64(-1)
			if what := a.word("bytes, or end"); what != "end" {
				want = a.inRange("bytes", what, 1, 1<<24)
			}
			timeout := a.keyTime("timeout", time.Minute)
			mayFail := a.keyOneOf("may", "succeed", "fail") == "fail"
			return func(p *play) error {
				return p.each(name, mayFail, func(proc *vtime.Proc, conn connection) error {
					return receive(proc, conn, want, timeout)
				})
			}, a.done()
		},
	}
}

func receive(proc *vtime.Proc, conn connection, want int64, timeout time.Duration) error {
	buf := make([]byte, 16384)
	for got := int64(0); want < 0 || got < want; {
		n, err := conn.Read(proc, buf, timeout)
		got += int64(n)
		switch {
		case errors.Is(err, io.EOF) && want < 0:
			return nil
		case errors.Is(err, io.EOF):
			return fmt.Errorf("%d bytes were expected, and the device closed after %d", want, got)
		case err != nil:
			return err
		}
	}
	return nil
}
