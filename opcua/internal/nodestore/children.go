package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// childClasses are the classes of nodes that an instance gets from its type.
const childClasses = uint32(ua.NodeClassObject | ua.NodeClassVariable | ua.NodeClassMethod)

// copyChildrenOf instantiates the children of all types in a list below a node,
// and gives the list back.
func (c *Core) copyChildrenOf(h *hierarchy, destination *uatypes.NodeID) uatypes.Status {
	defer h.clear(c)
	for i := range h.ids {
		if st := c.copyChildren(&h.ids[i], destination); st != uatypes.Good {
			return st
		}
	}
	return uatypes.Good
}

// copyChildren instantiates the children of source below destination
// (copyAllChildren, src/server/ua_services_nodemanagement.c).
func (c *Core) copyChildren(source, destination *uatypes.NodeID) uatypes.Status {
	defer c.descend("copyAllChildren")()
	var r uatypes.BrowseResult
	c.browseAggregates(source, childClasses, maskReferenceType|maskNodeClass|maskBrowseName|maskTypeDefinition, &r)
	if r.StatusCode != uatypes.Good {
		return r.StatusCode
	}
	defer c.clearResult(&r)
	for i := range r.References.V {
		if st := c.copyChild(destination, &r.References.V[i]); st != uatypes.Good {
			return st
		}
	}
	return uatypes.Good
}

// childNamed looks for a child by its browse name; the id is null if there is
// none (findChildByBrowsename).
func (c *Core) childNamed(id *uatypes.NodeID, name *uatypes.QualifiedName) (uatypes.NodeID, uatypes.Status) {
	var r uatypes.BrowseResult
	c.browseAggregates(id, childClasses, maskBrowseName, &r)
	var found uatypes.NodeID
	if r.StatusCode != uatypes.Good {
		return found, r.StatusCode
	}
	defer c.clearResult(&r)
	for i := range r.References.V {
		if d := &r.References.V[i]; d.BrowseName.Equal(name) {
			return found, uatypes.Copy(c.m, &found, &d.NodeID.NodeID)
		}
	}
	return found, uatypes.Good
}

// copyChild instantiates one child of a type: into a child of the same name if
// there is one, as a reference if it is a method, and not at all if it is not
// mandatory (copyChild).
func (c *Core) copyChild(destination *uatypes.NodeID, d *uatypes.ReferenceDescription) uatypes.Status {
	isMethod := d.NodeClass == uint32(ua.NodeClassMethod)
	existing, st := c.childNamed(destination, &d.BrowseName)
	if st != uatypes.Good {
		return st
	}
	if !existing.IsNull() {
		if !isMethod {
			st = c.copyChildren(&d.NodeID.NodeID, &existing)
		}
		clearID(c.m, &existing)
		return st
	}
	if !c.isMandatory(&d.NodeID.NodeID) {
		return uatypes.Good
	}
	if isMethod {
		return c.AddReference(&uatypes.AddReferencesItem{SourceNodeID: *destination, ReferenceTypeID: d.ReferenceTypeID,
			IsForward: true, TargetNodeID: d.NodeID})
	}
	original := c.nodes.get(&d.NodeID.NodeID)
	if original == nil {
		return ua.StatusBadNodeIDUnknown
	}
	n, st := original.copy(c.m)
	c.nodes.release(original)
	if st != uatypes.Good {
		return st
	}
	n.constructed = false
	clearID(c.m, &n.id)
	n.id.Namespace = destination.Namespace
	n.deleteReferencesExcept(c.m, referenceTypeSet{}.with(indexHasModellingRule))
	var id uatypes.NodeID
	if st = c.nodes.insert(n, &id); st != uatypes.Good {
		return st
	}
	if st = c.addNodeReferences(&id, destination, &d.ReferenceTypeID, &d.TypeDefinition.NodeID); st != uatypes.Good {
		c.nodes.remove(&id)
		return st
	}
	return c.copyChildren(&d.NodeID.NodeID, &id)
}

// isMandatory reports whether a child of a type has the modelling rule
// Mandatory (isMandatoryChild).
func (c *Core) isMandatory(id *uatypes.NodeID) bool {
	n := c.nodes.get(id)
	if n == nil {
		return false
	}
	defer c.nodes.release(n)
	mandatory := ns0ID(idMandatory)
	for _, k := range n.kinds {
		if k.typeIndex != indexHasModellingRule || k.inverse {
			continue
		}
		for _, t := range k.targets {
			if t.id.NodeID.Equal(mandatory) {
				return true
			}
		}
	}
	return false
}
