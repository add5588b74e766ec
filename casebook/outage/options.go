package outage

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// An OptionSet is one or more of the seven options, tried together.
type OptionSet struct {
	Name    string
	Options []sdkconfig.Option
	// Nothing says in a sentence when it gains nothing.
	Nothing string
}

// SevenOptions returns each of the seven options alone, the successor of one of
// them, and all together.
func SevenOptions() []OptionSet {
	nothing := map[string]string{
		"FREERTOS_UNICORE":                 "Gains nothing if the firmware already runs on one core.",
		"MBEDTLS_ASYMMETRIC_CONTENT_LEN":   "Gains nothing without an open TLS connection, nor where it is the default, since ESP-IDF 4.0.",
		"MBEDTLS_SSL_OUT_CONTENT_LEN":      "Gains nothing without an open TLS connection, nor with dynamic buffers between two records.",
		"MBEDTLS_DYNAMIC_BUFFER":           "Gains nothing without an open TLS connection; a received record of full length needs its 16 KB block all the same, and a new one each time.",
		"MBEDTLS_DYNAMIC_FREE_PEER_CERT":   "Gains nothing without TLS and without dynamic buffers, and is no option any more since ESP-IDF 5.0.",
		"MBEDTLS_DYNAMIC_FREE_CONFIG_DATA": "Gains nothing without TLS and without dynamic buffers; on a client without a certificate of its own it frees the CA certificate only.",
		"ESP32_ALLOW_RTC_FAST_MEM_AS_HEAP": "Gains nothing with two cores, where ESP-IDF ignores it; with FREERTOS_UNICORE it is on by default since ESP-IDF 4.4, and its bytes are in that row.",
	}
	var sets []OptionSet
	all := OptionSet{Name: "all seven"}
	for _, o := range sevenOptions {
		opt := sdkconfig.Option{Name: "CONFIG_" + o[0], Value: o[1]}
		all.Options = append(all.Options, opt)
		sets = append(sets, OptionSet{o[0] + "=" + o[1], []sdkconfig.Option{opt}, nothing[o[0]]})
	}
	keep := sdkconfig.Option{Name: "CONFIG_MBEDTLS_SSL_KEEP_PEER_CERTIFICATE", Value: "n"}
	sets = append(sets, OptionSet{"MBEDTLS_SSL_KEEP_PEER_CERTIFICATE=n", []sdkconfig.Option{keep},
		"Since ESP-IDF 5.0 in the place of DYNAMIC_FREE_PEER_CERT, without dynamic buffers too; gains nothing without TLS."})
	return append(sets, all, OptionSet{"all seven and the last", append(append([]sdkconfig.Option{}, all.Options...), keep), ""})
}

// Memory is what a device has free, in bytes.
type Memory struct {
	Free    int // of the default heap, a second after the start, with the cloud link connected
	Largest int // block of it
	Lowest  int // free bytes since the start: with a cloud link that is in the handshake
}

// Minus returns what m has more than n.
func (m Memory) Minus(n Memory) Memory {
	return Memory{m.Free - n.Free, m.Largest - n.Largest, m.Lowest - n.Lowest}
}

// ErrNoMemory is what Measure's error wraps for a device that does not find the
// memory that it needs to start or to connect.
var ErrNoMemory = errors.New("no memory")

// Measure starts a device, with a cloud link to a broker or without, and returns
// what is free. An error says that it does not start or connect.
func Measure(cfg sim.DeviceConfig, cloud bool) (Memory, error) {
	return MeasureLink(cfg, cloud, sim.TLSIdentity{})
}

