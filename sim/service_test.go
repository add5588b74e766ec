package sim_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

func service(t testing.TB, text string) sim.Application {
	app, err := sim.ParseService(text)
	require.NoError(t, err)
	return app
}

// blocksOf lists what an object holds, in the order of the requests.
func blocksOf(d *sim.Device, object string) (list []string, bytes int) {
	var all []heap.Block
	d.Heap().Blocks(func(b heap.Block) bool {
		if b.Tag.Object == object {
			all = append(all, b)
		}
		return true
	})
	for _, b := range all {
		list = append(list, b.Tag.What)
		bytes += int(b.Requested)
	}
	return list, bytes
}

// What each service holds after the start, as its structures add up in each
// release, and that all of it is in the budget.
func TestServicesOfReleases(t *testing.T) {
	for _, c := range []struct {
		idf, service, object string
		options              []string
		bytes                int
	}{
		// httpd_data, 8 pointers to handlers, 7 sessions, 8 headers, pointers to
		// handlers of errors
		{"4.4", "httpd", "httpd", nil, 1248 + 32 + 7*184 + 64 + 48},
		{"5.0", "httpd", "httpd", nil, 1264 + 32 + 7*184 + 64 + 48},
		{"5.3.1", "httpd", "httpd", nil, 1264 + 32 + 7*192 + 64 + 48},
		{"5.4", "httpd", "httpd", nil, 1264 + 32 + 7*192 + 64 + 52},
		{"5.5", "httpd", "httpd", nil, 784 + 32 + 7*192 + 64 + 52},
		{"5.3.1", "httpd max=4 handlers=10", "httpd", nil, 1264 + 40 + 4*192 + 64 + 48 + 10*16 + 9*6 + 7},
		{"5.3.1", "httpd", "httpd", []string{"CONFIG_HTTPD_MAX_REQ_HDR_LEN", "1024"}, 1264 + 512 + 32 + 7*192 + 64 + 48},
		{"5.3.1", "httpd", "httpd", []string{"CONFIG_HTTPD_WS_SUPPORT", "y"}, 1280 + 32 + 7*200 + 64 + 48},
		{"5.3.1", "httpd", "httpd", []string{"CONFIG_HTTPD_QUEUE_WORK_BLOCKING", "y"}, 1272 + 32 + 7*192 + 64 + 48 + 84},
		// sntp_storage_t, a semaphore, the UDP PCB; an entry of the list of timers is
		// lwIP's
		{"5.3.1", "sntp", "sntp", nil, 20 + 84 + 80},
		// mdns_server_t, queue of 16, semaphore and lock, esp_timer, host's name; for a
		// service itself, three texts and its item; the multicast group and the UDP PCB
		{"5.3.1", "mdns", "mdns", nil, 132 + 84 + 64 + 84 + 84 + 32 + 6 + 16 + 80},
		{"5.3.1", "mdns hostname=plc services=http,opcua-tcp", "mdns", nil, 132 + 84 + 64 + 84 + 84 + 32 + 4 + 2*(32+4+5+8) + 6 + 11 + 16 + 80},
		// client, error, lock, outbox and its list, event group, configuration, two
		// buffers, identifier, URI, scheme and host, event loop with queue and lock
		{"5.3.1", "mqtt", "mqtt client", nil, 248 + 24 + 84 + 16 + 8 + 36 + 136 + 2*1024 + 32 + len("mqtts://invalid AddrPort") + 1 + 6 + 11 + 24 + 84 + 16 + 84},
		{"5.3.1", "mqtt", "mqtt client", []string{"CONFIG_MQTT_USE_CUSTOM_CONFIG", "y", "CONFIG_MQTT_BUFFER_SIZE", "4096"},
			248 + 24 + 84 + 16 + 8 + 36 + 136 + 2*4096 + 32 + len("mqtts://invalid AddrPort") + 1 + 6 + 11 + 24 + 84 + 16 + 84},
	} {
		t.Run(c.idf+" "+c.service+strings.Join(c.options, "="), func(t *testing.T) {
			cfg := sdkconfig.Default(c.idf)
			for i := 0; i < len(c.options); i += 2 {
				require.NoError(t, cfg.Set(c.options[i], c.options[i+1]))
			}
			d, err := sim.Start(sim.DeviceConfig{SDKConfig: cfg, Applications: []sim.Application{service(t, c.service)}})
			require.NoError(t, err)
			defer d.World().Close()
			what, bytes := blocksOf(d, c.object)
			require.Equal(t, c.bytes, bytes, "%v", what)
			require.Empty(t, d.Failures())
			b, err := d.Budget()
			require.NoError(t, err)
			require.GreaterOrEqual(t, int(b.Part("DRAM", sim.PartServices)), bytes)
		})
	}
}

func TestParseServiceErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "one of these was expected: httpd [port=1..65535]",
		"ftpd":                `service "ftpd"`,
		"httpd max":           "KEY=VALUE was expected",
		"httpd mox=3":         "KEY=VALUE was expected",
		"httpd max=0":         "a number from 1 to 250 was expected",
		"httpd max=3 max=4":   "max is there twice",
		"mqtt broker=nowhere": "an address and a port",
	} {
		_, err := sim.ParseService(text)
		require.ErrorContains(t, err, want, text)
	}
}

// A server with too many sessions for lwIP's sockets does not start.
func TestHTTPServerNeedsSockets(t *testing.T) {
	_, err := sim.Start(sim.DeviceConfig{SDKConfig: configured(t, "CONFIG_ESP_SYSTEM_PANIC_PRINT_HALT", "y"), Applications: []sim.Application{service(t, "httpd max=8")}})
	require.ErrorContains(t, err, "max_open_sockets 8 is too large (max allowed 7")
}

// A server answers requests, closes the least recently used session for a new
// one, and gives back all memory.
func TestHTTPServer(t *testing.T) {
	for _, idf := range []string{"5.3.1", "5.5"} {
		t.Run(idf, func(t *testing.T) {
			w := newWorld(t)
			pc := newHost(t, w, "pc")
			d := newDevice(t, w, sim.DeviceConfig{SDKConfig: sdkconfig.Default(idf), Applications: []sim.Application{sim.HTTPServer{MaxOpenSockets: 3, LRUPurge: true, Response: 3000}}})
			newCable(t, w, d, pc)
			require.NoError(t, w.Run(5*time.Second))
			free, err := 0, error(nil)
			free = int(d.FreeHeap())
			answered := 0
			pc.Go("browser", func(p *vtime.Proc) {
				for range 5 {
					c, e := pc.Dial(p, d.Addr(), 80, 10*time.Second)
					if err = e; err != nil {
						return
					}
					if _, err = c.Write(p, []byte("GET / HTTP/1.1\r\nHost: "+strings.Repeat("x", 300)+"\r\n\r\n"), time.Second); err != nil {
						return
					}
					got, buf := 0, make([]byte, 4096)
					for got < 3000 {
						n, e := c.Read(p, buf, 10*time.Second)
						if err = e; err != nil {
							return
						}
						got += n
					}
					answered++
				}
			})
			require.NoError(t, w.RunUntil(func() bool { return answered == 5 || err != nil }, time.Minute))
			require.NoError(t, err)
			require.Equal(t, 3+3, d.Net().Sockets(), "three of five connections are open, and the server's own three")
			require.NoError(t, w.Run(10*time.Minute))
			pc.PowerOff()
			require.NoError(t, w.Run(3*time.Hour))
			require.InDelta(t, free, int(d.FreeHeap()), 3*1300, "three sessions that nobody ends")
			require.Empty(t, d.Failures())
		})
	}
}

// The client sets the time from a server, again after an hour, and tries again
// when none answers.
func TestSNTP(t *testing.T) {
	w := newWorld(t)
	ntp := newHost(t, w, "ntp")
	var synced []time.Duration
	d := newDevice(t, w, sim.DeviceConfig{Applications: []sim.Application{sim.SNTP{Servers: []string{ntp.Addr().String()}, Synced: func(unix time.Duration) { synced = append(synced, unix) }}}})
	newCable(t, w, d, ntp)
	asked := 0
	require.NoError(t, w.Run(2*time.Minute))
	require.Empty(t, synced, "nobody answers")
	sock, err := ntp.ListenUDP(123)
	require.NoError(t, err)
	ntp.Go("ntpd", func(p *vtime.Proc) {
		buf := make([]byte, 100)
		for {
			n, from, err := sock.ReceiveFrom(p, buf, 24*time.Hour)
			if err != nil {
				return
			}
			asked++
			require.Equal(t, 48, n)
			require.Equal(t, byte(0x23), buf[0])
			answer := make([]byte, 48)
			answer[0], answer[1] = 0x24, 2
			binary.BigEndian.PutUint32(answer[40:], 2208988800+1_700_000_000)
			binary.BigEndian.PutUint32(answer[44:], 1<<31)
			_ = sock.SendTo(answer, from)
		}
	})
	require.NoError(t, w.RunUntil(func() bool { return len(synced) == 1 }, 10*time.Minute))
	require.Equal(t, 1_700_000_000*time.Second+500*time.Millisecond, synced[0])
	require.NoError(t, w.Run(time.Hour+time.Minute))
	require.Len(t, synced, 2)
	require.Equal(t, 2, asked)
}
