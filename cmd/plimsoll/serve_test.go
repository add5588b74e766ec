package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	gopcua "github.com/gopcua/opcua"
	"github.com/stretchr/testify/require"
)

// The whole command: it says where it is, real clients reach it there, commands do
// what they say, and quit ends it.
func TestServe(t *testing.T) {
	in, typed := io.Pipe()
	printed, out := io.Pipe()
	capture := filepath.Join(t.TempDir(), "out.pcapng")
	ended := make(chan error, 1)
	go func() {
		err := serveUntil(context.Background(), []string{
			"-listen", "127.0.0.1:0", "-control", "127.0.0.1:0", "-security", "Basic256Sha256", "-wallclock", "-capture", capture,
		}, stdio{in, out, io.Discard})
		out.Close()
		ended <- err
	}()
	read := func(pattern string) string {
		var text strings.Builder
		for b := make([]byte, 4096); ; {
			n, err := printed.Read(b)
			text.Write(b[:n])
			if m := regexp.MustCompile(pattern).FindStringSubmatch(text.String()); m != nil {
				return m[1]
			}
			require.NoError(t, err, text.String())
		}
	}
	url := read(`accepting connections at (\S+)\n`)
	control := read(`commands by HTTP at (\S+)\n`)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	endpoints, err := gopcua.GetEndpoints(ctx, url)
	require.NoError(t, err)
	require.Len(t, endpoints, 3)
	_, err = io.WriteString(typed, "pull\n")
	require.NoError(t, err)
	read(`(the cable is pulled)\n`)
	res, err := http.Get(control + "/stats")
	require.NoError(t, err)
	defer res.Body.Close()
	stats, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Contains(t, string(stats), `"pulled":true`)
	http.DefaultClient.CloseIdleConnections()
	_, err = io.WriteString(typed, "quit\n")
	require.NoError(t, err)
	require.NoError(t, <-ended)
	file, err := os.Stat(capture)
	require.NoError(t, err)
	require.Greater(t, file.Size(), int64(1000))
}

// A signal ends it, with and without a terminal.
func TestServeEndsBySignal(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	out, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- serveUntil(ctx, []string{"-listen", "127.0.0.1:0", "-control", ""}, stdio{strings.NewReader(""), w, io.Discard})
	}()
	_, err := out.Read(make([]byte, 100))
	require.NoError(t, err)
	cancel()
	require.NoError(t, <-ended)
}

func TestServeErrors(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for want, args := range map[string][]string{
		"eth or wifi was expected":    {"-interface", "radio"},
		"speed 0: 1 to 100000":        {"-speed", "-1"},
		"no-such-file":                {"-sdkconfig", "no-such-file"},
		"address already in use":      {"-listen", taken.Addr().String()},
		`policy "Rot13"`:              {"-listen", "127.0.0.1:0", "-security", "Rot13"},
		"no arguments but flags were": {"now"},
	} {
		code, _, stderr := call(append([]string{"serve"}, args...)...)
		require.NotZero(t, code, args)
		require.Contains(t, stderr, strings.Replace(want, "speed 0", "speed -1", 1), args)
	}
}

// The policies of -security become endpoints of the server, or an error that names
// what is wrong.
func TestSecuredServer(t *testing.T) {
	c, err := securedServer("Basic256Sha256, Aes128_Sha256_RsaOaep", 1)
	require.NoError(t, err)
	require.Len(t, c.Security.Endpoints, 4)
	require.NoError(t, c.Security.Validate())
	_, err = securedServer("Basic128Rsa15", 1)
	require.ErrorContains(t, err, `policy "Basic128Rsa15", expected Basic256Sha256`)
	require.Equal(t, 1, strings.Count(err.Error(), "Basic128Rsa15"), "of two endpoints")
	_, err = securedServer("", 1)
	require.Error(t, err)
}
