package freertos

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// drawScript draws a script of a few tasks that do all kinds of things to each
// other and end.
func drawScript(t *rapid.T) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	num := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }

	line("cores %d", num("cores", 1, 2))
	line("version %s", pick("version", "v4.4", "v5.3.1", "master"))
	line("cost %s", pick("cost", "0s", "10us", "3ms"))
	line("trace")
	line("queue q %d", num("length", 1, 3))
	line("sem s")
	line("counting c 3 1")
	line("mutex m")
	line("mutex n")
	line("group g")
	line("timer tm %d %s", num("period", 1, 4), pick("auto", "auto", "once"))
	n := num("tasks", 1, 5)
	name := func() string { return fmt.Sprint("t", num("other", 0, n)) }
	for i := range n + 1 {
		later := ""
		if i == n {
			later = " later"
		}
		line("task t%d prio=%d core=%s%s", i, num("prio", 0, 6), pick("core", "0", "0", "any"), later)
		for range num("statements", 0, 12) {
			switch pick("op", "spend", "delay", "send", "recv", "take", "give", "lock", "notify", "wait", "set", "waitbits", "sync", "prio", "kill", "nap", "create", "yield", "abort", "block", "unblock", "timer", "peek", "until") {
			case "spend":
				line("  spend %dus", num("us", 0, 30000))
			case "delay":
				line("  delay %d", num("ticks", 0, 4))
			case "until":
				line("  delayuntil %d", num("ticks", 1, 4))
			case "send":
				line("  %s q v%d %d", pick("send", "send", "front"), i, num("ticks", 0, 3))
			case "recv":
				line("  recv q %d", num("ticks", 0, 3))
			case "peek":
				line("  peek q %d", num("ticks", 0, 3))
			case "take":
				line("  take %s %d", pick("sem", "s", "c"), num("ticks", 0, 3))
			case "give":
				line("  give %s", pick("sem", "s", "c"))
			case "lock":
				line("  lock %s %d %dus", pick("mutex", "m", "n"), num("ticks", 0, 5), num("us", 0, 20000))
			case "notify":
				line("  notify t%d", i)
			case "wait":
				line("  wait %d", num("ticks", 0, 3))
			case "set":
				line("  set g %d", num("bits", 0, 3))
			case "waitbits":
				line("  waitbits g %d %s %s %d", num("bits", 1, 3), pick("all", "all", "any"), pick("clear", "clear", "keep"), num("ticks", 0, 3))
			case "sync":
				line("  sync g 1 %d %d", num("bits", 1, 3), num("ticks", 0, 3))
			case "prio":
				line("  prio t%d %d", i, num("prio", 0, 6))
			case "kill":
				line("  kill %s", name())
			case "nap":
				line("  nap %s %d", name(), num("ticks", 0, 3))
			case "create":
				line("  create t%d", n)
			case "yield":
				line("  yield")
			case "abort":
				line("  wake %s", name())
			case "block":
				line("  block %d", num("ticks", 0, 3))
			case "unblock":
				line("  poke %s", name())
			case "timer":
				line("  %s tm 1", pick("timer", "start", "stop"))
			}
		}
		line("  delete")
	}
	for range num("events", 0, 4) {
		line("at %dus %s", num("at", 0, 100)*1000+num("us", 0, 1)*500, pick("event", "give s", "give c", "send q isr", "set g 1", "start tm"))
	}
	line("run 2s")
	return b.String()
}

// start boots a script's chip and creates its tasks from outside, once nothing
// else runs, so that what was there before can be compared with the end.
func (s *script) start() (end func()) {
	end = s.boot()
	require.NoError(s.t, s.StartScheduler())
	require.NoError(s.t, s.loop.Run(0))
	s.base = s.free8()
	for _, st := range s.objects {
		s.object(st)
	}
	s.baseBlocks = blocks(s.Heap())
	for _, name := range s.order {
		if !s.defs[name].later {
			s.create(name)
		}
	}
	s.schedule()
	return end
}

// TestSchedulerInvariants checks, after every event of random programs, what has
// to hold at any time, and that in the end all memory is back.
func TestSchedulerInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newScript(t, "random", drawScript(rt))
		s.cfg.TraceSwitches = false
		defer s.start()()
		err := s.loop.RunUntil(func() bool { checkInvariants(rt, s.Kernel); return false }, s.length)
		if isUseAfterFree(err) {
			rt.Skip(err)
		}
		require.ErrorContains(rt, err, "condition was still false")

		for _, task := range s.Tasks() {
			if s.defs[task.Name()] != nil && !task.deleted {
				task.Delete()
			}
		}
		require.Nil(rt, s.Halted(), s.out.String())
		require.Equal(rt, s.baseBlocks, blocks(s.Heap())-countUserTasks(s), "blocks beside those of tasks that wait for the idle task")
		s.deleteObjects(t)
		require.NoError(rt, s.loop.Run(time.Second))
		require.Equal(rt, s.base, s.free8(), s.out.String())
	})
}

