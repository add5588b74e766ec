package lwipmodel

import "strconv"

// Kind says what a block of heap memory is for: a pool of lwIP's memp, a buffer,
// or an object of the FreeRTOS port.
type Kind uint8

// The kinds of blocks. Names as lwIP's pools where there is one.
const (
	KindNetconn        Kind = iota // NETCONN
	KindNetbuf                     // NETBUF
	KindMbox                       // sys_mbox_s, the port's mailbox header
	KindMboxQueue                  // the FreeRTOS queue of a mailbox
	KindTCPPCB                     // TCP_PCB
	KindTCPPCBListen               // TCP_PCB_LISTEN
	KindTCPSeg                     // TCP_SEG
	KindUDPPCB                     // UDP_PCB
	KindPbufRAM                    // PBUF_RAM: header and payload in one block
	KindPbuf                       // PBUF: a header that refers to memory elsewhere
	KindMsgAPI                     // TCPIP_MSG_API
	KindMsgInpkt                   // TCPIP_MSG_INPKT
	KindSysTimeout                 // SYS_TIMEOUT
	KindARPQueue                   // ARP_QUEUE: an entry of the queue of a pending address
	KindL2RxBuffer                 // the driver's receive buffer
	KindEspPbuf                    // esp_custom_pbuf_t around a receive buffer
	KindThreadSem                  // the pointer that sys_thread_sem_init allocates
	KindThreadSemQueue             // the binary semaphore of a thread
	KindTLSList                    // head of a task's pthread thread-local storage
	KindTLSEntry                   // one value in it
	KindDHCP                       // struct dhcp of an interface
	KindSelect                     // what the VFS layer allocates for one select call
	KindSemaphore                  // a semaphore or mutex of the port
	KindTLSKey                     // the key of the port's thread-local storage
	KindVFSEntry                   // vfs_entry_t of the sockets
	KindEspNetif                   // esp_netif_t and what belongs to it
	KindNetif                      // lwIP's struct netif
	KindL2TxBuffer                 // the Wi-Fi driver's send buffer
	KindNetdb                      // NETDB: the result of getaddrinfo
	KindReassData                  // REASSDATA: a packet whose fragments are coming
	numKinds
)

var kindNames = [numKinds]string{
	"NETCONN", "NETBUF", "mbox", "mbox_queue", "TCP_PCB", "TCP_PCB_LISTEN", "TCP_SEG", "UDP_PCB", "PBUF_RAM", "PBUF",
	"TCPIP_MSG_API", "TCPIP_MSG_INPKT", "SYS_TIMEOUT", "ARP_QUEUE", "l2_rx_buffer", "esp_pbuf",
	"thread_sem", "thread_sem_queue", "pthread_tls", "pthread_tls_value", "dhcp", "select", "semaphore", "pthread_key", "vfs_entry", "esp_netif", "netif", "l2_tx_buffer", "NETDB", "REASSDATA",
}

// String returns the name of the kind, such as "TCP_PCB".
func (k Kind) String() string {
	if k >= numKinds {
		return "unknown kind"
	}
	return kindNames[k]
}

// A Block is the handle of a block of heap memory; 0 is none. Over a heap it is
// the block's address.
type Block uint32

// A Holder is an object that blocks belong to: a connection, a listener, a
// socket, the interface. The memory below uses it to say who holds what.
type Holder struct {
	what   string // "tcp", "tcp listener", ...
	ip     ip4
	port   uint16
	bytes  uint32           // requested bytes held now
	cached [numKinds]uint32 // the memory's own numbers for it, filled on first use
}

// Name returns what the holder is called in tables, such as
// "tcp 10.0.0.2:51234".
func (h *Holder) Name() string {
	switch {
	case h == nil:
		return "lwip"
	case h.ip != 0:
		return h.what + " " + h.ip.String() + ":" + strconv.Itoa(int(h.port))
	case h.port != 0:
		return h.what + " :" + strconv.Itoa(int(h.port))
	}
	return h.what
}

// Memory is the heap below the stack.
type Memory interface {
	// Malloc returns a block of size bytes for h (nil: the stack itself), or 0
	// if there is none.
	Malloc(k Kind, size uint32, h *Holder) Block
	// Free gives back a block that Malloc returned.
	Free(k Kind, b Block)
	// Own says that a block now belongs to h.
	Own(k Kind, b Block, h *Holder)
}

func (c *core) malloc(k Kind, size uint32, h *Holder) Block {
	b := c.mem.Malloc(k, size, h)
	if b == 0 {
		return 0
	}
	c.held += size
	c.peak = max(c.peak, c.held)
	if h != nil {
		h.bytes += size
	}
	return b
}

func (c *core) free(k Kind, b Block, size uint32, h *Holder) {
	c.mem.Free(k, b)
	c.held -= size
	if h != nil {
		h.bytes -= size
	}
}

// own moves a block from one holder to another.
func (c *core) own(k Kind, b Block, size uint32, from, to *Holder) {
	if b == 0 || from == to {
		return
	}
	c.mem.Own(k, b, to)
	if from != nil {
		from.bytes -= size
	}
	if to != nil {
		to.bytes += size
	}
}

// ownPbufs moves a chain to another holder.
func (c *core) ownPbufs(p *pbuf, to *Holder) {
	for ; p != nil; p = p.next {
		c.own(p.kind, p.block, p.size, p.holder, to)
		c.own(KindL2RxBuffer, p.l2, p.l2size, p.holder, to)
		p.holder = to
	}
}
