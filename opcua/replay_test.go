package opcua

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

var recordingsFlag = recordings.Flag()

const shippedRecordings = "../recordings/open62541"

// TestRecordings replays what an open62541 server was seen to do: the recorded
// bytes in, at the recorded times, must give the same bytes out, the same calls
// of the socket layer and the same heap operations, in the same order.
func TestRecordings(t *testing.T) {
	t.Parallel()
	replayAll(t, recordings.Dir(*recordingsFlag, shippedRecordings))
}

// replayAll replays every recording below a folder.
func replayAll(t *testing.T, dir string) {
	files, err := recordings.Files(dir)
	require.NoError(t, err)
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f))
		name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), ".gz"), ".jsonl")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, checkFile(path))
		})
	}
}

// checkFile replays a recording, or compares a table or an index.
func checkFile(path string) error {
	b, err := recordings.Unpack(path)
	if err != nil {
		return err
	}
	if filepath.Base(path) == "index.json" {
		if err := checkIndex(filepath.Dir(path), b); err != nil {
			return fmt.Errorf("%s:%w", path, err)
		}
		return nil
	}
	if err := checkBytes(b); err != nil {
		return fmt.Errorf("%s:%w", path, err)
	}
	return nil
}

// checkBytes replays the recording, or compares the table, in b.
func checkBytes(b []byte) error {
	t, err := parseTable(b)
	if err != nil {
		return err
	}
	if t != nil {
		return t.check()
	}
	rec, err := parseRecording(b)
	if err != nil {
		return err
	}
	return (&replay{rec: rec}).run()
}

// replay drives a server with the inputs of a recording and compares.
type replay struct {
	rec    *recording
	tape   *tape
	memory *ledger
	server *Server
	clock  testClock
	reads  int

	now     int64 // ms: the turn that was run last
	pending []happened
	phase   *phaseLine
	omitted bool // the heap operations of the phase are not in the file
	opaque  opaqueBlocks
	rx      int // bytes of the phase
	clients map[int]*observer
	connOf  map[int]int // connection of a client
	seen    []happened  // of the phase, without heap operations

	readsTold  int             // what the last line of reads said
	histograms map[string]bool // that there were
	vanished   bool            // a peer, in the phase

	random []headerRandom // values that the server has drawn
	spy    *spy           // nil: the messages are not encrypted
	ended  []int          // phases, in order

	baseline bool       // the lines are those of a baseline
	differs  []happened // in the turn compared last
	step     *stepLine  // where it is
}

// testClock stands still within a turn.
type testClock struct{ now, offset int64 }

func (c *testClock) Monotonic() int64 { return c.now }
func (c *testClock) Now() int64       { return c.now + c.offset }

func (r *replay) note(h happened) { r.pending = append(r.pending, h) }

// bootSteps are the phases before the first turn.
var bootSteps = map[string]func(*Server) error{
	"server_new_ns0":                     (*Server).create,
	"server_config":                      (*Server).configure,
	"add_security_policy_basic256sha256": (*Server).addSecurityPolicies,
	"add_endpoint_sign_encrypt":          (*Server).addSecureEndpoints,
	"add_3_variables":                    (*Server).addVariables,
	"run_startup_listen":                 (*Server).startup,
}

func (r *replay) run() error {
	h := r.rec.header
	if h.Baselines != "" {
		return r.rec.replayBaselines()
	}
	if err := r.build(h, h.TimeBase); err != nil {
		return fmt.Errorf("1: %w", err)
	}
	if err := h.checkLimits(r.rec.lines); err != nil {
		return fmt.Errorf("1: %w", err)
	}
	if err := r.play(r.rec.lines); err != nil {
		return err
	}
	if !slices.Equal(h.Random, r.random) {
		return fmt.Errorf("1: random: expected %+v, got %+v", h.Random, r.random)
	}
	if len(r.ended) == 0 {
		return fmt.Errorf("1: no phases")
	}
	if r.phase != nil {
		return fmt.Errorf("%d: phase %d %s has no end", r.number(r.rec.lines), r.phase.Phase, r.phase.Name)
	}
	return nil
}

// play plays lines: those of a turn together, those between turns one by one.
func (r *replay) play(lines []*line) error {
	for i := 0; i < len(lines); {
		l := lines[i]
		if l.inTurn() && r.booted() {
			n := i
			t, _ := l.time()
			for n < len(lines) && lines[n].inTurn() {
				if tn, _ := lines[n].time(); tn != t {
					break
				}
				n++
			}
			if err := r.turn(t, lines[i:n]); err != nil {
				return err
			}
			i = n
			continue
		}
		n, err := r.between(lines[i:])
		if err != nil {
			return fmt.Errorf("%d: %w", l.number, err)
		}
		i += n
	}
	return nil
}

