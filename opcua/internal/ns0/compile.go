package ns0

import (
	"fmt"
	"slices"

	"github.com/gopcua/opcua/ua"
)

// Node ids of the reference types that the order of nodes depends on, of the nodes
// that have no parent although something refers to them, and of the dictionaries of
// types.
const (
	idHierarchicalReferences = 33
	idHasEncoding            = 38
	idHasTypeDefinition      = 40
	idHasSubtype             = 45
	idBaseDataType           = 24
	idBaseVariableType       = 62
	idMandatory              = 78
	idBinaryDictionary       = 7617 // Opc.Ua (OPC Binary)
	idXMLDictionary          = 8252 // Opc.Ua (XML Schema)
	idOptional               = 80
	idRoot                   = 84
)

// compile turns a nodeset into steps as open62541's nodeset compiler does
// (tools/nodeset_compiler, backend_open62541.py):
//
//  1. Each reference gets its other direction in the node that it leads to. Then the
//     nodes that are not wanted go, with all that is below them and all references to
//     it (its option --blacklist).
//  2. A node's parent is where its inverse HasSubtype leads, or else its first
//     inverse hierarchical reference.
//  3. The nodes are put in order, so that a node comes after those that it refers
//     to; types of references and of data come first, then the rest.
//  4. In this order each node begins: it is added with its parent and its type, then
//     it gets its other references to nodes that are there already. A reference type
//     is finished at once.
//  5. In reverse order the others are finished.
//
// The compiler keeps references in sets that have another order in each of its runs;
// here they are in the order of the file, those of step 1 behind them.
func (set *nodeset) compile(base []Step, unwanted ...uint32) ([]Step, error) {
	for _, s := range base {
		if n := set.byID[s.ID]; n != nil && s.Verb <= Begin {
			n.hidden = true
		}
	}
	if err := set.addInverseReferences(); err != nil {
		return nil, err
	}
	set.remove(unwanted)
	set.findParents()
	order, err := set.sort()
	if err != nil {
		return nil, err
	}
	var steps, finishes []Step
	begun := map[uint32]bool{}
	for _, n := range order {
		begun[n.id] = true
		if n.hidden {
			continue
		}
		begin, err := set.begin(n)
		if err != nil {
			return nil, fmt.Errorf("line %d: node %d: %w", n.line, n.id, err)
		}
		steps = append(steps, begin)
		ownType := begin.Type == 0
		for _, r := range n.references {
			switch {
			case !ownType && r == (reference{idHasTypeDefinition, begin.Type, true}):
				ownType = true
			case !begun[r.target] || n.parent != nil && r.target == n.parent.id && r.kind == n.parentType:
			default:
				steps = append(steps, Step{Line: n.line, Verb: Ref, ID: n.id, Reference: r.kind, Parent: r.target, Forward: r.forward})
			}
		}
		finish := Step{Line: n.line, Verb: Finish, ID: n.id}
		switch n.class {
		case ua.NodeClassReferenceType:
			steps = append(steps, finish)
			continue
		case ua.NodeClassMethod:
			finish.Verb = FinishMethod
		}
		finishes = append(finishes, finish)
	}
	for i := len(finishes) - 1; i >= 0; i-- {
		steps = append(steps, finishes[i])
	}
	return steps, nil
}

// addInverseReferences gives each reference its other direction.
func (set *nodeset) addInverseReferences() error {
	known := map[[2]uint32]map[reference]bool{}
	note := func(n *fileNode, r reference) bool {
		key := [2]uint32{n.id, r.target}
		if known[key][r] {
			return false
		}
		if known[key] == nil {
			known[key] = map[reference]bool{}
		}
		known[key][r] = true
		return true
	}
	for _, n := range set.nodes {
		for _, r := range n.references {
			if set.byID[r.target] == nil || set.byID[r.kind] == nil {
				return fmt.Errorf("line %d: node %d: reference %d to %d: there is no such node", n.line, n.id, r.kind, r.target)
			}
			note(n, r)
		}
	}
	for _, n := range set.nodes {
		for i := 0; i < len(n.references); i++ {
			r := n.references[i]
			if back := (reference{r.kind, n.id, !r.forward}); note(set.byID[r.target], back) {
				set.byID[r.target].references = append(set.byID[r.target].references, back)
			}
		}
	}
	return nil
}

// remove takes nodes out, with what is below them.
func (set *nodeset) remove(unwanted []uint32) {
	hierarchical := set.subtypes(idHierarchicalReferences)
	gone := map[uint32]bool{}
	for len(unwanted) > 0 {
		n := set.byID[unwanted[0]]
		unwanted = unwanted[1:]
		if n == nil {
			continue
		}
		gone[n.id] = true
		delete(set.byID, n.id)
		for _, r := range n.references {
			if r.forward && hierarchical[r.kind] {
				unwanted = append(unwanted, r.target)
			}
		}
	}
	set.nodes = slices.DeleteFunc(set.nodes, func(n *fileNode) bool { return gone[n.id] })
	for _, n := range set.nodes {
		n.references = slices.DeleteFunc(n.references, func(r reference) bool { return gone[r.target] })
	}
}

// subtypes returns the ids of a type and of all below it.
func (set *nodeset) subtypes(of ...uint32) map[uint32]bool {
	found := map[uint32]bool{}
	for len(of) > 0 {
		id := of[len(of)-1]
		of = of[:len(of)-1]
		if found[id] || set.byID[id] == nil {
			continue
		}
		found[id] = true
		for _, r := range set.byID[id].references {
			if r.kind == idHasSubtype && r.forward {
				of = append(of, r.target)
			}
		}
	}
	return found
}

