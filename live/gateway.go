package live

import (
	"net"
	"slices"
	"time"
)

// acceptPause is how long accept waits after an error such as that of too many
// open files.
const acceptPause = 100 * time.Millisecond

// accept takes real connections and hands them to the loop.
func (s *Server) accept() {
	for {
		real, err := s.listener.AcceptTCP()
		if err != nil {
			select {
			case <-s.ctx.Done():
				return
			case <-time.After(acceptPause):
			}
			continue
		}
		if !s.post(func() { s.carry(real) }) {
			reset(real)
			return
		}
	}
}

// carry begins to carry a real connection, or resets it if there are too many.
func (s *Server) carry(real *net.TCPConn) {
	if s.ctx.Err() != nil {
		reset(real)
		return
	}
	if len(s.conns) >= s.cfg.MaxConnections {
		s.refused++
		reset(real)
		return
	}
	s.accepted++
	c := newConn(s, s.accepted, real)
	s.conns = append(s.conns, c)
	c.start()
}

// forget takes a connection out of the list.
func (s *Server) forget(c *conn) {
	if i := slices.Index(s.conns, c); i >= 0 {
		s.conns = slices.Delete(s.conns, i, i+1)
	}
}

// reset closes a real connection with RST.
func reset(real *net.TCPConn) {
	_ = real.SetLinger(0) // it may have ended by itself
	real.Close()
}
