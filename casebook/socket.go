package casebook

import "github.com/plimsoll-sim/plimsoll/lwipmodel"

// net is the device's lwIP.
func (t *task) net() *lwipmodel.Stack { return t.Device().Net() }

// have remembers a socket that a call made, and counts how the call ended.
func (t *task) have(call, name string, fd int, err error) {
	t.play.count(call, err)
	if err == nil {
		t.fds[name] = fd
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
				fd, ok := t.fds[socket]
				if !ok { // as in C with a descriptor of -1
					t.play.count(name, lwipmodel.EBADF)
					return nil
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
