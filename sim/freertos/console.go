package freertos

import (
	"fmt"
	"time"
)

// consoleLines bounds what Kernel.Console keeps.
const consoleLines = 1000

// Console returns the last lines that the system wrote to the console, at most
// 1000, without what the firmware writes. Registers and backtraces are left
// out: the model has none.
func (k *Kernel) Console() []string { return append([]string(nil), k.console...) }

// print writes a line to the console.
func (k *Kernel) print(line string) {
	if len(k.console) == consoleLines {
		k.console = append(k.console[:0], k.console[1:]...)
	}
	k.console = append(k.console, line)
	k.emit("console: %s", line)
	if k.cfg.Console != nil {
		k.cfg.Console(k.loop.Now(), line)
	}
}

// loge is ESP_LOGE, with the milliseconds since the chip's reset.
func (k *Kernel) loge(tag, format string, args ...any) {
	ms := (k.loop.Now() - k.boot) / time.Millisecond
	k.print(fmt.Sprintf("E (%d) %s: ", ms, tag) + fmt.Sprintf(format, args...))
}
