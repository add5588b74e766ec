package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/live"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

const aboutServe = `Serve boots an ESP32 with an OPC UA server and offers its port to real
clients, in real time or faster. It prints the endpoint's URL when it
accepts connections, and then takes commands:

` + live.Help + `
The same commands are offered as HTTP, see docs/live.md.`

// serve is the command of that name.
func serve(args []string, std stdio) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return serveUntil(ctx, args, std)
}

// serveUntil serves until ctx is done, or until the command quit.
func serveUntil(ctx context.Context, args []string, std stdio) (err error) {
	flags := newFlags("serve", "", aboutServe, std)
	listen := flags.String("listen", live.DefaultListen, "address to offer the device's port on; port 0: any")
	control := flags.String("control", live.DefaultControl, "address of the HTTP interface; empty: none")
	config := flags.String("sdkconfig", "", "sdkconfig of the device; empty: the defaults of ESP-IDF 5.3.1")
	speed := flags.Int("speed", 1, "seconds of virtual time in a real one")
	seed := flags.Uint64("seed", 1, "seed of everything random")
	iface := flags.String("interface", "eth", "eth or wifi")
	static := flags.Uint("static", 0, "bytes of static DRAM, beside the ESP32 with the code in RAM; 0: as in a published firmware, on the ESP32 31,488")
	free := flags.Uint("free", 0, "bytes of free heap that the device has when it is ready, by its static DRAM; 0: what it comes to")
	wallClock := flags.Bool("wallclock", false, "take the deadline of sessions from the wall clock: the defect of a real machine, whose sessions never expire")
	nodeset := flags.String("nodeset", opcua.ReducedNodeset.String(), "what namespace 0 holds: reduced, as the firmware is built; full, 4 MB; compact, the full one without the dictionaries of types, 3.2 MB, which needs -psram")
	psram := flags.Bool("psram", false, "give the device 4 MiB of external memory: CONFIG_SPIRAM=y")
	security := flags.String("security", "", "security policies to offer beside None, with Sign and SignAndEncrypt, separated by commas: Basic256Sha256, Aes128_Sha256_RsaOaep, Aes256_Sha256_RsaPss; each takes about 6 kB")
	console := flags.Bool("console", false, "print the device's console")
	capture := flags.String("capture", "", "file for everything that passes the device's port, as pcapng")
	var beside services
	beside.register(flags.FlagSet)
	connections := flags.Int("connections", live.DefaultMaxConnections, "real connections at a time")
	if err := cmp.Or(flags.parseAlone(args), flags.exclude("free", "static")); err != nil {
		return err
	}
	if *speed == 0 || *connections == 0 { // live takes 0 for its default
		return usagef("-speed %d and -connections %d: at least 1 was expected", *speed, *connections)
	}
	cfg := live.Config{Listen: *listen, Seed: *seed, Speed: *speed, MaxConnections: *connections}
	firmware := opcua.Firmware{}
	if *security != "" {
		if firmware.Server, err = securedServer(*security, *seed); err != nil {
			return usagef("-security: %v", err)
		}
	}
	if *nodeset != opcua.ReducedNodeset.String() {
		if firmware.Server == nil {
			server := opcua.DefaultServerConfig()
			firmware.Server = &server
		}
		if firmware.Server.Nodeset, err = opcua.ParseNodeset(*nodeset); err != nil {
			return usagef("-nodeset: %v", err)
		}
	}
	if *wallClock {
		firmware.TimeBase = opcua.WallClock
	}
	cfg.Device = sim.DeviceConfig{Firmware: firmware, Static: uint32(min(*static, 1<<32-1)), Applications: beside}
	if cfg.Device.Interface, err = sim.ParseInterface(*iface); err != nil {
		return usagef("-interface: %v", err)
	}
	if *config != "" {
		if cfg.Device.SDKConfig, err = sdkconfig.ParseFile(*config); err != nil {
			return err
		}
		writeNotes(std.err, *config, cfg.Device.SDKConfig)
	}
	if *psram {
		if cfg.Device.SDKConfig == nil {
			cfg.Device.SDKConfig = sdkconfig.Default("5.3.1")
		}
		if err := cfg.Device.SDKConfig.Set("CONFIG_SPIRAM", "y"); err != nil {
			return err
		}
	}
	if *free != 0 {
		if cfg.Device.Static, _, err = sim.StaticFor(cfg.Device, uint32(min(*free, 1<<32-1))); err != nil {
			return err
		}
	}
	if *console {
		cfg.Device.Console = std.err
	}
	if *capture != "" {
		f, err := os.Create(*capture)
		if err != nil {
			return err
		}
		out := bufio.NewWriter(f)
		cfg.Capture = out
		defer func() { err = errors.Join(err, out.Flush(), f.Close()) }()
	}
	return serveDevice(ctx, cfg, *control, std)
}

// securedServer is the server of the firmware with security policies, a self-signed
// certificate, and no list of trusted ones. Passwords have to be encrypted with the
// first policy.
func securedServer(policies string, seed uint64) (*opcua.ServerConfig, error) {
	c := opcua.DefaultServerConfig()
	certificate, key, err := opcua.MakeCertificate(opcua.CertificateConfig{
		CommonName: c.ApplicationName, ApplicationURI: c.ApplicationURI, Hosts: []string{c.Hostname, "localhost", "127.0.0.1"}, Seed: seed,
	})
	if err != nil {
		return nil, err
	}
	c.Security = opcua.Security{Certificate: certificate, PrivateKey: key}
	for _, p := range strings.Split(policies, ",") {
		for _, mode := range []ua.MessageSecurityMode{ua.MessageSecurityModeSignAndEncrypt, ua.MessageSecurityModeSign} {
			c.Security.Endpoints = append(c.Security.Endpoints, opcua.SecurityEndpoint{Policy: strings.TrimSpace(p), Mode: mode})
		}
	}
	c.Security.UserTokenPolicy = c.Security.Endpoints[0].Policy
	return &c, c.Security.Validate()
}

func serveDevice(ctx context.Context, cfg live.Config, control string, std stdio) (err error) {
	s, err := live.Start(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	commands := ""
	if control != "" {
		addr, err := s.ServeControl(control)
		if err != nil {
			return err
		}
		commands = fmt.Sprintf("commands by HTTP at http://%v\n", addr)
	}
	fmt.Fprintf(std.out, "accepting connections at %s\n", s.URL())
	if commands != "" {
		fmt.Fprint(std.out, commands)
	}
	quit := make(chan error, 1)
	// A terminal that nobody types at keeps its goroutine until the program ends.
	go func() { quit <- s.Terminal(std.in, std.out) }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.Done():
			return nil // Close says why
		case err := <-quit:
			if !errors.Is(err, io.EOF) {
				return err
			}
			quit = nil // no terminal: it serves on until a signal
		}
	}
}
