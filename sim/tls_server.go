package sim

import (
	"errors"
	"fmt"
	"io"
	"net/netip"

	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/mbedtls"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// HTTPSServer is esp_https_server: one task that accepts connections, does their
// handshakes one after the other, and answers requests. A fresh configuration
// with its certificate and key is parsed for every connection.
type HTTPSServer struct {
	// Port to listen on. 0: 443.
	Port uint16
	// Identity is who the device and its clients are.
	Identity TLSIdentity
	// Response is the size of an answer in bytes. 0: 1000.
	Response int
	// MaxOpenSockets is how many connections it keeps, 1 to 13. 0: 4, the
	// default of esp_https_server.
	MaxOpenSockets int
}

// Of esp_https_server and esp_http_server (ESP-IDF v5.3.1, HTTPD_SSL_CONFIG_
// DEFAULT); the structures' sizes are assumed.
const (
	httpdStack    = 10240
	httpdPriority = 5
	sizeHTTPD     = 1100 // httpd_data with the tables of handlers
	sizeSession   = 88   // sock_db, an element a socket
	httpsRequest  = 400  // bytes of a browser's request
)

// Start implements [Application]: httpd_ssl_start. The task waits for the
// network, which app_main brings up before it starts the server on a device.
func (h HTTPSServer) Start(a *App) {
	if h.Port == 0 {
		h.Port = 443
	}
	if h.Response == 0 {
		h.Response = 1000
	}
	if h.MaxOpenSockets == 0 {
		h.MaxOpenSockets = 4
	}
	a.Within("httpd", func() {
		a.must(a.Calloc("httpd_data", sizeHTTPD), "httpd_start")
		a.must(a.Calloc("sock_db", uint32(h.MaxOpenSockets)*sizeSession), "httpd_start")
	})
	_, err := a.CreateTask("httpd", httpdStack, httpdPriority, freertos.NoAffinity, h.task)
	a.check(err)
}

func (h HTTPSServer) task(a *App) {
	a.awaitNetwork()
	net := a.dev.net
	fd, err := net.Socket(a.Task, lwipmodel.SockStream)
	a.check(err)
	a.check(net.Bind(a.Task, fd, netip.AddrPortFrom(netip.IPv4Unspecified(), h.Port)))
	a.check(net.Listen(a.Task, fd, 5))
	var open []*tlsSession
	for n := 1; ; {
		fds := []lwipmodel.PollFd{{Fd: fd, Read: len(open) < h.MaxOpenSockets}}
		for _, s := range open {
			fds = append(fds, lwipmodel.PollFd{Fd: s.fd, Read: true})
		}
		if _, err := net.Select(a.Task, fds, -1); err != nil {
			a.Printf("httpd: select: %v", err)
			a.sleep(mqttReconnect)
			continue
		}
		kept := open[:0]
		for i, s := range open {
			if fds[i+1].CanRead {
				if err := h.request(s); err != nil {
					if !errors.Is(err, io.EOF) {
						a.Printf("httpd: %v", err)
					}
					s.free()
					net.Close(a.Task, s.fd)
					continue
				}
			}
			kept = append(kept, s)
		}
		open = kept
		if fds[0].CanRead {
			s, err := h.accept(a, fd, n)
			if err != nil {
				a.Printf("esp_https_server: %v", err)
			} else {
				open = append(open, s)
			}
			n++
		}
	}
}

// accept is httpd_sess_new with httpd_ssl_open: esp_tls_server_session_create.
func (h HTTPSServer) accept(a *App, listener, n int) (*tlsSession, error) {
	net := a.dev.net
	fd, err := net.Accept(a.Task, listener)
	if err != nil {
		return nil, fmt.Errorf("accept: %w", err)
	}
	s, err := a.newTLSSession(fd, fmt.Sprintf("tls httpd %d", n), a.dev.TLSConfig(mbedtls.Server, h.Identity))
	if err == nil {
		if err = s.ctx.Handshake(); err != nil {
			s.free()
		}
	}
	if err != nil {
		net.Close(a.Task, fd)
		return nil, err
	}
	a.dev.tlsUp(fmt.Sprintf("esp_https_server: session %d", n))
	return s, nil
}

func (h HTTPSServer) request(s *tlsSession) error {
	if err := s.ctx.Read(httpsRequest); err != nil {
		return err
	}
	return s.ctx.Write(h.Response)
}
