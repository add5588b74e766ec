package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/heap/view"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// tellOutage lets clients come to the shipped machine until it is dead, looks at
// what it gives to the outside then, restarts it, and sees it happen again.
func (s *story) tellOutage(c outage.Case) (failed bool, err error) {
	s.title(fmt.Sprintf("The outage: as shipped (sessions on the wall clock), clients lost by %v", c.Loss))
	r, err := outage.Start(c)
	if err != nil {
		return false, err
	}
	defer r.Close()
	finish, err := s.observe(r)
	if err != nil {
		return false, err
	}
	served, first, err := s.visits(r)
	if err != nil {
		return false, err
	}
	if first == nil {
		s.printf("all %d clients were served: with these parameters there is no outage\n", served)
		return false, finish()
	}
	s.explain(first)
	if err := finish(); err != nil {
		return false, err
	}
	if err := s.probe(r); err != nil {
		return false, err
	}
	if err := r.Reboot(); err != nil {
		return false, err
	}
	s.printf("\nrestarted at %v: %s bytes free again\n", clock(r.World.Now()), thousands(int(r.Start().Free)))
	again, second, err := s.visits(r)
	if err != nil {
		return false, err
	}
	if second != nil {
		s.printf("and the same again: dead after %d clients\n", again)
	}
	s.printf("fingerprint of this run: %s\n", r.World.Fingerprint())
	return second != nil, nil
}

// visits lets clients come until one is not served, and prints a line for each.
func (s *story) visits(r *outage.Run) (served int, first *outage.Visit, err error) {
	t := tabwriter.NewWriter(s.w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "at\tclient\tleft behind\tfree then\tlargest block\t")
	start := r.Start()
	fmt.Fprintf(t, "%v\t\t\t%s\t%s\t after the start\n", clock(r.World.Now()), thousands(int(start.Free)), thousands(int(r.Device.LargestFreeBlock())))
	var kept strings.Builder
	for served < s.clients {
		v, err := r.Visit()
		if err != nil {
			return served, nil, err
		}
		note := ""
		if !v.OK() {
			note = " not served"
			first = v
		}
		fmt.Fprintf(t, "%v\t%d\t%s\t%s\t%s\t%s\n", clock(v.Came), v.N, thousands(v.Kept), thousands(int(v.Free)), thousands(int(v.Large)), note)
		if served == 0 && first == nil {
			fmt.Fprintf(&kept, "revised by the server: channel to %v, session to %v\n", v.Report.ChannelLifetime, v.Report.SessionTimeout)
			kept.WriteString(s.leftBehind(r))
		}
		if first != nil {
			break
		}
		served++
	}
	if err := t.Flush(); err != nil {
		return served, first, err
	}
	s.printf("%s", kept.String())
	return served, first, nil
}

// leftBehind says who holds what the first client left, OPC UA and lwIP apart.
func (s *story) leftBehind(r *outage.Run) string {
	var b strings.Builder
	sums := map[string]int{}
	var order []string
	lwip := false
	for _, h := range r.Device.HeldSince(r.Start()) {
		layer := "OPC UA"
		if h.Task == "tiT" {
			layer, lwip = "lwIP", true
		}
		kind, _, _ := strings.Cut(h.Object, " ")
		k := layer + ": " + kind
		if _, ok := sums[k]; !ok {
			order = append(order, k)
		}
		sums[k] += h.Bytes
	}
	fmt.Fprintf(&b, "what the first client left behind (bytes with headers, %v after it came):", s.every)
	for _, k := range order {
		fmt.Fprintf(&b, " %s %s;", k, thousands(sums[k]))
	}
	if !lwip {
		b.WriteString(" lwIP: nothing any more;")
	}
	return strings.TrimSuffix(b.String(), ";") + "\n"
}

// explain says why a client was not served.
func (s *story) explain(v *outage.Visit) {
	if v.Report.Err != nil {
		s.printf("client %d saw: %v\n", v.N, firstLine(v.Report.Err))
	}
	if f := v.Failure; f != nil {
		why := fmt.Sprintf("free %s, largest block %s", thousands(int(f.Free)), thousands(int(f.Largest)))
		if f.Size <= f.Free {
			why += ": enough in all, but not in one piece"
		}
		s.printf("first allocation that failed: %s bytes for %s (%s), at %v: %s\n", thousands(int(f.Size)), f.Tag.What, f.Tag.Object, clock(f.At), why)
	}
	if v.Dead != "" {
		s.printf("the server is dead: %s\n", v.Dead)
	}
}

