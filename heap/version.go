package heap

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is a release of ESP-IDF whose heap is modelled: major, minor and patch
// number in a byte each, so that a later release is a larger number. ESP-IDF
// changed what malloc keeps of a rounded request, the order in which heaps are
// searched and several capability rules between releases, so a heap always
// belongs to a version. Make one with ParseVersion, or take a constant.
type Version uint32

// The versions whose behaviour was recorded from the real allocator. The rules of
// the releases between them follow from the sources: each rule has the releases
// in which it came (see rulesOf).
const (
	// V4_4 is ESP-IDF v4.4.8. Releases v4.4.4 to v4.4.8 allocate alike.
	V4_4 Version = 0x040408
	// V5_3_1 is ESP-IDF v5.3.1 with the tlsf commit it pins (8fc595fe).
	// Releases v5.3 to v5.3.2 allocate alike.
	V5_3_1 Version = 0x050301
	// Master is ESP-IDF at commit 102122904ade (July 2026), on the way to v6.1.
	Master Version = 0xFF0000
)

func release(major, minor, patch uint32) Version { return Version(major<<16 | minor<<8 | patch) }

// String returns the name the recordings use, such as "v4.4.8", "v5.3.1" or
// "master".
func (v Version) String() string {
	switch {
	case v == Master:
		return "master"
	case v > 0xFFFFFF || v < 0x010000:
		return "Version(" + strconv.FormatUint(uint64(v), 10) + ")"
	}
	return fmt.Sprintf("v%d.%d.%d", v>>16, v>>8&255, v&255)
}

// AtLeast says whether the version is the given release or a later one; Master is
// later than all.
func (v Version) AtLeast(major, minor, patch int) bool {
	return v >= release(uint32(major), uint32(minor), uint32(patch))
}

// released are the releases whose sources were read, from the first to the last
// patch number of each line.
var released = [...]struct{ major, minor, first, last uint32 }{
	{4, 4, 4, 8}, {5, 0, 2, 9}, {5, 1, 0, 7}, {5, 2, 0, 7}, {5, 3, 0, 5}, {5, 4, 0, 4}, {5, 5, 0, 5}, {6, 0, 0, 2},
}

const knownReleases = "known are v4.4.4 to v4.4.8, v5.0.2 to v5.0.9, v5.1 to v5.1.7, v5.2 to v5.2.7, v5.3 to v5.3.5, v5.4 to v5.4.4, v5.5 to v5.5.5, v6.0 to v6.0.2 and master"

// ParseVersion reads an ESP-IDF version such as "v5.3.1", "5.5", "v4.4.8", "4.4"
// or "master". Releases that allocate like a recorded one are that version (see
// the constants), also "4.4" alone. A release whose rules are not known is an
// error that says why.
func ParseVersion(s string) (Version, error) {
	name := strings.TrimPrefix(strings.TrimSpace(s), "v")
	if name == "master" || name == "latest" {
		return Master, nil
	}
	part := strings.Split(name, ".")
	var n [3]uint32
	known := len(part) == 2 || len(part) == 3
	for i := range min(len(part), 3) {
		x, err := strconv.ParseUint(part[i], 10, 8)
		known = known && err == nil
		n[i] = uint32(x)
	}
	v := release(n[0], n[1], n[2])
	switch {
	case !known, v >= Master:
	case v == release(4, 4, 0) && len(part) == 2, v >= release(4, 4, 4) && v <= V4_4:
		return V4_4, nil
	case v >= release(4, 4, 0) && v < release(4, 4, 4), v == release(5, 0, 0), v == release(5, 0, 1):
		return 0, fmt.Errorf("heap: ESP-IDF version %q: v4.4.0 to v4.4.3, v5.0 and v5.0.1 fix the TLSF control structure at build time, an allocator that is not modelled; %s", s, knownReleases)
	case v >= release(5, 3, 0) && v <= release(5, 3, 2):
		return V5_3_1, nil
	case v.isReleased():
		return v, nil
	}
	return 0, fmt.Errorf("heap: ESP-IDF version %q is not known; %s", s, knownReleases)
}

func (v Version) isReleased() bool {
	for _, r := range released {
		if v >= release(r.major, r.minor, r.first) && v <= release(r.major, r.minor, r.last) {
			return true
		}
	}
	return v == Master
}

// since says whether the version has a change that came with the given releases,
// one a line, in ascending order: it is one of them or a later one of its line,
// or of a line newer than the last of them.
func (v Version) since(first ...Version) bool {
	for _, f := range first {
		if v >= f && v>>8 == f>>8 {
			return true
		}
	}
	last := first[len(first)-1]
	return v >= last
}
