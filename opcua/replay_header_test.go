package opcua

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// check looks for contradictions in a header: what it says twice, and what
// cannot be otherwise.
func (h *header) check(version Version) error {
	buffer := func(n uint32) uint32 {
		if n == releases[version].buffers.Send {
			return 0 // not set by the firmware
		}
		return n
	}
	iso := time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC).Unix()*10_000_000 + h.WallStart.UA
	for _, c := range []struct {
		ok   bool
		what string
	}{
		{h.Period > 0 && h.FirstTurnMs == h.BootMs+h.Period, "first_turn_ms"},
		{h.WallStart.At == h.BootMs, "wall_start.at_ms"},
		{h.WallStart.UA == h.WallMinusMonotonic+h.BootMs*ticksPerMillisecond, "wall_start.ua_datetime"},
		{time.Unix(iso/10_000_000, iso%10_000_000*100).UTC().Format(time.RFC3339) == h.WallStart.ISO, "wall_start.iso"},
		{h.BuildInfo.BuildDate == h.WallStart.UA, "build_info.buildDate"},
		{h.TickHz == 100, "tick_hz"},
		{h.BuildInfo.SoftwareVersion == releases[version].software, "build_info.softwareVersion"},
		{h.LogLevel == 600, "log_level"},
		{h.SendBuf == buffer(h.Buffers.Send) && h.RecvBuf == buffer(h.Buffers.Recv), "buffers"},
		{h.Sockets.Listener == 1 && h.Sockets.First >= 0 && h.Sockets.First+h.Sockets.Max <= FDSetSize, "sockets"},
		{h.EndpointURL == fmt.Sprintf("opc.tcp://%s:%d/", h.Hostname, h.Port), "endpoint_url"},
		{strings.HasPrefix(h.ABI, "ILP32, 8-byte"), "abi"},
		{h.Clocks != "" && h.Volatile != "" && h.RandomSrc != "" && h.About != "" && h.Run != "", "a text is empty"},
	} {
		if !c.ok {
			return fmt.Errorf("header: %s", c.what)
		}
	}
	return nil
}

// checkServer compares what the header says of the server with the server.
func (h *header) checkServer(s *Server) error {
	own := s.core.Endpoints()
	if len(h.Endpoints) != len(own.V) {
		return fmt.Errorf("endpoints: expected %d, got %d", len(h.Endpoints), len(own.V))
	}
	app := s.core.Application()
	if app.ProductURI.String() != h.ProductURI || h.BuildInfo.ProductURI != h.ProductURI {
		return fmt.Errorf("product_uri: expected %q, got %q", h.ProductURI, app.ProductURI.String())
	}
	for i, want := range h.Endpoints {
		e := &own.V[i]
		var tokens []string
		for j := range e.UserIdentityTokens.V {
			tokens = append(tokens, e.UserIdentityTokens.V[j].PolicyID.String())
		}
		if e.SecurityMode != want.Mode || e.SecurityPolicyURI.String() != want.Policy || e.EndpointURL.String() != want.URL ||
			e.Server.ApplicationURI.String() != want.ServerURI || e.Server.ApplicationName.Text.String() != want.ServerName ||
			!slices.Equal(tokens, want.UserTokens) {
			return fmt.Errorf("endpoints: %+v differs", want)
		}
	}
	for _, b := range []struct {
		id   uint32
		want string
	}{{2263, h.BuildInfo.ManufacturerName}, {2261, h.BuildInfo.ProductName}, {2264, h.BuildInfo.SoftwareVersion}, {2265, h.BuildInfo.BuildNumber}} {
		var v uatypes.DataValue
		id := uatypes.ReadValueID{NodeID: uatypes.Numeric(0, b.id), AttributeID: attributeValue}
		var got []string
		quiet := s.mem
		s.core.Read(nil, 3, &id, &v)
		got = append(got, elementsOf(&v.Value)...)
		uatypes.Clear(quiet, &v)
		if len(got) != 1 || got[0] != b.want {
			return fmt.Errorf("build_info: expected %q, got %q", b.want, got)
		}
	}
	return nil
}

func elementsOf(v *uatypes.Variant) []string {
	var s []string
	if x, ok := v.V.([]uatypes.Str); ok {
		for i := range x {
			s = append(s, x[i].String())
		}
	}
	return s
}

// randomOf lists the random values in a message as the header does.
func randomOf(conn int, t int64, m []byte) (headerRandom, bool) {
	var r mem.Recorder
	if len(m) < symmetricHeaderLength || string(m[:3]) != "MSG" {
		return headerRandom{}, false
	}
	var id uatypes.NodeID
	pos, _ := uatypes.Decode(&r, m, symmetricHeaderLength, &id)
	switch id.Numeric {
	case uatypes.TypeCreateSessionResponse.Encoding:
		var x uatypes.CreateSessionResponse
		if _, st := uatypes.Decode(&r, m, pos, &x); st == uatypes.Good && x.ResponseHeader.ServiceResult == uatypes.Good {
			return headerRandom{Kind: "session", Conn: conn, TMs: t, SessionID: hex.EncodeToString(x.SessionID.Guid[:]),
				AuthToken: hex.EncodeToString(x.AuthenticationToken.Guid[:]), ServerNonce: hex.EncodeToString(x.ServerNonce.B)}, true
		}
	case uatypes.TypeActivateSessionResponse.Encoding:
		var x uatypes.ActivateSessionResponse
		if _, st := uatypes.Decode(&r, m, pos, &x); st == uatypes.Good && x.ResponseHeader.ServiceResult == uatypes.Good {
			return headerRandom{Kind: "activate", Conn: conn, TMs: t, ServerNonce: hex.EncodeToString(x.ServerNonce.B)}, true
		}
	}
	return headerRandom{}, false
}

// checkLimits compares the limits that stand beside the table of limits with
// those that the config lines set last.
func (h *header) checkLimits(lines []*line) error {
	last := map[string]uint32{}
	first := map[string]uint32{}
	for _, l := range lines {
		if l.config == nil {
			continue
		}
		for name, v := range l.config.Config {
			if _, ok := first[name]; !ok {
				first[name] = v
			}
			last[name] = v
		}
	}
	for name, v := range map[string]*uint32{"maxSecureChannels": h.MaxSecureChannels, "maxSessions": h.MaxSessions} {
		if v == nil {
			if len(last) > 0 && last[name] != 0 {
				return fmt.Errorf("header: %s is missing", name)
			}
			continue
		}
		if first[name] != *v {
			return fmt.Errorf("header: %s: expected %d, got %d", name, first[name], *v)
		}
	}
	return nil
}

// timeBases reads the time bases of sessions and channels.
func timeBases(raw json.RawMessage) (session, channel TimeBase, err error) {
	var base struct{ Session, Channel string }
	if err := strict(string(raw), &base); err != nil {
		return 0, 0, fmt.Errorf("timebase: %w", err)
	}
	if session, err = parseTimeBase(base.Session); err != nil {
		return 0, 0, err
	}
	channel, err = parseTimeBase(base.Channel)
	return session, channel, err
}
