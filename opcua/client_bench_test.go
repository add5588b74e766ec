package opcua

import (
	"testing"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// BenchmarkClientLifecycle is connect, HEL, OPN, session, read, close against a
// scripted server in memory, which decodes and encodes as much as the client.
func BenchmarkClientLifecycle(b *testing.B) {
	l := vtime.New(1)
	defer l.Close()
	s := newClientPeer(l)
	b.ReportAllocs()
	l.Go("client", func(p *vtime.Proc) {
		for range b.N {
			c, err := Dial(p, s, clientTestConfig())
			if err != nil {
				b.Error(err)
				return
			}
			if _, err := c.Read("i=2258"); err != nil {
				b.Error(err)
			}
			if err := c.Close(); err != nil {
				b.Error(err)
			}
			s.log, s.conns = s.log[:0], s.conns[:0]
		}
	})
	if err := l.Run(time.Duration(b.N+1) * time.Hour); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkClientNotification is one Publish request and its answer.
func BenchmarkClientNotification(b *testing.B) {
	l := vtime.New(1)
	defer l.Close()
	s := newClientPeer(l)
	b.ReportAllocs()
	l.Go("client", func(p *vtime.Proc) {
		c, err := Dial(p, s, clientSubscribed("i=2258"))
		if err != nil {
			b.Error(err)
			return
		}
		if _, err := c.Subscribe(SubscriptionConfig{}); err != nil {
			b.Error(err)
		}
		if err := c.Stay(time.Duration(b.N) * time.Second); err != nil {
			b.Error(err)
		}
		s.log = nil
	})
	if err := l.Run(time.Duration(b.N+10) * time.Second); err != nil {
		b.Fatal(err)
	}
}
