package freertos

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

var rewrite = flag.Bool("rewrite", false, "write what the scripts do into their files")

// TestScripts runs testdata/*.txt. Above the line "----" stand objects, tasks
// with their statements, interrupts and how long to run; below it what happened.
// Statements are those of the runner's method do.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			require.NoError(t, err)
			source, want, _ := strings.Cut(string(b), "----\n")
			got := runScript(t, file, source)
			if *rewrite {
				require.NoError(t, os.WriteFile(file, []byte(source+"----\n"+got), 0o644))
				return
			}
			require.Equal(t, want, got, "go test -run 'TestScripts/%s' -rewrite writes the new outcome", filepath.Base(file))
		})
	}
}

type script struct {
	*Kernel
	t          testing.TB
	file       string
	loop       *vtime.Loop
	out        bytes.Buffer
	cfg        Config
	version    heap.Version
	base       uint32 // free bytes before the tasks
	baseBlocks int
	queues     map[string]*Queue[string]
	sems       map[string]*Semaphore
	mutexes    map[string]*Mutex
	rec        map[string]*RecursiveMutex
	groups     map[string]*EventGroup
	timers     map[string]*Timer
	tasks      map[string]*Task
	defs       map[string]*taskDef
	order      []string
	objects    []statement
	events     []statement
	length     time.Duration
}

type taskDef struct {
	prio  int
	core  Core
	stack uint32
	later bool
	body  []statement
}

type statement struct {
	line  int
	words []string
}

func runScript(t testing.TB, file, source string) string {
	s := newScript(t, file, source)
	s.run()
	return s.out.String()
}

func newScript(t testing.TB, file, source string) *script {
	s := &script{t: t, file: file, version: heap.V5_3_1,
		queues: map[string]*Queue[string]{}, sems: map[string]*Semaphore{}, mutexes: map[string]*Mutex{}, rec: map[string]*RecursiveMutex{},
		groups: map[string]*EventGroup{}, timers: map[string]*Timer{}, tasks: map[string]*Task{}, defs: map[string]*taskDef{}}
	s.cfg = DefaultConfig(s.version)
	s.cfg.SyscallCost = 0
	s.parse(source)
	return s
}

func (s *script) fail(st statement, format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("%s:%d: %s: "+format, append([]any{s.file, st.line, strings.Join(st.words, " ")}, args...)...)
}

func (s *script) parse(source string) {
	var def *taskDef
	for i, l := range strings.Split(source, "\n") {
		st := statement{i + 1, strings.Fields(l)}
		if len(st.words) == 0 || strings.HasPrefix(st.words[0], "#") {
			continue
		}
		if l[0] == ' ' || l[0] == '\t' {
			def.body = append(def.body, st)
			continue
		}
		switch st.words[0] {
		case "version":
			v, err := heap.ParseVersion(st.words[1])
			require.NoError(s.t, err)
			s.version = v
			d := DefaultConfig(v)
			s.cfg.Version, s.cfg.Picolibc, s.cfg.TimerTaskAffinity = v, d.Picolibc, d.TimerTaskAffinity
		case "cores":
			s.cfg.Unicore = st.words[1] == "1"
		case "cost":
			s.cfg.SyscallCost = s.duration(st, 1)
		case "hz":
			s.cfg.HZ = uint32(s.num(st, 1))
		case "tick0":
			s.cfg.InitialTickCount = uint32(s.num(st, 1))
		case "trace":
			s.cfg.TraceSwitches = true
		case "panic":
			for a := PanicPrintHalt; a <= PanicGDBStub; a++ {
				if a.String() == st.words[1] {
					s.cfg.Panic = a
				}
			}
		case "wdt":
			s.cfg.WDT = WDTConfig{Timeout: s.duration(st, 1)}
			for _, w := range st.words[2:] {
				s.cfg.WDT.Panic = s.cfg.WDT.Panic || w == "panic"
				s.cfg.WDT.CheckIdleCPU0 = s.cfg.WDT.CheckIdleCPU0 || w == "idle0"
				s.cfg.WDT.CheckIdleCPU1 = s.cfg.WDT.CheckIdleCPU1 || w == "idle1"
			}
		case "queue", "sem", "counting", "mutex", "rmutex", "group", "timer":
			s.objects = append(s.objects, st)
		case "task":
			def = &taskDef{core: Core0, stack: 2048}
			for _, w := range st.words[2:] {
				key, v, _ := strings.Cut(w, "=")
				switch key {
				case "prio":
					def.prio, _ = strconv.Atoi(v)
				case "stack":
					n, _ := strconv.Atoi(v)
					def.stack = uint32(n)
				case "core":
					def.core = map[string]Core{"0": Core0, "1": Core1, "any": NoAffinity}[v]
				case "later":
					def.later = true
				default:
					s.fail(st, "unknown %q", w)
				}
			}
			s.defs[st.words[1]] = def
			s.order = append(s.order, st.words[1])
		case "at":
			s.events = append(s.events, st)
		case "run":
			s.length = s.duration(st, 1)
		default:
			s.fail(st, "unknown")
		}
	}
}

