package sim

import (
	"errors"
	"fmt"
	"io"

	"github.com/plimsoll-sim/plimsoll/mbedtls"
)

// errClosed says that the peer has closed the connection.
var errClosed = errors.New("closed by the peer")

// HTTPSServer is esp_https_server: an [HTTPServer] whose sessions do a handshake
// when they are accepted, one after the other. A fresh configuration with its
// certificate and key is parsed for every connection.
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
	// LRUPurge closes the connection that was used least recently for a new one,
	// as esp_https_server's default is. Without it new connections wait.
	LRUPurge bool
}

// Of esp_https_server (HTTPD_SSL_CONFIG_DEFAULT; src/https_server.c).
const (
	httpsPort    = 443
	httpsStack   = 10240
	httpsSockets = 4
	httpsRequest = 400 // bytes of a browser's request; assumed

	sizeSSLContext   = 12 // httpd_ssl_ctx_t
	sizeSSLTransport = 8  // httpd_ssl_transport_ctx_t
)

// Start implements [Application]: httpd_ssl_start.
func (h HTTPSServer) Start(a *App) {
	if h.Port == 0 {
		h.Port = httpsPort
	}
	if h.Response == 0 {
		h.Response = 1000
	}
	if h.MaxOpenSockets == 0 {
		h.MaxOpenSockets = httpsSockets
	}
	s := &httpd{name: "https", port: h.Port, max: h.MaxOpenSockets, lru: h.LRUPurge, stack: httpsStack}
	s.open = h.open
	s.close = func(a *App, x *httpdSession) {
		x.tls.free()
		a.Free(x.transport)
	}
	s.request = func(_ *App, x *httpdSession) error {
		if err := x.tls.ctx.Read(httpsRequest); err != nil {
			if errors.Is(err, io.EOF) {
				return errClosed
			}
			return err
		}
		return x.tls.ctx.Write(h.Response)
	}
	a.onNetwork(func(a *App) {
		h.createSecureContext(a)
		s.start(a)
	})
}

// createSecureContext is create_secure_context: copies of the certificates and of
// the key, as PEM.
func (h HTTPSServer) createSecureContext(a *App) {
	id := h.Identity.withDefaults()
	a.Within("https", func() {
		a.must(a.Calloc("httpd_ssl_ctx_t", sizeSSLContext), "httpd_ssl_start")
		a.must(a.Calloc("esp_tls_cfg_server_t", a.dev.sizeTLSServerConfig()), "httpd_ssl_start")
		if len(id.Client) > 0 {
			a.must(a.Malloc("cacert_buf", uint32(id.CA.PEM()+1)), "httpd_ssl_start")
		}
		n := uint32(1)
		for _, c := range id.Server {
			n += uint32(c.PEM())
		}
		a.must(a.Malloc("servercert_buf", n), "httpd_ssl_start")
		a.must(a.Malloc("serverkey_buf", uint32(id.Server[0].Key.PEM())), "httpd_ssl_start")
	})
}

// open is httpd_ssl_open: esp_tls_server_session_create.
func (h HTTPSServer) open(a *App, x *httpdSession) error {
	a.Within("https", func() { x.transport = a.Calloc("httpd_ssl_transport_ctx_t", sizeSSLTransport) })
	if x.transport == 0 {
		return fmt.Errorf("esp_https_server: no memory")
	}
	s, err := a.newTLSSession(x.fd, fmt.Sprintf("tls httpd %d", x.n), a.dev.TLSConfig(mbedtls.Server, h.Identity))
	if err == nil {
		if err = s.ctx.Handshake(); err != nil {
			s.free()
		}
	}
	if err != nil {
		a.Free(x.transport)
		return fmt.Errorf("esp_https_server: %w", err)
	}
	x.tls = s
	a.dev.tlsUp(fmt.Sprintf("esp_https_server: session %d", x.n))
	return nil
}

// sizeTLSServerConfig is esp_tls_cfg_server_t (components/esp-tls/esp_tls.h),
// computed from each release's definition.
func (d *Device) sizeTLSServerConfig() uint32 {
	switch v := d.cfg.SDKConfig.IDF; {
	case v.Major >= 6:
		return 64
	case v.Major == 5 && v.Minor >= 5:
		return 56
	}
	return 44
}
