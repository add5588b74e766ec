package lwipmodel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// recHeader is the first line of a recording.
type recHeader struct {
	ID          string            `json:"id"`
	Scenario    string            `json:"scenario"`
	Variant     string            `json:"variant"`
	Description string            `json:"description"`
	Options     map[string]int    `json:"options"`
	Params      map[string]any    `json:"params"`
	Source      map[string]string `json:"source"`
	Replay      struct {
		Format int      `json:"format"`
		Inputs []string `json:"inputs"`
		Server struct {
			IP      string `json:"ip"`
			Netmask string `json:"netmask"`
			Gateway string `json:"gateway"`
			Port    int    `json:"port"`
			MTU     int    `json:"mtu"`
			ISNStep uint32 `json:"isn_step"`
		} `json:"server"`
		Peer struct {
			IP       string `json:"ip"`
			PortBase int    `json:"port_base"`
			Payload  string `json:"payload"`
		} `json:"peer"`
		Derived map[string]int `json:"derived"`
	} `json:"replay"`

	opt           Options
	server, mask  ip4
	gateway, peer ip4
	wifi          bool
}

// input is an input line of a recording; outcome fields are left out on purpose.
type input struct {
	line int
	TMS  int64
	Kind string

	// rx
	Conn, Flags string
	Seq, Ack    uint32
	Len         int
	Wnd, MSS    uint16

	// call
	Op                        string
	FD, Port, Backlog         int
	DontWait                  bool
	How, Only                 string
	IdleS, IntvlS, Cnt        int
	On, Seconds, First, Count int
}

func strictJSON(line string, v any) error {
	d := json.NewDecoder(strings.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one value in the line")
	}
	return nil
}

func parseHeader(line string) (*recHeader, error) {
	var h recHeader
	if err := strictJSON(line, &h); err != nil {
		return nil, fmt.Errorf("unknown header: %w", err)
	}
	if h.Replay.Format != 2 || fmt.Sprint(h.Replay.Inputs) != "[rx call tcp_tmr]" {
		return nil, fmt.Errorf("unknown header: want replay format 2 with inputs rx, call and tcp_tmr, got %d with %v", h.Replay.Format, h.Replay.Inputs)
	}
	if h.Replay.Peer.Payload != "byte i of a segment is i mod 256" {
		return nil, fmt.Errorf("unknown payload rule %q", h.Replay.Peer.Payload)
	}
	if h.Source["esp_lwip_commit"] != "f79221431fa9042b3572d271d687de66da7560c4" || h.Source["abi"] != "ILP32" {
		return nil, fmt.Errorf("unknown source %v: want esp-lwip f79221431fa9042b3572d271d687de66da7560c4, ABI ILP32", h.Source)
	}
	o := DefaultOptions()
	var err error
	if o.Version, err = ParseVersion(h.Source["esp_idf_port"]); err != nil {
		return nil, err
	}
	linger, ipv6, synRcvd := 0, 0, 0
	fields := map[string]*int{
		"TCP_MSS": &o.TCPMSS, "TCP_SND_BUF": &o.TCPSndBuf, "TCP_WND": &o.TCPWnd, "TCP_MAXRTX": &o.TCPMaxRtx,
		"TCP_SYNMAXRTX": &o.TCPSynMaxRtx, "TCP_MSL": &o.TCPMSL, "TCP_FIN_WAIT_TIMEOUT": &o.TCPFinWaitTimeout,
		"TCP_SYN_RCVD_TIMEOUT": &synRcvd, "TCP_TMR_INTERVAL": &o.TCPTmrInterval, "TCP_RTO_TIME": &o.TCPRTOTime,
		"TCP_OVERSIZE": &o.TCPOversize, "TCP_OOSEQ_MAX_PBUFS": &o.TCPOoseqMaxPbufs, "TCP_OOSEQ_TIMEOUT": &o.TCPOoseqTimeout,
		"TCP_RECVMBOX_SIZE": &o.TCPRecvMboxSize, "TCP_ACCEPTMBOX_SIZE": &o.TCPAcceptMboxSize, "MAX_ACTIVE_TCP": &o.MaxActiveTCP,
		"MAX_LISTENING_TCP": &o.MaxListeningTCP, "MAX_SOCKETS": &o.MaxSockets, "SO_LINGER": &linger, "IPV6": &ipv6,
	}
	if len(h.Options) != len(fields) {
		return nil, fmt.Errorf("header has %d options: want %d", len(h.Options), len(fields))
	}
	for name, v := range h.Options {
		f, ok := fields[name]
		if !ok {
			return nil, fmt.Errorf("unknown option %s", name)
		}
		*f = v
	}
	if linger|1 != 1 || ipv6|1 != 1 {
		return nil, fmt.Errorf("options SO_LINGER and IPV6 are %d and %d: want 0 or 1", linger, ipv6)
	}
	o.SOLinger, o.IPv6 = linger != 0, ipv6 != 0
	if synRcvd != synRcvdTimeout {
		return nil, fmt.Errorf("option TCP_SYN_RCVD_TIMEOUT is %d: lwIP has no other than %d", synRcvd, synRcvdTimeout)
	}
	derived := map[string]int{
		"TCP_SND_QUEUELEN": o.sndQueueLen(), "TCP_SNDLOWAT": o.sndLowat(), "TCP_SNDQUEUELOWAT": o.sndQueueLowat(),
		"TCP_WND_UPDATE_THRESHOLD": o.wndUpdateThreshold(),
	}
	for name, want := range derived {
		if got, ok := h.Replay.Derived[name]; !ok || got != want {
			return nil, fmt.Errorf("derived limit %s: expected %d, got %d from the options", name, got, want)
		}
	}
	if len(h.Replay.Derived) != len(derived) {
		return nil, fmt.Errorf("unknown derived limits: %v", h.Replay.Derived)
	}
	for _, a := range []struct {
		text string
		to   *ip4
	}{{h.Replay.Server.IP, &h.server}, {h.Replay.Server.Netmask, &h.mask}, {h.Replay.Server.Gateway, &h.gateway}, {h.Replay.Peer.IP, &h.peer}} {
		ip, err := netip.ParseAddr(a.text)
		if err != nil || !ip.Is4() {
			return nil, fmt.Errorf("%q is not an IPv4 address", a.text)
		}
		b := ip.As4()
		*a.to = ip4(b[0])<<24 | ip4(b[1])<<16 | ip4(b[2])<<8 | ip4(b[3])
	}
	switch h.Params["rx"] {
	case "eth":
	case "wifi1600":
		h.wifi = true
	default:
		return nil, fmt.Errorf("unknown receive buffer %v", h.Params["rx"])
	}
	h.opt = o
	return &h, o.Validate()
}

