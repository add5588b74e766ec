package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// DeleteNode is one operation of the DeleteNodes service: it deletes a node and
// the children that have no other parent (deleteNodeOperation,
// src/server/ua_services_nodemanagement.c).
func (c *Core) DeleteNode(item *uatypes.DeleteNodesItem) uatypes.Status {
	return c.deleteNode(&item.NodeID, item.DeleteTargetReferences)
}

func (c *Core) deleteNode(id *uatypes.NodeID, targetReferences bool) uatypes.Status {
	n := c.nodes.get(id)
	if n == nil {
		return ua.StatusBadNodeIDUnknown
	}
	defer c.nodes.release(n)
	if n.hasSubtypeOrInstance() {
		return ua.StatusBadInternalError
	}
	hierarchical, _ := c.referenceTypeIndices(ns0ID(idHierarchicalReferences), true)
	c.deconstruct(n, hierarchical)
	c.deleteRecursive(n, hierarchical, targetReferences)
	return uatypes.Good
}

// hasSeveralParents reports whether more than one reference of the given types
// leads to a node (multipleHierarchicalRefs).
func (n *node) hasSeveralParents(refs *referenceTypeSet) bool {
	parents := 0
	for _, k := range n.kinds {
		if k.inverse && refs.contains(k.typeIndex) {
			parents += len(k.targets)
		}
	}
	return parents > 1
}

// eachOwnChild calls f for the children of a node that have no other parent. It
// reports whether the children could be browsed.
func (c *Core) eachOwnChild(n *node, hierarchical *referenceTypeSet, f func(child *node)) bool {
	var r uatypes.BrowseResult
	c.browseAggregates(&n.id, 0, 0, &r)
	if r.StatusCode != uatypes.Good {
		return false
	}
	for i := range r.References.V {
		child := c.nodes.get(&r.References.V[i].NodeID.NodeID)
		if child == nil {
			continue
		}
		if !child.hasSeveralParents(hierarchical) {
			f(child)
		}
		c.nodes.release(child)
	}
	c.clearResult(&r)
	return true
}

// deconstruct marks a node and its own children as not constructed, parents
// first (recursiveDeconstructNode).
func (c *Core) deconstruct(n *node, hierarchical referenceTypeSet) {
	if !n.constructed {
		return
	}
	n.constructed = false
	c.eachOwnChild(n, &hierarchical, func(child *node) { c.deconstruct(child, hierarchical) })
}

// deleteRecursive deletes a node after its own children (recursiveDeleteNode).
// Without memory to browse for them it deletes nothing.
func (c *Core) deleteRecursive(n *node, hierarchical referenceTypeSet, targetReferences bool) {
	defer c.descend("recursiveDeleteNode")()
	browsed := c.eachOwnChild(n, &hierarchical, func(child *node) {
		if child != n {
			c.deleteRecursive(child, hierarchical, true)
		}
	})
	if !browsed {
		return
	}
	if targetReferences {
		c.removeIncomingReferences(n)
	}
	c.nodes.remove(&n.id)
}

// removeIncomingReferences deletes the references of other nodes to n
// (removeIncomingReferences).
func (c *Core) removeIncomingReferences(n *node) {
	for _, k := range n.kinds {
		item := uatypes.DeleteReferencesItem{IsForward: k.inverse, ReferenceTypeID: *c.nodes.referenceTypeID(k.typeIndex),
			TargetNodeID: uatypes.ExpandedNodeID{NodeID: n.id}}
		for _, t := range k.targets {
			item.SourceNodeID = t.id.NodeID
			c.DeleteReference(&item)
		}
	}
}
