// Casestudy tells the outage of a production machine from first principles: an
// ESP32 with an OPC UA server that was dead after a few lost clients until
// someone restarted it, who held its memory, and which fix saves it.
//
//	go run ./examples/casestudy            # the whole story
//	go run ./examples/casestudy -o out     # and its captures and pictures
//	go run ./examples/casestudy -loss vanish -every 5m
//
// It ends with exit code 0 only if the machine as shipped failed and the fixed
// one held.
package main

import (
	"bytes"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

//go:embed sdkconfig
var shipped []byte

// The two published figures of what is free on this firmware with Ethernet, in
// bytes of free heap after the start of the server (opcua-esp32, issue 17).
var anchors = []anchor{
	{"A", 70744, "227,776 free after the creation of opcua_task, less the server's measured 157,032"},
	{"B", 95100, "the reporter's own figure after the start of the server"},
}

type anchor struct {
	name string
	free uint32
	why  string
}

// story is what the flags decide.
type story struct {
	seed      uint64
	loss      opcua.Leaving
	every     time.Duration
	stay      time.Duration
	items     int
	queue     uint
	publish   int
	sampling  time.Duration
	changes   time.Duration
	iface     sim.Interface
	static    uint
	clients   int
	out       string
	noMap     bool
	sdkconfig *sdkconfig.Config
	given     bool // the sdkconfig is the user's
	w         io.Writer
}

func main() {
	debug.SetGCPercent(400) // hundreds of small worlds, one after another
	code, err := run(os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "casestudy:", err)
	}
	os.Exit(code)
}

// run returns the exit code: 0 if the machine as shipped failed and the fixed
// one held, 1 if not, 2 if the arguments are wrong.
func run(args []string, stdout, stderr io.Writer) (int, error) {
	s := &story{w: stdout}
	flags := flag.NewFlagSet("casestudy", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Uint64Var(&s.seed, "seed", 1, "seed of everything random")
	loss := flags.String("loss", "fin", "how clients are lost in the story: fin, rst or vanish")
	flags.DurationVar(&s.every, "every", 30*time.Minute, "time from one client to the next")
	flags.DurationVar(&s.stay, "stay", 10*time.Second, "how long a client stays after it has subscribed")
	flags.IntVar(&s.items, "items", 10, "monitored items of each client")
	flags.UintVar(&s.queue, "queue", 1, "queue size of each item")
	flags.IntVar(&s.publish, "publish", 5, "publish requests that a client keeps outstanding")
	flags.DurationVar(&s.sampling, "sampling", 500*time.Millisecond, "sampling interval of each item")
	flags.DurationVar(&s.changes, "changes", time.Minute, "how often the temperature changes; 0: at every sample")
	iface := flags.String("interface", "eth", "eth or wifi")
	flags.UintVar(&s.static, "static", 0, "bytes of static DRAM; 0: what leaves the published free memory")
	flags.IntVar(&s.clients, "clients", 50, "clients that a fixed machine has to survive")
	flags.StringVar(&s.out, "o", "", "folder for the capture (pcapng), the heap's timeline and map (SVG, CSV), and what was kept as a profile for go tool pprof")
	flags.BoolVar(&s.noMap, "nomap", false, "leave the map out")
	config := flags.String("sdkconfig", "", "sdkconfig of the machine; empty: the one beside this program")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0, nil
		}
		return 2, nil
	}
	if flags.NArg() > 0 {
		return 2, fmt.Errorf("no arguments but flags were expected, found %q", flags.Args())
	}
	var err error
	if s.loss, err = opcua.ParseLeaving(*loss); err != nil {
		return 2, err
	}
	if s.loss == opcua.LeaveClose {
		return 2, errors.New("-loss close: clients that close properly do no harm; fin, rst or vanish were expected")
	}
	if s.iface, err = sim.ParseInterface(*iface); err != nil {
		return 2, err
	}
	if s.items < 1 || s.items > 100 || s.publish < 1 || s.publish > 100 || s.queue < 1 || s.queue > 100 || s.clients < 1 {
		return 2, fmt.Errorf("-items %d, -publish %d and -queue %d have to be 1 to 100, -clients %d at least 1", s.items, s.publish, s.queue, s.clients)
	}
	if s.every <= 0 || s.stay < 0 || s.sampling <= 0 || s.changes < 0 {
		return 2, fmt.Errorf("-every %v and -sampling %v have to be above 0, -stay %v and -changes %v at least 0", s.every, s.sampling, s.stay, s.changes)
	}
	if s.stay >= s.every {
		return 2, fmt.Errorf("-stay %v has to be below -every %v: one client is gone when the next comes", s.stay, s.every)
	}
	if s.static > math.MaxUint32 {
		return 2, fmt.Errorf("-static %d: the size of a part of the ESP32's memory was expected", s.static)
	}
	if *config == "" {
		s.sdkconfig, err = sdkconfig.Parse("sdkconfig", bytes.NewReader(shipped))
	} else {
		s.given = true
		s.sdkconfig, err = sdkconfig.ParseFile(*config)
	}
	if err != nil {
		return 2, err
	}
	ok, err := s.tell()
	if err != nil || !ok {
		return 1, err
	}
	return 0, nil
}

