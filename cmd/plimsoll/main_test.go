package main

import (
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
	for _, c := range commands() {
		require.Contains(t, stdout, c.name)
		code, help, _ := call("help", c.name)
		require.Zero(t, code, c.name)
		require.Contains(t, help, "usage: plimsoll "+c.name)
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
