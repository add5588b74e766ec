package opcua

import (
	"testing"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// BenchmarkBoot boots a server: namespace 0, configuration, three variables.
func BenchmarkBoot(b *testing.B) {
	for b.Loop() {
		cfg := DefaultServerConfig()
		cfg.Memory, cfg.Clock = &mem.Recorder{}, &testClock{now: 80_000_000}
		cfg.Sockets = newTape(&header{}, func(happened) {})
		cfg.Sockets.(*tape).max = 10
		if _, err := NewServer(cfg); err != nil {
			b.Fatal(err)
		}
	}
}
