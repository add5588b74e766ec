package nodestore

import (
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Sizes of the structures of references, in bytes (recorded).
const (
	sizeofReferenceKind   = 20 // UA_NodeReferenceKind
	sizeofReferenceTarget = 76 // UA_ReferenceTarget
)

// referenceKind holds all references of a node that have the same type and
// direction (UA_NodeReferenceKind), in the order in which they are browsed.
type referenceKind struct {
	rules     *Rules
	typeIndex uint8
	inverse   bool
	targets   []*target
	inTree    bool // targets are sorted
	idRoot    *target
	nameRoot  *target
}

// target is the other end of a reference (UA_ReferenceTarget).
type target struct {
	block    uint32
	id       uatypes.ExpandedNodeID
	idHash   uint32
	nameHash uint32 // of the browse name of the node
	byID     aaEntry
	byName   aaEntry
}

// addTarget adds a reference to a kind (addReferenceTarget, src/server/ua_nodes.c).
func (k *referenceKind) addTarget(m mem.Memory, id *uatypes.ExpandedNodeID, idHash, nameHash uint32) uatypes.Status {
	t := &target{block: m.Malloc(k.rules.sizeofReferenceTarget(), "UA_ReferenceTarget"), idHash: idHash, nameHash: nameHash}
	if t.block == 0 {
		return ua.StatusBadOutOfMemory
	}
	if st := copyExpanded(m, &t.id, id); st != uatypes.Good {
		m.Free(t.block)
		return st
	}
	at := len(k.targets)
	k.inTree = k.inTree || k.rules.sorted() && at >= k.rules.arrayUpTo()
	if k.inTree {
		if at == k.rules.arrayUpTo() {
			slices.SortFunc(k.targets, byID.order)
		}
		at, _ = slices.BinarySearchFunc(k.targets, t, byID.order)
	}
	k.targets = slices.Insert(k.targets, at, t)
	k.idRoot = byID.insert(k.idRoot, t)
	k.nameRoot = byName.insert(k.nameRoot, t)
	return uatypes.Good
}

// addReference adds one direction of a reference (UA_Node_addReference). As in
// the original, the reverse direction joins a forward kind of the same type: of
// two nodes that refer to each other the second reference has the wrong direction.
func (n *node) addReference(m mem.Memory, typeIndex uint8, forward bool, id *uatypes.ExpandedNodeID, nameHash uint32) uatypes.Status {
	h := hashExpandedNodeID(id)
	for _, k := range n.kinds {
		if k.inverse && forward || k.typeIndex != typeIndex {
			continue
		}
		if findID(k.idRoot, id, h) != nil {
			return ua.StatusBadDuplicateReferenceNotAllowed
		}
		return k.addTarget(m, id, h, nameHash)
	}
	p := m.Realloc(n.kindsBlock, n.rules.sizeofReferenceKind()*uint32(len(n.kinds)+1), "UA_NodeReferenceKind")
	if p == 0 {
		return ua.StatusBadOutOfMemory
	}
	n.kindsBlock = p
	k := &referenceKind{rules: n.rules, typeIndex: typeIndex, inverse: !forward}
	if st := k.addTarget(m, id, h, nameHash); st != uatypes.Good {
		if len(n.kinds) == 0 {
			m.Free(n.kindsBlock)
			n.kindsBlock = 0
		}
		return st
	}
	n.kinds = append(n.kinds, k)
	return uatypes.Good
}

// deleteReference removes one direction of a reference (UA_Node_deleteReference).
func (n *node) deleteReference(m mem.Memory, typeIndex uint8, forward bool, id *uatypes.ExpandedNodeID) uatypes.Status {
	h := hashExpandedNodeID(id)
	for i := len(n.kinds) - 1; i >= 0; i-- {
		k := n.kinds[i]
		if k.inverse == forward || k.typeIndex != typeIndex {
			continue
		}
		t := findID(k.idRoot, id, h)
		if t == nil {
			continue
		}
		k.dropTarget(t)
		k.idRoot = byID.remove(k.idRoot, t)
		k.nameRoot = byName.remove(k.nameRoot, t)
		clearExpanded(m, &t.id)
		m.Free(t.block)
		if len(k.targets) == 0 {
			n.dropKind(i)
			n.shrinkKinds(m)
		}
		return uatypes.Good
	}
	return ua.StatusUncertainReferenceNotDeleted
}

// dropTarget takes a target out of those of a kind.
func (k *referenceKind) dropTarget(t *target) {
	at, last := slices.Index(k.targets, t), len(k.targets)-1
	if k.rules.sorted() && !k.inTree {
		k.targets[at] = k.targets[last]
		at = last
	}
	k.targets = slices.Delete(k.targets, at, at+1)
}

// dropKind takes a kind out of the array: the last one moves into its place.
func (n *node) dropKind(i int) {
	last := len(n.kinds) - 1
	n.kinds[i] = n.kinds[last]
	n.kinds = n.kinds[:last]
}

// shrinkKinds gives back the rest of the array of kinds. If the smaller block
// cannot be had the bigger one stays.
func (n *node) shrinkKinds(m mem.Memory) {
	if len(n.kinds) == 0 {
		m.Free(n.kindsBlock)
		n.kindsBlock = 0
		return
	}
	if p := m.Realloc(n.kindsBlock, n.rules.sizeofReferenceKind()*uint32(len(n.kinds)), "UA_NodeReferenceKind"); p != 0 {
		n.kindsBlock = p
	}
}

// deleteReferencesExcept removes the references of this node whose types are
// not in the set (UA_Node_deleteReferencesSubset).
func (n *node) deleteReferencesExcept(m mem.Memory, keep referenceTypeSet) {
	for i := len(n.kinds) - 1; i >= 0; i-- {
		k := n.kinds[i]
		if keep.contains(k.typeIndex) {
			continue
		}
		for _, t := range k.targets {
			clearExpanded(m, &t.id)
			m.Free(t.block)
		}
		n.dropKind(i)
	}
	n.shrinkKinds(m)
}
