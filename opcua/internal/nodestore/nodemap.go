package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Sizes of the node map's structures under ILP32 with 8-byte aligned 64-bit
// members, in bytes (recorded).
const (
	sizeofNodeMap = 3092 // UA_NodeMap: 128 reference type ids and four words
	sizeofSlot    = 8    // UA_NodeMapSlot
)

// minMapSize is the number of slots below which the map never shrinks.
const minMapSize = 64

// maxReferenceTypes is the capacity of the index of reference types
// (UA_REFERENCETYPESET_MAX).
const maxReferenceTypes = 128

// mapSizes are the sizes that the map can have: primes close to powers of two.
var mapSizes = [...]uint32{
	7, 13, 31, 61, 127, 251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071, 262139, 524287,
	1048573, 2097143, 4194301, 8388593, 16777213, 33554393, 67108859, 134217689, 268435399, 536870909,
	1073741789, 2147483647, 4294967291,
}

// nodeMap is the hash map of all nodes, with double hashing
// (plugins/ua_nodestore_hashmap.c). A slot is free, taken, or a tombstone that
// a removed node left.
type nodeMap struct {
	m     mem.Memory
	block uint32 // UA_NodeMap
	table uint32 // UA_NodeMapSlot[]
	slots []slot
	count uint32

	// referenceTypes maps the index of a reference type to its node id.
	referenceTypes []uatypes.NodeID
}

type slot struct {
	node      *node
	hash      uint32
	tombstone bool
}

// newNodeMap makes the map (UA_Nodestore_HashMap).
func newNodeMap(m mem.Memory) (*nodeMap, bool) {
	p := m.Malloc(sizeofNodeMap, "UA_NodeMap")
	if p == 0 {
		return nil, false
	}
	size := mapSize(minMapSize)
	t := m.Calloc(size*sizeofSlot, "UA_NodeMapSlot")
	if t == 0 {
		m.Free(p)
		return nil, false
	}
	return &nodeMap{m: m, block: p, table: t, slots: make([]slot, size)}, true
}

// mapSize returns the smallest size of at least n slots.
func mapSize(n uint32) uint32 {
	for _, p := range mapSizes {
		if p >= n {
			return p
		}
	}
	return mapSizes[len(mapSizes)-1]
}

// probe calls f for the slots where a node with hash h can be, until f returns
// true or all were seen.
func probe(slots []slot, h uint32, f func(*slot) bool) {
	size := uint64(len(slots))
	start := uint64(h) % size
	step := 1 + uint64(h)%(size-2)
	for i := start; ; {
		if f(&slots[i]) {
			return
		}
		if i += step; i >= size {
			i -= size
		}
		if i == start {
			return
		}
	}
}

// find returns the slot of a node, nil if there is none.
func (nm *nodeMap) find(id *uatypes.NodeID) (found *slot) {
	h := hashNodeID(id)
	probe(nm.slots, h, func(s *slot) bool {
		switch {
		case s.node == nil:
			return !s.tombstone
		case s.hash == h && s.node.id.Equal(id):
			found = s
			return true
		}
		return false
	})
	return found
}

// freeSlot returns the slot for a new node: the first one on its way that holds no
// node. It is nil if the node is there already or the map is full.
func freeSlot(slots []slot, id *uatypes.NodeID) (candidate *slot) {
	h := hashNodeID(id)
	probe(slots, h, func(s *slot) bool {
		if s.node != nil {
			if s.hash == h && s.node.id.Equal(id) {
				candidate = nil
				return true
			}
			return false
		}
		if candidate == nil {
			candidate = s
		}
		return !s.tombstone
	})
	return candidate
}

// resize changes the size so that about half of the slots are taken, unless it
// is about right already. It reports whether the memory was there.
func (nm *nodeMap) resize() bool {
	size := uint32(len(nm.slots))
	if nm.count*2 < size && (nm.count*8 > size || size <= minMapSize) {
		return true
	}
	n := mapSize(nm.count * 2)
	t := nm.m.Calloc(n*sizeofSlot, "UA_NodeMapSlot")
	if t == 0 {
		return false
	}
	slots := make([]slot, n)
	for _, s := range nm.slots {
		if s.node != nil {
			*freeSlot(slots, &s.node.id) = s
		}
	}
	nm.m.Free(nm.table)
	nm.table, nm.slots = t, slots
	return true
}

