package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// call runs the program with the given arguments.
func call(args ...string) (code int, stdout, stderr string) {
	var out, err strings.Builder
	code = run(args, stdio{strings.NewReader(""), &out, &err})
	return code, out.String(), err.String()
}

func TestHelp(t *testing.T) {
	code, stdout, stderr := call("help")
	require.Zero(t, code)
	require.Empty(t, stderr)
	require.Contains(t, stdout, "usage: plimsoll COMMAND [flags]")
	code, again, _ := call("help", "help")
	require.Zero(t, code)
	require.Equal(t, stdout, again)
	for _, c := range commands() {
		require.Contains(t, stdout, c.name)
		code, help, _ := call("help", c.name)
		require.Zero(t, code, c.name)
		require.Contains(t, help, "usage: plimsoll "+c.name+" [flags]")
		code, _, stderr := call(c.name, "-nonsense")
		require.Equal(t, 2, code, c.name)
		require.Contains(t, stderr, "-nonsense")
	}
}

func TestWrongArguments(t *testing.T) {
	code, _, stderr := call()
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "usage")
	code, _, stderr = call("nothing")
	require.Equal(t, 2, code)
	require.Contains(t, stderr, `there is no command "nothing"`)
}

// What contradicts itself or would do nothing is refused, in one line.
func TestContradictoryFlags(t *testing.T) {
	for _, x := range []struct {
		args string
		want string
	}{
		{"size -wallclock", "plimsoll size: -wallclock means nothing without -clients\n"},
		{"size -nomemory panic", "plimsoll size: -nomemory means nothing without -clients\n"},
		{"size -json -clients uaexpert", "plimsoll size: -clients and -json contradict each other: one of them was expected\n"},
		{"size -json -log", "plimsoll size: -log and -json contradict each other: one of them was expected\n"},
		{"size -image a.map -static 3", "plimsoll size: -image and -static contradict each other: one of them was expected\n"},
		{"size -static -5", "plimsoll size: invalid value \"-5\" for flag -static: parse error; \"plimsoll help size\" lists the flags\n"},
		{"options -image a.map -static 3", "plimsoll options: -image and -static contradict each other: one of them was expected\n"},
		{"diff -image a.map -static 3 a b", "plimsoll diff: -image and -static contradict each other: one of them was expected\n"},
		{"explain -set X LWIP_TCP_MSS", "plimsoll explain: invalid value \"X\" for flag -set: OPTION=VALUE was expected, found \"X\"; \"plimsoll help explain\" lists the flags\n"},
		{"serve -free 70000 -static 3", "plimsoll serve: -free and -static contradict each other: one of them was expected\n"},
		{"serve -speed 0", "plimsoll serve: -speed 0 and -connections 64: at least 1 was expected\n"},
		{"serve -connections 0", "plimsoll serve: -speed 1 and -connections 0: at least 1 was expected\n"},
	} {
		code, stdout, stderr := call(strings.Fields(x.args)...)
		require.Equal(t, 2, code, x.args)
		require.Empty(t, stdout, x.args)
		require.Equal(t, x.want, stderr, x.args)
	}
}

// An older sdkconfig's names are counted, not listed.
func TestNotes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sdkconfig")
	require.NoError(t, os.WriteFile(path, []byte("CONFIG_ESP32_WIFI_ENABLED=y\nCONFIG_TASK_WDT_TIMEOUT_S=5\nCONFIG_MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH=y\nCONFIG_MBEDTLS_DYNAMIC_BUFFER=y\nCONFIG_MINE=y\n"), 0o600))
	code, _, stderr := call("size", "-idf", "5.3.1", "-sdkconfig", path)
	require.Zero(t, code, stderr)
	require.Contains(t, stderr, ": 2 options by names that ESP-IDF 5.3.1 has changed; they were understood\n")
	require.Contains(t, stderr, ":4: CONFIG_MBEDTLS_DYNAMIC_BUFFER: ESP-IDF ignores this")
	require.Contains(t, stderr, ": 1 options that the model does not read\n")
	require.Equal(t, 3, strings.Count(stderr, "\n"), stderr)
}
