package sim_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// newWorld returns a world that ends with the test.
func newWorld(t testing.TB) *sim.World {
	w := sim.New(sim.Config{Seed: 1})
	t.Cleanup(w.Close)
	return w
}

func newDevice(t testing.TB, w *sim.World, cfg sim.DeviceConfig) *sim.Device {
	d, err := w.Device(cfg)
	require.NoError(t, err)
	return d
}

func newHost(t testing.TB, w *sim.World, name string) *wire.Host {
	h, err := w.Host(name)
	require.NoError(t, err)
	return h
}

func newCable(t testing.TB, w *sim.World, ends ...sim.Node) *sim.Cable {
	c, err := w.Cable(ends...)
	require.NoError(t, err)
	return c
}

// configured returns the defaults of ESP-IDF 5.3.1 with some options changed.
func configured(t testing.TB, options ...string) *sdkconfig.Config {
	c := sdkconfig.Default("5.3.1")
	for i := 0; i < len(options); i += 2 {
		require.NoError(t, c.Set(options[i], options[i+1]))
	}
	return c
}

// ping returns the error of a ping from host to device.
func ping(t testing.TB, w *sim.World, h *wire.Host, d *sim.Device) (err error) {
	done := false
	h.Go("ping", func(p *vtime.Proc) {
		_, err = h.Ping(p, d.Addr(), time.Second)
		done = true
	})
	require.NoError(t, w.RunUntil(func() bool { return done }, time.Minute))
	return err
}

func TestNamesAndAddresses(t *testing.T) {
	w := newWorld(t)
	a, b := newDevice(t, w, sim.DeviceConfig{}), newDevice(t, w, sim.DeviceConfig{})
	require.Equal(t, []string{"esp32", "esp32-2"}, []string{a.Name(), b.Name()})
	require.Equal(t, "192.168.1.50 192.168.1.51", fmt.Sprint(a.Addr(), b.Addr()))

	mine, err := w.HostWith(wire.HostConfig{Name: "mine", Address: netip.MustParsePrefix("192.168.1.100/24")})
	require.NoError(t, err)
	pc := newHost(t, w, "pc")
	require.Equal(t, "192.168.1.100 192.168.1.101", fmt.Sprint(mine.Addr(), pc.Addr()))
	require.Equal(t, []*sim.Device{a, b}, w.Devices())
	require.Equal(t, []*wire.Host{mine, pc}, w.Hosts())

	_, err = w.HostWith(wire.HostConfig{Name: "thief", Address: netip.MustParsePrefix("192.168.1.50/24")})
	require.EqualError(t, err, `sim: "thief": the address 192.168.1.50 is taken by "esp32"`)
	_, err = w.Device(sim.DeviceConfig{Name: "thief", Address: netip.MustParsePrefix("192.168.1.101/24")})
	require.EqualError(t, err, `sim: "thief": the address 192.168.1.101 is taken by "pc"`)
	_, err = w.Host("")
	require.EqualError(t, err, "sim: a name was expected, found an empty one")
}

func TestDeviceErrors(t *testing.T) {
	w := newWorld(t)
	for want, cfg := range map[string]sim.DeviceConfig{
		"an IPv4 address with prefix length": {Address: netip.MustParsePrefix("fd00::1/64")},
		"address 0.0.0.0/0":                  {Address: netip.MustParsePrefix("0.0.0.0/0")},
		"Ethernet or WiFi was expected":      {Interface: 7},
		"the linker places at most":          {Static: 1 << 20},
		"ESP-IDF version \"5.0.1\"":          {SDKConfig: sdkconfig.Default("5.0.1")},
		"4294967295 bytes of static DRAM":    {Static: 0xFFFFFFFF},
		"has no Ethernet MAC of its own":     {SDKConfig: forTarget("esp32c3")},
	} {
		_, err := w.Device(cfg)
		require.ErrorContains(t, err, want)
	}
	// What failed holds neither its name nor its address.
	d := newDevice(t, w, sim.DeviceConfig{})
	require.Equal(t, "esp32", d.Name())
	require.Equal(t, "192.168.1.50", d.Addr().String())
}

func forTarget(name string) *sdkconfig.Config {
	c := sdkconfig.Default("5.3.1")
	c.Target = name
	return c
}

func TestAddressesRunOut(t *testing.T) {
	w := newWorld(t)
	for i := 100; i <= 254; i++ {
		_, err := w.HostWith(wire.HostConfig{Name: fmt.Sprint(i), Address: netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 168, 1, byte(i)}), 24)})
		require.NoError(t, err)
	}
	_, err := w.Host("one more")
	require.EqualError(t, err, `sim: host "one more": the addresses 192.168.1.100 to 192.168.1.254 are all taken; give it one`)
}