// findParents finds the parents of all nodes.
func (set *nodeset) findParents() {
	hierarchical := set.subtypes(idHierarchicalReferences)
	for _, n := range set.nodes {
		if n.id == idMandatory || n.id == idOptional || n.id == idRoot {
			continue
		}
		for _, subtype := range []bool{true, false} {
			for _, r := range n.references {
				if n.parent == nil && !r.forward && (subtype && r.kind == idHasSubtype || !subtype && hierarchical[r.kind]) {
					n.parent, n.parentType = set.byID[r.target], r.kind
				}
			}
		}
	}
}

// sort puts the nodes into the order in which they are added: Kahn's algorithm, with
// the nodes that wait on a stack. Instances come after their types.
func (set *nodeset) sort() ([]*fileNode, error) {
	relevant := set.subtypes(idHierarchicalReferences, idHasEncoding, idHasTypeDefinition)
	leads := func(r reference) (counts, forward bool) {
		return relevant[r.kind] && !set.byID[r.target].hidden, r.forward != (r.kind == idHasTypeDefinition)
	}
	waits := map[uint32]int{} // for so many nodes
	var order []*fileNode
	left := 0
	for _, n := range set.nodes {
		if n.hidden {
			order = append(order, n)
			continue
		}
		left++
		for _, r := range n.references {
			if counts, forward := leads(r); counts && !forward {
				waits[n.id]++
			}
		}
	}
	done := map[uint32]bool{}
	for _, types := range []bool{true, false} {
		var stack []*fileNode
		for _, n := range set.nodes {
			if !n.hidden && !done[n.id] && waits[n.id] == 0 &&
				(!types || n.class == ua.NodeClassReferenceType || n.class == ua.NodeClassDataType) {
				stack = append(stack, n)
			}
		}
		for len(stack) > 0 {
			n := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			order = append(order, n)
			done[n.id] = true
			left--
			for _, r := range n.references {
				if counts, forward := leads(r); counts && forward {
					if waits[r.target]--; waits[r.target] == 0 {
						stack = append(stack, set.byID[r.target])
					}
				}
			}
		}
	}
	if left > 0 {
		for _, n := range set.nodes {
			if !n.hidden && !done[n.id] {
				return nil, fmt.Errorf("line %d: node %d: its references lead in a circle (%d nodes)", n.line, n.id, left)
			}
		}
	}
	return order, nil
}

// begin makes the step that adds a node.
func (set *nodeset) begin(n *fileNode) (Step, error) {
	s := Step{Line: n.line, Verb: Begin, ID: n.id, Reference: n.parentType, Class: n.class, BrowseName: n.browseName}
	if n.parent != nil {
		s.Parent = n.parent.id
	}
	a := &s.Attributes
	a.DisplayName, a.InverseName = n.displayName, n.inverseName
	a.IsAbstract, a.Symmetric = n.abstract, n.symmetric
	a.EventNotifier = n.eventNotifier
	switch n.class {
	case ua.NodeClassMethod:
		a.Executable = n.executable
	case ua.NodeClassObject:
		s.Type = n.typeDefinition()
	case ua.NodeClassVariable, ua.NodeClassVariableType:
		if n.class == ua.NodeClassVariable {
			s.Type = n.typeDefinition()
			a.AccessLevel, a.MinimumSamplingInterval = n.accessLevel, n.samplingInterval
		}
		var err error
		if a.DataType, err = set.dataType(n, 0); err != nil {
			return s, err
		}
		if a.ValueRank, err = set.valueRank(n, 0); err != nil {
			return s, err
		}
		if a.ValueRank > 0 {
			a.ArrayDimensions = make([]uint32, a.ValueRank)
			if len(n.arrayDimensions) == len(a.ArrayDimensions) {
				copy(a.ArrayDimensions, n.arrayDimensions)
			}
		}
		if n.value != nil {
			if a.Value, err = fileValue(n.value, a.DataType, a.ValueRank); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

func (n *fileNode) typeDefinition() uint32 {
	for _, r := range n.references {
		if r.kind == idHasTypeDefinition && r.forward {
			return r.target
		}
	}
	return 0
}

// above returns the type that a variable or a type of variables has its attributes
// from. Depth bounds the way up.
func (set *nodeset) above(n *fileNode, depth int) (*fileNode, error) {
	t := n.parent
	if n.class == ua.NodeClassVariable {
		t = set.byID[n.typeDefinition()]
	}
	if t == nil || t.class != ua.NodeClassVariableType || depth > len(set.nodes) {
		return nil, fmt.Errorf("no type of variables above node %d", n.id)
	}
	return t, nil
}

// dataType returns a variable's data type, from its type if it has none of its own.
func (set *nodeset) dataType(n *fileNode, depth int) (uint32, error) {
	switch {
	case n.dataType != 0:
		return n.dataType, nil
	case n.id == idBaseVariableType:
		return idBaseDataType, nil
	}
	t, err := set.above(n, depth)
	if err != nil {
		return 0, err
	}
	return set.dataType(t, depth+1)
}

// valueRank returns a variable's value rank. Without one of its own it is that of its
// type, if that demands an array, or else scalar.
func (set *nodeset) valueRank(n *fileNode, depth int) (int32, error) {
	switch {
	case n.valueRank != nil:
		return *n.valueRank, nil
	case n.id == idBaseVariableType:
		return -2, nil
	}
	t, err := set.above(n, depth)
	if err != nil {
		return 0, err
	}
	rank, err := set.valueRank(t, depth+1)
	if rank < 0 {
		rank = -1
	}
	return rank, err
}
