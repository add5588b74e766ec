package heaptest_test

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/heap/heaptest"
)

const childRule = "HEAPTEST_BREAKS_RULE"

// TestChild is the body of the child process of TestConformanceNotices.
func TestChild(t *testing.T) {
	rule := os.Getenv(childRule)
	if rule == "" {
		t.Skip("runs in a child process of TestConformanceNotices")
	}
	heaptest.TestAllocator(t, func(t testing.TB, start heap.Addr, size uint32) heaptest.Allocator {
		m, err := heap.RegisterMultiHeap(start, size, heap.MultiHeapConfig{Version: heap.V5_3_1})
		require.NoError(t, err)
		return &fake{MultiHeap: m, rule: rule}
	}, heaptest.Options{})
}

// runsInChild runs TestChild with a rule to break and reports whether it failed.
func runsInChild(t *testing.T, rule string) bool {
	exe, err := os.Executable()
	require.NoError(t, err)
	c := exec.Command(exe, "-test.run", "^TestChild$")
	c.Env = append(os.Environ(), childRule+"="+rule)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Skipf("cannot start a child process here: %v", err)
	}
	require.Contains(t, string(out), map[bool]string{true: "FAIL", false: "PASS"}[err != nil], string(out))
	return err != nil
}
