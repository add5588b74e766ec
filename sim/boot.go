package sim

import (
	"fmt"
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// Bytes of what the C library and the virtual file system take before the
// first task (ESP-IDF v5.3.1; sizes computed from the definitions).
const (
	sizeFILE     = 112 // newlib's FILE; the list glue around it is not known
	sizeVFSEntry = 192 // vfs_entry_t, components/vfs/private_include/esp_vfs_private.h
	consoles     = 2   // /dev/console and the UART behind it
)

// defaultBootTime is how long a start takes until the scheduler runs. ESP-IDF's
// manual prints hello_world's first line of heap_init at 252 ms (docs,
// mem_alloc.rst); the rest is assumed.
const defaultBootTime = 320 * time.Millisecond

// boot is what happens from the reset to the start of the scheduler, in
// ESP-IDF's order (components/esp_system/startup.c, system_init_fn.txt).
func (d *Device) boot() error {
	c := d.cfg.SDKConfig
	v, err := heapVersion(c.IDF)
	if err != nil {
		return err
	}
	layout, err := d.layout()
	if err != nil {
		return err
	}
	d.boots++
	d.tlsConnections = 0
	d.bootedAt = d.world.Now()
	d.power, d.ready, d.readyAt, d.baseline = Running, false, 0, Baseline{}
	d.events, d.net, d.netif, d.pending, d.failures, d.onFail, d.tasks, d.whenNetwork = nil, nil, nil, nil, nil, nil, nil, nil
	d.heap, err = heap.New(heap.Config{
		Version:   v,
		Layout:    layout,
		Poisoning: heap.Poisoning(c.Heap.Poisoning),

		TaskTracking: c.Heap.TaskTracking,
		Now:          d.world.loop.Now,
		Inject:       d.cfg.Inject,
		OnFail:       d.allocFailed,
		OnAbort:      func(err error) { d.kernel.Abort(err.Error()) },

		AbortOnFailure: c.Heap.AbortWhenAllocationFails,
	})
	if err != nil {
		return err
	}
	if d.kernel, err = freertos.New(d.world.loop, d.heap, d.kernelConfig()); err != nil {
		return err
	}
	d.kernel.Print("heap_init: Initializing. RAM available for dynamic allocation:")
	for _, line := range d.heap.BootLog() {
		d.kernel.Print("heap_init: " + line)
	}
	if err := d.addPSRAM(); err != nil {
		return err
	}
	if err := d.bootTasks(); err != nil {
		return err
	}
	if d.cfg.BootTime < 0 {
		return d.kernel.StartScheduler()
	}
	kernel := d.kernel
	d.world.loop.After(d.cfg.BootTime, func() {
		if d.kernel != kernel || d.power != Running {
			return
		}
		if err := kernel.StartScheduler(); err != nil {
			d.world.loop.Fail(fmt.Errorf("sim: device %q: %w", d.name, err))
		}
	})
	return nil
}

// bootTasks takes what the system takes before the scheduler: files of the
// console, the tasks ipc0, ipc1 and esp_timer, and the main task.
func (d *Device) bootTasks() error {
	c := d.cfg.SDKConfig
	console := d.heap.Intern(heap.Tag{Task: "boot", Object: "console", What: "vfs_entry_t"})
	file := d.heap.Intern(heap.Tag{Task: "boot", Object: "console", What: "FILE"})
	for range consoles {
		d.heap.MallocDefault(console, sizeVFSEntry)
	}
	for range 3 { // stdin, stdout, stderr
		d.heap.MallocDefault(file, sizeFILE)
	}
	type task struct {
		name  string
		stack uint32
		prio  int
		core  freertos.Core
		f     func(*freertos.Task)
	}
	wait := func(t *freertos.Task) { t.Suspend() } // they wait for work that never comes
	var tasks []task
	if c.System.IPCEnable {
		tasks = append(tasks, task{"ipc0", uint32(c.System.IPCTaskStackSize), 24, freertos.Core0, wait})
	}
	if c.System.IPCEnable && !c.FreeRTOS.Unicore {
		tasks = append(tasks, task{"ipc1", uint32(c.System.IPCTaskStackSize), 24, freertos.Core1, wait})
	}
	tasks = append(tasks,
		task{"esp_timer", uint32(c.System.TimerTaskStackSize) + d.extraStack(), 22, freertos.Core0, wait},
		task{"main", uint32(c.System.MainTaskStackSize) + d.extraStack(), 1, freertos.Core(c.System.MainTaskAffinity), d.run(d.mainTask)},
	)
	for _, t := range tasks {
		if c.IDF.Major < 5 && strings.HasPrefix(t.name, "ipc") {
			// v4.4's mutex, ack and wake-up semaphore of each core are in the heap
			// (components/esp_ipc/src/esp_ipc.c).
			owner := d.heap.Intern(heap.Tag{Task: "boot", Object: t.name, What: "semaphore"})
			for range 3 {
				d.heap.MallocDefault(owner, d.kernel.Sizes().Queue)
			}
		}
		if _, err := d.kernel.CreateTask(t.name, t.stack, t.prio, t.core, t.f); err != nil {
			return err
		}
	}
	return nil
}

// mainTask is ESP-IDF's main_task (components/freertos/app_startup.c).
func (d *Device) mainTask(a *App) {
	a.Task.OnFree(d.forgetMainTask)
	d.heap.EnableNonOSStackHeaps()
	a.check(d.reserveInternalPool())
	if d.cfg.SDKConfig.System.TaskWDTInit {
		a.check(d.kernel.WDT.Init())
	}
	d.kernel.Print("main_task: Calling app_main()")
	for _, app := range d.cfg.Applications {
		app.Start(a)
	}
	d.cfg.Firmware.Main(a)
	d.kernel.Print("main_task: Returned from app_main()")
	a.Delete()
}

// extraStack is TASK_EXTRA_STACK_SIZE, which the system adds to the stacks that
// Kconfig names (components/esp_system/include/esp_task.h).
func (d *Device) extraStack() uint32 {
	if d.cfg.SDKConfig.LibC.NanoFormat {
		return 0
	}
	return 512
}

func (d *Device) kernelConfig() freertos.Config {
	c := d.cfg.SDKConfig
	k := freertos.DefaultConfig(heap.Version(c.IDF.Major<<16 | c.IDF.Minor<<8 | c.IDF.Patch))
	k.Name = d.name
	k.Unicore = c.FreeRTOS.Unicore
	k.HZ = uint32(c.FreeRTOS.HZ)
	k.IdleStackSize = uint32(c.FreeRTOS.IdleTaskStackSize)
	k.TimerService = c.FreeRTOS.UseTimers
	k.TimerTaskPriority = c.FreeRTOS.TimerTaskPriority
	k.TimerTaskStackDepth = uint32(c.FreeRTOS.TimerTaskStackDepth)
	if k.Version.AtLeast(5, 3, 0) {
		k.TimerTaskAffinity = freertos.Core(c.FreeRTOS.TimerServiceTaskAffinity)
	}
	k.TimerQueueLength = uint32(c.FreeRTOS.TimerQueueLength)
	k.SMP = c.FreeRTOS.SMP
	k.TraceFacility = c.FreeRTOS.UseTraceFacility
	k.RunTimeStats, k.RunTimeCounter64 = c.FreeRTOS.GenerateRunTimeStats, c.FreeRTOS.RunTimeCounterType == 8
	k.ApplicationTaskTag = c.FreeRTOS.UseApplicationTaskTag
	k.ListDataIntegrityCheckBytes = c.FreeRTOS.UseListDataIntegrityCheckBytes
	k.ThreadLocalStoragePointers = uint32(c.FreeRTOS.ThreadLocalStoragePointers)
	k.TLSPDeletionCallbacks = c.FreeRTOS.TLSPDeletionCallbacks
	k.TaskNotificationArrayEntries = uint32(c.FreeRTOS.TaskNotificationArrayEntries)
	k.MaxTaskNameLen = uint32(c.FreeRTOS.MaxTaskNameLen)
	k.Picolibc = c.LibC.Picolibc
	k.StackChecker = c.LibC.StackProtector >= sdkconfig.StackProtectorStrong
	k.NoOptimization = c.LibC.Optimization == sdkconfig.OptimizationNone
	k.AppTrace = c.System.ApptraceEnable
	k.WatchpointEndOfStack = c.FreeRTOS.WatchpointEndOfStack
	switch c.FreeRTOS.CheckStackOverflow {
	case sdkconfig.StackCheckPointer:
		k.StackCheck = freertos.StackCheckPtrVal
	case sdkconfig.StackCheckNone:
		k.StackCheck = freertos.StackCheckNone
	}
	k.Panic = [...]freertos.PanicAction{freertos.PanicPrintHalt, freertos.PanicPrintReboot, freertos.PanicSilentReboot, freertos.PanicGDBStub, freertos.PanicGDBStub}[c.System.Panic]
	k.PanicRebootDelay = time.Duration(c.System.PanicRebootDelayS) * time.Second
	k.WDT = freertos.WDTConfig{
		Timeout:       time.Duration(c.System.TaskWDTTimeoutS) * time.Second,
		Panic:         c.System.TaskWDTPanic,
		CheckIdleCPU0: c.System.TaskWDTCheckIdleTaskCPU0,
		CheckIdleCPU1: c.System.TaskWDTCheckIdleTaskCPU1,
	}
	k.SyscallCost = d.world.cfg.SyscallCost
	boot := d.boots
	k.OnReset = func(freertos.ResetReason) {
		// A panic waits before it reboots. Meanwhile the supply may have gone, or
		// somebody may have pressed the reset button.
		if d.boots == boot && d.power == Running {
			d.restart()
		}
	}
	k.Console = func(at time.Duration, line string) { d.print(at, line) }
	return k
}

// heapVersion is the version of the heap's rules that a release of ESP-IDF has.
func heapVersion(v sdkconfig.Version) (heap.Version, error) {
	return heap.ParseVersion(v.String())
}

func (d *Device) print(at time.Duration, line string) {
	d.world.loop.Log().Emit(d.name, "%s", line)
	if d.cfg.Console != nil {
		fmt.Fprintf(d.cfg.Console, "(%d) %s\n", (at - d.bootedAt).Milliseconds(), line)
	}
}

func (d *Device) allocFailed(f heap.Failure) {
	d.failures = append(d.failures, f)
	d.world.loop.Log().Emit(d.name, "allocation failed: %d bytes for %s of %s, free %d, largest %d", f.Size, f.Tag.What, f.Tag.Object, f.Free, f.Largest)
	for _, g := range d.onFail {
		g(f)
	}
}
