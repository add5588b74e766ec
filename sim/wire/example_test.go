package wire_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// Two hosts on a cable that loses the first SYN, and is pulled later.
func Example() {
	loop := vtime.New(1)
	defer loop.Close()
	faults, err := wire.ParseFaults("drop #1 of syn from pc")
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := wire.FastEthernet("eth0")
	cfg.Faults = faults
	cable, err := wire.NewCable(loop, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	var hosts []*wire.Host
	for _, cfg := range []wire.HostConfig{
		{Name: "pc", Address: netip.MustParsePrefix("10.0.0.1/24")},
		{Name: "server", Address: netip.MustParsePrefix("10.0.0.2/24")},
	} {
		h, err := wire.NewHost(loop, cfg)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer h.Close()
		if err := h.Connect(cable); err != nil {
			fmt.Println(err)
			return
		}
		hosts = append(hosts, h)
	}
	pc, server := hosts[0], hosts[1]
	listener, err := server.Listen(4840, 4)
	if err != nil {
		fmt.Println(err)
		return
	}
	pc.Go("client", func(p *vtime.Proc) {
		conn, err := pc.Dial(p, server.Addr(), 4840, 5*time.Second)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("connected after", p.Now().Round(time.Millisecond))
		p.Sleep(time.Second)
		conn.Vanish()
		cable.Pull()
		_, err = pc.Ping(p, server.Addr(), time.Second)
		fmt.Println(err)
	})
	server.Go("server", func(p *vtime.Proc) {
		conn, err := listener.Accept(p, 0)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, err = conn.Read(p, make([]byte, 100), time.Hour)
		fmt.Println("the server still has the connection:", conn.State(), "after", p.Now().Round(time.Minute), err != nil)
	})
	if err := loop.Run(2 * time.Hour); err != nil {
		fmt.Println(err)
	}
	// Output:
	// connected after 1s
	// wire: pc: ping -> 10.0.0.2: timed out at 3.00001476s
	// the server still has the connection: ESTABLISHED after 1h0m0s true
}