// booted reports whether turns are run.
func (r *replay) booted() bool { return r.phase == nil || bootSteps[r.phase.Name] == nil }

// between processes a line that lies between turns, or a boot phase as a whole,
// and returns how many lines that were.
func (r *replay) between(lines []*line) (int, error) {
	l := lines[0]
	if t, ok := l.time(); ok && r.booted() {
		if err := r.idle(t); err != nil {
			return 0, err
		}
	}
	switch {
	case l.phase != nil:
		return r.begin(lines)
	case l.end != nil:
		return 1, r.end(l.end)
	case l.reads != nil:
		return 1, r.compareReads(l.reads)
	case l.histogram != nil:
		if name := l.histogram.Name; name == "server_ready" && !r.ready() || name == "end" && len(lines) > 1 || r.phase != nil || r.histograms[name] {
			return 0, fmt.Errorf("histogram %q is out of place", name)
		}
		r.histograms[l.histogram.Name] = true
		return 1, r.memory.compareHistogram(l.histogram)
	case l.config != nil:
		return 1, r.configure(l.config)
	case l.net != nil && l.net.Net == "vanish":
		if r.connOf[r.expectedClient()] != l.net.Conn {
			return 0, fmt.Errorf("vanish: conn %d is not that of client %d", l.net.Conn, r.expectedClient())
		}
		r.vanished = true
		return 1, r.tape.vanish(l.net.Conn, l.net.Room)
	case l.step != nil && r.baseline:
		r.step = l.step
		if l.step.Served != 0 && l.step.Served != len(r.connOf) {
			return 0, fmt.Errorf("served: expected %d, got %d", l.step.Served, len(r.connOf))
		}
		return 1, nil
	}
	return 0, fmt.Errorf("unexpected line %s", l.text)
}

// compareReads compares the number of reads. A line says so after each phase in
// which there were any.
func (r *replay) compareReads(l *readsLine) error {
	if r.phase != nil || len(r.ended) == 0 || l.After != r.ended[len(r.ended)-1] {
		return fmt.Errorf("after_phase: expected %d, the last phase was %v", l.After, r.ended)
	}
	if l.Reads != r.reads || r.reads == r.readsTold {
		return fmt.Errorf("reads: expected %d, got %d after %d", l.Reads, r.reads, r.readsTold)
	}
	r.readsTold = r.reads
	return nil
}

// ready reports whether the last phase was the one in which the server starts.
func (r *replay) ready() bool {
	return r.server.network.listening && r.now == r.rec.header.BootMs && r.phase == nil
}

func (r *replay) begin(lines []*line) (int, error) {
	p := lines[0].phase
	if r.phase != nil {
		return 0, fmt.Errorf("phase %d begins inside phase %d", p.Phase, r.phase.Phase)
	}
	if r.reads != r.readsTold {
		return 0, fmt.Errorf("reads: expected a line, for there were %d", r.reads)
	}
	if r.ready() && bootSteps[p.Name] == nil && len(r.histograms) == 0 {
		return 0, fmt.Errorf("expected a histogram of the server that is ready")
	}
	if p.Phase != len(r.ended) {
		return 0, fmt.Errorf("phase %d after %d phases", p.Phase, len(r.ended))
	}
	if p.Client != 0 && (bootSteps[p.Name] != nil || strings.HasPrefix(p.Name, "idle_") || p.Name == "loop") {
		return 0, fmt.Errorf("phase %d %s: client: expected 0, got %d", p.Phase, p.Name, p.Client)
	}
	r.phase = p
	r.memory.begin()
	r.rx, r.seen, r.vanished = 0, nil, false
	n := 1
	for n < len(lines) && lines[n].end == nil && lines[n].phase == nil {
		n++
	}
	if n == len(lines) || lines[n].end == nil {
		return 0, fmt.Errorf("phase %d %s has no end", p.Phase, p.Name)
	}
	body := lines[1:n]
	r.omitted = mayOmit(p, lines[n].end) && !slices.ContainsFunc(body, func(l *line) bool { return l.op != nil })
	step := bootSteps[p.Name]
	if step == nil {
		return 1, nil
	}
	if p.TMs != r.rec.header.BootMs {
		return 0, fmt.Errorf("boot phase at %d ms", p.TMs)
	}
	if err := step(r.server); err != nil {
		return 0, err
	}
	if o, ok := opaquePhases[r.server.cfg.Version][p.Name]; ok {
		r.memory.impose(o)
		r.omitted = true
		var err error
		if body, err = r.compareOpaque(o, body); err != nil {
			return 0, err
		}
	}
	return n, r.compare(p.TMs, body)
}

