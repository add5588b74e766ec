package sdkconfig

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is a release of ESP-IDF, for example 5.3.1.
type Version struct {
	Major, Minor, Patch int
}

// reference lists, for each minor release this package knows, the patch release whose Kconfig files stand for it
// when only the minor release is named. 4.4.8 and 5.3.1 are the releases that the recordings were made from; for the
// others it is the newest patch release that was read.
var reference = []Version{
	{4, 4, 8}, {5, 0, 9}, {5, 1, 7}, {5, 2, 7}, {5, 3, 1}, {5, 4, 4}, {5, 5, 5}, {6, 0, 2},
}

// standard is the release that a file without any sign of its release is read for.
var standard = Version{5, 3, 1}

// Versions lists the releases of ESP-IDF that the option table covers, one patch release for each minor release, oldest
// first. Patch releases in between are told apart where their Kconfig files differ.
func Versions() []Version {
	return append([]Version(nil), reference...)
}

// String returns the release with all three numbers: "5.3.1", "6.0.0".
func (v Version) String() string {
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
}

// Compare returns -1, 0 or +1 as v is older than, the same as or newer than w.
func (v Version) Compare(w Version) int {
	a, b := v.number(), w.number()
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (v Version) number() int { return v.Major*1_000_000 + v.Minor*1000 + v.Patch }

// ParseVersion reads a release as people write it: "5.3.1", "v5.3.1", "5.3" (which stands for its reference release,
// here 5.3.1), "5.3-dev" or "v5.4-rc1" (the same as their minor release). It says nothing about whether the option
// table covers the release.
func ParseVersion(s string) (Version, error) {
	text, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(s), "v"), "-")
	parts := strings.Split(text, ".")
	var n [3]int
	if len(parts) < 2 || len(parts) > 3 {
		return Version{}, fmt.Errorf("sdkconfig: ESP-IDF release %q: expected MAJOR.MINOR or MAJOR.MINOR.PATCH", s)
	}
	for i, p := range parts {
		v, err := strconv.ParseUint(p, 10, 9)
		if err != nil {
			return Version{}, fmt.Errorf("sdkconfig: ESP-IDF release %q: expected a number below 512, found %q", s, p)
		}
		n[i] = int(v)
	}
	v := Version{n[0], n[1], n[2]}
	if len(parts) == 2 {
		for _, r := range reference {
			if r.Major == v.Major && r.Minor == v.Minor {
				return r, nil
			}
		}
	}
	return v, nil
}

// covered returns the release whose options stand for v, and whether that is v's own minor release: older and newer
// releases are read as the nearest one that the option table covers.
func covered(v Version) (Version, bool) {
	best := reference[0]
	for _, r := range reference {
		if r.Major == v.Major && r.Minor == v.Minor {
			return v, true
		}
		if r.Compare(v) <= 0 {
			best = r
		}
	}
	return best, false
}