func (s *script) num(st statement, i int) int {
	s.t.Helper()
	if i >= len(st.words) {
		s.fail(st, "word %d is missing", i)
	}
	n, err := strconv.ParseInt(st.words[i], 0, 64)
	if err != nil {
		s.fail(st, "%v", err)
	}
	return int(n)
}

// ticks reads a block time, "forever" or none (0).
func (s *script) ticks(st statement, i int) uint32 {
	switch {
	case i >= len(st.words):
		return 0
	case st.words[i] == "forever":
		return MaxDelay
	}
	return uint32(s.num(st, i))
}

func (s *script) duration(st statement, i int) time.Duration {
	d, err := time.ParseDuration(st.words[i])
	if err != nil {
		s.fail(st, "%v", err)
	}
	return d
}

func (s *script) say(who, format string, args ...any) {
	fmt.Fprintf(&s.out, "%-9v %-5s %s\n", s.loop.Now(), who, fmt.Sprintf(format, args...))
}

func (s *script) run() {
	defer s.boot()()
	for _, st := range s.objects {
		s.object(st)
	}
	for _, name := range s.order {
		if !s.defs[name].later {
			s.create(name)
		}
	}
	require.NoError(s.t, s.StartScheduler())
	s.base = s.free8()
	s.schedule()
	if err := s.loop.Run(s.length); err != nil {
		s.say("*", "error: %v", err)
	}
}

// boot makes the chip and returns what ends it.
func (s *script) boot() func() {
	s.loop = vtime.New(1)
	h, err := heap.New(heap.Config{Version: s.version, Layout: heap.DefaultLayout(), Now: s.loop.Now})
	require.NoError(s.t, err)
	h.EnableNonOSStackHeaps()
	s.cfg.Console = func(_ time.Duration, line string) { s.say("*", "%s", line) }
	s.cfg.OnReset = func(r ResetReason) { s.say("*", "reset: %v", r) }
	if s.cfg.TraceSwitches {
		s.loop.Log().Keep(switches{s})
	}
	s.Kernel, err = New(s.loop, h, s.cfg)
	require.NoError(s.t, err)
	return s.loop.Close
}

func (s *script) schedule() {
	for _, st := range s.events {
		s.loop.At(s.duration(st, 1), func() { s.interrupt(statement{st.line, st.words[2:]}) })
	}
}

// switches passes the context switches of the event log on.
type switches struct{ s *script }

func (w switches) Write(b []byte) (int, error) {
	if f := strings.SplitN(strings.TrimSpace(string(b)), " ", 3); strings.HasPrefix(f[2], "core ") {
		w.s.say("-", "%s", f[2])
	}
	return len(b), nil
}

func (s *script) free8() uint32 { return s.Heap().FreeSize(heap.CapInternal | heap.Cap8Bit) }

func (s *script) object(st statement) {
	var err error
	name := st.words[1]
	switch st.words[0] {
	case "queue":
		s.queues[name], err = NewQueue[string](s.Kernel, name, uint32(s.num(st, 2)), 4)
	case "sem":
		s.sems[name], err = NewBinarySemaphore(s.Kernel, name)
	case "counting":
		s.sems[name], err = NewCountingSemaphore(s.Kernel, name, uint32(s.num(st, 2)), uint32(s.num(st, 3)))
	case "mutex":
		s.mutexes[name], err = NewMutex(s.Kernel, name)
	case "rmutex":
		s.rec[name], err = NewRecursiveMutex(s.Kernel, name)
	case "group":
		s.groups[name], err = NewEventGroup(s.Kernel, name)
	case "timer":
		auto := len(st.words) > 3 && st.words[3] == "auto"
		s.timers[name], err = NewTimer(s.Kernel, name, uint32(s.num(st, 2)), auto, func(*Timer) { s.say(name, "expired") })
	}
	require.NoError(s.t, err)
}

