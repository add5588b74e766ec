package lwipmodel

import "strconv"

// State is the state of a TCP connection.
// (lwip: src/include/lwip/tcpbase.h, enum tcp_state)
type State uint8

// The states, in lwIP's order; comparisons such as "at least ESTABLISHED" rely
// on it.
const (
	Closed State = iota
	Listen
	SynSent
	SynRcvd
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
)

var stateNames = [...]string{
	"CLOSED", "LISTEN", "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT",
}

// String returns lwIP's name, such as "FIN_WAIT_1".
func (s State) String() string {
	if int(s) >= len(stateNames) {
		return "state " + strconv.Itoa(int(s))
	}
	return stateNames[s]
}

// ip4 is an IPv4 address in host order; 0 is any.
type ip4 uint32

func (a ip4) String() string {
	return strconv.Itoa(int(a>>24)) + "." + strconv.Itoa(int(a>>16&255)) + "." + strconv.Itoa(int(a>>8&255)) + "." + strconv.Itoa(int(a&255))
}

// TCP header flags.
const (
	flagFIN uint8 = 1 << iota
	flagSYN
	flagRST
	flagPSH
	flagACK
	flagURG
)

// Flags of a PCB (TF_...).
const (
	tfAckDelay    uint16 = 0x01   // delayed ACK
	tfAckNow      uint16 = 0x02   // ACK at once
	tfInFR        uint16 = 0x04   // in fast recovery
	tfClosePend   uint16 = 0x08   // a FIN could not be queued for lack of memory
	tfRxClosed    uint16 = 0x10   // the application reads no more
	tfFin         uint16 = 0x20   // closed locally, FIN queued
	tfNoDelay     uint16 = 0x40   // Nagle off
	tfNagleMemErr uint16 = 0x80   // an allocation failed: send what there is
	tfWndScale    uint16 = 0x0100 // window scaling agreed
	tfBacklogPend uint16 = 0x0200 // counts against the listener's backlog
	tfRTO         uint16 = 0x0800 // retransmission timeout, unacknowledged data moved back to unsent
	tfSack        uint16 = 0x1000 // the peer accepts selective acknowledgements
)

// Socket options kept in a PCB (SOF_...).
const (
	sofReuseAddr uint8 = 0x04
	sofKeepAlive uint8 = 0x08
	sofBroadcast uint8 = 0x20
)

const sofInherited = sofReuseAddr | sofKeepAlive

const prioNormal = 64 // TCP_PRIO_NORMAL: all sockets
const prioMax = 127

// Keep-alive defaults, ms and count (lwip: src/include/lwip/priv/tcp_priv.h).
const (
	keepIdleDefault  = 7200000
	keepIntvlDefault = 75000
	keepCntDefault   = 9
)

// synRcvdTimeout is TCP_SYN_RCVD_TIMEOUT, ms; not an option of ESP-IDF.
const synRcvdTimeout = 20000

type sackRange struct{ left, right uint32 }

const maxSackNum = 4 // LWIP_TCP_MAX_SACK_NUM

// A tcpPCB is lwIP's tcp_pcb, or with state LISTEN its tcp_pcb_listen. Fields
// keep the widths of the original where its arithmetic wraps or saturates.
type tcpPCB struct {
	next   *tcpPCB
	block  Block
	holder *Holder

	arg   *netconn // callback_arg
	state State
	prio  uint8

	localIP, remoteIP     ip4
	localPort, remotePort uint16
	soOptions             uint8
	ttl, tos              uint8

	flags                 uint16
	polltmr, pollInterval uint8
	lastTimer             uint8
	tmr                   uint32 // tick of the last accepted segment

	// Receiver.
	rcvNxt          uint32
	rcvWnd          uint32
	rcvAnnWnd       uint32
	rcvAnnRightEdge uint32
	rcvSacks        [maxSackNum]sackRange

	rtime int16 // ticks since the first unacknowledged segment, -1 = stopped
	mss   uint16

	// Round trip estimate.
	rttest uint32 // tick at which the timed segment left, 0 = none
	rtseq  uint32
	sa, sv int16
	rto    int16
	nrtx   uint8

	dupacks uint8
	lastack uint32

	cwnd, ssthresh uint32
	rtoEnd         uint32

	// Sender.
	sndNxt         uint32
	sndWl1, sndWl2 uint32
	sndLbb         uint32
	sndWnd         uint32
	sndWndMax      uint32
	sndBuf         uint32
	sndQueueLen    uint16
	unsentOversize uint16
	bytesAcked     uint32

	unsent, unacked, ooseq *segment
	refusedData            *pbuf

	listener *tcpPCB

	// Which callbacks are registered. Only the netconn layer registers any.
	cbRecv, cbSent, cbConnected, cbPoll, cbErr bool

	keepIdle, keepIntvl, keepCnt uint32 // ms, ms, count
	keepCntSent                  uint8

	persistCnt, persistBackoff, persistProbe uint8

	sndScale, rcvScale uint8

	// LISTEN only.
	cbAccept       bool
	backlog        uint8
	acceptsPending uint8
	freed          bool // given back: any use from now on is a dangling pointer
}

