package opcua

import (
	"fmt"
	"strings"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/nodestore"
)

// Version is a version of open62541.
type Version uint8

// The versions that the server can be. Every one but the first has the memory of
// its namespace 0 from a recording, as sizes only: what its nodes hold is not
// known one by one.
const (
	V1_2_RC1 Version = iota // v1.2-rc1-20-g78a6721b, which opcua-esp32 ships
	V1_2_10
	versions
)

// String returns the version as the recordings name it: "v1.2.10".
func (v Version) String() string {
	if v < versions {
		return releases[v].name
	}
	return fmt.Sprintf("Version(%d)", uint8(v))
}

// ParseVersion turns the name of a version, with or without "v", into it.
func ParseVersion(name string) (Version, error) {
	var names []string
	for v := range versions {
		n := releases[v].name
		if n == name || strings.TrimPrefix(n, "v") == name {
			return v, nil
		}
		names = append(names, n)
	}
	return 0, fmt.Errorf("opcua: version %q of open62541: expected one of %s", name, strings.Join(names, ", "))
}

// release is what differs between versions.
type release struct {
	name     string
	software string // BuildInfo
	buffers  Buffers
	base     *base // memory of namespace 0, nil: it follows from the nodes

	nodes *nodestore.Rules

	sizeofMonitoredItem uint32

	// freshChannels says that a channel that has no token yet is left alone by the
	// housekeeping, and that its state is another than that of a closed one.
	freshChannels bool
	// storedParameters says that a monitored item keeps the whole request that made
	// it, with the filter as an extension object, and checks it before the item is
	// made.
	storedParameters bool
	// checkedNotifications says that a notification for which there is no memory is
	// left out instead of written through NULL.
	checkedNotifications bool
	// endedAtOnce says that a subscription whose lifetime has ended is deleted even
	// if nobody can be told.
	endedAtOnce bool
	// emptyOutput says that GetMonitoredItems returns empty arrays unless it has items
	// to tell, and notices when there is no memory for these.
	emptyOutput bool
	// arrayRatio is how many times larger than its encoding an array can be.
	arrayRatio uint32
}

// releases are the tables of the versions. They are never written to.
var releases = [versions]release{
	V1_2_RC1: {
		name: "v1.2-rc1-20-g78a6721b", software: "1.2.0-rc1-20-g78a6721b-dirty",
		buffers: Buffers{Send: 65535, Receive: 65535}, arrayRatio: 32,
		sizeofMonitoredItem: 280,
	},
	V1_2_10: {
		name: "v1.2.10", software: "1.2.10", base: &base1_2_10,
		nodes:   &nodestore.Rules{SizeofReferenceKind: 12, SizeofReferenceTarget: 68, SizeofContinuationPoint: 136, Sorted: true},
		buffers: Buffers{Send: 131072, Receive: 131072, MaxMessage: 1 << 30, MaxChunks: 1 << 15}, arrayRatio: 128,
		sizeofMonitoredItem: 304, freshChannels: true, storedParameters: true, checkedNotifications: true, endedAtOnce: true, emptyOutput: true,
	},
}
