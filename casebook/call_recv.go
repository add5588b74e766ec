package casebook

import "errors"

// errEnd is the outcome of a receive that found the peer's FIN.
var errEnd = errors.New("end")

func callRecv() call {
	return onSocket("recv", "recv NAME [BYTES|end]", "Waits for data and takes at most BYTES (1024), or with end reads until the peer has closed or the connection fails. Its outcomes are ok, end, and the errno.", func(a *args) func(*task, int) error {
		size, toEnd := int64(1024), false
		if a.more() {
			if what := a.word("bytes, or end"); what == "end" {
				toEnd = true
			} else {
				size = a.inRange("bytes", what, 1, 1<<20)
			}
		}
		return func(t *task, fd int) error {
			buf := make([]byte, max(1, size))
			for {
				n, err := t.net().Recv(t.Task, fd, buf, 0)
				switch {
				case err != nil:
					return err
				case n == 0:
					return errEnd
				case !toEnd:
					return nil
				}
			}
		}
	})
}
