package outage

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// A Trial is one row of clients that a search let come.
type Trial struct {
	What    string        // what was changed, or the period
	Period  time.Duration // from one client's coming to the next one's
	Clients int           // that were to come
	Served  int           // before the first that was not
	Died    bool          // some client was not served
	Failure *heap.Failure // the first allocation that failed; nil: none
	Why     string        // in words; empty if all were served
	After   time.Duration // from the first client's coming to that of the one that was not served
}

// String prints the trial as a line of progress.
func (t Trial) String() string {
	if !t.Died {
		return fmt.Sprintf("%s: survives %d clients, one every %v", t.What, t.Clients, t.Period)
	}
	return fmt.Sprintf("%s: dies after %d clients, one every %v: %s", t.What, t.Served, t.Period, t.Why)
}

// A Search bounds what is tried.
type Search struct {
	// Shortest and Longest are the periods to try. 0: the clients' stay and 5 s,
	// and the time after which nothing of one client is left when the next comes,
	// or the case's own period if something stays for ever.
	Shortest, Longest time.Duration
	// Clients is how many clients at most come in one trial. 0: 50.
	Clients int
	// Progress is told of each trial. Nil: nobody.
	Progress func(Trial)
}

// A Critical is how often a population of clients may come until a device dies
// of it.
type Critical struct {
	// Hold is after how long what one lost client left behind is free again;
	// negative if some of it stays for ever, and Held is how many bytes then.
	Hold time.Duration
	Held int
	// Dies is the trial with the longest period, of those tried, in which the
	// device died; nil: it died in none.
	Dies *Trial
	// Survives is the trial with the shortest period above that in which it did
	// not; nil: it died in all.
	Survives *Trial
	// Limited says that the device survived a trial in which Search.Clients were
	// fewer than can be there at once: more might have filled the memory.
	Limited bool
}

// FindCritical searches the longest period between clients with which the device
// of a case dies. What a lost client leaves is there for a time; the shorter the
// period, the more of them are there at once. So the search measures that time
// with one client, and then halves the interval between a period that kills and
// one that does not, until they are within a second or two per cent. Each trial
// lets so many clients come as can be there at once, and five more.
//
// If something stays for ever, the device dies with every period; Dies is then
// the trial with the longest.
func FindCritical(c Case, s Search) (*Critical, error) {
	if s.Clients == 0 {
		s.Clients = 50
	}
	if s.Shortest == 0 {
		s.Shortest = c.Stay + 5*time.Second
	}
	one, err := Survey(c, 1, true)
	if err != nil {
		return nil, err
	}
	f := &Critical{Held: one.Held, Hold: one.Waited}
	if len(one.Never) > 0 || one.Held > 0 {
		f.Hold = -1
	}
	switch {
	case s.Longest == 0 && f.Hold < 0:
		s.Longest = max(c.Every, s.Shortest)
	case s.Longest == 0:
		s.Longest = max(f.Hold+c.Stay+10*time.Second, 2*s.Shortest).Round(time.Second)
	}
	if s.Shortest <= 0 || s.Longest < s.Shortest || s.Clients < 1 {
		return nil, fmt.Errorf("outage: search from %v to %v with %d clients: a positive period, a longer one and at least one client were expected", s.Shortest, s.Longest, s.Clients)
	}
	try := func(period time.Duration) (Trial, error) {
		n, limited := s.Clients, false
		if f.Hold >= 0 {
			all := int((f.Hold+c.Stay)/period) + 5
			n, limited = min(n, all), n < all
		}
		t, err := c.try("every "+period.String(), period, n)
		if err != nil {
			return t, err
		}
		f.Limited = f.Limited || limited && !t.Died
		if s.Progress != nil {
			s.Progress(t)
		}
		return t, nil
	}
	long, err := try(s.Longest)
	if err != nil {
		return nil, err
	}
	if long.Died {
		f.Dies = &long
		return f, nil
	}
	short, err := try(s.Shortest)
	if err != nil {
		return nil, err
	}
	if !short.Died {
		f.Survives = &short
		return f, nil
	}
	for long.Period-short.Period > max(time.Second, short.Period/50) {
		t, err := try(middle(short.Period, long.Period))
		if err != nil {
			return nil, err
		}
		if t.Died {
			short = t
		} else {
			long = t
		}
	}
	f.Dies, f.Survives = &short, &long
	return f, nil
}

// middle is a period between two: their geometric mean where they are far apart,
// in whole seconds.
func middle(a, b time.Duration) time.Duration {
	for a*4 < b {
		a, b = a*2, b/2
	}
	m := (a + b) / 2
	if r := m.Round(time.Second); r > a && r < b {
		return r
	}
	return m
}

// try lets n clients come with a period.
func (c Case) try(what string, period time.Duration, n int) (Trial, error) {
	c.Every = period
	o, err := Survey(c, n, false)
	if err != nil {
		return Trial{}, err
	}
	t := Trial{What: what, Period: period, Clients: n, Served: o.Served, Failure: o.Failure, Died: o.First != nil}
	if !t.Died {
		return t, nil
	}
	t.After = time.Duration(o.Served) * period
	switch {
	case o.Dead != "":
		t.Why = o.Dead
	case o.Failure != nil:
		t.Why = fmt.Sprintf("no memory for %s of %s: %d bytes, free %d, largest block %d", o.Failure.Tag.What, o.Failure.Tag.Object,
			o.Failure.Size, o.Failure.Free, o.Failure.Largest)
	default:
		t.Why = fmt.Sprint(o.First.Report.Err)
	}
	return t, nil
}

// Try lets n clients come as the case says.
func (c Case) Try(n int) (Trial, error) { return c.try("as it is", c.Every, n) }
