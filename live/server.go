package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// ErrClosed is what calls on a closed server return.
var ErrClosed = errors.New("live: the server is closed")

// A Server is a device that real programs can reach. Its methods may be called
// from any goroutine.
type Server struct {
	cfg      Config
	listener *net.TCPListener
	work     chan func() // for the loop
	stop     context.CancelFunc
	ctx      context.Context
	loopDone chan struct{}
	running  sync.WaitGroup // every goroutine but the loop
	started  time.Time
	err      error // why the loop ended; set before loopDone is closed

	// What follows belongs to the loop.
	world    *sim.World
	device   *sim.Device
	gateway  *wire.Host
	cable    *sim.Cable
	capture  *wire.Capture
	opcua    *opcua.Server // of the boot opcuaBoot, nil for other firmware
	boot     int           // in which opcua was started
	failed   error         // why it could not be made
	pace     pace
	conns    []*conn // in the order of their numbers
	accepted int
	refused  int
}

// Start boots the device, as fast as that goes, waits until its firmware is ready
// and then accepts connections. Close must be called in the end.
func Start(cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	s := &Server{cfg: cfg, listener: l.(*net.TCPListener), work: make(chan func(), workQueue), loopDone: make(chan struct{}), started: time.Now()}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if err := s.makeWorld(); err != nil {
		l.Close()
		if s.world != nil {
			s.world.Close()
		}
		return nil, err
	}
	go s.loop()
	s.running.Go(s.accept)
	return s, nil
}

func (s *Server) makeWorld() (err error) {
	dev := s.cfg.Device
	if f, ok := dev.Firmware.(opcua.Firmware); ok {
		dev.Firmware = s.observed(f)
	}
	s.world = sim.New(sim.Config{Seed: s.cfg.Seed})
	if s.device, err = s.world.Device(dev); err != nil {
		return err
	}
	if s.gateway, err = s.world.Host("gateway"); err != nil {
		return err
	}
	if s.cable, err = s.world.Cable(s.device, s.gateway); err != nil {
		return err
	}
	if s.cfg.Capture != nil {
		if s.capture, err = s.device.Capture(s.cfg.Capture); err != nil {
			return err
		}
	}
	first := s.device.Kernel()
	up := func() bool {
		_, ready := s.device.Ready()
		return ready || s.device.Power() != sim.Running || s.device.Boots() > bootTries
	}
	err = s.world.RunUntil(up, bootLimit)
	if _, ready := s.device.Ready(); err == nil && ready {
		return nil
	}
	if h := first.Halted(); h != nil {
		err := fmt.Errorf("live: device %q stopped before its firmware was ready (starts: %d): %v", s.device.Name(), s.device.Boots(), h)
		if s.failed != nil {
			err = fmt.Errorf("%w: %w", err, s.failed)
		}
		return err
	}
	if err == nil {
		err = fmt.Errorf("it is %v", s.device.Power())
	}
	return fmt.Errorf("live: the firmware of %q is not ready: %w", s.device.Name(), err)
}

// observed is the firmware with its server made known to Stats.
func (s *Server) observed(f opcua.Firmware) opcua.Firmware {
	if f.WallStart == 0 {
		f.WallStart = wallClock(time.Now())
	}
	started := f.Started
	f.Started = func(a *sim.App, server *opcua.Server) {
		s.opcua, s.boot = server, a.Device().Boots()
		if started != nil {
			started(a, server)
		}
	}
	failed := f.Failed
	f.Failed = func(a *sim.App, err error) {
		s.failed = err
		if failed != nil {
			failed(a, err)
		}
	}
	return f
}

// wallClock returns a time as OPC UA counts it: 100 ns since 1601.
func wallClock(t time.Time) int64 {
	const from1601To1970 = 11_644_473_600 // seconds
	return (t.Unix()+from1601To1970)*10_000_000 + int64(t.Nanosecond()/100)
}

// Addr returns the real address that the device's port is offered on.
func (s *Server) Addr() *net.TCPAddr { return s.listener.Addr().(*net.TCPAddr) }

// URL returns the address as OPC UA writes it. A client that connects with it
// gets it back in the server's endpoints, since open62541 answers GetEndpoints
// with the URL that it was asked with.
func (s *Server) URL() string { return "opc.tcp://" + s.Addr().String() }

// Done is closed when the server has ended, by Close or by an error.
func (s *Server) Done() <-chan struct{} { return s.loopDone }

// Close ends the connections, the world and all goroutines, and waits for them.
// It returns the error that ended the world before, if there was one. It may be
// called more than once.
func (s *Server) Close() error {
	s.stop()
	<-s.loopDone
	return s.err
}

// do runs f on the loop and waits for it.
func (s *Server) do(f func() error) error {
	done := make(chan error, 1)
	if !s.post(func() { done <- f() }) {
		return ErrClosed
	}
	select {
	case err := <-done:
		return err
	case <-s.loopDone:
		return ErrClosed
	}
}

// post hands f to the loop. It reports false if the loop has ended.
func (s *Server) post(f func()) bool {
	select {
	case s.work <- f:
		return true
	case <-s.loopDone:
		return false
	}
}
