package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// sizeofReferenceDescription is the size of UA_ReferenceDescription in bytes
// (recorded).
const sizeofReferenceDescription = 132

// refResult collects the references of a browse result (RefResult).
type refResult struct {
	a        uatypes.Array[uatypes.ReferenceDescription]
	capacity int
}

// room makes room for one more reference.
func (r *refResult) room(c *Core) bool {
	if len(r.a.V) < r.capacity {
		return true
	}
	p := c.m.Realloc(r.a.P, uint32(2*r.capacity)*sizeofReferenceDescription, "UA_ReferenceDescription")
	if p == 0 {
		return false
	}
	r.a.P = p
	r.capacity *= 2
	return true
}

// Bits of the result mask (UA_BrowseResultMask).
const (
	maskReferenceType  = 1
	maskIsForward      = 2
	maskNodeClass      = 4
	maskBrowseName     = 8
	maskDisplayName    = 16
	maskTypeDefinition = 32
)

// describe adds a reference to the result (addReferenceDescription). The node
// is nil if it is not on this server; such a reference is left out.
func (r *refResult) describe(c *Core, k *referenceKind, mask uint32, id *uatypes.ExpandedNodeID, n *node) uatypes.Status {
	if !r.room(c) {
		return ua.StatusBadOutOfMemory
	}
	var d uatypes.ReferenceDescription
	st := copyExpanded(c.m, &d.NodeID, id)
	if mask&maskReferenceType != 0 {
		st |= copyID(c.m, &d.ReferenceTypeID, c.nodes.referenceTypeID(k.typeIndex))
	}
	if mask&maskIsForward != 0 {
		d.IsForward = !k.inverse
	}
	if n == nil {
		uatypes.Clear(c.m, &d)
		return st
	}
	if mask&maskNodeClass != 0 {
		d.NodeClass = uint32(n.class)
	}
	if mask&maskBrowseName != 0 {
		st |= uatypes.Copy(c.m, &d.BrowseName, &n.browseName)
	}
	if mask&maskDisplayName != 0 {
		st |= uatypes.Copy(c.m, &d.DisplayName, &n.displayName)
	}
	if mask&maskTypeDefinition != 0 && (n.class == ua.NodeClassObject || n.class == ua.NodeClassVariable) {
		if t := c.typeOf(n); t != nil {
			st |= copyID(c.m, &d.TypeDefinition.NodeID, &t.id)
			c.nodes.release(t)
		}
	}
	if st != uatypes.Good {
		uatypes.Clear(c.m, &d)
		return st
	}
	r.a.V = append(r.a.V, d)
	return st
}

// references adds the references of a node from the place where the
// continuation point is. It reports whether it came to the end.
func (r *refResult) references(c *Core, n *node, cp *continuationPoint) (done bool, st uatypes.Status) {
	b := &cp.browse
	if c.opts.Rules.sorted() && len(cp.identifier.B) > 0 && !cp.find(n) {
		return false, ua.StatusBadInternalError
	}
	target := cp.target
	for kind := cp.kind; kind < len(n.kinds); kind++ {
		k := n.kinds[kind]
		if k.inverse && b.BrowseDirection == browseForward || !k.inverse && b.BrowseDirection == browseInverse ||
			!cp.refs.contains(k.typeIndex) {
			continue
		}
		if r.a.V == nil && target < len(k.targets) {
			r.a.V = make([]uatypes.ReferenceDescription, 0, min(len(k.targets)-target, browseInitialSize))
		}
		for ; target < len(k.targets); target++ {
			t := k.targets[target]
			var other *node
			if t.id.ServerIndex == 0 && t.id.NamespaceURI.P == uatypes.Null {
				other = c.nodes.get(&t.id.NodeID)
				if other != nil && !other.matches(b.NodeClassMask) {
					c.nodes.release(other)
					continue
				}
			}
			if uint32(len(r.a.V)) >= cp.max {
				c.nodes.release(other)
				return false, cp.stop(c, kind, target, k)
			}
			st = r.describe(c, k, b.ResultMask, &t.id, other)
			c.nodes.release(other)
			if st != uatypes.Good {
				return false, st
			}
		}
		target = 0
	}
	return true, uatypes.Good
}
