package published

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/mbedtls"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// figures are a row of the case study: the peaks of three tasks, and what was
// free at least, in bytes.
type figures struct {
	aws, awsIRAM, tiT, wifi, dram, iram int
}

// A step of the case study adds options to those before it.
type step struct {
	name    string
	options []string
	figures
}

var steps = []step{
	{"0 default", []string{"MBEDTLS_ASYMMETRIC_CONTENT_LEN=n", "HEAP_POISONING_LIGHT=y", "HEAP_TASK_TRACKING=y", "ESP_IPC_TASK_STACK_SIZE=1024"}, figures{63124, 0, 3840, 31064, 152976, 40276}},
	{"1 one core", []string{"FREERTOS_UNICORE=y", "ESP32_ALLOW_RTC_FAST_MEM_AS_HEAP=n"}, figures{63124, 0, 3892, 31192, 162980, 76136}},
	{"2 OUT 2048", []string{"MBEDTLS_ASYMMETRIC_CONTENT_LEN=y", "MBEDTLS_SSL_OUT_CONTENT_LEN=2048"}, figures{48784, 0, 3892, 30724, 177972, 76136}},
	{"3 dynamic buffers", []string{"MBEDTLS_DYNAMIC_BUFFER=y", "MBEDTLS_DYNAMIC_FREE_PEER_CERT=y", "MBEDTLS_DYNAMIC_FREE_CONFIG_DATA=y"}, figures{26268, 0, 3648, 30724, 203648, 76136}},
	{"4 small Wi-Fi and lwIP", []string{"ESP32_WIFI_STATIC_RX_BUFFER_NUM=4", "ESP32_WIFI_DYNAMIC_TX_BUFFER_NUM=16", "ESP32_WIFI_DYNAMIC_RX_BUFFER_NUM=8",
		"ESP32_WIFI_AMPDU_RX_ENABLED=n", "LWIP_TCPIP_RECVMBOX_SIZE=16", "LWIP_TCP_SND_BUF_DEFAULT=6144", "LWIP_TCP_WND_DEFAULT=6144",
		"LWIP_TCP_RECVMBOX_SIZE=8", "LWIP_UDP_RECVMBOX_SIZE=8", "ESP32_WIFI_IRAM_OPT=y", "ESP32_WIFI_RX_IRAM_OPT=y", "LWIP_IRAM_OPTIMIZATION=y"}, figures{26272, 0, 4108, 19816, 213712, 62920}},
	{"5 RTC memory as heap", []string{"ESP32_ALLOW_RTC_FAST_MEM_AS_HEAP=y"}, figures{26272, 0, 4096, 19536, 221792, 62892}},
	{"6 TLS in IRAM", []string{"ESP32_IRAM_AS_8BIT_ACCESSIBLE_MEMORY=y", "MBEDTLS_IRAM_8BIT_MEM_ALLOC=y"}, figures{17960, 21216, 3640, 19536, 228252, 40432}},
}

// perCore is the static memory of a core beside its interrupt stack, in the branch:
// 32 interrupt handlers of 8 bytes and 64 exception handlers of 4 (freertos/xtensa/
// xtensa_intr_asm.S), owners of the coprocessor (xtensa_vectors.S), 16 hooks
// (esp_common/src/freertos_hooks.c), and the words of port.c, tasks.c, ipc.c,
// dport_access.c and intr_alloc.c.
const perCore = 32*8 + 64*4 + 8*4 + 16*4 + 4*4 + 3*4 + 7*4 + 4*4 + 3*4