// longPhase is from when on a phase is long enough, in milliseconds, for its
// heap operations to be left out of the file.
const longPhase = 10_000

func mayOmit(p *phaseLine, e *endLine) bool {
	return e.Allocs+e.Frees > 0 && (bootSteps[p.Name] != nil || e.TMs-p.TMs >= longPhase)
}

func (r *replay) end(e *endLine) error {
	if r.phase == nil || r.phase.Phase != e.End || r.phase.Name != e.Name {
		return fmt.Errorf("end of phase %d %s, which has not begun", e.End, e.Name)
	}
	if err := r.memory.compareEnd(e); err != nil {
		return err
	}
	for _, h := range r.seen {
		switch h.net {
		case "accept", "rx", "fin", "rst":
			if h.on != "send" && r.connOf[r.phase.Client] != h.conn {
				return fmt.Errorf("phase %d %s: client: %d is not the one of connection %d", e.End, e.Name, r.phase.Client, h.conn)
			}
		}
	}
	c := r.server.Counts()
	for _, f := range []struct {
		name      string
		want, got int
	}{
		{"req_bytes", e.ReqBytes, r.rx},
		{"tcp_connections", e.Connections, c.Connections}, {"channels", e.Channels, c.Channels}, {"sessions", e.Sessions, c.Sessions},
	} {
		if f.want != f.got {
			return fmt.Errorf("phase %d %s: %s: expected %d, got %d", e.End, e.Name, f.name, f.want, f.got)
		}
	}
	if e.Subscriptions != nil && *e.Subscriptions != c.Subscriptions {
		return fmt.Errorf("phase %d %s: subscriptions: expected %d, got %d", e.End, e.Name, *e.Subscriptions, c.Subscriptions)
	}
	if e.Name == "peer_vanishes" && !r.vanished {
		return fmt.Errorf("phase %d %s: no line says which", e.End, e.Name)
	}
	if err := r.compareResult(e); err != nil {
		return fmt.Errorf("phase %d %s: %w", e.End, e.Name, err)
	}
	r.phase = nil
	r.ended = append(r.ended, e.End)
	if bootSteps[e.Name] != nil && r.server.network.listening {
		return r.checkServer()
	}
	return nil
}

// checkServer compares the server with the header, unseen by the ledger.
func (r *replay) checkServer() error {
	before := *r.memory
	r.memory.note = nil
	err := r.rec.header.checkServer(r.server)
	*r.memory = before
	return err
}

// idle runs the turns up to and including t, in which nothing may happen.
func (r *replay) idle(t int64) error {
	for r.now+r.rec.header.Period <= t {
		if err := r.turn(r.now+r.rec.header.Period, nil); err != nil {
			return err
		}
	}
	if r.now != t {
		return fmt.Errorf("no turn at %d ms", t)
	}
	return nil
}

// turn runs the turn at t with the inputs of its lines and compares. Turns
// before it, for which there are no lines, come first.
func (r *replay) turn(t int64, lines []*line) error {
	for next := r.now + r.rec.header.Period; ; next += r.rec.header.Period {
		if next > t {
			return fmt.Errorf("%d: no turn at %d ms", lines[0].number, t)
		}
		r.now = next
		r.clock.now = next * ticksPerMillisecond
		var here []*line
		if next == t {
			here = lines
		}
		r.tape.load(inputsOf(here))
		if err := r.server.RunIterate(); err != nil {
			return err
		}
		if err := r.compare(next, here); err != nil {
			return err
		}
		if next == t {
			return nil
		}
	}
}

func (r *replay) configure(c *configLine) error {
	l := r.server.Limits()
	for name, v := range c.Config {
		switch name {
		case "maxSecureChannels":
			l.MaxSecureChannels = v
		case "maxSessions":
			l.MaxSessions = v
		default:
			return fmt.Errorf("config: unknown limit %q", name)
		}
	}
	r.server.SetLimits(l)
	return nil
}

// build makes the server that the header describes, without any memory yet.
func (r *replay) build(h *header, timeBase json.RawMessage) error {
	version, err := h.version()
	if err != nil {
		return err
	}
	if err := h.check(version); err != nil {
		return err
	}
	r.memory = newLedger(r.note)
	r.clients, r.connOf, r.histograms = map[int]*observer{}, map[int]int{}, map[string]bool{}
	r.tape = newTape(h, r.note)
	r.clock = testClock{now: h.BootMs * ticksPerMillisecond, offset: h.WallMinusMonotonic}
	r.now = h.BootMs
	cfg, err := h.config(version, timeBase, &r.reads)
	if err != nil {
		return err
	}
	cfg.Memory, cfg.Sockets, cfg.Clock = r.memory, r.tape, &r.clock
	if r.spy, err = h.spy(); err != nil {
		return err
	}
	r.server, err = newServer(cfg)
	return err
}

