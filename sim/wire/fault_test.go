package wire

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

func TestScriptedFaultsHarmTheFramesTheyName(t *testing.T) {
	for _, test := range []struct {
		faults string
		want   []string // tags of eight frames as they arrive, 1 ms apart
	}{
		{"", []string{"1", "2", "3", "4", "5", "6", "7", "8"}},
		{"drop", nil},
		{"drop #3", []string{"1", "2", "4", "5", "6", "7", "8"}},
		{"drop #2-7", []string{"1", "8"}},
		{"drop every 2", []string{"1", "3", "5", "7"}},
		{"duplicate #2", []string{"1", "2", "2", "3", "4", "5", "6", "7", "8"}},
		{"reorder #1 by 2500us", []string{"2", "3", "1", "4", "5", "6", "7", "8"}},
		{"drop of arp", []string{"1", "2", "3", "4", "5", "6", "7", "8"}},
		{"drop from right", []string{"1", "2", "3", "4", "5", "6", "7", "8"}},
		{"drop #1 from left; drop #1", []string{"2", "3", "4", "5", "6", "7", "8"}},
		{"drop 1000000ppm", nil},
	} {
		t.Run(test.faults, func(t *testing.T) {
			faults, err := ParseFaults(test.faults)
			require.NoError(t, err)
			loop, _, end, _, b := pair(t, CableConfig{Faults: faults})
			for i := range 8 {
				loop.At(time.Duration(i)*time.Millisecond, func() { require.NoError(t, end.Send(frame(byte(i+1), 60))) })
			}
			require.NoError(t, loop.Run(time.Second))
			var got []string
			for _, f := range b.sent {
				got = append(got, fmt.Sprint(f[headerSize]))
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestCorruptInvertsOneBitAndLeavesTheSendersFrameAlone(t *testing.T) {
	loop, _, end, _, b := pair(t, CableConfig{Faults: []Fault{{Action: Corrupt}}})
	sent := frame(1, 100)
	keep := append(Frame(nil), sent...)
	for range 50 {
		require.NoError(t, end.Send(sent))
	}
	require.NoError(t, loop.Run(time.Second))
	require.Equal(t, keep, sent)
	places := map[int]bool{}
	for _, f := range b.sent {
		diff := 0
		for i := range f {
			for x := f[i] ^ sent[i]; x != 0; x &= x - 1 {
				diff++
				places[i] = true
				require.GreaterOrEqual(t, i, headerSize)
			}
		}
		require.Equal(t, 1, diff)
	}
	require.Greater(t, len(places), 10)
}

func TestProbabilityIsRoughlyWhatItSays(t *testing.T) {
	loop, _, end, _, b := pair(t, CableConfig{Faults: []Fault{{Action: Drop, PPM: 250_000}}})
	for range 4000 {
		require.NoError(t, end.Send(frame(1, 60)))
	}
	require.NoError(t, loop.Run(time.Second))
	// Expected 3000 with a standard deviation of 27; the seed is fixed.
	require.InDelta(t, 3000, len(b.sent), 150)
}

// TestAFaultDoesNotShiftAnother adds a rule and expects the first to hit the
// same frames as before.
func TestAFaultDoesNotShiftAnother(t *testing.T) {
	lost := func(faults ...Fault) (tags []byte) {
		loop, _, end, _, b := pair(t, CableConfig{Faults: faults})
		for i := range 200 {
			require.NoError(t, end.Send(frame(byte(i), 60)))
		}
		require.NoError(t, loop.Run(time.Second))
		seen := map[byte]bool{}
		for _, f := range b.sent {
			seen[f[headerSize]] = true
		}
		for i := range 200 {
			if !seen[byte(i)] {
				tags = append(tags, byte(i))
			}
		}
		return tags
	}
	one := Fault{Action: Drop, PPM: 100_000}
	alone := lost(one)
	require.NotEmpty(t, alone)
	require.Subset(t, lost(Fault{Action: Drop, PPM: 200_000}, one), alone)
	require.Subset(t, lost(one, Fault{Action: Drop, PPM: 200_000}), alone)
}

func TestClasses(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	counts := map[Class]int{}
	sniff := &sniffer{f: func(f Frame) {
		for c := Any; c <= Ack; c++ {
			if c.matches(f) {
				counts[c]++
			}
		}
	}}
	// The sniffer sits between host b and the cable.
	sniff.host = l.hosts[0]
	l.cables[0].Ends()[0].port = sniff
	l.echo(0)
	l.run(1, func(p *vtime.Proc) {
		c, err := l.hosts[1].Dial(p, addrOf(0), echoPort, time.Second)
		require.NoError(t, err)
		require.NoError(t, talk(p, c, 10))
		c.Close()
		_, err = l.hosts[1].Ping(p, addrOf(0), time.Second)
		require.NoError(t, err)
		u, err := l.hosts[1].ListenUDP(0)
		require.NoError(t, err)
		require.NoError(t, u.SendTo([]byte("x"), netip.AddrPortFrom(addrOf(0), 9)))
		_, err = l.hosts[1].ProbeSYN(p, addrOf(0), echoPort, time.Second)
		require.NoError(t, err)
	})
	l.pass(time.Second)
	// Towards host a: ARP request; SYN, ACK, data, ACK of the echo, FIN with
	// ACK, ACK of the FIN; echo request; datagram; the probe's SYN and RST.
	require.Equal(t, map[Class]int{Any: 11, ARP: 1, IP: 10, ICMP: 1, UDP: 1, TCP: 8, SYN: 2, FIN: 1, RST: 1, Data: 1, Ack: 3}, counts)
}

// sniffer passes frames on to a host and looks at them.
type sniffer struct {
	host *Host
	f    func(Frame)
}

func (s *sniffer) Receive(f Frame) { s.f(f); s.host.Receive(f) }

func TestParseFaultsErrors(t *testing.T) {
	for text, want := range map[string]string{
		"explode":                `wire: fault 1 ("explode"): unknown action "explode"; one of drop, duplicate, reorder, corrupt was expected`,
		"drop #0":                `"0": a number of frames from 1 was expected`,
		"drop #5-3":              "frames #5-3; a range that counts up",
		"drop 0ppm":              "a probability from 1ppm to 1000000ppm",
		"drop 1000001ppm":        "a probability of 1000001 ppm; at most 1000000",
		"drop 9999999999ppm":     "a probability from 1ppm",
		"drop #1 every 2":        "more than one of PPM, First and Every",
		"drop #1 #2":             `"#2" is a second clause of its kind`,
		"drop of":                `nothing follows "of"`,
		"drop of gold":           `unknown class "gold"`,
		"drop sometimes":         `unknown word "sometimes"`,
		"drop by 1s":             "drop does not take a delay",
		"reorder":                "reorder by 0s; more than 0 was expected",
		"reorder by soon":        `by "soon": a duration such as 3ms`,
		"drop; drop #1; drop #x": `fault 3 ("drop #x")`,
		`drop from "a"`:          "a character that faults cannot name",
	} {
		_, err := ParseFaults(text)
		require.ErrorContains(t, err, want, text)
	}
}

// anyFault draws valid faults.
func anyFault(t *rapid.T) Fault {
	f := Fault{
		Action: Action(rapid.IntRange(0, len(actionNames())-1).Draw(t, "action")),
		Class:  Class(rapid.IntRange(0, len(classNames())-1).Draw(t, "class")),
		From:   rapid.StringMatching(`[a-z0-9/_#-]{0,8}`).Draw(t, "from"),
	}
	switch rapid.IntRange(0, 3).Draw(t, "trigger") {
	case 1:
		f.PPM = rapid.Uint32Range(1, 1_000_000).Draw(t, "ppm")
	case 2:
		f.First = rapid.Uint64Min(1).Draw(t, "first")
		if rapid.Bool().Draw(t, "range") {
			f.Last = rapid.Uint64Min(f.First).Draw(t, "last")
		}
	case 3:
		f.Every = rapid.Uint64Min(1).Draw(t, "every")
	}
	if f.Action == Reorder {
		f.By = time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "by"))
	}
	return f
}

func TestFaultsParseBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		faults := rapid.SliceOfN(rapid.Custom(anyFault), 1, 4).Draw(t, "faults")
		for _, f := range faults {
			if err := f.validate(); err != nil {
				t.Fatalf("%+v: %v", f, err)
			}
		}
		got, err := ParseFaults(FormatFaults(faults))
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(faults) {
			t.Fatalf("%v became %v", faults, got)
		}
	})
}

func FuzzParseFaults(f *testing.F) {
	f.Add("drop #2-5 of syn from pc; duplicate every 10 of data")
	f.Add("reorder 500ppm by 3ms;corrupt 20ppm of tcp;;drop")
	f.Fuzz(func(t *testing.T, text string) {
		faults, err := ParseFaults(text)
		if err != nil {
			return
		}
		again, err := ParseFaults(FormatFaults(faults))
		require.NoError(t, err)
		require.Equal(t, faults, again)
	})
}

func FuzzParseHeaders(f *testing.F) {
	f.Add([]byte(frame(1, 60)))
	f.Fuzz(func(t *testing.T, data []byte) {
		h := parseHeaders(data)
		if h.transport != 0 {
			require.LessOrEqual(t, h.transport+8, len(data))
		}
		for c := Any; c <= Ack; c++ {
			c.matches(data)
		}
	})
}
