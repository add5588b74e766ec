package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/opcua"
)

// losses are the ways in which clients are lost.
var losses = []opcua.Leaving{opcua.LeaveFIN, opcua.LeaveRST, opcua.LeaveVanish}

// mapLimit is how many clients a cell of the map tries.
const mapLimit = 20

// tellMap prints how many connections the shipped machine survives, for each
// combination of loss, spacing, publish requests and items.
func (s *story) tellMap(machines []outage.Case) error {
	s.title("The map: connections served until the outage, as shipped")
	s.printf("rows: how clients are lost, time between them, publish requests outstanding; columns: monitored items, for each anchor\n")
	s.printf("[n]: four; * field-typical (5 or 17 publish requests, 5 or 10 items, 5 or 30 min apart); >%d: more than tried;\n", mapLimit)
	s.printf("! the chip panicked (a write through NULL after a failed allocation, or the task watchdog), elsewhere the task ended for lack of memory\n")
	items := []int{1, 5, 10, 20}
	t := tabwriter.NewWriter(s.w, 0, 8, 1, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "loss\tevery\tpublish\t")
	for i := range machines {
		for _, n := range items {
			name := ""
			if len(machines) > 1 {
				name = anchorName(machines, i) + ":"
			}
			fmt.Fprintf(t, "%s%d\t", name, n)
		}
	}
	fmt.Fprintln(t)
	spacings, requests := []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute}, []int{1, 5, 17}
	var trials []trial
	for _, loss := range losses {
		for _, every := range spacings {
			for _, publish := range requests {
				for _, m := range machines {
					for _, n := range items {
						m.Loss, m.Every = loss, every
						m.Client.Subscription.Publish = publish
						m.Client.Subscription.Items = outage.Items(n)
						trials = append(trials, trial{c: m, clients: mapLimit})
					}
				}
			}
		}
	}
	if err := try(trials); err != nil {
		return err
	}
	fours := 0
	for i := range trials {
		c := trials[i].c
		sub := c.Client.Subscription
		if i%(len(machines)*len(items)) == 0 {
			if i > 0 {
				fmt.Fprintln(t)
			}
			fmt.Fprintf(t, "%v\t%v\t%d\t", c.Loss, c.Every.Minutes(), sub.Publish)
		}
		o := trials[i].outcome
		n := len(sub.Items)
		typical := sub.Publish >= 5 && (n == 5 || n == 10) && c.Every >= 5*time.Minute
		fmt.Fprintf(t, "%s\t", cell(o, typical))
		if o.First != nil && o.Served == 4 {
			fours++
		}
	}
	fmt.Fprintln(t)
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
	if o.Halted {
		text += "!"
	}
	return text
}

// closeSpacing is the time between clients in the arm that shows what vanished
// peers hold while their connections last.
const closeSpacing = 5 * time.Minute

// arm is a kind of loss that the fixes are tried against.
type arm struct {
	loss  opcua.Leaving
	every time.Duration
}

func (a arm) String() string { return fmt.Sprintf("%v, every %v", a.loss, a.every) }

