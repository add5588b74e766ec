package mbedtls

import (
	"bufio"
	"compress/gzip"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// A recordedOp is an allocation or, with size 0, a free of the block that had Size
// bytes.
type recordedOp struct {
	kind string
	size uint32
}

// A recordedRun is the recording of the encrypted lifecycle: its keys, and the heap
// operations of each phase with the messages between them.
type recordedRun struct {
	Keys map[string]string
	ops  map[string][]recordedOp // by phase
	rx   map[string][]byte
	tx   map[string][]byte
}

func (r *recordedRun) der(t testing.TB, name string) []byte {
	b, err := hex.DecodeString(r.Keys[name])
	require.NoError(t, err)
	return b
}

func readRun(t testing.TB) *recordedRun {
	f, err := os.Open("../../../recordings/open62541/encrypted_lifecycle.jsonl.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<22)
	run := &recordedRun{ops: map[string][]recordedOp{}, rx: map[string][]byte{}, tx: map[string][]byte{}}
	sizes := map[int]uint32{}
	phase := ""
	for lines.Scan() {
		if run.Keys == nil {
			require.NoError(t, json.Unmarshal(lines.Bytes(), run))
			continue
		}
		var l struct {
			Phase *int
			Name  string
			Op    string
			Net   string
			Hex   string
			ID    int
			Size  uint32
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &l))
		switch {
		case l.Phase != nil:
			phase = l.Name
		case l.Op == "free":
			run.ops[phase] = append(run.ops[phase], recordedOp{"free", sizes[l.ID]})
		case l.Op != "":
			sizes[l.ID] = l.Size
			run.ops[phase] = append(run.ops[phase], recordedOp{l.Op, l.Size})
		case l.Net == "rx":
			run.rx[phase], err = hex.DecodeString(l.Hex)
			require.NoError(t, err)
		case l.Net == "tx":
			run.tx[phase], err = hex.DecodeString(l.Hex)
			require.NoError(t, err)
		}
	}
	require.NoError(t, lines.Err())
	return run
}

// requireWithin checks that ops are found in one piece in the phase.
func requireWithin(t *testing.T, phase, ops []recordedOp) {
	t.Helper()
	best, at := 0, 0
	for i := range phase {
		n := 0
		for n < len(ops) && i+n < len(phase) && ops[n] == phase[i+n] {
			n++
		}
		if n > best {
			best, at = n, i
		}
	}
	if best < len(ops) {
		end := min(at+best+1, len(phase))
		t.Fatalf("operation %d of %d: got %v, expected %v", best+1, len(ops), ops[best], phase[end-1])
	}
}

// TestRecordedOperations does with the recorded keys what the server did to answer
// the recorded OpenSecureChannel: the same memory, and the same bytes.
func TestRecordedOperations(t *testing.T) {
	run := readRun(t)
	var got []recordedOp
	m := &mem.Recorder{OnOp: func(o mem.Op) { got = append(got, recordedOp{o.Kind.String(), o.Size}) }}
	check := func(phase string) {
		t.Helper()
		requireWithin(t, run.ops[phase], got)
		got = nil
	}
	serverCertificate := run.der(t, "server_certificate")
	crt, err := ParseCertificate(m, &HostBuild, serverCertificate)
	require.NoError(t, err)
	require.Equal(t, serverCertificate, crt.Raw)
	check("add_security_policy_basic256sha256")
	crt.Free()
	got = nil

	source := SplitMix64{State: 13}
	random := NewDRBG(source.Fill, "open62541-drbg")
	key, err := ParsePrivateKey(m, &HostBuild, run.der(t, "server_private_key"))
	require.NoError(t, err)
	check("add_security_policy_basic256sha256")

	const opn = "open_secure_channel"
	remote, err := ParseCertificate(m, &HostBuild, run.der(t, "client_certificate"))
	require.NoError(t, err)
	check(opn)

	rx := run.rx[opn]
	header := len(rx) - 2*key.Size()
	plain := slices.Clone(rx[:header])
	for b := rx[header:]; len(b) > 0; b = b[key.Size():] {
		p, err := key.DecryptOAEP(random, crypto.SHA1, b[:key.Size()])
		require.NoError(t, err)
		plain = append(plain, p...)
	}
	content, sig := plain[:len(plain)-256], plain[len(plain)-256:]
	require.NoError(t, remote.Key.VerifyPKCS1(content, sig))
	check(opn)
	require.Error(t, remote.Key.VerifyPKCS1(content[1:], sig))
	got = nil

	nonce := make([]byte, 32)
	random.Read(nonce)
	require.Equal(t, "75ee04986b6f3f459a017d54c3033736c698e0c15c73cd199c243159159f9263", hex.EncodeToString(nonce))

	// The response is decrypted with the client's key and made again.
	tx := run.tx[opn]
	parsed, err := x509.ParsePKCS8PrivateKey(run.der(t, "client_private_key"))
	require.NoError(t, err)
	header = len(tx) - 2*key.Size()
	plain = slices.Clone(tx[:header])
	for b := tx[header:]; len(b) > 0; b = b[key.Size():] {
		p, err := rsa.DecryptOAEP(crypto.SHA1.New(), nil, parsed.(*rsa.PrivateKey), b[:key.Size()], nil)
		require.NoError(t, err)
		plain = append(plain, p...)
	}
	sig, err = key.SignPKCS1(random, plain[:len(plain)-256])
	require.NoError(t, err)
	require.Equal(t, plain[len(plain)-256:], sig)
	check(opn)
	out := slices.Clone(tx[:header])
	for b := plain[header:]; len(b) > 0; b = b[214:] {
		e, err := remote.Key.EncryptOAEP(random, crypto.SHA1, b[:214])
		require.NoError(t, err)
		out = append(out, e...)
	}
	require.Equal(t, tx, out)
	check(opn)

	remote.Free()
	key.Free()
	require.Zero(t, m.LiveBlocks())
}
