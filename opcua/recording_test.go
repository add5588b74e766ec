package opcua

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

// recording is a file of recorded behaviour, line by line. The lines keep their
// place so that a difference can be told by file and line.
type recording struct {
	header *header
	lines  []*line
}

// line is one line after the first. Exactly one of its pointers is set.
type line struct {
	number int
	text   string

	phase     *phaseLine
	end       *endLine
	op        *opLine
	net       *netLine
	reads     *readsLine
	histogram *histogramLine
	config    *configLine
	baseline  *baselineLine
	step      *stepLine
	injection *injectionLine
	capacity  *capacityLine
}

type header struct {
	Run       string `json:"run"`
	About     string `json:"about"`
	Stack     string `json:"stack"`
	ABI       string `json:"abi"`
	SendBuf   uint32 `json:"send_buffer"`
	RecvBuf   uint32 `json:"recv_buffer"`
	TickHz    int64  `json:"tick_hz"`
	Period    int64  `json:"loop_period_ms"`
	Patched   string `json:"patched"`
	Crypto    string `json:"crypto"`
	Baselines string `json:"baselines"`
	Buffers   struct {
		Send       uint32 `json:"send"`
		Recv       uint32 `json:"recv"`
		MaxMessage uint32 `json:"max_message"`
		MaxChunks  uint32 `json:"max_chunks"`
	} `json:"buffers"`
	BootMs      int64 `json:"boot_ms"`
	FirstTurnMs int64 `json:"first_turn_ms"`
	WallStart   struct {
		UA  int64  `json:"ua_datetime"`
		ISO string `json:"iso"`
		At  int64  `json:"at_ms"`
	} `json:"wall_start"`
	WallMinusMonotonic int64           `json:"wall_minus_monotonic_100ns"`
	Clocks             string          `json:"clocks"`
	TimeBase           json.RawMessage `json:"timebase"`
	Sockets            struct {
		Max      int `json:"max"`
		Listener int `json:"listener"`
		First    int `json:"first_descriptor"`
	} `json:"sockets"`
	MaxSecureChannels *uint32      `json:"maxSecureChannels"`
	MaxSessions       *uint32      `json:"maxSessions"`
	Limits            headerLimits `json:"limits"`
	LimitsNote        string       `json:"limits_note"`
	Port              uint16       `json:"port"`
	EndpointURL       string       `json:"endpoint_url"`
	Hostname          string       `json:"hostname"`
	ApplicationName   string       `json:"application_name"`
	ApplicationURI    string       `json:"application_uri"`
	ProductURI        string       `json:"product_uri"`
	Endpoints         []struct {
		Mode       uint32   `json:"mode"`
		Policy     string   `json:"policy"`
		URL        string   `json:"url"`
		ServerURI  string   `json:"server_uri"`
		ServerName string   `json:"server_name"`
		UserTokens []string `json:"user_tokens"`
	} `json:"endpoints"`
	BuildInfo struct {
		BuildDate        int64  `json:"buildDate"`
		ProductURI       string `json:"productUri"`
		ManufacturerName string `json:"manufacturerName"`
		ProductName      string `json:"productName"`
		SoftwareVersion  string `json:"softwareVersion"`
		BuildNumber      string `json:"buildNumber"`
	} `json:"build_info"`
	LogLevel  int                        `json:"log_level"`
	Users     map[string]json.RawMessage `json:"users"`
	Variables []headerVariable           `json:"variables"`
	Volatile  string                     `json:"volatile"`
	RandomSrc string                     `json:"random_source"`
	Random    []headerRandom             `json:"random"`
	Keys      *headerKeys                `json:"keys"`
	Note      string                     `json:"note"`
}

