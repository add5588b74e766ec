package opcua

import (
	"errors"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// The task of the opcua-esp32 firmware (main/opcua_esp32.c).
const (
	taskName     = "opcua_task"
	taskStack    = 24336
	taskPriority = 10
	turnDelay    = 100 * time.Millisecond
)

// Firmware is the program of a device that is an OPC UA server, after the public
// project opcua-esp32: app_main brings up the network; when the interface has
// its address, the event task creates opcua_task, which makes the server and
// then for ever runs one turn of it and waits for 100 ms. Its zero value is that
// firmware without a defect of its own.
type Firmware struct {
	// Server is what the server is made of, apart from memory, sockets, clock
	// and time bases, which the firmware gives it. Nil: DefaultServerConfig. If
	// its Variables are nil they are the firmware's three, a temperature and two
	// relays.
	Server *ServerConfig

	// TemperatureEvery is how often the temperature changes, by 0.1 °C, the
	// resolution of its sensor. 0 or less: at every read. It matters because a
	// value that changes uses up a publish request, and a steady one does not.
	TemperatureEvery time.Duration

	// TimeBase is the clock from which the deadline of a session is taken.
	// Default Monotonic, the right one.
	TimeBase TimeBase
	// ChannelTimeBase is the same for secure channels.
	ChannelTimeBase TimeBase

	// OnNoMemory is what opcua_task does after a turn in which one of its
	// allocations failed: go on (the default, as open62541 does by itself),
	// close itself with vTaskDelete(NULL), or bring the chip down. A write
	// through a null pointer inside open62541 always brings the chip down.
	OnNoMemory freertos.OnNoMemory

	// LingerZero has the firmware call setsockopt(SO_LINGER, {1, 0}) on each
	// accepted connection. It fails, and changes nothing, unless
	// CONFIG_LWIP_SO_LINGER is set.
	LingerZero bool

	// EveryTurn runs every turn of the server's loop, also those that are known
	// to find nothing to do. It changes nothing but the speed.
	EveryTurn bool

	// WallStart is the wall clock at the start of the device, in 100 ns since
	// 1601. 0: 2023-11-14T22:13:20Z, as if SNTP had set it.
	WallStart int64
	// ClockSetAfter is how long after the boot SNTP sets the wall clock, which until
	// then counts from 1970. 0: before the server starts, as the firmware waits for it.
	ClockSetAfter time.Duration
	// WideTicks lets the monotonic clock go on where FreeRTOS's 32-bit count of ticks
	// wraps, after 497.1 days at 100 Hz. Without it everything that was due before
	// then waits for as long again.
	WideTicks bool

	// Started is called in opcua_task when the server accepts connections. Nil:
	// nobody.
	Started func(*sim.App, *Server)
	// Failed is called in opcua_task when the server cannot be made, before that
	// brings the chip down. Nil: nobody.
	Failed func(*sim.App, error)
}

// defaultWallStart is 2023-11-14T22:13:20Z.
const defaultWallStart = 133_444_736_000_000_000

// Main implements [sim.Firmware].
func (f Firmware) Main(a *sim.App) {
	created := false // isServerCreated, which is set whether or not it is
	a.StartNetwork(func(e *sim.App) {
		if created {
			return
		}
		created = true
		core := freertos.Core1
		if a.Device().Config().SDKConfig.FreeRTOS.Unicore {
			core = freertos.Core0
		}
		if _, err := e.CreateTask(taskName, taskStack, taskPriority, core, f.task); err != nil {
			e.Printf("opcua_task: %v", err) // the firmware does not look at the result
			return
		}
		e.Printf("MEMORY: Heap size after OPC UA Task : %d", e.Device().FreeHeap())
	})
}

// task is opcua_task.
func (f Firmware) task(a *sim.App) {
	wdt := a.Device().Kernel().WDT
	if err := wdt.Add(nil); err != nil {
		a.Abort("ESP_ERROR_CHECK failed: esp_task_wdt_add: " + err.Error())
	}
	server, sockets, err := f.newServer(a)
	if err != nil {
		if f.Failed != nil {
			f.Failed(a, err)
		}
		if errors.Is(err, ErrOutOfMemory) {
			// UA_Server_new gave NULL, and main passes it on.
			a.Device().Kernel().Panic("LoadProhibited")
		}
		a.Abort("opcua_task: " + err.Error())
	}
	failed := false
	var failure heap.Failure
	a.Device().OnFailure(func(x heap.Failure) {
		if x.Tag.Task == taskName {
			failed, failure = true, x
		}
	})
	a.SetOnNoMemory(f.OnNoMemory)
	a.Device().AddPending(server.pending(a))
	a.Ready()
	if f.Started != nil {
		f.Started(a, server)
	}
	ticks := a.Kernel().TicksFromMS(uint32(turnDelay.Milliseconds()))
	for {
		sockets.net.CatchUp()
		if err := server.RunIterate(); err != nil {
			a.Printf("opcua_task: %v", err)
			a.Device().Kernel().Panic("StoreProhibited")
		}
		if failed {
			failed = false
			if f.OnNoMemory == freertos.DeleteTask {
				_ = wdt.Remove(nil) // as main does where its loop ends
			}
			a.NoMemory(failure)
		}
		sockets.wait(a, server, ticks)
		if err := wdt.Reset(nil); err != nil {
			a.Abort("ESP_ERROR_CHECK failed: esp_task_wdt_reset: " + err.Error())
		}
		a.Yield()
	}
}

func (f Firmware) newServer(a *sim.App) (*Server, *deviceSockets, error) {
	wall := f.WallStart
	if wall == 0 {
		wall = defaultWallStart
	}
	kernel := a.Device().Kernel()
	clock := &deviceClock{ticks: kernel.Ticks, hz: int64(kernel.Config().HZ), wall: wall, set: int64(f.ClockSetAfter / 100), wide: f.WideTicks}
	cfg := DefaultServerConfig()
	if f.Server != nil {
		cfg = *f.Server
	}
	if cfg.Variables == nil {
		cfg.Variables = f.variables(clock, a.Device().BootedAt())
	}
	cfg.SessionTimeBase, cfg.ChannelTimeBase = f.TimeBase, f.ChannelTimeBase
	sockets := &deviceSockets{app: a, net: a.Device().Net(), lingerZero: f.LingerZero, everyTurn: f.EveryTurn}
	// An event wakes the task, since a call would cost time that the real one
	// does not spend.
	wake := a.Device().World().Loop().NewTimer(a.Unblock)
	sockets.net.Watch(func() {
		if sockets.idle {
			sockets.idle = false
			wake.Reset(0)
		}
	})
	cfg.Memory = &deviceMemory{heap: a.Heap(), task: taskName, kernel: a.Device().Kernel()}
	cfg.Sockets = sockets
	cfg.Clock = clock
	server, err := NewServer(cfg)
	return server, sockets, err
}

// variables are those of the opcua-esp32 firmware (components/model/model.c).
func (f Firmware) variables(clock *deviceClock, boot time.Duration) []Variable {
	temperature := Variable{NodeID: "ns=1;s=temperature", BrowseName: "1:Ambient Temperature", DisplayName: "Temperature",
		Locale: "en-US", Initial: float32(20)}
	reads := int64(0)
	temperature.Read = func() any {
		reads++
		return degrees(reads)
	}
	if f.TemperatureEvery > 0 {
		// The device's clock starts with its boot, the temperature with the world.
		every, offset := max(int64(f.TemperatureEvery/100), 1), int64(boot/100)
		temperature.Read = func() any { return degrees((clock.Monotonic() + offset) / every) }
		temperature.Steady = func(now int64) (since, until int64) {
			since = (now+offset)/every*every - offset
			return since, since + every
		}
	}
	relay := func(n string) Variable {
		return Variable{NodeID: "ns=1;s=Control Relay number " + n + ".", BrowseName: "1:Control Relay number " + n + ".",
			DisplayName: "Relay" + n, Locale: "en-US", Initial: false, Writable: true}
	}
	return []Variable{temperature, relay("0"), relay("1")}
}

// degrees is the sensor's reading after so many changes: from 20 °C up in steps
// of 0.1, and again.
func degrees(changes int64) float32 { return float32(200+changes%200) / 10 }
