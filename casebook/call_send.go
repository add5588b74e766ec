package casebook

func callSend() call {
	return onSocket("send", "send NAME BYTES", "Sends so many bytes (send); it waits while the send buffer is full.", func(a *args) func(*task, int) error {
		n := a.number("bytes", 1, 1<<20)
		return func(t *task, fd int) error {
			_, err := t.net().Send(t.Task, fd, make([]byte, n), 0)
			return err
		}
	})
}
