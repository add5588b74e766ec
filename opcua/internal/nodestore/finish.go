package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// addNodeFinish checks a new node against its type, instantiates the children
// that the type asks for, and constructs it. If that fails the node is deleted
// (AddNode_finish, src/server/ua_services_nodemanagement.c).
func (c *Core) addNodeFinish(s *Session, id *uatypes.NodeID) uatypes.Status {
	n := c.nodes.get(id)
	if n == nil {
		return ua.StatusBadNodeIDUnknown
	}
	defer c.nodes.release(n)
	st := c.finish(s, n, id)
	if st != uatypes.Good {
		c.deconstruct(n, referenceTypeSet{})
		c.deleteRecursive(n, referenceTypeSet{}, true)
	}
	return st
}

func (c *Core) finish(s *Session, n *node, id *uatypes.NodeID) uatypes.Status {
	if n.class == ua.NodeClassReferenceType {
		if st := c.announceSubtype(n); st != uatypes.Good {
			return st
		}
	}
	switch n.class {
	case ua.NodeClassVariable, ua.NodeClassVariableType, ua.NodeClassObject:
		typ := c.typeOf(n)
		if typ == nil {
			if !c.bootstrap {
				return ua.StatusBadTypeDefinitionInvalid
			}
			break
		}
		defer c.nodes.release(typ)
		if st := c.applyType(s, n, typ); st != uatypes.Good {
			return st
		}
		if n.class == ua.NodeClassVariable {
			if st := c.setDynamic(id); st != uatypes.Good {
				return st
			}
		}
	}
	return c.construct(n)
}

// announceSubtype adds a reference type to the subtypes of the types above it
// (setReferenceTypeSubtypes).
func (c *Core) announceSubtype(n *node) uatypes.Status {
	parents, st := c.browseRecursive(&n.id, browseInverse, referenceTypeSet{}.with(indexHasSubtype), 0)
	if st != uatypes.Good || parents == nil {
		return st
	}
	for i := range parents.targets {
		c.edit(&parents.targets[i].NodeID, func(p *node) uatypes.Status {
			p.subTypes = p.subTypes.union(n.subTypes)
			return uatypes.Good
		})
	}
	parents.clear()
	return uatypes.Good
}

// applyType completes and checks a node by its type and adds the children of
// the type (recursiveTypeCheckAddChildren).
func (c *Core) applyType(s *Session, n, typ *node) uatypes.Status {
	if n.isVariable() {
		if st := c.useTypeAttributes(s, n, typ); st != uatypes.Good {
			return st
		}
		if n.class == ua.NodeClassVariable {
			for _, k := range n.kinds {
				if k.typeIndex == indexHasSubtype {
					return ua.StatusBadReferenceNotAllowed
				}
			}
		}
		if st := c.checkVariable(s, n, typ); st != uatypes.Good {
			return st
		}
	}
	if n.class == ua.NodeClassVariable || n.class == ua.NodeClassObject {
		h, st := c.typeHierarchy(&typ.id)
		if st == uatypes.Good {
			st = c.copyChildrenOf(h, &n.id)
		}
		if st != uatypes.Good {
			return st
		}
	}
	if n.class == ua.NodeClassObject {
		h, st := c.interfaceHierarchy(&n.id)
		if st == uatypes.Good {
			st = c.copyChildrenOf(h, &n.id)
		}
		return st
	}
	return uatypes.Good
}

// setDynamic gives a variable time stamps of its own, unless it is part of the
// server object, of the types, or an argument of a method
// (checkSetIsDynamicVariable).
func (c *Core) setDynamic(id *uatypes.NodeID) uatypes.Status {
	refs, st := c.referenceTypeIndices(ns0ID(idHierarchicalReferences), true)
	if st != uatypes.Good {
		return st
	}
	if c.isNodeInTree(id, ns0ID(idServer), refs) || c.isNodeInTree(id, ns0ID(idTypesFolder), refs) {
		return uatypes.Good
	}
	var r uatypes.BrowseResult
	c.Browse(&c.admin, 0, &uatypes.BrowseDescription{NodeID: *id, BrowseDirection: browseInverse,
		ReferenceTypeID: *ns0ID(idHasProperty), NodeClassMask: uint32(ua.NodeClassMethod)}, &r)
	ofMethod := len(r.References.V) > 0
	c.clearResult(&r)
	if !ofMethod {
		c.edit(id, func(n *node) uatypes.Status {
			n.isDynamic = n.class == ua.NodeClassVariable
			return uatypes.Good
		})
	}
	return uatypes.Good
}

// construct marks a node and its children as constructed, children first
// (recursiveCallConstructors).
func (c *Core) construct(n *node) uatypes.Status {
	if n.constructed {
		return uatypes.Good
	}
	defer c.descend("recursiveCallConstructors")()
	var r uatypes.BrowseResult
	c.browseAggregates(&n.id, 0, 0, &r)
	if r.StatusCode != uatypes.Good {
		return r.StatusCode
	}
	st := uatypes.Status(uatypes.Good)
	for i := range r.References.V {
		child := c.nodes.get(&r.References.V[i].NodeID.NodeID)
		if child == nil {
			continue
		}
		if !child.constructed {
			st = c.constructChild(child)
		}
		c.nodes.release(child)
		if st != uatypes.Good {
			break
		}
	}
	c.clearResult(&r)
	if st == uatypes.Good {
		n.constructed = true
	}
	return st
}

func (c *Core) constructChild(n *node) uatypes.Status {
	if n.class == ua.NodeClassVariable || n.class == ua.NodeClassObject {
		typ := c.typeOf(n)
		if typ == nil {
			return ua.StatusBadTypeDefinitionInvalid
		}
		defer c.nodes.release(typ)
	}
	return c.construct(n)
}

// browseAggregates browses the parts of a node.
func (c *Core) browseAggregates(id *uatypes.NodeID, classMask, resultMask uint32, r *uatypes.BrowseResult) {
	c.Browse(&c.admin, 0, &uatypes.BrowseDescription{NodeID: *id, ReferenceTypeID: *ns0ID(idAggregates), IncludeSubtypes: true,
		NodeClassMask: classMask, ResultMask: resultMask}, r)
}

// clearResult gives back the result of a browse for the server itself.
func (c *Core) clearResult(r *uatypes.BrowseResult) {
	// There is one if the server limits the references of a result.
	uatypes.Clear(c.m, &r.ContinuationPoint)
	if len(r.References.V) > 0 {
		uatypes.ClearArray(c.m, &r.References)
	}
}
