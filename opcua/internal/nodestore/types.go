package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// typeOf returns the type of a variable or object, or the supertype of a type;
// nil if there is none. The caller releases it (getNodeType,
// src/server/ua_server_utils.c).
func (c *Core) typeOf(n *node) *node {
	var index uint8
	var inverse bool
	var class ua.NodeClass
	switch n.class {
	case ua.NodeClassObject:
		index, class = indexHasTypeDefinition, ua.NodeClassObjectType
	case ua.NodeClassVariable:
		index, class = indexHasTypeDefinition, ua.NodeClassVariableType
	case ua.NodeClassObjectType, ua.NodeClassVariableType, ua.NodeClassReferenceType, ua.NodeClassDataType:
		index, inverse, class = indexHasSubtype, true, n.class
	default:
		return nil
	}
	for _, k := range n.kinds {
		if k.inverse != inverse || k.typeIndex != index {
			continue
		}
		t := c.nodes.get(&k.targets[0].id.NodeID)
		if t == nil {
			continue
		}
		if t.class == class {
			return t
		}
		c.nodes.release(t)
	}
	return nil
}

// hasSubtypeOrInstance reports whether a type is in use
// (UA_Node_hasSubTypeOrInstances).
func (n *node) hasSubtypeOrInstance() bool {
	for _, k := range n.kinds {
		if !k.inverse && k.typeIndex == indexHasSubtype || k.inverse && k.typeIndex == indexHasTypeDefinition {
			return true
		}
	}
	return false
}

// hierarchy is a list of node ids in one block.
type hierarchy struct {
	block uint32
	ids   []uatypes.NodeID
}

func (h *hierarchy) clear(c *Core) {
	for i := range h.ids {
		clearID(c.m, &h.ids[i])
	}
	c.m.Free(h.block)
}

// take moves the targets of a tree behind the list.
func (h *hierarchy) take(rt *refTree) {
	if rt == nil {
		return
	}
	for i := range rt.targets {
		h.ids = append(h.ids, rt.targets[i].NodeID)
		rt.targets[i].NodeID = uatypes.NodeID{}
	}
}

func (rt *refTree) len() int {
	if rt == nil {
		return 0
	}
	return len(rt.targets)
}

// clearTrees gives back trees, of which some can be nil.
func clearTrees(trees ...*refTree) {
	for _, rt := range trees {
		if rt != nil {
			rt.clear()
		}
	}
}

// typeHierarchy returns a type, its supertypes and its interfaces
// (getParentTypeAndInterfaceHierarchy).
func (c *Core) typeHierarchy(typ *uatypes.NodeID) (*hierarchy, uatypes.Status) {
	super, st := c.browseRecursive(typ, browseInverse, referenceTypeSet{}.with(indexHasSubtype), 0)
	if st != uatypes.Good {
		return nil, st
	}
	interfaces, st := c.browseRecursive(typ, browseForward, referenceTypeSet{}.with(indexHasInterface), 0)
	if st != uatypes.Good {
		clearTrees(super)
		return nil, st
	}
	defer clearTrees(super, interfaces)
	size := uint32(1+super.len()+interfaces.len()) * uatypes.SizeOf(&uatypes.NodeID{})
	h := &hierarchy{block: c.m.Malloc(size, "UA_NodeId"), ids: make([]uatypes.NodeID, 1)}
	if h.block == 0 {
		return nil, ua.StatusBadOutOfMemory
	}
	if st := copyID(c.m, &h.ids[0], typ); st != uatypes.Good {
		c.m.Free(h.block)
		return nil, ua.StatusBadOutOfMemory
	}
	h.take(super)
	h.take(interfaces)
	return h, uatypes.Good
}

// interfaceHierarchy returns the interfaces of an object (getInterfaceHierarchy).
func (c *Core) interfaceHierarchy(object *uatypes.NodeID) (*hierarchy, uatypes.Status) {
	interfaces, st := c.browseRecursive(object, browseForward, referenceTypeSet{}.with(indexHasInterface), 0)
	if st != uatypes.Good || interfaces == nil {
		return &hierarchy{}, st
	}
	defer clearTrees(interfaces)
	h := &hierarchy{block: c.m.Malloc(uint32(interfaces.len())*uatypes.SizeOf(&uatypes.NodeID{}), "UA_NodeId")}
	if h.block == 0 {
		return nil, ua.StatusBadOutOfMemory
	}
	h.take(interfaces)
	return h, uatypes.Good
}
