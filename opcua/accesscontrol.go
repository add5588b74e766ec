package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Ids of the user token policies (plugins/ua_accesscontrol_default.c).
const (
	anonymousPolicy = "open62541-anonymous-policy"
	usernamePolicy  = "open62541-username-policy"
)

// policyID returns the policy id that all kinds of tokens begin with, nil if
// the token is of no known kind.
func policyID(token *uatypes.ExtensionObject) (*uatypes.Str, ua.UserTokenType) {
	if t := uatypes.Content[uatypes.AnonymousIdentityToken](token); t != nil {
		return &t.PolicyID, ua.UserTokenTypeAnonymous
	}
	if t := uatypes.Content[uatypes.UserNameIdentityToken](token); t != nil {
		return &t.PolicyID, ua.UserTokenTypeUserName
	}
	if t := uatypes.Content[uatypes.X509IdentityToken](token); t != nil {
		return &t.PolicyID, ua.UserTokenTypeCertificate
	}
	if t := uatypes.Content[uatypes.IssuedIdentityToken](token); t != nil {
		return &t.PolicyID, ua.UserTokenTypeIssuedToken
	}
	return nil, 0
}

// selectTokenPolicy finds the endpoint and the token policy that belong to a
// channel and a token; a token without body is an anonymous one
// (selectEndpointAndTokenPolicy, src/server/ua_services_session.c).
func (s *Server) selectTokenPolicy(ch *secureChannel, token *uatypes.ExtensionObject) (*uatypes.EndpointDescription, *uatypes.UserTokenPolicy) {
	id, kind := policyID(token)
	own := s.core.Endpoints()
	for i := range own.V {
		e := &own.V[i]
		if e.SecurityMode != ch.mode || !e.SecurityPolicyURI.Equal(&ch.policy.uri) {
			continue
		}
		for j := range e.UserIdentityTokens.V {
			p := &e.UserIdentityTokens.V[j]
			if !token.HasBody() && p.TokenType == uint32(ua.UserTokenTypeAnonymous) {
				return e, p
			}
			if id != nil && p.TokenType == uint32(kind) && p.PolicyID.Equal(id) {
				return e, p
			}
		}
	}
	return nil, nil
}

// logIn asks access control (activateSession_default,
// plugins/ua_accesscontrol_default.c). A user name is kept with the session;
// that of an earlier activation is never given back.
func (s *Server) logIn(sess *session, token *uatypes.ExtensionObject) uatypes.Status {
	switch {
	case !token.HasBody():
		sess.user = nil
		return uatypes.Good
	case token.Type == nil:
		return ua.StatusBadIdentityTokenInvalid
	}
	if t := uatypes.Content[uatypes.AnonymousIdentityToken](token); t != nil {
		if t.PolicyID.P != uatypes.Null && string(t.PolicyID.B) != anonymousPolicy {
			return ua.StatusBadIdentityTokenInvalid
		}
		sess.user = nil
		return uatypes.Good
	}
	t := uatypes.Content[uatypes.UserNameIdentityToken](token)
	if t == nil || string(t.PolicyID.B) != usernamePolicy || len(t.UserName.B) == 0 && len(t.Password.B) == 0 {
		return ua.StatusBadIdentityTokenInvalid
	}
	if !s.core.Login(&t.UserName, &t.Password) {
		return ua.StatusBadUserAccessDenied
	}
	if !s.rel.noUserName {
		if u := sess.user; u != nil && !s.has.userNameLeak {
			uatypes.Clear(s.mem, &u.name)
			s.mem.Free(u.block)
		}
		sess.user = s.keepUserName(&t.UserName)
	}
	return uatypes.Good
}

// keepUserName copies a user name. Without memory the session has none.
func (s *Server) keepUserName(name *uatypes.Str) *userName {
	u := &userName{block: s.mem.Calloc(uatypes.SizeOf(name), "UA_ByteString")}
	if u.block == 0 {
		return nil
	}
	uatypes.Copy(s.mem, &u.name, name)
	return u
}
