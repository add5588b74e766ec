package sim

import (
	"fmt"
	"io"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/mbedtls"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// TLSIdentity is what both ends of a device's TLS connections know and send.
// The zero value is a public service's: RSA keys of 2048 bits, two certificates
// from the server, and a client without a certificate.
type TLSIdentity struct {
	// CA signed the server's certificates (a server device's: its clients').
	// Zero: 905 bytes.
	CA mbedtls.Certificate
	// Server is the server's chain, the leaf first. Empty: 950 and 921 bytes.
	Server []mbedtls.Certificate
	// Client is the client's chain, if the server asks for one. Empty: none.
	Client []mbedtls.Certificate
	// X25519 is the group of the key exchange; else secp256r1.
	X25519 bool
	// Ticket is the length of the session ticket that a server other than the
	// device sends, in bytes. 0: none.
	Ticket int
	// Hostname is the server's name. Empty: "cloud.example.net".
	Hostname string
}

func (id TLSIdentity) withDefaults() TLSIdentity {
	if id.CA.DER == 0 {
		id.CA = mbedtls.Certificate{DER: 905, RDNs: 4, Key: mbedtls.RSA2048()}
	}
	if len(id.Server) == 0 {
		id.Server = []mbedtls.Certificate{
			{DER: 950, RDNs: 3, EKUs: 1, SANs: 1, Key: mbedtls.RSA2048()}, {DER: 921, RDNs: 5, Key: mbedtls.RSA2048()},
		}
	}
	if id.Hostname == "" {
		id.Hostname = "cloud.example.net"
	}
	return id
}

// TLSConfig is the configuration that the device's mbedTLS has by its
// sdkconfig, as the client or the server of a connection.
func (d *Device) TLSConfig(role mbedtls.Role, id TLSIdentity) mbedtls.Config {
	m := d.cfg.SDKConfig.MbedTLS
	id = id.withDefaults()
	c := mbedtls.Config{
		Version:               mbedtls.V3_6_0,
		Role:                  role,
		Hardware:              m.HardwareAES && m.HardwareSHA && m.HardwareMPI,
		InContentLen:          m.InContentLen(),
		OutContentLen:         m.OutContentLen(),
		DynamicBuffer:         m.DynamicBuffer,
		DynamicFreeConfigData: m.DynamicFreeConfigData,
		DynamicFreeCACert:     m.DynamicFreeCACert,
		KeepPeerCertificate:   m.SSLKeepPeerCertificate,
		VariableBufferLength:  m.SSLVariableBufferLength,
		Seed:                  uint64(d.boots),
	}
	if d.cfg.SDKConfig.IDF.Major < 5 {
		c.Version = mbedtls.V2_16_9
		c.KeepPeerCertificate = !m.DynamicFreePeerCert
		c.VariableBufferLength = false
	}
	own, peer := id.Server, id.Client
	if role == mbedtls.Client {
		own, peer = id.Client, id.Server
		c.Hostname = id.Hostname
		c.Peer.RequestsCertificate = len(id.Client) > 0
		c.Peer.Ticket = id.Ticket
	}
	c.Own, c.Peer.Chain = own, peer
	if len(own) > 0 {
		c.OwnKey = own[0].Key
	}
	if len(peer) > 0 {
		c.CA = &id.CA
	}
	c.Peer.X25519 = id.X25519
	return c
}

// tlsMemory is mbedtls_calloc as CONFIG_MBEDTLS_MEM_ALLOC_MODE has it
// (components/mbedtls/port/esp_mem.c).
type tlsMemory struct {
	app    *App
	object string
	owners map[string]heap.Owner
}

func (m *tlsMemory) Calloc(what string, n uint32) heap.Addr {
	a := m.app
	o, ok := m.owners[what]
	if !ok {
		o = a.dev.heap.Intern(heap.Tag{Task: a.Name(), Object: m.object, What: what})
		m.owners[what] = o
	}
	a.CountCall("mbedtls_calloc")
	h, c := a.dev.heap, a.dev.cfg.SDKConfig.MbedTLS
	switch c.MemAlloc {
	case sdkconfig.MbedTLSExternal:
		return h.Calloc(o, 1, n, heap.CapSPIRAM|heap.Cap8Bit)
	case sdkconfig.MbedTLSIRAM8Bit:
		if int(n) >= min(c.InContentLen(), c.OutContentLen()) {
			return h.CallocPrefer(o, 1, n, heap.CapInternal|heap.CapIRAM8Bit, internal8BitCap)
		}
	case sdkconfig.MbedTLSDefault, sdkconfig.MbedTLSCustom:
		return h.CallocDefault(o, 1, n)
	}
	return h.Calloc(o, 1, n, internal8BitCap)
}

func (m *tlsMemory) Free(p heap.Addr) { m.app.Free(p) }

// What esp_tls_t has beside mbedTLS's structures, sockets, state and function
// pointers, and its error handle (components/esp-tls/private_include/
// esp_tls_private.h, esp_tls_errors.h; the same from v5.0 to v6.0, and taken for
// v4.4).
const (
	espTLSOther = 52
	sizeESPErr  = 12 // esp_tls_last_error_t
)

// tlsSession is a connection of esp-tls: the context with its socket.
type tlsSession struct {
	app  *App
	fd   int
	ctx  *mbedtls.Context
	tls  heap.Addr // esp_tls_t
	last heap.Addr // esp_tls_last_error_t
	mem  *tlsMemory
	size mbedtls.Sizes
}

// newTLSSession is esp_tls_init and what esp_create_mbedtls_handle does, on a
// socket that is connected.
func (a *App) newTLSSession(fd int, object string, cfg mbedtls.Config) (*tlsSession, error) {
	s := &tlsSession{app: a, fd: fd, mem: &tlsMemory{a, object, map[string]heap.Owner{}}, size: mbedtls.SizesOf(&cfg)}
	z := s.size
	a.Within(object, func() {
		if s.tls = a.Calloc("esp_tls_t", z.Context+z.Config+z.CTRDRBG+z.Entropy+2*z.Crt+z.PK+espTLSOther); s.tls != 0 {
			s.last = a.Calloc("esp_tls_last_error_t", sizeESPErr)
		}
	})
	if s.last == 0 {
		if s.tls != 0 {
			a.Free(s.tls)
		}
		return nil, fmt.Errorf("esp_tls_init: no memory")
	}
	var err error
	if s.ctx, err = mbedtls.New(s.mem, cfg); err != nil {
		a.Free(s.last)
		a.Free(s.tls)
		return nil, err
	}
	s.ctx.UsePort(s)
	if err := s.ctx.Setup(); err != nil {
		s.free()
		return nil, fmt.Errorf("mbedtls_ssl_setup: %w", err)
	}
	return s, nil
}

// free is esp_tls_conn_destroy but for the socket.
func (s *tlsSession) free() {
	s.ctx.Free()
	s.app.Free(s.last)
	s.app.Free(s.tls)
}

// Send implements [mbedtls.Port].
func (s *tlsSession) Send(n int) error {
	buf := make([]byte, n)
	buf[0], buf[1], buf[2], buf[3], buf[4] = 0x17, 3, 3, byte((n-5)>>8), byte(n-5)
	for len(buf) > 0 {
		k, err := s.app.dev.net.Send(s.app.Task, s.fd, buf, 0)
		if err != nil {
			return err
		}
		buf = buf[k:]
	}
	return nil
}

// Recv implements [mbedtls.Port].
func (s *tlsSession) Recv(n int) error {
	buf := make([]byte, n)
	for got := 0; got < n; {
		k, err := s.app.dev.net.Recv(s.app.Task, s.fd, buf[got:], 0)
		if err != nil {
			return err
		}
		if k == 0 {
			return io.EOF
		}
		got += k
	}
	return nil
}

// Spend implements [mbedtls.Port]. RSA: the limits of ESP-IDF's own performance
// tests (components/idf_test, idf_performance_target.h); curves: assumed.
func (s *tlsSession) Spend(op mbedtls.Operation, bits int) {
	ms := map[int][2]int{2048: {19, 190}, 3072: {33, 360}, 4096: {90, 870}}[bits]
	switch op {
	case mbedtls.RSAPublic:
		s.app.Task.Spend(time.Duration(ms[0]) * time.Millisecond)
	case mbedtls.RSAPrivate:
		s.app.Task.Spend(time.Duration(ms[1]) * time.Millisecond)
	case mbedtls.ECMulFixed:
		s.app.Task.Spend(60 * time.Millisecond)
	case mbedtls.ECMulVariable:
		s.app.Task.Spend(120 * time.Millisecond)
	}
}
