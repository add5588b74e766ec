package outage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/heap/heaptest"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// Every kind of allocation of a client's visit fails once, on a machine whose
// firmware ends its task when the server finds no memory. Run it with -v for the
// table: what the firmware did about each, and what it has lost for good.
func TestFailEachAllocationOfAVisit(t *testing.T) {
	c := machine(t)
	c.Loss, c.Every, c.Stay = opcua.LeaveClose, 5*time.Minute, 2*time.Second
	c.Client.Subscription.Items = outage.Items(1)
	c.Firmware.TimeBase = opcua.Monotonic
	c.Firmware.OnNoMemory = freertos.DeleteTask
	visit := func(t testing.TB, inject heap.Injector) heaptest.Run {
		r, err := outage.Start(c)
		require.NoError(t, err)
		defer r.Close()
		r.Device.Heap().SetInjector(inject)
		v, err := r.Visit()
		require.NoError(t, err)
		run := heaptest.Run{Heap: r.Device.Heap(), Died: v.Dead}
		if !v.Report.OK() {
			run.Reported = v.Report.Err
		}
		return run
	}
	r := heaptest.SweepSome(t, visit, heaptest.FirstOfEach())
	t.Logf("\n%v", r)
	require.Greater(t, len(r.Findings), 50)
	for _, f := range r.Findings {
		switch tag := f.Request.Tag; {
		case tag.Task == "opcua_task":
			require.Equal(t, heaptest.TaskDeath, f.Outcome, "%d: the firmware ends its task", f.N)
			if tag.What != "ConnectionEntry" {
				require.Positive(t, f.Leak, "%d: nobody closes what the task held", f.N)
			}
		case tag.What == "SYS_TIMEOUT":
			require.Equal(t, heaptest.TaskDeath, f.Outcome, "%d: lwIP asserts that it has a timer", f.N)
		case tag.What == "l2_rx_buffer", tag.What == "PBUF_RAM", tag.What == "TCP_PCB":
			require.Equal(t, heaptest.SilentRetry, f.Outcome, "%d: TCP repeats what was lost", f.N)
			require.Zero(t, f.Leak, "%d: %v", f.N, f.LeakBy)
		}
	}
}
