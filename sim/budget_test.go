package sim_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/image"
)

// The budget of every kind of device adds up to the byte: its memories have the
// sizes of the chip's, its rows what the heap itself says of held and free, and
// Check would notice a byte too many.
func TestBudgetAddsUp(t *testing.T) {
	img := &image.Image{
		Source: "test.map", StaticStart: 0x3FFB0000, StaticEnd: 0x3FFB4008, IRAMEnd: 0x40089814, RTCDataEnd: 0x3FF80018,
		Sections: []image.Section{
			{Name: ".dram0.data", Memory: image.DRAM, Start: 0x3FFB0000, Size: 9000},
			{Name: ".dram0.bss", Memory: image.DRAM, Start: 0x3FFB2328, Size: 7000},
			{Name: ".iram0.text", Memory: image.IRAM, Start: 0x40080000, Size: 38000},
		},
	}
	for _, c := range []struct {
		name              string
		cfg               sim.DeviceConfig
		options           []string
		dram, iram, psram uint32
	}{
		{"default", sim.DeviceConfig{}, nil, 335872, 196608, 0},
		{"Wi-Fi", sim.DeviceConfig{Interface: sim.WiFi}, nil, 335872, 196608, 0},
		{"one core, RTC memory as heap", sim.DeviceConfig{}, []string{"CONFIG_FREERTOS_UNICORE", "y", "CONFIG_ESP32_ALLOW_RTC_FAST_MEM_AS_HEAP", "y"}, 335872, 196608, 0},
		{"Bluetooth", sim.DeviceConfig{Interface: sim.WiFi}, []string{"CONFIG_BT_ENABLED", "y"}, 335872, 196608, 0},
		{"PSRAM", sim.DeviceConfig{PSRAM: 2 << 20}, []string{"CONFIG_SPIRAM", "y"}, 335872, 196608, 2 << 20},
		{"PSRAM mapped", sim.DeviceConfig{}, []string{"CONFIG_SPIRAM", "y", "CONFIG_SPIRAM_USE_MEMMAP", "y"}, 335872, 196608, 4 << 20},
		{"image", sim.DeviceConfig{Image: img}, nil, 335872, 196608, 0},
		{"fixed static size", sim.DeviceConfig{}, []string{"CONFIG_ESP32_USE_FIXED_STATIC_RAM_SIZE", "y"}, 335872, 196608, 0},
		{"poisoned", sim.DeviceConfig{}, []string{"CONFIG_HEAP_POISONING_COMPREHENSIVE", "y"}, 335872, 196608, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.cfg.SDKConfig = configured(t, c.options...)
			d := newDevice(t, w, c.cfg)
			for _, at := range []time.Duration{0, 5 * time.Second} { // before and after app_main
				require.NoError(t, w.Run(at))
				b, err := d.Budget()
				require.NoError(t, err)
				sizes := map[string]uint32{}
				held, free := uint32(0), uint32(0)
				for _, m := range b.Memories {
					sizes[m.Name] = m.Bytes
					for _, u := range m.Uses {
						if u.Part >= sim.PartTasks && u.Part < sim.PartFree {
							held += u.Bytes
						}
					}
				}
				require.Equal(t, c.dram, sizes["DRAM"])
				require.Equal(t, c.iram, sizes["IRAM"])
				require.Equal(t, c.psram, sizes["PSRAM"])
				owned := uint32(0)
				for _, h := range d.Heap().Holdings() {
					owned += h.Bytes
				}
				inner := uint32(0)
				for _, r := range d.Heap().Regions() {
					if r.Registered {
						free += r.Info.TotalFreeBytes - 4 // multi_heap counts the mark at its end as free
					}
				}
				for _, r := range b.Regions {
					require.Equal(t, r.Bytes, map[bool]uint32{true: r.Allocator + r.Held + r.Free, false: r.Bytes}[r.Used], "%s at %v", r.Name, r.Start)
					inner += r.Free
				}
				// The pool kept for DMA is a heap in a block of another one.
				require.Equal(t, owned, held, "what all owners hold")
				if c.name != "PSRAM" && c.name != "poisoned" { // multi_heap takes the canaries of a block from what is free
					require.Equal(t, free, inner, "what is free")
				}
				require.Equal(t, d.FreeHeap(), b.FreeHeap)
				b.Memories[0].Uses[0].Bytes++
				require.ErrorContains(t, b.Check(), "adds up to")
			}
		})
	}
}

