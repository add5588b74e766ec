package sdkconfig

// MbedTLSMemAlloc is where mbedTLS allocates (CONFIG_MBEDTLS_MEM_ALLOC_MODE).
type MbedTLSMemAlloc int

// The places that mbedTLS allocates from.
const (
	MbedTLSInternal MbedTLSMemAlloc = 0 // internal memory
	MbedTLSExternal MbedTLSMemAlloc = 1 // PSRAM
	MbedTLSDefault  MbedTLSMemAlloc = 2 // what malloc takes
	MbedTLSCustom   MbedTLSMemAlloc = 3 // functions of the firmware
	MbedTLSIRAM8Bit MbedTLSMemAlloc = 4 // large blocks in IRAM
)

// TLSMode is which ends of a connection mbedTLS can be (CONFIG_MBEDTLS_TLS_MODE).
type TLSMode int

// The TLS modes.
const (
	TLSServerAndClient TLSMode = 0
	TLSServerOnly      TLSMode = 1
	TLSClientOnly      TLSMode = 2
	TLSDisabled        TLSMode = 3
)

// MbedTLS is the configuration of the TLS library.
type MbedTLS struct {
	// MemAlloc is CONFIG_MBEDTLS_MEM_ALLOC_MODE. Default MbedTLSInternal.
	MemAlloc MbedTLSMemAlloc `choice:"MBEDTLS_MEM_ALLOC_MODE"`
	// AsymmetricContentLen is CONFIG_MBEDTLS_ASYMMETRIC_CONTENT_LEN: receive and send buffers have their own lengths. Default y.
	AsymmetricContentLen bool `option:"MBEDTLS_ASYMMETRIC_CONTENT_LEN"`
	// SSLMaxContentLen is CONFIG_MBEDTLS_SSL_MAX_CONTENT_LEN: bytes of a record in both directions. 512 to 16384, default
	// 16384; 0 with AsymmetricContentLen.
	SSLMaxContentLen int `option:"MBEDTLS_SSL_MAX_CONTENT_LEN"`
	// SSLInContentLen is CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN: bytes of a record received. 512 to 16384, default 16384; 0
	// without AsymmetricContentLen.
	SSLInContentLen int `option:"MBEDTLS_SSL_IN_CONTENT_LEN"`
	// SSLOutContentLen is CONFIG_MBEDTLS_SSL_OUT_CONTENT_LEN: bytes of a record sent. 512 to 16384, default 4096; 0 without
	// AsymmetricContentLen.
	SSLOutContentLen int `option:"MBEDTLS_SSL_OUT_CONTENT_LEN"`
	// DynamicBuffer is CONFIG_MBEDTLS_DYNAMIC_BUFFER: buffers are allocated when needed. Default n; needs no DTLS and no
	// variable buffer length.
	DynamicBuffer bool `option:"MBEDTLS_DYNAMIC_BUFFER"`
	// DynamicFreePeerCert is CONFIG_MBEDTLS_DYNAMIC_FREE_PEER_CERT: the peer's certificate is freed early. Default n; only before 5.0.
	DynamicFreePeerCert bool `option:"MBEDTLS_DYNAMIC_FREE_PEER_CERT"`
	// DynamicFreeConfigData is CONFIG_MBEDTLS_DYNAMIC_FREE_CONFIG_DATA: own key and certificate are freed early. Default n.
	DynamicFreeConfigData bool `option:"MBEDTLS_DYNAMIC_FREE_CONFIG_DATA"`
	// DynamicFreeCACert is CONFIG_MBEDTLS_DYNAMIC_FREE_CA_CERT: the CA's certificate is freed early. Default y with DynamicFreeConfigData.
	DynamicFreeCACert bool `option:"MBEDTLS_DYNAMIC_FREE_CA_CERT"`
	// SSLVariableBufferLength is CONFIG_MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH: buffers shrink after the handshake. Default n.
	SSLVariableBufferLength bool `option:"MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH"`
	// SSLKeepPeerCertificate is CONFIG_MBEDTLS_SSL_KEEP_PEER_CERTIFICATE: the peer's certificate is kept. Default y; n in 6.0.
	SSLKeepPeerCertificate bool `option:"MBEDTLS_SSL_KEEP_PEER_CERTIFICATE"`
	// TLSMode is CONFIG_MBEDTLS_TLS_MODE. Default TLSServerAndClient.
	TLSMode TLSMode `choice:"MBEDTLS_TLS_MODE"`
	// TLSEnabled is CONFIG_MBEDTLS_TLS_ENABLED: TLS is built. Default y.
	TLSEnabled bool `option:"MBEDTLS_TLS_ENABLED"`
	// SSLProtoTLS12 is CONFIG_MBEDTLS_SSL_PROTO_TLS1_2. Default y.
	SSLProtoTLS12 bool `option:"MBEDTLS_SSL_PROTO_TLS1_2"`
	// SSLProtoTLS13 is CONFIG_MBEDTLS_SSL_PROTO_TLS1_3. Default n.
	SSLProtoTLS13 bool `option:"MBEDTLS_SSL_PROTO_TLS1_3"`
	// SSLProtoDTLS is CONFIG_MBEDTLS_SSL_PROTO_DTLS. Default n.
	SSLProtoDTLS bool `option:"MBEDTLS_SSL_PROTO_DTLS"`
	// SSLRenegotiation is CONFIG_MBEDTLS_SSL_RENEGOTIATION. Default y.
	SSLRenegotiation bool `option:"MBEDTLS_SSL_RENEGOTIATION"`
	// ClientSSLSessionTickets is CONFIG_MBEDTLS_CLIENT_SSL_SESSION_TICKETS: a client keeps a server's ticket. Default y.
	ClientSSLSessionTickets bool `option:"MBEDTLS_CLIENT_SSL_SESSION_TICKETS"`
	// ServerSSLSessionTickets is CONFIG_MBEDTLS_SERVER_SSL_SESSION_TICKETS: a server gives tickets out. Default y.
	ServerSSLSessionTickets bool `option:"MBEDTLS_SERVER_SSL_SESSION_TICKETS"`
	// CertificateBundle is CONFIG_MBEDTLS_CERTIFICATE_BUNDLE: well-known CAs are in flash. Default y.
	CertificateBundle bool `option:"MBEDTLS_CERTIFICATE_BUNDLE"`
	// HardwareAES is CONFIG_MBEDTLS_HARDWARE_AES. Default y.
	HardwareAES bool `option:"MBEDTLS_HARDWARE_AES"`
	// HardwareMPI is CONFIG_MBEDTLS_HARDWARE_MPI. Default y.
	HardwareMPI bool `option:"MBEDTLS_HARDWARE_MPI"`
	// HardwareSHA is CONFIG_MBEDTLS_HARDWARE_SHA. Default y.
	HardwareSHA bool `option:"MBEDTLS_HARDWARE_SHA"`
	// SHA512C is CONFIG_MBEDTLS_SHA512_C: SHA-384 and SHA-512 are built. Default y.
	SHA512C bool `option:"MBEDTLS_SHA512_C"`
	// ECPNISTOptim is CONFIG_MBEDTLS_ECP_NIST_OPTIM. Default y.
	ECPNISTOptim bool `option:"MBEDTLS_ECP_NIST_OPTIM"`
	// ECPFixedPointOptim is CONFIG_MBEDTLS_ECP_FIXED_POINT_OPTIM: tables of the curves' generators are in flash. Default y;
	// n since 5.0.8, 5.1.6, 5.2.4 and 5.3.2.
	ECPFixedPointOptim bool `option:"MBEDTLS_ECP_FIXED_POINT_OPTIM"`
	// DHMC is CONFIG_MBEDTLS_DHM_C: Diffie-Hellman without curves. Default n.
	DHMC bool `option:"MBEDTLS_DHM_C"`
	// ThreadingC is CONFIG_MBEDTLS_THREADING_C: contexts have mutexes. Default n; y in 6.0.
	ThreadingC bool `option:"MBEDTLS_THREADING_C"`
	// Debug is CONFIG_MBEDTLS_DEBUG: the library prints. Default n.
	Debug bool `option:"MBEDTLS_DEBUG"`
}

