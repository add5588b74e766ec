package opcua

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

var rewrite = flag.Bool("rewrite", false, "write what the server does into the scripts in testdata")

// TestScripts plays the scripts in testdata against a server without a network: a
// command a line, and below it, behind ">", what came of it.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.script")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".script"), func(t *testing.T) {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			got, err := playScript(t, string(b))
			require.NoError(t, err, path)
			if *rewrite {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
				return
			}
			require.Equal(t, string(b), got)
		})
	}
}

// playScript returns a script with the outcomes that its commands have.
func playScript(t *testing.T, text string) (string, error) {
	var out strings.Builder
	var s *scene
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if strings.HasPrefix(line, ">") {
			continue
		}
		out.WriteString(line + "\n")
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if f[0] == "server" {
			s = newScene(t, f[1:])
			continue
		}
		if s == nil {
			return "", fmt.Errorf("%d: expected server first, got %q", n+1, line)
		}
		got, err := s.play(f)
		if err != nil {
			return "", fmt.Errorf("%d: %w", n+1, err)
		}
		for _, g := range got {
			out.WriteString(strings.TrimRight("> "+g, " ") + "\n")
		}
	}
	return out.String(), nil
}

// scene is a server with its clients.
type scene struct {
	*rig
	actors map[string]*actor
	events map[int][]string // by connection
}

// actor is a client: a connection with its channel and sessions.
type actor struct {
	conn                       int
	part                       []byte
	channel, tokenID, sequence uint32
	sessions                   map[string]uatypes.NodeID
}

func newScene(t *testing.T, args []string) *scene {
	s := &scene{actors: map[string]*actor{}, events: map[int][]string{}}
	s.rig = newRig(t, func(c *ServerConfig) {
		for _, a := range args {
			name, value, _ := strings.Cut(a, "=")
			n, _ := strconv.Atoi(value)
			switch name {
			case "version":
				v, err := ParseVersion(value)
				require.NoError(t, err)
				*c = withVersion(*c, v)
			case "maxSessions":
				c.Limits.MaxSessions = uint32(n)
			case "maxSecureChannels":
				c.Limits.MaxSecureChannels = uint32(n)
			case "maxPublishReqPerSession":
				c.Limits.MaxPublishReqPerSession = uint32(n)
			default:
				t.Fatalf("server: unknown setting %q", a)
			}
		}
	})
	s.tape.note = func(h happened) {
		a := s.byConn(h.conn)
		switch {
		case a == nil:
		case h.net == "tx":
			a.part = append(a.part, h.bytes...)
		case h.net == "shutdown", h.net == "close":
			s.events[h.conn] = append(s.events[h.conn], h.net)
		}
	}
	return s
}

func (s *scene) byConn(conn int) *actor {
	for _, a := range s.actors {
		if a.conn == conn {
			return a
		}
	}
	return nil
}

// arguments are those of a command.
type arguments map[string]string

func (a arguments) num(name string, otherwise float64) float64 {
	if v, ok := a[name]; ok {
		if d, err := time.ParseDuration(v); err == nil {
			return float64(d.Milliseconds())
		}
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			panic(fmt.Sprintf("%s=%s: not a number", name, v))
		}
		return f
	}
	return otherwise
}

func (a arguments) u32(name string, otherwise float64) uint32 { return uint32(a.num(name, otherwise)) }

func (a arguments) node() uatypes.NodeID {
	id, err := parseNodeID(a["node"])
	if err != nil {
		panic(err.Error())
	}
	return id
}

func (s *scene) play(f []string) (out []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %v", strings.Join(f, " "), r)
		}
	}()
	switch f[0] {
	case "wait":
		d, err := time.ParseDuration(f[1])
		if err != nil {
			return nil, err
		}
		for range d / (100 * time.Millisecond) {
			if !s.turn(100) {
				return []string{"server died"}, nil
			}
		}
		return s.seen(), nil
	case "state":
		c := s.server.Counts()
		return []string{fmt.Sprintf("connections %d, channels %d, sessions %d, subscriptions %d, bytes %d, blocks %d", c.Connections, c.Channels,
			c.Sessions, c.Subscriptions, s.memory.count.bytes-s.base.bytes, s.memory.count.blocks-s.base.blocks)}, nil
	}
	if len(f) < 2 {
		return nil, fmt.Errorf("%s: expected a client", f[0])
	}
	args := arguments{}
	for _, x := range f[2:] {
		name, value, _ := strings.Cut(x, "=")
		args[name] = value
	}
	if f[0] == "connect" {
		s.last++
		s.actors[f[1]] = &actor{conn: s.last, sessions: map[string]uatypes.NodeID{}}
		s.tape.load([]input{{kind: "accept", conn: s.last}})
		s.turn(100)
		return s.seen(), nil
	}
	a := s.actors[f[1]]
	if a == nil {
		return nil, fmt.Errorf("%s: no client %q", f[0], f[1])
	}
	if err := s.act(a, f[0], args); err != nil {
		return nil, err
	}
	return s.seen(), nil
}

