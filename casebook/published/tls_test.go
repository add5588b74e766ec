package published

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/mbedtls"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// tlsRows is Espressif's table of the heap that the example https_request uses
// (docs/en/api-reference/protocols/mbedtls.rst, the same from v5.0 to v5.3).
var tlsRows = []struct {
	name      string
	published int
	options   []string
}{
	{"default", 42196, nil},
	{"SSL_VARIABLE_BUFFER_LENGTH", 42120, []string{"MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH=y"}},
	{"SSL_KEEP_PEER_CERTIFICATE off", 38533, []string{"MBEDTLS_SSL_KEEP_PEER_CERTIFICATE=n"}},
	{"DYNAMIC_BUFFER, FREE_CONFIG_DATA, FREE_CA_CERT", 22013, []string{"MBEDTLS_DYNAMIC_BUFFER=y", "MBEDTLS_DYNAMIC_FREE_CONFIG_DATA=y", "MBEDTLS_DYNAMIC_FREE_CA_CERT=y"}},
}

// tlsTotals writes the table of TLS totals. Nothing is settled on a row.
func tlsTotals(t *testing.T, b *strings.Builder) {
	type figures struct{ peak, rest int }
	var model []figures
	// Three certificates of www.howsmyssl.com, the example's server: its own, Let's
	// Encrypt's R3 and ISRG Root X1 as DST Root CA X3 had signed it.
	chain := sim.TLSIdentity{Hostname: "www.howsmyssl.com", Server: []mbedtls.Certificate{
		{DER: 1330, RDNs: 2, EKUs: 1, SANs: 1, Key: mbedtls.RSA2048()},
		{DER: 1306, RDNs: 4, EKUs: 1, Key: mbedtls.RSA2048()},
		{DER: 1380, RDNs: 3, Key: mbedtls.Key{Type: mbedtls.RSA, Bits: 4096}},
	}}
	for _, r := range tlsRows {
		cfg := sim.DeviceConfig{SDKConfig: set(t, sdkconfig.Default("5.3.1"), r.options...)}
		with, err := outage.MeasureLink(cfg, true, chain)
		require.NoError(t, err)
		// The MQTT client is no part of the example: here it does not connect.
		cfg.Applications = []sim.Application{sim.CloudLink{}}
		without, err := outage.Measure(cfg, false)
		require.NoError(t, err)
		model = append(model, figures{without.Free - with.Lowest, without.Free - with.Free})
	}
	b.WriteString(`
## Totals of a TLS connection

Source: ESP-IDF's documentation, "Mbed TLS", table "Reducing heap usage" for the
example ` + "`https_request`" + ` with validation of the server. It does not say at which instant
the heap was read, nor how long the server's certificates were. The example asks
www.howsmyssl.com, and the same page speaks of its cross-signed chain: the model's
server sends what Let's Encrypt's servers sent from 2021 to 2024, its own certificate
(RSA-2048, 1,330 bytes assumed), R3 (1,306) and the cross-signed ISRG Root X1 (RSA-4096,
1,380). The client has none. The peak is in the handshake, the rest one second after
it. Both columns
of the model count blocks with their headers: TLS, esp_tls_t, the socket and its
segments, not the HTTP client's own buffers or the certificate bundle. No row was
settled.
`)
	var rows [][]string
	for i, r := range tlsRows {
		m, d := model[i], model[0]
		rows = append(rows, []string{r.name, number(r.published), signed(r.published - tlsRows[0].published),
			number(m.peak), signed(m.peak - r.published), signed(m.peak - d.peak), number(m.rest), signed(m.rest - d.rest)})
	}
	table(b, []string{"options", "published", "to default", "model, peak", "difference", "to default", "model, at rest", "to default"}, rows)
	b.WriteString(`
The first three rows come out within 4 %, and their gains within 600 bytes, with the
peak: variable buffers shrink only after it. The last row is 2.7 KB too high. There the
peak lies where the server's certificates are received and parsed at once, so that it
follows their lengths twice, and those of that day are not known; and the example, which
attaches a certificate bundle, has no CA certificate parsed beside them as the model's
client has.
`)
	for i, r := range tlsRows {
		published, peak := r.published-tlsRows[0].published, model[i].peak-model[0].peak
		if i < 3 {
			require.InDelta(t, published, peak, 600, r.name)
			require.InDelta(t, r.published, model[i].peak, 0.04*float64(r.published), r.name)
		}
	}
}

