package ns0

import (
	"fmt"
	"strconv"
	"strings"
)

func signed(word string) (int32, error) {
	n, err := strconv.ParseInt(word, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("expected a number, found %q", word)
	}
	return int32(n), nil
}

func small(word string) (uint8, error) {
	n, err := number(word)
	if err == nil && n > 255 {
		err = fmt.Errorf("expected a number up to 255, found %q", word)
	}
	return uint8(n), err
}

func parseValue(a *Attributes, word string) error {
	name, rest, ok := strings.Cut(word, ":")
	if !ok {
		return fmt.Errorf("expected TYPE:FIELDS, found %q", word)
	}
	fields, err := split(rest, ',')
	if err != nil {
		return err
	}
	var v Value
	var e Element
	expect := func(n int) {
		if err == nil && len(fields) != n {
			err = fmt.Errorf("a value of type %s takes %d fields, found %d", name, n, len(fields))
		}
	}
	text := func(i int) (s string) {
		if err == nil {
			s, err = unquote(fields[i])
		}
		return s
	}
	num := func(i int) (n int32) {
		if err == nil {
			n, err = signed(fields[i])
		}
		return n
	}
	array := true
	switch name {
	case "Int32":
		v.Type, array = Int32, false
		expect(1)
		e.Number = int64(num(0))
	case "String":
		v.Type, array = String, false
		expect(1)
		e.Text = text(0)
	case "ByteString":
		v.Type, array = ByteString, false
		if rest != "null" {
			err = fmt.Errorf("expected null, found %q", rest)
		}
	case "LocalizedText[]":
		v.Type = LocalizedText
		expect(1)
		e.Text = text(0)
	case "EnumValueType[]":
		v.Type = EnumValueType
		expect(3)
		e.Number, e.Text, e.Description = int64(num(0)), text(1), text(2)
	case "Argument[]":
		v.Type = Argument
		expect(max(3, min(len(fields), 4)))
		e.Text = text(0)
		if err == nil {
			e.DataType, err = number(fields[1])
		}
		e.ValueRank = num(2)
		if len(fields) == 4 && err == nil {
			var d uint32
			d, err = number(fields[3])
			e.ArrayDimensions = []uint32{d}
		}
	default:
		return fmt.Errorf("unknown value type %q", name)
	}
	if err != nil {
		return err
	}
	v.Array = array
	e.Described = v.Type == EnumValueType
	if a.Value == nil {
		a.Value = &v
	} else if a.Value.Type != v.Type || !array {
		return fmt.Errorf("a second value %q beside one of another type or a scalar", word)
	}
	a.Value.Elements = append(a.Value.Elements, e)
	return nil
}
