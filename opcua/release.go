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
	V1_0_3
	V1_3_20
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

	sizes sizes

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
	// channelAtOpen says that a channel is made by the first OPN message, not with
	// the first bytes of a connection: until then what has arrived waits with the
	// connection, and the messages of a channel are collected chunk by chunk. A
	// session whose channel is gone cannot be activated on another.
	channelAtOpen bool
	// wallClockTokens says that the creation time of a channel's first token is the
	// wall clock, which is compared with the monotonic one.
	wallClockTokens bool
	// delaysWork says that what is to be freed later is freed at the end of the
	// turn, not by the timer at the next.
	delaysWork bool
	// plainEndpoints says that GetEndpoints leaves out discovery URLs and gives back
	// everything when a copy fails.
	plainEndpoints bool
	// ownSubscriptions says that a subscription always belongs to a session and ends
	// with it, that a session looks at its newest subscription first, and that the
	// end of a subscription is not told.
	ownSubscriptions bool
	// movedSamples says that a sample moves into its notification, and that only then
	// a copy is kept for comparison.
	movedSamples bool
	// noEvents says that the server is built without events and that a deadband
	// cannot be in percent.
	noEvents bool
	// noUserName says that the user name of a session is not kept.
	noUserName bool
	// keepsLocales says that a session keeps the locales of its activation and the user
	// name as a parameter.
	keepsLocales bool
	// dropsRequests says that the publish requests of a session go with its channel.
	dropsRequests bool
	// namesEndpoints says that the endpoints have discovery URLs once the server runs.
	namesEndpoints bool
	// plainFaults says that a service that fails is answered by a ServiceFault.
	plainFaults bool
	// noTimerDraws says that the timer draws no random numbers, skipsMissed that a
	// callback that missed its time waits a whole interval.
	noTimerDraws, skipsMissed bool
	// comparesValues says that a sample is compared as it is, not by its encoding, that
	// an item is sampled for the first time when it is no longer disabled, and that one
	// with a negative interval is sampled at each publishing interval.
	comparesValues bool
	// publishesAll says that everything in the queue is reported, not only what was
	// there at the last publishing interval, and that a subscription with more in it
	// stays late.
	publishesAll bool
	// arrayRatio is how many times larger than its encoding an array can be.
	arrayRatio uint32
}

// sizes are those of structures, in bytes (recorded).
type sizes struct {
	connection   uint32 // ConnectionEntry
	channel      uint32 // channel_entry
	session      uint32 // session_list_entry
	subscription uint32 // UA_Subscription
	timerEntry   uint32 // UA_TimerEntry
	item         uint32 // UA_MonitoredItem
	notification uint32 // UA_Notification
}

// releases are the tables of the versions. They are never written to.
var releases = [versions]release{
	V1_2_RC1: {
		name: "v1.2-rc1-20-g78a6721b", software: "1.2.0-rc1-20-g78a6721b-dirty",
		buffers: Buffers{Send: 65535, Receive: 65535}, arrayRatio: 32,
		sizes: sizes{connection: 64, channel: 272, session: 280, subscription: 192, timerEntry: 64, item: 280, notification: 96},
	},
	V1_2_10: {
		name: "v1.2.10", software: "1.2.10", base: &base1_2_10,
		nodes:   &nodestore.Rules{SizeofReferenceKind: 12, SizeofReferenceTarget: 68, SizeofContinuationPoint: 136, Sorted: true},
		buffers: Buffers{Send: 131072, Receive: 131072, MaxMessage: 1 << 30, MaxChunks: 1 << 15}, arrayRatio: 128,
		sizes:         sizes{connection: 64, channel: 272, session: 280, subscription: 192, timerEntry: 64, item: 304, notification: 96},
		freshChannels: true, storedParameters: true, checkedNotifications: true, endedAtOnce: true, emptyOutput: true,
	},
	V1_3_20: {
		name: "v1.3.20", software: "1.3.20", base: &base1_3_20,
		nodes: &nodestore.Rules{SizeofReferenceKind: 12, SizeofReferenceTarget: 24, SizeofContinuationPoint: 136, Sorted: true, ArrayUpTo: 16,
			SizeofSecurityPolicy: 248, SizeofAccessControl: 36},
		buffers: Buffers{Send: 131072, Receive: 131072, MaxMessage: 1 << 30, MaxChunks: 1 << 15}, arrayRatio: 128,
		sizes:         sizes{connection: 64, channel: 272, session: 296, subscription: 192, timerEntry: 64, item: 312, notification: 128},
		freshChannels: true, storedParameters: true, checkedNotifications: true, endedAtOnce: true, emptyOutput: true,
		noUserName: true, keepsLocales: true, dropsRequests: true, namesEndpoints: true, plainFaults: true,
		noTimerDraws: true, skipsMissed: true, comparesValues: true, publishesAll: true,
	},
	V1_0_3: {
		name: "v1.0.3", software: "1.0.3", base: &base1_0_3,
		nodes: &nodestore.Rules{SizeofReferenceKind: 40, SizeofReferenceTarget: 52, SizeofContinuationPoint: 96, TypeLists: true, PlainFailures: true,
			SizeofNetworkLayer: 48, SizeofNetworkLayerTCP: 272, SizeofSecurityPolicy: 268},
		buffers: Buffers{Send: 65535, Receive: 65535}, arrayRatio: 32,
		sizes:         sizes{connection: 104, channel: 184, session: 232, subscription: 144, timerEntry: 72, item: 192, notification: 80},
		channelAtOpen: true, wallClockTokens: true, delaysWork: true, plainEndpoints: true, ownSubscriptions: true, endedAtOnce: true,
		movedSamples: true, noEvents: true, noUserName: true, checkedNotifications: true,
	},
}