// caseStudy writes the table of Espressif's memory case study.
func caseStudy(t *testing.T, b *strings.Builder) {
	run := func(static uint32, iramEnd heap.Addr) (out []figures) {
		c := sdkconfig.Default("4.4")
		for i, s := range steps {
			c = set(t, c, s.options...)
			end, data := iramEnd, static
			if i > 0 {
				// Of each core: its interrupt stack, and what the branch's sources have in
				// arrays with an element a core.
				data -= uint32(c.FreeRTOS.ISRStackSize) + perCore
			}
			if end != 0 && i > 0 { // what the options of the step do to the code
				end -= 3092
				if i >= 4 {
					end += 13 << 10
				}
			}
			out = append(out, aws(t, sim.DeviceConfig{SDKConfig: c, Interface: sim.WiFi, Static: data, IRAMEnd: end}))
		}
		return out
	}
	// The sizes of static memory and of code are not published: they are what row 0
	// leaves free.
	const guess, guessIRAM = 31488, heap.Addr(0x400971DC)
	first := run(guess, guessIRAM)[0]
	static := uint32(guess + first.dram - steps[0].dram)
	iram := heap.Addr(int(guessIRAM)+first.iram-steps[0].iram) &^ 3
	model := run(static, iram)

	b.WriteString(fmt.Sprintf(`
## Espressif's memory case study

Source: "ESP32 Memory Analysis: Case Study" (Mahavir Jain, June 2020), and the sources
that it names: mahavirj/esp-idf, branch feature/memory_optimizations of May 2020 (on
the way to 4.2), with mahavirj/esp-aws-iot's example subscribe_publish of that branch:
TLS with certificates on both sides over Wi-Fi, light heap poisoning and heap task
tracking on. Options are cumulative. Peaks of a task are of the blocks that it
allocated, in requested bytes rounded up to 4, as its tracker counts; "free" is the
least ever.

The model: ESP-IDF 4.4's heap with poisoning and task tracking, FreeRTOS and lwIP,
mbedTLS 2.16.9 with the port of 4.3, a Wi-Fi station; ipc's stacks and what a core has
in static memory are the branch's. The example's task is made before the address is
there, with its MQTT client's three locks. Assumed: a server that sends four RSA
certificates of 1390, 1062, 1114 and 1107 bytes and takes the client's first group for
the key exchange, which is secp521r1 for mbedTLS 2.16; with secp256r1 the peaks of rows
0 to 2 would be 4.3 KB lower. Settled on row 0: that group, static memory (%s bytes) and
code in IRAM (its end at %v), from what is free there; on rows 0 to 3 together: the rest
of the Wi-Fi driver's task (sim/wifi.go). Rows 4 to 6 are predictions.
`, number(int(static)), iram))
	var rows [][]string
	for i, s := range steps {
		m := model[i]
		rows = append(rows, []string{s.name, number(s.aws), number(m.aws), signed(m.aws - s.aws), number(s.awsIRAM), number(m.awsIRAM),
			number(s.tiT), number(m.tiT), number(s.wifi), number(m.wifi), signed(m.wifi - s.wifi)})
	}
	b.WriteString("\nPeaks of three tasks:\n")
	table(b, []string{"step", "aws_iot_task", "model", "difference", "in IRAM", "model", "tiT", "model", "wifi", "model", "difference"}, rows)
	rows = nil
	for i, s := range steps {
		m := model[i]
		change, changed := "", ""
		verdict := "settled"
		if i > 0 {
			p := steps[i-1]
			q := model[i-1]
			change, changed = signed(s.dram-p.dram), signed(m.dram-q.dram)
			miss := (m.dram - q.dram) - (s.dram - p.dram)
			limit := max(512, (s.dram-p.dram)/20)
			verdict = "within the aim"
			if max(miss, -miss) > limit {
				verdict = fmt.Sprintf("off by %s", signed(miss))
			}
		}
		rows = append(rows, []string{s.name, number(s.dram), number(m.dram), signed(m.dram - s.dram), change, changed, verdict,
			number(s.iram), number(m.iram), signed(m.iram - s.iram)})
	}
	b.WriteString("\nLeast free memory, and the change from the row before (aim: within 5 % or 512 bytes):\n")
	table(b, []string{"step", "free DRAM", "model", "difference", "change", "model", "", "free IRAM", "model", "difference"}, rows)
	b.WriteString(gaps)
	if *rewrite {
		return
	}
	for _, i := range []int{2, 3, 4, 5} { // the rows that the sources explain
		change, changed := steps[i].dram-steps[i-1].dram, model[i].dram-model[i-1].dram
		require.InDelta(t, change, changed, max(512, float64(change)*0.05), steps[i].name)
	}
	for i, s := range steps {
		require.InDelta(t, s.dram, model[i].dram, float64(s.dram)*0.03, s.name)
		require.InDelta(t, s.aws, model[i].aws, float64(s.aws)*0.02, s.name)
		require.InDelta(t, s.wifi, model[i].wifi, float64(s.wifi)*0.25, s.name)
	}
	require.Equal(t, steps[6].awsIRAM, model[6].awsIRAM, "the peak in IRAM is exact")
	require.Equal(t, 16384-2048, model[1].aws-model[2].aws, "the send buffer")
}

