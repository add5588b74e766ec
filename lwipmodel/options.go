package lwipmodel

import (
	"errors"
	"fmt"
	"math"
)

// Options are the compile-time settings of the stack, named after lwIP's
// macros. Start from [DefaultOptions] or [OptionsFrom]; the zero value is not
// valid. Defaults are those of ESP-IDF v5.3.1.
// (idf: components/lwip/Kconfig, components/lwip/port/include/lwipopts.h)
type Options struct {
	TCPMSS            int  // largest segment, bytes; 536 to 1460, default 1440
	TCPSndBuf         int  // payload a connection may queue, bytes; at least 2*TCPMSS, default 5760
	TCPWnd            int  // receive window, bytes; default 5760
	TCPMaxRtx         int  // retransmissions before a connection is given up; 3 to 12, default 12
	TCPSynMaxRtx      int  // the same for the SYN of an outgoing connection; default 12
	TCPMSL            int  // maximum segment lifetime, ms; default 60000
	TCPFinWaitTimeout int  // time in FIN_WAIT_2 after a close, ms; default 20000
	TCPTmrInterval    int  // TCP timer period, ms; default 250
	TCPRTOTime        int  // first retransmission timeout, ms; default 1500
	TCPOversize       int  // OVERSIZE option: TCPMSS or TCPMSS/4; no effect on block sizes with single-pbuf transmission
	TCPQueueOoseq     bool // keep out-of-order segments; default true
	TCPOoseqMaxPbufs  int  // pbufs in a connection's out-of-order queue, 0 = no limit; default 4
	TCPOoseqTimeout   int  // retransmission timeouts of silence after which the queue is dropped; default 6
	TCPSackOut        bool // send selective acknowledgements; default false
	WndScale          bool // window scaling; default false
	TCPRcvScale       int  // scale of our window, 0 to 14; default 0
	TCPRecvMboxSize   int  // segments in a socket's receive mailbox; default 6
	TCPAcceptMboxSize int  // connections in a listener's accept mailbox; default 6
	UDPRecvMboxSize   int  // datagrams in a socket's receive mailbox; default 6
	TCPIPMboxSize     int  // messages in the mailbox of the tcpip task; default 32
	MaxSockets        int  // socket descriptors; 1 to 16, default 10
	MaxActiveTCP      int  // TCP_PCBs; not enforced by every release, see Version; default 16
	MaxListeningTCP   int  // listeners; never enforced; default 16
	SOLinger          bool // setsockopt(SO_LINGER) is compiled in; default false
	SOReuse           bool // SO_REUSEADDR is compiled in; default true
	SORcvBuf          bool // SO_RCVBUF and ioctl(FIONREAD) are compiled in; default false
	IPv6              bool // IPv6 is compiled in: larger control blocks and header room; default true
	ChecksumCheckUDP  bool // UDP checksums are checked in software; default false
	ChecksumCheckIP   bool // header checksums are checked in software; default false
	CoreLocking       bool // calls take a lock instead of sending a message to the tcpip task; default false
	IP4Reassembly     bool // fragments that arrive are put together; default false
	IPReassMaxPbufs   int  // fragments that wait for others; 10 to 100, default 10
	L2ToL3Copy        bool // received frames are copied to a PBUF_RAM and the driver's buffer freed; default false
	IPDefaultTTL      int  // time to live of packets sent; 1 to 255, default 64
	Stats             bool // LWIP_STATS; default false

	ARPTableSize  int  // entries of the ARP table; fixed at 10 in ESP-IDF
	ARPQueueLen   int  // packets queued for one pending address; fixed at 3 in lwIP
	GratuitousARP bool // repeat a gratuitous ARP; default true
	GARPInterval  int  // its period, s; default 60

	NetifLoopback    bool // packets to the device's own addresses come back; default true
	LoopbackMaxPbufs int  // packets that wait to come back, 0 = no limit; default 8

	DHCPARPCheck    bool // an offered address is probed by ARP before it is used; default true
	DHCPCoarseTimer int  // period of the timer that counts leases, s; 1 to 10, default 1
	DNSMaxServers   int  // name servers; 1 to 4, default 3

	SNTPMaxServers   int   // time servers; 1 to 16, default 1
	SNTPUpdateDelay  int64 // time between requests, ms; 15000 to 4294967295, default an hour
	SNTPStartupDelay int   // the first request comes within this time at random, ms; 0: at once; default 5000

	TCPIPTaskStack    int // stack of the tcpip task with the extra bytes that ESP-IDF adds; default 3584
	TCPIPTaskPriority int // default 18
	VFSCount          int // file systems registered with the VFS layer, which select goes through; 0: lwIP's select alone; default 3
	TCPIPTaskAffinity int // core, or 0x7fffffff for none; default none

	PreferSPIRAM bool // SPIRAM_TRY_ALLOCATE_WIFI_LWIP: blocks come from PSRAM if there is some; default false

	Version Version // release of ESP-IDF whose port is modelled
}

