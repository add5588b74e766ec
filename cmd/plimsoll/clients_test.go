package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The critical period, what saves the device, and a line of progress for each
// trial.
func TestSizeClients(t *testing.T) {
	code, stdout, stderr := call("size", "-static", "12680", "-clients", "uaexpert,loss=vanish,every=10m,items=5")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "clients: like uaexpert, lost by vanish after 10s, 5 items\n")
	require.Regexp(t, `critical period: with one every \S+ it dies after \d+ connections, \S+: no memory for`, stdout)
	require.Contains(t, stdout, "it survives")
	require.Contains(t, stderr, "survives")
	require.Contains(t, stderr, "dies after")

	code, stdout, _ = call("size", "-static", "37112", "-wallclock", "-nomemory", "delete-task", "-clients", "uaexpert,loss=fin,every=30m")
	require.Zero(t, code)
	require.Contains(t, stdout, "critical period: any")
	require.Contains(t, stdout, "vTaskDelete(NULL)")
	require.Regexp(t, `as given: with one every 30m0s it dies after \d+ connections, \S+: `, stdout)
	require.Regexp(t, `it survives \d+ clients with the smallest set: right time base\n`, stdout)
}

func TestClientsErrors(t *testing.T) {
	for want, args := range map[string][]string{
		`-clients "x": uaexpert, gopcua`:         {"-clients", "x"},
		"-clients every=-5m: a time of at least": {"-clients", "uaexpert,every=-5m"},
		"time: missing unit":                     {"-clients", "uaexpert,stay=5"},
		`there is no setting "it"`:               {"-clients", "uaexpert,it=5"},
		"a number was expected, found \"many\"":  {"-clients", "uaexpert,items=many"},
		"-clients loss=x":                        {"-clients", "uaexpert,loss=x"},
		"needs -firmware opcua":                  {"-firmware", "network", "-clients", "uaexpert"},
		"keep-running, delete-task or panic":     {"-nomemory", "x", "-clients", "uaexpert"},
		"time between clients":                   {"-clients", "uaexpert,every=0s"},
	} {
		code, _, stderr := call(append([]string{"size"}, args...)...)
		require.NotZero(t, code, args)
		require.Contains(t, stderr, want)
	}
}
