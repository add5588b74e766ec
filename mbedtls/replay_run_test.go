package mbedtls

import (
	"errors"
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// phase is one of the model's, as the recording program has them.
type phase struct {
	name   string
	notes  []string
	fails  string // the code that the step returns, which a note tells in its own words
	events []event
	f      figures
}

// run puts the model through a whole connection.
func run(cfg *Config) ([]phase, error) {
	r := &recorder{live: map[heap.Addr]event{}}
	c, err := New(r, *cfg)
	if err != nil {
		return nil, err
	}
	var phases []phase
	var m meter
	do := func(name string, f func(p *phase) error) error {
		p := phase{name: name}
		m.begin()
		before := len(r.events)
		if err := f(&p); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		p.events = r.events[before:len(r.events):len(r.events)]
		for _, e := range p.events {
			m.event(e)
		}
		p.f = m.f
		phases = append(phases, p)
		return nil
	}
	plain := func(name string, f func()) error {
		return do(name, func(*phase) error { return c.step(setupStream, f) })
	}
	nothing := func() {}
	type part struct {
		name string
		f    func()
		when bool
	}
	free := func() error {
		for _, x := range []part{
			{"free:ca", c.freeCA, true}, {"free:own_cert", c.freeOwnCert, true}, {"free:own_key", c.freeOwnKey, true},
			{"free:entropy", c.freeEntropy, true}, {"free:config", c.freeConfig, true}, {"free:drbg", nothing, true},
			{"free:ssl", c.sslFree, true},
		} {
			if err := plain(x.name, x.f); err != nil {
				return err
			}
		}
		return nil
	}
	own := len(cfg.Own) > 0
	for _, x := range []part{
		{"ctx_init", nothing, true},
		{"drbg_seed", c.drbgSeed, true},
		{"set_hostname", c.setHostname, cfg.Role == Client},
		{"config_defaults", c.configDefaults, true},
		{"parse_ca", c.parseCA, cfg.CA != nil},
		{"parse_own_cert", c.parseOwnCert, own},
		{"parse_own_key", c.parseOwnKey, own},
		{"conf_own_cert", c.confOwnCert, own},
		{"ssl_setup", c.sslSetup, true},
	} {
		if x.when {
			if err := plain(x.name, x.f); err != nil {
				return nil, err
			}
		}
	}
	for c.State() != HandshakeOver {
		err := do("hs:"+c.State().String(), func(p *phase) error {
			err := c.Step()
			var full *BufferTooSmallError
			if errors.As(err, &full) {
				p.fails = "-0x6a00"
				return nil
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if phases[len(phases)-1].fails != "" {
			return phases, free()
		}
	}
	suite := "RSA"
	key := cfg.OwnKey
	if cfg.Role == Client {
		key = cfg.Peer.Chain[0].Key
	}
	if key.Type == ECDSA {
		suite = "ECDSA"
	}
	note := fmt.Sprintf("TLSv1.2 TLS-ECDHE-%s-WITH-AES-256-GCM-SHA384; records sent so far %d B, received %d B", suite, c.sent, c.received)
	if err := do("established", func(p *phase) error { p.notes = []string{note}; return nil }); err != nil {
		return nil, err
	}
	for _, n := range []int{100, 1000, 4000} {
		if err := do(fmt.Sprintf("send:%d", n), func(*phase) error { return c.Write(n) }); err != nil {
			return nil, err
		}
	}
	failed := false
	for _, n := range []int{100, 4000, 16000} {
		err := do(fmt.Sprintf("recv:%d", n), func(p *phase) error {
			limit := 16384
			if cfg.MaxFragmentLength != 0 {
				limit = cfg.MaxFragmentLength
			}
			for got := 0; got < n; {
				k := min(limit, n-got)
				if err := c.Read(k); err != nil {
					p.notes = append(p.notes, fmt.Sprintf("ssl_read failed: -0x7100 after %d of %d bytes", got, n))
					failed = true
					return nil
				}
				got += k
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if !failed {
		if err := plain("recv:want_read", nothing); err != nil {
			return nil, err
		}
	}
	if err := do("close_notify", func(*phase) error { return c.CloseNotify() }); err != nil {
		return nil, err
	}
	return phases, free()
}
