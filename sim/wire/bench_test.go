package wire

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// BenchmarkFrame measures a frame from one host's stack to another's: a byte
// goes to and fro on an established connection.
func BenchmarkFrame(b *testing.B) {
	for _, procs := range []int{1, 2} {
		b.Run(fmt.Sprint("procs=", procs), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			l := newLab(b, 1, 2, nil)
			l.echo(0)
			end := l.cables[0].Ends()[1]
			l.run(1, func(p *vtime.Proc) {
				c, err := l.hosts[1].Dial(p, addrOf(0), echoPort, time.Second)
				require.NoError(b, err)
				buf := make([]byte, 1)
				b.ReportAllocs()
				b.ResetTimer()
				before := end.Stats()
				for range b.N {
					if _, err := c.Write(p, buf, 0); err != nil {
						b.Fatal(err)
					}
					if _, err := c.Read(p, buf, 0); err != nil {
						b.Fatal(err)
					}
				}
				after := end.Stats()
				frames := after.Sent + after.Received - before.Sent - before.Received
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(frames), "ns/frame")
			})
		})
	}
}

// BenchmarkConnection measures a connection's life: dial, 300 bytes to and fro,
// close.
func BenchmarkConnection(b *testing.B) {
	for _, procs := range []int{1, 2} {
		b.Run(fmt.Sprint("procs=", procs), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			l := newLab(b, 1, 2, nil)
			l.echo(0)
			l.run(1, func(p *vtime.Proc) {
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N {
					c, err := l.hosts[1].Dial(p, addrOf(0), echoPort, time.Second)
					if err == nil {
						err = talk(p, c, 300)
					}
					if err != nil {
						b.Fatal(err)
					}
					c.Close()
					p.Sleep(time.Second)
				}
			})
		})
	}
}

// BenchmarkIdleDay measures a day of virtual time with one established
// connection that carries nothing.
func BenchmarkIdleDay(b *testing.B) {
	for range b.N {
		l := newLab(b, 1, 2, nil)
		l.echo(0)
		l.run(1, func(p *vtime.Proc) {
			_, err := l.hosts[1].Dial(p, addrOf(0), echoPort, time.Second)
			require.NoError(b, err)
		})
		l.pass(24 * time.Hour)
		l.close()
	}
}

// BenchmarkNewHost measures making and closing a host.
func BenchmarkNewHost(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		l := newLab(b, 1, 1, nil)
		l.close()
	}
}
