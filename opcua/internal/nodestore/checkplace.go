package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// checkParent checks that the parent exists, has the right class, and is
// referred to by a hierarchical type (checkParentReference).
func (c *Core) checkParent(n *node, parent, reference *uatypes.NodeID) uatypes.Status {
	if (n.class == ua.NodeClassObject || n.class == ua.NodeClassVariable) && parent.IsNull() && reference.IsNull() {
		return uatypes.Good
	}
	p := c.nodes.get(parent)
	if p == nil {
		return ua.StatusBadParentNodeIDInvalid
	}
	parentClass := p.class
	c.nodes.release(p)
	r := c.nodes.get(reference)
	if r == nil {
		return ua.StatusBadReferenceTypeIDInvalid
	}
	defer c.nodes.release(r)
	switch {
	case r.class != ua.NodeClassReferenceType:
		return ua.StatusBadReferenceTypeIDInvalid
	case r.isAbstract:
		return ua.StatusBadReferenceNotAllowed
	case n.isType() && r.refIndex != indexHasSubtype:
		return ua.StatusBadReferenceNotAllowed
	case n.isType() && parentClass != n.class:
		return ua.StatusBadParentNodeIDInvalid
	case n.isType():
		return uatypes.Good
	case !c.isNodeInTree(reference, ns0ID(idHierarchicalReferences), referenceTypeSet{}.with(indexHasSubtype)):
		return ua.StatusBadReferenceTypeIDInvalid
	}
	return uatypes.Good
}

// checkType checks that a type fits a node and can be instantiated below its
// parent: an abstract type only inside another type, or for an event.
func (c *Core) checkType(n, typ *node, parent *uatypes.NodeID) uatypes.Status {
	want := n.class
	switch n.class {
	case ua.NodeClassObject:
		want = ua.NodeClassObjectType
	case ua.NodeClassVariable:
		want = ua.NodeClassVariableType
	}
	if typ.class != want {
		return ua.StatusBadTypeDefinitionInvalid
	}
	if !typ.isAbstract || n.isType() {
		return uatypes.Good
	}
	subtypes, st := c.referenceTypeIndices(ns0ID(idHasSubtype), true)
	components, st2 := c.referenceTypeIndices(ns0ID(idHasComponent), true)
	if st |= st2; st != uatypes.Good {
		return st
	}
	refs := subtypes.union(components)
	inObjectType := func() bool { return c.isNodeInTree(parent, ns0ID(idBaseObjectType), refs) }
	allowed := false
	switch n.class {
	case ua.NodeClassVariable:
		allowed = c.isNodeInTree(parent, ns0ID(idBaseDataVariableType), refs) || inObjectType()
	case ua.NodeClassObject:
		isEvent := c.isNodeInTree(&typ.id, ns0ID(idBaseEventType), referenceTypeSet{}.with(indexHasSubtype))
		allowed = inObjectType() || isEvent && parent.IsNull()
	default:
		return uatypes.Good
	}
	if !allowed {
		return ua.StatusBadTypeDefinitionInvalid
	}
	return uatypes.Good
}
