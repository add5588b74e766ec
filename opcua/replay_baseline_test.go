package opcua

import (
	"encoding/json"
	"fmt"
)

// baseline is a recorded run without failures: what clients send and get from
// the moment at which the server has been idle for a minute.
type baseline struct {
	line     *line
	name     string
	timeBase json.RawMessage
	lines    []*line
	results  []*line // that follow it
}

// replayBaselines replays a file that holds baselines and results of runs in
// which memory was short.
func (rec *recording) replayBaselines() error {
	var all []*baseline
	for _, l := range rec.lines {
		switch {
		case l.baseline != nil:
			tb := l.baseline.TimeBase
			if tb == nil {
				tb = rec.header.TimeBase
			}
			all = append(all, &baseline{line: l, name: l.baseline.Baseline, timeBase: tb})
		case len(all) == 0:
			return fmt.Errorf("%d: no baseline yet: %s", l.number, l.text)
		case l.injection != nil || l.capacity != nil:
			b := all[len(all)-1]
			b.results = append(b.results, l)
		case len(all[len(all)-1].results) > 0:
			return fmt.Errorf("%d: after results: %s", l.number, l.text)
		default:
			b := all[len(all)-1]
			b.lines = append(b.lines, l)
		}
	}
	if len(all) == 0 {
		return fmt.Errorf("1: no baselines")
	}
	for _, b := range all {
		if err := rec.replayBaseline(b); err != nil {
			return err
		}
	}
	for _, b := range all {
		var err error
		switch {
		case len(b.results) == 0:
		case b.results[0].capacity != nil:
			err = rec.replayCapacity(b)
		default:
			err = rec.replayInjections(all, b.results)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bootForBaseline makes a server that has been idle until baselines begin.
func (rec *recording) bootForBaseline(b *baseline) (*replay, error) {
	r := &replay{rec: rec, baseline: true, omitted: true}
	if err := r.build(rec.header, b.timeBase); err != nil {
		return nil, err
	}
	r.memory.note = nil
	for _, step := range []func(*Server) error{(*Server).create, (*Server).configure, (*Server).addVariables, (*Server).startup} {
		if err := step(r.server); err != nil {
			return nil, err
		}
	}
	r.memory.note, r.pending = r.note, nil
	if len(b.lines) == 0 || b.lines[0].step == nil {
		return nil, fmt.Errorf("%d: baseline without a step", b.line.number)
	}
	return r, r.idle(b.lines[0].step.TMs)
}

func (rec *recording) replayBaseline(b *baseline) error {
	r, err := rec.bootForBaseline(b)
	if err != nil {
		return err
	}
	if err := r.play(b.lines); err != nil {
		return err
	}
	if r.step == nil || r.step.Step != "end" {
		return fmt.Errorf("%d: the baseline has no end", r.number(b.lines))
	}
	return nil
}
