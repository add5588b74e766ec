package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// From v1.3 on a session keeps the user name as a parameter, "clientUserId", and
// the locales that its client prefers.

// sizeofKeyValuePair is the size of UA_KeyValuePair in bytes (recorded).
const sizeofKeyValuePair = 36

const clientUserID = "clientUserId"

// sessionParameter is the one parameter of a session (UA_KeyValuePair).
type sessionParameter struct {
	pair  uint32
	name  uatypes.Str
	block uint32 // of the value
	value uatypes.Str
}

// clear gives the parameter back.
func (p *sessionParameter) clear(s *Server) {
	uatypes.Clear(s.mem, &p.name)
	uatypes.Clear(s.mem, &p.value)
	s.mem.Free(p.block)
	s.mem.Free(p.pair)
	*p = sessionParameter{}
}

// set stores the name of the user, empty for an anonymous one
// (UA_KeyValueMap_setQualified, src/util/ua_util.c). A name that is there already
// stays: the original copies the old value over itself, not the new one. Whether
// there is memory is not looked at.
func (p *sessionParameter) set(s *Server, user *uatypes.Str) {
	if p.pair != 0 {
		user = &p.value
	}
	var next sessionParameter
	name, st := uatypes.Const(clientUserID), uatypes.Status(uatypes.Good)
	if p.pair == 0 {
		st = uatypes.Copy(s.mem, &next.name, &name)
	}
	if st == uatypes.Good {
		next.block = s.mem.Calloc(uatypes.SizeOf(user), "UA_String")
	}
	if next.block != 0 {
		st = uatypes.Copy(s.mem, &next.value, user)
	}
	if next.block == 0 || st != uatypes.Good {
		next.clear(s)
		return
	}
	if p.pair != 0 {
		next.name, next.pair = p.name, p.pair
		p.name, p.pair = uatypes.Str{}, 0
		p.clear(s)
	} else if next.pair = s.mem.Malloc(sizeofKeyValuePair, "UA_KeyValuePair"); next.pair == 0 {
		next.clear(s)
		return
	}
	*p = next
}

// keepLocales stores the locales of an activation in the place of those before.
func (sess *session) keepLocales(s *Server, q *uatypes.ActivateSessionRequest) uatypes.Status {
	var kept uatypes.Array[uatypes.Str]
	if st := uatypes.CopyArray(s.mem, &kept, &q.LocaleIDs, "UA_String"); st != uatypes.Good {
		return st
	}
	uatypes.ClearArray(s.mem, &sess.locales)
	sess.locales = kept
	return uatypes.Good
}

// userNameOf returns the user name in a token, null without one.
func userNameOf(token *uatypes.ExtensionObject) *uatypes.Str {
	if t := uatypes.Content[uatypes.UserNameIdentityToken](token); t != nil {
		return &t.UserName
	}
	return &uatypes.Str{}
}

// monitorable reports whether a value can be monitored in v1.3: only what cannot
// get better is refused.
func monitorable(v *uatypes.DataValue) bool {
	if !v.HasStatus {
		return true
	}
	switch v.Status {
	case ua.StatusBadNodeIDUnknown, ua.StatusBadAttributeIDInvalid, ua.StatusBadDataEncodingUnsupported,
		ua.StatusBadDataEncodingInvalid, ua.StatusBadIndexRangeInvalid:
		return false
	}
	return true
}
