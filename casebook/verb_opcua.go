package casebook

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

func verbOPCUA() verb {
	return verb{
		name: "opcua",
		usage: "opcua [version=1.2-rc1] [sessions=N] [channels=N] [session-timeout=TIME] [token=TIME] [publish-requests=N] [send=BYTES] [receive=BYTES]" +
			" [session-clock=monotonic|wall] [channel-clock=monotonic|wall] [linger=no|zero] [no-memory=continue|delete|panic]",
		help: "Makes the device's program the OPC UA server of opcua-esp32 (open62541), with limits, buffers and defects of its own.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needBefore(a)
			f, err := opcuaFirmware(a)
			if err != nil {
				a.fail("%w", err)
			}
			return func(p *play) error {
				fw := f
				fw.Started = func(_ *sim.App, s *opcua.Server) { p.server = s }
				p.cfg.Firmware = fw
				return nil
			}, a.done()
		},
	}
}

func opcuaFirmware(a *args) (opcua.Firmware, error) {
	version, err := opcua.ParseVersion(a.key("version", opcua.V1_2_RC1.String()))
	if err != nil {
		return opcua.Firmware{}, err
	}
	cfg := opcua.ServerConfigOf(version)
	limit := func(into *uint32, key string) { *into = uint32(a.keyNumber(key, int64(*into), 0, 1<<31)) }
	limit(&cfg.Limits.MaxSessions, "sessions")
	limit(&cfg.Limits.MaxSecureChannels, "channels")
	limit(&cfg.Limits.MaxPublishReqPerSession, "publish-requests")
	limit(&cfg.Buffers.Send, "send")
	limit(&cfg.Buffers.Receive, "receive")
	ms := time.Millisecond
	cfg.Limits.MaxSessionTimeout = float64(a.keyTime("session-timeout", time.Duration(cfg.Limits.MaxSessionTimeout)*ms) / ms)
	cfg.Limits.MaxSecurityTokenLifetime = uint32(a.keyTime("token", time.Duration(cfg.Limits.MaxSecurityTokenLifetime)*ms) / ms)
	f := opcua.Firmware{Server: &cfg, LingerZero: a.keyOneOf("linger", "no", "zero") == "zero"}
	clock := func(key string, into *opcua.TimeBase) {
		if a.keyOneOf(key, "monotonic", "wall") == "wall" {
			*into = opcua.WallClock
		}
	}
	clock("session-clock", &f.TimeBase)
	clock("channel-clock", &f.ChannelTimeBase)
	f.OnNoMemory = map[string]freertos.OnNoMemory{"continue": freertos.KeepRunning, "delete": freertos.DeleteTask, "panic": freertos.Panic}[a.keyOneOf("no-memory", "continue", "delete", "panic")]
	return f, nil
}

func verbFirmware() verb {
	return verb{
		name:  "firmware",
		usage: "firmware NAME",
		help:  "Makes a program of the caller's own the device's, by its name in Runner.Firmware.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needBefore(a)
			name := a.word("a name")
			f, ok := c.runner.Firmware[name]
			if !ok {
				a.fail("Runner.Firmware has no %q", name)
			}
			return func(p *play) error {
				p.cfg.Firmware = f
				return nil
			}, a.done()
		},
	}
}

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
