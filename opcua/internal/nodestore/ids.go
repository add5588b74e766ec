package nodestore

import "github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"

// Node ids in namespace 0 that rules of the server name (Part 6, annex A.3).
const (
	idBaseDataType           = 24
	idEnumeration            = 29
	idHierarchicalReferences = 33
	idHasModellingRule       = 37
	idHasTypeDefinition      = 40
	idAggregates             = 44
	idHasSubtype             = 45
	idHasProperty            = 46
	idHasComponent           = 47
	idBaseObjectType         = 58
	idBaseDataVariableType   = 63
	idPropertyType           = 68
	idMandatory              = 78
	idObjectsFolder          = 85
	idTypesFolder            = 86
	idBaseEventType          = 2041
	idServer                 = 2253
)

// ns0ID returns a node id in namespace 0.
func ns0ID(id uint32) *uatypes.NodeID {
	n := uatypes.Numeric(0, id)
	return &n
}