const optionsPath = "../../docs/options.md"

// TestOptions makes docs/options.md and compares it with the one that is there.
func TestOptions(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# What the seven options gain

The case study's fixed machine has seven options that its firmware as shipped had
not. This is what each gains a device with an OPC UA server under ESP-IDF 5.3.1's
defaults, alone and all together, in bytes of free heap and of the largest free
block. Made by ` + "`go test ./casebook/published -rewrite`" + `; ` + "`plimsoll options -sdkconfig FILE`" + `
prints the same for your device.

Without TLS is the real machine: an OPC UA server without encryption opens no TLS
connection. With a cloud link it also has an MQTT client over TLS, connected to a
broker whose chain is two RSA-2048 certificates (1,871 bytes); "lowest" is the least
free memory since the start, in the handshake.
`)
	sets := outage.SevenOptions()
	for _, iface := range []sim.Interface{sim.Ethernet, sim.WiFi} {
		base, cloud, gains, err := outage.GainsOf(sim.DeviceConfig{Firmware: opcua.Firmware{}, Interface: iface}, sets)
		require.NoError(t, err)
		name := map[sim.Interface]string{sim.Ethernet: "Ethernet", sim.WiFi: "Wi-Fi"}[iface]
		fmt.Fprintf(&b, "\n## %s\n\nAs it is: %s bytes free without TLS, largest block %s; ", name, number(base.Free), number(base.Largest))
		if cloud == (outage.Memory{}) {
			b.WriteString("the link does not find the\nmemory for its handshake. Its columns are what is free with an option, not what it\ngains; - where it still does not connect.\n")
		} else {
			fmt.Fprintf(&b, "%s free with the link,\nlargest block %s, lowest %s.\n", number(cloud.Free), number(cloud.Largest), number(cloud.Lowest))
		}
		var rows [][]string
		for _, g := range gains {
			require.Empty(t, g.Note, g.Name)
			row := []string{g.Name, signed(g.Gain.Free), signed(g.Gain.Largest), "-", "-", "-"}
			switch {
			case g.CloudNote != "":
				require.Contains(t, g.CloudNote, "no memory", g.Name)
			case cloud == (outage.Memory{}):
				copy(row[3:], []string{number(g.GainCloud.Free), number(g.GainCloud.Largest), number(g.GainCloud.Lowest)})
			default:
				copy(row[3:], []string{signed(g.GainCloud.Free), signed(g.GainCloud.Largest), signed(g.GainCloud.Lowest)})
			}
			rows = append(rows, row)
			if strings.HasPrefix(g.Name, "MBEDTLS") {
				require.Zero(t, g.Gain, g.Name)
			}
		}
		table(&b, []string{"option", "no TLS", "largest", "cloud link", "largest", "lowest"}, rows)
	}
	b.WriteString("\n## When an option gains nothing\n\n| option | |\n| --- | --- |\n")
	for _, s := range sets {
		if s.Nothing != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", s.Name, s.Nothing)
		}
	}
	b.WriteString(`
## What a service takes

Bytes of free heap that one of ESP-IDF's services takes on an Ethernet device, with
its task's stack and its sockets, before anybody connects. The right column is what
` + "`plimsoll size -service`" + ` and the case book's statement ` + "`service`" + ` take.

| bytes | service |
| ---: | --- |
`)
	free := func(apps ...sim.Application) int {
		m, err := sim.FreeAfterStart(sim.DeviceConfig{SDKConfig: sdkconfig.Default("5.3.1"), Applications: apps})
		require.NoError(t, err)
		return m.Heap
	}
	for _, text := range []string{"httpd", "httpd max=4 handlers=3", "sntp", "mdns", "mdns services=http,opcua-tcp", "mqtt"} {
		app, err := sim.ParseService(text)
		require.NoError(t, err)
		fmt.Fprintf(&b, "| %s | %s |\n", number(free()-free(app)), text)
	}
	if *rewrite {
		require.NoError(t, os.WriteFile(optionsPath, []byte(b.String()), 0o666))
		return
	}
	want, err := os.ReadFile(optionsPath)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String(), "run with -rewrite and look at the difference")
}
