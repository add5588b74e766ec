package opcua

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// injection is a run in which one allocation fails, or all from one on until the
// phase ends.
type injection struct {
	*replay
	want   *injectionLine
	armed  bool
	count  int    // allocations since it was armed
	failed uint32 // size of the first that failed
	before tally
}

// replayInjections repeats every run with a failure on the baseline of its
// phase, and compares the outcome.
func (rec *recording) replayInjections(all []*baseline, results []*line) error {
	byName := map[string]*baseline{}
	for _, b := range all {
		byName[b.name] = b
	}
	for i, l := range results {
		w := l.injection
		if w == nil {
			return fmt.Errorf("%d: unexpected line %s", l.number, l.text)
		}
		b := byName[w.Phase]
		if b == nil {
			return fmt.Errorf("%d: no baseline for phase %q", l.number, w.Phase)
		}
		first := i == 0 || results[i-1].injection.Phase != w.Phase
		if first && w.FailNth != 1 || !first && w.FailNth != results[i-1].injection.FailNth+1 {
			return fmt.Errorf("%d: fail_nth %d does not follow", l.number, w.FailNth)
		}
		got, _, err := rec.inject(b, w)
		if err != nil {
			return fmt.Errorf("%d: %w", l.number, err)
		}
		got.By = w.By
		if w.By == "" || *got != *w {
			return fmt.Errorf("%d: expected %+v, got %+v", l.number, *w, *got)
		}
		last := i == len(results)-1 || results[i+1].injection == nil || results[i+1].injection.Phase != w.Phase
		if !last {
			continue
		}
		if _, allocs, err := rec.inject(b, &injectionLine{Phase: w.Phase, Mode: w.Mode}); err != nil || allocs != w.FailNth {
			return fmt.Errorf("%d: phase %s has %d allocations, the last failure is of number %d (%v)", l.number, w.Phase, allocs, w.FailNth, err)
		}
	}
	return nil
}

// inject runs the baseline of a phase with a failure in it and returns the
// outcome and the number of allocations of the phase.
func (rec *recording) inject(b *baseline, w *injectionLine) (*injectionLine, int, error) {
	r, err := rec.bootForBaseline(b)
	if err != nil {
		return nil, 0, err
	}
	j := &injection{replay: r, want: w, before: r.memory.count}
	r.memory.fail = func(size uint32) bool {
		if !j.armed {
			return false
		}
		if j.count++; j.count == w.FailNth {
			j.failed = size
		}
		return j.count == w.FailNth || w.Mode == "all_from_nth" && w.FailNth > 0 && j.count > w.FailNth
	}
	got := &injectionLine{Phase: w.Phase, Mode: w.Mode, FailNth: w.FailNth, Outcome: "survives"}
	if w.Mode != "once" && w.Mode != "all_from_nth" {
		return nil, 0, fmt.Errorf("cannot inject in mode %q", w.Mode)
	}
	err = j.steps(b, got)
	got.RequestSize = j.failed
	var null *CrashError
	if errors.As(err, &null) {
		got.Outcome = "crash SIGSEGV"
		return got, j.count, nil
	}
	return got, j.count, err
}

// steps runs the steps of a baseline.
func (j *injection) steps(b *baseline, got *injectionLine) error {
	var turns map[int64][]*line
	for i, l := range b.lines {
		if l.step == nil {
			continue
		}
		end := l.step.TMs
		body := b.lines[i+1:]
		for k, n := range body {
			if n.step != nil {
				end, body = n.step.TMs, body[:k]
				break
			}
		}
		turns = map[int64][]*line{}
		for _, n := range body {
			t, _ := n.time()
			turns[t] = append(turns[t], n)
		}
		if err := j.oneStep(l.step, end, turns, got); err != nil {
			return err
		}
	}
	c := j.server.Counts()
	m := &j.memory.count
	got.LeakBytes, got.LeakBlocks = m.bytes-j.before.bytes, m.blocks-j.before.blocks
	got.SessionsLeft, got.ChannelsLeft, got.ConnectionsLeft = c.Sessions, c.Channels, c.Connections
	return nil
}

func (j *injection) oneStep(s *stepLine, end int64, turns map[int64][]*line, got *injectionLine) error {
	j.armed = s.Step == j.want.Phase
	j.seen = nil
	sub := &substitution{}
	first := true
	for j.now < end {
		in := inputsOf(turns[j.now+j.rec.header.Period])
		switch s.Step {
		case "new_client":
			in = sub.apply(in, turns[j.now+j.rec.header.Period])
		case "fin_of_clients_still_connected_and_200_s":
			in = nil
			if first {
				in = j.finOfAll()
			}
		}
		if err := j.free(in); err != nil {
			return err
		}
		if s.Step == "new_client" {
			sub.learn(j.seen, turns[j.now])
		}
		if s.Step == "two_loop_turns" && first && j.answered(1) && j.want.Phase != "publish_2s_more" {
			got.Answered = 1
		}
		first = false
	}
	j.armed = false
	switch s.Step {
	case j.want.Phase:
		got.ClientSees = j.clientSees(s.Step)
		if p := j.tape.conns[1]; p != nil && !p.shut && slices.Contains(j.open(), 1) {
			got.OpenAfter = 1
		}
	case "new_client":
		if sub.good {
			got.NewClientOK = 1
		}
	}
	return nil
}

