package nodestore

import (
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// maxContinuationPoints is how many continuation points a session can keep
// (UA_MAXCONTINUATIONPOINTS).
const maxContinuationPoints = 5

// Sizes in bytes (recorded).
const (
	sizeofContinuationPoint = 104 // ContinuationPoint
	sizeofNodeID            = 24  // UA_NodeId
	sizeofGuid              = 16  // UA_Guid, its identifier
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
