package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Indices of the reference types that rules of the server name. They follow
// from the order in which the types are added (UA_REFERENCETYPEINDEX_*).
const (
	indexHasSubtype        = 1
	indexHasModellingRule  = 8
	indexHasTypeDefinition = 11
	indexHasProperty       = 13
	indexHasInterface      = 17
)

// referenceTypeSet is a set of indices of reference types.
type referenceTypeSet [maxReferenceTypes / 32]uint32

// anyReferenceType holds all reference types.
func anyReferenceType() (s referenceTypeSet) {
	for i := range s {
		s[i] = 0xffffffff
	}
	return s
}

func (s referenceTypeSet) with(i uint8) referenceTypeSet {
	s[i/32] |= 1 << (i % 32)
	return s
}

func (s referenceTypeSet) union(t referenceTypeSet) referenceTypeSet {
	for i := range s {
		s[i] |= t[i]
	}
	return s
}

func (s *referenceTypeSet) contains(i uint8) bool { return s[i/32]>>(i%32)&1 != 0 }

// referenceTypeIndices returns the set of one reference type, with its subtypes
// if wanted (src/server/ua_services_view.c).
func (c *Core) referenceTypeIndices(id *uatypes.NodeID, subtypes bool) (referenceTypeSet, uatypes.Status) {
	n := c.nodes.get(id)
	if n == nil {
		return referenceTypeSet{}, ua.StatusBadReferenceTypeIDInvalid
	}
	defer c.nodes.release(n)
	if n.class != ua.NodeClassReferenceType {
		return referenceTypeSet{}, ua.StatusBadReferenceTypeIDInvalid
	}
	if subtypes {
		return n.subTypes, uatypes.Good
	}
	return referenceTypeSet{}.with(n.refIndex), uatypes.Good
}
