package lwipmodel

// parseOptions reads the options of the current segment: MSS in any segment,
// window scale and SACK-permitted with a SYN. A malformed option ends it.
// (lwip: src/core/tcp_in.c, tcp_parseopt)
func (c *core) parseOptions(pcb *tcpPCB) {
	in := &c.in
	o := in.opts
	for len(o) > 0 {
		kind := o[0]
		switch kind {
		case 0: // end of list
			return
		case 1: // no operation
			o = o[1:]
			continue
		}
		if len(o) < 2 {
			return
		}
		n := int(o[1])
		switch {
		case kind == 2:
			if n != 4 || n > len(o) {
				return
			}
			mss := uint16(o[2])<<8 | uint16(o[3])
			if int(mss) > c.opt.TCPMSS || mss == 0 {
				mss = uint16(c.opt.TCPMSS)
			}
			pcb.mss = mss
		case kind == 3 && c.opt.WndScale:
			if n != 3 || n > len(o) {
				return
			}
			if in.flags&flagSYN != 0 && !pcb.has(tfWndScale) {
				pcb.sndScale = min(o[2], 14)
				pcb.rcvScale = uint8(c.opt.TCPRcvScale)
				pcb.set(tfWndScale)
				pcb.rcvWnd = uint32(c.opt.TCPWnd)
				pcb.rcvAnnWnd = pcb.rcvWnd
			}
		case kind == 4 && c.opt.TCPSackOut:
			if n != 2 {
				return
			}
			if in.flags&flagSYN != 0 {
				pcb.set(tfSack)
			}
		default:
			if n < 2 {
				return
			}
		}
		o = o[min(n, len(o)):]
	}
}