func (s *story) probe(r *outage.Run) error {
	p, err := r.Probe()
	if err != nil {
		return err
	}
	s.printf("from outside: ping: %s; SYN: %s; the next client: %s\n", p.Ping, p.SYN, p.Client)
	return nil
}

// tellOutcomes shows what becomes of the machine for each thing that firmware
// can do with an allocation that failed.
func (s *story) tellOutcomes(c outage.Case) error {
	s.title("What firmware does when memory fails, and what the outside gets then")
	for _, o := range []freertos.OnNoMemory{freertos.DeleteTask, freertos.KeepRunning, freertos.Panic} {
		c.Firmware.OnNoMemory = o
		r, err := outage.Start(c)
		if err != nil {
			return err
		}
		served, bad := 0, (*outage.Visit)(nil)
		for served < s.clients && bad == nil {
			v, err := r.Visit()
			if err != nil {
				r.Close()
				return err
			}
			if v.OK() {
				served++
			} else {
				bad = v
			}
		}
		state := r.Dead()
		if state == "" {
			state = "opcua_task lives on and tries again in silence"
		}
		s.printf("%v: %d clients served; then %s\n  ", o, served, state)
		if bad != nil {
			err = s.probe(r)
		} else {
			s.printf("no allocation failed\n")
		}
		r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// observe writes the captures and pictures of a run to the folder of -o.
func (s *story) observe(r *outage.Run) (finish func() error, err error) {
	if s.out == "" {
		return func() error { return nil }, nil
	}
	if err := os.MkdirAll(s.out, 0o777); err != nil {
		return nil, err
	}
	capture, err := os.Create(filepath.Join(s.out, "outage.pcapng"))
	if err != nil {
		return nil, err
	}
	end, err := r.Observe("Free DRAM until the outage", capture)
	if err != nil {
		return nil, errors.Join(err, capture.Close())
	}
	// Map and profile are taken at the instant of the failure: after it the task's
	// stack is free again.
	start := r.Device.Heap().Snapshot()
	var atFailure *heap.Snapshot
	var heapMap strings.Builder
	var mapErr error
	r.Device.OnFailure(func(f heap.Failure) {
		if heapMap.Len() == 0 && mapErr == nil {
			m := view.Map{
				Title: "The DRAM at the outage",
				Subtitle: fmt.Sprintf("Every block of the device at the moment when a request of %s bytes fails, %v after the start: %s bytes are free, the largest block serves %s.",
					thousands(int(f.Size)), clock(f.At), thousands(int(f.Free)), thousands(int(f.Largest))),
				By: outage.Grouping, Failed: &f,
			}
			mapErr = m.SVG(&heapMap, r.Device.Heap())
			atFailure = r.Device.Heap().Snapshot()
			r.Timeline.Fail(f)
			r.Timeline.Mark(f.At, view.MarkBad, "allocation failed")
		}
	})
	return func() error {
		errs := []error{end(), capture.Close(), mapErr}
		written := []string{"outage.pcapng"}
		write := func(name string, f func(io.Writer) error) {
			errs = append(errs, writeFile(filepath.Join(s.out, name), f))
			written = append(written, name)
		}
		write("heap.svg", r.Timeline.SVG)
		write("heap.csv", r.Timeline.CSV)
		if heapMap.Len() > 0 { // an allocation failed
			write("heapmap.svg", func(w io.Writer) error {
				_, err := io.WriteString(w, heapMap.String())
				return err
			})
			write("kept.pb.gz", func(w io.Writer) error { return view.DiffProfile(w, start, atFailure) })
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
		s.printf("written to %s: %s\n", s.out, strings.Join(written, ", "))
		return nil
	}, nil
}

func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// clock prints a time as hours, minutes and seconds.
func clock(d time.Duration) string { return d.Round(time.Second).String() }

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// thousands prints 70744 as 70,744.
func thousands(n int) string {
	if n < 0 {
		return "-" + thousands(-n)
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