// tell is the whole story. It reports whether the machine failed as shipped and
// held when fixed.
func (s *story) tell() (bool, error) {
	s.printf("Plimsoll case study: an OPC UA server on an ESP32 (%v), dead until someone restarts it.\n", s.iface)
	s.printf("Versions: heap and lwIP of ESP-IDF %v with an sdkconfig of its 5.0 era, open62541 v1.2-rc1 as the ESP32 port ships it. Seed %d.\n", s.sdkconfig.IDF, s.seed)
	s.tellNotes()
	machines, err := s.machines()
	if err != nil {
		return false, err
	}
	failed, err := s.tellOutage(machines[0])
	if err != nil {
		return false, err
	}
	if err := s.tellOutcomes(machines[0]); err != nil {
		return false, err
	}
	if !s.noMap {
		if err := s.tellMap(machines); err != nil {
			return false, err
		}
	}
	held, err := s.tellFixes(machines[0])
	if err != nil {
		return false, err
	}
	crowds, err := s.tellTogether(machines)
	if err != nil {
		return false, err
	}
	s.title("Verdict")
	s.printf("as shipped the server died: %v; with all fixes it held for every kind of loss: %v, and with several clients at once: %v\n", failed, held, crowds)
	for i := range machines {
		for _, n := range together {
			if !demanded(n, i) {
				s.printf("not demanded of it: %d clients at once at %s, which has no room for them at the same time\n", n, anchorName(machines, i))
			}
		}
	}
	return failed && held && crowds, nil
}

// tellNotes prints what the reader of the sdkconfig found odd in it, and which
// options the model does not read. The program's own is known.
func (s *story) tellNotes() {
	if !s.given {
		return
	}
	for _, n := range s.sdkconfig.Notes {
		s.printf("%v\n", n)
	}
	var names []string
	for _, o := range s.sdkconfig.Unknown {
		names = append(names, o.Name)
	}
	if len(names) > 0 {
		s.printf("options that the model does not read: %s\n", strings.Join(names, ", "))
	}
}

// machines builds the shipped machine once for each published figure of free
// memory.
func (s *story) machines() (machines []outage.Case, err error) {
	client := opcua.UaExpert()
	client.Reconnect = opcua.ReconnectPolicy{} // a lost client is lost
	client.Subscription.Items = outage.Items(s.items)
	client.Subscription.QueueSize = uint32(s.queue)
	client.Subscription.Publish = s.publish
	client.Subscription.SamplingInterval = s.sampling
	base := outage.Case{
		Seed:      s.seed,
		SDKConfig: s.sdkconfig,
		Interface: s.iface,
		Firmware: opcua.Firmware{
			TimeBase:         opcua.WallClock,
			OnNoMemory:       freertos.DeleteTask,
			TemperatureEvery: s.changes,
		},
		Client: client,
		Loss:   s.loss,
		Every:  s.every,
		Stay:   s.stay,
	}
	s.title("The machine")
	if s.static != 0 {
		base.Static = uint32(s.static)
		s.printf("static DRAM %d bytes, as given\n", s.static)
		return []outage.Case{base}, nil
	}
	for _, a := range anchors {
		m := base
		var free uint32
		// What is free was published for Ethernet; Wi-Fi has the same static memory.
		cfg := sim.DeviceConfig{SDKConfig: s.sdkconfig, Firmware: base.Firmware}
		if m.Static, free, err = sim.StaticFor(cfg, a.free); err != nil {
			return nil, err
		}
		machines = append(machines, m)
		s.printf("anchor %s: %s bytes free after the start (%s): static DRAM %s bytes, which leaves %s on Ethernet\n",
			a.name, thousands(int(a.free)), a.why, thousands(int(m.Static)), thousands(int(free)))
	}
	s.printf("clients: as UaExpert, channel asked for %v, session %v, publishing every %v, %d items of queue size %d sampled every %v, %d publish requests outstanding, stay %v, one every %v\n",
		client.ChannelLifetime, client.SessionTimeout, client.Subscription.PublishingInterval, s.items, s.queue, s.sampling, s.publish, s.stay, s.every)
	return machines, nil
}

func (s *story) printf(format string, args ...any) { fmt.Fprintf(s.w, format, args...) }

func (s *story) title(t string) { fmt.Fprintf(s.w, "\n== %s\n", t) }
