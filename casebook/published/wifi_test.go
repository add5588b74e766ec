package published

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// A rank is a column of Espressif's table of Wi-Fi configurations for the plain
// ESP32, with the memory that was available, in tenths of a kilobyte.
type rank struct {
	name                        string
	available                   int
	staticRx, dynRx, dynTx, win int
	sndBuf, wnd                 int // kilobytes
}

var ranks = []rank{
	{"Iperf", 371, 16, 64, 64, 32, 65, 65},
	{"TX prior", 1138, 6, 16, 28, 8, 28, 16},
	{"High-performance", 1233, 6, 24, 24, 12, 24, 24},
	{"RX prior", 1455, 6, 34, 18, 12, 18, 34},
	{"Default", 1445, 6, 20, 20, 10, 20, 20},
	{"Memory saving", 1702, 6, 12, 12, 6, 12, 12},
	{"Minimum", 1852, 4, 8, 8, 0, 8, 8},
}

// settled is the rank from which the size of static memory is taken.
const settled = 4

func (r rank) config(t *testing.T) *sdkconfig.Config {
	kb := func(n int) string { return fmt.Sprint(min(n*1024, 65535)) }
	c := set(t, sdkconfig.Default("5.3.1"), "ESP_WIFI_STATIC_RX_BUFFER_NUM="+fmt.Sprint(r.staticRx), "ESP_WIFI_DYNAMIC_RX_BUFFER_NUM="+fmt.Sprint(r.dynRx),
		"ESP_WIFI_DYNAMIC_TX_BUFFER_NUM="+fmt.Sprint(r.dynTx), "LWIP_TCP_SND_BUF_DEFAULT="+kb(r.sndBuf), "LWIP_TCP_WND_DEFAULT="+kb(r.wnd), "LWIP_IRAM_OPTIMIZATION=y")
	if r.win == 0 {
		return set(t, c, "ESP_WIFI_AMPDU_RX_ENABLED=n")
	}
	return set(t, c, "ESP_WIFI_RX_BA_WIN="+fmt.Sprint(r.win))
}

// wifiRanks writes the table of free memory by rank.
func wifiRanks(t *testing.T, b *strings.Builder) {
	free := make([]int, len(ranks))     // after the start
	sending := make([]int, len(ranks))  // lowest while TCP sends
	received := make([]int, len(ranks)) // lowest while TCP receives
	peak := func(r rank) int { return 1600 * (r.dynRx + r.dynTx) }
	for i, r := range ranks {
		d := start(t, sim.DeviceConfig{SDKConfig: r.config(t), Interface: sim.WiFi})
		free[i] = int(d.FreeHeap())
		sending[i], received[i] = traffic(t, r, true), traffic(t, r, false)
	}
	// The size of static memory is not published: it moves all ranks alike.
	offset := ranks[settled].available*1000/10 - (free[settled] - peak(ranks[settled]))
	sendOffset := ranks[settled].available*1000/10 - sending[settled]
	var rows [][]string
	for i, r := range ranks {
		published := r.available * 100
		documented, sent := free[i]-peak(r)+offset, sending[i]+sendOffset
		rows = append(rows, []string{r.name, number(published), number(documented), signed(documented - published), number(sent), signed(sent - published),
			number(free[i] - received[i])})
	}
	fmt.Fprintf(b, `
## Free memory by Wi-Fi rank

Source: ESP-IDF's documentation, "How to Improve Wi-Fi Performance", plain ESP32.
The source gives the options of each rank and the "available memory" in tenths of
1,000 bytes. It does not say of which program, at which instant, or under which
load. Two readings are tried. The first is what is free after the start, less the
peak of the Wi-Fi driver that the same page documents (the dynamic buffers of both
directions, 1.6 KB each). The second is the lowest free memory while the model
sends over TCP for half a second. The size of static memory is settled on
rank %q for each reading.
`, ranks[settled].name)
	table(b, []string{"rank", "published", "after the start less the documented peak", "difference", "lowest while TCP sends", "difference", "taken at most while TCP receives"}, rows)
	b.WriteString(`
What the first reading explains are the three ranks whose receive and send buffers
are alike in number and small: Default, Memory saving and Minimum. Between Default
and RX prior the published memory *rises* by 1,000 bytes although RX prior has 12
buffers of 1.6 KB more, and between Default and High-performance it falls by 21,200
for 8: no formula of these options alone gives both. Missing are the program, the
load and its time; the model's clients receive without delay, so that received
buffers do not pile up as they do on a chip whose CPU is busy.
`)
	for i, name := range map[int]string{5: "Memory saving", 6: "Minimum"} {
		require.Equal(t, name, ranks[i].name)
		require.InDelta(t, ranks[i].available*100, free[i]-peak(ranks[i])+offset, 1100, name)
	}
}

// traffic runs a TCP stream in one direction for half a second and returns the
// lowest free memory of the device's default heap.
func traffic(t *testing.T, r rank, send bool) int {
	w := sim.New(sim.Config{Seed: 1})
	defer w.Close()
	var fail error
	d, err := w.Device(sim.DeviceConfig{SDKConfig: r.config(t), Interface: sim.WiFi, Firmware: iperf{send, &fail}})
	require.NoError(t, err)
	pc, err := w.Host("pc")
	require.NoError(t, err)
	_, err = w.Cable(d, pc)
	require.NoError(t, err)
	require.NoError(t, w.Run(time.Second))
	moved := 0
	pc.Go("iperf", func(p *vtime.Proc) {
		c, err := pc.Dial(p, d.Addr(), 5001, time.Second)
		if err != nil {
			fail = err
			return
		}
		buf := make([]byte, 16384)
		for {
			n := 0
			if send {
				n, err = c.Read(p, buf, time.Second)
			} else {
				n, err = c.Write(p, buf, time.Second)
			}
			if err != nil {
				return
			}
			moved += n
		}
	})
	require.NoError(t, w.Run(500*time.Millisecond))
	require.NoError(t, fail)
	require.Greater(t, moved, 200_000)
	return int(d.MinimumFreeHeap())
}

// iperf is a firmware with a TCP server on port 5001 that sends or receives for
// ever.
type iperf struct {
	send bool
	fail *error
}

func (f iperf) Main(a *sim.App) {
	a.StartNetwork(func(e *sim.App) {
		_, err := e.CreateTask("iperf_traffic", 4096, 4, freertos.NoAffinity, f.serve)
		if err != nil {
			*f.fail = err
		}
	})
}

func (f iperf) serve(a *sim.App) {
	s := a.Device().Net()
	fd, err := s.Socket(a.Task, lwipmodel.SockStream)
	*f.fail = errors.Join(err, s.Bind(a.Task, fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 5001)), s.Listen(a.Task, fd, 1))
	c, err := s.Accept(a.Task, fd)
	*f.fail = errors.Join(*f.fail, err)
	buf := make([]byte, 16384) // static data of the program
	for err == nil {
		if f.send {
			_, err = s.Send(a.Task, c, buf, 0)
		} else {
			_, err = s.Recv(a.Task, c, buf, 0)
		}
	}
	a.Delete()
}