// tellFixes tries each fix alone and all together against each kind of loss.
func (s *story) tellFixes(c outage.Case) (held bool, err error) {
	s.title(fmt.Sprintf("The fixes, each alone and all together: of %d connections", s.clients))
	t := tabwriter.NewWriter(s.w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "fix\tlost by\tserved\tbytes held after\tlargest block\tmemory back after\tthe first client not served saw")
	fixes := append([]outage.Fix{shippedFix}, outage.Fixes()...)
	fixes = append(fixes, outage.AllFixes())
	var arms []arm
	for _, loss := range losses {
		arms = append(arms, arm{loss, s.every})
	}
	if s.every > closeSpacing {
		arms = append(arms, arm{opcua.LeaveVanish, closeSpacing})
	}
	var trials []trial
	for _, fix := range fixes {
		for _, a := range arms {
			m := c
			m.Loss, m.Every = a.loss, a.every
			if m, err = m.With(fix); err != nil {
				return false, err
			}
			trials = append(trials, trial{c: m, clients: s.clients, rest: true})
		}
	}
	if err := try(trials); err != nil {
		return false, err
	}
	held = true
	var notes []string
	for i := range trials {
		fix, a, o := fixes[i/len(arms)], arms[i%len(arms)], trials[i].outcome
		fmt.Fprintf(t, "%s\t%v\t%d\t%s\t%s\t%s\t%s\n", fix.Name, a, o.Served, thousands(o.Held), thousands(int(o.LargestRest)), back(o), saw(o))
		switch n := i / len(arms); {
		case n == len(fixes)-1:
			held = held && o.First == nil && o.Held == 0 && o.Dead == ""
		case n > 0:
			if note := nothing(fix, a, trials[i%len(arms)].outcome, o); note != "" {
				notes = append(notes, note)
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
func nothing(fix outage.Fix, a arm, before, after *outage.Outcome) string {
	if before.Served != after.Served || before.Free != after.Free || before.Held != after.Held {
		return ""
	}
	linger := "the peer has closed its connection itself: what fills the heap are sessions and subscriptions, which hold none"
	if a.loss == opcua.LeaveVanish {
		linger = "the server closes a vanished peer's connection when the channel's token has run out, after 10 min; until then, and for sessions, it changes nothing"
	}
	why := map[string]string{
		"right time base":                  "memory ran out before the first session's 20 min had passed",
		"SO_LINGER in Kconfig only":        "the option only compiles the call in; until the firmware calls setsockopt nothing changes",
		"SO_LINGER and setsockopt {1,0}":   linger,
		"client timeouts 10 min and 1 min": "a session whose deadline was taken from the wrong clock never expires, however short its timeout",
		"seven options":                    "none of them gives this device memory",
	}[fix.Name]
	return fmt.Sprintf("%s does nothing against %v: %s", fix.Name, a, why)
}

// together are the numbers of clients that come at once.
var together = []int{2, 4, 8}

// demanded reports whether n clients at once have to be served by the fixed
// machine with the memory of anchor i: eight need more at once than the smaller
// one has, whatever is given back afterwards.
func demanded(n, i int) bool { return n <= 4 || i == 1 }

// tellTogether lets several clients come at once from several hosts, to the
// shipped and to the fixed machine, with one anchor's memory and the other's.
func (s *story) tellTogether(machines []outage.Case) (held bool, err error) {
	s.title("Several clients at once, from 4 hosts, closing, killed (FIN, RST) and vanishing in turn")
	leave := func(i int) opcua.Leaving { return opcua.Leaving(i % 4) }
	t := tabwriter.NewWriter(s.w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "machine\tanchor\tclients\tserved\tdemanded\tleast free\theld after\tmemory back after\tthe first client not served saw")
	held = true
	for _, fix := range []outage.Fix{shippedFix, outage.AllFixes()} {
		for i, m := range machines {
			for _, n := range together {
				if m, err = m.With(fix); err != nil {
					return false, err
				}
				m.Hosts = 4
				crowd, err := outage.Together(m, n, leave)
				if err != nil {
					return false, err
				}
				after := crowd.Waited.Round(time.Second).String()
				if crowd.Dead != "" {
					after = "never (dead)"
				} else if len(crowd.Never) > 0 {
					after = "never (" + crowd.Never[0].What + ")"
				}
				saw := "all served"
				for k := range crowd.Reports {
					if r := &crowd.Reports[k]; !r.OK() {
						saw = fmt.Sprintf("client %d: %s", k+1, firstLine(r.Err))
						break
					}
				}
				must := ""
				if fix.Name != shippedFix.Name {
					must = "no"
					if demanded(n, i) {
						must = "yes"
						held = held && crowd.Dead == "" && crowd.Held == 0 && crowd.Served() == n
					}
				}
				fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\n", fix.Name, anchorName(machines, i), n, crowd.Served(), must, thousands(int(crowd.Minimum)), thousands(crowd.Held), after, saw)
			}
		}
	}
	return held, t.Flush()
}

// anchorName names one of the machines in a table; a single one has its static
// memory from the command line.
func anchorName(machines []outage.Case, i int) string {
	if len(machines) == 1 {
		return "-static"
	}
	return anchors[i].name
}

// shippedFix changes nothing.
var shippedFix = outage.Fix{Name: "as shipped", Apply: func(*outage.Case) error { return nil }}
