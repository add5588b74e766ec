package casebook

import "github.com/plimsoll-sim/plimsoll/lwipmodel"

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
