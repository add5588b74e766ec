package published

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// A project is a public firmware with a published boot log.
type project struct {
	name, source, commit string
	options              []string // of its sdkconfig.defaults, in its own words
	// static is the size of static DRAM and iram the end of code: no sdkconfig has
	// them, so they are taken from the log itself.
	static uint32
	iram   heap.Addr
	log    []string
	why    string // what differs, if something does
}

var projects = []project{
	{
		name: "NodeMCU", source: "nodemcu/nodemcu-firmware, sdkconfig.defaults; boot log in its issue 3571", commit: "070973e6",
		options: []string{"CONFIG_MAIN_TASK_STACK_SIZE=8192", "CONFIG_LWIP_SO_REUSE=y"},
		static:  0x3FFB7B00 - 0x3FFB0000, iram: 0x400971DC,
		log: []string{
			"At 3FFAE6E0 len 00001920 (6 KiB): DRAM",
			"At 3FFB7B00 len 00028500 (161 KiB): DRAM",
			"At 3FFE0440 len 00003AE0 (14 KiB): D/IRAM",
			"At 3FFE4350 len 0001BCB0 (111 KiB): D/IRAM",
			"At 400971DC len 00008E24 (35 KiB): IRAM",
		},
	},
	{
		name: "esp32-ble2mqtt", source: "shmuelzon/esp32-ble2mqtt, sdkconfig.defaults; boot log of v0.13.0-5 in its issue 95", commit: "024859d9",
		options: []string{"CONFIG_PARTITION_TABLE_CUSTOM=y", "CONFIG_APP_OFFSET=0x10000", "CONFIG_BT_ENABLED=y", "CONFIG_BT_ACL_CONNECTIONS=7",
			"CONFIG_SW_COEXIST_ENABLE=", "CONFIG_SPIFFS_META_LENGTH=0"},
		static: 0x3FFD3690 - 0x3FFBDB5C, iram: 0x4009B810,
		log: []string{
			"At 3FFAFF10 len 000000F0 (0 KiB): DRAM",
			"At 3FFB6388 len 00001C78 (7 KiB): DRAM",
			"At 3FFB9A20 len 00004108 (16 KiB): DRAM",
			"At 3FFBDB5C len 00000004 (0 KiB): DRAM",
			"At 3FFD3690 len 0000C970 (50 KiB): DRAM",
			"At 3FFE0440 len 00003AE0 (14 KiB): D/IRAM",
			"At 3FFE4350 len 0001BCB0 (111 KiB): D/IRAM",
			"At 4009B810 len 000047F0 (17 KiB): IRAM",
		},
		why: "the line of 4 bytes: that ESP-IDF was before 4.4, whose rule drops what is left over of 16 bytes and less",
	},
}

// bootLogs writes the boot logs of public projects beside the model's.
func bootLogs(t *testing.T, b *strings.Builder) {
	b.WriteString(`
## Boot logs of public projects

Configurations that others wrote for their own products, started by the model, and
the heap regions of their published logs. Where static memory and code end is in no
sdkconfig; both are taken from the log itself (one address of each log), and
decide nothing else.
`)
	for _, p := range projects {
		c, err := sdkconfig.ParseFor("4.4", p.name, strings.NewReader(strings.Join(p.options, "\n")+"\n"))
		require.NoError(t, err)
		var log []string
		d := start(t, sim.DeviceConfig{SDKConfig: c, Interface: sim.WiFi, Static: p.static, IRAMEnd: p.iram})
		log = d.Heap().BootLog()
		fmt.Fprintf(b, "\n%s (%s, commit %s):\n", p.name, p.source, p.commit)
		var rows [][]string
		for _, line := range p.log {
			ours := "the same"
			if len(log) == 0 || log[0] != line {
				ours = "not there"
			} else {
				log = log[1:]
			}
			rows = append(rows, []string{line, ours})
		}
		for _, line := range log {
			rows = append(rows, []string{"not there", line})
		}
		table(b, []string{"published", "model"}, rows)
		differ := 0
		for _, r := range rows {
			if r[1] != "the same" {
				differ++
			}
		}
		if p.why == "" {
			require.Zero(t, differ, p.name)
		} else {
			require.Equal(t, 1, differ, "%s %v", p.name, rows)
			fmt.Fprintf(b, "\nWhat differs: %s.\n", p.why)
		}
		fmt.Fprintf(b, "\nIt starts: %s bytes of heap are free then, of which %s in one block.\n", number(int(d.FreeHeap())), number(int(d.LargestFreeBlock())))
	}
}
