package live_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/live"
)

// ask sends a request to the HTTP interface.
func ask(h http.Handler, method, path, body string, header ...string) (int, string) {
	r := httptest.NewRequest(method, "http://127.0.0.1:4841"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestControl(t *testing.T) {
	t.Parallel()
	s := start(t, with(echo))
	h := s.Handler()
	c := dial(t, s)
	say(t, c, "hello")
	code, text := ask(h, "GET", "/stats", "")
	require.Equal(t, 200, code)
	var st live.Stats
	require.NoError(t, json.Unmarshal([]byte(text), &st))
	require.Equal(t, s.URL(), st.URL)
	require.Equal(t, []uint64{5, 5}, []uint64{st.Connections[0].ToDevice, st.Connections[0].FromDevice})
	require.Positive(t, st.Free)
	require.Len(t, st.PCBs, 2)

	for _, x := range []struct {
		method, path, body string
		code               int
		want               string
	}{
		{"POST", "/pull", "", 200, "{}"},
		{"POST", "/plug", "{}", 200, "{}"},
		{"POST", "/plug", `{"cable": 1}`, 400, `unknown field`},
		{"POST", "/kill", `{"connection": 9}`, 409, `{"error":"live: there is no connection 9"}`},
		{"POST", "/kill", `{"connection": 1}`, 200, `{"killed":1}`},
		{"POST", "/kill", ``, 200, `{"killed":0}`},
		{"POST", "/kill", `{`, 400, `the body is not what was expected`},
		{"POST", "/kill", `{"connection": ` + strings.Repeat(" ", 5000) + `1}`, 400, `too large`},
		{"POST", "/speed", `{"speed": 10}`, 200, "{}"},
		{"POST", "/speed", `{"speed": 0}`, 409, "1 to 100000 was expected"},
		{"POST", "/reboot", "", 200, "{}"},
		{"GET", "/pull", "", 405, `{"error":"GET /pull: method not allowed"}`},
		{"POST", "/stats", "", 405, `{"error":"POST /stats: method not allowed"}`},
		{"GET", "/", "", 404, `{"error":"GET /: not found"}`},
		{"GET", "/stats/", "", 404, `{"error":"GET /stats/: not found"}`},
	} {
		code, text := ask(h, x.method, x.path, x.body)
		require.Equal(t, x.code, code, "%v", x)
		require.Contains(t, text, x.want, "%v", x)
	}
	require.Equal(t, 2, stats(t, s).Boots)
	require.Equal(t, 10, stats(t, s).Speed)
	requireReset(t, c)
}

// What a page of another site can have a browser send is refused, whatever it
// asks for, and does nothing.
func TestControlIsNotForOtherSites(t *testing.T) {
	s := start(t, with(echo))
	for _, x := range []struct {
		code   int
		header []string
	}{
		{200, nil},
		{200, []string{"Host", "localhost:4841"}},
		{200, []string{"Host", "[::1]:4841"}},
		{200, []string{"Host", "[::1]"}},
		{200, []string{"Host", "lab.example:4841"}},
		{200, []string{"Origin", "http://127.0.0.1:4841"}},
		{200, []string{"Sec-Fetch-Site", "same-origin"}},
		{200, []string{"Sec-Fetch-Site", "none"}},
		{403, []string{"Host", "evil.example"}},
		{403, []string{"Host", "evil.example:4841"}},
		{403, []string{"Host", ""}},
		{403, []string{"Host", "127.0.0.1.evil.example"}},
		{403, []string{"Host", "localhost.evil.example:4841"}},
		{403, []string{"Host", "192.168.1.7:4841"}},
		{403, []string{"Origin", "http://evil.example"}},
		{403, []string{"Origin", "https://127.0.0.1:4841"}},
		{403, []string{"Origin", "http://127.0.0.1:8080"}},
		{403, []string{"Origin", "null"}},
		{403, []string{"Origin", ""}},
		{403, []string{"Sec-Fetch-Site", "cross-site"}},
		{403, []string{"Sec-Fetch-Site", "same-site"}},
	} {
		for _, request := range [][2]string{{"POST", "/pull"}, {"GET", "/stats"}} {
			require.NoError(t, s.Plug())
			code, text := ask(s.Handler("lab.example"), request[0], request[1], "", x.header...)
			require.Equal(t, x.code, code, "%v %v: %s", request, x.header, text)
			require.Equal(t, x.code == 200 && request[0] == "POST", stats(t, s).Pulled, "%v %v", request, x.header)
		}
	}
	// What a form can send needs no permission of the server's.
	code, _ := ask(s.Handler(), "POST", "/pull", "{}", "Content-Type", "text/plain")
	require.Equal(t, 415, code)
}

func TestServeControl(t *testing.T) {
	s := start(t, with(echo))
	addr, err := s.ServeControl("127.0.0.1:0")
	require.NoError(t, err)
	res, err := http.Post(fmt.Sprintf("http://%v/pull", addr), "application/json", strings.NewReader("{}"))
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, "200 {}\n", fmt.Sprintf("%d %s", res.StatusCode, text))
	require.True(t, stats(t, s).Pulled)
	_, err = s.ServeControl(addr.String())
	require.Error(t, err, "the port is taken")
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	s := start(t, with(echo))
	say(t, dial(t, s), "hello")
	var out strings.Builder
	require.NoError(t, s.Terminal(strings.NewReader(`
pull
plug
kill 1
kill 1
kill x
kill
speed 60
speed
speed fast
reboot
pull now
dance
quit
never read
`), &out))
	require.Equal(t, `the cable is pulled
the cable is plugged in
connections that vanished: 1
live: there is no connection 1
live: kill x: the number of a connection was expected, as stats lists them
connections that vanished: 0
virtual time runs 60 times as fast as real time
live: speed: a number was expected, found []
live: speed: a number was expected, found ["fast"]
the device starts again
live: pull: ["now"] was not expected
live: there is no command "dance"; help lists them
`, out.String())

	out.Reset()
	require.Equal(t, io.EOF, s.Terminal(strings.NewReader("help\nstats"), &out))
	require.True(t, strings.HasPrefix(out.String(), live.Help), out.String())
	require.Contains(t, out.String(), "start 2")
	require.ErrorContains(t, s.Terminal(strings.NewReader(strings.Repeat("x", 5000)), &out), "too long")
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Terminal(strings.NewReader("stats\n"), &out), live.ErrClosed)
}