func TestInterfaceNames(t *testing.T) {
	for _, i := range []sim.Interface{sim.Ethernet, sim.WiFi} {
		back, err := sim.ParseInterface(i.String())
		require.NoError(t, err)
		require.Equal(t, i, back)
	}
	_, err := sim.ParseInterface("Ethernet")
	require.EqualError(t, err, `sim: interface "Ethernet": eth or wifi was expected`)
	require.Equal(t, "Interface(9)", sim.Interface(9).String())
	require.Equal(t, "Power(9)", sim.Power(9).String())
}

type stranger struct{}

func (stranger) Name() string { return "stranger" }

func TestCableErrors(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	d, pc := newDevice(t, w, sim.DeviceConfig{}), newHost(t, w, "pc")
	far, farPC := newDevice(t, other, sim.DeviceConfig{}), newHost(t, other, "far")
	var noDevice *sim.Device
	var noHost *wire.Host
	for _, c := range []struct {
		want string
		ends []sim.Node
	}{
		{"sim: a cable has two ends, but 1 were given (pc)", []sim.Node{pc}},
		{"sim: a cable has two ends, but 3 were given (esp32, nil, nil)", []sim.Node{d, nil, noHost}},
		{"sim: end 2 of a cable: a device or a host was expected, found nil", []sim.Node{d, nil}},
		{"sim: end 1 of a cable: a device or a host was expected, found a nil *sim.Device", []sim.Node{noDevice, pc}},
		{"sim: end 1 of a cable: a device or a host was expected, found a nil *wire.Host", []sim.Node{noHost, d}},
		{"sim: end 2 of a cable: a *sim.Device or a *wire.Host was expected, found a sim_test.stranger", []sim.Node{pc, stranger{}}},
		{`sim: end 1 of a cable: device "esp32" is in another world`, []sim.Node{far, pc}},
		{`sim: end 2 of a cable: host "far" is not one of this world: World.Host makes them`, []sim.Node{d, farPC}},
		{`both ends are plugged into "esp32"`, []sim.Node{d, d}},
	} {
		_, err := w.Cable(c.ends...)
		require.ErrorContains(t, err, c.want)
	}
	// Nothing of it took the host's socket.
	newCable(t, w, d, pc)
	_, err := w.Cable(pc, d)
	require.ErrorContains(t, err, `host "pc" has one network socket, and cable "esp32-pc" is in it`)
	d2 := newDevice(t, w, sim.DeviceConfig{})
	newCable(t, w, d, d2)
	_, err = w.Cable(d2, d)
	require.ErrorContains(t, err, "that would close a ring of switches")
}

// Several hosts reach a device, each over a cable of its own, and each other over
// the switch beside it; a pulled cable concerns its host alone.
func TestSeveralCables(t *testing.T) {
	w := newWorld(t)
	d := newDevice(t, w, sim.DeviceConfig{})
	var hosts []*wire.Host
	var cables []*sim.Cable
	for i := range 3 {
		h := newHost(t, w, fmt.Sprint("pc", i+1))
		hosts = append(hosts, h)
		cables = append(cables, newCable(t, w, d, h))
	}
	require.Equal(t, hosts, d.Hosts())
	require.NoError(t, w.Run(5*time.Second))
	cables[1].Pull()
	require.NoError(t, ping(t, w, hosts[0], d))
	require.Error(t, ping(t, w, hosts[1], d))
	require.NoError(t, ping(t, w, hosts[2], d))
	cables[1].Plug()
	require.NoError(t, w.Run(5*time.Second)) // the host gives up its ARP request, and begins anew
	require.NoError(t, ping(t, w, hosts[1], d))
	slow, err := w.CableWith(wire.CableConfig{Name: "satellite", Delay: 100 * time.Millisecond}, d, newHost(t, w, "far"))
	require.NoError(t, err)
	require.Equal(t, "satellite", slow.Name())
	require.NoError(t, ping(t, w, d.Hosts()[3], d))
}

func TestClosedWorld(t *testing.T) {
	w := sim.New(sim.Config{})
	newDevice(t, w, sim.DeviceConfig{})
	newHost(t, w, "pc")
	require.NoError(t, w.Run(time.Second))
	w.Close()
	w.Close()
	require.ErrorIs(t, w.Run(time.Second), vtime.ErrClosed)
}