// DefaultOptions returns the Kconfig defaults of ESP-IDF v5.3.1.
func DefaultOptions() Options {
	return Options{
		TCPMSS: 1440, TCPSndBuf: 5760, TCPWnd: 5760, TCPMaxRtx: 12, TCPSynMaxRtx: 12, TCPMSL: 60000,
		TCPFinWaitTimeout: 20000, TCPTmrInterval: 250, TCPRTOTime: 1500, TCPOversize: 1440,
		TCPQueueOoseq: true, TCPOoseqMaxPbufs: 4, TCPOoseqTimeout: 6,
		TCPRecvMboxSize: 6, TCPAcceptMboxSize: 6, UDPRecvMboxSize: 6, TCPIPMboxSize: 32,
		MaxSockets: 10, MaxActiveTCP: 16, MaxListeningTCP: 16, SOReuse: true, IPv6: true, IPDefaultTTL: 64, IPReassMaxPbufs: 10,
		ARPTableSize: 10, ARPQueueLen: 3, VFSCount: 3, GratuitousARP: true, GARPInterval: 60,
		NetifLoopback: true, LoopbackMaxPbufs: 8, DHCPARPCheck: true, DHCPCoarseTimer: 1, DNSMaxServers: 3,
		SNTPMaxServers: 1, SNTPUpdateDelay: 3600000, SNTPStartupDelay: 5000,
		TCPIPTaskStack: 3072 + taskExtra, TCPIPTaskPriority: 18, TCPIPTaskAffinity: 0x7fffffff,
		Version: Version{5, 3, 1},
	}
}

// Validate reports every setting that lwIP or Kconfig would refuse.
func (o Options) Validate() error {
	var errs []error
	bad := func(name string, got int, want string) {
		errs = append(errs, fmt.Errorf("lwipmodel: option %s is %d: want %s", name, got, want))
	}
	between := func(name string, v, lo, hi int) {
		if v < lo || v > hi {
			bad(name, v, fmt.Sprintf("%d to %d", lo, hi))
		}
	}
	wnd, mbox := 65535, 64
	if o.WndScale {
		wnd, mbox = 1024000, 1024
	}
	between("TCPMSS", o.TCPMSS, 536, 1460)
	between("TCPSndBuf", o.TCPSndBuf, 2440, wnd)
	between("TCPWnd", o.TCPWnd, 2440, wnd)
	between("TCPMaxRtx", o.TCPMaxRtx, 3, 12)
	between("TCPSynMaxRtx", o.TCPSynMaxRtx, 3, 12)
	between("TCPTmrInterval", o.TCPTmrInterval, 1, 1000000)
	between("TCPMSL", o.TCPMSL, 1, 1<<30)
	between("TCPFinWaitTimeout", o.TCPFinWaitTimeout, 1, 1<<30)
	between("TCPRTOTime", o.TCPRTOTime, 1, 1<<24)
	between("TCPOoseqMaxPbufs", o.TCPOoseqMaxPbufs, 0, 12)
	between("TCPOoseqTimeout", o.TCPOoseqTimeout, 1, 30)
	between("TCPRcvScale", o.TCPRcvScale, 0, 14)
	between("TCPRecvMboxSize", o.TCPRecvMboxSize, 6, mbox)
	between("TCPAcceptMboxSize", o.TCPAcceptMboxSize, 1, 255)
	between("UDPRecvMboxSize", o.UDPRecvMboxSize, 6, 64)
	between("TCPIPMboxSize", o.TCPIPMboxSize, 6, mbox)
	between("MaxSockets", o.MaxSockets, 1, 253)
	between("MaxActiveTCP", o.MaxActiveTCP, 1, 1024)
	between("MaxListeningTCP", o.MaxListeningTCP, 1, 1024)
	between("IPDefaultTTL", o.IPDefaultTTL, 1, 255)
	between("IPReassMaxPbufs", o.IPReassMaxPbufs, 1, 1000)
	between("ARPTableSize", o.ARPTableSize, 1, 127)
	between("ARPQueueLen", o.ARPQueueLen, 0, 255)
	between("LoopbackMaxPbufs", o.LoopbackMaxPbufs, 0, 16)
	between("DHCPCoarseTimer", o.DHCPCoarseTimer, 1, 10)
	between("DNSMaxServers", o.DNSMaxServers, 1, dnsServers)
	between("SNTPMaxServers", o.SNTPMaxServers, 1, 16)
	between("SNTPStartupDelay", o.SNTPStartupDelay, 0, 300000)
	if o.SNTPUpdateDelay < 15000 || o.SNTPUpdateDelay > math.MaxUint32 {
		errs = append(errs, fmt.Errorf("lwipmodel: option SNTPUpdateDelay is %d: want 15000 to %d", o.SNTPUpdateDelay, uint32(math.MaxUint32)))
	}
	if o.GratuitousARP {
		between("GARPInterval", o.GARPInterval, 1, 1<<20)
	}
	if o.TCPOversize == 0 {
		bad("TCPOversize", 0, "TCPMSS or TCPMSS/4: lwIP does not compile single-pbuf transmission without oversize (src/core/init.c)")
	}
	if o.TCPSndBuf < 2*o.TCPMSS {
		bad("TCPSndBuf", o.TCPSndBuf, fmt.Sprintf("at least two segments, %d", 2*o.TCPMSS))
	}
	if o.TCPWnd < o.TCPMSS {
		bad("TCPWnd", o.TCPWnd, fmt.Sprintf("at least one segment, %d", o.TCPMSS))
	}
	if !o.WndScale && o.TCPRcvScale != 0 {
		bad("TCPRcvScale", o.TCPRcvScale, "0 without WndScale")
	}
	return errors.Join(errs...)
}

