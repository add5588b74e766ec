package sim

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// A Firmware is the program of a device.
type Firmware interface {
	// Main is app_main: it is called in the main task when the system has
	// started. When it returns, the main task deletes itself, as ESP-IDF's does.
	Main(*App)
}

// App is a task of the firmware with the chip's services: what C code reaches
// through global functions. Its embedded Task is FreeRTOS's.
type App struct {
	*freertos.Task
	dev    *Device
	object string
}

// Device returns the device that the task runs on.
func (a *App) Device() *Device { return a.dev }

// Heap returns the device's heap.
func (a *App) Heap() *heap.Heap { return a.dev.heap }

// Within has the memory that f takes belong to the given object in reports,
// such as "session 3".
func (a *App) Within(object string, f func()) {
	prev := a.object
	a.object = object
	f()
	a.object = prev
}

// Malloc is libc's malloc: n bytes, or 0 if there are none. what is the C type
// or buffer that it is for.
func (a *App) Malloc(what string, n uint32) heap.Addr {
	a.CountCall("malloc")
	return a.dev.heap.MallocDefault(a.owner(what), n)
}

// Calloc is libc's calloc for one object of n bytes.
func (a *App) Calloc(what string, n uint32) heap.Addr {
	a.CountCall("calloc")
	return a.dev.heap.CallocDefault(a.owner(what), 1, n)
}

// CapsCalloc is heap_caps_calloc for one object of n bytes.
func (a *App) CapsCalloc(what string, n uint32, caps heap.Cap) heap.Addr {
	a.CountCall("heap_caps_calloc")
	return a.dev.heap.Calloc(a.owner(what), 1, n, caps)
}

// Realloc is libc's realloc: 0 if there are no n bytes, and p stays as it is.
func (a *App) Realloc(what string, p heap.Addr, n uint32) heap.Addr {
	a.CountCall("realloc")
	q, err := a.dev.heap.ReallocDefault(a.owner(what), p, n)
	if err != nil {
		a.Abort(err.Error())
	}
	return q
}

// Free is libc's free. A pointer that is not a block's is what ESP-IDF asserts
// on: the chip panics.
func (a *App) Free(p heap.Addr) {
	a.CountCall("free")
	if err := a.dev.heap.Free(p); err != nil {
		a.Abort(err.Error())
	}
}

func (a *App) owner(what string) heap.Owner {
	return a.dev.heap.Intern(heap.Tag{Task: a.Name(), Object: a.object, What: what})
}

// CreateTask starts another task of the firmware (xTaskCreatePinnedToCore):
// stack in bytes, priority 0 to 24. As on the chip f must not return: a task ends
// with Delete, or the system aborts.
func (a *App) CreateTask(name string, stack uint32, prio int, core freertos.Core, f func(*App)) (*freertos.Task, error) {
	t, err := a.dev.kernel.CreateTask(name, stack, prio, core, a.dev.run(f))
	if err == nil {
		a.dev.tasks = append(a.dev.tasks, t)
	}
	return t, err
}

// Ended is a task of the firmware that lives no more.
type Ended struct {
	Name string
	At   time.Duration
	Why  string // such as "vTaskDelete(NULL) for lack of memory: ..."
	// NoMemory says that it ended because it found no memory.
	NoMemory bool
}

// EndedTasks lists the tasks that the firmware created and that have ended
// since the start, in the order of their creation.
func (d *Device) EndedTasks() []Ended {
	var out []Ended
	for _, t := range d.tasks {
		if why := t.Ended(); why != "" {
			out = append(out, Ended{t.Name(), t.EndedAt(), why, t.EndedForMemory()})
		}
	}
	return out
}

// Abort is abort() or a failed ESP_ERROR_CHECK: the chip panics with that
// reason, and does what ESP_SYSTEM_PANIC says.
func (a *App) Abort(reason string) {
	a.dev.kernel.Abort(reason)
}

// Ready tells the model that the firmware is up. The first call after a start
// marks the time and the state of the heap that Device.Baseline returns.
func (a *App) Ready() {
	a.dev.setReady()
}

// Printf writes a line to the device's console.
func (a *App) Printf(format string, args ...any) {
	a.dev.kernel.Print(fmt.Sprintf(format, args...))
}

// must is ESP_ERROR_CHECK on an allocation of the system's start.
func (a *App) must(p heap.Addr, what string) heap.Addr {
	if p == 0 {
		a.Abort(fmt.Sprintf("ESP_ERROR_CHECK failed: esp_err_t 0x101 (ESP_ERR_NO_MEM): %s", what))
	}
	return p
}

// run wraps the code of a firmware's task.
func (d *Device) run(f func(*App)) func(*freertos.Task) {
	return func(t *freertos.Task) {
		f(&App{Task: t, dev: d})
	}
}