func (s *script) create(name string) {
	d := s.defs[name]
	t, err := s.CreateTask(name, d.stack, d.prio, d.core, func(t *Task) {
		s.tasks[name] = t
		prev := s.tickCount()
		s.body(t, d.body, &prev)
	})
	if err != nil {
		s.say("*", "%v", err)
		return
	}
	s.tasks[name] = t
}

// body runs statements; "repeat N" and "forever" reach to their "end".
func (s *script) body(t *Task, body []statement, prev *uint32) {
	for i := 0; i < len(body); i++ {
		st := body[i]
		if w := st.words[0]; w != "repeat" && w != "forever" {
			if w == "return" {
				return
			}
			s.do(t, st, prev)
			continue
		}
		depth, j := 0, i
		for ; ; j++ {
			if j == len(body) {
				s.fail(st, "without end")
			}
			switch body[j].words[0] {
			case "repeat", "forever":
				depth++
			case "end":
				depth--
			}
			if depth == 0 {
				break
			}
		}
		for n := 0; st.words[0] == "forever" || n < s.num(st, 1); n++ {
			s.body(t, body[i+1:j], prev)
		}
		i = j
	}
	if len(body) > 0 && body[len(body)-1].words[0] == "delete" {
		s.t.Errorf("task %s went on after it deleted itself", t.Name())
	}
}

func (s *script) do(t *Task, st statement, prev *uint32) {
	w := st.words
	result := func(v any) { s.say(t.Name(), "%s: %v", strings.Join(w, " "), v) }
	arg := func(i int) string {
		if i < len(w) {
			return w[i]
		}
		return ""
	}
	other := func() *Task {
		if len(w) == 1 {
			return t
		}
		return s.tasks[w[1]]
	}
	switch w[0] {
	case "print":
		s.say(t.Name(), "%s", strings.Join(w[1:], " "))
	case "spend":
		t.Spend(s.duration(st, 1))
	case "delay":
		t.Delay(s.ticks(st, 1))
	case "delayuntil":
		result(t.DelayUntil(prev, uint32(s.num(st, 1))))
	case "ticks":
		result(s.TickCount())
	case "yield":
		t.Yield()
	case "syscall":
		t.Syscall("model")
	case "take":
		switch {
		case s.sems[arg(1)] != nil:
			result(s.sems[w[1]].Take(s.ticks(st, 2)))
		case s.mutexes[arg(1)] != nil:
			result(s.mutexes[w[1]].Take(s.ticks(st, 2)))
		default:
			result(s.rec[w[1]].Take(s.ticks(st, 2)))
		}
	case "lock": // take, spend, give
		m := s.mutexes[w[1]]
		ok := m.Take(s.ticks(st, 2))
		result(ok)
		if ok {
			t.Spend(s.duration(st, 3))
			result(m.Give())
		}
	case "give":
		switch {
		case s.sems[arg(1)] != nil:
			result(s.sems[w[1]].Give())
		case s.mutexes[arg(1)] != nil:
			result(s.mutexes[w[1]].Give())
		default:
			result(s.rec[w[1]].Give())
		}
	case "send":
		result(s.queues[w[1]].Send(w[2], s.ticks(st, 3)))
	case "front":
		result(s.queues[w[1]].SendToFront(w[2], s.ticks(st, 3)))
	case "overwrite":
		s.queues[w[1]].Overwrite(w[2])
	case "recv":
		v, ok := s.queues[w[1]].Receive(s.ticks(st, 2))
		result(fmt.Sprint(v, " ", ok))
	case "peek":
		v, ok := s.queues[w[1]].Peek(s.ticks(st, 2))
		result(fmt.Sprint(v, " ", ok))
	case "reset":
		s.queues[w[1]].Reset()
	case "free":
		switch {
		case s.queues[arg(1)] != nil:
			s.queues[w[1]].Delete()
		case s.sems[arg(1)] != nil:
			s.sems[w[1]].Delete()
		case s.groups[arg(1)] != nil:
			s.groups[w[1]].Delete()
		default:
			s.mutexes[w[1]].Delete()
		}
	case "notify":
		if o := s.tasks[w[1]]; !o.freed {
			o.NotifyGive()
		}
	case "wait":
		result(t.NotifyTake(true, s.ticks(st, 1)))
	case "setvalue":
		result(s.tasks[w[1]].Notify(uint32(s.num(st, 2)), SetValueWithoutOverwrite))
	case "waitvalue":
		v, ok := t.NotifyWait(0, 0, s.ticks(st, 1))
		result(fmt.Sprint(v, " ", ok))
	case "block":
		result(t.Block(s.ticks(st, 1)))
	case "unblock":
		s.tasks[w[1]].Unblock()
	case "set":
		result(fmt.Sprintf("%#x", s.groups[w[1]].SetBits(uint32(s.num(st, 2)))))
	case "waitbits":
		result(fmt.Sprintf("%#x", s.groups[w[1]].WaitBits(uint32(s.num(st, 2)), w[4] == "clear", w[3] == "all", s.ticks(st, 5))))
	case "sync":
		result(fmt.Sprintf("%#x", s.groups[w[1]].Sync(uint32(s.num(st, 2)), uint32(s.num(st, 3)), s.ticks(st, 4))))
	case "delete":
		other().Delete()
	case "kill": // delete, if it lives
		if o := s.tasks[w[1]]; o != nil && !o.deleted && o != t {
			o.Delete()
		}
	case "wake": // abort the delay of another, if it lives
		if o := s.tasks[w[1]]; o != nil && !o.deleted && o != t {
			result(o.AbortDelay())
		}
	case "poke":
		if o := s.tasks[w[1]]; o != nil {
			o.Unblock()
		}
	case "nap": // suspend another for a while, if it lives
		if o := s.tasks[w[1]]; o != nil && !o.deleted && o != t {
			o.Suspend()
			t.Delay(s.ticks(st, 2))
			if !o.deleted {
				o.Resume()
			}
		}
	case "suspend":
		other().Suspend()
	case "resume":
		s.tasks[w[1]].Resume()
	case "prio":
		if o := s.tasks[w[1]]; !o.freed {
			o.SetPriority(s.num(st, 2))
		}
	case "abortdelay":
		result(s.tasks[w[1]].AbortDelay())
	case "state":
		o := s.tasks[w[1]]
		result(fmt.Sprintf("%v prio %d base %d", o.State(), o.Priority(), o.BasePriority()))
	case "create":
		s.create(w[1])
	case "heap":
		result(int64(s.free8()) - int64(s.base))
	case "wdt":
		var err error
		switch w[1] {
		case "init":
			err = s.WDT.Init()
		case "add":
			err = s.WDT.Add(nil)
		case "remove":
			err = s.WDT.Remove(nil)
		case "reset":
			err = s.WDT.Reset(nil)
		}
		if err != nil {
			result(err)
		}
	case "start":
		result(s.timers[w[1]].Start(s.ticks(st, 2)))
	case "stop":
		result(s.timers[w[1]].Stop(s.ticks(st, 2)))
	case "period":
		result(s.timers[w[1]].ChangePeriod(uint32(s.num(st, 2)), s.ticks(st, 3)))
	case "deltimer":
		result(s.timers[w[1]].Delete(0))
	case "stack":
		t.UseStack(uint32(s.num(st, 1)))
		result(t.StackHighWaterMark())
	case "onnomemory":
		o, err := ParseOnNoMemory(w[1])
		require.NoError(s.t, err)
		t.SetOnNoMemory(o)
	case "nomemory":
		t.NoMemory(heap.Failure{Size: 16384, Tag: heap.Tag{What: "recv buffer"}, Free: 20000, Largest: 8000})
	case "panic":
		s.Panic(w[1])
	case "restart":
		s.Restart()
	default:
		s.fail(st, "unknown statement")
	}
}

