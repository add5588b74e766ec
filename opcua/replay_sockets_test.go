package opcua

import "fmt"

// giveUp is how many sends in a row are refused before the recorded socket
// layer gave a connection up.
const giveUp = 200_000

// tape is the socket layer of a replay: it hands out what was recorded and
// writes down what the server does.
type tape struct {
	max, first int // sockets, first descriptor
	fds        map[int]*peer
	conns      map[int]*peer // by number
	pending    []int         // numbers of connections that wait to be accepted; 0: one that cannot be
	note       func(happened)
}

// peer is one recorded connection.
type peer struct {
	conn, fd  int
	rx        [][]byte
	fin, rst  bool
	shut      bool
	vanished  bool
	room      int // bytes that the socket takes after the peer vanished
	unsent    int // bytes taken since then
	refused   int
	listening bool
	dying     bool // takes sends more sends, then none
	sends     int
	errno     string // why it takes none
}

// happened is one thing that the server did in a turn, in the terms of a line.
type happened struct {
	op       string // malloc, calloc, realloc, free
	id, size uint32
	old      uint32
	// anonymous: allocated by mbedTLS, whose functions recordings may not name.
	anonymous bool

	net   string // accept, rx, tx, ...
	conn  int
	bytes []byte
	of    int
	count int
	on    string
	errno string
	len   int // of a send that failed
}

func newTape(h *header, note func(happened)) *tape {
	return &tape{max: h.Sockets.Max, first: h.Sockets.First, fds: map[int]*peer{}, conns: map[int]*peer{}, note: note}
}

func (t *tape) free() (int, bool) {
	for fd := t.first; fd < t.first+t.max; fd++ {
		if t.fds[fd] == nil {
			return fd, true
		}
	}
	return 0, false
}

// Listen implements Sockets.
func (t *tape) Listen(uint16, int) (int, error) {
	fd, ok := t.free()
	if !ok {
		return 0, ENFILE
	}
	t.fds[fd] = &peer{fd: fd, listening: true}
	return fd, nil
}

func (t *tape) readable(p *peer) bool {
	if p.listening {
		return len(t.pending) > 0
	}
	return len(p.rx) > 0 || p.fin || p.rst || p.shut
}

// Select implements Sockets.
func (t *tape) Select(read, except *FDSet) (int, error) {
	var r FDSet
	for fd := t.first; fd < t.first+t.max; fd++ {
		if p := t.fds[fd]; p != nil && read.Has(fd) && t.readable(p) {
			r.Set(fd)
		}
	}
	*read, *except = r, 0
	return r.Len(), nil
}

// Accept implements Sockets.
func (t *tape) Accept(int) (int, string, error) {
	conn := t.pending[0]
	t.pending = t.pending[1:]
	fd, ok := t.free()
	if !ok {
		t.note(happened{net: "accept_fail", errno: ENFILE.Error()})
		return 0, "", ENFILE
	}
	p := t.conns[conn]
	p.fd = fd
	t.fds[fd] = p
	t.note(happened{net: "accept", conn: conn})
	return fd, fmt.Sprintf("conn %d", conn), nil
}

// Recv implements Sockets.
func (t *tape) Recv(fd int, b []byte) (int, error) {
	p := t.fds[fd]
	switch {
	case len(p.rx) > 0:
		n := copy(b, p.rx[0])
		if n < len(p.rx[0]) {
			p.rx[0] = p.rx[0][n:]
		} else {
			p.rx = p.rx[1:]
		}
		t.note(happened{net: "rx", conn: p.conn, bytes: append([]byte(nil), b[:n]...)})
		return n, nil
	case p.rst:
		p.rst = false
		t.note(happened{net: "rst", conn: p.conn, on: "recv"})
		return 0, ECONNRESET
	case p.shut:
		t.note(happened{net: "eof", conn: p.conn})
		return 0, nil
	case p.fin:
		t.note(happened{net: "fin", conn: p.conn})
		return 0, nil
	}
	return 0, EAGAIN
}

// Send implements Sockets.
func (t *tape) Send(fd int, b []byte) (int, error) {
	p := t.fds[fd]
	n := len(b)
	if p.dying {
		if p.sends == 0 {
			t.note(happened{net: "tx_err", conn: p.conn, errno: p.errno, len: n})
			return 0, ECONNRESET
		}
		p.sends--
	}
	if p.vanished {
		n = min(n, p.room)
		if n == 0 {
			return t.refuse(p)
		}
		p.room -= n
		p.unsent += n
	}
	h := happened{net: "tx", conn: p.conn, bytes: append([]byte(nil), b[:n]...)}
	if n < len(b) {
		h.of = len(b)
	}
	t.note(h)
	return n, nil
}

func (t *tape) refuse(p *peer) (int, error) {
	if p.refused++; p.refused <= giveUp {
		return 0, EAGAIN
	}
	t.note(happened{net: "tx_again", conn: p.conn, count: p.refused - 1})
	t.note(happened{net: "rst", conn: p.conn, on: "send", errno: ECONNABORTED.Error()})
	return 0, ECONNABORTED
}

// Shutdown implements Sockets.
func (t *tape) Shutdown(fd int) error {
	p := t.fds[fd]
	p.shut = true
	t.note(happened{net: "shutdown", conn: p.conn})
	return nil
}

// Close implements Sockets.
func (t *tape) Close(fd int) error {
	t.note(happened{net: "close", conn: t.fds[fd].conn})
	delete(t.fds, fd)
	return nil
}

// input is what comes from outside in one turn: all that a replay tells the model.
type input struct {
	kind  string // accept, accept_fail, rx, fin, rst, tx_err
	conn  int
	bytes []byte
	sends int // tx_err: how many come before it
	errno string
}

// inputsOf picks the inputs out of the lines of a turn.
func inputsOf(lines []*line) []input {
	var in []input
	sends := map[int]int{}
	for _, l := range lines {
		if n := l.net; n != nil {
			switch {
			case n.Net == "accept", n.Net == "accept_fail", n.Net == "rx", n.Net == "fin", n.Net == "rst" && n.On == "recv":
				in = append(in, input{kind: n.Net, conn: n.Conn, bytes: n.bytes})
			case n.Net == "tx":
				sends[n.Conn]++
			case n.Net == "tx_err":
				in = append(in, input{kind: n.Net, conn: n.Conn, sends: sends[n.Conn], errno: n.Errno})
			}
		}
	}
	return in
}

// load makes the input of one turn available.
func (t *tape) load(in []input) {
	for _, i := range in {
		p := t.conns[i.conn]
		switch {
		case i.kind == "accept":
			t.conns[i.conn] = &peer{conn: i.conn}
			t.pending = append(t.pending, i.conn)
		case i.kind == "accept_fail":
			t.pending = append(t.pending, 0)
		case p == nil:
		case i.kind == "rx":
			p.rx = append(p.rx, i.bytes)
		case i.kind == "fin":
			p.fin = true
		case i.kind == "rst":
			p.rst = true
		case i.kind == "tx_err" && !p.dying:
			p.dying, p.sends, p.errno = true, i.sends, i.errno
		}
	}
}

// vanish makes the peer of a connection neither read nor write any more.
func (t *tape) vanish(conn, room int) error {
	p := t.conns[conn]
	if p == nil {
		return fmt.Errorf("connection %d does not exist", conn)
	}
	p.vanished, p.room = true, room
	return nil
}
