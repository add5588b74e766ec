package outage

import (
	"fmt"
)

// A Rescue is a set of changes with which a device survives.
type Rescue struct {
	Fixes []Fix // in the order in which they were offered; none: it survives as it is
	Trial Trial
	// Smallest says that every smaller set was tried. Else no change of the set can
	// be left out, but another set may be smaller.
	Smallest bool
}

// FindRescue searches the smallest set of changes with which the device survives
// n clients that come as the case says, and nothing of a client stays for ever,
// since that kills it later. It is nil if not even all of them together are
// enough. Sets of up to depth changes are all tried, the smaller
// first; if none is enough, it starts with all and leaves out what can be left
// out. A change that the configuration does not allow, or with which the device
// does not start, is left out of the search and said by Progress.
func FindRescue(c Case, n int, fixes []Fix, depth int, s Search) (*Rescue, error) {
	report := func(t Trial) {
		if s.Progress != nil {
			s.Progress(t)
		}
	}
	attempt := func(set []Fix) (Trial, error) {
		changed, what := c, "as it is"
		for i, f := range set {
			if i == 0 {
				what = f.Name
			} else {
				what += " + " + f.Name
			}
			var err error
			if changed, err = changed.With(f); err != nil {
				return Trial{}, err
			}
		}
		t, err := changed.try(what, c.Every, n)
		if err == nil && !t.Died {
			t, err = changed.lasting(t)
		}
		if err == nil {
			report(t)
		}
		return t, err
	}
	t, err := attempt(nil)
	if err != nil {
		return nil, err
	}
	if !t.Died {
		return &Rescue{Trial: t, Smallest: true}, nil
	}
	var able []Fix
	for _, f := range fixes {
		t, err := attempt([]Fix{f})
		if err != nil {
			report(Trial{What: f.Name, Why: err.Error(), Died: true, Period: c.Every})
			continue
		}
		if !t.Died {
			return &Rescue{Fixes: []Fix{f}, Trial: t, Smallest: true}, nil
		}
		able = append(able, f)
	}
	all, err := attempt(able)
	if err != nil || all.Died {
		return nil, err
	}
	for size := 2; size <= min(depth, len(able)); size++ {
		var found *Rescue
		err := subsets(able, size, func(set []Fix) (bool, error) {
			t, err := attempt(set)
			if err == nil && !t.Died {
				found = &Rescue{Fixes: append([]Fix(nil), set...), Trial: t, Smallest: true}
			}
			return found == nil, err
		})
		if err != nil || found != nil {
			return found, err
		}
	}
	rescue := &Rescue{Fixes: able, Trial: all, Smallest: len(able) <= depth+1}
	for i := 0; i < len(rescue.Fixes); {
		without := append(append([]Fix(nil), rescue.Fixes[:i]...), rescue.Fixes[i+1:]...)
		t, err := attempt(without)
		if err != nil {
			return nil, err
		}
		if t.Died {
			i++
			continue
		}
		rescue.Fixes, rescue.Trial = without, t
	}
	return rescue, nil
}

// subsets calls f with every set of that size, in the order of the list, until it
// returns false or an error.
func subsets(all []Fix, size int, f func([]Fix) (bool, error)) error {
	var choose func(set []Fix, from int) (bool, error)
	choose = func(set []Fix, from int) (bool, error) {
		if len(set) == size {
			return f(set)
		}
		for i := from; i < len(all); i++ {
			if more, err := choose(append(set, all[i]), i+1); !more || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	_, err := choose(make([]Fix, 0, size), 0)
	return err
}

// lasting is a trial that was survived, or what kills the device later: that
// something of a client stays for ever.
func (c Case) lasting(t Trial) (Trial, error) {
	one, err := Survey(c, 1, true)
	if err != nil {
		return t, err
	}
	if len(one.Never) > 0 || one.Held > 0 {
		t.Died, t.Why = true, fmt.Sprintf("not yet, but each client leaves %d bytes behind for ever", one.Held)
	}
	return t, nil
}
