package lwipmodel

import "slices"

// conversation is a connection to a server, over which the server has sent some
// bytes that are not acknowledged yet.
type conversation struct {
	r       *rig
	port    uint16
	fd      int
	pcb     *tcpPCB
	last    string // flags of the segment sent last
	blocked bool   // close did not return at once
}

func (r *rig) conversation(sent int, nonBlocking bool) *conversation {
	v := &conversation{r: r, port: 1000}
	l := r.listen(5)
	v.pcb = r.open(v.port)
	v.fd = r.accept(l)
	r.output = func(h *tcpHeader) {
		v.last = ""
		for i, f := range []byte("SFRPA") {
			if h.flags&[]uint8{flagSYN, flagFIN, flagRST, flagPSH, flagACK}[i] != 0 {
				v.last += string(f)
			}
		}
	}
	r.do(0, func(th *thread) {
		r.c.setNonBlocking(th, v.fd, nonBlocking)
		if sent > 0 {
			r.c.send(th, v.fd, [][]byte{make([]byte, sent)}, 0)
		}
	})
	return v
}

// linger sets SO_LINGER and returns the error.
func (v *conversation) linger(sec int) string {
	ret := 0
	v.r.do(0, func(th *thread) {
		ret = v.r.c.sockopt(th, &sockoptCall{fd: v.fd, opt: soLinger, value: 1, sec: sec})
	})
	if ret == 0 {
		return "set"
	}
	return v.r.threads[0].errno.String()
}

// close closes as thread 1 and says how that went.
func (v *conversation) close() string {
	ret := 0
	if !v.r.do(1, func(th *thread) { ret = v.r.c.closeSocket(th, v.fd) }) {
		v.blocked = true
		return "blocks"
	}
	if ret < 0 {
		return v.r.threads[1].errno.String()
	}
	return "returns 0"
}

// after says what was sent last, and what has become of the connection and of a
// close that blocked after some milliseconds without an answer of the peer.
func (v *conversation) after(ms int64) string {
	s := ", " + v.last + ", "
	v.r.skip(ms)
	v.r.check()
	if v.pcb.freed {
		s += "gone"
	} else {
		s += v.pcb.state.String()
	}
	switch {
	case v.r.threads[1].busy:
		s += ", still blocked"
	case v.blocked:
		s += ", returned 0"
	}
	return s
}

// received is a pbuf as it comes from the network.
func received(r *rig, n int) *pbuf {
	c := r.c
	p := c.newPbuf(KindEspPbuf, n)
	p.l2, p.l2size = c.malloc(KindL2RxBuffer, 60, c.nif.holder), 60
	p.block, p.size, p.holder = c.malloc(KindEspPbuf, c.sz.espPbuf, c.nif.holder), c.sz.espPbuf, c.nif.holder
	return p
}

// held sums the blocks of some kinds.
func (r *rig) held(kinds ...Kind) int {
	n := 0
	for _, b := range r.blocks {
		if slices.Contains(kinds, b.kind) {
			n += int(b.size)
		}
	}
	return n
}