// seen returns what the clients got since the last time.
func (s *scene) seen() []string {
	var out []string
	for conn := 1; conn <= s.last; conn++ {
		a := s.byConn(conn)
		if a == nil {
			continue
		}
		var messages []string
		for len(a.part) >= headerLength {
			n := binary.LittleEndian.Uint32(a.part[4:])
			m := a.part[:n]
			a.part = a.part[n:]
			messages = append(messages, a.got(m))
		}
		out = append(out, append(messages, s.events[conn]...)...)
		s.events[conn] = nil
	}
	return out
}

// got describes a message and takes from it what the client has to know.
func (a *actor) got(m []byte) string {
	if string(m[:3]) == "OPN" {
		var r mem.Recorder
		var h asymmetricHeader
		pos, _ := uatypes.Decode(&r, m, channelHeaderLength, &h)
		var id uatypes.NodeID
		pos, _ = uatypes.Decode(&r, m, pos+sequenceHeaderLength, &id)
		var o uatypes.OpenSecureChannelResponse
		uatypes.Decode(&r, m, pos, &o)
		a.channel, a.tokenID = o.SecurityToken.ChannelID, o.SecurityToken.TokenID
		return fmt.Sprintf("%s channel=%d token=%d", describe(m), a.channel, a.tokenID)
	}
	if x, ok := randomOf(a.conn, 0, m); ok && x.Kind == "session" {
		t := uatypes.NodeID{Namespace: 1, Type: uatypes.IDGuid}
		copy(t.Guid[:], fromHex(x.AuthToken))
		a.sessions["new"] = t
	}
	return describeMore(m)
}

// describeMore is describe with results, where the recordings' words have none.
func describeMore(m []byte) string {
	text := describe(m)
	if text != "Good" {
		return text
	}
	var r mem.Recorder
	var id uatypes.NodeID
	pos, _ := uatypes.Decode(&r, m, symmetricHeaderLength, &id)
	var results []uatypes.Status
	switch id.Numeric {
	case uatypes.TypeReadResponse.Encoding:
		var x uatypes.ReadResponse
		uatypes.Decode(&r, m, pos, &x)
		for _, v := range x.Results.V {
			results = append(results, v.Status)
		}
	case uatypes.TypeDeleteSubscriptionsResponse.Encoding, uatypes.TypeSetPublishingModeResponse.Encoding,
		uatypes.TypeDeleteMonitoredItemsResponse.Encoding, uatypes.TypeSetMonitoringModeResponse.Encoding:
		var x uatypes.DeleteSubscriptionsResponse
		uatypes.Decode(&r, m, pos, &x)
		results = x.Results.V
	case uatypes.TypeModifySubscriptionResponse.Encoding:
		var x uatypes.ModifySubscriptionResponse
		uatypes.Decode(&r, m, pos, &x)
		text += fmt.Sprintf(" pi=%.0f life=%d ka=%d", x.RevisedPublishingInterval, x.RevisedLifetimeCount, x.RevisedMaxKeepAliveCount)
	}
	for _, st := range results {
		text += " " + statusName(st)
	}
	return text
}

func (s *scene) deliver(a *actor, b []byte) {
	s.tape.load([]input{{kind: "rx", conn: a.conn, bytes: b}})
	s.turn(100)
}

// ask sends a request of a session.
func (s *scene) ask(a *actor, args arguments, t *uatypes.DataType, q uatypes.Request) {
	name := args["session"]
	if name == "" {
		name = "new"
	}
	a.sequence++
	h := q.Header()
	h.AuthenticationToken = a.sessions[name]
	if from := args["of"]; from != "" {
		h.AuthenticationToken = s.actors[from].sessions[name]
	}
	h.Timestamp, h.RequestHandle = s.clock.Now(), a.sequence
	if args["timestamp"] == "0" {
		h.Timestamp = 0
	}
	id := uatypes.Numeric(0, t.Encoding)
	body := encoded(&id, q.(uatypes.Value))
	s.frame(a, typeMSG|chunkFinal, body, args)
}

func (s *scene) frame(a *actor, kind uint32, body []byte, args arguments) {
	channel, token, sequence := args.u32("channel", float64(a.channel)), args.u32("token", float64(a.tokenID)), args.u32("sequence", float64(a.sequence))
	head := encoded(&messageHeader{Type: kind, Size: uint32(symmetricHeaderLength + len(body))}, (*uint32Value)(&channel), (*uint32Value)(&token),
		&sequenceHeader{sequence, a.sequence})
	s.deliver(a, append(head, body...))
}
