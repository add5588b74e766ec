package casebook

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// clientsLimit bounds how long one OPC UA client may need beside its stay.
const clientsLimit = 10 * time.Minute

func verbClients() verb {
	return verb{
		name: "clients",
		usage: "clients NAME [count=1] [every=0s] [stay=5s] [leave=close|fin|rst|vanish] [kind=uaexpert|gopcua|node-opcua|open62541] [items=0] [publishing=TIME] [publish=N]" +
			" [session=TIME] [channel=TIME] [reconnect=no|yes] [host=HOST] [wait=end|no]",
		help: "Lets OPC UA clients come, subscribe to so many items, stay, and leave; each begins so long after the one before, and the statement ends with the last unless wait=no.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			name := a.word("a name for the clients")
			c.clients[name] = true
			count, every := a.keyNumber("count", 1, 1, 100_000), a.keyTime("every", 0)
			host := c.host(a, a.key("host", ""))
			life, err := clientLife(a)
			if err != nil {
				a.fail("%w", err)
			}
			wait := a.keyOneOf("wait", "end", "no") == "end"
			return func(p *play) error {
				for range count {
					from := p.world.Now()
					done := p.client(name, p.hosts[host], life)
					limit := clientsLimit + life.Stay
					if wait {
						if err := p.world.RunUntil(done, limit); err != nil {
							return fmt.Errorf("client %d of %s: %w", len(p.clients[name]), name, err)
						}
					}
					if err := p.until(from + every); err != nil {
						return err
					}
				}
				return nil
			}, a.done()
		},
	}
}

func clientLife(a *args) (opcua.ClientLife, error) {
	var life opcua.ClientLife
	switch a.keyOneOf("kind", "uaexpert", "gopcua", "node-opcua", "open62541") {
	case "gopcua":
		life.Config = opcua.Gopcua()
	case "node-opcua":
		life.Config = opcua.NodeOPCUA()
	case "open62541":
		life.Config = opcua.Open62541()
	default:
		life.Config = opcua.UaExpert()
	}
	var err error
	life.Leave, err = opcua.ParseLeaving(a.key("leave", "close"))
	life.Stay = a.keyTime("stay", 5*time.Second)
	c := &life.Config
	c.SessionTimeout = a.keyTime("session", c.SessionTimeout)
	c.ChannelLifetime = a.keyTime("channel", c.ChannelLifetime)
	nodes := [...]string{"ns=1;s=temperature", "ns=1;s=Control Relay number 0.", "ns=1;s=Control Relay number 1."}
	for i := range a.keyNumber("items", 0, 0, 10_000) {
		c.Subscription.Items = append(c.Subscription.Items, nodes[i%int64(len(nodes))])
	}
	c.Subscription.PublishingInterval = a.keyTime("publishing", c.Subscription.PublishingInterval)
	c.Subscription.Publish = int(a.keyNumber("publish", int64(c.Subscription.Publish), -1, 10_000))
	if a.keyOneOf("reconnect", "no", "yes") == "no" {
		c.Reconnect = opcua.ReconnectPolicy{}
	}
	return life, err
}

// client starts the life of one client and returns what tells its end.
func (p *play) client(name string, h *hostState, life opcua.ClientLife) func() bool {
	report := &opcua.ClientReport{}
	p.clients[name] = append(p.clients[name], report)
	life.Config.Name = fmt.Sprintf("%s %d", name, len(p.clients[name]))
	life.Config.Address = fmt.Sprintf("%v:%d", p.device.Addr(), opcua.DefaultServerConfig().Port)
	done := false
	h.Go(life.Config.Name, func(proc *vtime.Proc) {
		*report = opcua.RunClient(proc, opcua.OnHost(h.Host), life)
		done = true
	})
	return func() bool { return done }
}
