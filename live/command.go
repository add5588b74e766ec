package live

import (
	"fmt"
	"time"
)

// Pull interrupts the cable between the gateway and the device. Neither side is
// told; real clients go on with a connection that carries nothing.
func (s *Server) Pull() error {
	return s.do(func() error { s.cable.Pull(); return nil })
}

// Plug mends what Pull interrupted. Both sides repeat what was lost when their
// own timers say so.
func (s *Server) Plug() error {
	return s.do(func() error { s.cable.Plug(); return nil })
}

// Kill lets connections vanish as when the client's machine dies: the device gets
// neither FIN nor RST, and nothing it sends is ever answered. The real client
// gets RST. id is a number from Stats; 0 means all. It returns how many vanished.
func (s *Server) Kill(id int) (killed int, err error) {
	err = s.do(func() error {
		for _, c := range append([]*conn(nil), s.conns...) {
			if id == 0 || c.id == id {
				c.kill()
				killed++
			}
		}
		if id != 0 && killed == 0 {
			return fmt.Errorf("live: there is no connection %d", id)
		}
		return nil
	})
	return killed, err
}

// Reboot presses the device's reset button. Its clients are told nothing; what
// they send next is answered with RST. The new start takes as long as it does.
func (s *Server) Reboot() error {
	return s.do(func() error { return s.device.Reboot() })
}

// SetSpeed changes Config.Speed from now on.
func (s *Server) SetSpeed(speed int) error {
	if err := checkSpeed(speed); err != nil {
		return err
	}
	return s.do(func() error { s.pace.change(speed, time.Now(), s.world.Now()); return nil })
}

// Now returns the virtual time since the world began.
func (s *Server) Now() (now time.Duration, err error) {
	err = s.do(func() error { now = s.world.Now(); return nil })
	return now, err
}
