package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// sizeofEntry returns the bytes of a node with the head that the node map puts
// before it: UA_NodeMapEntry, 8 bytes, and the structure of the node class
// (recorded; views from include/open62541/plugin/nodestore.h).
func sizeofEntry(class ua.NodeClass) uint32 {
	switch class {
	case ua.NodeClassObject, ua.NodeClassMethod:
		return 108
	case ua.NodeClassVariable:
		return 304
	case ua.NodeClassVariableType:
		return 296
	case ua.NodeClassObjectType:
		return 112
	case ua.NodeClassReferenceType:
		return 140
	case ua.NodeClassDataType, ua.NodeClassView:
		return 104
	}
	return 0
}

// node is a node of any class (UA_Node).
type node struct {
	rules   *Rules
	block   uint32
	holds   uint16 // users between get and release
	deleted bool   // not in the map any more

	id          uatypes.NodeID
	class       ua.NodeClass
	browseName  uatypes.QualifiedName
	displayName uatypes.LocalizedText
	description uatypes.LocalizedText
	writeMask   uint32
	kinds       []*referenceKind
	kindsBlock  uint32
	constructed bool

	// Variables and variable types.
	dataType        uatypes.NodeID
	valueRank       int32
	arrayDimensions uatypes.Array[uint32]
	value           uatypes.DataValue
	source          *DataSource // nil: the value is in the node
	onWrite         func(*uatypes.DataValue)

	// Variables.
	accessLevel             uint8
	minimumSamplingInterval float64
	historizing             bool
	isDynamic               bool // time stamps of the value mean something

	isAbstract    bool // types
	symmetric     bool // reference types
	inverseName   uatypes.LocalizedText
	refIndex      uint8
	subTypes      referenceTypeSet
	eventNotifier uint8 // objects and views
	noLoops       bool  // views
	executable    bool  // methods
	method        MethodFunc
}

// newNode makes a node that is not in the map yet (createEntry), nil without memory
// or for an unknown class.
func newNode(m mem.Memory, class ua.NodeClass, rules *Rules) *node {
	size := sizeofEntry(class)
	if size == 0 {
		return nil
	}
	p := m.Calloc(size, "UA_NodeMapEntry")
	if p == 0 {
		return nil
	}
	return &node{block: p, class: class, rules: rules}
}

func (n *node) isVariable() bool {
	return n.class == ua.NodeClassVariable || n.class == ua.NodeClassVariableType
}

// delete gives back a node with all that it holds (deleteNodeMapEntry).
func (n *node) delete(m mem.Memory) {
	n.clear(m)
	m.Free(n.block)
}

// clear gives back what a node holds (UA_Node_clear, src/server/ua_nodes.c).
func (n *node) clear(m mem.Memory) {
	n.deleteReferencesExcept(m, referenceTypeSet{})
	clearID(m, &n.id)
	uatypes.Clear(m, &n.browseName)
	uatypes.Clear(m, &n.displayName)
	uatypes.Clear(m, &n.description)
	switch {
	case n.isVariable():
		clearID(m, &n.dataType)
		clearDimensions(m, &n.arrayDimensions)
		if n.source == nil {
			clearValue(m, &n.value)
		}
	case n.class == ua.NodeClassReferenceType:
		uatypes.Clear(m, &n.inverseName)
	}
}

// copy makes a second node like n, with the same id and references
// (UA_NodeMap_getNodeCopy).
func (n *node) copy(m mem.Memory) (*node, uatypes.Status) {
	d := newNode(m, n.class, n.rules)
	if d == nil {
		return nil, ua.StatusBadOutOfMemory
	}
	st := n.copyInto(m, d)
	if st != uatypes.Good {
		// The copy clears itself when it fails, and the map clears it again.
		d.clear(m)
		d.delete(m)
		return nil, st
	}
	return d, st
}

func (n *node) copyInto(m mem.Memory, d *node) uatypes.Status {
	st := uatypes.Copy(m, &d.id, &n.id)
	st |= uatypes.Copy(m, &d.browseName, &n.browseName)
	st |= uatypes.Copy(m, &d.displayName, &n.displayName)
	st |= uatypes.Copy(m, &d.description, &n.description)
	d.writeMask, d.constructed = n.writeMask, n.constructed
	if st != uatypes.Good {
		return st
	}
	if len(n.kinds) > 0 {
		d.kindsBlock = m.Calloc(n.rules.sizeofReferenceKind()*uint32(len(n.kinds)), "UA_NodeReferenceKind")
		if d.kindsBlock == 0 {
			return ua.StatusBadOutOfMemory
		}
		for _, k := range n.kinds {
			dk := &referenceKind{rules: n.rules, typeIndex: k.typeIndex, inverse: k.inverse}
			d.kinds = append(d.kinds, dk)
			for _, t := range k.targets {
				if st = dk.addTarget(m, &t.id, t.idHash, t.nameHash); st != uatypes.Good {
					return st
				}
			}
		}
	}
	switch n.class {
	case ua.NodeClassVariable:
		d.accessLevel, d.minimumSamplingInterval = n.accessLevel, n.minimumSamplingInterval
		d.historizing, d.isDynamic = n.historizing, n.isDynamic
		st = n.copyVariable(m, d)
	case ua.NodeClassVariableType:
		d.isAbstract = n.isAbstract
		st = n.copyVariable(m, d)
	case ua.NodeClassReferenceType:
		d.isAbstract, d.symmetric = n.isAbstract, n.symmetric
		d.refIndex, d.subTypes = n.refIndex, n.subTypes
		st = uatypes.Copy(m, &d.inverseName, &n.inverseName)
	default:
		d.isAbstract, d.eventNotifier, d.noLoops = n.isAbstract, n.eventNotifier, n.noLoops
		d.executable, d.method = n.executable, n.method
	}
	return st
}

func (n *node) copyVariable(m mem.Memory, d *node) uatypes.Status {
	if st := copyDimensions(m, &d.arrayDimensions, &n.arrayDimensions); st != uatypes.Good {
		return st
	}
	st := uatypes.Copy(m, &d.dataType, &n.dataType)
	d.valueRank, d.source = n.valueRank, n.source
	if n.source == nil {
		st |= uatypes.Copy(m, &d.value, &n.value)
		d.onWrite = n.onWrite
	}
	return st
}
