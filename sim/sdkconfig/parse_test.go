package sdkconfig

import (
	"strings"
	"testing"

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
	again := parse(t, c.String())
	require.Equal(t, c.Options(), again.Options())
	require.Equal(t, c.IDF, again.IDF)
}
