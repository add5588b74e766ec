package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Variable declares a variable below an object (UA_VariableAttributes). Zero
// values of ID, Parent, Reference and TypeDefinition have a default.
type Variable struct {
	ID             uatypes.NodeID // numeric identifier 0: the server chooses one
	BrowseName     uatypes.QualifiedName
	DisplayName    uatypes.LocalizedText // null text: the browse name
	Description    uatypes.LocalizedText
	Parent         uatypes.NodeID // null: the Objects folder
	Reference      uatypes.NodeID // null: Organizes
	TypeDefinition uatypes.NodeID // null: BaseDataVariableType
	DataType       uatypes.NodeID
	ValueRank      int32 // -2: any, -1: scalar, 1: array
	Writable       bool  // clients may write the value

	// Value is copied into the node. It is not looked at if there is a Source.
	Value uatypes.Variant
	// Source supplies the value. It is asked twice while the variable is added.
	Source *DataSource
	// OnWrite is told of every value written to a variable without a Source.
	OnWrite func(*uatypes.DataValue)
}

func or(id uatypes.NodeID, fallback uint32) uatypes.NodeID {
	if id.IsNull() {
		return *ns0ID(fallback)
	}
	return id
}

const idOrganizes = 35

// AddVariable adds a variable and returns its id, of which the caller gives back
// the memory with uatypes.Clear (UA_Server_addDataSourceVariableNode and
// UA_Server_addVariableNode).
func (c *Core) AddVariable(v *Variable) (uatypes.NodeID, uatypes.Status) {
	access := uint8(accessRead)
	if v.Writable {
		access |= accessWrite
	}
	a := &uatypes.VariableAttributes{DisplayName: v.DisplayName, Description: v.Description, DataType: v.DataType,
		ValueRank: v.ValueRank, AccessLevel: access}
	item := &newNodeItem{class: ua.NodeClassVariable, requested: v.ID, browseName: v.BrowseName, parent: or(v.Parent, idObjectsFolder),
		reference: or(v.Reference, idOrganizes), typeDefinition: or(v.TypeDefinition, idBaseDataVariableType), attributes: a}
	var id uatypes.NodeID
	if v.Source == nil {
		a.Value = v.Value
		st := c.addNode(&c.admin, item, &id)
		if st == uatypes.Good && v.OnWrite != nil {
			c.edit(&id, func(n *node) uatypes.Status {
				n.onWrite = v.OnWrite
				return uatypes.Good
			})
		}
		return id, st
	}
	st := c.addNodeRaw(item, &id)
	if st == uatypes.Good {
		st = c.setSource(&id, v.Source)
	}
	if st == uatypes.Good {
		st = c.addNodeReferences(&id, &item.parent, &item.reference, &item.typeDefinition)
	}
	if st == uatypes.Good {
		st = c.addNodeFinish(&c.admin, &id)
	}
	return id, st
}

// Object declares an object. Zero values of ID, Parent, Reference and
// TypeDefinition have a default.
type Object struct {
	ID             uatypes.NodeID // numeric identifier 0: the server chooses one
	BrowseName     uatypes.QualifiedName
	DisplayName    uatypes.LocalizedText // null text: the browse name
	Description    uatypes.LocalizedText
	Parent         uatypes.NodeID // null: the Objects folder
	Reference      uatypes.NodeID // null: Organizes
	TypeDefinition uatypes.NodeID // null: BaseObjectType
	EventNotifier  uint8
}

// AddObject adds an object with the children that its type asks for, and returns
// its id, of which the caller gives back the memory (UA_Server_addObjectNode).
func (c *Core) AddObject(o *Object) (uatypes.NodeID, uatypes.Status) {
	var id uatypes.NodeID
	st := c.addNode(&c.admin, &newNodeItem{class: ua.NodeClassObject, requested: o.ID, browseName: o.BrowseName,
		parent: or(o.Parent, idObjectsFolder), reference: or(o.Reference, idOrganizes),
		typeDefinition: or(o.TypeDefinition, idBaseObjectType),
		attributes:     &uatypes.ObjectAttributes{DisplayName: o.DisplayName, Description: o.Description, EventNotifier: o.EventNotifier}}, &id)
	return id, st
}

// Method declares a method of an object. Zero values of ID and Reference have a
// default.
type Method struct {
	ID          uatypes.NodeID // numeric identifier 0: the server chooses one
	BrowseName  uatypes.QualifiedName
	DisplayName uatypes.LocalizedText // null text: the browse name
	Description uatypes.LocalizedText
	Object      uatypes.NodeID // null: the Objects folder
	Reference   uatypes.NodeID // null: HasComponent
	In, Out     []uatypes.Argument
	Func        MethodFunc
}

// AddMethod adds a method with its arguments, and returns its id, of which the
// caller gives back the memory (UA_Server_addMethodNode).
func (c *Core) AddMethod(d *Method) (uatypes.NodeID, uatypes.Status) {
	var id uatypes.NodeID
	st := c.addNodeBegin(&newNodeItem{class: ua.NodeClassMethod, requested: d.ID, browseName: d.BrowseName,
		parent: or(d.Object, idObjectsFolder), reference: or(d.Reference, idHasComponent),
		attributes: &uatypes.MethodAttributes{DisplayName: d.DisplayName, Description: d.Description, Executable: true}}, &id)
	if st == uatypes.Good {
		st = c.finishMethod(&id, d.In, d.Out, d.Func)
	}
	return id, st
}