// config turns the header into a configuration. reads counts the calls of the
// read function of the changing variable.
func (h *header) config(version Version, timeBase json.RawMessage, reads *int) (ServerConfig, error) {
	c := ServerConfigOf(version)
	c.Port, c.Hostname, c.ApplicationName, c.ApplicationURI = h.Port, h.Hostname, h.ApplicationName, h.ApplicationURI
	c.BuildNumber, c.SoftwareVersion = h.BuildInfo.BuildNumber, h.BuildInfo.SoftwareVersion
	c.Buffers = Buffers{Send: h.Buffers.Send, Receive: h.Buffers.Recv, MaxMessage: h.Buffers.MaxMessage, MaxChunks: h.Buffers.MaxChunks}
	l := &h.Limits
	c.Limits = Limits{
		MaxSecureChannels: l.MaxSecureChannels, MaxSecurityTokenLifetime: l.MaxSecurityTokenLifetime,
		MaxSessions: l.MaxSessions, MaxSessionTimeout: l.MaxSessionTimeout,
		MaxSubscriptions: l.MaxSubscriptions, MaxSubscriptionsPerSession: l.MaxSubscriptionsPerSession,
		PublishingInterval:         Range[float64]{l.PublishingInterval[0], l.PublishingInterval[1]},
		LifetimeCount:              Range[uint32]{l.LifeTimeCount[0], l.LifeTimeCount[1]},
		KeepAliveCount:             Range[uint32]{l.KeepAliveCount[0], l.KeepAliveCount[1]},
		MaxNotificationsPerPublish: l.MaxNotificationsPerPublish,
		NoRetransmissionQueue:      l.EnableRetransmissionQueue == 0,
		MaxRetransmissionQueueSize: l.MaxRetransmissionQueueSize,
		MaxMonitoredItems:          l.MaxMonitoredItems, MaxMonitoredItemsPerSubscription: l.MaxMonitoredItemsPerSubscription,
		SamplingInterval:        Range[float64]{l.SamplingInterval[0], l.SamplingInterval[1]},
		QueueSize:               Range[uint32]{l.QueueSize[0], l.QueueSize[1]},
		MaxPublishReqPerSession: l.MaxPublishReqPerSession, MaxNodesPerRead: l.MaxNodesPerRead,
		MaxNodesPerBrowse: l.MaxNodesPerBrowse, MaxReferencesPerNode: l.MaxReferencesPerNode,
		MaxMonitoredItemsPerCall: l.MaxMonitoredItemsPerCall,
	}
	var err error
	if c.SessionTimeBase, c.ChannelTimeBase, err = timeBases(timeBase); err != nil {
		return c, err
	}
	if c.Security, err = h.security(); err != nil {
		return c, err
	}
	c.Users = nil
	for _, name := range []string{"user1", "user2"} {
		var password string
		if err := json.Unmarshal(h.Users[name], &password); err != nil {
			return c, fmt.Errorf("users: %w", err)
		}
		c.Users = append(c.Users, User{name, password})
	}
	for i := range h.Variables {
		v, err := h.Variables[i].variable(reads)
		if err != nil {
			return c, err
		}
		c.Variables = append(c.Variables, v)
	}
	return c, nil
}

func parseTimeBase(s string) (TimeBase, error) {
	switch s {
	case "monotonic":
		return Monotonic, nil
	case "wall":
		return WallClock, nil
	case "wall at issue, monotonic after a renewal (as released)":
		return AsReleased, nil
	}
	return 0, fmt.Errorf("timebase %q", s)
}

func (v *headerVariable) variable(reads *int) (Variable, error) {
	out := Variable{NodeID: v.NodeID, BrowseName: v.BrowseName, DisplayName: v.DisplayName, Locale: v.Locale,
		Writable: v.Access == "read, write"}
	if v.Parent != "i=85" || v.Reference != "i=35" || v.TypeDefinition != "i=63" {
		return out, fmt.Errorf("variables: %s is not where the firmware puts it", v.NodeID)
	}
	switch v.Type {
	case "Float":
		var f float32
		if err := json.Unmarshal(v.Initial, &f); err != nil {
			return out, err
		}
		out.Initial = f
		out.Read = func() any {
			*reads++
			return f + 0.5*float32(*reads)
		}
	case "Boolean":
		var b bool
		if err := json.Unmarshal(v.Initial, &b); err != nil {
			return out, err
		}
		out.Initial = b
	default:
		return out, fmt.Errorf("variable of type %q", v.Type)
	}
	return out, nil
}
