package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// newNodeItem says what a new node is to be (UA_AddNodesItem with decoded attributes).
type newNodeItem struct {
	class          ua.NodeClass
	requested      uatypes.NodeID
	browseName     uatypes.QualifiedName
	parent         uatypes.NodeID
	reference      uatypes.NodeID
	typeDefinition uatypes.NodeID
	attributes     any // a pointer to one of uatypes' attribute structures
}

// AddNode is one operation of the AddNodes service (Operation_addNode,
// src/server/ua_services_nodemanagement.c). It fills a zero result with blocks
// that the caller clears.
func (c *Core) AddNode(s *Session, item *uatypes.AddNodesItem, result *uatypes.AddNodesResult) {
	result.StatusCode = c.addNode(s, &newNodeItem{
		class:          ua.NodeClass(item.NodeClass),
		requested:      item.RequestedNewNodeID.NodeID,
		browseName:     item.BrowseName,
		parent:         item.ParentNodeID.NodeID,
		reference:      item.ReferenceTypeID,
		typeDefinition: item.TypeDefinition.NodeID,
		attributes:     attributesOf(&item.NodeAttributes),
	}, &result.AddedNodeID)
}

// attributesOf returns a pointer to the attribute structure in an extension
// object, nil if it was not decoded.
func attributesOf(x *uatypes.ExtensionObject) any {
	switch v := x.V.(type) {
	case []uatypes.ObjectAttributes:
		return &v[0]
	case []uatypes.VariableAttributes:
		return &v[0]
	case []uatypes.MethodAttributes:
		return &v[0]
	case []uatypes.ObjectTypeAttributes:
		return &v[0]
	case []uatypes.VariableTypeAttributes:
		return &v[0]
	case []uatypes.ReferenceTypeAttributes:
		return &v[0]
	case []uatypes.DataTypeAttributes:
		return &v[0]
	case []uatypes.ViewAttributes:
		return &v[0]
	case nil:
		return nil
	}
	return struct{}{} // a structure, but none of a node's attributes
}

// addNode adds a node with everything. The copy of its id in added is the
// caller's to clear.
func (c *Core) addNode(s *Session, item *newNodeItem, added *uatypes.NodeID) uatypes.Status {
	st := c.addNodeBegin(item, added)
	if st != uatypes.Good {
		return st
	}
	if st = c.addNodeFinish(s, added); st != uatypes.Good {
		clearID(c.m, added)
	}
	return st
}

// addNodeBegin adds a node and the references to its parent and type
// (Operation_addNode_begin).
func (c *Core) addNodeBegin(item *newNodeItem, added *uatypes.NodeID) uatypes.Status {
	var named bool
	if q := &item.browseName; q.NamespaceIndex == 0 && len(q.Name.B) == 0 {
		if st := c.defaultBrowseName(item); st != uatypes.Good {
			return st
		}
		named = true
	}
	var temporary uatypes.NodeID
	if added == nil {
		added = &temporary
	}
	st := c.addNodeRaw(item, added)
	if st == uatypes.Good {
		st = c.addNodeReferences(added, &item.parent, &item.reference, &item.typeDefinition)
		if st != uatypes.Good {
			c.deleteNode(added, true)
		}
		if added == &temporary {
			clearID(c.m, added)
		}
	}
	if named {
		uatypes.Clear(c.m, &item.browseName)
	}
	return st
}

