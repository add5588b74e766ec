package casebook

import (
	"strings"

	"github.com/plimsoll-sim/plimsoll/opcua"
)

func figureServer(name, help string) figureKind {
	return figureKind{name: name, usage: name, help: help, compile: func(c *compiler, a *args) (figure, error) {
		return func(p *play) (value, error) {
			if p.server == nil {
				return value{}, a.st.errorf("there is no OPC UA server: the statement \"opcua\" makes one")
			}
			n := p.server.Counts()
			switch name {
			case "sessions":
				return number(n.Sessions), nil
			case "channels":
				return number(n.Channels), nil
			}
			return number(n.Subscriptions), nil
		}, a.done()
	}}
}

func figureClients() figureKind {
	return figureKind{name: "clients", usage: "clients NAME served|failed|running|WORD", help: "Of a population of OPC UA clients: how many lived to their end, failed, live still, or failed with an error that has the word, such as BadTooManySessions.",
		compile: func(c *compiler, a *args) (figure, error) {
			name, what := a.word("the name of clients"), a.word("served, failed, running or a word of the error")
			known(a, c.clients, "population", name)
			return func(p *play) (value, error) {
				n := 0
				for _, r := range p.clients[name] {
					if clientIs(r, what) {
						n++
					}
				}
				return number(n), nil
			}, a.done()
		}}
}

func clientIs(r *opcua.ClientReport, what string) bool {
	switch what {
	case "running":
		return !r.Done
	case "served":
		return r.Done && r.OK()
	case "failed":
		return r.Done && !r.OK()
	}
	return r.Err != nil && strings.Contains(r.Err.Error(), what)
}
