package casebook

import "strings"

func verbExpect() verb {
	return expectation("expect", "Fails unless the figure is as it says. What the model found stands below, in a line \"found VALUE\" that -rewrite keeps up to date.", false)
}

func verbGap() verb {
	return expectation("gap", "Is expect where the model is known to differ from what was published: it fails if it does not differ. The comment says why.", true)
}

func expectation(name, help string, gap bool) verb {
	return verb{
		name: name, usage: name + " FIGURE RELATION VALUE [within TOLERANCE]", help: help,
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			if c.shared {
				return nil, st.errorf("%s is found once: it belongs neither into repeat nor before the first section", name)
			}
			k, err := c.condition(st, st.Words[1:])
			if err != nil {
				return nil, err
			}
			written, err := foundLine(st)
			if err != nil {
				return nil, err
			}
			return func(p *play) error {
				v, err := k.figure(p)
				if err != nil {
					return err
				}
				f := Finding{Section: p.section.Name, Line: st.Line, Gap: gap, Figure: k.name, Expected: k.text, Written: written, Comment: st.Comment}
				k.judge(st, v, &f)
				p.findings = append(p.findings, f)
				return nil
			}, nil
		},
	}
}

// foundLine reads the line "found VALUE" below an expectation, if there is one.
func foundLine(st *Statement) (string, error) {
	if len(st.Body) == 0 {
		return "", nil
	}
	f := st.Body[0]
	if len(st.Body) > 1 || f.Verb() != "found" || len(f.Words) < 2 || len(f.Body) > 0 {
		return "", st.Body[0].errorf("one line \"found VALUE\" was expected below %s", st.Verb())
	}
	return strings.Join(f.Words[1:], " "), nil
}
