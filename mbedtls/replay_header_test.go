package mbedtls

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// header is the first line of a recording: the inputs, and sizes that the model
// must have by itself.
type header struct {
	Run       string            `json:"run"`
	Version   string            `json:"version"`
	Chip      string            `json:"chip"`
	Role      string            `json:"role"`
	Auth      string            `json:"auth"`
	Mutual    bool              `json:"mutual"`
	Chain     int               `json:"chain"`
	ECDHE     string            `json:"ecdhe"`
	Config    map[string]any    `json:"config"`
	MFL       int               `json:"max_fragment_length"`
	Ticket    bool              `json:"session_ticket"`
	Overheads map[string]int    `json:"overheads"`
	PEM       map[string]int    `json:"pem_bytes"`
	Sizeof    map[string]uint32 `json:"sizeof"`
}

// decode reads one line strictly: no field unknown, nothing behind it.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("more than one object on a line")
	}
	return nil
}

// keysOf lists the fields of a line.
func keysOf(text []byte) ([]string, error) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(m)), nil
}

// The certificates of the recordings' test authority. A file tells the sizes of
// PEM files; names and extensions are those of the authority, and the same for
// every run.
var testPKI = map[string]struct {
	ca, client Certificate
	chains     map[int][]Certificate
	clientKey  Key
	serverKey  Key
}{
	"rsa2048": {
		ca:     Certificate{DER: 905, RDNs: 4, Key: RSA2048()},
		client: Certificate{DER: 875, RDNs: 4, Key: RSA2048()},
		chains: map[int][]Certificate{
			2: {{DER: 950, RDNs: 3, EKUs: 1, SANs: 1, Key: RSA2048()}, {DER: 921, RDNs: 5, Key: RSA2048()}},
			// padded to the sizes of a cloud provider's chain
			4: {
				{DER: 1390, RDNs: 3, EKUs: 1, SANs: 1, Key: RSA2048()}, {DER: 1062, RDNs: 5, Key: RSA2048()},
				{DER: 1114, RDNs: 6, Key: RSA2048()}, {DER: 1107, RDNs: 6, Key: RSA2048()},
			},
		},
		clientKey: Key{Type: RSA, Bits: 2048, DER: 1216},
		serverKey: Key{Type: RSA, Bits: 2048, DER: 1217},
	},
	"ecdsa-p256": {
		ca:     Certificate{DER: 508, RDNs: 4, Key: P256(), SignatureInts: 65},
		client: Certificate{DER: 480, RDNs: 4, Key: P256(), SignatureInts: 65},
		chains: map[int][]Certificate{
			2: {
				{DER: 554, RDNs: 3, EKUs: 1, SANs: 1, Key: P256(), SignatureInts: 65},
				{DER: 526, RDNs: 5, Key: P256(), SignatureInts: 66},
			},
		},
		clientKey: P256(),
		serverKey: P256(),
	},
}

// pemLen is the length of a PEM file with labels of that many characters in
// both its lines together, and the C string's zero byte left out.
func pemLen(der int, label string) int {
	b64 := (der + 2) / 3 * 4
	return b64 + (b64+63)/64 + len("-----BEGIN -----\n-----END -----\n") + 2*len(label)
}

// recordedSeed gives the model's random numbers the same carries as those that
// the recording program's fixed random source had: whether a temporary grows by
// a limb while the peak is on is an even chance, of 4 to 36 bytes.
const recordedSeed = 244

