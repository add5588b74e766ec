package lwipmodel

// A udpPCB is lwIP's udp_pcb.
type udpPCB struct {
	next                  *udpPCB
	block                 Block
	holder                *Holder
	conn                  *netconn
	localIP, remoteIP     ip4
	localPort, remotePort uint16
	soOptions, ttl, tos   uint8
	connected             bool
}

// A netbuf is a received datagram with its sender: a NETBUF block and the pbuf.
type netbuf struct {
	block  Block
	holder *Holder
	p      *pbuf
	ip     ip4
	port   uint16
}

func (c *core) netbufDelete(nb *netbuf) {
	c.pbufFree(nb.p)
	c.free(KindNetbuf, nb.block, c.sz.netbuf, nb.holder)
}

func (c *core) udpInput(p *pbuf, src, dst ip4)      { c.pbufFree(p) }
func (c *core) udpNew(h *Holder) *udpPCB            { return nil }
func (c *core) udpRemove(*udpPCB)                   {}
func (c *core) udpBind(*udpPCB, ip4, uint16) Err    { return ErrVal }
func (c *core) udpConnect(*udpPCB, ip4, uint16) Err { return ErrVal }
func (c *core) recvDgram(th *thread, s *socket, b []byte, flags int) (int, ip4, uint16) {
	return -1, 0, 0
}
func (c *core) sendDgram(th *thread, s *socket, vec [][]byte, ip ip4, port uint16) int { return -1 }
