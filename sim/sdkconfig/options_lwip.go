package sdkconfig

// Oversize is how lwIP reserves room for later data when it allocates a segment (CONFIG_LWIP_TCP_OVERSIZE).
type Oversize int

// The values of lwIP's TCP_OVERSIZE.
const (
	OversizeMSS        Oversize = 0 // a full segment
	OversizeQuarterMSS Oversize = 1
	OversizeDisable    Oversize = 2
)

// LWIP is the configuration of the TCP/IP stack.
type LWIP struct {
	// MaxSockets is CONFIG_LWIP_MAX_SOCKETS: sockets open at once, listening ones included. 1 to 16 (to 253 in newer
	// releases), default 10.
	MaxSockets int `option:"LWIP_MAX_SOCKETS"`
	// MaxActiveTCP is CONFIG_LWIP_MAX_ACTIVE_TCP: has no effect, because PCBs come from the heap. 1 to 1024, default 16.
	MaxActiveTCP int `option:"LWIP_MAX_ACTIVE_TCP"`
	// MaxListeningTCP is CONFIG_LWIP_MAX_LISTENING_TCP: has no effect either. 1 to 1024, default 16.
	MaxListeningTCP int `option:"LWIP_MAX_LISTENING_TCP"`
	// MaxUDPPCBs is CONFIG_LWIP_MAX_UDP_PCBS: has no effect either. 1 to 1024, default 16.
	MaxUDPPCBs int `option:"LWIP_MAX_UDP_PCBS"`
	// MaxRawPCBs is CONFIG_LWIP_MAX_RAW_PCBS: has no effect either. 1 to 1024, default 16.
	MaxRawPCBs int `option:"LWIP_MAX_RAW_PCBS"`
	// TCPMSS is CONFIG_LWIP_TCP_MSS: bytes of the largest segment. 536 to 1460, default 1440.
	TCPMSS int `option:"LWIP_TCP_MSS"`
	// TCPSndBufDefault is CONFIG_LWIP_TCP_SND_BUF_DEFAULT: bytes that may be queued for sending on a connection. 2440 to
	// 65535 (to 1024000 with window scaling), default 5760; 5744 before 4.4.7, 5.0.6 and 5.1.3.
	TCPSndBufDefault int `option:"LWIP_TCP_SND_BUF_DEFAULT"`
	// TCPWndDefault is CONFIG_LWIP_TCP_WND_DEFAULT: bytes of the receive window. 2440 to 65535 (to 1024000 with window
	// scaling), default 5760; 5744 before 4.4.7, 5.0.6 and 5.1.3.
	TCPWndDefault int `option:"LWIP_TCP_WND_DEFAULT"`
	// TCPRecvmboxSize is CONFIG_LWIP_TCP_RECVMBOX_SIZE: segments that may wait in a socket. 6 to 64 (to 1024 with window
	// scaling), default 6.
	TCPRecvmboxSize int `option:"LWIP_TCP_RECVMBOX_SIZE"`
	// TCPAcceptmboxSize is CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE: connections that may wait for accept. 1 to 64 (to 255 with
	// window scaling), default 6; fixed at 6 before 5.3.
	TCPAcceptmboxSize int `option:"LWIP_TCP_ACCEPTMBOX_SIZE"`
	// UDPRecvmboxSize is CONFIG_LWIP_UDP_RECVMBOX_SIZE: datagrams that may wait in a socket. 6 to 64, default 6.
	UDPRecvmboxSize int `option:"LWIP_UDP_RECVMBOX_SIZE"`
	// TCPIPRecvmboxSize is CONFIG_LWIP_TCPIP_RECVMBOX_SIZE: messages that may wait for the tcpip task. 6 to 64 (to 1024 with
	// window scaling), default 32.
	TCPIPRecvmboxSize int `option:"LWIP_TCPIP_RECVMBOX_SIZE"`
	// TCPMaxRtx is CONFIG_LWIP_TCP_MAXRTX: retransmissions before a connection is given up. 3 to 12, default 12.
	TCPMaxRtx int `option:"LWIP_TCP_MAXRTX"`
	// TCPSynMaxRtx is CONFIG_LWIP_TCP_SYNMAXRTX: retransmissions of a SYN before a connect is given up. 3 to 12, default 12;
	// 6 without TCPHighSpeedRetransmission.
	TCPSynMaxRtx int `option:"LWIP_TCP_SYNMAXRTX"`
	// TCPHighSpeedRetransmission is CONFIG_LWIP_TCP_HIGH_SPEED_RETRANSMISSION: shorter first timeout. Default y.
	TCPHighSpeedRetransmission bool `option:"LWIP_TCP_HIGH_SPEED_RETRANSMISSION"`
	// TCPRTOTime is CONFIG_LWIP_TCP_RTO_TIME: first retransmission timeout in milliseconds. Default 1500; 3000 without
	// TCPHighSpeedRetransmission.
	TCPRTOTime int `option:"LWIP_TCP_RTO_TIME"`
	// TCPTmrInterval is CONFIG_LWIP_TCP_TMR_INTERVAL: milliseconds between fast timers, half of a slow one. Default 250.
	TCPTmrInterval int `option:"LWIP_TCP_TMR_INTERVAL"`
	// TCPMSL is CONFIG_LWIP_TCP_MSL: maximum segment lifetime in milliseconds; TIME_WAIT and LAST_ACK last twice that. Default 60000.
	TCPMSL int `option:"LWIP_TCP_MSL"`
	// TCPFinWaitTimeout is CONFIG_LWIP_TCP_FIN_WAIT_TIMEOUT: milliseconds in FIN_WAIT_2 after a close. Default 20000.
	TCPFinWaitTimeout int `option:"LWIP_TCP_FIN_WAIT_TIMEOUT"`
	// TCPQueueOOSeq is CONFIG_LWIP_TCP_QUEUE_OOSEQ: segments that come out of order are kept. Default y.
	TCPQueueOOSeq bool `option:"LWIP_TCP_QUEUE_OOSEQ"`
	// TCPOOSeqMaxPbufs is CONFIG_LWIP_TCP_OOSEQ_MAX_PBUFS: pbufs of them kept per connection; 0: no limit. 0 to 12, default 4; 0 if
	// Wi-Fi and lwIP prefer PSRAM.
	TCPOOSeqMaxPbufs int `option:"LWIP_TCP_OOSEQ_MAX_PBUFS"`
	// TCPOOSeqTimeout is CONFIG_LWIP_TCP_OOSEQ_TIMEOUT: retransmission timeouts after which they are dropped. 1 to 30, default 6.
	TCPOOSeqTimeout int `option:"LWIP_TCP_OOSEQ_TIMEOUT"`
	// TCPSackOut is CONFIG_LWIP_TCP_SACK_OUT: selective acknowledgements are sent. Default n.
	TCPSackOut bool `option:"LWIP_TCP_SACK_OUT"`
	// TCPOversize is CONFIG_LWIP_TCP_OVERSIZE. Default OversizeMSS.
	TCPOversize Oversize `choice:"LWIP_TCP_OVERSIZE"`
	// WndScale is CONFIG_LWIP_WND_SCALE: window scaling. Default n; needs PSRAM that Wi-Fi and lwIP prefer.
	WndScale bool `option:"LWIP_WND_SCALE"`
	// TCPRcvScale is CONFIG_LWIP_TCP_RCV_SCALE: the scale, as a power of two. 0 to 14, default 0.
	TCPRcvScale int `option:"LWIP_TCP_RCV_SCALE"`
	// TCPKeepConnectionWhenIPChanges is CONFIG_LWIP_TCP_KEEP_CONNECTION_WHEN_IP_CHANGES: losing the address does not abort
	// connections. Default n; only before 5.0.
	TCPKeepConnectionWhenIPChanges bool `option:"LWIP_TCP_KEEP_CONNECTION_WHEN_IP_CHANGES"`
	// SOLinger is CONFIG_LWIP_SO_LINGER: setsockopt knows SO_LINGER. Default n.
	SOLinger bool `option:"LWIP_SO_LINGER"`
	// SOReuse is CONFIG_LWIP_SO_REUSE: setsockopt knows SO_REUSEADDR. Default y.
	SOReuse bool `option:"LWIP_SO_REUSE"`
	// SORcvbuf is CONFIG_LWIP_SO_RCVBUF: setsockopt knows SO_RCVBUF. Default n.
	SORcvbuf bool `option:"LWIP_SO_RCVBUF"`
	// NetbufRecvInfo is CONFIG_LWIP_NETBUF_RECVINFO: a netbuf knows the address a datagram was sent to. Default n.
	NetbufRecvInfo bool `option:"LWIP_NETBUF_RECVINFO"`
	// UseOnlyLWIPSelect is CONFIG_LWIP_USE_ONLY_LWIP_SELECT: select works on sockets alone. Default n.
	UseOnlyLWIPSelect bool `option:"LWIP_USE_ONLY_LWIP_SELECT"`
	// IPv4 is CONFIG_LWIP_IPV4. Default y; always y before 5.1.
	IPv4 bool `option:"LWIP_IPV4"`
	// IPv6 is CONFIG_LWIP_IPV6. Default y.
	IPv6 bool `option:"LWIP_IPV6"`
	// IPv6NumAddresses is CONFIG_LWIP_IPV6_NUM_ADDRESSES: IPv6 addresses of each interface. Default 3.
	IPv6NumAddresses int `option:"LWIP_IPV6_NUM_ADDRESSES"`
	// IPv6Autoconfig is CONFIG_LWIP_IPV6_AUTOCONFIG: stateless address configuration. Default n.
	IPv6Autoconfig bool `option:"LWIP_IPV6_AUTOCONFIG"`
	// IP4Frag is CONFIG_LWIP_IP4_FRAG: packets larger than the MTU are sent in fragments. Default y.
	IP4Frag bool `option:"LWIP_IP4_FRAG"`
	// IP6Frag is CONFIG_LWIP_IP6_FRAG: the same for IPv6. Default y.
	IP6Frag bool `option:"LWIP_IP6_FRAG"`
	// IP4Reassembly is CONFIG_LWIP_IP4_REASSEMBLY: fragments that arrive are put together. Default n.
	IP4Reassembly bool `option:"LWIP_IP4_REASSEMBLY"`
	// IP6Reassembly is CONFIG_LWIP_IP6_REASSEMBLY: the same for IPv6. Default n.
	IP6Reassembly bool `option:"LWIP_IP6_REASSEMBLY"`
	// IPReassMaxPbufs is CONFIG_LWIP_IP_REASS_MAX_PBUFS: pbufs that may wait for reassembly. 10 to 100, default 10.
	IPReassMaxPbufs int `option:"LWIP_IP_REASS_MAX_PBUFS"`
	// IPDefaultTTL is CONFIG_LWIP_IP_DEFAULT_TTL: hops of packets sent. 1 to 255, default 64; 255 before 4.4.7, 5.0.6
	// and 5.1.3.
	IPDefaultTTL int `option:"LWIP_IP_DEFAULT_TTL"`
	// IPForward is CONFIG_LWIP_IP_FORWARD: packets are routed between interfaces. Default n.
	IPForward bool `option:"LWIP_IP_FORWARD"`
	// ICMP is CONFIG_LWIP_ICMP: ping is answered. Default y.
	ICMP bool `option:"LWIP_ICMP"`
	// MulticastPing is CONFIG_LWIP_MULTICAST_PING: ping to a multicast address is answered. Default n.
	MulticastPing bool `option:"LWIP_MULTICAST_PING"`
	// BroadcastPing is CONFIG_LWIP_BROADCAST_PING: ping to a broadcast address is answered. Default n.
	BroadcastPing bool `option:"LWIP_BROADCAST_PING"`
	// ChecksumCheckIP is CONFIG_LWIP_CHECKSUM_CHECK_IP: IPv4 header checksums are checked. Default n.
	ChecksumCheckIP bool `option:"LWIP_CHECKSUM_CHECK_IP"`
	// ChecksumCheckUDP is CONFIG_LWIP_CHECKSUM_CHECK_UDP: UDP checksums are checked. Default n.
	ChecksumCheckUDP bool `option:"LWIP_CHECKSUM_CHECK_UDP"`
	// ChecksumCheckICMP is CONFIG_LWIP_CHECKSUM_CHECK_ICMP: ICMP checksums are checked. Default y.
	ChecksumCheckICMP bool `option:"LWIP_CHECKSUM_CHECK_ICMP"`
	// TCPIPCoreLocking is CONFIG_LWIP_TCPIP_CORE_LOCKING: tasks call lwIP under a lock in place of sending messages. Default n.
	TCPIPCoreLocking bool `option:"LWIP_TCPIP_CORE_LOCKING"`
	// TCPIPCoreLockingInput is CONFIG_LWIP_TCPIP_CORE_LOCKING_INPUT: drivers too. Default n.
	TCPIPCoreLockingInput bool `option:"LWIP_TCPIP_CORE_LOCKING_INPUT"`
	// L2ToL3Copy is CONFIG_LWIP_L2_TO_L3_COPY: received frames are copied out of the driver's buffers. Default n.
	L2ToL3Copy bool `option:"LWIP_L2_TO_L3_COPY"`
	// NetifLoopback is CONFIG_LWIP_NETIF_LOOPBACK: packets to the device's own address come back. Default y.
	NetifLoopback bool `option:"LWIP_NETIF_LOOPBACK"`
	// LoopbackMaxPbufs is CONFIG_LWIP_LOOPBACK_MAX_PBUFS: pbufs that may wait to come back. 0 to 16, default 8.
	LoopbackMaxPbufs int `option:"LWIP_LOOPBACK_MAX_PBUFS"`
	// TCPIPTaskStackSize is CONFIG_LWIP_TCPIP_TASK_STACK_SIZE: bytes of the tcpip task's stack before the extra bytes that
	// ESP-IDF adds. 2048 to 65536 (from 2560 with debug logs), default 3072.
	TCPIPTaskStackSize int `option:"LWIP_TCPIP_TASK_STACK_SIZE"`
	// TCPIPTaskPrio is CONFIG_LWIP_TCPIP_TASK_PRIO: its priority. 1 to 24, default 18.
	TCPIPTaskPrio int `option:"LWIP_TCPIP_TASK_PRIO"`
	// TCPIPTaskAffinity is CONFIG_LWIP_TCPIP_TASK_AFFINITY: its core. Default NoAffinity.
	TCPIPTaskAffinity Core `choice:"LWIP_TCPIP_TASK_AFFINITY"`
	// TimersOnDemand is CONFIG_LWIP_TIMERS_ONDEMAND: timers run only while something needs them. Default y.
	TimersOnDemand bool `option:"LWIP_TIMERS_ONDEMAND"`
	// ESPGratuitousARP is CONFIG_LWIP_ESP_GRATUITOUS_ARP: the device announces its address. Default y.
	ESPGratuitousARP bool `option:"LWIP_ESP_GRATUITOUS_ARP"`
	// GARPTmrInterval is CONFIG_LWIP_GARP_TMR_INTERVAL: seconds between announcements. Default 60.
	GARPTmrInterval int `option:"LWIP_GARP_TMR_INTERVAL"`
	// ESPMLDv6Report is CONFIG_LWIP_ESP_MLDV6_REPORT: the device reports its multicast groups. Default y.
	ESPMLDv6Report bool `option:"LWIP_ESP_MLDV6_REPORT"`
	// MLDv6TmrInterval is CONFIG_LWIP_MLDV6_TMR_INTERVAL: seconds between reports. Default 40.
	MLDv6TmrInterval int `option:"LWIP_MLDV6_TMR_INTERVAL"`
	// DHCPDoesARPCheck is CONFIG_LWIP_DHCP_DOES_ARP_CHECK: an offered address is probed before it is used. Default y.
	DHCPDoesARPCheck bool `option:"LWIP_DHCP_DOES_ARP_CHECK"`
	// DHCPCoarseTimerSecs is CONFIG_LWIP_DHCP_COARSE_TIMER_SECS: seconds between coarse DHCP timers. 1 to 10, default 1.
	DHCPCoarseTimerSecs int `option:"LWIP_DHCP_COARSE_TIMER_SECS"`
	// DHCPServer is CONFIG_LWIP_DHCPS: an access point gives out addresses. Default y.
	DHCPServer bool `option:"LWIP_DHCPS"`
	// AutoIP is CONFIG_LWIP_AUTOIP: link-local IPv4 addresses. Default n.
	AutoIP bool `option:"LWIP_AUTOIP"`
	// DNSMaxServers is CONFIG_LWIP_DNS_MAX_SERVERS: name servers known. 1 to 4, default 3.
	DNSMaxServers int `option:"LWIP_DNS_MAX_SERVERS"`
	// SNTPMaxServers is CONFIG_LWIP_SNTP_MAX_SERVERS: time servers known. 1 to 16, default 1.
	SNTPMaxServers int `option:"LWIP_SNTP_MAX_SERVERS"`
	// SNTPUpdateDelay is CONFIG_LWIP_SNTP_UPDATE_DELAY: milliseconds between requests for the time. 15000 to 4294967295,
	// default 3600000.
	SNTPUpdateDelay int64 `option:"LWIP_SNTP_UPDATE_DELAY"`
	// SNTPStartupDelay is CONFIG_LWIP_SNTP_STARTUP_DELAY: the first request waits for a random time. Default y.
	SNTPStartupDelay bool `option:"LWIP_SNTP_STARTUP_DELAY"`
	// SNTPMaximumStartupDelay is CONFIG_LWIP_SNTP_MAXIMUM_STARTUP_DELAY: milliseconds that it waits at most. 100 to 300000,
	// default 5000.
	SNTPMaximumStartupDelay int `option:"LWIP_SNTP_MAXIMUM_STARTUP_DELAY"`
	// Stats is CONFIG_LWIP_STATS: lwIP counts packets, and each block it allocates carries its size. Default n.
	Stats bool `option:"LWIP_STATS"`
	// ESPLWIPAssert is CONFIG_LWIP_ESP_LWIP_ASSERT: lwIP's assertions are compiled. Default y.
	ESPLWIPAssert bool `option:"LWIP_ESP_LWIP_ASSERT"`
	// Debug is CONFIG_LWIP_DEBUG: lwIP prints. Default n.
	Debug bool `option:"LWIP_DEBUG"`
	// IRAMOptimization is CONFIG_LWIP_IRAM_OPTIMIZATION: receiving and sending code is in IRAM. Default n.
	IRAMOptimization bool `option:"LWIP_IRAM_OPTIMIZATION"`
	// ExtraIRAMOptimization is CONFIG_LWIP_EXTRA_IRAM_OPTIMIZATION: TCP code is in IRAM. Default n.
	ExtraIRAMOptimization bool `option:"LWIP_EXTRA_IRAM_OPTIMIZATION"`
	// IPLostTimerInterval is CONFIG_ESP_NETIF_IP_LOST_TIMER_INTERVAL: seconds until an address is reported lost. 0 to 65535, default 120.
	IPLostTimerInterval int `option:"ESP_NETIF_IP_LOST_TIMER_INTERVAL"`
	// NetifReceiveReportErrors is CONFIG_ESP_NETIF_RECEIVE_REPORT_ERRORS: a driver learns that a frame was dropped. Default n; y in 6.0.
	NetifReceiveReportErrors bool `option:"ESP_NETIF_RECEIVE_REPORT_ERRORS"`
	// NetifL2TAP is CONFIG_ESP_NETIF_L2_TAP: applications may read whole frames. Default n.
	NetifL2TAP bool `option:"ESP_NETIF_L2_TAP"`
}

