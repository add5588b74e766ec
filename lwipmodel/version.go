package lwipmodel

import "fmt"

// A Version is a release of ESP-IDF, which says which lwIP is modelled. Every
// release pins a commit of esp-lwip; the model is exact for the commit of v5.3.1,
// and knows what the others do differently with TCP:
//
//   - v4.4: at most MaxActiveTCP PCBs on lwIP's lists, listeners and TIME_WAIT
//     included; beyond that one is killed for a new one. A close that lingers
//     blocks for ever if the connection ends while it waits.
//   - v5.0 to v5.1.5, v5.2.3 and v5.3.2: no limit but the heap.
//   - v5.1.6, v5.2.4, v5.3.3, v5.4 and later: at most MaxActiveTCP TCP_PCBs;
//     beyond that one in TIME_WAIT, LAST_ACK, CLOSING, FIN_WAIT_2 or FIN_WAIT_1
//     is killed for a new one.
//   - before v4.4.7, v5.0.5 and v5.1.3: the retransmission timeout of a SYN-ACK
//     backs off.
//   - before v4.4.5 and v5.0.2: a FIN that moves forward from the out-of-order
//     queue makes the segment one byte too long.
//   - v5.4 and later, with lwIP 2.2.0: an ACK that is no duplicate does not end
//     a row of duplicates, and a SYN-ACK in SYN_RCVD counts as a SYN.
//
// (esp-lwip: 8b599aa1, 6bf7044c, 9e62afff, 9cb96ac1, 3bfc85d2; the pins of
// ESP-IDF's tags.) The zero value is older than every release.
type Version struct{ Major, Minor, Patch int }

// ParseVersion reads "v5.3.1", "5.3.1", "5.3" or "master", which is newer than
// every release.
func ParseVersion(s string) (Version, error) {
	if s == "master" {
		return Version{Major: 1 << 10}, nil
	}
	var v Version
	t := s
	if len(t) > 0 && t[0] == 'v' {
		t = t[1:]
	}
	if n, err := fmt.Sscanf(t, "%d.%d.%d", &v.Major, &v.Minor, &v.Patch); n == 3 && err == nil {
		if t == fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) {
			return v, nil
		}
	} else if n == 2 && t == fmt.Sprintf("%d.%d", v.Major, v.Minor) {
		return v, nil
	}
	return Version{}, fmt.Errorf("lwipmodel: %q is not a version of ESP-IDF: want one like \"v5.3.1\" or \"master\"", s)
}

// AtLeast reports whether v is release major.minor or newer.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

// String returns the version as "5.3.1".
func (v Version) String() string {
	if v.Major >= 1<<10 {
		return "master"
	}
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
}

// since reports whether a release has a change that came with release first, and
// in older branches with one of the backports.
func (v Version) since(first Version, backports ...Version) bool {
	if v.AtLeast(first.Major, first.Minor) {
		return true
	}
	for _, b := range backports {
		if v.Major == b.Major && v.Minor == b.Minor && v.Patch >= b.Patch {
			return true
		}
	}
	return false
}

// changes is what depends on the release.
type changes struct {
	listLimit    bool // the PCBs on the lists are counted against MaxActiveTCP
	poolLimit    bool // the TCP_PCB blocks are counted against MaxActiveTCP, and FIN_WAIT PCBs are recycled
	lingerWakes  bool // a lingering close learns that its connection ended
	synRcvdConst bool // no back-off in SYN_RCVD
	finTrim      bool // a FIN taken from the out-of-order queue is kept when the segment is cut
	lwip22       bool // lwIP 2.2.0
}

func (v Version) changes() changes {
	return changes{
		listLimit:    !v.AtLeast(5, 0),
		poolLimit:    v.since(Version{5, 4, 0}, Version{5, 1, 6}, Version{5, 2, 4}, Version{5, 3, 3}),
		lingerWakes:  v.AtLeast(5, 0),
		synRcvdConst: v.since(Version{5, 2, 0}, Version{4, 4, 7}, Version{5, 0, 5}, Version{5, 1, 3}),
		finTrim:      v.since(Version{5, 1, 0}, Version{4, 4, 5}, Version{5, 0, 2}),
		lwip22:       v.AtLeast(5, 4),
	}
}
