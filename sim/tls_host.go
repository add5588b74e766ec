package sim

import (
	"fmt"
	"io"
	"time"

	"github.com/plimsoll-sim/plimsoll/mbedtls"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

const tlsPatience = time.Minute // of a host's program for the next record

// ServeCloud starts a program on a host that is the broker of a device's
// [CloudLink]: it accepts connections on port and plays the server's side of
// TLS, record by record. A CONNECT, the first message, is answered.
func (d *Device) ServeCloud(h *wire.Host, port uint16, id TLSIdentity) error {
	list, err := mbedtls.Transfers(d.TLSConfig(mbedtls.Client, id))
	if err != nil {
		return err
	}
	l, err := h.Listen(port, 4)
	if err != nil {
		return err
	}
	h.Go(fmt.Sprintf("broker %d", port), func(p *vtime.Proc) {
		for n := 1; ; n++ {
			c, err := l.Accept(p, 24*time.Hour)
			if err != nil {
				return
			}
			h.Go(fmt.Sprintf("broker %d connection %d", port, n), func(p *vtime.Proc) {
				defer c.Close()
				if playTransfers(p, c, list) != nil {
					return
				}
				if _, err := readRecord(p, c, tlsPatience); err != nil {
					return
				}
				if writeRecord(p, c, 4+24) != nil {
					return
				}
				for {
					if _, err := readRecord(p, c, 24*time.Hour); err != nil {
						return
					}
				}
			})
		}
	})
	return nil
}

// A Browser is a program on a host with a connection to a device's
// [HTTPSServer].
type Browser struct {
	Conn *wire.Conn
	srv  HTTPSServer
}

// Browse connects to the device's HTTPS server and does the client's side of
// the handshake.
func (d *Device) Browse(p *vtime.Proc, h *wire.Host, srv HTTPSServer) (*Browser, error) {
	list, err := mbedtls.Transfers(d.TLSConfig(mbedtls.Server, srv.Identity))
	if err != nil {
		return nil, err
	}
	if srv.Port == 0 {
		srv.Port = 443
	}
	if srv.Response == 0 {
		srv.Response = 1000
	}
	c, err := h.Dial(p, d.Addr(), srv.Port, 0)
	if err != nil {
		return nil, err
	}
	if err := playTransfers(p, c, list); err != nil {
		c.Close()
		return nil, err
	}
	return &Browser{c, srv}, nil
}

// Get sends a request and reads the answer.
func (b *Browser) Get(p *vtime.Proc) error {
	if err := writeRecord(p, b.Conn, httpsRequest+24); err != nil {
		return err
	}
	for got := 0; got < b.srv.Response; {
		n, err := readRecord(p, b.Conn, tlsPatience)
		if err != nil {
			return err
		}
		got += n - 24
	}
	return nil
}

// playTransfers does the other side of a handshake.
func playTransfers(p *vtime.Proc, c *wire.Conn, list []mbedtls.Transfer) error {
	for _, t := range list {
		if !t.Send {
			if err := writeRecord(p, c, t.Len-5); err != nil {
				return err
			}
			continue
		}
		n, err := readRecord(p, c, tlsPatience)
		if err != nil {
			return err
		}
		if n != t.Len-5 {
			return fmt.Errorf("sim: a TLS record of %d bytes was expected, found %d", t.Len-5, n)
		}
	}
	return nil
}

func writeRecord(p *vtime.Proc, c *wire.Conn, n int) error {
	buf := make([]byte, 5+n)
	buf[0], buf[1], buf[2], buf[3], buf[4] = 0x17, 3, 3, byte(n>>8), byte(n)
	_, err := c.Write(p, buf, tlsPatience)
	return err
}

// readRecord reads a record and returns its length.
func readRecord(p *vtime.Proc, c *wire.Conn, patience time.Duration) (int, error) {
	read := func(buf []byte, patience time.Duration) error {
		for got := 0; got < len(buf); {
			n, err := c.Read(p, buf[got:], patience)
			if err != nil {
				return err
			}
			got += n
		}
		return nil
	}
	var head [5]byte
	if err := read(head[:], patience); err != nil {
		return 0, err
	}
	n := int(head[3])<<8 | int(head[4])
	if n == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return n, read(make([]byte, n), tlsPatience)
}
