package uatypes

// The messages and structures of the Session services (Part 4, 5.6).

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

// Header implements [Request].
func (x *CreateSessionRequest) Header() *RequestHeader { return &x.RequestHeader }

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

// Header implements [Response].
func (x *CreateSessionResponse) Header() *ResponseHeader { return &x.ResponseHeader }

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

// Header implements [Request].
func (x *ActivateSessionRequest) Header() *RequestHeader { return &x.RequestHeader }

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

// Header implements [Response].
func (x *ActivateSessionResponse) Header() *ResponseHeader { return &x.ResponseHeader }

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

// Header implements [Request].
func (x *CloseSessionRequest) Header() *RequestHeader { return &x.RequestHeader }

// CloseSessionResponse is UA_CloseSessionResponse.
type CloseSessionResponse struct {
	ResponseHeader ResponseHeader
}

// Walk implements [Value].
func (x *CloseSessionResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
}

// Header implements [Response].
func (x *CloseSessionResponse) Header() *ResponseHeader { return &x.ResponseHeader }
