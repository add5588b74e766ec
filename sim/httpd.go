package sim

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// HTTPServer is esp_http_server: one task that waits for its listener, its
// control socket and its sessions, and answers each request with a body of one
// size. It starts when the network is there.
type HTTPServer struct {
	// Port to listen on. 0: 80.
	Port uint16
	// MaxOpenSockets is how many sessions it keeps, 1 to LWIP_MAX_SOCKETS less 3.
	// 0: 7, HTTPD_DEFAULT_CONFIG.
	MaxOpenSockets int
	// URIHandlers is how many handlers the firmware registers, with URIs such as
	// "/uri1". 0: none.
	URIHandlers int
	// LRUPurge closes the session that was used least recently for a new one.
	// Without it new connections wait while all sessions are taken.
	LRUPurge bool
	// Response is the size of an answer's body in bytes. 0: 1000.
	Response int
	// Stack is the task's, in bytes. 0: 4096.
	Stack uint32
}

// Defaults of HTTPD_DEFAULT_CONFIG (components/esp_http_server/include/
// esp_http_server.h) and sizes that do not depend on the release.
const (
	httpdPriority    = 5
	httpdStack       = 4096
	httpdMaxSockets  = 7
	httpdMaxHandlers = 8
	httpdMaxHeaders  = 8
	httpdBacklog     = 5
	httpdTimeout     = 5000 // ms, recv_wait_timeout and send_wait_timeout
	httpdCtrlPort    = 32768
	httpdCtrlMsg     = 12  // struct httpd_ctrl_data
	httpdBlock       = 128 // PARSER_BLOCK_SIZE
	sizeRespHdr      = 8
	sizeOfPointer    = 4
)

// httpdSizes are the sizes of esp_http_server's structures.
type httpdSizes struct {
	data, session, uri uint32 // httpd_data, sock_db, httpd_uri_t
	errors             uint32 // handlers of errors
	scratch            bool   // a request's buffer is a block of its own
}

func align(n, to uint32) uint32 { return (n + to - 1) &^ (to - 1) }

// sizes are computed from the definitions of each release (components/
// esp_http_server/src/esp_httpd_priv.h, include/esp_http_server.h), of which the
// data has the request's URI and, before v5.5, the buffer for its headers.
func (d *Device) httpdSizes() httpdSizes {
	c := d.cfg.SDKConfig
	v, o := c.IDF, c.HTTPD
	at := v.Major*10000 + v.Minor*100 + v.Patch
	z := httpdSizes{session: 192, uri: 16, errors: 13, scratch: at >= 50500}
	base := uint32(232)
	switch {
	case at < 50000:
		base = 216
	case at >= 50505 && at < 60000:
		base = 264
	case at >= 50500:
		base = 260
	}
	if at < 50200 && !o.WSSupport {
		z.session = 184
	}
	if at < 50400 {
		z.errors = 12
	}
	if o.WSSupport {
		base, z.session, z.uri = base+16, 200, 24
	}
	if o.QueueWorkBlocking {
		base += sizeOfPointer
	}
	z.data = base + align(uint32(o.MaxURILen)+1, 4)
	if !z.scratch {
		z.data += align(uint32(max(o.MaxURILen, o.MaxReqHdrLen))+1, 4)
	}
	z.data = align(z.data, 8)
	return z
}

// httpd is a running server. HTTPS gives it other functions for its sessions.
type httpd struct {
	name     string // the object in reports
	port     uint16
	max      int
	lru      bool
	stack    uint32
	handlers int
	sizes    httpdSizes

	listener, ctrl, msg int
	sessions            []*httpdSession // by their place in sock_db
	uses                uint64
	opened              int // sessions so far

	open    func(a *App, s *httpdSession) error // open_fn
	request func(a *App, s *httpdSession) error // answers a request that has begun to come
	close   func(a *App, s *httpdSession)       // frees the transport's context
}

type httpdSession struct {
	fd   int
	used uint64 // lru_counter
	n    int    // which it is since the start, from 1
	// Of HTTPS: httpd_ssl_transport_ctx_t and what it leads to.
	transport heap.Addr
	tls       *tlsSession
}

