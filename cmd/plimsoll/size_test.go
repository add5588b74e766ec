package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim"
)

// write writes a file of a test.
func write(t *testing.T, name, text string) string {
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	return path
}

func TestSize(t *testing.T) {
	config := write(t, "sdkconfig", "CONFIG_FREERTOS_UNICORE=y\nCONFIG_EXAMPLE_LED=5\n")
	sizes := write(t, "size.json", `{"dram_data": 9000, "dram_bss": 7000, "iram_text": 38000}`)
	svg := filepath.Join(t.TempDir(), "size.svg")
	code, stdout, stderr := call("size", "-sdkconfig", config, "-image", sizes, "-svg", svg, "-log", "-set", "LWIP_IPV6=n")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "I (0) heap_init: At 3FFB3E80 len 0002C180 (176 KiB): DRAM\n")
	require.Contains(t, stdout, "opcua_task")
	require.Contains(t, stdout, ".bss")
	require.NotContains(t, stdout, "IDLE1")
	require.Contains(t, stderr, "1 options that the model does not read")
	picture, err := os.ReadFile(svg)
	require.NoError(t, err)
	require.Contains(t, string(picture), "<svg")

	code, stdout, _ = call("size", "-firmware", "network", "-interface", "wifi", "-json")
	require.Zero(t, code)
	var b sim.Budget
	require.NoError(t, json.Unmarshal([]byte(stdout), &b))
	require.NoError(t, b.Check())
	require.Greater(t, b.FreeHeap, uint32(100_000))
	require.Greater(t, b.Part("DRAM", sim.PartDrivers), uint32(16_000))
}

func TestExplainAndDiff(t *testing.T) {
	code, stdout, _ := call("explain", "-firmware", "network", "ESP_SYSTEM_EVENT_QUEUE_SIZE", "ETH_DMA_RX_BUFFER_NUM")
	require.Zero(t, code)
	require.Contains(t, stdout, "16 heap bytes for each event")
	require.Regexp(t, `CONFIG_ETH_DMA_RX_BUFFER_NUM +10 +3 +\+38`, stdout)
	a, b := write(t, "a", "CONFIG_ESP_SYSTEM_EVENT_QUEUE_SIZE=32\n"), write(t, "b", "CONFIG_ESP_SYSTEM_EVENT_QUEUE_SIZE=64\n")
	code, stdout, stderr := call("diff", "-firmware", "network", a, b)
	require.Zero(t, code, stderr)
	require.Regexp(t, `CONFIG_ESP_SYSTEM_EVENT_QUEUE_SIZE +32 +64 +-512`, stdout)
	require.Regexp(t, `together +-512`, stdout)
}

func TestDeviceFlagErrors(t *testing.T) {
	bad := write(t, "bad", "CONFIG_FREERTOS_HZ=many\n")
	for want, args := range map[string][]string{
		"bad:1:20: CONFIG_FREERTOS_HZ: expected a decimal number": {"size", "-sdkconfig", bad},
		"no such file":                      {"size", "-sdkconfig", bad + "x"},
		"-firmware \"x\": opcua or network": {"size", "-firmware", "x"},
		"interface \"x\": eth or wifi":      {"size", "-interface", "x"},
		"OPTION=VALUE was expected":         {"size", "-set", "x"},
		"CONFIG_FREERTOS_HZ: expected":      {"size", "-set", "FREERTOS_HZ=many"},
		"expected MAJOR.MINOR":              {"size", "-idf", "five"},
		"expected an ELF file":              {"size", "-image", bad},
		"names of options were expected":    {"explain"},
		"two sdkconfig files were expected": {"diff", bad},
		"the linker places at most":         {"size", "-static", "999999"},
	} {
		code, _, stderr := call(args...)
		require.NotZero(t, code, args)
		require.Contains(t, stderr, want)
	}
}

// A device that has too little memory to start says so, with what it lacked.
func TestSizeOfADeviceThatDoesNotStart(t *testing.T) {
	code, _, stderr := call("size", "-static", "170000")
	require.Equal(t, 1, code)
	require.Regexp(t, `stopped before its firmware was ready \(starts: 4\): .* panic'ed .*; the first allocation that failed: \d+ bytes for .+, with \d+ free, largest block \d+\n$`, stderr)
}
