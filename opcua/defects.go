package opcua

// Defect says whether the server has one of open62541's defects.
type Defect uint8

const (
	// DefectAsReleased is what the version of the server does.
	DefectAsReleased Defect = iota
	// DefectPresent and DefectAbsent are the one and the other in every version.
	DefectPresent
	DefectAbsent
)

// String names the value.
func (d Defect) String() string {
	switch d {
	case DefectPresent:
		return "present"
	case DefectAbsent:
		return "absent"
	}
	return "as released"
}

// in returns whether a defect is there, which a version has or has not.
func (d Defect) in(released bool) bool {
	return d == DefectPresent || d == DefectAsReleased && released
}

// Defects are the defects and surprising lifetimes of open62541 that can be chosen
// one by one, to see what each of them costs and what its repair gives. The zero
// value is what the version does. Those that are a time base have their settings in
// ServerConfig; how much of an unfinished message a channel keeps is in Buffers
// (MaxMessage, MaxChunks); ticks that wrap and a wall clock that is set later are
// settings of Firmware. FIDELITY.md has a row for each.
type Defects struct {
	// HelloOnlyCut: a connection with HEL and no OpenSecureChannel is cut at the
	// next housekeeping, within 10 s. Without it such a connection stays for ever.
	// Released so: v1.2-rc1 (UA_Server_cleanupTimedOutSecureChannels).
	HelloOnlyCut Defect
	// NoHelloCut: a connection on which no HEL has come is cut 120 s after it was
	// accepted. Without it such a connection stays for ever. Released so: all
	// (ServerNetworkLayerTCP_listen, arch/network_tcp.c).
	NoHelloCut Defect
	// RequestsOutliveChannel: publish requests stay with a session whose channel is
	// gone, so that the lifetime of its subscriptions does not run. Released so:
	// v1.0.3, v1.2-rc1, v1.2.10 (UA_Session_detachFromSecureChannel).
	RequestsOutliveChannel Defect
	// ShellsStay: a subscription that ends without a publish request is emptied and
	// its 192 bytes stay. Released so: v1.2-rc1 (UA_Subscription_publish).
	ShellsStay Defect
	// NullWrite: a sample for which there is no memory is written through NULL.
	// Released so: v1.2-rc1 (UA_Notification_new).
	NullWrite Defect
	// SendSpins: while a socket is full the whole server repeats the call, until
	// lwIP gives the connection up. Without it the connection is closed at once.
	// Released so: all (connection_write, arch/network_tcp.c).
	SendSpins Defect
	// EndpointsLeak: GetEndpoints forgets the copies made before one failed.
	// Released so: all but v1.0.3 (Service_GetEndpoints).
	EndpointsLeak Defect
	// CopiesLeak: of a structure whose copy fails, what the elements of arrays behind
	// the member that failed hold is forgotten. A CreateSession for which memory ends in
	// the middle of the endpoints leaves that behind. Released so: all (copyStructure,
	// in v1.0.3 UA_copy).
	CopiesLeak Defect
	// ChannelsPurged: when there are too many channels the oldest without a session
	// is thrown out. Without it the new connection is refused. Released so: all
	// (purgeFirstChannelWithoutSession).
	ChannelsPurged Defect
	// NewestDropped: of a full retransmission queue the newest message goes.
	// Without it the oldest does. Released so: v1.2-rc1, v1.2.10, v1.3.20
	// (UA_Subscription_addRetransmissionMessage).
	NewestDropped Defect
	// UserNameLeak: the user name of an earlier activation is not given back.
	// Released so: v1.2-rc1, v1.2.10 (activateSession_default).
	UserNameLeak Defect
	// ItemsStayCounted: a monitored item that is deleted still counts for the limit
	// of its subscription. Released so: v1.2-rc1 (UA_MonitoredItem_delete).
	ItemsStayCounted Defect
}

// behaviour is what Defects come to in a version.
type behaviour struct {
	helloOnlyCut, requestsOutliveChannel, shellsStay, nullWrite, sendSpins bool
	endpointsLeak, channelsPurged, newestDropped, userNameLeak             bool
	itemsStayCounted, copiesLeak, noHelloCut                               bool
}

func (d *Defects) of(v Version) behaviour {
	r := &releases[v]
	first := v == V1_2_RC1
	return behaviour{
		helloOnlyCut:           d.HelloOnlyCut.in(first),
		requestsOutliveChannel: d.RequestsOutliveChannel.in(!r.dropsRequests),
		shellsStay:             d.ShellsStay.in(!r.endedAtOnce),
		nullWrite:              d.NullWrite.in(!r.checkedNotifications),
		sendSpins:              d.SendSpins.in(true),
		endpointsLeak:          d.EndpointsLeak.in(!r.plainEndpoints),
		channelsPurged:         d.ChannelsPurged.in(true),
		newestDropped:          d.NewestDropped.in(true),
		userNameLeak:           d.UserNameLeak.in(!r.noUserName),
		itemsStayCounted:       d.ItemsStayCounted.in(first),
		copiesLeak:             d.CopiesLeak.in(true),
		noHelloCut:             d.NoHelloCut.in(true),
	}
}

// wholeMemory is the memory of a server without CopiesLeak.
type wholeMemory struct{ Memory }

// WholeCopies implements [uatypes.WholeCopier].
func (wholeMemory) WholeCopies() bool { return true }

// Roomy implements roomy.
func (m wholeMemory) Roomy(n uint32) bool {
	r, ok := m.Memory.(roomy)
	return ok && r.Roomy(n)
}

// sessionNow is the time that the deadlines of sessions are compared with.
func (s *Server) sessionNow() int64 { return s.cfg.SessionTimeBase.compared(s.cfg.Clock) }

// channelNow is the time that the ends of tokens are compared with.
func (s *Server) channelNow() int64 { return s.cfg.ChannelTimeBase.compared(s.cfg.Clock) }
