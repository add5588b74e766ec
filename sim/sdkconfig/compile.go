package sdkconfig

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// A row is a compiled option.
type row struct {
	option
	choice   int // the row of the choice it belongs to, or -1
	place    int // which of the choice's members it is
	number   int // what the choice's field holds if this member is chosen
	members  []int
	alone    *condition // under which a member is outside its choice; nil: never
	exists   *condition
	depends  *condition
	asked    *condition // with depends
	derived  bool       // a user cannot set it
	defaults []valueIf
	ranges   []rangeIf
	selected *condition
	earlier  []earlierName
	path     []int // the field of Config that holds it; nil: none
	field    string
}

type valueIf struct {
	value string
	when  *condition
}

type rangeIf struct {
	low, high int64
	when      *condition
}

type earlierName struct {
	name  string
	until Version
	on    string // the chip whose name it was; "" all
}

// optionTable is the compiled option table. It never changes once made.
type optionTable struct {
	rows    []row
	byName  map[string]int // options by newest and earlier names
	choices map[string]int // choices, whose names may also be those of options
}

// table compiles the option table on first use.
var table = sync.OnceValue(func() *optionTable {
	t, err := compile(allOptions())
	if err != nil {
		panic("sdkconfig: option table: " + err.Error())
	}
	return t
})

// allOptions joins the components' options, in the order in which a configuration is written.
func allOptions() []option {
	var all []option
	for _, part := range [][]option{
		targetOptions(), libcOptions(), systemOptions(), freertosOptions(), heapOptions(), spiramOptions(), lwipOptions(), ethernetOptions(), wifiOptions(),
		bluetoothOptions(), mbedtlsOptions(), servicesOptions(),
	} {
		all = append(all, part...)
	}
	return all
}

