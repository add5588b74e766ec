package uatypes

// Kind tells how a data type is encoded inside a variant.
type Kind uint8

// The kinds that a variant distinguishes.
const (
	KindBuiltin     Kind = iota // one of the 25 built-in types, perhaps under another name
	KindEnumeration             // encoded as Int32
	KindStructure               // wrapped in an extension object
)

// DataType describes a type of which variants and extension objects can hold
// values (UA_DataType).
type DataType struct {
	Name     string // of the C type
	Kind     Kind
	Builtin  uint8  // number of the built-in type that it is encoded as, from 1 (Part 6, table 1)
	TypeID   uint32 // node id of the data type in namespace 0
	Encoding uint32 // node id of its binary encoding; 0 for built-in types and enumerations

	ops slice // of structures
}

// The built-in types.
var (
	TypeBoolean         = &DataType{Name: "UA_Boolean", Builtin: 1, TypeID: 1}
	TypeSByte           = &DataType{Name: "UA_SByte", Builtin: 2, TypeID: 2}
	TypeByte            = &DataType{Name: "UA_Byte", Builtin: 3, TypeID: 3}
	TypeInt16           = &DataType{Name: "UA_Int16", Builtin: 4, TypeID: 4}
	TypeUInt16          = &DataType{Name: "UA_UInt16", Builtin: 5, TypeID: 5}
	TypeInt32           = &DataType{Name: "UA_Int32", Builtin: 6, TypeID: 6}
	TypeUInt32          = &DataType{Name: "UA_UInt32", Builtin: 7, TypeID: 7}
	TypeInt64           = &DataType{Name: "UA_Int64", Builtin: 8, TypeID: 8}
	TypeUInt64          = &DataType{Name: "UA_UInt64", Builtin: 9, TypeID: 9}
	TypeFloat           = &DataType{Name: "UA_Float", Builtin: 10, TypeID: 10}
	TypeDouble          = &DataType{Name: "UA_Double", Builtin: 11, TypeID: 11}
	TypeString          = &DataType{Name: "UA_String", Builtin: 12, TypeID: 12}
	TypeDateTime        = &DataType{Name: "UA_DateTime", Builtin: 13, TypeID: 13}
	TypeGuid            = &DataType{Name: "UA_Guid", Builtin: 14, TypeID: 14}
	TypeByteString      = &DataType{Name: "UA_ByteString", Builtin: 15, TypeID: 15}
	TypeXMLElement      = &DataType{Name: "UA_XmlElement", Builtin: 16, TypeID: 16}
	TypeNodeID          = &DataType{Name: "UA_NodeId", Builtin: 17, TypeID: 17}
	TypeExpandedNodeID  = &DataType{Name: "UA_ExpandedNodeId", Builtin: 18, TypeID: 18}
	TypeStatusCode      = &DataType{Name: "UA_StatusCode", Builtin: 19, TypeID: 19}
	TypeQualifiedName   = &DataType{Name: "UA_QualifiedName", Builtin: 20, TypeID: 20}
	TypeLocalizedText   = &DataType{Name: "UA_LocalizedText", Builtin: 21, TypeID: 21}
	TypeExtensionObject = &DataType{Name: "UA_ExtensionObject", Builtin: 22, TypeID: 22}
	TypeDataValue       = &DataType{Name: "UA_DataValue", Builtin: 23, TypeID: 23}
	TypeVariant         = &DataType{Name: "UA_Variant", Builtin: 24, TypeID: 24}
	TypeDiagnosticInfo  = &DataType{Name: "UA_DiagnosticInfo", Builtin: 25, TypeID: 25}
)

// builtinTypes is ordered by number; number n is at n-1.
var builtinTypes = [...]*DataType{
	TypeBoolean, TypeSByte, TypeByte, TypeInt16, TypeUInt16, TypeInt32, TypeUInt32, TypeInt64, TypeUInt64,
	TypeFloat, TypeDouble, TypeString, TypeDateTime, TypeGuid, TypeByteString, TypeXMLElement, TypeNodeID,
	TypeExpandedNodeID, TypeStatusCode, TypeQualifiedName, TypeLocalizedText, TypeExtensionObject,
	TypeDataValue, TypeVariant, TypeDiagnosticInfo,
}

// Size returns the size in bytes of the C type.
func (t *DataType) Size() uint32 { return t.slice().size() }

// IsNumeric reports whether t is a number or a Boolean (UA_DataType_isNumeric).
func (t *DataType) IsNumeric() bool {
	for _, n := range builtinTypes[:11] {
		if t == n {
			return true
		}
	}
	return false
}

func enumType(name string, typeID uint32) *DataType {
	return &DataType{Name: name, Kind: KindEnumeration, Builtin: 6, TypeID: typeID}
}

// Enumeration returns a type of enumerations that open62541's table does not have.
func Enumeration(name string, typeID uint32) *DataType { return enumType(name, typeID) }

func structType[T any, P pointerTo[T]](name string, typeID, encoding uint32) *DataType {
	return &DataType{Name: name, Kind: KindStructure, Builtin: 22, TypeID: typeID, Encoding: encoding,
		ops: sliceOf[T]{structure[T, P](name)}}
}

// typeByEncoding finds a type by the node id of its binary encoding. Built-in
// types have the id 0 in open62541's table, so that an extension object with a
// null type id holds the first of them, a Boolean.
func typeByEncoding(id *NodeID) *DataType {
	if id.Type != IDNumeric || id.Namespace != 0 {
		return nil
	}
	if id.Numeric == 0 {
		return TypeBoolean
	}
	for _, t := range structTypes {
		if t.Encoding == id.Numeric {
			return t
		}
	}
	return nil
}

// slice returns the operations on values of the type.
func (t *DataType) slice() slice {
	if t.Kind == KindStructure {
		return t.ops
	}
	switch t.Builtin {
	case 1:
		return sliceOf[bool]{elemBoolean}
	case 2:
		return sliceOf[int8]{elemSByte}
	case 3:
		return sliceOf[uint8]{elemByte}
	case 4:
		return sliceOf[int16]{elemInt16}
	case 5:
		return sliceOf[uint16]{elemUInt16}
	case 6:
		return sliceOf[int32]{elemInt32}
	case 7:
		return sliceOf[uint32]{elemUInt32}
	case 8, 13:
		return sliceOf[int64]{elemInt64}
	case 9:
		return sliceOf[uint64]{elemUInt64}
	case 10:
		return sliceOf[float32]{elemFloat}
	case 11:
		return sliceOf[float64]{elemDouble}
	case 12, 15, 16:
		return sliceOf[Str]{elemString}
	case 14:
		return sliceOf[Guid]{elemGuid}
	case 17:
		return sliceOf[NodeID]{elemNodeID}
	case 18:
		return sliceOf[ExpandedNodeID]{elemExpandedNodeID}
	case 19:
		return sliceOf[Status]{elemStatus}
	case 20:
		return sliceOf[QualifiedName]{elemQualifiedName}
	case 21:
		return sliceOf[LocalizedText]{elemLocalizedText}
	case 22:
		return sliceOf[ExtensionObject]{elemExtensionObject()}
	case 23:
		return sliceOf[DataValue]{elemDataValue()}
	case 24:
		return sliceOf[Variant]{elemVariant()}
	}
	return sliceOf[DiagnosticInfo]{elemDiagnosticInfo()}
}
