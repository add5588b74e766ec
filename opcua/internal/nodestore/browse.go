package nodestore

import (
	"math"
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// maxContinuationPoints is how many continuation points a session can keep
// (UA_MAXCONTINUATIONPOINTS).
const maxContinuationPoints = 5

// Sizes in bytes (recorded).
const (
	sizeofContinuationPoint    = 104 // ContinuationPoint
	sizeofNodeID               = 24  // UA_NodeId
	sizeofGuid                 = 16  // UA_Guid, its identifier
	sizeofReferenceDescription = 132 // UA_ReferenceDescription
)

// Session is what the node store keeps for a session: its continuation points.
// The zero value is a session without any.
type Session struct {
	points *continuationPoint // the newest first
	used   int
	admin  bool
}

// continuationPoint is a browse that is to be continued.
type continuationPoint struct {
	next       *continuationPoint
	block      uint32
	identifier uatypes.Str
	browse     uatypes.BrowseDescription
	max        uint32 // references in a result
	refs       referenceTypeSet
	list       uint32 // block of the list of reference types, if there is one
	kind       int    // where to go on: index of the reference kind
	target     int    // and of the target in it

	// With sorted references, the reference type and the id of the next target.
	typeIndex uint8
	id        uatypes.ExpandedNodeID
}

func (cp *continuationPoint) clear(c *Core) {
	c.m.Free(cp.list)
	uatypes.Clear(c.m, &cp.identifier)
	uatypes.Clear(c.m, &cp.browse)
	clearExpanded(c.m, &cp.id)
}

// Release gives back the continuation points of a session that ends
// (UA_Session_clear, src/server/ua_session.c).
func (c *Core) Release(s *Session) {
	for cp := s.points; cp != nil; cp = cp.next {
		cp.clear(c)
		c.m.Free(cp.block)
	}
	*s = Session{admin: s.admin}
}

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

// stop notes where a browse is to go on.
func (cp *continuationPoint) stop(c *Core, kind, target int, k *referenceKind) uatypes.Status {
	cp.kind, cp.target = kind, target
	if !c.opts.Rules.sorted() {
		return uatypes.Good
	}
	cp.typeIndex = k.typeIndex
	clearExpanded(c.m, &cp.id)
	return copyExpanded(c.m, &cp.id, &k.targets[target].id)
}

// find looks for the target at which a browse is to go on. It reports whether it
// is still there.
func (cp *continuationPoint) find(n *node) bool {
	for i, k := range n.kinds {
		if k.typeIndex != cp.typeIndex ||
			k.inverse && cp.browse.BrowseDirection == browseForward || !k.inverse && cp.browse.BrowseDirection == browseInverse {
			continue
		}
		if t := findID(k.idRoot, &cp.id, hashExpandedNodeID(&cp.id)); t != nil {
			cp.kind, cp.target = i, slices.Index(k.targets, t)
			return true
		}
	}
	return false
}

// browseOn fills a result from the place where the continuation point is
// (browseWithContinuation). It reports whether there is nothing to continue.
func (c *Core) browseOn(cp *continuationPoint, result *uatypes.BrowseResult) (done bool) {
	b := &cp.browse
	if b.BrowseDirection > browseBoth {
		result.StatusCode = ua.StatusBadBrowseDirectionInvalid
		return true
	}
	if !b.ReferenceTypeID.IsNull() {
		if _, st := c.referenceTypeIndices(&b.ReferenceTypeID, false); st != uatypes.Good {
			result.StatusCode = st
			return true
		}
	}
	n := c.nodes.get(&b.NodeID)
	if n == nil {
		result.StatusCode = ua.StatusBadNodeIDUnknown
		return true
	}
	r := refResult{capacity: browseInitialSize}
	if r.a.P = c.m.Calloc(browseInitialSize*sizeofReferenceDescription, "UA_ReferenceDescription"); r.a.P == 0 {
		c.nodes.release(n)
		result.StatusCode = ua.StatusBadOutOfMemory
		return true
	}
	done, result.StatusCode = r.references(c, n, cp)
	c.nodes.release(n)
	if result.StatusCode != uatypes.Good {
		uatypes.ClearArray(c.m, &r.a)
		return true
	}
	if len(r.a.V) == 0 {
		uatypes.ClearArray(c.m, &r.a)
		r.a.P = uatypes.Empty
	}
	result.References = r.a
	return done
}

// Browse is one operation of the Browse service (Operation_Browse,
// src/server/ua_services_view.c). It fills a zero result with blocks that the
// caller clears. Without memory for the references the result is empty and its
// status code BadOutOfMemory. max is the requested number of references, 0 for
// no limit; if there are more the result has a continuation point.
func (c *Core) Browse(s *Session, max uint32, d *uatypes.BrowseDescription, result *uatypes.BrowseResult) {
	cp := continuationPoint{browse: *d, max: max}
	limit := c.Limits.MaxReferencesPerNode
	switch {
	case cp.max == 0 && limit != 0, limit != 0 && cp.max > limit:
		cp.max = limit
	case cp.max == 0:
		cp.max = math.MaxInt32
	}
	if d.ReferenceTypeID.IsNull() {
		cp.refs = anyReferenceType()
	} else {
		cp.refs, result.StatusCode = c.referenceTypeIndices(&d.ReferenceTypeID, d.IncludeSubtypes)
		if result.StatusCode != uatypes.Good {
			return
		}
	}
	if c.opts.Rules.typeLists() {
		if result.StatusCode = c.listTypes(&cp); result.StatusCode != uatypes.Good {
			return
		}
	}
	if c.browseOn(&cp, result) || result.StatusCode != uatypes.Good {
		c.m.Free(cp.list)
		return
	}
	if st := c.keep(s, &cp, result); st != uatypes.Good {
		uatypes.Clear(c.m, result)
		result.StatusCode = st
	}
}

// listTypes takes the list of the reference types that a browse follows, if it
// follows subtypes (referenceSubtypes, v1.0).
func (c *Core) listTypes(cp *continuationPoint) uatypes.Status {
	if cp.browse.ReferenceTypeID.IsNull() || !cp.browse.IncludeSubtypes {
		return uatypes.Good
	}
	rt, st := c.newRefTree()
	if st != uatypes.Good {
		return st
	}
	defer rt.clear()
	for i := range c.nodes.referenceTypes {
		if !cp.refs.contains(uint8(i)) {
			continue
		}
		if _, st := rt.add(&uatypes.ExpandedNodeID{NodeID: c.nodes.referenceTypes[i]}); st != uatypes.Good {
			return st
		}
	}
	if cp.list = c.m.Malloc(uint32(len(rt.targets))*sizeofNodeID, "UA_NodeId"); cp.list == 0 {
		return ua.StatusBadOutOfMemory
	}
	return uatypes.Good
}

// keep makes a continuation point of a browse that has more references.
func (c *Core) keep(s *Session, cp *continuationPoint, result *uatypes.BrowseResult) (st uatypes.Status) {
	if s.used >= maxContinuationPoints {
		return ua.StatusBadNoContinuationPoints
	}
	kept := *cp
	kept.identifier, kept.browse, kept.id = uatypes.Str{}, uatypes.BrowseDescription{}, uatypes.ExpandedNodeID{}
	kept.block = c.m.Malloc(c.opts.Rules.sizeofContinuationPoint(), "ContinuationPoint")
	if kept.block == 0 {
		return ua.StatusBadOutOfMemory
	}
	defer func() {
		if st != uatypes.Good {
			kept.clear(c)
			c.m.Free(kept.block)
		}
	}()
	if c.opts.Rules.typeLists() && kept.list == 0 && !cp.browse.ReferenceTypeID.IsNull() {
		if kept.list = c.m.Calloc(sizeofNodeID, "UA_NodeId"); kept.list == 0 {
			return ua.StatusBadOutOfMemory
		}
	}
	if st = uatypes.Copy(c.m, &kept.browse, &cp.browse); st != uatypes.Good {
		return st // the id of the next target is lost
	}
	kept.id = cp.id
	p := c.m.Calloc(sizeofGuid, "UA_Guid")
	if p == 0 {
		return ua.StatusBadOutOfMemory
	}
	id := c.randomGuid()
	kept.identifier = uatypes.Str{P: p, B: id[:]}
	if st = uatypes.Copy(c.m, &result.ContinuationPoint, &kept.identifier); st != uatypes.Good {
		return st
	}
	kept.next, s.points = s.points, &kept
	s.used++
	return uatypes.Good
}

// BrowseNext is one operation of the BrowseNext service (Operation_BrowseNext):
// it continues a browse, or gives its continuation point back if release is set.
// It fills a zero result with blocks that the caller clears.
func (c *Core) BrowseNext(s *Session, release bool, point *uatypes.Str, result *uatypes.BrowseResult) {
	prev := &s.points
	for *prev != nil && !(*prev).identifier.Equal(point) {
		prev = &(*prev).next
	}
	cp := *prev
	if cp == nil {
		result.StatusCode = ua.StatusBadContinuationPointInvalid
		return
	}
	if release || c.browseOn(cp, result) {
		*prev = cp.next
		cp.clear(c)
		c.m.Free(cp.block)
		s.used--
		return
	}
	if st := uatypes.Copy(c.m, &result.ContinuationPoint, &cp.identifier); st != uatypes.Good {
		uatypes.Clear(c.m, result)
		result.StatusCode = st
	}
}
