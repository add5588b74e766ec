package casebook

import (
	"slices"
	"strings"

	"github.com/plimsoll-sim/plimsoll/sim"
)

// A figure is what can be measured of a running case.
type figure func(*play) (value, error)

// figureKind is a figure's name with its arguments.
type figureKind struct {
	name, usage, help string
	unit              kind
	compile           func(*compiler, *args) (figure, error)
}

// figures are all there are, in the order in which the manual lists them.
func figures() []figureKind {
	return []figureKind{
		deviceFigure("free", "Free bytes of the default heap (esp_get_free_heap_size).", func(d *sim.Device) int64 { return int64(d.FreeHeap()) }),
		deviceFigure("largest", "The largest block that malloc is sure to give (heap_caps_get_largest_free_block).", func(d *sim.Device) int64 { return int64(d.LargestFreeBlock()) }),
		deviceFigure("minimum", "The lowest free bytes since the start (esp_get_minimum_free_heap_size).", func(d *sim.Device) int64 { return int64(d.MinimumFreeHeap()) }),
		figureLost(), figureBlocksSince(), figureTime(), figureHeap(), figureRequest(),
		figurePCBs(), figureSockets(), figureCalls(), figureConnections(), figureFrames(),
		figureFailures(), figureFailure(), figurePower(), figureTask(), figurePing(),
		figureServer("sessions", "Sessions of the OPC UA server."), figureServer("channels", "Secure channels of the OPC UA server."),
		figureServer("subscriptions", "Subscriptions of the OPC UA server."), figureClients(),
	}
}

// figure compiles the words of a figure.
func (c *compiler) figure(st *Statement, words []string) (figure, kind, error) {
	i := slices.IndexFunc(c.figures, func(f figureKind) bool { return f.name == words[0] })
	if i < 0 {
		var known []string
		for _, f := range c.figures {
			known = append(known, f.name)
		}
		return nil, 0, st.errorf("%q is not a figure; known are %s", words[0], strings.Join(known, ", "))
	}
	k := c.figures[i]
	a := &args{st: st, pos: words[1:]}
	c.needStart(a)
	f, err := k.compile(c, a)
	if a.err != nil {
		err = a.err
	}
	return f, k.unit, err
}

// since takes "since MARK".
func (c *compiler) since(a *args) string {
	a.literal("since")
	m := a.word("a mark")
	known(a, c.marks, "mark", m)
	return m
}