// get returns a node and holds it until release, nil if there is none.
func (nm *nodeMap) get(id *uatypes.NodeID) *node {
	s := nm.find(id)
	if s == nil {
		return nil
	}
	s.node.holds++
	return s.node
}

// release ends a hold. A node that was removed meanwhile goes with the last one.
func (nm *nodeMap) release(n *node) {
	if n == nil {
		return
	}
	n.holds--
	nm.drop(n)
}

func (nm *nodeMap) drop(n *node) {
	if n.deleted && n.holds == 0 {
		n.delete(nm.m)
	}
}

// insert adds a node that was made by newNode, and returns a copy of its id. A
// node whose numeric identifier is 0 gets a free one. If it fails, the node is gone.
func (nm *nodeMap) insert(n *node, added *uatypes.NodeID) uatypes.Status {
	size := uint32(len(nm.slots))
	if size*3 <= nm.count*4 && !nm.resize() {
		n.delete(nm.m)
		return ua.StatusBadInternalError
	}
	s := nm.place(n)
	if s == nil {
		n.delete(nm.m)
		return ua.StatusBadNodeIDExists
	}
	if added != nil {
		if st := copyID(nm.m, added, &n.id); st != uatypes.Good {
			n.delete(nm.m)
			return st
		}
	}
	if n.class == ua.NodeClassReferenceType {
		if len(nm.referenceTypes) >= maxReferenceTypes {
			n.delete(nm.m)
			return ua.StatusBadInternalError
		}
		var id uatypes.NodeID
		if copyID(nm.m, &id, &n.id) != uatypes.Good {
			n.delete(nm.m)
			return ua.StatusBadInternalError
		}
		n.refIndex = uint8(len(nm.referenceTypes))
		n.subTypes = referenceTypeSet{}.with(n.refIndex)
		nm.referenceTypes = append(nm.referenceTypes, id)
	}
	*s = slot{node: n, hash: hashNodeID(&n.id)}
	nm.count++
	return uatypes.Good
}

// place finds the slot of a new node, choosing its identifier if it has none.
func (nm *nodeMap) place(n *node) *slot {
	if n.id.Type != uatypes.IDNumeric || n.id.Numeric != 0 {
		return freeSlot(nm.slots, &n.id)
	}
	// Identifiers from 50,000 are free of the specification's. The step is the
	// same as that of the probing, so that all are tried before the first again.
	size := uint64(len(nm.slots))
	id := (50000 + size + 1) % 0xffffffff
	step := 1 + (uint64(nm.count)+1)%(size-2)
	for first := uint32(id); ; {
		n.id.Numeric = uint32(id)
		if s := freeSlot(nm.slots, &n.id); s != nil {
			return s
		}
		if id += step; id >= size {
			id -= size
		}
		if uint32(id) == first {
			return nil
		}
	}
}

// remove takes a node out of the map. It is deleted when nobody holds it.
func (nm *nodeMap) remove(id *uatypes.NodeID) uatypes.Status {
	s := nm.find(id)
	if s == nil {
		return ua.StatusBadNodeIDUnknown
	}
	n := s.node
	*s = slot{tombstone: true}
	n.deleted = true
	nm.drop(n)
	nm.count--
	if size := uint32(len(nm.slots)); nm.count*8 < size && size > minMapSize {
		nm.resize() // a failure leaves the bigger map
	}
	return uatypes.Good
}

// referenceTypeID returns the node id of a reference type by its index.
func (nm *nodeMap) referenceTypeID(index uint8) *uatypes.NodeID { return &nm.referenceTypes[index] }

// delete gives back all nodes and the map (UA_NodeMap_delete).
func (nm *nodeMap) delete() {
	for i := range nm.slots {
		if n := nm.slots[i].node; n != nil {
			n.delete(nm.m)
		}
	}
	nm.m.Free(nm.table)
	for i := range nm.referenceTypes {
		uatypes.Clear(nm.m, &nm.referenceTypes[i])
	}
	nm.m.Free(nm.block)
}
