package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// findServers is the FindServers service (Service_FindServers,
// src/server/ua_services_discovery.c): the server itself and those that have
// registered with it, as far as they are asked for. Whether a copy is complete is
// not looked at.
func (s *Server) findServers(_ *call, q *uatypes.FindServersRequest, r *uatypes.FindServersResponse) bool {
	own := s.core.Application()
	servers, ok := uatypes.NewArray[uatypes.ApplicationDescription](s.mem, len(s.registered)+1, "UA_ApplicationDescription")
	if !ok {
		r.ResponseHeader.ServiceResult = ua.StatusBadOutOfMemory
		return true
	}
	n := 0
	if wanted(q.ServerURIs.V, &own.ApplicationURI) {
		uatypes.Copy(s.mem, &servers.V[n], own)
		n++
	}
	for _, other := range s.registered {
		if wanted(q.ServerURIs.V, &other.server.ServerURI) {
			s.describe(&servers.V[n], q, &other.server)
			n++
		}
	}
	servers.V = servers.V[:n]
	if n == 0 {
		uatypes.ClearArray(s.mem, &servers)
		return true
	}
	r.Servers = servers
	return true
}

// findServersOnNetwork is the FindServersOnNetwork service. It needs multicast
// DNS, which the firmware does not switch on.
func (s *Server) findServersOnNetwork(_ *call, _ *uatypes.FindServersOnNetworkRequest, r *uatypes.FindServersOnNetworkResponse) bool {
	r.ResponseHeader.ServiceResult = ua.StatusBadNotImplemented
	return true
}

func (s *Server) registerServer(_ *call, q *uatypes.RegisterServerRequest, r *uatypes.RegisterServerResponse) bool {
	r.ResponseHeader.ServiceResult = s.register(&q.Server, nil, nil)
	return true
}

func (s *Server) registerServer2(_ *call, q *uatypes.RegisterServer2Request, r *uatypes.RegisterServer2Response) bool {
	r.ResponseHeader.ServiceResult = s.register(&q.Server, &q.DiscoveryConfiguration, &r.ConfigurationResults)
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
		if s.rel.plainEndpoints {
			if st == uatypes.Good {
				st = uatypes.Copy(s.mem, &e.EndpointURL, url)
			}
			if st != uatypes.Good {
				*result = st
				uatypes.ClearArray(s.mem, &r.Endpoints)
				return true
			}
			n++
			continue
		}
		uatypes.ClearArray(s.mem, &e.Server.DiscoveryURLs)
		st |= uatypes.Copy(s.mem, &e.EndpointURL, url)
		urls := uatypes.Array[uatypes.Str]{P: uatypes.Static, V: []uatypes.Str{*url}}
		st |= uatypes.CopyArray(s.mem, &e.Server.DiscoveryURLs, &urls, "UA_String")
		if st != uatypes.Good {
			*result = st
			if s.has.endpointsLeak {
				s.dropEndpoints(r)
			} else {
				uatypes.ClearArray(s.mem, &r.Endpoints)
			}
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

// wanted reports whether a string is in a list; an empty list wants all.
func wanted(list []uatypes.Str, x *uatypes.Str) bool {
	for i := range list {
		if list[i].Equal(x) {
			return true
		}
	}
	return len(list) == 0
}
