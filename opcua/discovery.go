package opcua

import (
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

const (
	// sizeofRegisteredServer is the size of registeredServer_list_entry in bytes
	// (src/server/ua_discovery_manager.h: links, UA_RegisteredServer, UA_DateTime).
	sizeofRegisteredServer = 72
	// registrationTimeout is how long a registration lasts that is not renewed, in
	// milliseconds (discoveryCleanupTimeout, plugins/ua_config_default.c).
	registrationTimeout = 60 * 60 * 1000
)

// registeredServer is another server that has registered itself: open62541 is a
// discovery server to every client.
type registeredServer struct {
	block    uint32
	server   uatypes.RegisteredServer
	lastSeen int64 // monotonic
}

func discoveryObject() string { return "registered servers" }

// cleanupRegistrations forgets servers that have not registered again in time
// (UA_Discovery_cleanupTimedOut, src/server/ua_services_discovery.c).
func (s *Server) cleanupRegistrations(now int64) {
	s.registered = slices.DeleteFunc(s.registered, func(r *registeredServer) bool {
		if r.lastSeen >= now-registrationTimeout*ticksPerMillisecond {
			return false
		}
		s.freeRegistration(r)
		return true
	})
}

func (s *Server) freeRegistration(r *registeredServer) {
	uatypes.Clear(s.mem, &r.server)
	s.mem.Free(r.block)
}

// register adds, renews or removes a registration (process_RegisterServer). Any
// name will do, but there must be one.
func (s *Server) register(q *uatypes.RegisteredServer, configuration *uatypes.Array[uatypes.ExtensionObject], results *uatypes.Array[uatypes.Status]) uatypes.Status {
	named := len(q.ServerNames.V) > 0
	if configuration != nil && len(configuration.V) > 0 {
		var ok bool
		if *results, ok = uatypes.NewStatusCodes(s.mem, len(configuration.V)); !ok {
			return ua.StatusBadOutOfMemory
		}
		found := false
		for i := range configuration.V {
			if found || uatypes.Content[uatypes.MdnsDiscoveryConfiguration](&configuration.V[i]) == nil {
				results.V[i] = ua.StatusBadNotSupported
				continue
			}
			found, named = true, true
		}
	}
	switch {
	case !named:
		return ua.StatusBadServerNameMissing
	case len(q.DiscoveryURLs.V) == 0:
		return ua.StatusBadDiscoveryURLMissing
	}
	at := slices.IndexFunc(s.registered, func(r *registeredServer) bool { return r.server.ServerURI.Equal(&q.ServerURI) })
	if !q.IsOnline {
		if at < 0 {
			return ua.StatusBadNothingToDo
		}
		s.freeRegistration(s.registered[at])
		s.registered = slices.Delete(s.registered, at, at+1)
		return uatypes.Good
	}
	defer s.object(discoveryObject)()
	var r *registeredServer
	if at >= 0 {
		r = s.registered[at]
		uatypes.Clear(s.mem, &r.server)
	} else {
		r = &registeredServer{block: s.mem.Malloc(sizeofRegisteredServer, "registeredServer_list_entry")}
		if r.block == 0 {
			return ua.StatusBadOutOfMemory
		}
		s.registered = slices.Insert(s.registered, 0, r)
	}
	// Whether the copy is complete is not looked at.
	uatypes.Copy(s.mem, &r.server, q)
	r.lastSeen = s.cfg.Clock.Monotonic()
	return uatypes.Good
}

// describe fills the description of a registered server
// (setApplicationDescriptionFromRegisteredServer). It stops where memory ends.
func (s *Server) describe(d *uatypes.ApplicationDescription, q *uatypes.FindServersRequest, r *uatypes.RegisteredServer) {
	if uatypes.Copy(s.mem, &d.ApplicationURI, &r.ServerURI) != uatypes.Good ||
		uatypes.Copy(s.mem, &d.ProductURI, &r.ProductURI) != uatypes.Good {
		return
	}
	if name := localName(q.LocaleIDs.V, r.ServerNames.V); name != nil && uatypes.Copy(s.mem, &d.ApplicationName, name) != uatypes.Good {
		return
	}
	d.ApplicationType = r.ServerType
	if uatypes.Copy(s.mem, &d.GatewayServerURI, &r.GatewayServerURI) != uatypes.Good {
		return
	}
	n := len(r.DiscoveryURLs.V)
	if n == 0 {
		return
	}
	size := uint32(n) * uatypes.SizeOf(&r.DiscoveryURLs.V[0])
	urls := &d.DiscoveryURLs
	if urls.P = s.mem.Malloc(size, "discoveryUrls"); urls.P == uatypes.Null {
		// The response is encoded all the same, with as many strings.
		crash("Array_encodeBinary", "reads through NULL after an allocation failed")
	}
	urls.V = make([]uatypes.Str, n)
	for i := range urls.V {
		if uatypes.Copy(s.mem, &urls.V[i], &r.DiscoveryURLs.V[i]) != uatypes.Good && i < n-1 {
			crash("String_encodeBinary", "reads a string that was never written")
		}
	}
}

// localName picks the name in a language that the client wants, or the first.
func localName(locales []uatypes.Str, names []uatypes.LocalizedText) *uatypes.LocalizedText {
	for i := range locales {
		for j := range names {
			if names[j].Locale.Equal(&locales[i]) {
				return &names[j]
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &names[0]
}
