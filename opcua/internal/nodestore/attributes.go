package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// copyDimensions makes dst a copy of an array of array dimensions (UA_Array_copy).
func copyDimensions(m mem.Memory, dst, src *uatypes.Array[uint32]) uatypes.Status {
	*dst = uatypes.Array[uint32]{}
	if len(src.V) == 0 {
		if src.P != uatypes.Null {
			dst.P = uatypes.Empty
		}
		return uatypes.Good
	}
	p := m.Calloc(uint32(4*len(src.V)), "UA_UInt32")
	if p == 0 {
		return ua.StatusBadOutOfMemory
	}
	dst.P, dst.V = p, append([]uint32(nil), src.V...)
	return uatypes.Good
}

func clearDimensions(m mem.Memory, a *uatypes.Array[uint32]) {
	if a.P != uatypes.Empty {
		m.Free(a.P)
	}
	*a = uatypes.Array[uint32]{}
}

// setAttributes copies the attributes of a new node, a pointer to one of
// uatypes' attribute structures, into it (UA_Node_setAttributes,
// src/server/ua_nodes.c). If it fails the node is cleared.
func (n *node) setAttributes(m mem.Memory, attributes any) uatypes.Status {
	st := uatypes.Status(ua.StatusBadNodeAttributesInvalid)
	var standard *uatypes.NodeAttributes
	std := func(displayName, description uatypes.LocalizedText, writeMask uint32) *uatypes.NodeAttributes {
		return &uatypes.NodeAttributes{DisplayName: displayName, Description: description, WriteMask: writeMask}
	}
	class := ua.NodeClassUnspecified
	switch a := attributes.(type) {
	case *uatypes.ObjectAttributes:
		class, standard = ua.NodeClassObject, std(a.DisplayName, a.Description, a.WriteMask)
		n.eventNotifier, st = a.EventNotifier, uatypes.Good
	case *uatypes.VariableAttributes:
		class, standard = ua.NodeClassVariable, std(a.DisplayName, a.Description, a.WriteMask)
		if n.class == class {
			n.accessLevel, n.historizing = a.AccessLevel, a.Historizing
			n.minimumSamplingInterval = a.MinimumSamplingInterval
			st = n.setVariableAttributes(m, a)
		}
	case *uatypes.MethodAttributes:
		class, standard = ua.NodeClassMethod, std(a.DisplayName, a.Description, a.WriteMask)
		n.executable, st = a.Executable, uatypes.Good
	case *uatypes.ObjectTypeAttributes:
		class, standard = ua.NodeClassObjectType, std(a.DisplayName, a.Description, a.WriteMask)
		n.isAbstract, st = a.IsAbstract, uatypes.Good
	case *uatypes.VariableTypeAttributes:
		class, standard = ua.NodeClassVariableType, std(a.DisplayName, a.Description, a.WriteMask)
		if n.class == class {
			n.isAbstract = a.IsAbstract
			st = n.setVariableAttributes(m, &uatypes.VariableAttributes{Value: a.Value, DataType: a.DataType,
				ValueRank: a.ValueRank, ArrayDimensions: a.ArrayDimensions})
		}
	case *uatypes.ReferenceTypeAttributes:
		class, standard = ua.NodeClassReferenceType, std(a.DisplayName, a.Description, a.WriteMask)
		if n.class == class {
			n.isAbstract, n.symmetric = a.IsAbstract, a.Symmetric
			st = uatypes.Copy(m, &n.inverseName, &a.InverseName)
		}
	case *uatypes.DataTypeAttributes:
		class, standard = ua.NodeClassDataType, std(a.DisplayName, a.Description, a.WriteMask)
		n.isAbstract, st = a.IsAbstract, uatypes.Good
	case *uatypes.ViewAttributes:
		class, standard = ua.NodeClassView, std(a.DisplayName, a.Description, a.WriteMask)
		n.noLoops, n.eventNotifier, st = a.ContainsNoLoops, a.EventNotifier, uatypes.Good
	}
	if class != n.class {
		st = ua.StatusBadNodeAttributesInvalid
	}
	if st == uatypes.Good {
		st = n.setStandardAttributes(m, standard)
	}
	if st != uatypes.Good {
		n.clear(m)
	}
	return st
}

func (n *node) setVariableAttributes(m mem.Memory, a *uatypes.VariableAttributes) uatypes.Status {
	if st := copyDimensions(m, &n.arrayDimensions, &a.ArrayDimensions); st != uatypes.Good {
		return st
	}
	if st := copyID(m, &n.dataType, &a.DataType); st != uatypes.Good {
		return st
	}
	n.valueRank = a.ValueRank
	st := uatypes.Copy(m, &n.value.Value, &a.Value)
	n.value.HasValue = n.value.Value.Type != nil
	return st
}

// setStandardAttributes copies the attributes of all classes. A node without a
// display name gets the browse name.
func (n *node) setStandardAttributes(m mem.Memory, a *uatypes.NodeAttributes) uatypes.Status {
	n.writeMask = a.WriteMask
	st := uatypes.Copy(m, &n.description, &a.Description)
	if len(a.DisplayName.Text.B) == 0 {
		return st | uatypes.Copy(m, &n.displayName.Text, &n.browseName.Name)
	}
	return st | uatypes.Copy(m, &n.displayName, &a.DisplayName)
}