func compile(options []option) (*optionTable, error) {
	t := &optionTable{byName: map[string]int{}, choices: map[string]int{}}
	for _, o := range options {
		t.rows = append(t.rows, row{option: o, choice: -1})
		if o.typ != Choice {
			continue
		}
		c := len(t.rows) - 1
		for k, m := range o.one {
			t.rows[c].members = append(t.rows[c].members, len(t.rows))
			in := m.in
			if in == "" {
				in = o.in
			}
			t.rows = append(t.rows, row{
				option: option{name: m.name, typ: Bool, in: in, on: o.on, dep: o.dep, ask: m.ask, def: m.def, was: m.was, does: o.does, src: o.src},
				choice: c, number: m.number, place: k,
			})
		}
	}
	for i := range t.rows {
		r := &t.rows[i]
		if err := t.index(r, i); err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
	}
	for i := range t.rows {
		if err := t.compileRow(&t.rows[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", t.rows[i].name, err)
		}
	}
	return t, t.bind(reflect.TypeFor[Config](), nil, "")
}

// index enters a row's names.
func (t *optionTable) index(r *row, i int) error {
	for _, text := range split(r.was, ",") {
		name, until, ok := strings.Cut(text, " until ")
		if !ok {
			return fmt.Errorf("earlier name %q without until", text)
		}
		until, on, _ := strings.Cut(until, " on ")
		v, err := release(until)
		if err != nil {
			return err
		}
		r.earlier = append(r.earlier, earlierName{name, v, on})
	}
	if r.typ == Choice {
		t.choices[r.name] = i
		return nil
	}
	names := []string{r.name}
	for _, e := range r.earlier {
		names = append(names, e.name)
	}
	for _, n := range names {
		if j, ok := t.byName[n]; ok {
			return fmt.Errorf("name %s is also that of %s", n, t.rows[j].name)
		}
		t.byName[n] = i
	}
	return nil
}

func (t *optionTable) compileRow(r *row) (err error) {
	find := func(name string) (int, bool) {
		i, ok := t.byName[name]
		return i, ok
	}
	cond := func(text string) *condition {
		e, e2 := parseCondition(text, find)
		if err == nil {
			err = e2
		}
		return e
	}
	r.exists, r.depends, r.selected = cond(r.in), cond(r.dep), cond(r.sel)
	if r.on != "" {
		chip := cond("chip(" + r.on + ")")
		r.depends = and(chip, r.depends)
		if r.selected != nil {
			r.selected = and(chip, r.selected)
		}
	}
	if r.choice >= 0 {
		r.alone = cond(t.rows[r.choice].one[r.place].alone)
	}
	r.asked = r.depends
	if r.ask == "no" {
		r.derived = true
	} else if ask := cond(r.ask); ask != nil {
		r.asked = and(r.depends, ask)
	}
	for _, text := range split(r.def, ";") {
		value, when, _ := strings.Cut(text, " if ")
		if r.typ == Choice {
			j, ok := find(value)
			if !ok {
				return fmt.Errorf("no member %q", value)
			}
			value = strconv.Itoa(j)
		} else if _, _, e := parseValue(r.typ, value); e != nil {
			return e
		}
		r.defaults = append(r.defaults, valueIf{value, cond(when)})
	}
	for _, text := range split(r.rng, ";") {
		bounds, when, _ := strings.Cut(text, " if ")
		low, high, _ := strings.Cut(bounds, "..")
		l, err1 := strconv.ParseInt(low, 0, 64)
		h, err2 := strconv.ParseInt(high, 0, 64)
		if err1 != nil || err2 != nil || l > h {
			return fmt.Errorf("range %q", text)
		}
		r.ranges = append(r.ranges, rangeIf{l, h, cond(when)})
	}
	return err
}

// bind finds the fields of Config that carry a tag `option:"NAME"` or `choice:"NAME"`.
func (t *optionTable) bind(typ reflect.Type, path []int, name string) error {
	for i := range typ.NumField() {
		f := typ.Field(i)
		at := append(append([]int(nil), path...), i)
		number, ok := t.byName[f.Tag.Get("option")]
		if tag := f.Tag.Get("choice"); tag != "" {
			number, ok = t.choices[tag]
		}
		switch {
		case ok:
			r := &t.rows[number]
			r.path, r.field = at, name+f.Name
		case f.Tag != "":
			return fmt.Errorf("field %s%s: no option for %s", name, f.Name, f.Tag)
		case f.Type.Kind() == reflect.Struct && f.IsExported():
			if err := t.bind(f.Type, at, name+f.Name+"."); err != nil {
				return err
			}
		}
	}
	return nil
}

// find finds an option by any of its names, with or without CONFIG_.
func (t *optionTable) find(name string) (int, bool) {
	name = strings.TrimPrefix(name, "CONFIG_")
	if i, ok := t.byName[name]; ok {
		return i, true
	}
	i, ok := t.choices[name]
	return i, ok
}

// nameIn is the name that an option has in a configuration's release, on its chip.
func (r *row) nameIn(c *Config) string {
	name := r.name
	for _, e := range r.earlier {
		if e.on != "" && e.on != c.Chip() {
			continue
		}
		if c.IDF.Compare(e.until) >= 0 {
			break
		}
		name = e.name
	}
	return name
}

func (r *row) info(t *optionTable) Info {
	i := Info{
		Type: r.typ, Releases: r.in, Chips: r.on, Depends: r.dep, Asked: r.ask, Default: r.def, Range: r.rng,
		Field: r.field, Effect: r.does, Source: r.src, Name: r.name,
	}
	if r.typ != Choice {
		i.Name = "CONFIG_" + r.name
	}
	switch {
	case i.Effect != "":
	case r.derived:
		i.Effect = followsOnly
	default:
		i.Effect = decidesOnly
	}
	for _, e := range r.earlier {
		text := fmt.Sprintf("CONFIG_%s until %s", e.name, e.until)
		if e.on != "" {
			text += " on " + e.on
		}
		i.OldNames = append(i.OldNames, text)
	}
	for _, m := range r.members {
		i.Members = append(i.Members, "CONFIG_"+t.rows[m].name)
	}
	if r.choice >= 0 {
		i.Choice = t.rows[r.choice].name
		i.Field = t.rows[r.choice].field
	}
	return i
}

// unknown makes the error for a name that the table does not hold.
func (t *optionTable) unknown(name string) error {
	e, bare := &UnknownOptionError{Option: name}, strings.TrimPrefix(strings.ToUpper(name), "CONFIG_")
	if closest := t.closest(bare); closest != "" {
		e.Closest = "CONFIG_" + closest
	} else {
		e.Near = t.near(bare)
	}
	return e
}

func split(text, sep string) []string {
	var parts []string
	for _, p := range strings.Split(text, sep) {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	return parts
}
