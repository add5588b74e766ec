package published

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

var rewrite = flag.Bool("rewrite", false, "write docs/published.md")

const path = "../../docs/published.md"

// TestPublished makes the whole document and compares it with the one that is
// there.
func TestPublished(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Published tables beside the model

Made by ` + "`go test ./casebook/published -rewrite`" + `, and compared by the same test without it.
No constant of the model was set so that a row comes out: what the sources do not
say is settled on the rows named, and predicts the others. Differences are model
less published, in bytes unless a column says otherwise.
`)
	caseStudy(t, &b)
	wifiRanks(t, &b)
	bootLogs(t, &b)
	tlsTotals(t, &b)
	if *rewrite {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o666))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	was, is := strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")
	for i := range min(len(was), len(is)) {
		require.Equal(t, was[i], is[i], "docs/published.md, line %d: run with -rewrite and look at the difference", i+1)
	}
	require.Len(t, is, len(was))
}

// set is a configuration with options changed.
func set(t *testing.T, c *sdkconfig.Config, options ...string) *sdkconfig.Config {
	c = c.Clone()
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		require.NoError(t, c.Set(name, value), o)
	}
	return c
}

// table writes a Markdown table, numbers to the right.
func table(b *strings.Builder, head []string, rows [][]string) {
	b.WriteString("\n| " + strings.Join(head, " | ") + " |\n|")
	for i := range head {
		if i == 0 {
			b.WriteString(" --- |")
		} else {
			b.WriteString(" ---: |")
		}
	}
	for _, r := range rows {
		b.WriteString("\n| " + strings.Join(r, " | ") + " |")
	}
	b.WriteString("\n")
}

// number writes 152976 as 152,976.
func number(n int) string {
	s := fmt.Sprint(max(n, -n))
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if n < 0 {
		return "-" + s
	}
	return s
}

func signed(n int) string {
	if n > 0 {
		return "+" + number(n)
	}
	return number(n)
}

// start starts a device and closes its world with the test.
func start(t *testing.T, cfg sim.DeviceConfig) *sim.Device {
	d, err := sim.Start(cfg)
	require.NoError(t, err)
	t.Cleanup(d.World().Close)
	return d
}
