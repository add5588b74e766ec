package casebook

func callAccept() call {
	return call{
		name:  "accept",
		usage: "accept LISTENER as NAME",
		help:  "Waits for a connection and takes it. A NAME that stood for a connection before is not closed by that: its descriptor is lost.",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			listener := a.word("a listening socket")
			a.literal("as")
			name := a.word("a name")
			return func(t *task) error {
				l, err := t.fd(listener)
				if err != nil {
					return err
				}
				fd, err := t.net().Accept(t.Task, l)
				t.have("accept", name, fd, err)
				if err != nil {
					delete(t.fds, name)
				}
				return nil
			}, a.done()
		},
	}
}