type headerLimits struct {
	MaxSecureChannels                uint32     `json:"maxSecureChannels"`
	MaxSecurityTokenLifetime         uint32     `json:"maxSecurityTokenLifetime"`
	MaxSessions                      uint32     `json:"maxSessions"`
	MaxSessionTimeout                float64    `json:"maxSessionTimeout"`
	MaxSubscriptions                 uint32     `json:"maxSubscriptions"`
	MaxSubscriptionsPerSession       uint32     `json:"maxSubscriptionsPerSession"`
	PublishingInterval               [2]float64 `json:"publishingInterval"`
	LifeTimeCount                    [2]uint32  `json:"lifeTimeCount"`
	KeepAliveCount                   [2]uint32  `json:"keepAliveCount"`
	MaxNotificationsPerPublish       uint32     `json:"maxNotificationsPerPublish"`
	EnableRetransmissionQueue        int        `json:"enableRetransmissionQueue"`
	MaxRetransmissionQueueSize       uint32     `json:"maxRetransmissionQueueSize"`
	MaxMonitoredItems                uint32     `json:"maxMonitoredItems"`
	MaxMonitoredItemsPerSubscription uint32     `json:"maxMonitoredItemsPerSubscription"`
	SamplingInterval                 [2]float64 `json:"samplingInterval"`
	QueueSize                        [2]uint32  `json:"queueSize"`
	MaxPublishReqPerSession          uint32     `json:"maxPublishReqPerSession"`
	MaxNodesPerRead                  uint32     `json:"maxNodesPerRead"`
	MaxNodesPerBrowse                uint32     `json:"maxNodesPerBrowse"`
	MaxReferencesPerNode             uint32     `json:"maxReferencesPerNode"`
	MaxMonitoredItemsPerCall         uint32     `json:"maxMonitoredItemsPerCall"`
}

type headerVariable struct {
	NodeID         string          `json:"node_id"`
	BrowseName     string          `json:"browse_name"`
	DisplayName    string          `json:"display_name"`
	Locale         string          `json:"locale"`
	Type           string          `json:"type"`
	Parent         string          `json:"parent"`
	Reference      string          `json:"reference"`
	TypeDefinition string          `json:"type_definition"`
	Access         string          `json:"access"`
	Initial        json.RawMessage `json:"initial"`
	Rule           string          `json:"rule"`
}

type headerRandom struct {
	Kind        string `json:"kind"`
	Conn        int    `json:"conn"`
	TMs         int64  `json:"t_ms"`
	ChannelID   uint32 `json:"channel_id"`
	ClientNonce string `json:"client_nonce"`
	SessionID   string `json:"session_id"`
	AuthToken   string `json:"auth_token"`
	ServerNonce string `json:"server_nonce"`
}

type phaseLine struct {
	Phase  int    `json:"phase"`
	Name   string `json:"name"`
	Client int    `json:"client"`
	TMs    int64  `json:"t_ms"`
}

type endLine struct {
	End                 int        `json:"end"`
	Name                string     `json:"name"`
	TMs                 int64      `json:"t_ms"`
	Result              string     `json:"result"`
	ReqBytes            int        `json:"req_bytes"`
	RespBytes           int        `json:"resp_bytes"`
	Allocs              int        `json:"allocs"`
	AllocBytes          int64      `json:"alloc_bytes"`
	Frees               int        `json:"frees"`
	FreedBytes          int64      `json:"freed_bytes"`
	DeltaBytes          int64      `json:"delta_bytes"`
	DeltaBlocks         int64      `json:"delta_blocks"`
	PeakOverStart       int64      `json:"peak_over_start"`
	PeakBlocksOverStart int64      `json:"peak_blocks_over_start"`
	MaxBlock            int64      `json:"max_block"`
	LiveBytes           int64      `json:"live_bytes"`
	LiveBlocks          int64      `json:"live_blocks"`
	DeltaTLSF           int64      `json:"delta_tlsf"`
	PeakTLSFOverStart   int64      `json:"peak_tlsf_over_start"`
	LiveTLSF            int64      `json:"live_tlsf"`
	Connections         int        `json:"tcp_connections"`
	Channels            int        `json:"channels"`
	Sessions            int        `json:"sessions"`
	Subscriptions       *int       `json:"subscriptions"`
	Retained            []retained `json:"retained"`
}

type retained struct {
	size uint32
	by   string
}

func (r *retained) UnmarshalJSON(b []byte) error {
	var pair []json.RawMessage
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return fmt.Errorf("expected [size, by], got %s", b)
	}
	if err := json.Unmarshal(pair[0], &r.size); err != nil {
		return err
	}
	return json.Unmarshal(pair[1], &r.by)
}

type opLine struct {
	Op   string `json:"op"`
	ID   uint32 `json:"id"`
	Size uint32 `json:"size"`
	Old  uint32 `json:"old"`
	TMs  int64  `json:"t_ms"`
	By   string `json:"by"`
}

type netLine struct {
	Net    string  `json:"net"`
	Conn   int     `json:"conn"`
	TMs    int64   `json:"t_ms"`
	Client int     `json:"client"`
	Len    int     `json:"len"`
	Of     int     `json:"of"`
	Hex    string  `json:"hex"`
	Fill   *string `json:"fill"`
	On     string  `json:"on"`
	Errno  string  `json:"errno"`
	Room   int     `json:"tx_room"`
	Count  int     `json:"count"`

	bytes []byte
}