func (s *script) interrupt(st statement) {
	w := st.words
	switch w[0] {
	case "give":
		s.say("isr", "give %s: %v", w[1], s.sems[w[1]].GiveFromISR())
	case "send":
		s.say("isr", "send %s %s: %v", w[1], w[2], s.queues[w[1]].SendFromISR(w[2]))
	case "notify":
		s.say("isr", "notify %s", w[1])
		s.tasks[w[1]].NotifyGiveFromISR()
	case "unblock":
		s.say("isr", "unblock %s", w[1])
		s.tasks[w[1]].Unblock()
	case "resume":
		s.say("isr", "resume %s", w[1])
		s.tasks[w[1]].ResumeFromISR()
	case "set":
		s.say("isr", "set %s: %v", w[1], s.groups[w[1]].SetBitsFromISR(uint32(s.num(st, 2))))
	case "start":
		s.say("isr", "start %s: %v", w[1], s.timers[w[1]].StartFromISR())
	case "heap":
		s.say("isr", "heap: %d", int64(s.free8())-int64(s.base))
	case "state":
		s.say("isr", "state %s: %v", w[1], s.tasks[w[1]].State())
	case "cpu":
		s.say("isr", "cpu %s: %v", w[1], s.tasks[w[1]].CPUTime())
	default:
		s.fail(st, "unknown interrupt")
	}
}
