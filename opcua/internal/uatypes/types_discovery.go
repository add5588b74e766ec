package uatypes

// The messages and structures of the Discovery services (Part 4, 5.4).

// ApplicationDescription is UA_ApplicationDescription.
type ApplicationDescription struct {
	ApplicationURI      Str
	ProductURI          Str
	ApplicationName     LocalizedText
	ApplicationType     uint32
	GatewayServerURI    Str
	DiscoveryProfileURI Str
	DiscoveryURLs       Array[Str]
}

// Walk implements [Value].
func (x *ApplicationDescription) Walk(w *Walker) {
	w.String(&x.ApplicationURI)
	w.String(&x.ProductURI)
	w.LocalizedText(&x.ApplicationName)
	w.UInt32(&x.ApplicationType)
	w.String(&x.GatewayServerURI)
	w.String(&x.DiscoveryProfileURI)
	visitArray(w, &x.DiscoveryURLs, elemString)
}

// FindServersRequest is UA_FindServersRequest.
type FindServersRequest struct {
	RequestHeader RequestHeader
	EndpointURL   Str
	LocaleIDs     Array[Str]
	ServerURIs    Array[Str]
}

// Walk implements [Value].
func (x *FindServersRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.String(&x.EndpointURL)
	visitArray(w, &x.LocaleIDs, elemString)
	visitArray(w, &x.ServerURIs, elemString)
}

// Header implements [Request].
func (x *FindServersRequest) Header() *RequestHeader { return &x.RequestHeader }

// FindServersResponse is UA_FindServersResponse.
type FindServersResponse struct {
	ResponseHeader ResponseHeader
	Servers        Array[ApplicationDescription]
}

// Walk implements [Value].
func (x *FindServersResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Servers, structure[ApplicationDescription]("UA_ApplicationDescription"))
}