// gaps says what the sources do not explain.
const gaps = `
What does not come out, and what is missing:

- aws_iot_task: 20 bytes in rows 0 to 2, 132 to 288 where buffers come and go. The
  server's chain of that day is not known. Row 2 less row 1 is exact (14,336 for the
  send buffer; published 14,340), and so are the 21,216 bytes in IRAM.
- Row 1, free DRAM: of the 10,004 bytes that the second core gives back, 7,408 are
  found: idle and ipc tasks, ipc's semaphores, the ROM's data, the interrupt stack and
  the tables of interrupts and exceptions, all with the branch's sizes. The rest is no
  allocation and no array of those sources. What remains is what happens at one instant:
  with two cores the driver and lwIP work while the task computes on the other core,
  with one they wait, and a received frame is 1.6 KB. That the row after it gains 656
  bytes more than the 14,336 of its option shows how much such an instant weighs.
- Row 4, wifi: the model's driver keeps 1.3 KB more than published. The source
  prints the option as CONFIG_ESP32_WIFI_AMPDU_RX_ENABLED=, an empty value, which the
  branch's confgen.py reads as n. So AMPDU was off from that row on; what it takes is in
  no source, since the driver is a closed library.
- Row 6: a gain of 736 bytes more than published. Of these 156 are the task's (its peak
  is 288 too low there, 132 in the row before); the peak is now among small blocks.
- tiT: 4,856 at most against 3,840: the four frames of the server's chain come at
  once here.
`

// aws starts the device of one step, lets it connect and exchange messages, and
// returns its figures.
func aws(t *testing.T, cfg sim.DeviceConfig) figures {
	w := sim.New(sim.Config{Seed: 1})
	defer w.Close()
	f := &awsIoT{tracker: tracker{now: map[string]int{}, peak: map[string]int{}}}
	f.iram8 = cfg.SDKConfig.MbedTLS.MemAlloc == sdkconfig.MbedTLSIRAM8Bit
	f.tls = tlsConfig(cfg.SDKConfig)
	cfg.Firmware = f
	d, err := w.Device(cfg)
	require.NoError(t, err)
	cloud, err := w.Host("cloud")
	require.NoError(t, err)
	_, err = w.Cable(d, cloud)
	require.NoError(t, err)
	f.server = netip.AddrPortFrom(cloud.Addr(), 8883)
	listener, err := cloud.Listen(8883, 5)
	require.NoError(t, err)
	cloud.Go("broker", func(p *vtime.Proc) {
		conn, err := listener.Accept(p, time.Minute)
		if err != nil {
			return
		}
		buf := make([]byte, 16384)
		for _, answer := range []int{5300, 60, 300, 300, 300} { // hello to done, finished, messages
			if _, err := conn.Read(p, buf, time.Minute); err != nil {
				return
			}
			if _, err := conn.Write(p, buf[:answer], time.Minute); err != nil {
				return
			}
		}
	})
	require.NoError(t, w.Run(20*time.Second))
	require.NoError(t, f.err)
	require.True(t, f.done)
	require.Empty(t, d.Failures())
	iram := 0
	for _, r := range d.Heap().Regions() {
		if r.Name == "IRAM" {
			iram += int(r.Info.MinimumFreeBytes)
		}
	}
	return figures{f.peak["aws_iot_task"], f.peak["aws_iot_task IRAM"], f.peak["tiT"], f.peak["wifi"], int(d.MinimumFreeHeap()), iram}
}

// tlsConfig is the client's end of the connection.
func tlsConfig(c *sdkconfig.Config) mbedtls.Config {
	m := c.MbedTLS
	cert := func(der, rdns int) mbedtls.Certificate {
		return mbedtls.Certificate{DER: der, RDNs: rdns, Key: mbedtls.RSA2048()}
	}
	ca := cert(905, 4)
	return mbedtls.Config{
		Version: mbedtls.V2_16_9, Role: mbedtls.Client, Hardware: true,
		InContentLen: m.InContentLen(), OutContentLen: m.OutContentLen(),
		DynamicBuffer: m.DynamicBuffer, DynamicFreeConfigData: m.DynamicFreeConfigData, DynamicFreeCACert: m.DynamicFreeCACert,
		KeepPeerCertificate: !m.DynamicFreePeerCert,
		Hostname:            "a1b2c3d4e5f6g7-ats.iot.us-east-1.amazonaws.com",
		CA:                  &ca, Own: []mbedtls.Certificate{cert(875, 5)}, OwnKey: mbedtls.RSA2048(),
		Peer: mbedtls.Peer{RequestsCertificate: true, SECP521R1: true, Chain: []mbedtls.Certificate{cert(1390, 3), cert(1062, 5), cert(1114, 5), cert(1107, 5)}},
		Seed: 1,
	}
}

