package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/opcua"
)

// losses are the ways in which clients are lost.
var losses = []opcua.Leaving{opcua.LeaveFIN, opcua.LeaveRST, opcua.LeaveVanish}

// mapLimit is how many clients a cell of the map tries.
const mapLimit = 40

// tellMap prints how many connections the shipped machine survives, for each
// combination of loss, spacing, publish requests and items.
func (s *story) tellMap(machines []outage.Case) error {
	s.title("The map: connections served until the outage, as shipped")
	s.printf("rows: how clients are lost, time between them, publish requests outstanding; columns: monitored items, for each anchor\n")
	s.printf("[n]: four; * field-typical (5 or 17 publish requests, 5 or 10 items, 5 or 30 min apart); >%d: more than tried\n", mapLimit)
	items := []int{1, 5, 10, 20}
	t := tabwriter.NewWriter(s.w, 0, 8, 1, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "loss\tevery\tpublish\t")
	for i := range machines {
		for _, n := range items {
			name := ""
			if len(machines) > 1 {
				name = anchors[i].name + ":"
			}
			fmt.Fprintf(t, "%s%d\t", name, n)
		}
	}
	fmt.Fprintln(t)
	fours := 0
	for _, loss := range losses {
		for _, every := range []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute} {
			for _, publish := range []int{1, 5, 17} {
				fmt.Fprintf(t, "%v\t%v\t%d\t", loss, every.Minutes(), publish)
				for _, m := range machines {
					for _, n := range items {
						m.Loss, m.Every = loss, every
						m.Client.Subscription.Publish = publish
						m.Client.Subscription.Items = outage.Items(n)
						o, err := outage.Survey(m, mapLimit, false)
						if err != nil {
							return err
						}
						typical := publish >= 5 && (n == 5 || n == 10) && every >= 5*time.Minute
						fmt.Fprintf(t, "%s\t", cell(o, typical))
						if o.First != nil && o.Served == 4 {
							fours++
						}
					}
				}
				fmt.Fprintln(t)
			}
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	s.printf("cells that give four: %d\n", fours)
	return nil
}

func cell(o *outage.Outcome, typical bool) string {
	text := fmt.Sprint(o.Served)
	switch {
	case o.First == nil:
		text = fmt.Sprintf(">%d", mapLimit)
	case o.Served == 4:
		text = "[4]"
	}
	if typical {
		text += "*"
	}
	return text
}

// tellFixes tries each fix alone and all together against each kind of loss.
func (s *story) tellFixes(c outage.Case) (held bool, err error) {
	s.title(fmt.Sprintf("The fixes: of %d connections, one every %v", s.clients, s.every))
	t := tabwriter.NewWriter(s.w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "fix\tloss\tserved\tbytes held after\tlargest block\tmemory back after\tthe first client not served saw")
	arms := append([]outage.Fix{{Name: "none (as shipped)", Apply: func(*outage.Case) error { return nil }}}, outage.Fixes()...)
	arms = append(arms, outage.AllFixes())
	held = true
	var notes []string
	shipped := map[opcua.Leaving]*outage.Outcome{}
	for i, fix := range arms {
		for _, loss := range losses {
			m := c
			m.Loss = loss
			if m, err = m.With(fix); err != nil {
				return false, err
			}
			o, err := outage.Survey(m, s.clients, true)
			if err != nil {
				return false, err
			}
			fmt.Fprintf(t, "%s\t%v\t%d\t%s\t%s\t%s\t%s\n", fix.Name, loss, o.Served, thousands(o.Held), thousands(int(o.LargestRest)), back(o), saw(o))
			switch {
			case i == 0:
				shipped[loss] = o
			case i == len(arms)-1:
				held = held && o.First == nil && o.Held == 0 && o.Dead == ""
			default:
				if note := s.nothing(fix, loss, shipped[loss], o); note != "" {
					notes = append(notes, note)
				}
			}
		}
	}
	if err := t.Flush(); err != nil {
		return false, err
	}
	for _, n := range notes {
		s.printf("%s\n", n)
	}
	return held, nil
}

func back(o *outage.Outcome) string {
	switch {
	case o.Dead != "":
		return "never (dead)"
	case len(o.Never) > 0:
		return "never (" + o.Never[0].What + ")"
	}
	return o.Waited.Round(time.Second).String()
}

func saw(o *outage.Outcome) string {
	if o.First == nil {
		return "all served"
	}
	if o.First.Report.Err == nil {
		return "served, but the server died"
	}
	return firstLine(o.First.Report.Err)
}

// nothing says in a line why a fix does nothing in an arm.
func (s *story) nothing(fix outage.Fix, loss opcua.Leaving, before, after *outage.Outcome) string {
	if before.Served != after.Served || before.Free != after.Free || before.Held != after.Held {
		return ""
	}
	why := map[string]string{
		"SO_LINGER in Kconfig only":        "the option only compiles the call in: until the firmware calls setsockopt nothing changes",
		"SO_LINGER and setsockopt {1,0}":   "{1,0} sends RST in place of FIN only if data is queued at the close; what fills the heap are sessions and their subscriptions, which hold no connection",
		"client timeouts 10 min and 1 min": "a session whose deadline was taken from the wrong clock never expires, however short its timeout",
		"right time base":                  "no session had to expire",
		"seven options":                    "none of them gives this device memory",
	}[fix.Name]
	return fmt.Sprintf("%s does nothing against %v: %s", fix.Name, loss, why)
}

// tellTogether lets several clients come at once from several hosts, to the
// shipped and to the fixed machine.
func (s *story) tellTogether(c outage.Case) (held bool, err error) {
	const n = 8
	s.title(fmt.Sprintf("%d clients at once from 4 hosts, closing, killed (FIN, RST) and vanishing in turn", n))
	leave := func(i int) opcua.Leaving { return opcua.Leaving(i % 4) }
	for _, fix := range []outage.Fix{{Name: "as shipped", Apply: func(*outage.Case) error { return nil }}, outage.AllFixes()} {
		m, err := c.With(fix)
		if err != nil {
			return false, err
		}
		m.Hosts = 4
		crowd, err := outage.Together(m, n, leave)
		if err != nil {
			return false, err
		}
		state := fmt.Sprintf("%s bytes still held after %v", thousands(crowd.Held), crowd.Waited.Round(time.Second))
		if crowd.Dead != "" {
			state = crowd.Dead
		} else if len(crowd.Never) > 0 {
			state += ", for ever: " + crowd.Never[0].What
		}
		s.printf("%s: %d of %d served, at least %s bytes free at any time; %s\n", fix.Name, crowd.Served(), n, thousands(int(crowd.Minimum)), state)
		for i := range crowd.Reports {
			if r := &crowd.Reports[i]; !r.OK() {
				s.printf("  client %d: %v\n", i+1, firstLine(errors.Join(r.Err)))
			}
		}
		held = crowd.Dead == "" && crowd.Held == 0
	}
	return held, nil
}