// Header implements [Response].
func (x *FindServersResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// ServerOnNetwork is UA_ServerOnNetwork.
type ServerOnNetwork struct {
	RecordID           uint32
	ServerName         Str
	DiscoveryURL       Str
	ServerCapabilities Array[Str]
}

// Walk implements [Value].
func (x *ServerOnNetwork) Walk(w *Walker) {
	w.UInt32(&x.RecordID)
	w.String(&x.ServerName)
	w.String(&x.DiscoveryURL)
	visitArray(w, &x.ServerCapabilities, elemString)
}

// FindServersOnNetworkRequest is UA_FindServersOnNetworkRequest.
type FindServersOnNetworkRequest struct {
	RequestHeader          RequestHeader
	StartingRecordID       uint32
	MaxRecordsToReturn     uint32
	ServerCapabilityFilter Array[Str]
}

// Walk implements [Value].
func (x *FindServersOnNetworkRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.UInt32(&x.StartingRecordID)
	w.UInt32(&x.MaxRecordsToReturn)
	visitArray(w, &x.ServerCapabilityFilter, elemString)
}

// Header implements [Request].
func (x *FindServersOnNetworkRequest) Header() *RequestHeader { return &x.RequestHeader }

// FindServersOnNetworkResponse is UA_FindServersOnNetworkResponse.
type FindServersOnNetworkResponse struct {
	ResponseHeader       ResponseHeader
	LastCounterResetTime int64
	Servers              Array[ServerOnNetwork]
}

// Walk implements [Value].
func (x *FindServersOnNetworkResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	w.Int64(&x.LastCounterResetTime)
	visitArray(w, &x.Servers, structure[ServerOnNetwork]("UA_ServerOnNetwork"))
}

// Header implements [Response].
func (x *FindServersOnNetworkResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// UserTokenPolicy is UA_UserTokenPolicy.
type UserTokenPolicy struct {
	PolicyID          Str
	TokenType         uint32
	IssuedTokenType   Str
	IssuerEndpointURL Str
	SecurityPolicyURI Str
}

// Walk implements [Value].
func (x *UserTokenPolicy) Walk(w *Walker) {
	w.String(&x.PolicyID)
	w.UInt32(&x.TokenType)
	w.String(&x.IssuedTokenType)
	w.String(&x.IssuerEndpointURL)
	w.String(&x.SecurityPolicyURI)
}

// EndpointDescription is UA_EndpointDescription.
type EndpointDescription struct {
	EndpointURL         Str
	Server              ApplicationDescription
	ServerCertificate   Str
	SecurityMode        uint32
	SecurityPolicyURI   Str
	UserIdentityTokens  Array[UserTokenPolicy]
	TransportProfileURI Str
	SecurityLevel       uint8
}

// Walk implements [Value].
func (x *EndpointDescription) Walk(w *Walker) {
	w.String(&x.EndpointURL)
	w.Member(&x.Server)
	w.String(&x.ServerCertificate)
	w.UInt32(&x.SecurityMode)
	w.String(&x.SecurityPolicyURI)
	visitArray(w, &x.UserIdentityTokens, structure[UserTokenPolicy]("UA_UserTokenPolicy"))
	w.String(&x.TransportProfileURI)
	w.Byte(&x.SecurityLevel)
}

// GetEndpointsRequest is UA_GetEndpointsRequest.
type GetEndpointsRequest struct {
	RequestHeader RequestHeader
	EndpointURL   Str
	LocaleIDs     Array[Str]
	ProfileURIs   Array[Str]
}

// Walk implements [Value].
func (x *GetEndpointsRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.String(&x.EndpointURL)
	visitArray(w, &x.LocaleIDs, elemString)
	visitArray(w, &x.ProfileURIs, elemString)
}

// Header implements [Request].
func (x *GetEndpointsRequest) Header() *RequestHeader { return &x.RequestHeader }

// GetEndpointsResponse is UA_GetEndpointsResponse.
type GetEndpointsResponse struct {
	ResponseHeader ResponseHeader
	Endpoints      Array[EndpointDescription]
}

// Walk implements [Value].
func (x *GetEndpointsResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Endpoints, structure[EndpointDescription]("UA_EndpointDescription"))
}

// Header implements [Response].
func (x *GetEndpointsResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// RegisteredServer is UA_RegisteredServer.
type RegisteredServer struct {
	ServerURI         Str
	ProductURI        Str
	ServerNames       Array[LocalizedText]
	ServerType        uint32
	GatewayServerURI  Str
	DiscoveryURLs     Array[Str]
	SemaphoreFilePath Str
	IsOnline          bool
}

// Walk implements [Value].
func (x *RegisteredServer) Walk(w *Walker) {
	w.String(&x.ServerURI)
	w.String(&x.ProductURI)
	visitArray(w, &x.ServerNames, elemLocalizedText)
	w.UInt32(&x.ServerType)
	w.String(&x.GatewayServerURI)
	visitArray(w, &x.DiscoveryURLs, elemString)
	w.String(&x.SemaphoreFilePath)
	w.Boolean(&x.IsOnline)
}

// RegisterServerRequest is UA_RegisterServerRequest.
type RegisterServerRequest struct {
	RequestHeader RequestHeader
	Server        RegisteredServer
}

// Walk implements [Value].
func (x *RegisterServerRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.Member(&x.Server)
}

// Header implements [Request].
func (x *RegisterServerRequest) Header() *RequestHeader { return &x.RequestHeader }

// RegisterServerResponse is UA_RegisterServerResponse.
type RegisterServerResponse struct {
	ResponseHeader ResponseHeader
}

// Walk implements [Value].
func (x *RegisterServerResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
}

// Header implements [Response].
func (x *RegisterServerResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// DiscoveryConfiguration is UA_DiscoveryConfiguration.
type DiscoveryConfiguration struct {
}

// Walk implements [Value].
func (x *DiscoveryConfiguration) Walk(*Walker) {}

// MdnsDiscoveryConfiguration is UA_MdnsDiscoveryConfiguration.
type MdnsDiscoveryConfiguration struct {
	MdnsServerName     Str
	ServerCapabilities Array[Str]
}

// Walk implements [Value].
func (x *MdnsDiscoveryConfiguration) Walk(w *Walker) {
	w.String(&x.MdnsServerName)
	visitArray(w, &x.ServerCapabilities, elemString)
}

// RegisterServer2Request is UA_RegisterServer2Request.
type RegisterServer2Request struct {
	RequestHeader          RequestHeader
	Server                 RegisteredServer
	DiscoveryConfiguration Array[ExtensionObject]
}

// Walk implements [Value].
func (x *RegisterServer2Request) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.Member(&x.Server)
	visitArray(w, &x.DiscoveryConfiguration, elemExtensionObject())
}

// Header implements [Request].
func (x *RegisterServer2Request) Header() *RequestHeader { return &x.RequestHeader }

// RegisterServer2Response is UA_RegisterServer2Response.
type RegisterServer2Response struct {
	ResponseHeader       ResponseHeader
	ConfigurationResults Array[Status]
	DiagnosticInfos      Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *RegisterServer2Response) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.ConfigurationResults, elemStatus)
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *RegisterServer2Response) Header() *ResponseHeader { return &x.ResponseHeader }
