package uatypes

// The messages and structures of secure channels and sessions (Part 4, 5.5 and 5.6).

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

// CloseSecureChannelRequest is UA_CloseSecureChannelRequest.
type CloseSecureChannelRequest struct {
	RequestHeader RequestHeader
}

// Walk implements [Value].
func (x *CloseSecureChannelRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
}

// CloseSecureChannelResponse is UA_CloseSecureChannelResponse.
type CloseSecureChannelResponse struct {
	ResponseHeader ResponseHeader
}

// Walk implements [Value].
func (x *CloseSecureChannelResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
}

// SignedSoftwareCertificate is UA_SignedSoftwareCertificate.
type SignedSoftwareCertificate struct {
	CertificateData Str
	Signature       Str
}

// Walk implements [Value].
func (x *SignedSoftwareCertificate) Walk(w *Walker) {
	w.String(&x.CertificateData)
	w.String(&x.Signature)
}

// SignatureData is UA_SignatureData.
type SignatureData struct {
	Algorithm Str
	Signature Str
}

// Walk implements [Value].
func (x *SignatureData) Walk(w *Walker) {
	w.String(&x.Algorithm)
	w.String(&x.Signature)
}

// CreateSessionRequest is UA_CreateSessionRequest.
type CreateSessionRequest struct {
	RequestHeader           RequestHeader
	ClientDescription       ApplicationDescription
	ServerURI               Str
	EndpointURL             Str
	SessionName             Str
	ClientNonce             Str
	ClientCertificate       Str
	RequestedSessionTimeout float64
	MaxResponseMessageSize  uint32
}

// Walk implements [Value].
func (x *CreateSessionRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.Member(&x.ClientDescription)
	w.String(&x.ServerURI)
	w.String(&x.EndpointURL)
	w.String(&x.SessionName)
	w.String(&x.ClientNonce)
	w.String(&x.ClientCertificate)
	w.Double(&x.RequestedSessionTimeout)
	w.UInt32(&x.MaxResponseMessageSize)
}

// CreateSessionResponse is UA_CreateSessionResponse.
type CreateSessionResponse struct {
	ResponseHeader             ResponseHeader
	SessionID                  NodeID
	AuthenticationToken        NodeID
	RevisedSessionTimeout      float64
	ServerNonce                Str
	ServerCertificate          Str
	ServerEndpoints            Array[EndpointDescription]
	ServerSoftwareCertificates Array[SignedSoftwareCertificate]
	ServerSignature            SignatureData
	MaxRequestMessageSize      uint32
}

// Walk implements [Value].
func (x *CreateSessionResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	w.NodeID(&x.SessionID)
	w.NodeID(&x.AuthenticationToken)
	w.Double(&x.RevisedSessionTimeout)
	w.String(&x.ServerNonce)
	w.String(&x.ServerCertificate)
	visitArray(w, &x.ServerEndpoints, structure[EndpointDescription]("UA_EndpointDescription"))
	visitArray(w, &x.ServerSoftwareCertificates, structure[SignedSoftwareCertificate]("UA_SignedSoftwareCertificate"))
	w.Member(&x.ServerSignature)
	w.UInt32(&x.MaxRequestMessageSize)
}

// UserIdentityToken is UA_UserIdentityToken.
type UserIdentityToken struct {
	PolicyID Str
}

// Walk implements [Value].
func (x *UserIdentityToken) Walk(w *Walker) {
	w.String(&x.PolicyID)
}

// AnonymousIdentityToken is UA_AnonymousIdentityToken.
type AnonymousIdentityToken struct {
	PolicyID Str
}

// Walk implements [Value].
func (x *AnonymousIdentityToken) Walk(w *Walker) {
	w.String(&x.PolicyID)
}

// UserNameIdentityToken is UA_UserNameIdentityToken.
type UserNameIdentityToken struct {
	PolicyID            Str
	UserName            Str
	Password            Str
	EncryptionAlgorithm Str
}

// Walk implements [Value].
func (x *UserNameIdentityToken) Walk(w *Walker) {
	w.String(&x.PolicyID)
	w.String(&x.UserName)
	w.String(&x.Password)
	w.String(&x.EncryptionAlgorithm)
}

// X509IdentityToken is UA_X509IdentityToken.
type X509IdentityToken struct {
	PolicyID        Str
	CertificateData Str
}

// Walk implements [Value].
func (x *X509IdentityToken) Walk(w *Walker) {
	w.String(&x.PolicyID)
	w.String(&x.CertificateData)
}

// IssuedIdentityToken is UA_IssuedIdentityToken.
type IssuedIdentityToken struct {
	PolicyID            Str
	TokenData           Str
	EncryptionAlgorithm Str
}

// Walk implements [Value].
func (x *IssuedIdentityToken) Walk(w *Walker) {
	w.String(&x.PolicyID)
	w.String(&x.TokenData)
	w.String(&x.EncryptionAlgorithm)
}

// ActivateSessionRequest is UA_ActivateSessionRequest.
type ActivateSessionRequest struct {
	RequestHeader              RequestHeader
	ClientSignature            SignatureData
	ClientSoftwareCertificates Array[SignedSoftwareCertificate]
	LocaleIDs                  Array[Str]
	UserIdentityToken          ExtensionObject
	UserTokenSignature         SignatureData
}

// Walk implements [Value].
func (x *ActivateSessionRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.Member(&x.ClientSignature)
	visitArray(w, &x.ClientSoftwareCertificates, structure[SignedSoftwareCertificate]("UA_SignedSoftwareCertificate"))
	visitArray(w, &x.LocaleIDs, elemString)
	w.ExtensionObject(&x.UserIdentityToken)
	w.Member(&x.UserTokenSignature)
}

// ActivateSessionResponse is UA_ActivateSessionResponse.
type ActivateSessionResponse struct {
	ResponseHeader  ResponseHeader
	ServerNonce     Str
	Results         Array[Status]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *ActivateSessionResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	w.String(&x.ServerNonce)
	visitArray(w, &x.Results, elemStatus)
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// CloseSessionRequest is UA_CloseSessionRequest.
type CloseSessionRequest struct {
	RequestHeader       RequestHeader
	DeleteSubscriptions bool
}

// Walk implements [Value].
func (x *CloseSessionRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.Boolean(&x.DeleteSubscriptions)
}

// CloseSessionResponse is UA_CloseSessionResponse.
type CloseSessionResponse struct {
	ResponseHeader ResponseHeader
}

// Walk implements [Value].
func (x *CloseSessionResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
}
