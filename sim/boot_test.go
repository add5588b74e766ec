package sim_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// firmware is a program given as a function.
type firmware func(*sim.App)

func (f firmware) Main(a *sim.App) { f(a) }

// nothing is an app_main that returns at once.
var nothing = firmware(func(*sim.App) {})

// The default layout gives the lines of a published boot log of an application
// with Wi-Fi (nodemcu/nodemcu-firmware#3571), then the main task's.
func TestBootLog(t *testing.T) {
	w := newWorld(t)
	var console strings.Builder
	newDevice(t, w, sim.DeviceConfig{Firmware: nothing, Console: &console})
	require.NoError(t, w.Run(time.Second))
	require.Equal(t, `(0) heap_init: Initializing. RAM available for dynamic allocation:
(0) heap_init: At 3FFAE6E0 len 00001920 (6 KiB): DRAM
(0) heap_init: At 3FFB7B00 len 00028500 (161 KiB): DRAM
(0) heap_init: At 3FFE0440 len 00003AE0 (14 KiB): D/IRAM
(0) heap_init: At 3FFE4350 len 0001BCB0 (111 KiB): D/IRAM
(0) heap_init: At 400971DC len 00008E24 (35 KiB): IRAM
(320) main_task: Calling app_main()
(320) main_task: Returned from app_main()
`, console.String())
}

// On one core the memory that the second core's boot and cache kept joins the
// heap, and RTC fast memory comes last.
func TestBootLogUnicoreWithRTCHeap(t *testing.T) {
	w := newWorld(t)
	d := newDevice(t, w, sim.DeviceConfig{Firmware: nothing, SDKConfig: configured(t,
		"CONFIG_FREERTOS_UNICORE", "y", "CONFIG_ESP32_ALLOW_RTC_FAST_MEM_AS_HEAP", "y")})
	require.Equal(t, []string{
		"At 3FFAE6E0 len 00001920 (6 KiB): DRAM",
		"At 3FFB7500 len 00028B00 (162 KiB): DRAM", // one interrupt stack less
		"At 3FFE0440 len 0001FBC0 (126 KiB): D/IRAM",
		"At 40078000 len 00008000 (32 KiB): IRAM",
		"At 400965C8 len 00009A38 (38 KiB): IRAM", // less code: none for the second core
		"At 3FF80000 len 00002000 (8 KiB): RTCRAM",
	}, d.Heap().BootLog())
	both := newDevice(t, w, sim.DeviceConfig{Firmware: nothing})
	require.Greater(t, d.FreeHeap(), both.FreeHeap()+7000)
	// Two cores have no RTC fast memory for the heap, whatever the option says.
	c := configured(t, "CONFIG_ESP32_ALLOW_RTC_FAST_MEM_AS_HEAP", "y")
	require.Equal(t, both.Heap().BootLog(), newDevice(t, w, sim.DeviceConfig{Firmware: nothing, SDKConfig: c}).Heap().BootLog())
}

// taskMemory lists the stacks as they were asked for, in the order of creation.
func taskMemory(d *sim.Device) (tasks []string) {
	for _, task := range d.Kernel().Tasks() {
		tasks = append(tasks, fmt.Sprintf("%s %d prio %d core %v", task.Name(), task.StackSize(), task.Priority(), task.Affinity()))
	}
	return tasks
}

// The tasks of the start, in their order, with the stacks of the sdkconfig; the
// C library's full printf adds 512 bytes to those of the system's tasks.
func TestTasksOfTheStart(t *testing.T) {
	w := newWorld(t)
	d := newDevice(t, w, sim.DeviceConfig{Firmware: nothing})
	require.Equal(t, []string{
		"ipc0 1024 prio 24 core 0",
		"ipc1 1024 prio 24 core 1",
		"esp_timer 4096 prio 22 core 0",
		"main 4096 prio 1 core 0",
	}, taskMemory(d), "before the scheduler starts")
	require.NoError(t, w.Run(319*time.Millisecond))
	require.Len(t, d.Kernel().Tasks(), 4)
	require.NoError(t, w.Run(time.Millisecond))
	require.Equal(t, []string{
		"main 4096 prio 1 core 0",
		"IDLE0 1536 prio 0 core 0",
		"IDLE1 1536 prio 0 core 1",
		"Tmr Svc 2048 prio 1 core 0/1",
	}, taskMemory(d)[3:])
	small := newDevice(t, w, sim.DeviceConfig{Firmware: nothing, BootTime: -1, SDKConfig: configured(t,
		"CONFIG_FREERTOS_UNICORE", "y", "CONFIG_NEWLIB_NANO_FORMAT", "y", "CONFIG_ESP_MAIN_TASK_STACK_SIZE", "8192",
		"CONFIG_ESP_TIMER_TASK_STACK_SIZE", "3000", "CONFIG_ESP_IPC_TASK_STACK_SIZE", "1536", "CONFIG_FREERTOS_IDLE_TASK_STACKSIZE", "1024")})
	require.Equal(t, []string{
		"ipc0 1536 prio 24 core 0",
		"esp_timer 3000 prio 22 core 0",
		"main 8192 prio 1 core 0",
		"IDLE 1024 prio 0 core 0",
		"Tmr Svc 2048 prio 1 core 0/1",
	}, taskMemory(small))
}

