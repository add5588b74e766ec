package nodestore

import (
	"math"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

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