type readsLine struct {
	Reads int `json:"reads"`
	After int `json:"after_phase"`
}

type histogramLine struct {
	Name       string      `json:"live_histogram"`
	LiveBytes  int64       `json:"live_bytes"`
	LiveBlocks int64       `json:"live_blocks"`
	Sizes      [][2]uint32 `json:"sizes"`
}

type configLine struct {
	Config map[string]uint32 `json:"config"`
	TMs    int64             `json:"t_ms"`
}

type baselineLine struct {
	Baseline string          `json:"baseline"`
	TimeBase json.RawMessage `json:"timebase"`
}

type stepLine struct {
	Step   string `json:"baseline_step"`
	Client int    `json:"client"`
	TMs    int64  `json:"t_ms"`
	Served int    `json:"served"`
}

type injectionLine struct {
	Phase           string `json:"phase"`
	Mode            string `json:"mode"`
	FailNth         int    `json:"fail_nth"`
	RequestSize     uint32 `json:"request_size"`
	By              string `json:"by"`
	Outcome         string `json:"outcome"`
	ClientSees      string `json:"client_sees"`
	Answered        int    `json:"answered_one_loop_later"`
	OpenAfter       int    `json:"connection_open_after"`
	NewClientOK     int    `json:"new_client_ok"`
	LeakBytes       int64  `json:"leak_bytes"`
	LeakBlocks      int64  `json:"leak_blocks"`
	SessionsLeft    int    `json:"sessions_left"`
	ChannelsLeft    int    `json:"channels_left"`
	ConnectionsLeft int    `json:"connections_left"`
}

type capacityLine struct {
	Kind         string `json:"kind"`
	Clients      int    `json:"clients"`
	MinFreeBytes int64  `json:"min_free_bytes"`
	OneLess      string `json:"one_less_fails_in"`
	ClientSees   string `json:"client_sees"`
}

// kinds lists the members that a line can have: its first member, what must be
// there, and after a bar what may be.
var kinds = map[string]string{
	"phase":           "phase name client t_ms",
	"phase mode":      "phase mode fail_nth request_size by outcome | client_sees answered_one_loop_later connection_open_after new_client_ok leak_bytes leak_blocks sessions_left channels_left connections_left",
	"end":             "end name t_ms result req_bytes resp_bytes allocs alloc_bytes frees freed_bytes delta_bytes delta_blocks peak_over_start peak_blocks_over_start max_block live_bytes live_blocks delta_tlsf peak_tlsf_over_start live_tlsf tcp_connections channels sessions | subscriptions retained",
	"op malloc":       "op id size t_ms by",
	"op calloc":       "op id size t_ms by",
	"op realloc":      "op id size old t_ms by",
	"op free":         "op id t_ms",
	"net accept":      "net conn t_ms client",
	"net accept_fail": "net conn t_ms client errno",
	"net rx":          "net conn t_ms len hex | fill",
	"net tx":          "net conn t_ms len hex | of fill",
	"net tx_again":    "net conn t_ms count",
	"net tx_err":      "net conn t_ms | errno len",
	"net fin":         "net conn t_ms",
	"net eof":         "net conn t_ms",
	"net rst":         "net conn t_ms on | errno",
	"net vanish":      "net conn t_ms tx_room",
	"net shutdown":    "net conn t_ms",
	"net close":       "net conn t_ms",
	"reads":           "reads after_phase",
	"live_histogram":  "live_histogram live_bytes live_blocks sizes",
	"config":          "config t_ms",
	"baseline":        "baseline | timebase",
	"baseline_step":   "baseline_step client t_ms | served",
	"kind":            "kind clients min_free_bytes one_less_fails_in client_sees",
}

// readRecording reads a whole file and checks the form of every line.
func readRecording(path string) (*recording, error) {
	b, err := recordings.Unpack(path)
	if err != nil {
		return nil, err
	}
	rec, err := parseRecording(b)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return rec, nil
}

func parseRecording(b []byte) (*recording, error) {
	rec := &recording{}
	s := bufio.NewScanner(bytes.NewReader(b))
	s.Buffer(nil, 1<<26)
	for n := 1; s.Scan(); n++ {
		text := s.Text()
		if n == 1 {
			rec.header = &header{}
			if err := strict(text, rec.header); err != nil {
				return nil, fmt.Errorf("1: header: %w", err)
			}
			continue
		}
		l := &line{number: n, text: text}
		if err := l.parse(); err != nil {
			return nil, fmt.Errorf("%d: %w", n, err)
		}
		rec.lines = append(rec.lines, l)
	}
	if rec.header == nil {
		return nil, fmt.Errorf("1: no header line")
	}
	if len(b) > 0 && b[len(b)-1] != '\n' {
		return nil, fmt.Errorf("%d: the last line does not end", len(rec.lines)+1)
	}
	return rec, s.Err()
}

