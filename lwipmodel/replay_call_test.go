package lwipmodel

import "fmt"

// callLine writes the call line again, from what was read of it.
func (r *replayer) callLine(in *input) {
	l := r.line("call").str("op", in.Op)
	fd := func() *lineWriter { return l.num("fd", int64(in.FD)) }
	switch in.Op {
	case "setsockopt_reuseaddr", "set_nonblocking", "setsockopt_nodelay", "accept", "close", "close_listener":
		fd()
	case "bind":
		fd().num("port", int64(in.Port))
	case "listen":
		fd().num("backlog", int64(in.Backlog))
	case "recv":
		fd().num("len", int64(in.Len)).flag("dontwait", in.DontWait)
	case "send":
		fd().num("len", int64(in.Len))
	case "shutdown":
		fd().str("how", in.How)
	case "setsockopt_keepalive":
		fd().num("idle_s", int64(in.IdleS)).num("intvl_s", int64(in.IntvlS)).num("cnt", int64(in.Cnt))
	case "setsockopt_linger":
		fd().num("on", int64(in.On)).num("seconds", int64(in.Seconds))
	case "arm_alloc_failure":
		l.num("first", int64(in.First)).num("count", int64(in.Count)).str("only", in.Only)
	case "conn_cable_pulled":
		l.str("conn", in.Conn)
	}
	l.done()
}

// recErrno is how the recordings write errno: by name, or the number that the
// host's C library has for it.
func recErrno(e Errno) string {
	if e == ENOPROTOOPT {
		return "92"
	}
	return e.String()
}

// result writes ret and, for a failed call, errno.
func (l *lineWriter) result(ret int, th *thread) {
	l.num("ret", int64(ret))
	if ret < 0 {
		l.str("errno", recErrno(th.errno))
	}
	l.done()
}

func (r *replayer) doCall(in *input) error {
	c, th := r.c, r.app
	app := func(f func()) error {
		r.call(func() {
			f()
			r.rec.sample()
		})
		return nil
	}
	switch in.Op {
	case "socket":
		return app(func() {
			ret := c.socketNew(th, SockStream)
			r.appLine("socket").result(ret, th)
		})
	case "setsockopt_reuseaddr":
		return app(func() { c.sockopt(th, &sockoptCall{fd: in.FD, opt: SOReuseAddr, value: 1}) })
	case "setsockopt_nodelay":
		return app(func() { c.sockopt(th, &sockoptCall{fd: in.FD, opt: TCPNoDelay, value: 1}) })
	case "set_nonblocking":
		return app(func() { c.setNonBlocking(th, in.FD, true) })
	case "bind":
		return app(func() {
			ret := c.bind(th, in.FD, 0, uint16(in.Port))
			r.appLine("bind").result(ret, th)
		})
	case "listen":
		return app(func() {
			ret := c.listen(th, in.FD, in.Backlog)
			r.appLine("listen").num("backlog", int64(in.Backlog)).result(ret, th)
		})
	case "setsockopt_keepalive":
		return app(func() {
			ret := 0
			for _, o := range []sockoptCall{
				{fd: in.FD, opt: SOKeepAlive, value: 1}, {fd: in.FD, opt: TCPKeepIdle, value: in.IdleS},
				{fd: in.FD, opt: TCPKeepIntvl, value: in.IntvlS}, {fd: in.FD, opt: TCPKeepCnt, value: in.Cnt},
			} {
				ret |= c.sockopt(th, &o)
			}
			r.appLine("setsockopt_keepalive").num("idle_s", int64(in.IdleS)).num("intvl_s", int64(in.IntvlS)).num("cnt", int64(in.Cnt)).result(ret, th)
		})
	case "setsockopt_linger":
		return app(func() {
			ret := c.sockopt(th, &sockoptCall{fd: in.FD, opt: soLinger, value: in.On, sec: in.Seconds})
			r.appLine("setsockopt_linger").num("on", int64(in.On)).num("seconds", int64(in.Seconds)).result(ret, th)
		})
	case "accept":
		return app(func() {
			ret := c.accept(th, in.FD)
			r.appLine("accept").result(ret, th)
		})
	case "recv":
		return app(func() {
			flags := 0
			if in.DontWait {
				flags = MsgDontWait
			}
			ret := c.recv(th, in.FD, make([]byte, in.Len), flags)
			r.appLine("recv").result(ret, th)
		})
	case "send":
		return app(func() {
			ret := c.send(th, in.FD, [][]byte{make([]byte, in.Len)}, 0)
			r.appLine("send").num("len", int64(in.Len)).result(ret, th)
		})
	case "shutdown":
		how, ok := map[string]int{"RD": ShutRD, "WR": ShutWR, "RDWR": ShutRDWR}[in.How]
		if !ok {
			return fmt.Errorf("shutdown of unknown direction %q", in.How)
		}
		return app(func() {
			ret := c.shutdown(th, in.FD, how)
			r.appLine("shutdown").str("how", in.How).result(ret, th)
		})
	case "close":
		return app(func() {
			r.appLine("close_call").done()
			ret := c.closeSocket(th, in.FD)
			r.appLine("close").result(ret, th)
		})
	case "close_listener":
		return app(func() {
			r.appLine("close_listener").done()
			c.closeSocket(th, in.FD)
			r.appLine("closed_listener").done()
		})
	case "cable_pulled":
		r.cableCut = true
		r.appLine(in.Op).done()
	case "cable_replugged":
		r.cableCut = false
		r.appLine(in.Op).done()
	case "conn_cable_pulled":
		r.cut[in.Conn] = true
	case "netif_down":
		r.appLine(in.Op).str("note", "address cleared, netif down, link down").done()
		r.linkGone = true
		c.nif.setAddr(0, 0, 0)
		c.nif.up, c.nif.linkUp = false, false
		r.drain()
		r.goOn()
	case "link_down":
		c.nif.linkUp = false
		r.linkGone = true
		r.appLine(in.Op).str("note", "lwIP link flag cleared, netif stays up and keeps its address").done()
	case "link_up":
		c.nif.linkUp = true
		r.linkGone = false
		r.appLine(in.Op).done()
	case "arm_alloc_failure":
		r.rec.armed, r.rec.seen, r.rec.first, r.rec.count, r.rec.only = true, 0, in.First, in.Count, in.Only
		r.appLine(in.Op).num("first", int64(in.First)).num("count", int64(in.Count)).str("only", in.Only).done()
	case "disarm_alloc_failure":
		r.rec.armed = false
		r.appLine(in.Op).num("allocations_seen", int64(r.rec.seen)).done()
	case "peer_rebooted":
		r.appLine(in.Op).str("note", "new SYN on the same four-tuple; the peer answers an unacceptable ACK with RST and repeats its SYN after 1 s").done()
	case "same_tuple_syn":
		r.appLine(in.Op).done()
	case "end":
		r.appLine("end").num("peak", r.rec.peak).done()
	default:
		return fmt.Errorf("unknown call %q", in.Op)
	}
	return nil
}
