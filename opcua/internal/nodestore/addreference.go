package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// AddReference is one operation of the AddReferences service: it adds a
// reference to both nodes (Operation_addReference,
// src/server/ua_services_nodemanagement.c).
func (c *Core) AddReference(item *uatypes.AddReferencesItem) uatypes.Status {
	if len(item.TargetServerURI.B) > 0 {
		return ua.StatusBadNotImplemented
	}
	index, st := c.referenceTypeIndex(&item.ReferenceTypeID)
	if st != uatypes.Good {
		return st
	}
	targetHash, ok := c.nameHash(&item.TargetNodeID.NodeID)
	if !ok {
		return ua.StatusBadTargetNodeIDInvalid
	}
	sourceHash, ok := c.nameHash(&item.SourceNodeID)
	if !ok {
		return ua.StatusBadSourceNodeIDInvalid
	}
	st = c.edit(&item.SourceNodeID, func(n *node) uatypes.Status {
		return n.addReference(c.m, index, item.IsForward, &item.TargetNodeID, targetHash)
	})
	existed := st == ua.StatusBadDuplicateReferenceNotAllowed
	if st != uatypes.Good && !existed {
		return st
	}
	back := uatypes.ExpandedNodeID{NodeID: item.SourceNodeID}
	st = c.edit(&item.TargetNodeID.NodeID, func(n *node) uatypes.Status {
		return n.addReference(c.m, index, !item.IsForward, &back, sourceHash)
	})
	if st == ua.StatusBadDuplicateReferenceNotAllowed && !existed {
		st = uatypes.Good
	}
	if st != uatypes.Good && !existed {
		c.deleteOneWay(&uatypes.DeleteReferencesItem{SourceNodeID: item.SourceNodeID, ReferenceTypeID: item.ReferenceTypeID,
			IsForward: item.IsForward, TargetNodeID: item.TargetNodeID})
	}
	return st
}

// edit holds a node while f changes it (UA_Server_editNode).
func (c *Core) edit(id *uatypes.NodeID, f func(*node) uatypes.Status) uatypes.Status {
	n := c.nodes.get(id)
	if n == nil {
		return ua.StatusBadNodeIDUnknown
	}
	defer c.nodes.release(n)
	return f(n)
}

func (c *Core) referenceTypeIndex(id *uatypes.NodeID) (uint8, uatypes.Status) {
	n := c.nodes.get(id)
	if n == nil {
		return 0, ua.StatusBadReferenceTypeIDInvalid
	}
	defer c.nodes.release(n)
	if n.class != ua.NodeClassReferenceType {
		return 0, ua.StatusBadReferenceTypeIDInvalid
	}
	return n.refIndex, uatypes.Good
}

func (c *Core) nameHash(id *uatypes.NodeID) (uint32, bool) {
	n := c.nodes.get(id)
	if n == nil {
		return 0, false
	}
	defer c.nodes.release(n)
	return hashQualifiedName(&n.browseName), true
}

// addRef adds a reference from a node (addRef).
func (c *Core) addRef(source, refType, target *uatypes.NodeID, forward bool) uatypes.Status {
	return c.AddReference(&uatypes.AddReferencesItem{SourceNodeID: *source, ReferenceTypeID: *refType, IsForward: forward,
		TargetNodeID: uatypes.ExpandedNodeID{NodeID: *target}})
}

// DeleteReference is one operation of the DeleteReferences service
// (Operation_deleteReference).
func (c *Core) DeleteReference(item *uatypes.DeleteReferencesItem) uatypes.Status {
	st := c.deleteOneWay(item)
	if st != uatypes.Good || !item.DeleteBidirectional || item.TargetNodeID.ServerIndex != 0 {
		return st
	}
	return c.deleteOneWay(&uatypes.DeleteReferencesItem{SourceNodeID: item.TargetNodeID.NodeID, ReferenceTypeID: item.ReferenceTypeID,
		IsForward: !item.IsForward, TargetNodeID: uatypes.ExpandedNodeID{NodeID: item.SourceNodeID}})
}

func (c *Core) deleteOneWay(item *uatypes.DeleteReferencesItem) uatypes.Status {
	return c.edit(&item.SourceNodeID, func(n *node) uatypes.Status {
		index, st := c.referenceTypeIndex(&item.ReferenceTypeID)
		if st != uatypes.Good {
			return st
		}
		return n.deleteReference(c.m, index, item.IsForward, &item.TargetNodeID)
	})
}