// Input fields by line; the others of the line are outcomes and are compared.
var inputKinds = map[string][]string{
	"rx":      {"conn", "flags", "seq", "ack", "len", "wnd", "mss"},
	"tcp_tmr": {"n", "slow"},
	"call": {"op", "fd", "port", "backlog", "len", "dontwait", "how", "only", "idle_s", "intvl_s", "cnt", "on", "seconds",
		"first", "count", "conn"},
}

// parseInput reads a line if it is an input line.
func parseInput(line string) (input, bool, error) {
	var f map[string]json.RawMessage
	d := json.NewDecoder(bytes.NewReader([]byte(line)))
	if err := d.Decode(&f); err != nil {
		return input{}, false, fmt.Errorf("not a line of a recording: %w", err)
	}
	if d.More() {
		return input{}, false, errors.New("more than one value in the line")
	}
	var in input
	get := func(name string, v any) error {
		raw, ok := f[name]
		if !ok {
			return nil
		}
		if err := json.Unmarshal(raw, v); err != nil {
			return fmt.Errorf("field %s: %w", name, err)
		}
		return nil
	}
	if err := get("kind", &in.Kind); err != nil {
		return input{}, false, err
	}
	switch in.Kind {
	case "alloc", "free", "alloc_fail", "state", "tx", "err", "app":
		return input{}, false, nil
	}
	names, ok := inputKinds[in.Kind]
	if !ok {
		return input{}, false, fmt.Errorf("unknown kind of line %q", in.Kind)
	}
	known := map[string]bool{"t_ms": true, "kind": true, "live": true, "blocks": true}
	for _, n := range names {
		known[n] = true
	}
	for n := range f {
		if !known[n] {
			return input{}, false, fmt.Errorf("unknown field %q in a %s line", n, in.Kind)
		}
	}
	for name, v := range map[string]any{
		"t_ms": &in.TMS, "conn": &in.Conn, "flags": &in.Flags, "seq": &in.Seq, "ack": &in.Ack, "len": &in.Len, "wnd": &in.Wnd,
		"mss": &in.MSS, "op": &in.Op, "fd": &in.FD, "port": &in.Port, "backlog": &in.Backlog, "dontwait": &in.DontWait,
		"how": &in.How, "only": &in.Only, "idle_s": &in.IdleS, "intvl_s": &in.IntvlS, "cnt": &in.Cnt, "on": &in.On,
		"seconds": &in.Seconds, "first": &in.First, "count": &in.Count,
	} {
		if err := get(name, v); err != nil {
			return input{}, false, err
		}
	}
	return in, true, in.check()
}

// check refuses numbers that no recorder can have written.
func (in *input) check() error {
	for _, f := range []struct {
		name      string
		v, lo, hi int64
	}{
		{"t_ms", in.TMS, 0, 1 << 42},
		{"len", int64(in.Len), 0, 1 << 20},
		{"fd", int64(in.FD), -1, 1 << 16},
		{"port", int64(in.Port), 0, 65535},
		{"first", int64(in.First), 0, 1 << 31},
		{"count", int64(in.Count), 0, 1 << 31},
	} {
		if f.v < f.lo || f.v > f.hi {
			return fmt.Errorf("field %s: expected %d to %d, got %d", f.name, f.lo, f.hi, f.v)
		}
	}
	if in.Kind == "rx" && in.Len > 65535-40 {
		return fmt.Errorf("field len: expected what fits into an IPv4 packet, got %d", in.Len)
	}
	return nil
}
