package heap

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// failures runs an injector over ten requests, alternating between two tasks
// with growing sizes, and returns which it fails.
func failures(x Injector) string {
	out := ""
	for n := uint32(1); n <= 10; n++ {
		r := Request{N: uint64(n), Size: 100 * n, Caps: CapDefault, Tag: Tag{Task: "tiT", Object: "10.0.0.2:51234", What: "tcp_pcb"}}
		if n%2 == 0 {
			r.Tag, r.Caps = Tag{Task: "opcua_task", Object: "session 3", What: "UA_Session"}, CapDMA|CapInternal
		}
		if x.Fail(r) {
			out += "x"
		} else {
			out += "."
		}
	}
	return out
}

func TestInjectors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`always`, "xxxxxxxxxx"},
		{`(nth 3)`, "..x......."},
		{`(from 9)`, "........xx"},
		{`(larger 700)`, ".......xxx"},
		{`(task "opcua_*")`, ".x.x.x.x.x"},
		{`(object "10.0.0.?:*")`, "x.x.x.x.x."},
		{`(what "UA_Session")`, ".x.x.x.x.x"},
		{`(caps DMA)`, ".x.x.x.x.x"},
		{`(and (task "tiT") (nth 2))`, "..x......."},
		{`(and (nth 2) (task "tiT"))`, ".........."},
		{`(or (nth 1) (nth 10))`, "x........x"},
		{`(not (larger 200))`, "xx........"},
		{`(atmost 2 (larger 100))`, ".xx......."},
		{`(off always)`, ".........."},
		{`(on (nth 2))`, ".x........"},
		{`(chance 1 5)`, "xxxxxxxxxx"},
		{`(chance 0 5)`, ".........."},
		{`(chance 3 7)`, failures(Chance(3, 7))},
		{`(and)`, ".........."},
		{`(or)`, ".........."},
	} {
		x, err := ParseInjector(c.text)
		require.NoError(t, err, c.text)
		require.Equal(t, c.text, x.String())
		require.Equal(t, c.want, failures(x), c.text)
	}
	n := 0
	x := Chance(10, 42)
	for range 10_000 {
		if x.Fail(Request{}) {
			n++
		}
	}
	require.InDelta(t, 1000, n, 120)
}

func TestInjectorSyntaxErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		offset int
		want   string
	}{
		{``, 0, `"always" or "("`},
		{`(nth x)`, 5, "a count"},
		{`(nth 3`, 6, `")"`},
		{`(nth 3) more`, 8, "nothing more"},
		{`(task tiT)`, 6, "a quoted pattern"},
		{`(task "[")`, 6, "a pattern of path.Match"},
		{`(caps FAST)`, 6, "capabilities"},
		{`(frobnicate 1)`, 1, "nth, from"},
		{`(and (nth 1) 2)`, 13, `"always" or "("`},
		{`(larger 5000000000)`, 8, "a size in bytes"},
	} {
		_, err := ParseInjector(c.text)
		var e *InjectorSyntaxError
		require.ErrorAs(t, err, &e, c.text)
		require.Equal(t, c.offset, e.Offset, c.text)
		require.ErrorContains(t, err, c.want, c.text)
	}
}

// FuzzParseInjector: what parses prints itself so that it parses to the same.
func FuzzParseInjector(f *testing.F) {
	f.Add(`(and (task "opcua_task") (or (nth 3) (chance 10 7)) (not (caps DMA|INTERNAL)))`)
	f.Add(`(atmost 2 (on (larger 100)))`)
	f.Fuzz(func(t *testing.T, text string) {
		x, err := ParseInjector(text)
		if err != nil {
			return
		}
		y, err := ParseInjector(x.String())
		require.NoError(t, err)
		require.Equal(t, x.String(), y.String())
		require.Equal(t, failures(x), failures(y))
	})
}

func TestInjectedFailure(t *testing.T) {
	var got []Failure
	h, err := New(Config{
		Version: V5_3_1, Layout: DefaultLayout(), Inject: And(OfTask("opcua_task"), Nth(2)),
		OnFail: func(f Failure) { got = append(got, f) },
	})
	require.NoError(t, err)
	o := h.Intern(Tag{Task: "opcua_task", What: "UA_Session"})
	require.NotZero(t, h.MallocDefault(o, 100))
	require.NotZero(t, h.MallocDefault(OwnerBoot, 100))
	require.Zero(t, h.MallocDefault(o, 200))
	require.NotZero(t, h.MallocDefault(o, 200))
	require.Len(t, got, 1)
	require.True(t, got[0].Injected)
	require.Equal(t, uint32(200), got[0].Size)
	require.Contains(t, got[0].Error(), "heap_caps_malloc: 200 bytes of INTERNAL|DEFAULT for opcua_task/UA_Session failed at 0s: injected")
	require.Equal(t, uint64(4), h.Calls())
	require.Equal(t, uint64(1), h.Failures())
}
