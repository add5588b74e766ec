package sdkconfig

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Parse("sdkconfig", strings.NewReader(text))
	require.NoError(t, err)
	return c
}

func TestParseFillsTypedFields(t *testing.T) {
	c := parse(t, "CONFIG_FREERTOS_UNICORE=y\r\nCONFIG_LWIP_TCP_MSL=30000\r\n# CONFIG_LWIP_IPV6 is not set\nCONFIG_EXAMPLE_X=\"a b\"\n")
	require.True(t, c.FreeRTOS.Unicore)
	require.Equal(t, 30000, c.LWIP.TCPMSL)
	require.False(t, c.LWIP.IPv6)
	require.True(t, c.System.AllowRTCFastMemAsHeap, "default y with one core")
	require.Equal(t, []Option{{"CONFIG_EXAMPLE_X", `"a b"`}}, c.Unknown)
}

func TestErrorsAreTyped(t *testing.T) {
	_, err := ParseFor("5.3.1", "sdkconfig", strings.NewReader("\n\nCONFIG_LWIP_TCP_MSS=x\n"))
	var line *LineError
	require.ErrorAs(t, err, &line)
	require.Equal(t, LineError{"sdkconfig", 3, 21, "CONFIG_LWIP_TCP_MSS", `expected a decimal number, found "x"`}, *line)

	_, err = ParseFile("testdata/no-such-file")
	require.ErrorContains(t, err, "testdata/no-such-file")
	_, err = Parse("sdkconfig", iotest.ErrReader(errors.New("disk on fire")))
	require.ErrorContains(t, err, "disk on fire")
	_, err = Parse("big", strings.NewReader(strings.Repeat("#\n", maxFile)))
	require.ErrorContains(t, err, "big: expected a configuration file")
}

func TestManyProblemsAreCounted(t *testing.T) {
	_, err := Parse("sdkconfig", strings.NewReader(strings.Repeat("nonsense\n", maxProblems+7)))
	require.ErrorContains(t, err, "and 7 more problems")
	require.Equal(t, maxProblems+1, len(strings.Split(err.Error(), "\n")))
}

func TestManyUnknownOptionsAreCheap(t *testing.T) {
	var b strings.Builder
	for i := range 20000 {
		b.WriteString("CONFIG_PROJECT_" + strings.Repeat("A", i%40) + "=y\n")
	}
	c := parse(t, b.String())
	require.Len(t, c.Unknown, 40)
}

func TestExplain(t *testing.T) {
	for _, name := range []string{"CONFIG_LWIP_TCP_MSL", "LWIP_TCP_MSL", "CONFIG_TCP_MSL"} {
		i, err := Explain(name)
		require.NoError(t, err)
		require.Equal(t, "CONFIG_LWIP_TCP_MSL", i.Name)
		require.Equal(t, "LWIP.TCPMSL", i.Field)
		require.Equal(t, "60000", i.Default)
		require.Equal(t, []string{"CONFIG_TCP_MSL until 4.0.0"}, i.OldNames)
		require.Equal(t, "components/lwip/Kconfig", i.Source)
	}
	member, err := Explain("HEAP_POISONING_LIGHT")
	require.NoError(t, err)
	require.Equal(t, "HEAP_CORRUPTION_DETECTION", member.Choice)
	c := parse(t, "CONFIG_SPIRAM=y\nCONFIG_SPIRAM_TRY_ALLOCATE_WIFI_LWIP=y\nCONFIG_ESP_WIFI_STATIC_RX_BUFFER_NUM=8\nCONFIG_HEAP_POISONING_LIGHT=y\n")
	here, err := c.Explain("ESP32_WIFI_STATIC_RX_BUFFER_NUM")
	require.NoError(t, err)
	require.Equal(t, [3]string{"8", "16", "2..25"}, [3]string{here.Value, here.DefaultNow, here.RangeNow})
	here, err = c.Explain("HEAP_CORRUPTION_DETECTION")
	require.NoError(t, err)
	require.Equal(t, [2]string{"CONFIG_HEAP_POISONING_LIGHT", "CONFIG_HEAP_POISONING_DISABLED"}, [2]string{here.Value, here.DefaultNow})
	_, err = c.Explain("NO_SUCH_OPTION")
	require.Error(t, err)
	choice, err := Explain("HEAP_CORRUPTION_DETECTION")
	require.NoError(t, err)
	require.Equal(t, Choice, choice.Type)
	require.Len(t, choice.Members, 3)
	_, err = Explain("LWIP_TCP_MSLL")
	var unknown *UnknownOptionError
	require.ErrorAs(t, err, &unknown)
	require.Equal(t, "CONFIG_LWIP_TCP_MSL", unknown.Closest)
	_, err = Explain("SOMETHING_ELSE_ENTIRELY")
	require.ErrorAs(t, err, &unknown)
	require.Empty(t, unknown.Closest)
	require.Empty(t, unknown.Near)
	for name, want := range map[string]string{"lwip_tcp_mss": "CONFIG_LWIP_TCP_MSS", "config_Lwip_Tcp_Mss": "CONFIG_LWIP_TCP_MSS", "heap_corruption_detection": "HEAP_CORRUPTION_DETECTION"} {
		info, err := Explain(name)
		require.NoError(t, err)
		require.Equal(t, want, info.Name)
		here, err := c.Explain(name)
		require.NoError(t, err)
		require.Equal(t, want, here.Name)
	}
	_, err = Explain("lwip_tcp_msll")
	require.ErrorAs(t, err, &unknown)
	require.Equal(t, "CONFIG_LWIP_TCP_MSL", unknown.Closest)
	require.ErrorContains(t, c.Set("lwip_tcp_msl", "100"), "lwip_tcp_msl is not in the option table; the closest name is CONFIG_LWIP_TCP_MSL")
	_, err = Explain("mss_lwip")
	require.ErrorContains(t, err, "is not in the option table; names like it are CONFIG_LWIP_TCP_MSS")
	_, err = c.Explain("RX_BUFFER")
	require.ErrorAs(t, err, &unknown)
	require.Greater(t, len(unknown.Near), 2)
	require.Contains(t, unknown.Near, "CONFIG_ETH_DMA_RX_BUFFER_NUM")
}
