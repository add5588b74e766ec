package opcua_test

import (
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// securedRun is what a run with security came to.
type securedRun struct {
	fingerprint  string
	report       opcua.ClientReport
	free, blocks uint32
}

// runSecured lets a client of UaExpert's kind work on an encrypted channel for twenty minutes,
// in which its cable is pulled for three minutes, and then go.
func runSecured(t *testing.T, everyTurn bool) securedRun {
	certificate, key, err := opcua.MakeCertificate(opcua.CertificateConfig{CommonName: "server", ApplicationURI: "open62541.esp32.server", Seed: 1})
	require.NoError(t, err)
	server := opcua.DefaultServerConfig()
	policy := opcua.SecurityEndpoint{Policy: "Basic256Sha256", Mode: ua.MessageSecurityModeSignAndEncrypt}
	server.Security = opcua.Security{Endpoints: []opcua.SecurityEndpoint{policy}, Certificate: certificate, PrivateKey: key}

	w := sim.New(sim.Config{Seed: 1})
	t.Cleanup(w.Close)
	d, err := w.Device(sim.DeviceConfig{Firmware: opcua.Firmware{Server: &server, EveryTurn: everyTurn}})
	require.NoError(t, err)
	pc, err := w.Host("pc")
	require.NoError(t, err)
	cable, err := w.Cable(d, pc)
	require.NoError(t, err)
	require.NoError(t, w.Run(10*time.Second))

	client := opcua.UaExpert()
	client.Address = d.Addr().String() + ":4840"
	client.ApplicationURI = "urn:client"
	client.Subscription.Items = []string{"ns=1;s=temperature"}
	client.Security = opcua.ClientSecurity{Policy: policy.Policy, Mode: policy.Mode}
	client.Security.Certificate, client.Security.PrivateKey, err = opcua.MakeCertificate(opcua.CertificateConfig{CommonName: "client", ApplicationURI: "urn:client", Seed: 2})
	require.NoError(t, err)
	var run securedRun
	done := false
	pc.Go("client", func(p *vtime.Proc) {
		run.report = opcua.RunClient(p, opcua.OnHost(pc), opcua.ClientLife{Config: client, Stay: 20 * time.Minute})
		done = true
	})
	require.NoError(t, w.Run(5*time.Minute))
	cable.Pull()
	require.NoError(t, w.Run(3*time.Minute))
	cable.Plug()
	require.NoError(t, w.RunUntil(func() bool { return done }, 2*time.Hour))
	require.NoError(t, w.Run(70*time.Minute))
	require.NoError(t, w.Quiet(d))
	run.fingerprint = w.Loop().Fingerprint()
	run.free, run.blocks = uint32(d.FreeHeap()), uint32(d.TakeBaseline().Blocks)
	return run
}

// The same world with encryption runs the same to the byte of its ciphertext; turns of
// the server that find nothing to do change nothing.
func TestFirmwareSecurity(t *testing.T) {
	t.Parallel()
	a, b := runSecured(t, false), runSecured(t, false)
	require.NoError(t, a.report.Err)
	require.Equal(t, a.fingerprint, b.fingerprint)
	require.Equal(t, a.free, b.free)
	require.NotZero(t, a.report.Stats.Losses)
	require.NotZero(t, a.report.Stats.Reactivations)
	require.NotZero(t, a.report.Stats.Renewals)
	c := runSecured(t, true)
	require.Equal(t, a.report, c.report)
	require.Equal(t, a.free, c.free)
	require.Equal(t, a.blocks, c.blocks)
}
