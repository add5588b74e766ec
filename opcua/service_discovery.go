package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// findServers is the FindServers service (Service_FindServers,
// src/server/ua_services_discovery.c): the server itself, if it is asked for.
// Whether the copy of its description is complete is not looked at.
func (s *Server) findServers(_ *call, q *uatypes.FindServersRequest, r *uatypes.FindServersResponse) bool {
	own := s.core.Application()
	self := len(q.ServerURIs.V) == 0
	for i := range q.ServerURIs.V {
		self = self || q.ServerURIs.V[i].Equal(&own.ApplicationURI)
	}
	servers, ok := uatypes.NewArray[uatypes.ApplicationDescription](s.mem, 1, "UA_ApplicationDescription")
	if !ok {
		r.ResponseHeader.ServiceResult = ua.StatusBadOutOfMemory
		return true
	}
	if !self {
		uatypes.ClearArray(s.mem, &servers)
		return true
	}
	uatypes.Copy(s.mem, &servers.V[0], own)
	r.Servers = servers
	return true
}

// getEndpoints is the GetEndpoints service (Service_GetEndpoints): the
// endpoints with the URL that the client used, or that of the network layer. If
// a copy fails in the middle, what was copied is never given back.
func (s *Server) getEndpoints(_ *call, q *uatypes.GetEndpointsRequest, r *uatypes.GetEndpointsResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	own := s.core.Endpoints()
	url := &q.EndpointURL
	if len(url.B) == 0 {
		url = s.core.DiscoveryURL()
	}
	var ok bool
	if r.Endpoints, ok = uatypes.NewArray[uatypes.EndpointDescription](s.mem, len(own.V), "UA_EndpointDescription"); !ok {
		*result = ua.StatusBadOutOfMemory
		return true
	}
	n := 0
	for i := range own.V {
		if !wanted(q.ProfileURIs.V, &own.V[i].TransportProfileURI) {
			continue
		}
		e := &r.Endpoints.V[n]
		st := uatypes.Copy(s.mem, e, &own.V[i])
		st |= uatypes.Copy(s.mem, &e.EndpointURL, url)
		urls := uatypes.Array[uatypes.Str]{P: uatypes.Static, V: []uatypes.Str{*url}}
		st |= uatypes.CopyArray(s.mem, &e.Server.DiscoveryURLs, &urls, "UA_String")
		if st != uatypes.Good {
			*result = st
			s.dropEndpoints(r)
			return true
		}
		n++
	}
	r.Endpoints.V = r.Endpoints.V[:n]
	if n == 0 {
		s.dropEndpoints(r)
	}
	return true
}

// dropEndpoints frees the array of endpoints, but not what they hold: its
// length was not set yet.
func (s *Server) dropEndpoints(r *uatypes.GetEndpointsResponse) {
	r.Endpoints.V = nil
	uatypes.ClearArray(s.mem, &r.Endpoints)
}

// wanted reports whether a profile is in a list; an empty list wants all.
func wanted(list []uatypes.Str, profile *uatypes.Str) bool {
	for i := range list {
		if list[i].Equal(profile) {
			return true
		}
	}
	return len(list) == 0
}
