package casebook

import (
	"net/netip"
	"slices"
	"time"

	"github.com/plimsoll-sim/plimsoll/lwipmodel"
)

// httpd is the loop of ESP-IDF's HTTP server as far as its sockets go
// (components/esp_http_server/src/httpd_main.c, httpd_sess.c): one task that
// waits in select for its listener, its control socket and its sessions.
type httpd struct {
	t        *task
	listener int
	control  int
	max      int
	lru      bool
	linger   int
	reply    int
	sessions []session // by their place in the server's table
	uses     uint64
}

type session struct {
	fd   int
	used uint64 // lru_counter
}

func callHTTPD() call {
	return call{
		name:  "httpd",
		usage: "httpd [port=80] [max=7] [lru=no|yes] [linger=none|SECONDS] [reply=100]",
		help:  "Is ESP-IDF's HTTP server from then on: a listener, two control sockets, at most max sessions; each request on one gets reply bytes, and the client closes. With lru the least recently used session is closed for a new one (lru_purge_enable), without it the listener is left alone while all are taken.",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			port := a.keyNumber("port", 80, 1, 65535)
			s := httpd{max: int(a.keyNumber("max", 7, 1, 253)), lru: a.keyOneOf("lru", "no", "yes") == "yes", linger: -1, reply: int(a.keyNumber("reply", 100, 1, 1<<20))}
			if l := a.key("linger", "none"); l != "none" {
				s.linger = int(a.inRange("linger=", l, 0, 32767))
			}
			return func(t *task) error {
				s := s
				s.t = t
				return s.serve(uint16(port))
			}, a.done()
		},
	}
}

func (s *httpd) serve(port uint16) error {
	net, t := s.t.net(), s.t.Task
	var err error
	if s.listener, err = s.t.listen(port, 5); err != nil {
		return err
	}
	if s.control, err = net.Socket(t, lwipmodel.SockDgram); err != nil { // ctrl_fd
		return err
	}
	if err = net.Bind(t, s.control, netip.MustParseAddrPort("127.0.0.1:32768")); err != nil {
		return err
	}
	if _, err = net.Socket(t, lwipmodel.SockDgram); err != nil { // msg_fd
		return err
	}
	for {
		fds := []lwipmodel.PollFd{{Fd: s.control, Read: true}}
		listening := len(s.sessions) < s.max || s.lru
		if listening {
			fds = append(fds, lwipmodel.PollFd{Fd: s.listener, Read: true})
		}
		for _, x := range s.sessions {
			fds = append(fds, lwipmodel.PollFd{Fd: x.fd, Read: true})
		}
		if _, err := net.Select(t, fds, -time.Millisecond); err != nil {
			return err
		}
		for _, f := range fds[1:] {
			if f.CanRead && f.Fd != s.listener {
				s.process(f.Fd)
			}
		}
		if listening && fds[1].CanRead {
			s.accept()
		}
	}
}

// accept is httpd_accept_conn.
func (s *httpd) accept() {
	if len(s.sessions) >= s.max { // only with lru
		oldest := slices.MinFunc(s.sessions, func(a, b session) int {
			if a.used < b.used {
				return -1
			}
			return 1
		})
		s.t.play.outcomes[outcome{"httpd", "purged"}]++
		s.close(oldest.fd)
		return // the listener is ready still
	}
	fd, err := s.t.net().Accept(s.t.Task, s.listener)
	s.t.play.count("accept", err)
	if err != nil {
		return
	}
	if s.linger >= 0 {
		s.t.play.count("set", s.t.net().SetLinger(s.t.Task, fd, true, s.linger))
	}
	_ = s.t.net().Setsockopt(s.t.Task, fd, lwipmodel.SORcvTimeo, 5000)
	_ = s.t.net().Setsockopt(s.t.Task, fd, lwipmodel.SOSndTimeo, 5000)
	s.sessions = append(s.sessions, session{fd, s.use()})
}

func (s *httpd) use() uint64 { s.uses++; return s.uses }

// process is httpd_sess_process: a request is answered, anything else ends the
// session.
func (s *httpd) process(fd int) {
	i := slices.IndexFunc(s.sessions, func(x session) bool { return x.fd == fd })
	if i < 0 {
		return
	}
	n, err := s.t.net().Recv(s.t.Task, fd, make([]byte, 1024), 0)
	if n > 0 && err == nil {
		_, err = s.t.net().Send(s.t.Task, fd, make([]byte, s.reply), 0)
		s.t.play.count("send", err)
	}
	if n <= 0 || err != nil {
		s.close(fd)
		return
	}
	s.sessions[i].used = s.use()
}

func (s *httpd) close(fd int) {
	s.sessions = slices.DeleteFunc(s.sessions, func(x session) bool { return x.fd == fd })
	s.t.play.count("close", s.t.net().Close(s.t.Task, fd))
}