// What the start takes adds up: what each object holds and what is free are all
// of the default heaps.
func TestBudget(t *testing.T) {
	w := newWorld(t)
	d := newDevice(t, w, sim.DeviceConfig{})
	require.NoError(t, w.Run(5*time.Second))
	_, ready := d.Ready()
	require.True(t, ready)
	bytes, blocks := 0, 0
	for _, h := range d.HeldSince(sim.Baseline{}) {
		require.Positive(t, h.Bytes, "%s %s", h.Task, h.Object)
		bytes += h.Bytes
		blocks += h.Blocks
	}
	require.Equal(t, d.TakeBaseline().Blocks, blocks)
	require.Equal(t, heapAtReset(t), bytes+int(d.FreeHeap()))
	require.Nil(t, d.Kernel().Task("main"), "the main task ends when app_main returns")
	for _, h := range d.HeldSince(sim.Baseline{}) {
		require.NotEqual(t, "main", h.Task+h.Object, "its stack and TCB are free again")
	}
}

// heapAtReset is how many bytes a default device's heaps have, the blocks of the
// heaps' own descriptors included, before anything is taken.
func heapAtReset(t *testing.T) int {
	h, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: heap.Layout{
		StaticStart: 0x3FFB0000, StaticEnd: 0x3FFB7B00, IRAMEnd: 0x400971DC,
	}})
	require.NoError(t, err)
	h.EnableNonOSStackHeaps()
	n := int(h.FreeSize(heap.CapDefault))
	for _, x := range h.Holdings() {
		n += int(x.Bytes)
	}
	return n
}

// The event loop's memory: its object, queue, mutex and task, in this order, and
// from the sdkconfig its queue's length and its task's stack.
func TestEventLoop(t *testing.T) {
	w := newWorld(t)
	take := func(options ...string) (queue, stack uint32) {
		c := configured(t, options...)
		w := newWorld(t)
		var before, after []heap.Holding
		d := newDevice(t, w, sim.DeviceConfig{SDKConfig: c, Firmware: firmware(func(a *sim.App) {
			before = a.Heap().Holdings()
			a.EventLoopCreateDefault()
			after = a.Heap().Holdings()
		})})
		require.NoError(t, w.Run(time.Second))
		for _, h := range after {
			if h.Tag.Object == "event loop" && !slices.Contains(before, h) {
				queue += uint32(h.Bytes)
			}
		}
		return queue, d.Kernel().Task("sys_evt").StackSize()
	}
	queue, stack := take()
	require.EqualValues(t, 2304+512, stack)
	longer, larger := take("CONFIG_ESP_SYSTEM_EVENT_QUEUE_SIZE", "64", "CONFIG_ESP_SYSTEM_EVENT_TASK_STACK_SIZE", "4000")
	require.EqualValues(t, 4000+512, larger)
	require.EqualValues(t, 32*16, longer-queue, "16 bytes for each slot")

	d := newDevice(t, w, sim.DeviceConfig{Firmware: firmware(func(a *sim.App) {
		a.EventLoopCreateDefault()
		a.EventLoopCreateDefault()
	}), SDKConfig: configured(t, "CONFIG_ESP_SYSTEM_PANIC_PRINT_HALT", "y")})
	require.NoError(t, w.Run(time.Second))
	require.Contains(t, d.Kernel().Halted().Text, "ESP_ERR_INVALID_STATE")
}

