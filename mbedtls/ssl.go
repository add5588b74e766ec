package mbedtls

import (
	"math/big"
	"math/rand/v2"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/internal/bignum"
)

// lib is mbedTLS as it is compiled, for one context.
type lib struct {
	mem  Memory
	bn   bignum.Calc
	size Sizes
	v    variant
	rand *rand.Rand
	port Port // nil: no time passes, and whatever is waited for has come
}

func (l *lib) spend(op Operation, bits int) {
	if l.port != nil {
		l.port.Spend(op, bits)
	}
}

// Context is mbedtls_ssl_context with the configuration, certificates and keys
// that esp-tls makes for one connection (esp_tls_mbedtls.c). The structures that
// esp_tls_t holds itself are the caller's to allocate: Sizes tells their bytes.
//
// After an error the context is of no use but for Free, which gives back all
// that it holds.
type Context struct {
	lib
	cfg Config

	entropy  heap.Addr // accumulator of the entropy context
	hostname heap.Addr
	dhm      [2]bignum.MPI // dhm_P and dhm_G of the configuration
	ca       chain
	own      chain
	ownKey   pk
	keyCert  heap.Addr

	in, out       heap.Addr
	inLen, outLen int // of the buffers; 0 if dynamic
	rx            rxBuffer
	tx            txBuffer
	transform     heap.Addr
	cipher        [2]cipherContext // of the transform
	session       heap.Addr
	peerCert      chain
	peerDigest    heap.Addr
	ticket        heap.Addr
	hs            *handshake
	state         State
	newTicket     bool // a ticket was announced and has not come yet

	sent, received int
	headerRead     bool // of the next record
}

// cipherContext is mbedtls_cipher_context_t with GCM.
type cipherContext struct{ gcm, aes heap.Addr }

// New returns a context that has allocated nothing yet.
func New(mem Memory, cfg Config) (*Context, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	s := SizesOf(&cfg)
	c := &Context{cfg: cfg}
	c.lib = lib{
		mem: mem, size: s, v: cfg.Version.variant(s),
		rand: rand.New(rand.NewPCG(cfg.Seed, 0)),
	}
	c.bn = bignum.Calc{Mem: mem, Rules: cfg.rules(), Random: c.random}
	return c, nil
}

// random fills b with the random numbers of the step.
func (l *lib) random(b []byte) {
	for i := range b {
		b[i] = byte(l.rand.Uint32())
	}
}

// UsePort has the connection send, receive and spend time through p from now on.
// Without a port everything is there at once.
func (c *Context) UsePort(p Port) { c.port = p }

// drbgSeed: mbedtls_ctr_drbg_seed with the entropy context as its source. 3.x
// has the accumulator's hash context on the heap, and keeps a fresh one.
func (c *Context) drbgSeed() {
	if c.v.embeddedEntropy {
		return
	}
	c.entropy = c.calloc("mbedtls_md_setup", c.size.SHA512)
	c.free(&c.entropy)
	c.entropy = c.calloc("mbedtls_md_setup", c.size.SHA512)
}

// setHostname: mbedtls_ssl_set_hostname.
func (c *Context) setHostname() {
	if c.cfg.Hostname != "" {
		c.hostname = c.calloc("mbedtls_ssl_set_hostname", uint32(len(c.cfg.Hostname)+1))
	}
}

// configDefaults: mbedtls_ssl_config_defaults. 2.16 gives a server the
// 2048-bit group of RFC 3526.
func (c *Context) configDefaults() {
	if c.v.dhmDefaults && c.cfg.Role == Server {
		c.bn.ReadBinary(&c.dhm[0], c.modulus(2048), 256)
		c.bn.ReadBinary(&c.dhm[1], big.NewInt(2), 1)
	}
}

func (c *Context) parseCA() {
	if c.cfg.CA != nil {
		c.parsePEM(&c.ca, []Certificate{*c.cfg.CA})
	}
}

func (c *Context) parseOwnCert() { c.parsePEM(&c.own, c.cfg.Own) }

func (c *Context) parseOwnKey() {
	if len(c.cfg.Own) > 0 {
		c.parseKey(&c.ownKey, c.cfg.OwnKey)
	}
}

// confOwnCert: mbedtls_ssl_conf_own_cert.
func (c *Context) confOwnCert() {
	if len(c.cfg.Own) > 0 {
		c.keyCert = c.calloc("ssl_append_key_cert", c.size.KeyCert)
	}
}

// sslSetup: mbedtls_ssl_setup, with dynamic buffers __wrap_mbedtls_ssl_setup.
func (c *Context) sslSetup() {
	const what = "mbedtls_ssl_setup"
	full := !c.cfg.DynamicBuffer || c.v.setupTransient
	if full {
		c.in = c.calloc(what, uint32(bufferLen(c.cfg.InContentLen)))
		c.out = c.calloc(what, uint32(bufferLen(c.cfg.OutContentLen)))
		c.inLen, c.outLen = bufferLen(c.cfg.InContentLen), bufferLen(c.cfg.OutContentLen)
	}
	c.handshakeInit()
	if c.cfg.DynamicBuffer {
		c.free(&c.out)
		c.setupTx()
		c.free(&c.in)
		c.inLen, c.outLen = 0, 0
	}
}

// step runs one step of a connection, and turns a failed allocation into its
// error. Each step has random numbers of its own, so that what one needs does not
// shift those of the next.
func (c *Context) step(stream int, f func()) (err error) {
	seed, ok := c.cfg.draws[stream]
	if !ok {
		seed = c.cfg.Seed
	}
	c.rand = rand.New(rand.NewPCG(seed, uint64(stream)))
	defer catch(&err)
	f()
	return nil
}

// setupStream is the stream of what comes before the handshake.
const setupStream = 0x100

// Setup does what esp-tls does before the handshake: seeds the random number
// generator, sets the host name, parses the certificates and the key, and sets
// up the connection.
func (c *Context) Setup() error {
	return c.step(setupStream, func() {
		for _, f := range []func(){
			c.drbgSeed, c.setHostname, c.configDefaults, c.parseCA, c.parseOwnCert,
			c.parseOwnKey, c.confOwnCert, c.sslSetup,
		} {
			f()
		}
	})
}

// Free gives everything back, in the order of esp_mbedtls_cleanup.
func (c *Context) Free() {
	for _, f := range []func(){
		c.freeCA, c.freeOwnCert, c.freeOwnKey, c.freeEntropy, c.freeConfig, c.sslFree,
	} {
		f()
	}
}

func (c *Context) freeCA()      { c.crtFree(&c.ca) }
func (c *Context) freeOwnCert() { c.crtFree(&c.own) }
func (c *Context) freeOwnKey()  { c.pkFree(&c.ownKey) }
func (c *Context) freeEntropy() { c.free(&c.entropy) }

// freeConfig: mbedtls_ssl_config_free.
func (c *Context) freeConfig() {
	c.bn.Release(&c.dhm[0], &c.dhm[1])
	c.free(&c.keyCert)
}

// sslFree: mbedtls_ssl_free.
func (c *Context) sslFree() {
	c.free(&c.tx.p)
	c.free(&c.rx.p)
	c.free(&c.out)
	c.free(&c.in)
	if c.hs != nil {
		c.handshakeFree()
	}
	c.transformFree()
	c.chainFree(&c.peerCert)
	c.free(&c.peerDigest)
	c.free(&c.ticket)
	c.free(&c.session)
	c.free(&c.hostname)
}

func (c *Context) transformFree() {
	for i := range c.cipher {
		c.free(&c.cipher[i].aes)
		c.free(&c.cipher[i].gcm)
	}
	c.free(&c.transform)
}