// Limits that follow from the options (lwip: src/include/lwip/opt.h).

// sndQueueLen is TCP_SND_QUEUELEN, in pbufs.
func (o *Options) sndQueueLen() int { return (4*o.TCPSndBuf + o.TCPMSS - 1) / o.TCPMSS }

// sndLowat is TCP_SNDLOWAT: select reports writable above that much free space, bytes.
func (o *Options) sndLowat() int {
	return min(max(o.TCPSndBuf/2, 2*o.TCPMSS+1), o.TCPSndBuf-1)
}

// sndQueueLowat is TCP_SNDQUEUELOWAT: and below that many queued pbufs.
func (o *Options) sndQueueLowat() int { return max(o.sndQueueLen()/2, 5) }

// wndUpdateThreshold is TCP_WND_UPDATE_THRESHOLD, bytes.
func (o *Options) wndUpdateThreshold() int { return min(o.TCPWnd/4, 4*o.TCPMSS) }

// slowInterval is TCP_SLOW_INTERVAL: one tick of the slow timer, ms.
func (o *Options) slowInterval() int { return 2 * o.TCPTmrInterval }

// sizes are the bytes that each structure takes on a 32-bit target. They were
// measured on the real stack, and follow from the options.
type sizes struct {
	netconn, netbuf, mboxCtl, mboxQueue, queueSlot uint32
	tcpPCB, tcpPCBListen, tcpSeg, udpPCB, pbuf     uint32
	msg, sysTimeout, espPbuf, arpQueue             uint32
	headerTransport, headerIP                      int // room for headers in front of a payload
}

func (o *Options) sizes() sizes {
	s := sizes{
		netconn: 52, netbuf: 16, mboxCtl: 8, mboxQueue: 84, queueSlot: 4,
		tcpPCB: 168, tcpPCBListen: 36, tcpSeg: 16, udpPCB: 40, pbuf: 16,
		msg: 16, sysTimeout: 16, espPbuf: 28, arpQueue: 8,
		headerTransport: 14 + 20 + 20, headerIP: 14 + 20,
	}
	if o.IPv6 { // every ip_addr_t grows from 4 to 24 bytes, the IP header room from 20 to 40
		s.netbuf += 20
		s.tcpPCB += 40
		s.tcpPCBListen += 40
		s.udpPCB += 40
		s.headerTransport += 20
		s.headerIP += 20
	}
	if o.TCPSackOut {
		s.tcpPCB += 32
	}
	if o.WndScale {
		s.tcpPCB += 20
	}
	if o.SORcvBuf {
		s.netconn += 8
	}
	if o.Version.AtLeast(6, 0) {
		s.mboxCtl = 0
	}
	if o.Version.AtLeast(1<<10, 0) {
		s.espPbuf = 32
	}
	return s
}

func align4(n int) int { return (n + 3) &^ 3 }
