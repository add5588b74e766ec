package view

import (
	"cmp"
	"slices"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// Grouping gives a block's tag the name under which a picture or table adds it
// up. The empty name leaves the block out.
type Grouping func(heap.Tag) string

// ByTask groups by FreeRTOS task; what has none is "system".
func ByTask(t heap.Tag) string { return first(t.Task, "system") }

// ByObject groups by the object served, such as "session 3"; what serves no
// named object goes to its task, and what has neither to "system".
func ByObject(t heap.Tag) string { return first(t.Object, t.Task, "system") }

// ByWhat groups by C object or pool, such as "tcp_pcb"; what has no such name
// goes to its task, and what has neither to "system".
func ByWhat(t heap.Tag) string { return first(t.What, t.Task, "system") }

func first(names ...string) string {
	for _, s := range names {
		if s != "" {
			return s
		}
	}
	return ""
}

// amount is what one group holds.
type amount struct {
	group  string
	bytes  uint32
	blocks uint32
}

// held adds up the blocks in memory with caps by group, in the order in which
// the groups' first owners were interned.
func held(h *heap.Heap, caps heap.Cap, by Grouping) []amount {
	all := h.Held(caps)
	var out []amount
	index := make(map[string]int)
	for _, x := range all {
		g := by(x.Tag)
		if g == "" {
			continue
		}
		i, ok := index[g]
		if !ok {
			i = len(out)
			index[g] = i
			out = append(out, amount{group: g})
		}
		out[i].bytes += x.Bytes
		out[i].blocks += x.Blocks
	}
	return out
}

// palette is a row of colours that stay apart for most colour-blind readers;
// groups take them in their order.
var palette = [...]string{
	"#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948",
	"#b07aa1", "#9c755f", "#86bcb6", "#ff9da7", "#d37295", "#a0cbe8",
}

const (
	colorSystem  = "#8c98a4"
	colorOthers  = "#c9ced6"
	colorFree    = "#eef2f6"
	colorText    = "#1f2933"
	colorFaint   = "#7b8794"
	colorGrid    = "#d9e0e7"
	colorAlarm   = "#c81e1e"
	colorLine    = "#0b5394"
	colorLargest = "#d9730d"
)

// colors assigns a colour to each group. "system" and "boot" are grey.
func colors(groups []string) map[string]string {
	m := make(map[string]string, len(groups))
	n := 0
	for _, g := range groups {
		switch g {
		case "system", "boot":
			m[g] = colorSystem
		case othersGroup:
			m[g] = colorOthers
		default:
			m[g] = palette[n%len(palette)]
			n++
		}
	}
	return m
}

// othersGroup adds up the groups a picture has no room for.
const othersGroup = "others"

// topGroups keeps the n-1 largest groups in their order and adds the rest up; it
// also returns the names of those.
func topGroups(all []amount, n int) (top []amount, rest []string) {
	if len(all) <= n {
		return all, nil
	}
	order := slices.Clone(all)
	slices.SortStableFunc(order, func(a, b amount) int { return cmp.Compare(b.bytes, a.bytes) })
	sum := amount{group: othersGroup}
	for _, a := range order[n-1:] {
		rest = append(rest, a.group)
		sum.bytes += a.bytes
		sum.blocks += a.blocks
	}
	for _, a := range all {
		if !slices.Contains(rest, a.group) {
			top = append(top, a)
		}
	}
	return append(top, sum), rest
}