// defaultBrowseName gives an object without a browse name the one that its type
// proposes (checkSetBrowseName).
func (c *Core) defaultBrowseName(item *newNodeItem) uatypes.Status {
	if item.class != ua.NodeClassObject {
		return ua.StatusBadBrowseNameInvalid
	}
	path := uatypes.BrowsePath{StartingNode: item.typeDefinition}
	path.RelativePath.Elements.V = []uatypes.RelativePathElement{{
		ReferenceTypeID: *ns0ID(idHasProperty),
		TargetName:      uatypes.QualifiedName{Name: uatypes.Const("DefaultInstanceBrowseName")},
	}}
	var result uatypes.BrowsePathResult
	c.TranslateBrowsePath(&path, &result)
	var id uatypes.NodeID
	st := result.StatusCode
	if st == uatypes.Good && len(result.Targets.V) > 0 {
		st = uatypes.Copy(c.m, &id, &result.Targets.V[0].TargetID.NodeID)
	}
	uatypes.Clear(c.m, &result)
	if st != uatypes.Good {
		return ua.StatusBadBrowseNameInvalid
	}
	var v uatypes.DataValue
	c.Read(&c.admin, uint32(ua.TimestampsToReturnNeither), &uatypes.ReadValueID{NodeID: id, AttributeID: uint32(ua.AttributeIDValue)}, &v)
	uatypes.Clear(c.m, &id)
	defer uatypes.Clear(c.m, &v)
	q, ok := v.Value.V.([]uatypes.QualifiedName)
	if v.HasStatus || !ok || v.Value.IsArray {
		return ua.StatusBadBrowseNameInvalid
	}
	item.browseName = q[0]
	q[0] = uatypes.QualifiedName{}
	return uatypes.Good
}

// addNodeRaw adds a node without references and without any check (AddNode_raw).
func (c *Core) addNodeRaw(item *newNodeItem, added *uatypes.NodeID) uatypes.Status {
	if int(item.requested.Namespace) >= len(c.namespaces.V) {
		return ua.StatusBadNodeIDInvalid
	}
	if item.attributes == nil {
		return ua.StatusBadInternalError
	}
	n := newNode(c.m, item.class, c.opts.Rules)
	if n == nil {
		return ua.StatusBadOutOfMemory
	}
	st := copyID(c.m, &n.id, &item.requested)
	if st == uatypes.Good {
		st = uatypes.Copy(c.m, &n.browseName, &item.browseName)
	}
	if st == uatypes.Good {
		st = n.setAttributes(c.m, item.attributes)
	}
	if st != uatypes.Good {
		n.delete(c.m)
		return st
	}
	var temporary uatypes.NodeID
	if added == nil {
		added = &temporary
	}
	if st = c.nodes.insert(n, added); st != uatypes.Good {
		return st
	}
	if added == &temporary {
		clearID(c.m, added)
	}
	return uatypes.Good
}

// addNodeReferences adds the references of a new node to its parent and type,
// after it has checked them (AddNode_addRefs).
func (c *Core) addNodeReferences(id, parent, reference, typeDefinition *uatypes.NodeID) uatypes.Status {
	n := c.nodes.get(id)
	if n == nil {
		return ua.StatusBadNodeIDUnknown
	}
	defer c.nodes.release(n)
	if n.isType() {
		if reference.IsNull() {
			reference = ns0ID(idHasSubtype)
		}
		if p := c.nodes.get(parent); p != nil {
			if p.class == n.class {
				typeDefinition = parent
			}
			c.nodes.release(p)
		}
	}
	if id.Equal(parent) {
		return ua.StatusBadInvalidArgument
	}
	if st := c.checkParent(n, parent, reference); st != uatypes.Good {
		return st
	}
	isInstance := n.class == ua.NodeClassVariable || n.class == ua.NodeClassObject
	if isInstance && typeDefinition.IsNull() {
		typeDefinition = ns0ID(idBaseObjectType)
		if n.class == ua.NodeClassVariable {
			typeDefinition = ns0ID(idBaseDataVariableType)
		}
	}
	var typ *node
	if !typeDefinition.IsNull() {
		if typ = c.nodes.get(typeDefinition); typ == nil {
			return ua.StatusBadTypeDefinitionInvalid
		}
		defer c.nodes.release(typ)
		if st := c.checkType(n, typ, parent); st != uatypes.Good {
			return st
		}
	}
	if !parent.IsNull() {
		if reference.IsNull() {
			return ua.StatusBadTypeDefinitionInvalid
		}
		if st := c.addRef(&n.id, reference, parent, false); st != uatypes.Good {
			return st
		}
	}
	if isInstance {
		return c.addRef(&n.id, ns0ID(idHasTypeDefinition), &typ.id, true)
	}
	return uatypes.Good
}

func (n *node) isType() bool {
	switch n.class {
	case ua.NodeClassVariableType, ua.NodeClassObjectType, ua.NodeClassReferenceType, ua.NodeClassDataType:
		return true
	}
	return false
}
