package uatypes

// The messages and structures of the SecureChannel services (Part 4, 5.5).

// ChannelSecurityToken is UA_ChannelSecurityToken.
type ChannelSecurityToken struct {
	ChannelID       uint32
	TokenID         uint32
	CreatedAt       int64
	RevisedLifetime uint32
}

// Walk implements [Value].
func (x *ChannelSecurityToken) Walk(w *Walker) {
	w.UInt32(&x.ChannelID)
	w.UInt32(&x.TokenID)
	w.Int64(&x.CreatedAt)
	w.UInt32(&x.RevisedLifetime)
}

// OpenSecureChannelRequest is UA_OpenSecureChannelRequest.
type OpenSecureChannelRequest struct {
	RequestHeader         RequestHeader
	ClientProtocolVersion uint32
	RequestType           uint32
	SecurityMode          uint32
	ClientNonce           Str
	RequestedLifetime     uint32
}

// Walk implements [Value].
func (x *OpenSecureChannelRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.UInt32(&x.ClientProtocolVersion)
	w.UInt32(&x.RequestType)
	w.UInt32(&x.SecurityMode)
	w.String(&x.ClientNonce)
	w.UInt32(&x.RequestedLifetime)
}

// Header implements [Request].
func (x *OpenSecureChannelRequest) Header() *RequestHeader { return &x.RequestHeader }

// OpenSecureChannelResponse is UA_OpenSecureChannelResponse.
type OpenSecureChannelResponse struct {
	ResponseHeader        ResponseHeader
	ServerProtocolVersion uint32
	SecurityToken         ChannelSecurityToken
	ServerNonce           Str
}

// Walk implements [Value].
func (x *OpenSecureChannelResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	w.UInt32(&x.ServerProtocolVersion)
	w.Member(&x.SecurityToken)
	w.String(&x.ServerNonce)
}

// Header implements [Response].
func (x *OpenSecureChannelResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// CloseSecureChannelRequest is UA_CloseSecureChannelRequest.
type CloseSecureChannelRequest struct {
	RequestHeader RequestHeader
}

// Walk implements [Value].
func (x *CloseSecureChannelRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
}

// Header implements [Request].
func (x *CloseSecureChannelRequest) Header() *RequestHeader { return &x.RequestHeader }

// CloseSecureChannelResponse is UA_CloseSecureChannelResponse.
type CloseSecureChannelResponse struct {
	ResponseHeader ResponseHeader
}

// Walk implements [Value].
func (x *CloseSecureChannelResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
}

// Header implements [Response].
func (x *CloseSecureChannelResponse) Header() *ResponseHeader { return &x.ResponseHeader }