// Sections of the image are rows of their own.
func TestBudgetOfImage(t *testing.T) {
	w := newWorld(t)
	img, err := image.Read("size.json", []byte(`{"dram_data": 9324, "dram_bss": 8296, "iram_text": 37908, "iram_vectors": 1024}`))
	require.NoError(t, err)
	d := newDevice(t, w, sim.DeviceConfig{Image: img})
	b, err := d.Budget()
	require.NoError(t, err)
	require.Equal(t, []sim.Use{{Part: sim.PartStatic, Name: ".data", Bytes: 9324}, {Part: sim.PartStatic, Name: ".bss", Bytes: 8296}}, b.Memories[0].Uses[3:5])
	require.Equal(t, uint32(9324+8296), b.Part("DRAM", sim.PartStatic))
	require.Equal(t, uint32(37908+1024), b.Part("IRAM", sim.PartStatic))
	require.Equal(t, heap.Addr(0x3FFB0000+9324+8296), d.Heap().Regions()[1].Start)
	_, err = w.Device(sim.DeviceConfig{Image: img, Static: 1000})
	require.ErrorContains(t, err, "given twice")
	_, err = w.Device(sim.DeviceConfig{Static: 40000, SDKConfig: configured(t, "CONFIG_ESP32_USE_FIXED_STATIC_RAM_SIZE", "y", "CONFIG_ESP32_FIXED_STATIC_RAM_SIZE", "0x1000")})
	require.ErrorContains(t, err, "CONFIG_ESP32_FIXED_STATIC_RAM_SIZE")
}

// Each task has its row, and text, JSON and picture are the same for the same
// device.
func TestWriteBudget(t *testing.T) {
	write := func() [3]string {
		w := newWorld(t)
		d := newDevice(t, w, sim.DeviceConfig{})
		require.NoError(t, w.Run(5*time.Second))
		b, err := d.Budget()
		require.NoError(t, err)
		var text, svg bytes.Buffer
		require.NoError(t, b.WriteText(&text))
		require.NoError(t, b.WriteSVG(&svg))
		js, err := json.Marshal(b)
		require.NoError(t, err)
		return [3]string{text.String(), svg.String(), string(js)}
	}
	one := write()
	require.Equal(t, one, write())
	for _, row := range []string{"DRAM", "335,872", "IDLE1", "emac_rx", "esp_timer", "tiT", ".data and .bss", "31,488", "free heap"} {
		require.Contains(t, one[0], row)
	}
	require.Regexp(t, `task_wdt +\d+ +\d+ blocks`, one[0])
	require.Regexp(t, `nvs +\d+ +1 block\n`, one[0])
	require.Contains(t, one[0], "4 bytes, is free to them")
	require.Contains(t, one[2], `"part":"tasks","name":"esp_timer","bytes":4444`)
	decoder := xml.NewDecoder(bytes.NewReader([]byte(one[1])))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
	}
}

// A restart takes time: a device that aborts at once restarts three times a
// second, and not without end at one instant.
func TestBootLoop(t *testing.T) {
	w := newWorld(t)
	d := newDevice(t, w, sim.DeviceConfig{Firmware: firmware(func(a *sim.App) { a.Abort("no") })})
	require.NoError(t, w.Run(time.Second))
	require.Equal(t, 4, d.Boots(), "at 0, 320, 640 and 960 ms")
}