func strict(text string, v any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("more than one JSON value")
	}
	return nil
}

// members returns the names of the members of a JSON object in their order.
func members(text string) ([]string, map[string]json.RawMessage, error) {
	d := json.NewDecoder(strings.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, fmt.Errorf("expected a JSON object: %v", err)
	}
	var names []string
	raw := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, nil, err
		}
		names = append(names, name.(string))
		raw[name.(string)] = value
	}
	if len(names) != len(raw) || len(names) == 0 {
		return nil, nil, fmt.Errorf("a member twice, or none: %v", names)
	}
	return names, raw, nil
}

func (l *line) parse() error {
	names, raw, err := members(l.text)
	if err != nil {
		return err
	}
	kind := names[0]
	switch {
	case kind == "op" || kind == "net":
		var second string
		if err := json.Unmarshal(raw[kind], &second); err != nil {
			return err
		}
		kind += " " + second
	case kind == "phase" && raw["mode"] != nil:
		kind = "phase mode"
	}
	form, ok := kinds[kind]
	if !ok {
		return fmt.Errorf("unknown kind of line %q", kind)
	}
	must, may, _ := strings.Cut(form, "|")
	for _, m := range strings.Fields(must) {
		if raw[m] == nil {
			return fmt.Errorf("%s: member %q is missing", kind, m)
		}
	}
	for _, n := range names {
		if !slices.Contains(strings.Fields(must), n) && !slices.Contains(strings.Fields(may), n) {
			return fmt.Errorf("%s: unknown member %q", kind, n)
		}
	}
	var v any
	switch first, _, _ := strings.Cut(kind, " "); first {
	case "phase":
		if kind == "phase mode" {
			l.injection = &injectionLine{}
			v = l.injection
		} else {
			l.phase = &phaseLine{}
			v = l.phase
		}
	case "end":
		l.end = &endLine{}
		v = l.end
	case "op":
		l.op = &opLine{}
		v = l.op
	case "net":
		l.net = &netLine{}
		v = l.net
	case "reads":
		l.reads = &readsLine{}
		v = l.reads
	case "live_histogram":
		l.histogram = &histogramLine{}
		v = l.histogram
	case "config":
		l.config = &configLine{}
		v = l.config
	case "baseline":
		l.baseline = &baselineLine{}
		v = l.baseline
	case "baseline_step":
		l.step = &stepLine{}
		v = l.step
	case "kind":
		l.capacity = &capacityLine{}
		v = l.capacity
	}
	if err := strict(l.text, v); err != nil {
		return err
	}
	if l.net != nil {
		return l.net.expand()
	}
	return nil
}

// expand turns the hexadecimal text, and the byte that fills the rest, into bytes.
func (n *netLine) expand() error {
	if n.Net != "rx" && n.Net != "tx" {
		return nil
	}
	b, err := hex.DecodeString(n.Hex)
	if err != nil {
		return err
	}
	if n.Fill != nil {
		fill, err := hex.DecodeString(*n.Fill)
		if err != nil || len(fill) != 1 || len(b) != 64 || n.Len <= 512 {
			return fmt.Errorf("fill %q after %d bytes of %d", *n.Fill, len(b), n.Len)
		}
		b = append(b, bytes.Repeat(fill, n.Len-len(b))...)
	}
	if len(b) != n.Len || n.Len == 0 {
		return fmt.Errorf("%s: len is %d, hex has %d bytes", n.Net, n.Len, len(b))
	}
	n.bytes = b
	return nil
}

// time returns the time of a line that has one.
func (l *line) time() (int64, bool) {
	switch {
	case l.phase != nil:
		return l.phase.TMs, true
	case l.end != nil:
		return l.end.TMs, true
	case l.op != nil:
		return l.op.TMs, true
	case l.net != nil:
		return l.net.TMs, true
	case l.config != nil:
		return l.config.TMs, true
	case l.step != nil:
		return l.step.TMs, true
	}
	return 0, false
}

// inTurn reports whether a line is something that happened in a loop turn, and
// not between two.
func (l *line) inTurn() bool { return l.op != nil || l.net != nil && l.net.Net != "vanish" }
