package sdkconfig

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// place names an option and the field that holds it.
func (c *Config) place(i int) string {
	t := table()
	r := &t.rows[i]
	field := r.field
	if field == "" && r.choice >= 0 {
		field = t.rows[r.choice].field
	}
	return prefix + r.nameIn(c) + " (Config." + field + ")"
}

// fill writes the values into the typed fields.
func (c *Config) fill() {
	t := table()
	v := reflect.ValueOf(c).Elem()
	for i := range t.rows {
		if r := &t.rows[i]; r.path != nil {
			r.store(t, v.FieldByIndex(r.path), c.values[i])
		}
	}
}

func (r *row) store(t *optionTable, f reflect.Value, value string) {
	switch r.typ {
	case Bool:
		f.SetBool(value == "y")
	case String:
		f.SetString(plain(value))
	case Choice:
		f.SetInt(0)
		if member, err := strconv.Atoi(value); err == nil {
			f.SetInt(int64(t.rows[member].number))
		}
	default:
		n, _ := strconv.ParseInt(value, 0, 64)
		f.SetInt(n)
	}
}

// load reads a typed field back; was is the value it was filled with.
func (r *row) load(t *optionTable, f reflect.Value, was string) (string, error) {
	filled := reflect.New(f.Type()).Elem()
	if r.store(t, filled, was); filled.Equal(f) {
		return was, nil
	}
	switch r.typ {
	case Bool:
		if f.Bool() {
			return "y", nil
		}
		return "n", nil
	case String:
		if strings.ContainsAny(f.String(), "\r\n\x00") {
			return "", fmt.Errorf("expected a string of one line, found %s", shown(f.String()))
		}
		return quote(f.String()), nil
	case Choice:
		for _, m := range r.members {
			if t.rows[m].number == int(f.Int()) {
				return strconv.Itoa(m), nil
			}
		}
		return "", fmt.Errorf("expected one of the values of its choice, found %d", f.Int())
	case Hex:
		return fmt.Sprintf("0x%x", f.Int()), nil
	}
	return strconv.FormatInt(f.Int(), 10), nil
}

// absorb records fields that were assigned directly as assignments of their options, and returns these.
func (c *Config) absorb() ([]int, error) {
	t := table()
	v := reflect.ValueOf(c).Elem()
	var rows []int
	var problems []error
	for i := range t.rows {
		r := &t.rows[i]
		if r.path == nil {
			continue
		}
		value, err := r.load(t, v.FieldByIndex(r.path), c.values[i])
		switch {
		case err != nil:
			problems = append(problems, &ValueError{Option: c.place(i), Problem: err.Error()})
		case value == c.values[i]:
		case r.typ == Choice:
			member, _ := strconv.Atoi(value)
			c.assign(member, assignment{set: true, value: "y", name: t.rows[member].name})
			rows = append(rows, member)
		default:
			c.assign(i, assignment{set: true, value: value, name: r.name})
			rows = append(rows, i)
		}
	}
	return rows, errors.Join(problems...)
}
