package casebook

import (
	"time"

	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

func verbOPCUA() verb {
	return verb{
		name: "opcua",
		usage: "opcua [version=1.2-rc1] [nodeset=reduced|full|compact] [sessions=N] [channels=N] [session-timeout=TIME] [token=TIME] [publish-requests=N] [send=BYTES] [receive=BYTES]" +
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
	if cfg.Nodeset, err = opcua.ParseNodeset(a.keyOneOf("nodeset", "reduced", "full", "compact")); err != nil {
		return opcua.Firmware{}, err
	}
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