// tracker counts, as heap task tracking does, what each task holds.
type tracker struct{ now, peak map[string]int }

func (k *tracker) key(b heap.Block) string {
	if strings.HasPrefix(b.Tag.What, "l2_") {
		return "wifi" // the driver's task takes and gives frames
	}
	if b.Region == "IRAM" {
		return b.Tag.Task + " IRAM"
	}
	return b.Tag.Task
}

// Alloc implements heap.Hook.
func (k *tracker) Alloc(_ heap.Addr, _ uint32, b heap.Block) {
	if b.Tag.What == "stack" || b.Tag.What == "TCB" {
		return // the creator's
	}
	k.now[k.key(b)] += int(b.Requested+3) &^ 3
	k.peak[k.key(b)] = max(k.peak[k.key(b)], k.now[k.key(b)])
}

// Free implements heap.Hook.
func (k *tracker) Free(_ heap.Addr, b heap.Block) {
	if b.Tag.What != "stack" && b.Tag.What != "TCB" {
		k.now[k.key(b)] -= int(b.Requested+3) &^ 3
	}
}

// awsIoT is the example's firmware: its task connects, does the handshake and
// exchanges messages.
type awsIoT struct {
	tracker
	tls    mbedtls.Config
	iram8  bool
	server netip.AddrPort
	err    error
	done   bool
}

func (f *awsIoT) Main(a *sim.App) {
	a.Heap().AddHook(f)
	connected, err := freertos.NewEventGroup(a.Device().Kernel(), "wifi_event_group")
	a.StartNetwork(func(*sim.App) { connected.SetBits(1) })
	core := freertos.Core1
	if a.Device().Config().SDKConfig.FreeRTOS.Unicore {
		core = freertos.Core0
	}
	_, f.err = a.CreateTask("aws_iot_task", 9216, 5, core, func(t *sim.App) {
		for range 3 { // aws_iot_mqtt_init with _ENABLE_THREAD_SUPPORT_
			if _, err := freertos.NewRecursiveMutex(t.Device().Kernel(), "aws iot client"); err != nil {
				f.err = err
			}
		}
		connected.WaitBits(1, false, true, freertos.MaxDelay)
		f.task(t)
	})
	f.err = errors.Join(f.err, err)
}

func (f *awsIoT) task(a *sim.App) {
	s := a.Device().Net()
	buf := make([]byte, 16384) // the records, which TLS holds in its own buffers
	var c *mbedtls.Context
	exchange := func(fd, send int) error {
		_, err := s.Send(a.Task, fd, buf[:send], 0)
		if err == nil {
			_, err = s.Recv(a.Task, fd, buf, 0)
		}
		return err
	}
	f.err = func() error {
		fd, err := s.Socket(a.Task, lwipmodel.SockStream)
		if err != nil {
			return err
		}
		if err := s.Connect(a.Task, fd, f.server); err != nil {
			return err
		}
		if c, err = mbedtls.New(&tlsMemory{a, f.iram8, min(f.tls.InContentLen, f.tls.OutContentLen)}, f.tls); err != nil {
			return err
		}
		if err := errors.Join(c.Setup(), exchange(fd, 234), c.Handshake(), exchange(fd, 1700)); err != nil {
			return err
		}
		for range 3 {
			if err := errors.Join(c.Write(200), exchange(fd, 229), c.Read(200)); err != nil {
				return err
			}
		}
		f.done = true
		return nil
	}()
	a.Delay(1 << 30)
}

// tlsMemory is mbedtls_calloc (components/mbedtls/port/esp_mem.c): internal
// memory, or IRAM first for large blocks.
type tlsMemory struct {
	a     *sim.App
	iram8 bool
	large int
}

func (m *tlsMemory) Calloc(what string, size uint32) (p heap.Addr) {
	m.a.Within("tls", func() {
		if m.iram8 && int(size) >= m.large {
			p = m.a.CapsCalloc(what, size, heap.CapIRAM8Bit)
		}
		if p == 0 {
			p = m.a.CapsCalloc(what, size, heap.CapInternal|heap.Cap8Bit)
		}
	})
	return p
}

func (m *tlsMemory) Free(p heap.Addr) {
	if p != 0 {
		m.a.Free(p)
	}
}