// MeasureLink is Measure with what the broker and the device send of themselves.
func MeasureLink(cfg sim.DeviceConfig, cloud bool, id sim.TLSIdentity) (Memory, error) {
	w := sim.New(sim.Config{Seed: 1})
	defer w.Close()
	h, err := w.Host("broker")
	if err != nil {
		return Memory{}, err
	}
	if cloud {
		link := sim.CloudLink{Broker: netip.AddrPortFrom(h.Addr(), 8883), Identity: id}
		cfg.Applications = append(append([]sim.Application{}, cfg.Applications...), link)
	}
	d, err := w.Device(cfg)
	if err != nil {
		return Memory{}, err
	}
	if _, err := w.Cable(d, h); err != nil {
		return Memory{}, err
	}
	if cloud {
		if err := d.ServeCloud(h, 8883, id); err != nil {
			return Memory{}, err
		}
	}
	up := func() bool {
		_, ready := d.Ready()
		return d.Power() != sim.Running || ready && (!cloud || d.TLSConnections() > 0 || len(d.Failures()) > 0)
	}
	if err := w.RunUntil(up, time.Minute); err != nil {
		return Memory{}, err
	}
	if f := d.Failures(); len(f) > 0 {
		return Memory{}, fmt.Errorf("%w: %d bytes for %s, largest block %d", ErrNoMemory, f[0].Size, f[0].Tag.What, f[0].Largest)
	}
	if d.Power() != sim.Running {
		return Memory{}, fmt.Errorf("the device is %v", d.Power())
	}
	if err := w.Run(time.Second); err != nil {
		return Memory{}, err
	}
	return Memory{int(d.FreeHeap()), int(d.LargestFreeBlock()), int(d.MinimumFreeHeap())}, nil
}

// An OptionGain is what a set of options gains a device.
type OptionGain struct {
	OptionSet
	Gain, GainCloud Memory // without TLS, and with a cloud link
	Note            string // why it could not be tried
	CloudNote       string // why the cloud link does not connect
}

// GainsOf tries every set of options on a device. Base is what the device has
// free as it is, without TLS and with a cloud link. If it does not find the memory
// to connect, cloud is zero, and the sets' gains are what is free with them.
func GainsOf(cfg sim.DeviceConfig, sets []OptionSet) (base, cloud Memory, gains []OptionGain, err error) {
	if cfg.SDKConfig == nil {
		cfg.SDKConfig = sdkconfig.Default("5.3.1")
	}
	if base, err = Measure(cfg, false); err != nil {
		return base, cloud, nil, err
	}
	if cloud, err = Measure(cfg, true); err != nil && !errors.Is(err, ErrNoMemory) {
		return base, cloud, nil, err
	}
	for _, s := range sets {
		g := OptionGain{OptionSet: s}
		c := cfg
		c.SDKConfig = cfg.SDKConfig.Clone()
		for _, o := range s.Options {
			if err := c.SDKConfig.Set(o.Name, o.Value); err != nil {
				g.Note = err.Error()
			}
		}
		m, err := Measure(c, false)
		if err != nil {
			g.Note = err.Error()
		} else {
			g.Gain = m.Minus(base)
		}
		if m, err = Measure(c, true); err != nil {
			g.CloudNote = "the cloud link does not connect: " + err.Error()
		} else {
			g.GainCloud = m.Minus(cloud)
		}
		gains = append(gains, g)
	}
	return base, cloud, gains, nil
}

// WriteGains writes a table of gains as text.
func WriteGains(w io.Writer, base, cloud Memory, gains []OptionGain) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "free, largest block\t%d\t%d\t%d\t%d\t%d\t\n", base.Free, base.Largest, cloud.Free, cloud.Largest, cloud.Lowest)
	fmt.Fprint(t, "bytes gained by\tno TLS\tlargest\tcloud link\tlargest\tlowest\t\n")
	for _, g := range gains {
		fmt.Fprintf(t, "%s\t%+d\t%+d\t", g.Name, g.Gain.Free, g.Gain.Largest)
		if g.CloudNote == "" {
			fmt.Fprintf(t, "%+d\t%+d\t%+d\t\n", g.GainCloud.Free, g.GainCloud.Largest, g.GainCloud.Lowest)
		} else {
			fmt.Fprint(t, "-\t-\t-\t\n")
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, g := range gains {
		if line := strings.TrimSpace(g.Nothing + " " + g.Note + " " + g.CloudNote); line != "" {
			if _, err := fmt.Fprintf(w, "%s: %s\n", g.Name, line); err != nil {
				return err
			}
		}
	}
	return nil
}
