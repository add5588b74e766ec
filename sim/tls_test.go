package sim_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/mbedtls"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// cloudDevice is a device with a cloud link and the broker's host, one second
// after the connection is up.
func cloudDevice(t *testing.T, options ...string) (*sim.World, *sim.Device) {
	t.Helper()
	c := sdkconfig.Default("5.3.1")
	for i := 0; i < len(options); i += 2 {
		require.NoError(t, c.Set(options[i], options[i+1]))
	}
	w := sim.New(sim.Config{Seed: 1})
	t.Cleanup(w.Close)
	h, err := w.Host("broker")
	require.NoError(t, err)
	var console bytes.Buffer
	d, err := w.Device(sim.DeviceConfig{SDKConfig: c, Console: &console, Applications: []sim.Application{
		sim.CloudLink{Broker: netip.AddrPortFrom(h.Addr(), 8883)},
	}})
	require.NoError(t, err)
	_, err = w.Cable(d, h)
	require.NoError(t, err)
	require.NoError(t, d.ServeCloud(h, 8883, sim.TLSIdentity{}))
	require.NoError(t, w.RunUntil(func() bool { return d.TLSConnections() > 0 }, time.Minute), "console: %s", &console)
	require.NoError(t, w.Run(time.Second))
	return w, d
}

// tlsBytes is what TLS holds: esp_tls_t and all of mbedTLS, as requested.
func tlsBytes(d *sim.Device) (requested, blocks int) {
	d.Heap().Blocks(func(b heap.Block) bool {
		if b.Tag.Object == "tls cloud" {
			requested += int(b.Requested)
			blocks++
		}
		return true
	})
	return
}

// On the device a connection holds what the recordings say, and esp_tls_t. The
// recorded client has a certificate of its own and a host name of 18 characters.
func TestCloudLinkHoldsWhatWasRecorded(t *testing.T) {
	espTLS := func(c mbedtls.Config) int {
		z := mbedtls.SizesOf(&c)
		return int(z.Context+z.Config+z.CTRDRBG+z.Entropy+2*z.Crt+z.PK) + 64
	}
	for _, x := range []struct {
		name    string
		options []string
		estab   int // of the recording of a client without a certificate
	}{
		{"default", nil, 28457},
		{"keep no peer certificate", []string{"CONFIG_MBEDTLS_SSL_KEEP_PEER_CERTIFICATE", "n"}, 24242},
		{"variable buffer length", []string{"CONFIG_MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH", "y"}, 16169},
		{"dynamic buffers", []string{"CONFIG_MBEDTLS_DYNAMIC_BUFFER", "y", "CONFIG_MBEDTLS_DYNAMIC_FREE_CONFIG_DATA", "y"}, 5707},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, d := cloudDevice(t, x.options...)
			got, _ := tlsBytes(d)
			want := x.estab + espTLS(d.TLSConfig(mbedtls.Client, sim.TLSIdentity{})) - 1 // a shorter host name
			require.Equal(t, want, got)
			b, err := d.Budget()
			require.NoError(t, err)
			require.GreaterOrEqual(t, int(b.Part("DRAM", sim.PartTLS)), want)
		})
	}
}

// A broker that goes away costs the connection, and nothing remains of it.
func TestCloudLinkGivesBack(t *testing.T) {
	w, d := cloudDevice(t)
	w.Hosts()[0].PowerOff()
	require.NoError(t, w.RunUntil(func() bool { n, _ := tlsBytes(d); return n == 0 }, time.Hour))
	require.NoError(t, w.Hosts()[0].PowerOn())
	require.NoError(t, d.ServeCloud(w.Hosts()[0], 8883, sim.TLSIdentity{}))
	require.NoError(t, w.RunUntil(func() bool { return d.TLSConnections() == 2 }, time.Hour))
	require.Empty(t, d.Failures())
}

// Large buffers go where the sdkconfig says.
func TestTLSMemoryPlace(t *testing.T) {
	_, d := cloudDevice(t, "CONFIG_SPIRAM", "y", "CONFIG_MBEDTLS_EXTERNAL_MEM_ALLOC", "y")
	d.Heap().Blocks(func(b heap.Block) bool {
		if b.Tag.Object == "tls cloud" && !strings.HasPrefix(b.Tag.What, "esp_tls_") {
			require.GreaterOrEqual(t, b.Addr, heap.Addr(0x3F800000))
			require.Less(t, b.Addr, heap.Addr(0x3FC00000))
		}
		return true
	})
}

// In IRAM mode the two record buffers, whose sizes are beyond the smaller content
// length, are in IRAM, which malloc does not use.
func TestTLSBuffersInIRAM(t *testing.T) {
	_, d := cloudDevice(t, "CONFIG_FREERTOS_UNICORE", "y", "CONFIG_ESP32_IRAM_AS_8BIT_ACCESSIBLE_MEMORY", "y", "CONFIG_MBEDTLS_IRAM_8BIT_MEM_ALLOC", "y")
	iram := map[uint32]bool{}
	d.Heap().Blocks(func(b heap.Block) bool {
		if b.Tag.Object == "tls cloud" && b.Addr >= 0x40070000 && b.Addr < 0x400A0000 {
			iram[b.Requested] = true
		}
		return true
	})
	require.Equal(t, map[uint32]bool{16717: true, 4429: true}, iram)
}

// A server whose memory is used up by connections answers no more, and does when
// one of them is closed.
func TestHTTPSServer(t *testing.T) {
	srv := sim.HTTPSServer{}
	w := sim.New(sim.Config{Seed: 1})
	t.Cleanup(w.Close)
	h, err := w.Host("pc")
	require.NoError(t, err)
	var console bytes.Buffer
	d, err := w.Device(sim.DeviceConfig{Console: &console, Applications: []sim.Application{srv}})
	require.NoError(t, err)
	_, err = w.Cable(d, h)
	require.NoError(t, err)
	require.NoError(t, w.Run(5*time.Second))
	free := d.FreeHeap()
	var open []*sim.Browser
	refused, done := 0, false
	h.Go("browser", func(p *vtime.Proc) {
		for range 12 {
			b, err := d.Browse(p, h, srv)
			if err != nil {
				refused++
				continue
			}
			require.NoError(t, b.Get(p))
			open = append(open, b)
			if len(open) == 4 {
				break
			}
		}
		for _, b := range open {
			b.Conn.Close()
		}
		done = true
	})
	require.NoError(t, w.RunUntil(func() bool { return done }, time.Hour), "console: %s", &console)
	require.Len(t, open, 4, "console: %s", &console)
	require.NoError(t, w.Run(5*time.Minute))
	d.Heap().Blocks(func(b heap.Block) bool {
		require.NotContains(t, b.Tag.Object, "tls", "%v", b)
		return true
	})
	require.InDelta(t, free, d.FreeHeap(), 16) // a remainder too small to split off
}
