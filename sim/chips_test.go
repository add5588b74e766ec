package sim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// releases are one of each line of ESP-IDF, and those that are told apart.
func releases() []string {
	return []string{"4.4.4", "4.4.8", "5.0.2", "5.0.9", "5.1.0", "5.1.7", "5.2.0", "5.2.7", "5.3.0", "5.3.1", "5.3.5", "5.4.0", "5.4.4", "5.5.0", "5.5.5", "6.0.0", "6.0.2"}
}

// TestEveryReleaseBootsOnEveryChip starts a device with each: it comes up, its
// budget adds up, and the boot log has the chip's regions.
func TestEveryReleaseBootsOnEveryChip(t *testing.T) {
	for _, target := range []string{"esp32", "esp32s2", "esp32s3", "esp32c3", "esp32c6"} {
		chip, err := heap.ParseChip(target)
		require.NoError(t, err)
		for _, release := range releases() {
			if chip == heap.ESP32C6 && release < "5.1." {
				continue // ESP-IDF has it since 5.1
			}
			c := sdkconfig.Default(release)
			require.NoError(t, c.Set("IDF_TARGET", target))
			var log strings.Builder
			d, err := sim.Start(sim.DeviceConfig{SDKConfig: c, Interface: sim.WiFi, Console: &log})
			require.NoError(t, err, "%s %s", target, release)
			require.Equal(t, chip, d.Chip())
			_, err = d.Budget()
			require.NoError(t, err, "%s %s", target, release)
			require.Empty(t, d.Failures())
			for _, line := range d.Heap().BootLog() {
				require.Contains(t, log.String(), "heap_init: "+line)
			}
			for _, task := range []string{"IDLE0", "IDLE1", "ipc1"} {
				require.Equal(t, chip.Cores() == 2, d.Kernel().Task(task) != nil, "%s %s: %s", target, release, task)
			}
			t.Logf("%-7s %-5s TCB %d, free %d", target, release, d.Kernel().Sizes().TCB, d.FreeHeap())
			d.World().Close()
		}
	}
}

// TestChipsRefuse: what a chip does not have is refused in words that help.
func TestChipsRefuse(t *testing.T) {
	for want, cfg := range map[string]sim.DeviceConfig{
		"an esp32c3 has no Ethernet MAC of its own": {SDKConfig: forTarget("esp32c3")},
		"connect it by Wi-Fi":                       {SDKConfig: forTarget("esp32s3")},
		"an esp32c6 has no IRAM of its own":         {SDKConfig: forTarget("esp32c6"), Interface: sim.WiFi, IRAMEnd: 0x40090000},
		"the linker places at most 321296":          {SDKConfig: forTarget("esp32c3"), Interface: sim.WiFi, Static: 400_000},
		`chip "esp32p4" is not known`:               {SDKConfig: forTarget("esp32p4"), Interface: sim.WiFi},
	} {
		_, err := sim.Start(cfg)
		require.ErrorContains(t, err, want, fmt.Sprint(cfg.SDKConfig.Target))
	}
	c := sdkconfig.Default("5.0.9")
	require.NoError(t, c.Set("IDF_TARGET", "esp32c6"))
	_, err := sim.Start(sim.DeviceConfig{SDKConfig: c, Interface: sim.WiFi})
	require.ErrorContains(t, err, "ESP-IDF has it since v5.1")
}

// TestSRAM1AsIRAM: more code than IRAM holds needs the option, and takes the top
// of D/IRAM; the option alone takes nothing (memory.ld.in, _heap_end).
func TestSRAM1AsIRAM(t *testing.T) {
	c := sdkconfig.Default("5.3.1")
	_, err := sim.Start(sim.DeviceConfig{SDKConfig: c, IRAMEnd: 0x400A1000})
	require.ErrorContains(t, err, "more only with CONFIG_ESP_SYSTEM_ESP32_SRAM1_REGION_AS_IRAM")
	plain, err := sim.FreeAfterStart(sim.DeviceConfig{SDKConfig: c})
	require.NoError(t, err)
	require.NoError(t, c.Set("ESP_SYSTEM_ESP32_SRAM1_REGION_AS_IRAM", "y"))
	with, err := sim.FreeAfterStart(sim.DeviceConfig{SDKConfig: c})
	require.NoError(t, err)
	require.Equal(t, plain, with)
	d, err := sim.Start(sim.DeviceConfig{SDKConfig: c, IRAMEnd: 0x400A1000})
	require.NoError(t, err)
	defer d.World().Close()
	log := strings.Join(d.Heap().BootLog(), "\n")
	require.Contains(t, log, "At 3FFE4350 len 0001ACB0 (107 KiB): D/IRAM")
	require.NotContains(t, log, ": IRAM")
}

// TestRTCFastMemoryAsHeap: with one core on the ESP32, and always on the others,
// unless the option is off.
func TestRTCFastMemoryAsHeap(t *testing.T) {
	for target, line := range map[string]string{
		"esp32": "At 3FF80000 len 00002000 (8 KiB): RTCRAM", "esp32s2": "At 3FF9E000 len 00001FE8 (7 KiB): RTCRAM", "esp32s3": "At 600FE010 len 00001FD8 (7 KiB): RTCRAM",
		"esp32c3": "At 5000001C len 00001FCC (7 KiB): RTCRAM", "esp32c6": "At 50000000 len 00003FE8 (15 KiB): RTCRAM",
	} {
		c := forTarget(target)
		require.NoError(t, c.Set("FREERTOS_UNICORE", "y"))
		for _, on := range []bool{true, false} {
			require.NoError(t, c.Set("ESP_SYSTEM_ALLOW_RTC_FAST_MEM_AS_HEAP", map[bool]string{true: "y", false: "n"}[on]))
			d, err := sim.Start(sim.DeviceConfig{SDKConfig: c, Interface: sim.WiFi})
			require.NoError(t, err)
			require.Equal(t, on, strings.Contains(strings.Join(d.Heap().BootLog(), "\n"), line), "%s %v: %v", target, on, d.Heap().BootLog())
			require.Equal(t, on, strings.Contains(strings.Join(d.Heap().BootLog(), "\n"), "RTCRAM"))
			d.World().Close()
		}
	}
}
