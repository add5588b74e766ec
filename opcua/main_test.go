package opcua

import (
	"flag"
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets the heap grow further between collections while tests run: replays
// allocate much that lives as long as they do. Benchmarks are measured as users run.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.bench"); f == nil || f.Value.String() == "" {
		debug.SetGCPercent(400)
	}
	os.Exit(m.Run())
}
