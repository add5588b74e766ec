package sdkconfig

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDefaultDiffersByRelease checks what releases are known to differ in; testdata/kconfig checks everything else.
func TestDefaultDiffersByRelease(t *testing.T) {
	for _, test := range []struct {
		version                             string
		ipc, window, sockets                int
		picolibc, keepPeerCertificate, ipv4 bool
	}{
		{"4.4.0", 1536, 5744, 16, false, true, true},
		{"4.4", 1536, 5760, 16, false, true, true},
		{"5.0", 1024, 5760, 16, false, true, true},
		{"5.1.2", 1024, 5744, 16, false, true, true},
		{"5.3.1", 1024, 5760, 16, false, true, true},
		{"5.3.5", 1024, 5760, 253, false, true, true},
		{"v5.5.1", 1024, 5760, 253, false, true, true},
		{"6.0", 1024, 5760, 253, true, false, true},
	} {
		c := Default(test.version)
		require.Equal(t, test.ipc, c.System.IPCTaskStackSize, test.version)
		require.Equal(t, test.window, c.LWIP.TCPWndDefault, test.version)
		require.Equal(t, test.window, c.LWIP.TCPSndBufDefault, test.version)
		require.Equal(t, test.picolibc, c.LibC.Picolibc, test.version)
		require.Equal(t, test.keepPeerCertificate, c.MbedTLS.SSLKeepPeerCertificate, test.version)
		require.Equal(t, test.ipv4, c.LWIP.IPv4, test.version)
		require.Equal(t, 1536, c.FreeRTOS.IdleTaskStackSize, test.version)
		require.Equal(t, 6, c.LWIP.TCPAcceptmboxSize, test.version)
		require.True(t, c.System.TaskWDTInit, test.version)
		require.True(t, c.FreeRTOS.TLSPDeletionCallbacks, test.version)
		require.Equal(t, NoAffinity, c.FreeRTOS.TimerServiceTaskAffinity, test.version)
		require.Equal(t, NoAffinity, c.LWIP.TCPIPTaskAffinity, test.version)
		require.Equal(t, Core0, c.System.TimerTaskAffinity, test.version)
		require.Equal(t, "Tmr Svc", c.FreeRTOS.TimerServiceTaskName, test.version)
		_, high, _ := limits(&table().rows[table().byName["LWIP_MAX_SOCKETS"]], rules{c})
		require.EqualValues(t, test.sockets, high, test.version)
		require.Empty(t, c.Notes, test.version)
	}
}

func TestOptionsThatAReleaseLacks(t *testing.T) {
	c := Default("4.4.0")
	for _, name := range []string{"LWIP_TCP_ACCEPTMBOX_SIZE", "FREERTOS_TIMER_SERVICE_TASK_CORE_AFFINITY", "FREERTOS_TIMER_TASK_NO_AFFINITY", "LIBC_PICOLIBC", "LIBC"} {
		value, err := c.Value(name)
		require.NoError(t, err, name)
		require.Empty(t, value, name)
	}
	require.Equal(t, 6, c.LWIP.TCPAcceptmboxSize)
	require.Equal(t, 255, c.LWIP.IPDefaultTTL)
	require.Equal(t, 0, c.LWIP.TCPOOSeqMaxPbufs)
	require.Equal(t, 64, Default("4.4.7").LWIP.IPDefaultTTL)
	require.Equal(t, 4, Default("4.4.7").LWIP.TCPOOSeqMaxPbufs)
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]Version{
		"5.3.1": {5, 3, 1}, "v5.3.1": {5, 3, 1}, "5.3": {5, 3, 1}, "v4.4": {4, 4, 8}, "6.0": {6, 0, 2}, "5.0.0": {5, 0, 0},
		"5.4-rc1": {5, 4, 4}, "v5.1.2-dirty": {5, 1, 2}, "4.2": {4, 2, 0},
	} {
		v, err := ParseVersion(text)
		require.NoError(t, err, text)
		require.Equal(t, want, v, text)
	}
	for _, text := range []string{"", "5", "5.", "5.3.1.2", "5.x", "x.y.z", "-5.3", "5.-3", "99999999999.1", "5.3.1000"} {
		_, err := ParseVersion(text)
		require.Error(t, err, text)
		_, err = New(text)
		require.Error(t, err, text)
		require.Panics(t, func() { Default(text) }, text)
	}
	require.Equal(t, "4.4.8", Default("3.3").IDF.String())
	require.Len(t, Default("3.3").Notes, 1)
	require.Equal(t, "6.0.2", Default("6.1").IDF.String())
	require.Equal(t, 0, Version{5, 3, 1}.Compare(Version{5, 3, 1}))
	require.Equal(t, -1, Version{4, 4, 8}.Compare(Version{5, 0, 0}))
	require.Equal(t, 1, Version{5, 10, 0}.Compare(Version{5, 9, 9}))
}