// isUseAfterFree: a random program used a task that another deleted meanwhile.
func isUseAfterFree(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "points at freed memory") || strings.Contains(err.Error(), "waits for an idle task"))
}

func countUserTasks(s *script) int {
	n := 0
	for _, task := range s.Tasks() {
		if s.defs[task.Name()] != nil {
			n += 2
		}
	}
	return n
}

// deleteObjects frees a script's objects in a task of their own.
func (s *script) deleteObjects(t *testing.T) {
	_, err := s.CreateTask("cleanup", 2048, 10, Core0, func(me *Task) {
		me.Delay(10) // the timer service may still have commands for them
		s.queues["q"].Delete()
		s.sems["s"].Delete()
		s.sems["c"].Delete()
		s.mutexes["m"].Delete()
		s.mutexes["n"].Delete()
		s.groups["g"].Delete()
		s.timers["tm"].Delete(MaxDelay)
		me.Delete()
	})
	require.NoError(t, err)
}

func blocks(h *heap.Heap) int {
	n := 0
	h.Blocks(func(b heap.Block) bool { n++; return true })
	return n
}

func checkInvariants(t *rapid.T, k *Kernel) {
	if k.dead {
		t.Fatalf("halted: %v", k.halt)
	}
	for _, c := range k.cores {
		if c.cur == nil || c.cur.on != c {
			t.Fatalf("core %v has %v, which has core %v", c.id, c.cur, c.cur.on)
		}
		// On two cores a task that was preempted on one may wait for the other
		// to look at the next tick, or for longer if that does not look.
		looks := len(k.cores) == 1 || k.ready[c.cur.prio].n > 1
		atTick := k.tickIRQ.Active() && k.tickIRQ.When() <= k.nextTick
		if !c.pending && looks && !(len(k.cores) == 2 && atTick) {
			for prio := c.cur.prio + 1; prio < maxPriorities; prio++ {
				for it := k.ready[prio].end.next; it != &k.ready[prio].end; it = it.next {
					if it.owner.on == nil && it.owner.canRunOn(c) {
						t.Fatalf("core %v runs %s of priority %d while %s of %d is ready", c.id, c.cur.name, c.cur.prio, it.owner.name, prio)
					}
				}
			}
		}
		if c.pending && !c.yieldIRQ.Active() && !atTick {
			t.Fatalf("core %v: nothing makes the pending switch", c.id)
		}
	}
	for _, task := range k.tasks {
		switch in := task.state.in; {
		case in == &k.ready[task.prio]:
			if task.event.in != nil {
				t.Fatalf("%s is ready and in an event list", task.name)
			}
		case in == &k.delayed:
			if task.state.value <= k.ticks {
				t.Fatalf("%s waits for tick %d at tick %d", task.name, task.state.value, k.ticks)
			}
			if !k.tickIRQ.Active() || k.tickIRQ.When() > k.tickTime(task.state.value) {
				t.Fatalf("nothing ends the wait of %s", task.name)
			}
		case in == &k.suspended, in == &k.termination:
		default:
			t.Fatalf("%s is in no list of a state", task.name)
		}
		if task.on != nil && task.on.cur != task {
			t.Fatalf("%s believes to have core %v, which has %s", task.name, task.on.id, task.on.cur.name)
		}
		if task.prio < task.basePrio {
			t.Fatalf("%s has priority %d, below its own %d", task.name, task.prio, task.basePrio)
		}
	}
}

// TestSkippedTicksChangeNothing runs random programs once as they are and once
// with every tick interrupt made.
func TestSkippedTicksChangeNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		source := drawScript(rt)
		run := func(every bool) string {
			s := newScript(t, "random", source)
			defer s.start()()
			if every {
				var tick func()
				tick = func() {
					s.sync()
					s.loop.At(s.nextTick, tick)
				}
				s.loop.At(s.nextTick, tick)
			}
			if err := s.loop.Run(s.length); err != nil {
				require.True(rt, isUseAfterFree(err), err)
				s.say("*", "%v", err)
			}
			return s.out.String()
		}
		require.Equal(rt, run(true), run(false), source)
	})
}

// TestDeterminism runs one random program several times at different
// GOMAXPROCS.
func TestDeterminism(t *testing.T) {
	source := rapid.Custom(drawScript)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for seed := range 5 {
		want := ""
		for i := range 6 {
			runtime.GOMAXPROCS(1 + i%2)
			s := newScript(t, "random", source.Example(seed))
			s.cfg.Console = nil
			end := s.start()
			require.NoError(t, s.loop.Run(time.Second))
			got := s.loop.Fingerprint() + s.out.String()
			end()
			if want == "" {
				want = got
			}
			require.Equal(t, want, got)
		}
	}
}
