package nodestore

import (
	"math"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// TranslateBrowsePath is one operation of the TranslateBrowsePathsToNodeIds
// service (Operation_TranslateBrowsePathToNodeIds,
// src/server/ua_services_view.c). It fills a zero result with blocks that the
// caller clears.
//
// A path without a target asks for a block of 0 bytes at the end. An allocator
// that refuses such a block, as ESP-IDF's does, makes BadOutOfMemory of
// BadNoMatch.
func (c *Core) TranslateBrowsePath(path *uatypes.BrowsePath, result *uatypes.BrowsePathResult) {
	c.translate(path, 0, result)
}

func (c *Core) translate(path *uatypes.BrowsePath, classMask uint32, result *uatypes.BrowsePathResult) {
	elements := path.RelativePath.Elements.V
	if len(elements) == 0 {
		result.StatusCode = ua.StatusBadNothingToDo
		return
	}
	for i := range elements {
		if name := &elements[i].TargetName; name.NamespaceIndex == 0 && len(name.Name.B) == 0 {
			result.StatusCode = ua.StatusBadBrowseNameInvalid
			return
		}
	}
	start := c.nodes.get(&path.StartingNode)
	if start == nil {
		result.StatusCode = ua.StatusBadNodeIDUnknown
		return
	}
	c.nodes.release(start)

	// Two trees take turns: the targets of this element and of the next.
	first, st := c.newRefTree()
	second, st2 := c.newRefTree()
	result.StatusCode = st | st2
	if result.StatusCode == uatypes.Good {
		result.StatusCode = c.walkPath(path, classMask, result, first, second)
	}
	first.clear()
	second.clear()
	if result.StatusCode != uatypes.Good {
		uatypes.ClearArray(c.m, &result.Targets)
	}
}

// walkPath fills the targets of the result.
func (c *Core) walkPath(path *uatypes.BrowsePath, classMask uint32, result *uatypes.BrowsePathResult, current, next *refTree) uatypes.Status {
	if _, st := next.add(&uatypes.ExpandedNodeID{NodeID: path.StartingNode}); st != uatypes.Good {
		return st
	}
	// The browse name of a target is compared when its node is looked up for
	// the next element.
	var name *uatypes.QualifiedName
	for i := range path.RelativePath.Elements.V {
		current, next = next, current
		next.reset()
		if len(current.targets) == 0 {
			break
		}
		e := &path.RelativePath.Elements.V[i]
		if st := c.walkElement(e, i, classMask, name, result, current, next); st != uatypes.Good {
			return st
		}
		name = &e.TargetName
	}
	found := len(result.Targets.V)
	if !c.growTargets(result, found+len(next.targets)) {
		return ua.StatusBadOutOfMemory
	}
	for i := range next.targets {
		n := c.nodes.get(&next.targets[i].NodeID)
		if n == nil {
			continue
		}
		match := name.Equal(&n.browseName)
		c.nodes.release(n)
		if !match {
			continue
		}
		result.Targets.V = append(result.Targets.V,
			uatypes.BrowsePathTarget{TargetID: next.targets[i], RemainingPathIndex: math.MaxUint32})
		next.targets[i] = uatypes.ExpandedNodeID{}
	}
	if len(result.Targets.V) == 0 {
		return ua.StatusBadNoMatch
	}
	return uatypes.Good
}

// growTargets makes room for n targets in the result.
func (c *Core) growTargets(result *uatypes.BrowsePathResult, n int) bool {
	p := c.m.Realloc(result.Targets.P, uint32(n)*uatypes.SizeOf(&uatypes.BrowsePathTarget{}), "UA_BrowsePathTarget")
	if p == 0 {
		return false
	}
	result.Targets.P = p
	return true
}

// walkElement adds to next what an element of the path leads to from the
// targets in current, chosen by the hash of the browse name
// (walkBrowsePathElement).
func (c *Core) walkElement(e *uatypes.RelativePathElement, index int, classMask uint32, name *uatypes.QualifiedName,
	result *uatypes.BrowsePathResult, current, next *refTree) uatypes.Status {
	refs := anyReferenceType()
	if !e.ReferenceTypeID.IsNull() {
		var st uatypes.Status
		if refs, st = c.referenceTypeIndices(&e.ReferenceTypeID, e.IncludeSubtypes); st != uatypes.Good {
			return ua.StatusBadNoMatch
		}
	}
	hash := hashQualifiedName(&e.TargetName)
	var st uatypes.Status
	for i := range current.targets {
		id := &current.targets[i]
		if !isLocal(id) {
			if !c.growTargets(result, len(result.Targets.V)+1) {
				return ua.StatusBadOutOfMemory
			}
			t := uatypes.BrowsePathTarget{RemainingPathIndex: uint32(index)}
			st = uatypes.Copy(c.m, &t.TargetID, id)
			result.Targets.V = append(result.Targets.V, t)
			if st != uatypes.Good {
				break
			}
			continue
		}
		n := c.nodes.get(&id.NodeID)
		if n == nil {
			continue
		}
		if n.matches(classMask) && (name == nil || name.Equal(&n.browseName)) {
			for _, k := range n.kinds {
				if k.inverse != e.IsInverse || !refs.contains(k.typeIndex) {
					continue
				}
				if t := findName(k.nameRoot, hash); t != nil {
					if st = next.addSameName(k, t); st != uatypes.Good {
						break
					}
				}
			}
		}
		c.nodes.release(n)
	}
	return st
}

// addSameName adds a target and all others with the same hash of the browse
// name: those before it, nearest first, then those after it
// (recursiveAddBrowseHashTarget).
func (rt *refTree) addSameName(k *referenceKind, t *target) uatypes.Status {
	same := allNamed(nil, k.nameRoot, t.nameHash)
	at := 0
	for same[at] != t {
		at++
	}
	_, st := rt.add(&t.id)
	for i := at - 1; i >= 0; i-- {
		_, s := rt.add(&same[i].id)
		st |= s
	}
	for i := at + 1; i < len(same); i++ {
		_, s := rt.add(&same[i].id)
		st |= s
	}
	return st
}
