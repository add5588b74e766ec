package nodestore

// Rules are what differs in the address space between versions of open62541. Nil
// stands for those of v1.2-rc1.
type Rules struct {
	SizeofReferenceKind     uint32
	SizeofReferenceTarget   uint32
	SizeofContinuationPoint uint32
	SizeofNetworkLayer      uint32
	SizeofNetworkLayerTCP   uint32
	SizeofSecurityPolicy    uint32
	SizeofAccessControl     uint32
	// TypeLists says that a browse collects the ids of the reference types that it
	// follows in a list, which a continuation point keeps.
	TypeLists bool
	// Sorted says that the references of a kind are browsed in the order of their
	// hashes, not in that in which they were added, and that a continuation point
	// keeps the id of the next one, not its number.
	Sorted bool
	// ArrayUpTo is up to how many references of a kind are browsed in the order in
	// which they were added even if Sorted: they lie in an array, and when one is
	// deleted the last takes its place (cleanupNodeMapEntry,
	// plugins/ua_nodestore_hashmap.c).
	ArrayUpTo int
	// PlainFailures says that a value that could not be read has no time stamps.
	PlainFailures bool
}

func (r *Rules) sizeofReferenceKind() uint32 {
	if r == nil {
		return sizeofReferenceKind
	}
	return r.SizeofReferenceKind
}

func (r *Rules) sizeofReferenceTarget() uint32 {
	if r == nil {
		return sizeofReferenceTarget
	}
	return r.SizeofReferenceTarget
}

func (r *Rules) sizeofContinuationPoint() uint32 {
	if r == nil {
		return sizeofContinuationPoint
	}
	return r.SizeofContinuationPoint
}

func (r *Rules) sizeofNetworkLayer() uint32 {
	if r == nil || r.SizeofNetworkLayer == 0 {
		return sizeofNetworkLayer
	}
	return r.SizeofNetworkLayer
}

func (r *Rules) sizeofNetworkLayerTCP() uint32 {
	if r == nil || r.SizeofNetworkLayerTCP == 0 {
		return sizeofNetworkLayerTCP
	}
	return r.SizeofNetworkLayerTCP
}

func (r *Rules) sizeofSecurityPolicy() uint32 {
	if r == nil || r.SizeofSecurityPolicy == 0 {
		return sizeofSecurityPolicy
	}
	return r.SizeofSecurityPolicy
}

func (r *Rules) sizeofAccessControl() uint32 {
	if r == nil || r.SizeofAccessControl == 0 {
		return sizeofAccessControl
	}
	return r.SizeofAccessControl
}

func (r *Rules) typeLists() bool { return r != nil && r.TypeLists }

func (r *Rules) plainFailures() bool { return r != nil && r.PlainFailures }

func (r *Rules) arrayUpTo() int {
	if r == nil {
		return 0
	}
	return r.ArrayUpTo
}

func (r *Rules) sorted() bool { return r != nil && r.Sorted }