// A Wi-Fi station starts, takes the 40 to 50 KB that are published, and answers.
func TestWiFi(t *testing.T) {
	w := newWorld(t)
	eth := newDevice(t, w, sim.DeviceConfig{})
	d := newDevice(t, w, sim.DeviceConfig{Interface: sim.WiFi})
	pc := newHost(t, w, "pc")
	newCable(t, w, d, pc)
	require.NoError(t, w.Run(5*time.Second))
	require.Empty(t, d.Failures())
	require.NoError(t, ping(t, w, pc, d))
	driver := 0
	for _, h := range d.HeldSince(sim.Baseline{}) {
		if h.Object == "wifi driver" {
			driver += h.Bytes
		}
	}
	require.InDelta(t, 40_000, driver, 5_000)
	require.NotEqual(t, eth.FreeHeap(), d.FreeHeap())

	static, free, err := sim.StaticFor(sim.DeviceConfig{Interface: sim.WiFi}, 100_000)
	require.NoError(t, err)
	require.InDelta(t, 100_000, free, 64)
	again := newDevice(t, newWorld(t), sim.DeviceConfig{Interface: sim.WiFi, Static: static})
	require.NoError(t, again.World().Run(10*time.Second))
	require.Equal(t, free, again.FreeHeap())
}

func TestStaticForErrors(t *testing.T) {
	_, _, err := sim.StaticFor(sim.DeviceConfig{}, 10_000_000)
	require.ErrorContains(t, err, "sim: no size of static memory leaves 10000000 bytes free")
	_, _, err = sim.StaticFor(sim.DeviceConfig{Firmware: nothing}, 100_000)
	require.ErrorContains(t, err, "waiting for the firmware to be ready")
	_, _, err = sim.StaticFor(sim.DeviceConfig{SDKConfig: configured(t, "CONFIG_ESP_SYSTEM_PANIC_PRINT_HALT", "y"),
		Firmware: firmware(func(a *sim.App) { a.Abort("no") })}, 100_000)
	require.ErrorContains(t, err, "stopped before its firmware was ready")
}

// A task of the firmware that cannot be made is an error, not a panic.
func TestCreateTaskErrors(t *testing.T) {
	w := newWorld(t)
	var errs []error
	newDevice(t, w, sim.DeviceConfig{Firmware: firmware(func(a *sim.App) {
		end := func(*sim.App) {}
		for _, prio := range []int{25, 3} {
			_, err := a.CreateTask("big", 1<<20, prio, freertos.Core0, end)
			errs = append(errs, err)
		}
		a.Within("session 1", func() { a.Within("item 1", func() {}); a.Free(a.Malloc("buffer", 10)) })
	})})
	require.NoError(t, w.Run(time.Second))
	require.Len(t, errs, 2)
	require.ErrorContains(t, errs[0], "0 to 24 expected")
	var none *freertos.NoMemoryError
	require.ErrorAs(t, errs[1], &none)
}

// A task that asks for memory until it gets some, without ever waiting, would
// hang the chip's core; here it ends the run with its name.
func TestSpinningOnMallocIsAnError(t *testing.T) {
	w := newWorld(t)
	newDevice(t, w, sim.DeviceConfig{Firmware: firmware(func(a *sim.App) {
		for a.Malloc("buffer", 1<<20) == 0 {
		}
	})})
	err := w.Run(time.Second)
	var spin *freertos.SpinError
	require.ErrorAs(t, err, &spin)
	require.Equal(t, "main", spin.Task)
	require.Equal(t, "malloc", spin.Call)
}

// What a panic in the Go code of a firmware surfaces with names its task and
// shows its stack.
func TestFirmwarePanicTellsWhere(t *testing.T) {
	w := newWorld(t)
	newDevice(t, w, sim.DeviceConfig{Firmware: firmware(func(*sim.App) {
		var table []int
		_ = table[3]
	})})
	defer func() {
		var e *vtime.PanicError
		require.ErrorAs(t, recover().(error), &e)
		require.Equal(t, "esp32/main", e.Proc)
		require.ErrorContains(t, e, "index out of range [3]")
		require.Contains(t, string(e.Stack), "TestFirmwarePanicTellsWhere", "the stack of the task")
		var fault runtime.Error
		require.ErrorAs(t, e, &fault)
	}()
	_ = w.Run(time.Second)
	t.Fatal("the panic was lost")
}
