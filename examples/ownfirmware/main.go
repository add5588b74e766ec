// Ownfirmware shows how firmware of one's own is written on the model: tasks,
// sockets and memory of a small TCP server (firmware.go), the test that finds its
// leak (firmware_test.go), and this program, which shows the leak.
//
//	go run ./examples/ownfirmware
package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

func main() {
	for _, f := range []Logger{{Leaky: true}, {Leaky: false}} {
		if err := show(os.Stdout, f, 20); err != nil {
			fmt.Fprintln(os.Stderr, "ownfirmware:", err)
			os.Exit(1)
		}
	}
}

// show lets clients come, send and reset their connection, and prints what is free
// after each fifth, and what is held at the end.
func show(out io.Writer, f Logger, clients int) error {
	w := sim.New(sim.Config{Seed: 1})
	defer w.Close()
	dev, err := w.Device(sim.DeviceConfig{Firmware: f})
	if err != nil {
		return err
	}
	pc, err := w.Host("pc")
	if err != nil {
		return err
	}
	if _, err := w.Cable(dev, pc); err != nil {
		return err
	}
	if err := w.Run(5 * time.Second); err != nil {
		return err
	}
	fmt.Fprintf(out, "%+v: %d bytes free\n", f, dev.FreeHeap())
	for i := 1; i <= clients; i++ {
		var failed error
		pc.Go("client", func(p *vtime.Proc) { failed = visit(p, pc, dev, (*wire.Conn).Abort) })
		if err := w.Run(time.Minute); err != nil {
			return err
		}
		if failed != nil {
			return fmt.Errorf("client %d: %w", i, failed)
		}
		if i%5 == 0 {
			fmt.Fprintf(out, "after %2d clients: %d bytes free\n", i, dev.FreeHeap())
		}
	}
	base, _ := dev.Baseline()
	if err := dev.WriteHeld(out, base); err != nil {
		return err
	}
	fmt.Fprintln(out)
	return nil
}

// visit is a client that sends a measurement, reads the answer, and leaves.
func visit(p *vtime.Proc, pc *wire.Host, dev *sim.Device, leave func(*wire.Conn)) error {
	c, err := pc.Dial(p, dev.Addr(), port, 10*time.Second)
	if err != nil {
		return err
	}
	if _, err := c.Write(p, []byte("21.5 C\n"), 10*time.Second); err != nil {
		return err
	}
	if _, err := c.Read(p, make([]byte, 100), 10*time.Second); err != nil {
		return err
	}
	leave(c)
	return nil
}