// Start implements [Application]: httpd_start and httpd_register_uri_handler.
func (h HTTPServer) Start(a *App) {
	if h.Port == 0 {
		h.Port = 80
	}
	if h.MaxOpenSockets == 0 {
		h.MaxOpenSockets = httpdMaxSockets
	}
	if h.Response == 0 {
		h.Response = 1000
	}
	if h.Stack == 0 {
		h.Stack = httpdStack
	}
	s := &httpd{name: "httpd", port: h.Port, max: h.MaxOpenSockets, lru: h.LRUPurge, stack: h.Stack, handlers: h.URIHandlers}
	s.open = func(*App, *httpdSession) error { return nil }
	s.close = func(*App, *httpdSession) {}
	s.request = func(a *App, x *httpdSession) error { return s.plainRequest(a, x, h.Response) }
	a.onNetwork(s.start)
}

// start is httpd_start.
func (s *httpd) start(a *App) {
	c := a.dev.cfg.SDKConfig
	if most := c.LWIP.MaxSockets - 3; s.max > most {
		a.Abort(fmt.Sprintf("ESP_ERROR_CHECK failed: esp_err_t 0x102 (ESP_ERR_INVALID_ARG): httpd: max_open_sockets %d is too large (max allowed %d, 3 sockets used by HTTP server internally)", s.max, most))
	}
	s.sizes = a.dev.httpdSizes()
	z := s.sizes
	handlers := max(httpdMaxHandlers, s.handlers)
	a.Within(s.name, func() {
		a.must(a.Calloc("httpd_data", z.data), "httpd_start")
		a.must(a.Calloc("hd_calls", uint32(handlers)*sizeOfPointer), "httpd_start")
		a.must(a.Calloc("sock_db", uint32(s.max)*z.session), "httpd_start")
		a.must(a.Calloc("resp_hdrs", httpdMaxHeaders*sizeRespHdr), "httpd_start")
		a.must(a.Calloc("err_handler_fns", z.errors*sizeOfPointer), "httpd_start")
	})
	if c.HTTPD.QueueWorkBlocking {
		n := uint32(c.LWIP.UDPRecvmboxSize)
		_, err := freertos.NewCountingSemaphore(a.dev.kernel, s.name, n, n)
		a.check(err)
	}
	net := a.dev.net
	socket := func(typ int) int {
		fd, err := net.Socket(a.Task, typ)
		a.check(err)
		return fd
	}
	s.listener = socket(lwipmodel.SockStream)
	a.check(net.Setsockopt(a.Task, s.listener, lwipmodel.SOReuseAddr, 1))
	a.check(net.Bind(a.Task, s.listener, netip.AddrPortFrom(netip.IPv4Unspecified(), s.port)))
	a.check(net.Listen(a.Task, s.listener, httpdBacklog))
	s.ctrl = socket(lwipmodel.SockDgram)
	a.check(net.Bind(a.Task, s.ctrl, s.ctrlAddr()))
	s.msg = socket(lwipmodel.SockDgram)
	_, err := a.CreateTask("httpd", s.stack, httpdPriority, freertos.NoAffinity, s.task)
	a.check(err)
	a.Within(s.name, func() {
		for i := range s.handlers {
			a.must(a.Malloc("httpd_uri_t", z.uri), "httpd_register_uri_handler")
			a.must(a.Malloc("uri", uint32(len(fmt.Sprintf("/uri%d", i+1))+1)), "httpd_register_uri_handler")
		}
	})
}