// InContentLen is the content length of the receive buffer in bytes (MBEDTLS_SSL_IN_CONTENT_LEN as the library is built).
func (m MbedTLS) InContentLen() int {
	if m.AsymmetricContentLen {
		return m.SSLInContentLen
	}
	return m.SSLMaxContentLen
}

// OutContentLen is the content length of the send buffer in bytes (MBEDTLS_SSL_OUT_CONTENT_LEN as the library is built).
func (m MbedTLS) OutContentLen() int {
	if m.AsymmetricContentLen {
		return m.SSLOutContentLen
	}
	return m.SSLMaxContentLen
}

func mbedtlsOptions() []option {
	const src = "components/mbedtls/Kconfig"
	const hardware = "!SPIRAM_CACHE_WORKAROUND_STRATEGY_DUPLDST"
	return []option{
		{name: "MBEDTLS_MEM_ALLOC_MODE", src: src, typ: Choice, def: "MBEDTLS_INTERNAL_MEM_ALLOC",
			does: "Which heaps TLS takes its memory from.",
			one: []member{
				{name: "MBEDTLS_INTERNAL_MEM_ALLOC", number: int(MbedTLSInternal)},
				{name: "MBEDTLS_EXTERNAL_MEM_ALLOC", number: int(MbedTLSExternal), ask: "SPIRAM_USE_CAPS_ALLOC || SPIRAM_USE_MALLOC"},
				{name: "MBEDTLS_DEFAULT_MEM_ALLOC", number: int(MbedTLSDefault)},
				{name: "MBEDTLS_CUSTOM_MEM_ALLOC", number: int(MbedTLSCustom)},
				{name: "MBEDTLS_IRAM_8BIT_MEM_ALLOC", number: int(MbedTLSIRAM8Bit), ask: "ESP32_IRAM_AS_8BIT_ACCESSIBLE_MEMORY"},
			}},
		{name: "MBEDTLS_ASYMMETRIC_CONTENT_LEN", src: src, def: "y", sel: "MBEDTLS_DYNAMIC_BUFFER",
			does: "Send buffers of 4429 bytes in place of 16717 for each TLS connection; nothing without TLS."},
		{name: "MBEDTLS_SSL_MAX_CONTENT_LEN", src: src, typ: Int, def: "16384", rng: "512..16384", dep: "!MBEDTLS_ASYMMETRIC_CONTENT_LEN",
			does: "Both buffers of each TLS connection: this and 333 bytes."},
		{name: "MBEDTLS_SSL_IN_CONTENT_LEN", src: src, typ: Int, def: "16384", rng: "512..16384", dep: "MBEDTLS_ASYMMETRIC_CONTENT_LEN",
			does: "The receive buffer of each TLS connection: this and 333 bytes in one block."},
		{name: "MBEDTLS_SSL_OUT_CONTENT_LEN", src: src, typ: Int, def: "4096", rng: "512..16384", dep: "MBEDTLS_ASYMMETRIC_CONTENT_LEN",
			does: "The send buffer of each TLS connection: this and 333 bytes in one block; a handshake message must fit."},
		{name: "MBEDTLS_DYNAMIC_BUFFER", src: src, def: "n", dep: "!MBEDTLS_SSL_PROTO_DTLS && !MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH",
			does: "Some 21 KB less for each TLS connection at rest; each record is an allocation of its own. Nothing without TLS."},
		{name: "MBEDTLS_DYNAMIC_FREE_PEER_CERT", src: src, def: "n", dep: "MBEDTLS_DYNAMIC_BUFFER", in: "IDF < 5.0",
			hint: "; since 5.0 CONFIG_MBEDTLS_SSL_KEEP_PEER_CERTIFICATE=n frees the certificates, without dynamic buffers too",
			does: "The peer's certificate chain is freed within the handshake. Nothing without TLS, and no longer an option since 5.0."},
		{name: "MBEDTLS_DYNAMIC_FREE_CONFIG_DATA", src: src, def: "n", dep: "MBEDTLS_DYNAMIC_BUFFER",
			does: "Own certificate and key are freed once the handshake has used them. Nothing without TLS."},
		{name: "MBEDTLS_DYNAMIC_FREE_CA_CERT", src: src, def: "y", dep: "MBEDTLS_DYNAMIC_FREE_CONFIG_DATA",
			does: "The CA's certificate is freed once the peer's has been verified."},
		{name: "MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH", src: src, def: "n", in: "since(4.4.1, 5.0)", dep: "IDF < 6.0 || MBEDTLS_TLS_ENABLED",
			does: "Buffers shrink to the negotiated fragment length; with unequal lengths records above the shorter fail."},
		{name: "MBEDTLS_SSL_KEEP_PEER_CERTIFICATE", src: src, def: "n if IDF >= 6.0; y", in: keepPeerCertificate,
			dep: "(IDF < 6.0 || MBEDTLS_TLS_ENABLED) && !MBEDTLS_DYNAMIC_FREE_PEER_CERT", sel: "IDF >= 6.0 && MBEDTLS_SSL_PROTO_TLS1_3",
			does: "Without it the peer's certificate chain is freed within the handshake."},
		{name: "ESP_TLS_LIBRARY_CHOOSE", src: "components/esp-tls/Kconfig", typ: Choice, def: "ESP_TLS_USING_MBEDTLS",
			does: "Nothing in the model but that mbedTLS is needed.",
			one: []member{
				{name: "ESP_TLS_USING_MBEDTLS", number: 0},
				{name: "ESP_TLS_CUSTOM_STACK", number: 1, in: "IDF >= 6.0"},
			}},
		{name: "MBEDTLS_TLS_MODE", src: src, typ: Choice, def: "MBEDTLS_TLS_SERVER_AND_CLIENT", dep: "IDF < 6.0 || MBEDTLS_TLS_ENABLED",
			does: "Whether the device can be a TLS server, a client or both.",
			one: []member{
				{name: "MBEDTLS_TLS_SERVER_AND_CLIENT", number: int(TLSServerAndClient)},
				{name: "MBEDTLS_TLS_SERVER_ONLY", number: int(TLSServerOnly)},
				{name: "MBEDTLS_TLS_CLIENT_ONLY", number: int(TLSClientOnly)},
				{name: "MBEDTLS_TLS_DISABLED", number: int(TLSDisabled), in: "!since(6.0.2)"},
			}},
		{name: "MBEDTLS_TLS_SERVER", src: src, ask: "no", sel: "MBEDTLS_TLS_SERVER_AND_CLIENT || MBEDTLS_TLS_SERVER_ONLY"},
		{name: "MBEDTLS_TLS_CLIENT", src: src, ask: "no", sel: "MBEDTLS_TLS_SERVER_AND_CLIENT || MBEDTLS_TLS_CLIENT_ONLY"},
		{name: "MBEDTLS_TLS_ENABLED", src: src, ask: "IDF >= 6.0", def: "y if IDF >= 6.0",
			sel: "IDF >= 6.0 && ESP_TLS_USING_MBEDTLS || IDF < 6.0 && (MBEDTLS_TLS_SERVER || MBEDTLS_TLS_CLIENT) || ESP_WIFI_MBEDTLS_TLS_CLIENT || " +
				"ESP_WIFI_MBEDTLS_CRYPTO && !since(5.0.5, 5.1.2, 5.2)",
			does: "Without it there is no TLS."},
		{name: "MBEDTLS_SSL_PROTO_TLS1_1", src: src, def: "y", in: "IDF < 5.0", gone: "n", dep: "MBEDTLS_TLS_ENABLED"},
		{name: "MBEDTLS_SSL_PROTO_TLS1_2", src: src, def: "y", dep: "MBEDTLS_TLS_ENABLED", sel: "IDF >= 6.0 && MBEDTLS_TLS_ENABLED",
			does: "Whether TLS 1.2, which the model speaks, is built."},
		{name: "MBEDTLS_SSL_PROTO_TLS1_3", src: src, def: "n", in: "IDF >= 5.0",
			dep:  "MBEDTLS_TLS_ENABLED && (IDF >= 6.0 || MBEDTLS_SSL_KEEP_PEER_CERTIFICATE) && (IDF >= 5.5 || !MBEDTLS_DYNAMIC_BUFFER)",
			does: "Nothing in the model: connections use TLS 1.2."},
		{name: "MBEDTLS_SSL_PROTO_DTLS", src: src, def: "n", dep: "MBEDTLS_SSL_PROTO_TLS1_1 || MBEDTLS_SSL_PROTO_TLS1_2",
			does: "Dynamic buffers are not possible with it."},
		{name: "MBEDTLS_SSL_RENEGOTIATION", src: src, def: "y", dep: "MBEDTLS_TLS_ENABLED && (MBEDTLS_SSL_PROTO_TLS1_2 || !since(5.2.4, 5.3.3, 5.4))",
			does: "More bytes in each TLS context."},
		{name: "MBEDTLS_CLIENT_SSL_SESSION_TICKETS", src: src, def: "y", dep: "MBEDTLS_TLS_ENABLED",
			does: "A client keeps a block of the ticket's length."},
		{name: "MBEDTLS_SERVER_SSL_SESSION_TICKETS", src: src, def: "y", dep: "MBEDTLS_TLS_ENABLED",
			does: "Whether a server sends its clients a ticket."},
		{name: "MBEDTLS_CERTIFICATE_BUNDLE", src: src, def: "y",
			does: "CAs are checked against flash, without a parsed certificate in the heap."},
		{name: "MBEDTLS_HARDWARE_AES", src: src, def: "y", dep: hardware, does: "An AES context has 34 bytes in place of 280."},
		{name: "MBEDTLS_HARDWARE_MPI", src: src, def: "y", dep: hardware, does: "Less memory while RSA runs."},
		{name: "MBEDTLS_HARDWARE_SHA", src: src, def: "y", dep: hardware, does: "A SHA-256 context has 112 bytes in place of 108."},
		{name: "MBEDTLS_SHA512_C", src: src, def: "y", does: "TLS buffers have room for a longer MAC: 333 bytes of overhead in place of 317."},
		{name: "MBEDTLS_ECP_NIST_OPTIM", src: src, def: "y",
			does: "Less memory while curves are computed with."},
		{name: "MBEDTLS_ECP_FIXED_POINT_OPTIM", src: src, in: fixedPointOption, def: "n if " + fixedPointOff + "; y", gone: "y",
			does: "Less memory while curves are computed with, for 12 KB of flash or more."},
		{name: "MBEDTLS_DHM_C", src: src, def: "n", in: "IDF >= 5.0",
			does: "Nothing in the model: connections use elliptic curves."},
		{name: "MBEDTLS_THREADING_C", src: src, def: "y if IDF >= 6.0; n",
			does: "A mutex in contexts that tasks share."},
		{name: "MBEDTLS_DEBUG", src: src, def: "n",
			does: "Nothing in the model: the library prints nothing."},
	}
}
