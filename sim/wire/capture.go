package wire

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// defaultEpoch is the wall-clock time of virtual time 0 in captures:
// 2025-01-01 00:00:00 UTC, in seconds. Arbitrary, but the same everywhere.
const defaultEpoch = 1735689600

// CaptureConfig describes a capture file.
type CaptureConfig struct {
	// Epoch is what virtual time 0 is shown as. Zero value: 2025-01-01 UTC.
	Epoch time.Time

	// Comment is put into the file's section header, where Wireshark shows it
	// under the capture file's properties.
	Comment string
}

// A Capture writes frames to a pcapng file that Wireshark and tshark open: one
// interface for each tap, nanoseconds of virtual time, and a comment on each
// frame that was lost or that a fault has harmed. The file depends on the seed
// alone, not on the machine.
type Capture struct {
	loop  *vtime.Loop
	out   io.Writer
	cfg   CaptureConfig
	epoch time.Time
	w     *pcapgo.NgWriter
	taps  int
	err   error
}

// NewCapture returns a capture that writes to out. It begins with the first
// tap; Flush or Close must be called at the end, which do not close out.
func NewCapture(loop *vtime.Loop, out io.Writer, cfg CaptureConfig) *Capture {
	epoch := cfg.Epoch
	if epoch.IsZero() {
		epoch = time.Unix(defaultEpoch, 0)
	}
	return &Capture{loop: loop, out: out, cfg: cfg, epoch: epoch}
}

// Tap records everything that is sent into the cable from either end, at the
// instant when it is sent, also what never arrives.
func (c *Capture) Tap(cable *Cable) error {
	id, err := c.addInterface(cable.cfg.Name, cable.String())
	if err != nil {
		return err
	}
	cable.taps = append(cable.taps, tap{capture: c, id: id})
	return nil
}

// TapEnd records what one end of a cable sends and receives, as tcpdump on that
// machine would: each frame at the instant when this end sends or gets it, with
// its direction.
func (c *Capture) TapEnd(end *End) error {
	id, err := c.addInterface(end.cable.cfg.Name+" at "+end.name, end.cable.String())
	if err != nil {
		return err
	}
	end.cable.taps = append(end.cable.taps, tap{capture: c, id: id, end: end})
	return nil
}

func (c *Capture) addInterface(name, comment string) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	intf := pcapgo.NgInterface{Name: name, Comment: comment, LinkType: layers.LinkTypeEthernet}
	var err error
	if c.w == nil {
		// Hardware and OS stay empty: they would tell on which machine the
		// capture was made, and the file would differ between machines.
		c.w, err = pcapgo.NewNgWriterInterface(c.out, intf, pcapgo.NgWriterOptions{
			SectionInfo: pcapgo.NgSectionInfo{Application: "plimsoll", Comment: c.cfg.Comment},
		})
	} else {
		_, err = c.w.AddInterface(intf)
	}
	if err != nil {
		return 0, c.fail(err)
	}
	c.taps++
	return c.taps - 1, nil
}

// Flush writes out what is buffered and returns the first error of the
// capture.
func (c *Capture) Flush() error {
	if c.err != nil {
		return c.err
	}
	if c.w == nil {
		return errors.New("wire: a capture without a tap: nothing was recorded")
	}
	if err := c.w.Flush(); err != nil {
		return c.fail(err)
	}
	return nil
}

// Close flushes and records nothing more.
func (c *Capture) Close() error {
	if errors.Is(c.err, errCaptureClosed) {
		return nil
	}
	err := c.Flush()
	if c.err == nil {
		c.err = errCaptureClosed
	}
	return err
}

var errCaptureClosed = errors.New("wire: the capture is closed")

func (c *Capture) fail(err error) error {
	c.err = fmt.Errorf("wire: writing the capture: %w", err)
	c.loop.Fail(c.err)
	return c.err
}

func (c *Capture) write(id int, frame Frame, dir direction, note string) {
	if c.err != nil {
		return
	}
	info := gopacket.CaptureInfo{
		Timestamp:      c.epoch.Add(c.loop.Now()),
		CaptureLength:  len(frame),
		Length:         len(frame),
		InterfaceIndex: id,
	}
	var opts pcapgo.NgPacketOptions
	if note != "" {
		opts.Comments = []string{note}
	}
	switch dir {
	case directionIn:
		opts.Flags = &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionInbound}
	case directionOut:
		opts.Flags = &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionOutbound}
	}
	if err := c.w.WritePacketWithOptions(info, frame, opts); err != nil {
		c.fail(err)
	}
}

// Capture begins a capture of this cable alone, see Capture.Tap.
func (c *Cable) Capture(out io.Writer) (*Capture, error) {
	cap := NewCapture(c.loop, out, CaptureConfig{})
	if err := cap.Tap(c); err != nil {
		return nil, err
	}
	return cap, nil
}

type direction uint8

const (
	directionNone direction = iota
	directionOut
	directionIn
)

// tap is where a capture listens: to a whole cable, or to one end of it.
type tap struct {
	capture *Capture
	id      int
	end     *End
}

// record shows a frame to the taps of the cable: one that end sends or gets.
func (c *Cable) record(end *End, frame Frame, dir direction, note string) {
	for _, t := range c.taps {
		switch {
		case t.end == end:
			t.capture.write(t.id, frame, dir, note)
		case t.end == nil && dir == directionOut:
			t.capture.write(t.id, frame, directionNone, note)
		}
	}
}