// config makes the model's configuration of a header, and checks the sizes that
// the header repeats.
func (l *recording) config() (*Config, *header, error) {
	h := &header{}
	if err := decode(l.Text[0], h); err != nil {
		return nil, nil, l.Errorf(0, "%v", err)
	}
	keys, err := keysOf(l.Text[0])
	if err != nil {
		return nil, nil, l.Errorf(0, "%v", err)
	}
	want := []string{"auth", "chain", "chip", "config", "ecdhe", "mutual", "overheads", "pem_bytes", "role", "run", "sizeof", "version"}
	for _, k := range []string{"max_fragment_length", "session_ticket"} {
		if slices.Contains(keys, k) {
			want = append(want, k)
		}
	}
	slices.Sort(want)
	if !slices.Equal(keys, want) {
		return nil, nil, l.Differ(0, "fields of the header", want, keys)
	}

	c := &Config{Seed: recordedSeed, MaxFragmentLength: h.MFL}
	switch h.Version {
	case "mbedtls 3.6.0 (IDF v5.3.1 configuration)":
		c.Version = V3_6_0
	case "mbedtls 2.16.9 (IDF v4.3 configuration)":
		c.Version = V2_16_9
	default:
		return nil, nil, l.Errorf(0, "version %q: want mbedtls 3.6.0 or 2.16.9", h.Version)
	}
	switch h.Chip {
	case "esp32":
		c.Hardware = true
	case "sw":
	default:
		return nil, nil, l.Errorf(0, "chip %q: want esp32 or sw", h.Chip)
	}
	if err := h.options(c); err != nil {
		return nil, nil, l.Errorf(0, "%v", err)
	}
	pki, ok := testPKI[h.Auth]
	if !ok {
		return nil, nil, l.Errorf(0, "auth %q: want rsa2048 or ecdsa-p256", h.Auth)
	}
	chain, ok := pki.chains[h.Chain]
	if !ok {
		from := "hs:SERVER_CERTIFICATE"
		if h.Role == "server" {
			from = "parse_own_cert"
		}
		copied := h.Role == "server" || c.KeepPeerCertificate || c.Version == V2_16_9
		if chain = l.chainOf(from, pki.serverKey, SizesOf(c).Crt, copied); len(chain) != h.Chain || h.Chain == 0 {
			return nil, nil, l.Errorf(0, "a chain of %d certificates: found %d", h.Chain, len(chain))
		}
	}
	switch h.ECDHE {
	case "secp256r1":
	case "x25519":
		c.Peer.X25519 = true
	case "any", "anycurve":
		// Each end has the groups of its configuration; the server takes the first
		// of its own that the client offers. The other side is always 3.6.0, which
		// prefers X25519; 2.16 does not have it in its list and prefers secp521r1.
		c.Peer.X25519, c.Peer.Groups = c.Version == V3_6_0, 7
		c.Peer.SECP521R1 = c.Version == V2_16_9 && h.Role == "server"
	default:
		return nil, nil, l.Errorf(0, "ecdhe %q: want secp256r1, x25519 or anycurve", h.ECDHE)
	}
	var own []Certificate
	switch h.Role {
	case "client":
		c.Role, c.Hostname, c.CA, c.Peer.Chain = Client, "device.example.net", &pki.ca, chain
		c.Peer.RequestsCertificate = h.Mutual
		own, c.OwnKey = []Certificate{pki.client}, pki.clientKey
		if h.Mutual {
			c.Own = own
		}
	case "server":
		c.Role = Server
		own, c.OwnKey = chain, pki.serverKey
		c.Own = own
		if h.Mutual {
			c.CA, c.Peer.Chain = &pki.ca, []Certificate{pki.client}
		}
	default:
		return nil, nil, l.Errorf(0, "role %q: want client or server", h.Role)
	}
	if h.Ticket {
		c.Peer.Ticket = 1024
	}
	keyLabel := "PRIVATE KEY"
	if h.Auth == "ecdsa-p256" {
		keyLabel = "EC PRIVATE KEY"
	}
	pem := map[string]int{"ca": pemLen(pki.ca.DER, "CERTIFICATE"), "own_cert": 0, "own_key": pemLen(c.OwnKey.der(), keyLabel)}
	for _, cert := range own {
		pem["own_cert"] += pemLen(cert.DER, "CERTIFICATE")
	}
	if !maps.Equal(pem, h.PEM) {
		return nil, nil, l.Differ(0, "pem_bytes", h.PEM, pem)
	}
	overheads := map[string]int{
		"in_buffer_len": bufferLen(c.InContentLen), "out_buffer_len": bufferLen(c.OutContentLen),
		"header_len": headerLen, "payload_overhead": payloadOverhead, "max_iv": maxIV, "mac_add": macAdd, "padding_add": paddingAdd,
	}
	if !maps.Equal(overheads, h.Overheads) {
		return nil, nil, l.Differ(0, "overheads", h.Overheads, overheads)
	}
	if s := sizeof(c); !maps.Equal(s, h.Sizeof) {
		return nil, nil, l.Differ(0, "sizeof", h.Sizeof, s)
	}
	return c, h, nil
}

