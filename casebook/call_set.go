package casebook

import (
	"errors"
	"time"

	"github.com/plimsoll-sim/plimsoll/lwipmodel"
)

func callSet() call {
	const usage = "set NAME linger SECONDS | keepalive IDLE INTERVAL COUNT | nodelay | timeout TIME"
	return onSocket("set", usage, "Sets an option of a socket (setsockopt): SO_LINGER, SO_KEEPALIVE with its three times, TCP_NODELAY, or SO_RCVTIMEO and SO_SNDTIMEO.", func(a *args) func(*task, int) error {
		switch option := a.word("linger, keepalive, nodelay or timeout"); option {
		case "linger":
			s := a.number("seconds", 0, 32767)
			return func(t *task, fd int) error { return t.net().SetLinger(t.Task, fd, true, int(s)) }
		case "keepalive":
			if !a.more() { // with lwIP's own times
				return func(t *task, fd int) error { return t.net().Setsockopt(t.Task, fd, lwipmodel.SOKeepAlive, 1) }
			}
			idle, interval, count := a.time("idle time"), a.time("interval"), a.number("count", 1, 255)
			return func(t *task, fd int) error {
				return t.keepAlive(fd, idle, interval, int(count))
			}
		case "nodelay":
			return func(t *task, fd int) error { return t.net().Setsockopt(t.Task, fd, lwipmodel.TCPNoDelay, 1) }
		case "timeout":
			d := a.time("a time")
			return func(t *task, fd int) error {
				err := t.net().Setsockopt(t.Task, fd, lwipmodel.SORcvTimeo, int(d.Milliseconds()))
				return errors.Join(err, t.net().Setsockopt(t.Task, fd, lwipmodel.SOSndTimeo, int(d.Milliseconds())))
			}
		default:
			a.fail("option %q: linger, keepalive, nodelay or timeout was expected", option)
			return nil
		}
	})
}

// keepAlive switches SO_KEEPALIVE on, with its times in whole seconds.
func (t *task) keepAlive(fd int, idle, interval time.Duration, count int) error {
	for _, o := range []struct {
		opt lwipmodel.SockOpt
		n   int
	}{
		{lwipmodel.SOKeepAlive, 1},
		{lwipmodel.TCPKeepIdle, int(idle / time.Second)},
		{lwipmodel.TCPKeepIntvl, int(interval / time.Second)},
		{lwipmodel.TCPKeepCnt, count},
	} {
		if err := t.net().Setsockopt(t.Task, fd, o.opt, o.n); err != nil {
			return err
		}
	}
	return nil
}
