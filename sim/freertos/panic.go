package freertos

import (
	"fmt"
	"strings"
	"time"
)

// PanicAction is ESP_SYSTEM_PANIC: what the panic handler does in the end.
type PanicAction uint8

// The actions, in the order of the Kconfig choice.
const (
	PanicPrintHalt    PanicAction = iota // print and halt
	PanicPrintReboot                     // print and reboot
	PanicSilentReboot                    // reboot
	PanicGDBStub                         // print and wait for gdb, for ever
)

// String returns the end of the option's name.
func (a PanicAction) String() string {
	if names := [...]string{"PRINT_HALT", "PRINT_REBOOT", "SILENT_REBOOT", "GDBSTUB"}; int(a) < len(names) {
		return names[a]
	}
	return fmt.Sprintf("PanicAction(%d)", uint8(a))
}

// ResetReason is esp_reset_reason_t: why the chip starts again.
type ResetReason uint8

// The reasons that the model has.
const (
	ResetPowerOn ResetReason = iota + 1 // ESP_RST_POWERON
	ResetSW                             // ESP_RST_SW: esp_restart
	ResetPanic                          // ESP_RST_PANIC
	ResetTaskWDT                        // ESP_RST_TASK_WDT
)

// String returns ESP-IDF's name.
func (r ResetReason) String() string {
	switch r {
	case ResetPowerOn:
		return "ESP_RST_POWERON"
	case ResetSW:
		return "ESP_RST_SW"
	case ResetPanic:
		return "ESP_RST_PANIC"
	case ResetTaskWDT:
		return "ESP_RST_TASK_WDT"
	}
	return fmt.Sprintf("ResetReason(%d)", uint8(r))
}

// Halt is the end of a kernel: from then on no task runs, interrupts do nothing,
// and all memory stays as it is.
type Halt struct {
	At     time.Duration
	Core   Core
	Task   string // the task that its core ran, or that was to blame
	Text   string // what the panic handler said first; "esp_restart" for a restart
	Reset  ResetReason
	Reboot bool // the chip starts again; else it stays as it is
}

// String says what happened, where and when.
func (h *Halt) String() string {
	end := "the chip halts"
	if h.Reboot {
		end = "the chip reboots"
	}
	return fmt.Sprintf("%v: core %v, task %s: %s: %s (%v)", h.At, h.Core, h.Task, h.Text, end, h.Reset)
}

// Halted returns how the kernel ended, nil while it runs.
func (k *Kernel) Halted() *Halt { return k.halt }

// Panic is a CPU exception, such as "StoreProhibited" (a write through a null
// pointer), "LoadProhibited" or "IllegalInstruction". The chip stops as
// Config.Panic says; called by a task it does not return.
func (k *Kernel) Panic(exception string) {
	k.panic(exception, "Exception was unhandled.", "")
}

// panic is a CPU exception on the core of the running task.
func (k *Kernel) panic(exception, description, details string) {
	if k.inert() {
		return
	}
	c := k.currentCore()
	text := fmt.Sprintf("Guru Meditation Error: Core  %v panic'ed (%s). %s", c.id, exception, description)
	if k.cfg.Panic != PanicSilentReboot {
		k.print(text)
		if details != "" {
			k.print(details)
		}
	}
	k.die(c, k.taskOn(c), strings.TrimSpace(text+" "+details), ResetPanic)
}

// Abort is abort or esp_system_abort, whose text it prints. Called by a task it
// does not return.
func (k *Kernel) Abort(text string) {
	if k.inert() {
		return
	}
	c := k.currentCore()
	k.abort(c, k.taskOn(c), text)
}

func (k *Kernel) abort(c *core, task, text string) {
	if text == "" {
		text = abortText(c)
	}
	if k.cfg.Panic != PanicSilentReboot {
		k.print(text)
	}
	k.die(c, task, text, ResetPanic)
}

func abortText(c *core) string { return fmt.Sprintf("abort() was called on core %v", c.id) }

// assert is a failed configASSERT.
func (k *Kernel) assert(function, file, expression string) {
	k.Abort(fmt.Sprintf("assert failed: %s %s (%s)", function, file, expression))
}

// currentCore returns the core whose code is running; interrupts are core 0's.
func (k *Kernel) currentCore() *core {
	if t := k.Current(); t != nil && t.on != nil {
		return t.on
	}
	return k.cores[0]
}

func (k *Kernel) taskOn(c *core) string {
	if c.cur == nil {
		return ""
	}
	return c.cur.name
}

// Restart is esp_restart. Called by a task it does not return.
func (k *Kernel) Restart() {
	if k.inert() {
		return
	}
	c := k.currentCore()
	k.stop(&Halt{At: k.loop.Now(), Core: c.id, Task: k.taskOn(c), Text: "esp_restart", Reset: ResetSW, Reboot: true}, 0)
}

// die is the panic handler after it has said what happened.
func (k *Kernel) die(c *core, task, text string, reset ResetReason) {
	h := &Halt{At: k.loop.Now(), Core: c.id, Task: task, Text: text, Reset: reset}
	h.Reboot = k.cfg.Panic == PanicPrintReboot || k.cfg.Panic == PanicSilentReboot
	delay := time.Duration(0)
	if k.cfg.Panic == PanicPrintReboot {
		delay = k.cfg.PanicRebootDelay
	}
	if k.cfg.Panic != PanicSilentReboot {
		switch {
		case k.cfg.Panic == PanicGDBStub:
			k.print("Entering gdb stub now.")
		case k.cfg.Panic == PanicPrintHalt:
			k.print("CPU halted.")
		default:
			if delay > 0 {
				k.print(fmt.Sprintf("Rebooting in %d seconds...", delay/time.Second))
			}
			k.print("Rebooting...")
		}
	}
	k.stop(h, delay)
}

// stop ends everything on the chip. Tasks stay where they are until the loop is
// closed.
func (k *Kernel) stop(h *Halt, delay time.Duration) {
	me := k.Current()
	k.emit("halt: %v", h)
	k.halt = h
	k.dead, k.started = true, false
	k.tickIRQ.Stop()
	k.WDT.timer.Stop()
	for _, c := range k.cores {
		c.yieldIRQ.Stop()
	}
	for _, t := range k.tasks {
		if t.burning {
			t.stopBurning()
		}
		if t.proc != nil && t != me {
			t.proc.Kill()
		}
	}
	if h.Reboot && k.cfg.OnReset != nil {
		k.loop.After(delay, func() { k.cfg.OnReset(h.Reset) })
	}
	if me != nil {
		me.stop()
	}
}
