package nodestore

import (
	"cmp"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// aaEntry is the place of a reference target in one of its two trees.
type aaEntry struct {
	left, right *target
	level       uint32
}

// aaTree is an Andersson tree of reference targets (deps/aa_tree.c): a target
// and its right child can share a level, a target and its left child cannot.
// Among equal targets the address of the block decides, so that the place of
// targets with the same browse name follows from where the heap put them.
//
// The shape of the tree shows: a lookup by browse name begins with the topmost
// of several equal targets.
type aaTree struct {
	entry   func(*target) *aaEntry
	compare func(a, b *target) int
}

// byID is the tree that finds a target by its node id, byName the one that finds
// targets by the hash of their browse name.
var (
	byID = aaTree{
		entry: func(t *target) *aaEntry { return &t.byID },
		compare: func(a, b *target) int {
			if c := cmp.Compare(a.idHash, b.idHash); c != 0 {
				return c
			}
			return compareExpanded(&a.id, &b.id)
		},
	}
	byName = aaTree{
		entry:   func(t *target) *aaEntry { return &t.byName },
		compare: func(a, b *target) int { return cmp.Compare(a.nameHash, b.nameHash) },
	}
)

// order compares two targets that are both in the tree.
func (tr aaTree) order(a, b *target) int {
	if c := tr.compare(a, b); c != 0 {
		return c
	}
	return cmp.Compare(a.block, b.block)
}

func (tr aaTree) level(t *target) uint32 {
	if t == nil {
		return 0
	}
	return tr.entry(t).level
}

// skew turns a left child of the same level into the root.
func (tr aaTree) skew(t *target) *target {
	if t == nil {
		return nil
	}
	e := tr.entry(t)
	l := e.left
	if l == nil || tr.entry(l).level != e.level {
		return t
	}
	e.left, tr.entry(l).right = tr.entry(l).right, t
	return l
}

// split raises the middle of three targets of the same level in a row.
func (tr aaTree) split(t *target) *target {
	if t == nil {
		return nil
	}
	e := tr.entry(t)
	r := e.right
	if r == nil || tr.level(tr.entry(r).right) != e.level {
		return t
	}
	re := tr.entry(r)
	e.right, re.left = re.left, t
	re.level++
	return r
}

// insert adds a target below root and returns the new root.
func (tr aaTree) insert(root, t *target) *target {
	if root == nil {
		*tr.entry(t) = aaEntry{level: 1}
		return t
	}
	e := tr.entry(root)
	if tr.order(t, root) < 0 {
		e.left = tr.insert(e.left, t)
	} else {
		e.right = tr.insert(e.right, t)
	}
	return tr.split(tr.skew(root))
}

// remove takes a target out of the tree below root and returns the new root.
func (tr aaTree) remove(root, t *target) *target {
	if root == nil {
		return nil
	}
	e := tr.entry(root)
	switch {
	case root == t:
		if e.left == nil && e.right == nil {
			return nil
		}
		var next *target
		if e.left == nil {
			e.right, next = tr.unlinkFirst(e.right)
		} else {
			e.left, next = tr.unlinkLast(e.left)
		}
		*tr.entry(next) = *e
		root = next
	case tr.order(t, root) < 0:
		e.left = tr.remove(e.left, t)
	default:
		e.right = tr.remove(e.right, t)
	}
	return tr.rebalance(root)
}

func (tr aaTree) unlinkFirst(root *target) (rest, first *target) {
	e := tr.entry(root)
	if e.left == nil {
		return e.right, root
	}
	e.left, first = tr.unlinkFirst(e.left)
	return tr.rebalance(root), first
}

func (tr aaTree) unlinkLast(root *target) (rest, last *target) {
	e := tr.entry(root)
	if e.right == nil {
		return e.left, root
	}
	e.right, last = tr.unlinkLast(e.right)
	return tr.rebalance(root), last
}

// rebalance restores the levels of root after a removal below it. Unlike in the
// textbook a missing right child does not count, so that after removals a target
// can be two levels above nothing on its right.
func (tr aaTree) rebalance(root *target) *target {
	e := tr.entry(root)
	level := tr.level(e.left)
	if e.right != nil {
		level = min(level, tr.level(e.right))
	}
	level++
	e.level = min(e.level, level)
	if e.right != nil {
		r := tr.entry(e.right)
		r.level = min(r.level, level)
	}
	root = tr.skew(root)
	e = tr.entry(root)
	e.right = tr.skew(e.right)
	if e.right != nil {
		r := tr.entry(e.right)
		r.right = tr.skew(r.right)
	}
	root = tr.split(root)
	e = tr.entry(root)
	e.right = tr.split(e.right)
	return root
}

// findID returns the target with a node id, nil if there is none.
func findID(root *target, id *uatypes.ExpandedNodeID, hash uint32) *target {
	for root != nil {
		c := cmp.Compare(hash, root.idHash)
		if c == 0 {
			c = compareExpanded(id, &root.id)
		}
		switch {
		case c == 0:
			return root
		case c < 0:
			root = root.byID.left
		default:
			root = root.byID.right
		}
	}
	return nil
}

// findName returns the topmost target with a hash of the browse name, nil if
// there is none.
func findName(root *target, hash uint32) *target {
	for root != nil && root.nameHash != hash {
		if hash < root.nameHash {
			root = root.byName.left
		} else {
			root = root.byName.right
		}
	}
	return root
}

// allNamed appends the targets with a hash of the browse name, in order.
func allNamed(all []*target, root *target, hash uint32) []*target {
	if root == nil {
		return all
	}
	if hash <= root.nameHash {
		all = allNamed(all, root.byName.left, hash)
	}
	if hash == root.nameHash {
		all = append(all, root)
	}
	if hash >= root.nameHash {
		all = allNamed(all, root.byName.right, hash)
	}
	return all
}
