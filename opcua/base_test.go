package opcua

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPointerTargets pins how references of one kind lie in v1.3.20, which no
// recording of ours reaches for variables: up to 16 in an array of 8 bytes each, and
// from the 17th on each in an element of a tree (UA_NodeReferenceKind_switch,
// src/server/ua_nodes.c), of the 48 bytes that the base has 79 times.
func TestPointerTargets(t *testing.T) {
	require.Equal(t, []baseBlock{{size: 8, array: arrayBelow}}, pointerTargets(0, arrayBelow))
	require.Equal(t, []baseBlock{{size: 128, array: arrayBelow, before: 120}}, pointerTargets(15, arrayBelow))

	element := baseBlock{size: 48}
	tree := slices.Repeat([]baseBlock{element}, 17)
	tree[0].array, tree[0].before = arrayBelow, 128
	require.Equal(t, tree, pointerTargets(16, arrayBelow), "the array becomes a tree")
	require.Equal(t, []baseBlock{element}, pointerTargets(17, arrayBelow))

	recorded := 0
	for _, b := range parseSizes(base1_3_20.sizes) {
		if b.size == element.size {
			recorded++
		}
	}
	require.Equal(t, 79, recorded)
}
