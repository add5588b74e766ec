package sim

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// TestSizesOfEveryRelease compares the sizes of FreeRTOS's objects with those
// that a 32-bit compiler gave the headers of each release, chip and choice of
// options (testdata/sizes.txt).
func TestSizesOfEveryRelease(t *testing.T) {
	data, err := os.ReadFile("testdata/sizes.txt")
	require.NoError(t, err)
	seen := map[string]int{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		given, sizes, ok := strings.Cut(line, " : ")
		words := strings.Fields(given)
		require.True(t, ok && len(words) == 3, line)
		release := strings.TrimPrefix(words[0], "v")
		if strings.Count(release, ".") == 1 {
			release += ".0" // a minor release's tag
		}
		c := sdkconfig.Default(release)
		require.NoError(t, c.Set("IDF_TARGET", words[1]))
		if words[2] != "-" {
			for _, o := range strings.Split(words[2], ",") {
				name, value, _ := strings.Cut(o, "=")
				// What a release does not have, its Kconfig ignored too.
				_ = c.Set(name, value)
			}
		}
		chip, err := heap.ParseChip(words[1])
		require.NoError(t, err)
		v, err := heap.ParseVersion(c.IDF.String())
		require.NoError(t, err, line)
		h, err := heap.New(heap.Config{Version: v, Layout: chip.DefaultLayout()})
		require.NoError(t, err, line)
		d := &Device{cfg: DeviceConfig{SDKConfig: c}, chip: chip, world: New(Config{})}
		k, err := freertos.New(vtime.New(1), h, d.kernelConfig())
		require.NoError(t, err, line)
		got := k.Sizes()
		byName := map[string]uint32{"tcb": got.TCB, "queue": got.Queue, "eg": got.EventGroup, "timer": got.Timer, "sb": got.StreamBuffer}
		for _, f := range strings.Fields(sizes) {
			name, text, _ := strings.Cut(f, "=")
			want, err := strconv.ParseUint(text, 10, 32)
			require.NoError(t, err, line)
			require.Contains(t, byName, name, line)
			require.EqualValues(t, want, byName[name], "%s: %s", name, line)
			delete(byName, name)
		}
		require.Empty(t, byName, line)
		seen[words[0]]++
		d.world.Close()
	}
	require.Greater(t, len(seen), 10)
}