func (pcb *tcpPCB) set(f uint16)        { pcb.flags |= f }
func (pcb *tcpPCB) clear(f uint16)      { pcb.flags &^= f }
func (pcb *tcpPCB) has(f uint16) bool   { return pcb.flags&f != 0 }
func (pcb *tcpPCB) option(o uint8) bool { return pcb.soOptions&o != 0 }

// ackNow asks for an ACK with the next output; ack for one with every second
// segment or the next fast timer.
func (pcb *tcpPCB) ackNow() { pcb.flags |= tfAckNow }
func (pcb *tcpPCB) ack() {
	if pcb.has(tfAckDelay) {
		pcb.clear(tfAckDelay)
		pcb.ackNow()
	} else {
		pcb.set(tfAckDelay)
	}
}

// Sequence number comparisons, modulo 2^32.
func seqLT(a, b uint32) bool         { return int32(a-b) < 0 }
func seqLEQ(a, b uint32) bool        { return int32(a-b) <= 0 }
func seqGT(a, b uint32) bool         { return int32(a-b) > 0 }
func seqGEQ(a, b uint32) bool        { return int32(a-b) >= 0 }
func seqBetween(a, b, c uint32) bool { return seqGEQ(a, b) && seqLEQ(a, c) }

// reg is TCP_REG: the PCB becomes the first of the list.
func (c *core) reg(list **tcpPCB, pcb *tcpPCB) {
	pcb.next = *list
	*list = pcb
	c.tcpTimerNeeded()
}

// rmv is TCP_RMV.
func rmv(list **tcpPCB, pcb *tcpPCB) {
	if *list == pcb {
		*list = pcb.next
	} else {
		for p := *list; p != nil; p = p.next {
			if p.next == pcb {
				p.next = pcb.next
				break
			}
		}
	}
	pcb.next = nil
}

func (c *core) regActive(pcb *tcpPCB) {
	c.reg(&c.activePCBs, pcb)
	c.activeChanged = true
}

func (c *core) rmvActive(pcb *tcpPCB) {
	rmv(&c.activePCBs, pcb)
	c.activeChanged = true
}

// pcbPurge is tcp_pcb_purge: it frees all that the PCB has buffered.
func (c *core) pcbPurge(pcb *tcpPCB) {
	if pcb.state == Closed || pcb.state == TimeWait || pcb.state == Listen {
		return
	}
	c.backlogAccepted(pcb)
	if pcb.refusedData != nil {
		c.pbufFree(pcb.refusedData)
		pcb.refusedData = nil
	}
	if pcb.ooseq != nil {
		c.freeOoseq(pcb)
	}
	pcb.rtime = -1
	c.segsFree(pcb.unsent)
	c.segsFree(pcb.unacked)
	pcb.unsent, pcb.unacked = nil, nil
	pcb.unsentOversize = 0
}

// pcbRemove is tcp_pcb_remove: off its list, purged, CLOSED, and no longer
// bound to its port. A pending delayed ACK is still sent.
func (c *core) pcbRemove(list **tcpPCB, pcb *tcpPCB) {
	rmv(list, pcb)
	c.pcbPurge(pcb)
	if pcb.state != TimeWait && pcb.state != Listen && pcb.has(tfAckDelay) {
		pcb.ackNow()
		c.tcpOutput(pcb)
	}
	pcb.state = Closed
	pcb.localPort = 0
}

func (c *core) pcbRemoveActive(pcb *tcpPCB) {
	c.pcbRemove(&c.activePCBs, pcb)
	c.activeChanged = true
}

// backlogDelayed counts a connection against its listener's backlog.
func (c *core) backlogDelayed(pcb *tcpPCB) {
	if !pcb.has(tfBacklogPend) && pcb.listener != nil {
		pcb.listener.acceptsPending++
		pcb.set(tfBacklogPend)
	}
}

// backlogAccepted takes it off again.
func (c *core) backlogAccepted(pcb *tcpPCB) {
	if pcb.has(tfBacklogPend) && pcb.listener != nil {
		pcb.listener.acceptsPending--
		pcb.clear(tfBacklogPend)
	}
}