// ctrlAddr is where the control socket is. A second server takes the next port,
// as the firmware has to see to.
func (s *httpd) ctrlAddr() netip.AddrPort {
	port := uint16(httpdCtrlPort)
	if s.port == httpsPort {
		port++
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

// task is httpd_thread with httpd_server, one round after the other.
func (s *httpd) task(a *App) {
	net := a.dev.net
	s.sessions = make([]*httpdSession, s.max)
	for {
		fds := []lwipmodel.PollFd{{Fd: s.ctrl, Read: true}}
		listening := s.lru || s.free() >= 0
		if listening {
			fds = append(fds, lwipmodel.PollFd{Fd: s.listener, Read: true})
		}
		for _, x := range s.sessions {
			if x != nil {
				fds = append(fds, lwipmodel.PollFd{Fd: x.fd, Read: true})
			}
		}
		if _, err := net.Select(a.Task, fds, -1); err != nil {
			a.Printf("httpd: error in select: %v", err)
			a.sleep(time.Second)
			continue
		}
		ready := map[int]bool{}
		for _, f := range fds {
			ready[f.Fd] = f.CanRead
		}
		if ready[s.ctrl] {
			s.control(a)
		}
		for i, x := range s.sessions {
			if x != nil && ready[x.fd] {
				x.used = s.use()
				if err := s.request(a, x); err != nil {
					s.end(a, i)
				}
			}
		}
		if listening && ready[s.listener] {
			s.accept(a)
		}
	}
}

// free is a place in sock_db that no session has, -1 if there is none.
func (s *httpd) free() int {
	for i, x := range s.sessions {
		if x == nil {
			return i
		}
	}
	return -1
}

func (s *httpd) use() uint64 { s.uses++; return s.uses }

// accept is httpd_accept_conn.
func (s *httpd) accept(a *App) {
	net := a.dev.net
	i := s.free()
	if i < 0 {
		// httpd_sess_close_lru: the server sends itself a message to close it.
		if _, err := net.SendTo(a.Task, s.msg, make([]byte, httpdCtrlMsg), s.ctrlAddr()); err != nil {
			a.Printf("httpd: httpd_queue_work: %v", err)
		}
		return
	}
	fd, err := net.Accept(a.Task, s.listener)
	if err != nil {
		a.Printf("httpd: error in accept (%v)", err)
		return
	}
	_ = net.Setsockopt(a.Task, fd, lwipmodel.SORcvTimeo, httpdTimeout)
	_ = net.Setsockopt(a.Task, fd, lwipmodel.SOSndTimeo, httpdTimeout)
	s.opened++
	x := &httpdSession{fd: fd, n: s.opened}
	if err := s.open(a, x); err != nil {
		a.Printf("httpd: session creation failed: %v", err)
		net.Close(a.Task, fd)
		return
	}
	s.sessions[i] = x
	s.event(a, sizeOfPointer) // HTTP_SERVER_EVENT_ON_CONNECTED
}

// control is httpd_process_ctrl_msg for the one message that there is: close the
// session that was used least recently.
func (s *httpd) control(a *App) {
	buf := make([]byte, httpdCtrlMsg)
	if _, _, err := a.dev.net.RecvFrom(a.Task, s.ctrl, buf, 0); err != nil || s.free() >= 0 {
		return
	}
	oldest := 0
	for i, x := range s.sessions {
		if x.used < s.sessions[oldest].used {
			oldest = i
		}
	}
	s.end(a, oldest)
}

// end is httpd_sess_delete.
func (s *httpd) end(a *App, i int) {
	x := s.sessions[i]
	a.dev.net.Close(a.Task, x.fd)
	s.event(a, sizeOfPointer) // HTTP_SERVER_EVENT_DISCONNECTED
	s.close(a, x)
	s.sessions[i] = nil
}

// event is esp_http_server_dispatch_event, which v4.4 does not have.
func (s *httpd) event(a *App, size uint32) {
	if a.dev.cfg.SDKConfig.IDF.Major >= 5 {
		a.post(eventID{"ESP_HTTP_SERVER_EVENT", "connection"}, size)
	}
}

// plainRequest is httpd_req_new and a handler that calls httpd_resp_send: headers
// in one piece, their end, and the body.
func (s *httpd) plainRequest(a *App, x *httpdSession, body int) error {
	net := a.dev.net
	limit := a.dev.cfg.SDKConfig.HTTPD.MaxReqHdrLen + a.dev.cfg.SDKConfig.HTTPD.MaxURILen
	var request []byte
	var scratch heap.Addr
	defer func() {
		if scratch != 0 {
			a.Free(scratch)
		}
	}()
	for !bytes.Contains(request, []byte("\r\n\r\n")) {
		if len(request) >= limit {
			return fmt.Errorf("request of more than %d bytes", limit)
		}
		if s.sizes.scratch {
			var p heap.Addr
			a.Within(s.name, func() { p = a.Realloc("scratch", scratch, uint32(len(request)+httpdBlock)) })
			if p == 0 {
				return fmt.Errorf("no memory for the request")
			}
			scratch = p
		}
		buf := make([]byte, httpdBlock)
		n, err := net.Recv(a.Task, x.fd, buf, 0)
		if err != nil {
			return err
		}
		if n == 0 {
			return errClosed
		}
		request = append(request, buf[:n]...)
	}
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n", body)
	for _, part := range []string{head, "\r\n", strings.Repeat("x", body)} {
		for data := []byte(part); len(data) > 0; {
			n, err := net.Send(a.Task, x.fd, data, 0)
			if err != nil {
				return err
			}
			data = data[n:]
		}
	}
	return nil
}