// options sets c from the header's sdkconfig options.
func (h *header) options(c *Config) error {
	const prefix = "CONFIG_MBEDTLS_"
	asymmetric := false
	seen := map[string]bool{}
	for k, v := range h.Config {
		name, ok := strings.CutPrefix(k, prefix)
		if !ok {
			return fmt.Errorf("option %s: want one of mbedTLS", k)
		}
		seen[name] = true
		n, isNumber := v.(float64)
		y := v == "y"
		if !isNumber && !y && v != "n" {
			return fmt.Errorf("option %s: %v: want y, n or a number", k, v)
		}
		switch name {
		case "SSL_IN_CONTENT_LEN":
			c.InContentLen = int(n)
		case "SSL_OUT_CONTENT_LEN":
			c.OutContentLen = int(n)
		case "ASYMMETRIC_CONTENT_LEN":
			asymmetric = y
		case "DYNAMIC_BUFFER":
			c.DynamicBuffer = y
		case "DYNAMIC_FREE_CONFIG_DATA":
			c.DynamicFreeConfigData = y
		case "DYNAMIC_FREE_CA_CERT":
			c.DynamicFreeCACert = y
		case "SSL_KEEP_PEER_CERTIFICATE":
			c.KeepPeerCertificate = y
		case "SSL_VARIABLE_BUFFER_LENGTH":
			c.VariableBufferLength = y
		default:
			return fmt.Errorf("option %s: unknown", k)
		}
	}
	if len(seen) != 8 {
		return fmt.Errorf("%d options: want 8", len(seen))
	}
	if !asymmetric && (c.InContentLen != 16384 || c.OutContentLen != 16384) {
		return fmt.Errorf("content lengths %d and %d without CONFIG_MBEDTLS_ASYMMETRIC_CONTENT_LEN: want 16384", c.InContentLen, c.OutContentLen)
	}
	return nil
}

// sizeof is what the header should say, by the model's table.
func sizeof(c *Config) map[string]uint32 {
	s := SizesOf(c)
	m := map[string]uint32{
		"mbedtls_ssl_context": s.Context, "mbedtls_ssl_config": s.Config, "mbedtls_ssl_session": s.Session,
		"mbedtls_ssl_transform": s.Transform, "mbedtls_ssl_handshake_params": s.HandshakeParams,
		"mbedtls_ssl_key_cert": s.KeyCert, "mbedtls_x509_crt": s.Crt, "mbedtls_x509_name": s.Name,
		"mbedtls_x509_sequence": s.Sequence, "mbedtls_pk_context": s.PK, "mbedtls_rsa_context": s.RSA,
		"mbedtls_ecp_keypair": s.Keypair, "mbedtls_ecp_group": s.Group, "mbedtls_ecp_point": s.Point,
		"mbedtls_mpi": s.MPI, "mbedtls_ecdh_context": s.ECDH, "mbedtls_ctr_drbg_context": s.CTRDRBG,
		"mbedtls_entropy_context": s.Entropy, "mbedtls_aes_context": s.AES, "mbedtls_gcm_context": s.GCM,
		"mbedtls_ccm_context": s.CCM, "mbedtls_cipher_context_t": s.Cipher, "mbedtls_md_context_t": s.MD,
		"mbedtls_sha1_context": s.SHA1, "mbedtls_sha256_context": s.SHA256, "mbedtls_sha512_context": s.SHA512,
		"mbedtls_md5_context": s.MD5,
	}
	return m
}