func TestSetCarriesToWhatFollows(t *testing.T) {
	c := Default("5.3.1")
	require.False(t, c.System.AllowRTCFastMemAsHeap)
	require.NoError(t, c.Set("CONFIG_FREERTOS_UNICORE", "y"))
	require.True(t, c.System.AllowRTCFastMemAsHeap)
	require.False(t, c.System.TaskWDTCheckIdleTaskCPU1)
	require.NoError(t, c.Set("LWIP_TCP_HIGH_SPEED_RETRANSMISSION", "n"))
	require.Equal(t, 3000, c.LWIP.TCPRTOTime)
	require.Equal(t, 6, c.LWIP.TCPSynMaxRtx)
	require.NoError(t, c.Set("FREERTOS_TIMER_SERVICE_TASK_NAME", "timers"))
	require.Equal(t, "timers", c.FreeRTOS.TimerServiceTaskName)
	require.NoError(t, c.Set("FREERTOS_TIMER_SERVICE_TASK_NAME", `"a \"b\" \\"`))
	require.Equal(t, `a "b" \`, c.FreeRTOS.TimerServiceTaskName)
	require.NoError(t, c.Set("ESP_SYSTEM_PANIC_GDBSTUB", "y"))
	require.Equal(t, PanicGDBStub, c.System.Panic)
	require.True(t, c.System.Panic.Halts())
	require.NoError(t, c.Set("LWIP_SNTP_UPDATE_DELAY", "4294967295"))
	require.Equal(t, int64(4294967295), c.LWIP.SNTPUpdateDelay)
}

func TestSetChangesNothingOnError(t *testing.T) {
	c := Default("5.3.1")
	before := c.String()
	require.ErrorAs(t, c.Set("LWIP_TCP_MSS", "1461"), new(*ValueError))
	require.ErrorAs(t, c.Set("LWIP_TCP_MSS", "y"), new(*ValueError))
	require.ErrorAs(t, c.Set("LWIP_TCP_MSSS", "1000"), new(*UnknownOptionError))
	require.ErrorAs(t, c.Set("", "y"), new(*UnknownOptionError))
	require.ErrorAs(t, c.Set("CONFIG_HEAP_POISONING_LIGHT", ""), new(*ValueError))
	require.Error(t, c.Apply("x", strings.NewReader("CONFIG_LWIP_TCP_MSL=1\nCONFIG_LWIP_TCP_MSS=1\n")))
	require.Equal(t, before, c.String())
	require.Empty(t, c.Notes)
}

func TestFieldsMayBeAssigned(t *testing.T) {
	c := Default("5.3.1")
	c.FreeRTOS.Unicore = true
	c.Heap.Poisoning = PoisoningLight
	c.LWIP.TCPMSL = 1000
	c.System.CPUFreqMHz = 240
	require.Contains(t, c.Options(), Option{"CONFIG_FREERTOS_UNICORE", "y"})
	require.Contains(t, c.Options(), Option{"CONFIG_HEAP_POISONING_LIGHT", "y"})
	require.Contains(t, c.Options(), Option{"CONFIG_HEAP_POISONING_DISABLED", "n"})
	require.Contains(t, c.Options(), Option{"CONFIG_ESP_DEFAULT_CPU_FREQ_MHZ", "240"})
	require.NoError(t, c.Validate())
	require.False(t, c.System.AllowRTCFastMemAsHeap, "Validate changes nothing")
	require.NoError(t, c.Resolve())
	require.True(t, c.System.AllowRTCFastMemAsHeap)
	value, err := c.Value("HEAP_CORRUPTION_DETECTION")
	require.NoError(t, err)
	require.Equal(t, "CONFIG_HEAP_POISONING_LIGHT", value)
	requireSame(t, c, parse(t, c.String()))

	require.NoError(t, c.Set("LWIP_SO_LINGER", "y"))
	require.Equal(t, 1000, c.LWIP.TCPMSL, "Set keeps it")
}

func TestFieldsAreChecked(t *testing.T) {
	for name, test := range map[string]struct {
		assign func(*Config)
		want   string
	}{
		"range":      {func(c *Config) { c.LWIP.TCPMSS = 20 }, "CONFIG_LWIP_TCP_MSS (Config.LWIP.TCPMSS): expected a number from 536 to 1460 (ESP-IDF 5.3.1), found 20"},
		"choice":     {func(c *Config) { c.System.CPUFreqMHz = 100 }, "CONFIG_ESP_DEFAULT_CPU_FREQ_MHZ (Config.System.CPUFreqMHz): expected one of the values of its choice, found 100"},
		"string":     {func(c *Config) { c.FreeRTOS.TimerServiceTaskName = "a\nb" }, "expected a string of one line"},
		"dependency": {func(c *Config) { c.System.AllowRTCFastMemAsHeap = true }, "CONFIG_ESP_SYSTEM_ALLOW_RTC_FAST_MEM_AS_HEAP (Config.System.AllowRTCFastMemAsHeap): ESP-IDF ignores this and uses n: it needs CONFIG_FREERTOS_UNICORE=y"},
		"derived":    {func(c *Config) { c.Bluetooth.ReserveDRAM = 1 }, "CONFIG_BTDM_RESERVE_DRAM (Config.Bluetooth.ReserveDRAM): ESP-IDF ignores this and uses no value: it only follows from other options"},
	} {
		t.Run(name, func(t *testing.T) {
			c := Default("5.3.1")
			test.assign(c)
			require.ErrorContains(t, c.Validate(), test.want)
			require.ErrorContains(t, c.Resolve(), test.want)
			require.ErrorContains(t, c.Set("LWIP_SO_LINGER", "y"), test.want)
			require.False(t, c.LWIP.SOLinger)
			_, err := c.Value("LWIP_SO_LINGER")
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestCloneSharesNothing(t *testing.T) {
	c := parse(t, "CONFIG_EXAMPLE=y\nCONFIG_LWIP_SO_LINGER=yes\n")
	before, notes := c.String(), len(c.Notes)
	d := c.Clone()
	requireSame(t, c, d)
	require.NoError(t, d.Set("CONFIG_EXAMPLE", "n"))
	require.NoError(t, d.Set("HEAP_POISONING_LIGHT", "y"))
	require.NoError(t, d.Apply("more", strings.NewReader("CONFIG_MORE=1\nCONFIG_LWIP_SO_REUSE=no\n")))
	require.Equal(t, before, c.String())
	require.Len(t, c.Notes, notes)
	require.Len(t, Diff(c, d), 6)
}

// TestEveryFieldIsAnOption makes sure that no field of a group is without an option, so that none stays zero unnoticed.
func TestEveryFieldIsAnOption(t *testing.T) {
	fields := map[string]bool{}
	for _, r := range table().rows {
		fields[r.field] = true
	}
	for group := range reflect.TypeFor[Config]().Fields() {
		if group.Type.Kind() != reflect.Struct || !group.IsExported() || group.Type == reflect.TypeFor[Version]() {
			continue
		}
		for f := range group.Type.Fields() {
			require.True(t, fields[group.Name+"."+f.Name], "%s.%s", group.Name, f.Name)
		}
	}
}

func TestMbedTLSContentLengths(t *testing.T) {
	c := Default("5.3.1")
	require.Equal(t, 16384, c.MbedTLS.InContentLen())
	require.Equal(t, 4096, c.MbedTLS.OutContentLen())
	require.NoError(t, c.Set("MBEDTLS_ASYMMETRIC_CONTENT_LEN", "n"))
	require.NoError(t, c.Set("MBEDTLS_SSL_MAX_CONTENT_LEN", "8192"))
	require.Equal(t, 8192, c.MbedTLS.InContentLen())
	require.Equal(t, 8192, c.MbedTLS.OutContentLen())
}

// TestProduct reads the configuration of a real product, opcua-esp32 at commit 56b465a: all options of the families
// that matter, in the form of a file that ESP-IDF of the time of 5.0 wrote.
func TestProduct(t *testing.T) {
	c, err := ParseFile("testdata/product.sdkconfig")
	require.NoError(t, err)
	require.Equal(t, Version{5, 0, 9}, c.IDF)
	require.Len(t, c.Notes, 2, "%v", c.Notes)

	require.Equal(t, 1436, c.LWIP.TCPMSS)
	require.Equal(t, 5744, c.LWIP.TCPWndDefault)
	require.Equal(t, 6, c.LWIP.TCPSynMaxRtx)
	require.Equal(t, 2048, c.LWIP.TCPIPTaskStackSize)
	require.Equal(t, NoAffinity, c.LWIP.TCPIPTaskAffinity)
	require.True(t, c.LWIP.SORcvbuf)
	require.False(t, c.LWIP.SOLinger)
	require.False(t, c.FreeRTOS.Unicore)
	require.Equal(t, 1024, c.FreeRTOS.IdleTaskStackSize)
	require.Equal(t, PanicGDBStub, c.System.Panic)
	require.True(t, c.System.TaskWDTPanic)
	require.Equal(t, 10, c.System.TaskWDTTimeoutS)
	require.Equal(t, 160, c.System.CPUFreqMHz)
	require.Equal(t, 4096, c.MbedTLS.OutContentLen())
	require.False(t, c.MbedTLS.DynamicBuffer)
	require.True(t, c.MbedTLS.SSLProtoDTLS)
	require.Equal(t, 10, c.Ethernet.DMARxBufferNum)
	require.Equal(t, 10, c.WiFi.StaticRxBufferNum)
	require.Contains(t, c.Unknown, Option{"CONFIG_UA_LOGLEVEL", "600"})

	// Every assignment of the file is kept: those of the table as its value, the others as they stand.
	data, err := os.ReadFile("testdata/product.sdkconfig")
	require.NoError(t, err)
	f, err := read("product.sdkconfig", strings.NewReader(string(data)))
	require.NoError(t, err)
	require.Greater(t, len(f.lines), 400)
	for _, l := range f.lines {
		if !l.deprecated {
			value, err := c.Value(l.name)
			require.NoError(t, err, l.name)
			if value == "" {
				value = "n" // what depends on something that is off
			}
			require.Equal(t, l.value, value, l.name)
		}
	}
	requireSame(t, c, parse(t, c.String()))

	// With DTLS built, as this product has it, dynamic TLS buffers cannot be switched on.
	require.NoError(t, c.Set("MBEDTLS_DYNAMIC_BUFFER", "y"))
	require.False(t, c.MbedTLS.DynamicBuffer)
	require.Contains(t, c.Notes, Note{Option: "CONFIG_MBEDTLS_DYNAMIC_BUFFER",
		Text: "ESP-IDF ignores this and uses n: it needs CONFIG_MBEDTLS_SSL_PROTO_DTLS=n"})
	require.NoError(t, c.Set("MBEDTLS_SSL_PROTO_DTLS", "n"))
	require.True(t, c.MbedTLS.DynamicBuffer)
	require.Len(t, c.Notes, 2, "the note is gone")
}

// Before 5.0 there is no choice of another chip's controller: with Bluetooth its
// own is used, and its memory is reserved.
func TestBluetoothBefore5(t *testing.T) {
	for _, v := range []string{"4.4", "5.3.1"} {
		c := Default(v)
		require.False(t, c.Bluetooth.ControllerEnabled, v)
		require.NoError(t, c.Set("BT_ENABLED", "y"))
		require.True(t, c.Bluetooth.ControllerEnabled, v)
		require.Equal(t, 0xdb5c, c.Bluetooth.ReserveDRAM, v)
	}
}
