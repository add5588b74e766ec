package casebook

import (
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

func verbServe() verb {
	return verb{
		name:  "serve",
		usage: "serve PORT [host=HOST] [then=hold|close|reset|vanish] [after=0s]",
		help:  "Makes a host take connections on a port and treat each so, a time after it was taken. What comes is read and forgotten.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			port := a.number("a port", 1, 65535)
			host := c.host(a, a.key("host", ""))
			then, after := a.keyOneOf("then", "hold", "close", "reset", "vanish"), a.keyTime("after", 0)
			return func(p *play) error {
				h := p.hosts[host]
				l, err := h.Listen(uint16(port), 16)
				if err != nil {
					return err
				}
				h.Go("serve", func(proc *vtime.Proc) {
					for {
						conn, err := l.Accept(proc, 0)
						if err != nil {
							return
						}
						h.Go("served", func(proc *vtime.Proc) { serve(proc, conn, then, after) })
					}
				})
				return nil
			}, a.done()
		},
	}
}

func serve(proc *vtime.Proc, conn connection, then string, after time.Duration) {
	if then == "hold" {
		buf := make([]byte, 4096)
		for {
			if _, err := conn.Read(proc, buf, 0); err != nil {
				conn.Close()
				return
			}
		}
	}
	proc.Sleep(after)
	switch then {
	case "close":
		for conn.Buffered() > 0 { // else close would be a reset
			if _, err := conn.Read(proc, make([]byte, 4096), -1); err != nil {
				break
			}
		}
		conn.Close()
	case "reset":
		conn.Abort()
	case "vanish":
		conn.Vanish()
	}
}
