package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
)

const clientsHelp = `population of clients, such as "uaexpert,loss=vanish,every=5m": finds the longest period with which they kill the device,
after how many connections and how long, and the fewest changes (of the clients' timeouts, the firmware, the options) with which it survives. KIND (uaexpert, gopcua, nodeopcua, open62541), then any of
loss=close|fin|rst|vanish (vanish), every=TIME (5m), stay=TIME (10s), items=N (10), queue=N (1), publish=N,
sampling=TIME (500ms), changes=TIME (1m), session=TIME, channel=TIME, hosts=N (1), seed=N (1)`

// parseClients reads the value of -clients.
func parseClients(text string, cfg sim.DeviceConfig) (c outage.Case, err error) {
	firmware, ok := cfg.Firmware.(opcua.Firmware)
	if !ok {
		return c, usagef("-clients needs -firmware opcua: clients of an OPC UA server")
	}
	words := strings.Split(text, ",")
	kinds := map[string]func() opcua.ClientConfig{"uaexpert": opcua.UaExpert, "gopcua": opcua.Gopcua, "nodeopcua": opcua.NodeOPCUA, "open62541": opcua.Open62541}
	kind, ok := kinds[words[0]]
	if !ok {
		return c, usagef("-clients %q: uaexpert, gopcua, nodeopcua or open62541 was expected first", words[0])
	}
	c = outage.Case{Seed: 1, SDKConfig: cfg.SDKConfig, Static: cfg.Static, Image: cfg.Image, PSRAM: cfg.PSRAM, Interface: cfg.Interface, Firmware: firmware,
		Client: kind(), Loss: opcua.LeaveVanish, Every: 5 * time.Minute, Stay: 10 * time.Second}
	c.Client.Reconnect = opcua.ReconnectPolicy{} // a lost client is lost
	c.Client.Subscription.Items = outage.Items(10)
	c.Client.Subscription.QueueSize = 1
	c.Client.Subscription.SamplingInterval = 500 * time.Millisecond
	c.Firmware.TemperatureEvery = time.Minute
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		if err := clientSetting(&c, key, value); err != nil {
			return c, usagef("-clients %s: %v", w, err)
		}
	}
	return c, c.Validate()
}

func clientSetting(c *outage.Case, key, value string) (err error) {
	sub := &c.Client.Subscription
	duration := map[string]*time.Duration{"every": &c.Every, "stay": &c.Stay, "sampling": &sub.SamplingInterval, "changes": &c.Firmware.TemperatureEvery,
		"session": &c.Client.SessionTimeout, "channel": &c.Client.ChannelLifetime}
	if d, ok := duration[key]; ok {
		if *d, err = time.ParseDuration(value); err == nil && *d < 0 {
			err = fmt.Errorf("a time of at least 0 was expected")
		}
		return err
	}
	if key == "loss" {
		c.Loss, err = opcua.ParseLeaving(value)
		return err
	}
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		return fmt.Errorf("a number was expected, found %q", value)
	}
	switch key {
	case "items":
		sub.Items = outage.Items(int(n))
	case "queue":
		sub.QueueSize = uint32(n)
	case "publish":
		sub.Publish = int(n)
	case "hosts":
		c.Hosts = int(n)
	case "seed":
		c.Seed = n
	default:
		return fmt.Errorf("there is no setting %q", key)
	}
	return nil
}

const (
	// rescueDepth is up to how many changes every set is tried.
	rescueDepth = 2
	// maxRescued is how many clients at most come while a rescue is tried.
	maxRescued = 50
)

// critical prints how often the clients of a case may come, and what saves the
// device at the given rate. Each trial is told on standard error.
func critical(c outage.Case, std stdio) error {
	s := outage.Search{Progress: func(t outage.Trial) { fmt.Fprintln(std.err, t) }}
	f, err := outage.FindCritical(c, s)
	if err != nil {
		return err
	}
	w := std.out
	fmt.Fprintf(w, "\nclients: like %s, lost by %v after %v, %d items\n", c.Client.Name, c.Loss, c.Stay, len(c.Client.Subscription.Items))
	if f.Hold < 0 {
		fmt.Fprintf(w, "a lost client leaves %d bytes behind for ever\n", f.Held)
	} else {
		fmt.Fprintf(w, "what a lost client leaves behind is free again after %v\n", f.Hold)
	}
	switch {
	case f.Dies == nil:
		fmt.Fprintf(w, "critical period: none; it survives %d clients, one every %v\n", f.Survives.Clients, f.Survives.Period)
	case f.Survives == nil:
		fmt.Fprintf(w, "critical period: any; with one every %v it dies after %d connections, %v: %s\n", f.Dies.Period, f.Dies.Served, f.Dies.After, f.Dies.Why)
	default:
		fmt.Fprintf(w, "critical period: with one every %v it dies after %d connections, %v: %s\n", f.Dies.Period, f.Dies.Served, f.Dies.After, f.Dies.Why)
		fmt.Fprintf(w, "                 with one every %v it survives\n", f.Survives.Period)
	}
	if f.Limited {
		fmt.Fprintln(w, "                 (periods that it survived were tried with fewer clients than can be there at once)")
	}
	n := maxRescued
	if f.Hold >= 0 {
		n = min(n, int((f.Hold+c.Stay)/c.Every)+5) // as many as are there at once, and five
	} else {
		n = min(n, f.Dies.Served+5)
	}
	given, err := c.Try(n)
	if err != nil {
		return err
	}
	if given.Died {
		fmt.Fprintf(w, "as given: with one every %v it dies after %d connections, %v: %s\n", c.Every, given.Served, given.After, given.Why)
	}
	fmt.Fprintln(std.err, "searching what saves it, the clients' timeouts first:")
	r, err := outage.FindRescue(c, n, outage.Candidates(c), rescueDepth, s)
	if err != nil {
		return err
	}
	switch {
	case r == nil:
		fmt.Fprintf(w, "with one every %v nothing that was tried lets it survive %d clients\n", c.Every, n)
	case len(r.Fixes) == 0:
		fmt.Fprintf(w, "with one every %v it survives %d clients as it is\n", c.Every, n)
	default:
		var names []string
		for _, x := range r.Fixes {
			names = append(names, x.Name)
		}
		which := "a set of which none can be left out"
		if r.Smallest {
			which = "the smallest set"
		}
		fmt.Fprintf(w, "with one every %v it survives %d clients with %s: %s\n", c.Every, n, which, strings.Join(names, ", "))
	}
	return nil
}