// free runs one turn with inputs of its own and notes what happens.
func (j *injection) free(in []input) error {
	j.now += j.rec.header.Period
	j.clock.now = j.now * ticksPerMillisecond
	j.tape.load(in)
	err := j.server.RunIterate()
	for _, h := range j.pending {
		if h.net != "" {
			j.seen = append(j.seen, h)
		}
	}
	j.pending = nil
	return err
}

func (j *injection) open() []int {
	var open []int
	for _, p := range j.tape.fds {
		if !p.listening {
			open = append(open, p.conn)
		}
	}
	slices.Sort(open)
	return open
}

func (j *injection) finOfAll() []input {
	var in []input
	for _, conn := range j.open() {
		in = append(in, input{kind: "fin", conn: conn})
	}
	return in
}

// answered reports whether a connection got a message.
func (j *injection) answered(conn int) bool {
	return slices.ContainsFunc(j.seen, func(h happened) bool { return h.net == "tx" && h.conn == conn })
}

// clientSees says what the first client saw in the phase.
func (j *injection) clientSees(step string) string {
	saw := func(net string) bool {
		return slices.ContainsFunc(j.seen, func(h happened) bool { return h.net == net && h.conn == 1 })
	}
	switch step {
	case "tcp_accept":
		return "accepted"
	case "sampling_1s":
		return ""
	case "close_secure_channel":
		if saw("shutdown") {
			return "server shut socket"
		}
		return "open"
	case "publish_2s_more":
		return "no response"
	}
	for _, h := range j.seen {
		if h.net != "tx" || h.conn != 1 {
			continue
		}
		d := describe(h.bytes)
		switch step {
		case "publish":
			if d != "ERR BadOutOfMemory" && d != "BadOutOfMemory" {
				d = "queued"
			}
		case "create_session", "open_secure_channel", "renew_secure_channel", "get_endpoints", "activate_session_anonymous":
		}
		return d
	}
	switch {
	case saw("shutdown"):
		return "closed"
	case step == "hel_ack":
		return "none"
	case step == "publish":
		return "queued"
	}
	return "no response"
}

// substitution puts the channel, token and authentication token that a client
// was given into its requests in place of the recorded ones.
type substitution struct {
	channel, token           uint32
	oldAuth, auth            []byte
	good                     bool
	wantAnswers, seenAnswers int
}

func (s *substitution) apply(in []input, _ []*line) []input {
	out := slices.Clone(in)
	for i, x := range out {
		if x.kind != "rx" || len(x.bytes) < symmetricHeaderLength {
			continue
		}
		b := bytes.Clone(x.bytes)
		if mt := binary.LittleEndian.Uint32(b) & messageTypeMask; mt == typeMSG || mt == typeCLO {
			binary.LittleEndian.PutUint32(b[8:], s.channel)
			binary.LittleEndian.PutUint32(b[12:], s.token)
			if s.oldAuth != nil {
				b = bytes.ReplaceAll(b, s.oldAuth, s.auth)
			}
		}
		out[i].bytes = b
	}
	return out
}

// learn compares the answers of a turn with the recorded ones.
func (s *substitution) learn(seen []happened, lines []*line) {
	var last []byte
	shut := false
	n := 0
	for _, h := range seen {
		switch h.net {
		case "tx":
			last = h.bytes
			n++
		case "shutdown":
			shut = true
		}
	}
	for _, l := range lines {
		if l.net == nil {
			continue
		}
		switch l.net.Net {
		case "tx":
			s.wantAnswers++
			if n == s.wantAnswers && last != nil {
				s.take(last, l.net.bytes)
			}
		case "shutdown":
			s.good = shut && s.seenAnswers == s.wantAnswers
		}
	}
}

func (s *substitution) take(got, recorded []byte) {
	if describe(got) != describe(recorded) {
		return
	}
	s.seenAnswers++
	switch binary.LittleEndian.Uint32(got) & messageTypeMask {
	case typeOPN:
		t := tokenOf(got)
		s.channel, s.token = t.ChannelID, t.TokenID
	case typeMSG:
		if typeOf(got) == uatypes.TypeCreateSessionResponse.Encoding {
			s.oldAuth, s.auth = authOf(recorded), authOf(got)
		}
	}
}

func tokenOf(m []byte) uatypes.ChannelSecurityToken {
	var r mem.Recorder
	var h asymmetricHeader
	pos, _ := uatypes.Decode(&r, m, channelHeaderLength, &h)
	var id uatypes.NodeID
	pos, _ = uatypes.Decode(&r, m, pos+sequenceHeaderLength, &id)
	var o uatypes.OpenSecureChannelResponse
	uatypes.Decode(&r, m, pos, &o)
	return o.SecurityToken
}

func authOf(m []byte) []byte {
	var r mem.Recorder
	var id uatypes.NodeID
	pos, _ := uatypes.Decode(&r, m, symmetricHeaderLength, &id)
	var x uatypes.CreateSessionResponse
	uatypes.Decode(&r, m, pos, &x)
	return x.AuthenticationToken.Guid[:]
}