func lwipOptions() []option {
	const src = "components/lwip/Kconfig"
	const netif = "components/esp_netif/Kconfig"
	const psram = "SPIRAM_TRY_ALLOCATE_WIFI_LWIP && (!SPIRAM_IGNORE_NOTFOUND || !" + psramMustExist + ")"
	const noEffect = "None: memory pools are off in ESP-IDF, every PCB comes from the heap."
	return []option{
		{name: "LWIP_MAX_SOCKETS", src: src, typ: Int, def: "10", rng: "1..253 if " + manySockets + "; 1..16",
			does: "20 static bytes for each; accept beyond the limit closes the connection."},
		{name: "LWIP_MAX_ACTIVE_TCP", src: src, typ: Int, def: "16", rng: "1..1024", does: noEffect},
		{name: "LWIP_MAX_LISTENING_TCP", src: src, typ: Int, def: "16", rng: "1..1024", does: noEffect},
		{name: "LWIP_MAX_UDP_PCBS", src: src, typ: Int, def: "16", rng: "1..1024", does: noEffect},
		{name: "LWIP_MAX_RAW_PCBS", src: src, typ: Int, def: "16", rng: "1..1024", does: noEffect},
		{name: "LWIP_TCP_MSS", src: src, typ: Int, def: "1440", rng: "536..1460", was: "TCP_MSS until 4.0",
			does: "Size of every data segment's block, however little is written; largest segment received."},
		{name: "LWIP_TCP_SND_BUF_DEFAULT", src: src, typ: Int, def: "5760 if " + roundWindow + "; 5744", rng: "2440..1024000 if LWIP_WND_SCALE; 2440..65535",
			was:  "TCP_SND_BUF_DEFAULT until 4.0",
			does: "How much a connection that is not acknowledged may keep in memory."},
		{name: "LWIP_TCP_WND_DEFAULT", src: src, typ: Int, def: "5760 if " + roundWindow + "; 5744", rng: "2440..1024000 if LWIP_WND_SCALE; 2440..65535",
			was:  "TCP_WND_DEFAULT until 4.0",
			does: "How much a connection that is not read may keep in memory."},
		{name: "LWIP_TCP_RECVMBOX_SIZE", src: src, typ: Int, def: "6", rng: "6..1024 if LWIP_WND_SCALE; 6..64",
			was:  "TCP_RECVMBOX_SIZE until 4.0",
			does: "4 bytes for each slot in every connection, and how many segments may wait unread."},
		{name: "LWIP_TCP_ACCEPTMBOX_SIZE", src: src, typ: Int, def: "6", rng: "1..255 if LWIP_WND_SCALE; 1..64", in: acceptMailbox,
			does: "4 bytes for each slot in every listening socket; beyond it, new connections are reset."},
		{name: "LWIP_UDP_RECVMBOX_SIZE", src: src, typ: Int, def: "6", rng: "6..64", was: "UDP_RECVMBOX_SIZE until 4.0",
			does: "4 bytes for each slot in every UDP socket."},
		{name: "LWIP_TCPIP_RECVMBOX_SIZE", src: src, typ: Int, def: "32", rng: "6..1024 if LWIP_WND_SCALE; 6..64",
			was:  "TCPIP_RECVMBOX_SIZE until 4.0",
			does: "4 bytes for each slot; frames that find it full are lost."},
		{name: "LWIP_TCP_MAXRTX", src: src, typ: Int, def: "12", rng: "3..12", was: "TCP_MAXRTX until 4.0",
			does: "How long data that are not acknowledged keep their memory: 12 gives 1151 s at the default timeouts, 5 gives 47 s."},
		{name: "LWIP_TCP_SYNMAXRTX", src: src, typ: Int, def: "12 if LWIP_TCP_HIGH_SPEED_RETRANSMISSION; 6", rng: "3..12",
			was:  "TCP_SYNMAXRTX until 4.0",
			does: "How long a connect to a silent host lasts."},
		{name: "LWIP_TCP_HIGH_SPEED_RETRANSMISSION", src: src, def: "y",
			does: "Only the defaults of two options: 1500 ms and 12 SYNs, or 3000 ms and 6."},
		{name: "LWIP_TCP_RTO_TIME", src: src, typ: Int, def: "1500 if LWIP_TCP_HIGH_SPEED_RETRANSMISSION; 3000",
			does: "Retransmission timeout of a new connection, before its first round trip is measured."},
		{name: "LWIP_TCP_TMR_INTERVAL", src: src, typ: Int, def: "250",
			does: "Period of the fast timer (delayed acknowledgements, refused data, pending closes); the slow one has twice that."},
		{name: "LWIP_TCP_MSL", src: src, typ: Int, def: "60000", was: "TCP_MSL until 4.0",
			does: "How long a PCB stays in TIME_WAIT or LAST_ACK: twice this."},
		{name: "LWIP_TCP_FIN_WAIT_TIMEOUT", src: src, typ: Int, def: "20000", in: "since(4.4.4, 5.0)",
			does: "How long a PCB stays in FIN_WAIT_2 after the socket was closed."},
		{name: "LWIP_TCP_QUEUE_OOSEQ", src: src, def: "y", was: "TCP_QUEUE_OOSEQ until 4.0",
			does: "Whether segments that arrive before a missing one are kept."},
		{name: "LWIP_TCP_OOSEQ_TIMEOUT", src: src, typ: Int, def: "6", rng: "1..30", dep: "LWIP_TCP_QUEUE_OOSEQ", in: oosequence,
			does: "How long segments that arrived before a missing one keep their memory."},
		{name: "LWIP_TCP_OOSEQ_MAX_PBUFS", src: src, typ: Int, def: "0 if " + psram + "; 4", rng: "0..12", dep: "LWIP_TCP_QUEUE_OOSEQ",
			in: oosequence, gone: "0", does: "How many segments that arrived before a missing one a connection may keep."},
		{name: "LWIP_TCP_SACK_OUT", src: src, def: "n", dep: "IDF < 5.0 || LWIP_TCP_QUEUE_OOSEQ",
			does: "32 more bytes in each PCB."},
		{name: "LWIP_TCP_OVERSIZE", src: src, typ: Choice, def: "LWIP_TCP_OVERSIZE_MSS",
			does: "No size: ESP-IDF allocates a full segment anyway; \"disable\" does not compile.",
			one: []member{
				{name: "LWIP_TCP_OVERSIZE_MSS", number: int(OversizeMSS), was: "TCP_OVERSIZE_MSS until 4.0"},
				{name: "LWIP_TCP_OVERSIZE_QUARTER_MSS", number: int(OversizeQuarterMSS), was: "TCP_OVERSIZE_QUARTER_MSS until 4.0"},
				{name: "LWIP_TCP_OVERSIZE_DISABLE", number: int(OversizeDisable), was: "TCP_OVERSIZE_DISABLE until 4.0"},
			}},
		{name: "LWIP_WND_SCALE", src: src, def: "n", dep: psram, does: "20 more bytes in each PCB, and larger windows."},
		{name: "LWIP_TCP_RCV_SCALE", src: src, typ: Int, def: "0", rng: "0..14", dep: "LWIP_WND_SCALE",
			does: "The window that peers see, times two to this power."},
		{name: "LWIP_TCP_KEEP_CONNECTION_WHEN_IP_CHANGES", src: src, def: "n", in: "IDF < 5.0",
			was:  "ESP_TCP_KEEP_CONNECTION_WHEN_IP_CHANGES until 4.0",
			does: "Whether connections survive that the interface loses its address for a moment."},
		{name: "LWIP_SO_LINGER", src: src, def: "n",
			does: "setsockopt(SO_LINGER) works; nothing changes until the firmware calls it."},
		{name: "LWIP_SO_REUSE", src: src, def: "y", does: "Whether a port can be bound while old connections of it are in TIME_WAIT."},
		{name: "LWIP_SO_REUSE_RXTOALL", src: src, def: "y", dep: "LWIP_SO_REUSE"},
		{name: "LWIP_SO_RCVBUF", src: src, def: "n", does: "8 more bytes in each NETCONN."},
		{name: "LWIP_NETBUF_RECVINFO", src: src, def: "n", does: "28 more bytes in each NETBUF (UDP)."},
		{name: "LWIP_USE_ONLY_LWIP_SELECT", src: src, def: "n", was: "USE_ONLY_LWIP_SELECT until 4.0",
			does: "select goes to lwIP directly, not through the virtual file system."},
		{name: "LWIP_IPV4", src: src, def: "y", in: "IDF >= 5.1",
			does: "Without it there is only IPv6."},
		{name: "LWIP_IPV6", src: src, def: "y",
			does: "40 more bytes in each PCB and listener, 20 more bytes of header room in each packet to send, and IPv6 traffic of its own."},
		{name: "LWIP_IPV6_NUM_ADDRESSES", src: src, typ: Int, def: "3", dep: "LWIP_IPV6",
			does: "Bytes in each network interface."},
		{name: "LWIP_IPV6_AUTOCONFIG", src: src, def: "n", dep: "LWIP_IPV6",
			does: "Router advertisements give the device further addresses."},
		{name: "LWIP_IP4_FRAG", src: src, def: "y", dep: "LWIP_IPV4",
			does: "Without it, packets larger than the MTU are not sent."},
		{name: "LWIP_IP6_FRAG", src: src, def: "y", dep: "LWIP_IPV6",
			does: "Without it, packets larger than the MTU are not sent."},
		{name: "LWIP_IP4_REASSEMBLY", src: src, def: "n", dep: "LWIP_IPV4", does: "Without it, fragments that arrive are dropped."},
		{name: "LWIP_IP6_REASSEMBLY", src: src, def: "n", dep: "LWIP_IPV6",
			does: "Without it, fragments that arrive are dropped."},
		{name: "LWIP_IP_REASS_MAX_PBUFS", src: src, typ: Int, def: "10", rng: "10..100", in: "IDF >= 5.1",
			does: "How much memory incomplete packets may hold."},
		{name: "LWIP_IP_DEFAULT_TTL", src: src, typ: Int, def: "64", rng: "1..255", in: "since(4.4.7, 5.0.6, 5.1.3, 5.2)", gone: "255",
			does: "The hop count in packets sent."},
		{name: "LWIP_IP_FORWARD", src: src, def: "n",
			does: "Packets for others are routed between interfaces."},
		{name: "LWIP_ICMP", src: src, def: "y", does: "Whether ping is answered."},
		{name: "LWIP_MULTICAST_PING", src: src, def: "n", dep: "LWIP_ICMP",
			does: "Whether ping to a multicast address is answered."},
		{name: "LWIP_BROADCAST_PING", src: src, def: "n", dep: "LWIP_ICMP",
			does: "Whether ping to a broadcast address is answered."},
		{name: "LWIP_CHECKSUM_CHECK_IP", src: src, def: "n", does: "Whether packets with a wrong header checksum are dropped."},
		{name: "LWIP_CHECKSUM_CHECK_UDP", src: src, def: "n", does: "Whether datagrams with a wrong checksum are dropped."},
		{name: "LWIP_CHECKSUM_CHECK_ICMP", src: src, def: "y",
			does: "Whether ICMP messages with a wrong checksum are dropped."},
		{name: "LWIP_TCPIP_CORE_LOCKING", src: src, def: "n",
			does: "Socket calls take a lock in place of 16-byte messages; sys_evt gets 2048 more bytes of stack."},
		{name: "LWIP_TCPIP_CORE_LOCKING_INPUT", src: src, def: "n", dep: "LWIP_TCPIP_CORE_LOCKING", in: tcpipTask,
			does: "Received frames are handled in the driver's task, without a message."},
		{name: "LWIP_L2_TO_L3_COPY", src: src, def: "n", was: "L2_TO_L3_COPY until 4.0",
			does: "A received frame is copied into a PBUF_RAM block and the driver's buffer is free at once."},
		{name: "LWIP_NETIF_LOOPBACK", src: src, def: "y",
			does: "Packets to the device's own address are copied and come back."},
		{name: "LWIP_LOOPBACK_MAX_PBUFS", src: src, typ: Int, def: "8", rng: "0..16", dep: "LWIP_NETIF_LOOPBACK",
			does: "How many packets to the device's own address may wait; more are refused."},
		{name: "LWIP_TCPIP_TASK_STACK_SIZE", src: src, typ: Int, def: "3072",
			rng: "2048..65536 if LOG_DEFAULT_LEVEL < 4; 2560..65536", was: "TCPIP_TASK_STACK_SIZE until 4.0",
			does: "One heap block of this size and 512 bytes for task tiT."},
		{name: "LWIP_TCPIP_TASK_PRIO", src: src, typ: Int, def: "18", rng: "1..24", in: tcpipTask, does: "Priority of task tiT."},
		{name: "LWIP_TCPIP_TASK_AFFINITY", src: src, typ: Choice, def: "LWIP_TCPIP_TASK_AFFINITY_NO_AFFINITY",
			does: "Core of task tiT.",
			one: []member{
				{name: "LWIP_TCPIP_TASK_AFFINITY_NO_AFFINITY", number: int(NoAffinity), was: "TCPIP_TASK_AFFINITY_NO_AFFINITY until 4.0"},
				{name: "LWIP_TCPIP_TASK_AFFINITY_CPU0", number: int(Core0), was: "TCPIP_TASK_AFFINITY_CPU0 until 4.0"},
				{name: "LWIP_TCPIP_TASK_AFFINITY_CPU1", number: int(Core1), ask: "!FREERTOS_UNICORE", was: "TCPIP_TASK_AFFINITY_CPU1 until 4.0"},
			}},
		{name: "LWIP_TCPIP_TASK_AFFINITY", src: src, typ: Hex, ask: "no", was: "TCPIP_TASK_AFFINITY until 4.0",
			def: "0xFFFFFFFF if LWIP_TCPIP_TASK_AFFINITY_NO_AFFINITY && FREERTOS_SMP; " +
				"0x7FFFFFFF if LWIP_TCPIP_TASK_AFFINITY_NO_AFFINITY; 0x0 if LWIP_TCPIP_TASK_AFFINITY_CPU0; 0x1"},
		{name: "LWIP_TIMERS_ONDEMAND", src: src, def: "y", does: "Whether an idle tcpip task wakes for timers that nothing needs."},
		{name: "LWIP_ESP_GRATUITOUS_ARP", src: src, def: "y", dep: "LWIP_IPV4", was: "ESP_GRATUITOUS_ARP until 4.0",
			does: "An ARP announcement in every interval."},
		{name: "LWIP_GARP_TMR_INTERVAL", src: src, typ: Int, def: "60", dep: "LWIP_ESP_GRATUITOUS_ARP", was: "GARP_TMR_INTERVAL until 4.0",
			does: "Seconds between announcements."},
		{name: "LWIP_ESP_MLDV6_REPORT", src: src, def: "y", dep: "LWIP_IPV6", in: mldReport, gone: "n",
			does: "A multicast listener report in every interval."},
		{name: "LWIP_MLDV6_TMR_INTERVAL", src: src, typ: Int, def: "40", dep: "LWIP_ESP_MLDV6_REPORT", in: mldReport,
			does: "Seconds between reports."},
		{name: "LWIP_DHCP_CHECKS_OFFERED_ADDRESS", src: src, typ: Choice, dep: "LWIP_IPV4", def: "LWIP_DHCP_DOES_ARP_CHECK; LWIP_DHCP_DOES_ACD_CHECK",
			does: "Whether an address that DHCP offers is probed before it is used.",
			one: []member{
				{name: "LWIP_DHCP_DOES_ARP_CHECK", ask: "IDF < 5.4 || !LWIP_AUTOIP", alone: "IDF < 5.4", def: "y"},
				{name: "LWIP_DHCP_DOES_ACD_CHECK", in: "IDF >= 5.4"},
				{name: "LWIP_DHCP_DOES_NOT_CHECK_OFFERED_IP", in: "IDF >= 5.4"},
			}},
		{name: "LWIP_DHCP_COARSE_TIMER_SECS", src: src, typ: Int, def: "1", rng: "1..10", in: "since(4.4.5, 5.0.2, 5.1)",
			does: "How exactly the lease of an address is kept."},
		{name: "LWIP_DHCPS", src: src, def: "y", dep: "LWIP_IPV4",
			does: "Nothing in the model: no access point runs."},
		{name: "LWIP_AUTOIP", src: src, def: "n", dep: "LWIP_IPV4",
			does: "An interface without DHCP takes an address of its own."},
		{name: "LWIP_DNS_MAX_SERVERS", src: src, typ: Int, def: "3", rng: "1..4", in: "since(4.4.7, 5.0.7, 5.1.4, 5.2.1, 5.3)",
			does: "Static bytes: an address for each."},
		{name: "LWIP_SNTP_MAX_SERVERS", src: src, typ: Int, def: "1", rng: "1..16",
			does: "Static bytes: an address for each."},
		{name: "LWIP_SNTP_UPDATE_DELAY", src: src, typ: Int, def: "3600000", rng: "15000..4294967295",
			does: "How often the time is asked for."},
		{name: "LWIP_SNTP_STARTUP_DELAY", src: src, def: "y", in: "IDF >= 5.3", read: true,
			does: "When the first request for the time is sent."},
		{name: "LWIP_SNTP_MAXIMUM_STARTUP_DELAY", src: src, typ: Int, def: "5000", rng: "100..300000", in: "IDF >= 5.3", dep: "LWIP_SNTP_STARTUP_DELAY", read: true,
			does: "When the first request for the time is sent."},
		{name: "LWIP_STATS", src: src, def: "n", does: "4 more bytes in each block that lwIP allocates by size."},
		{name: "LWIP_ESP_LWIP_ASSERT", src: src, def: "y", ask: "!COMPILER_OPTIMIZATION_ASSERTIONS_DISABLE", dep: "!COMPILER_OPTIMIZATION_ASSERTIONS_DISABLE",
			does: "Whether an error that lwIP's assertions find is a panic."},
		{name: "LWIP_DEBUG", src: src, def: "n",
			does: "Nothing in the model: lwIP prints nothing."},
		{name: "LWIP_IRAM_OPTIMIZATION", src: src, def: "n", does: "The IRAM heap shrinks by about 10 KB of code."},
		{name: "LWIP_EXTRA_IRAM_OPTIMIZATION", src: src, def: "n", in: "since(5.1.2, 5.2)", does: "The IRAM heap shrinks by about 17 KB of code."},
		{name: "ESP_NETIF_IP_LOST_TIMER_INTERVAL", src: netif, typ: Int, def: "120", rng: "0..65535", was: "IP_LOST_TIMER_INTERVAL until 4.1",
			does: "When the event that an address was lost comes; connections are aborted long before."},
		{name: "ESP_NETIF_RECEIVE_REPORT_ERRORS", src: netif, def: "y if IDF >= 6.0; n", ask: "IDF < 6.0", in: "since(5.0.4, 5.1.1, 5.2)",
			does: "Whether a driver learns that lwIP dropped a frame."},
		{name: "ESP_NETIF_L2_TAP", src: netif, def: "n", in: "IDF >= 5.0",
			does: "Nothing in the model: no application reads whole frames."},
	}
}
