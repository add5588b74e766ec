package lwipmodel

import (
	"errors"
	"fmt"

	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// OptionsFrom returns the options that a firmware built from c has.
func OptionsFrom(c *sdkconfig.Config) (Options, error) {
	l := &c.LWIP
	o := DefaultOptions()
	var err error
	if o.Version, err = ParseVersion(c.IDF.String()); err != nil {
		return Options{}, err
	}
	if !l.IPv4 {
		return Options{}, errors.New("lwipmodel: CONFIG_LWIP_IPV4 is off: the model knows IPv4 only")
	}
	o.TCPMSS = l.TCPMSS
	o.TCPSndBuf = l.TCPSndBufDefault
	o.TCPWnd = l.TCPWndDefault
	o.TCPMaxRtx = l.TCPMaxRtx
	o.TCPSynMaxRtx = l.TCPSynMaxRtx
	o.TCPMSL = l.TCPMSL
	o.TCPFinWaitTimeout = l.TCPFinWaitTimeout
	o.TCPTmrInterval = l.TCPTmrInterval
	o.TCPRTOTime = l.TCPRTOTime
	switch l.TCPOversize {
	case sdkconfig.OversizeMSS:
		o.TCPOversize = l.TCPMSS
	case sdkconfig.OversizeQuarterMSS:
		o.TCPOversize = l.TCPMSS / 4
	default:
		o.TCPOversize = 0 // Validate says why it is refused
	}
	o.TCPQueueOoseq = l.TCPQueueOOSeq
	o.TCPOoseqMaxPbufs = l.TCPOOSeqMaxPbufs
	o.TCPOoseqTimeout = l.TCPOOSeqTimeout
	o.TCPSackOut = l.TCPSackOut
	o.WndScale = l.WndScale
	o.TCPRcvScale = l.TCPRcvScale
	o.TCPRecvMboxSize = l.TCPRecvmboxSize
	o.TCPAcceptMboxSize = l.TCPAcceptmboxSize
	o.UDPRecvMboxSize = l.UDPRecvmboxSize
	o.TCPIPMboxSize = l.TCPIPRecvmboxSize
	o.MaxSockets = l.MaxSockets
	o.MaxActiveTCP = l.MaxActiveTCP
	o.MaxListeningTCP = l.MaxListeningTCP
	o.SOLinger = l.SOLinger
	o.SOReuse = l.SOReuse
	o.SORcvBuf = l.SORcvbuf
	o.IPv6 = l.IPv6
	o.CoreLocking = l.TCPIPCoreLocking
	o.L2ToL3Copy = l.L2ToL3Copy
	o.IP4Reassembly = l.IP4Reassembly
	o.IPReassMaxPbufs = max(l.IPReassMaxPbufs, 10)
	o.ChecksumCheckIP = l.ChecksumCheckIP
	o.ChecksumCheckUDP = l.ChecksumCheckUDP
	o.IPDefaultTTL = l.IPDefaultTTL
	o.GratuitousARP = l.ESPGratuitousARP
	o.GARPInterval = l.GARPTmrInterval
	o.NetifLoopback = l.NetifLoopback
	o.LoopbackMaxPbufs = l.LoopbackMaxPbufs
	o.DHCPARPCheck = l.DHCPDoesARPCheck
	o.DHCPCoarseTimer = max(l.DHCPCoarseTimerSecs, 1)
	o.DNSMaxServers = max(l.DNSMaxServers, 1)
	o.SNTPMaxServers = l.SNTPMaxServers
	o.SNTPUpdateDelay = l.SNTPUpdateDelay
	o.SNTPStartupDelay = 0
	if l.SNTPStartupDelay {
		o.SNTPStartupDelay = l.SNTPMaximumStartupDelay
	}
	o.TCPIPTaskStack = l.TCPIPTaskStackSize + taskExtra
	if c.LibC.NanoFormat {
		o.TCPIPTaskStack = l.TCPIPTaskStackSize
	}
	o.TCPIPTaskPriority = l.TCPIPTaskPrio
	o.TCPIPTaskAffinity = int(l.TCPIPTaskAffinity)
	o.PreferSPIRAM = c.SPIRAM.TryAllocateWiFiLWIP
	if l.UseOnlyLWIPSelect {
		o.VFSCount = 0
	}
	if err := o.Validate(); err != nil {
		return Options{}, fmt.Errorf("lwipmodel: the sdkconfig gives options that lwIP refuses: %w", err)
	}
	return o, nil
}
