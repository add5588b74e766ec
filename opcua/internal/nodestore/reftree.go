package nodestore

import (
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Sizes of a RefTree, in bytes (recorded: 16 entries take 896).
const (
	sizeofExpandedNodeID = 36 // UA_ExpandedNodeId
	sizeofRefEntry       = 20 // RefEntry
)

// browseInitialSize is the number of targets or references that a browse has
// room for at first (UA_BROWSE_INITIAL_SIZE). It doubles when it is full.
const browseInitialSize = 16

// maxTreeDepth is how deep a recursive browse goes (UA_MAX_TREE_RECURSE).
const maxTreeDepth = 50

// refTree collects the targets of a recursive browse, each once, in one block
// (RefTree, src/server/ua_services_view.c).
type refTree struct {
	c        *Core
	block    uint32
	targets  []uatypes.ExpandedNodeID
	hashes   []uint32
	capacity int
}

func (c *Core) newRefTree() (*refTree, uatypes.Status) {
	const space = (sizeofExpandedNodeID + sizeofRefEntry) * browseInitialSize
	rt := &refTree{c: c, block: c.m.Malloc(space, "RefTree")}
	if rt.block == 0 {
		return rt, ua.StatusBadOutOfMemory
	}
	rt.capacity = browseInitialSize
	return rt, uatypes.Good
}

// reset removes all targets but keeps the room for them.
func (rt *refTree) reset() {
	for i := range rt.targets {
		clearExpanded(rt.c.m, &rt.targets[i])
	}
	rt.targets, rt.hashes = rt.targets[:0], rt.hashes[:0]
}

// clear gives back all memory.
func (rt *refTree) clear() {
	rt.reset()
	rt.c.m.Free(rt.block)
	rt.block = 0
}

// add adds a target and reports whether it was there already. Each one added
// draws a random number, the priority of its place in a tree.
func (rt *refTree) add(id *uatypes.ExpandedNodeID) (duplicate bool, st uatypes.Status) {
	h := hashExpandedNodeID(id)
	for i, x := range rt.hashes {
		if x == h && compareExpanded(&rt.targets[i], id) == 0 {
			return true, uatypes.Good
		}
	}
	if rt.capacity <= len(rt.targets) {
		space := uint32((sizeofExpandedNodeID + sizeofRefEntry) * rt.capacity * 2)
		p := rt.c.m.Realloc(rt.block, space, "RefTree")
		if p == 0 {
			return false, ua.StatusBadOutOfMemory
		}
		rt.block = p
		rt.capacity *= 2
	}
	var t uatypes.ExpandedNodeID
	if st := copyExpanded(rt.c.m, &t, id); st != uatypes.Good {
		return false, st
	}
	rt.targets, rt.hashes = append(rt.targets, t), append(rt.hashes, h)
	rt.c.random()
	return false, uatypes.Good
}

func isLocal(id *uatypes.ExpandedNodeID) bool {
	return len(id.NamespaceURI.B) == 0 && id.ServerIndex == 0
}

func (n *node) matches(classMask uint32) bool {
	return classMask == 0 || uint32(n.class)&classMask != 0
}

// Directions of a browse (UA_BrowseDirection).
const (
	browseForward = 0
	browseInverse = 1
	browseBoth    = 2
)

// browseInto adds the targets below a node, without that node itself if skip.
func (c *Core) browseInto(rt *refTree, depth int, skip bool, id *uatypes.NodeID, direction uint32, refs *referenceTypeSet, classMask uint32) uatypes.Status {
	if depth >= maxTreeDepth {
		return uatypes.Good
	}
	n := c.nodes.get(id)
	if n == nil {
		return ua.StatusBadNodeIDUnknown
	}
	defer c.nodes.release(n)
	if !skip && n.matches(classMask) {
		if duplicate, st := rt.add(&uatypes.ExpandedNodeID{NodeID: n.id}); duplicate || st != uatypes.Good {
			return st
		}
	}
	for _, k := range n.kinds {
		if k.inverse == (direction == browseForward) || !refs.contains(k.typeIndex) {
			continue
		}
		for _, t := range k.targets {
			var st uatypes.Status
			if isLocal(&t.id) {
				st = c.browseInto(rt, depth+1, false, &t.id.NodeID, direction, refs, classMask)
			} else {
				_, st = rt.add(&t.id)
			}
			if st != uatypes.Good {
				return st
			}
		}
	}
	return uatypes.Good
}

// browseRecursive returns the targets that can be reached from a node, without
// it (browseRecursive). Both directions are gone one after the other, so that no
// way leads up and down again. The caller clears the tree; nil: no targets.
func (c *Core) browseRecursive(start *uatypes.NodeID, direction uint32, refs referenceTypeSet, classMask uint32) (*refTree, uatypes.Status) {
	rt, st := c.newRefTree()
	if st != uatypes.Good {
		return nil, st
	}
	if direction == browseForward || direction == browseBoth {
		st |= c.browseInto(rt, 0, true, start, browseForward, &refs, classMask)
	}
	if direction == browseInverse || direction == browseBoth {
		st |= c.browseInto(rt, 0, true, start, browseInverse, &refs, classMask)
	}
	if len(rt.targets) == 0 || st != uatypes.Good {
		rt.clear()
		return nil, st
	}
	return rt, st
}

// isNodeInTree reports whether find is above leaf, or the same, going up the
// references of the given types.
func (c *Core) isNodeInTree(leaf, find *uatypes.NodeID, refs referenceTypeSet) bool {
	return c.isAbove(find, append(c.way[:0], leaf), &refs)
}

// isAbove searches above the end of a way of node ids.
func (c *Core) isAbove(find *uatypes.NodeID, way []*uatypes.NodeID, refs *referenceTypeSet) bool {
	depth := len(way) - 1
	if find.Equal(way[depth]) {
		return true
	}
	if depth >= maxTreeDepth {
		return false
	}
	n := c.nodes.get(way[depth])
	if n == nil {
		return false
	}
	defer c.nodes.release(n)
	for _, k := range n.kinds {
		if !k.inverse || !refs.contains(k.typeIndex) {
			continue
		}
		for _, t := range k.targets {
			// Circles are looked for at every fifth step only.
			if depth%5 == 4 && slices.ContainsFunc(way, t.id.NodeID.Equal) {
				continue
			}
			if c.isAbove(find, append(way, &t.id.NodeID), refs) {
				return true
			}
		}
	}
	return false
}
