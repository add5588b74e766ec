package nodestore

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// inOrder returns the targets of a tree in order. If it is strict it checks the
// rules of an Andersson tree, which hold as long as nothing was removed.
func inOrder(t *rapid.T, tr aaTree, root *target, strict bool) []*target {
	if root == nil {
		return nil
	}
	e := tr.entry(root)
	if strict {
		require.Equal(t, e.level, tr.level(e.left)+1, "a left child is one level below")
		require.LessOrEqual(t, e.level-tr.level(e.right), uint32(1), "a right child is on the level or one below")
		if e.right != nil {
			require.Less(t, tr.level(tr.entry(e.right).right), e.level, "not three in a row")
		}
	}
	all := append(inOrder(t, tr, e.left, strict), root)
	return append(all, inOrder(t, tr, e.right, strict)...)
}

func TestTreesAgainstLists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var nameRoot, idRoot *target
		var list []*target
		next := uint32(2)
		removed := false
		t.Repeat(map[string]func(*rapid.T){
			"insert": func(t *rapid.T) {
				id := rapid.Uint32Range(0, 40).Draw(t, "id")
				x := &target{block: next * rapid.Uint32Range(1, 3).Draw(t, "stride"), nameHash: rapid.Uint32Range(0, 4).Draw(t, "name"),
					idHash: id % 7, id: uatypes.ExpandedNodeID{NodeID: *ns0ID(id)}}
				next = x.block + 1
				if findID(idRoot, &x.id, x.idHash) != nil {
					return
				}
				list = append(list, x)
				nameRoot = byName.insert(nameRoot, x)
				idRoot = byID.insert(idRoot, x)
			},
			"remove": func(t *rapid.T) {
				if len(list) == 0 {
					t.Skip()
				}
				removed = true
				i := rapid.IntRange(0, len(list)-1).Draw(t, "i")
				nameRoot = byName.remove(nameRoot, list[i])
				idRoot = byID.remove(idRoot, list[i])
				list = slices.Delete(list, i, i+1)
			},
			"": func(t *rapid.T) {
				names := slices.SortedFunc(slices.Values(list), byName.order)
				require.True(t, slices.Equal(names, inOrder(t, byName, nameRoot, !removed)), "order by name")
				ids := slices.SortedFunc(slices.Values(list), byID.order)
				require.True(t, slices.Equal(ids, inOrder(t, byID, idRoot, !removed)), "order by id")
				for _, x := range list {
					require.Same(t, x, findID(idRoot, &x.id, x.idHash))
				}
				for h := uint32(0); h < 6; h++ {
					var want []*target
					for _, x := range names {
						if x.nameHash == h {
							want = append(want, x)
						}
					}
					require.True(t, slices.Equal(want, allNamed(nil, nameRoot, h)))
					found := findName(nameRoot, h)
					require.Equal(t, len(want) > 0, found != nil)
					if found != nil {
						require.Equal(t, h, found.nameHash)
					}
				}
			},
		})
	})
}
