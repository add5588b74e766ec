package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

func effect(t *testing.T, all []sim.OptionEffect, option, to string) sim.OptionEffect {
	for _, e := range all {
		if e.Option == option && e.To == to {
			return e
		}
	}
	require.Fail(t, "no effect", "%s=%s in %v", option, to, all)
	return sim.OptionEffect{}
}

// What an option does is found by starting the device: 20 DMA buffers of 256
// bytes less, each with its rounding.
func TestExplainOption(t *testing.T) {
	info, effects, err := sim.ExplainOption(sim.DeviceConfig{}, "CONFIG_ETH_DMA_BUFFER_SIZE")
	require.NoError(t, err)
	require.Equal(t, "512", info.Value)
	require.Len(t, effects, 2, "the least and the most; it has the default")
	require.InDelta(t, 20*256, effect(t, effects, "CONFIG_ETH_DMA_BUFFER_SIZE", "256").Gain.Heap, 64)
	require.InDelta(t, -20*(1600-512), effect(t, effects, "CONFIG_ETH_DMA_BUFFER_SIZE", "1600").Gain.Heap, 64)

	_, effects, err = sim.ExplainOption(sim.DeviceConfig{}, "FREERTOS_UNICORE")
	require.NoError(t, err)
	require.InDelta(t, 32768+3092, effects[0].Gain.IRAM, 1024, "the cache and the code of the second core, less the heap's own structure")

	// An old name is understood, and what ESP-IDF ignores is said.
	_, effects, err = sim.ExplainOption(sim.DeviceConfig{}, "CONFIG_ESP32_ALLOW_RTC_FAST_MEM_AS_HEAP")
	require.NoError(t, err)
	require.Zero(t, effects[0].Gain)
	require.Contains(t, effects[0].Note, "it needs CONFIG_FREERTOS_UNICORE=y")

	// All members of a choice.
	_, effects, err = sim.ExplainOption(sim.DeviceConfig{}, "HEAP_CORRUPTION_DETECTION")
	require.NoError(t, err)
	require.Len(t, effects, 2)
	require.Negative(t, effect(t, effects, "CONFIG_HEAP_POISONING_LIGHT", "y").Gain.Heap)

	_, _, err = sim.ExplainOption(sim.DeviceConfig{}, "CONFIG_LWIP_TCP_MSSS")
	require.ErrorContains(t, err, "CONFIG_LWIP_TCP_MSS")
}

// The bytes between two configurations, by option, add up to what they are
// together.
func TestDiffConfigs(t *testing.T) {
	a := sdkconfig.Default("5.3.1")
	b := configured(t, "CONFIG_ETH_DMA_RX_BUFFER_NUM", "5", "CONFIG_ESP_SYSTEM_EVENT_QUEUE_SIZE", "64", "CONFIG_FREERTOS_UNICORE", "y")
	d, err := sim.DiffConfigs(sim.DeviceConfig{}, a, b)
	require.NoError(t, err)
	rx, queue := effect(t, d.Options, "CONFIG_ETH_DMA_RX_BUFFER_NUM", "5"), effect(t, d.Options, "CONFIG_ESP_SYSTEM_EVENT_QUEUE_SIZE", "64")
	require.InDelta(t, 5*(512+4+32), rx.Gain.Heap, 40)
	require.Equal(t, -512, queue.Gain.Heap)
	require.Equal(t, "CONFIG_FREERTOS_UNICORE", d.Options[0].Option, "the largest first")
	require.Equal(t, d.B.Heap-d.A.Heap, d.Together.Heap)
	sum := d.Rest.Heap
	for _, e := range d.Options {
		sum += e.Gain.Heap
	}
	require.Equal(t, d.Together.Heap, sum)
	require.InDelta(t, 0, d.Rest.Heap, 64)

	same, err := sim.DiffConfigs(sim.DeviceConfig{}, a, a)
	require.NoError(t, err)
	require.Empty(t, same.Options)
	require.Zero(t, same.Together)
	_, err = sim.DiffConfigs(sim.DeviceConfig{Firmware: nothing}, a, b)
	require.ErrorContains(t, err, "configuration A: ")
}
