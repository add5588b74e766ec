package ns0

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// fileValue reads the value of a variable in a nodeset file. It is an array if the
// value rank says so, or if it has several elements and the rank allows an array; of a
// list that may not be one the first element counts.
func fileValue(value *element, dataType uint32, rank int32) (*Value, error) {
	if len(value.Children) == 0 {
		return nil, errors.New("Value: expected an element in it")
	}
	first := &value.Children[0]
	items, list := []element{*first}, false
	if name := first.XMLName.Local; strings.HasPrefix(name, "ListOf") {
		if items, list = first.Children, true; len(items) == 0 {
			return nil, nil
		}
	}
	v := &Value{Array: rank >= 0 || rank != -1 && len(items) > 1}
	if list && !v.Array {
		items = items[:1]
	}
	for i := range items {
		t, e, err := fileItem(&items[i])
		if err == nil && i > 0 && t != v.Type {
			err = fmt.Errorf("Value: %s beside an element of another type", items[i].XMLName.Local)
		}
		if err != nil {
			return nil, err
		}
		v.Type = t
		v.Elements = append(v.Elements, e)
	}
	if v.Array && v.Type == Int32 {
		v.Enumeration = enumeration(dataType)
	}
	return v, nil
}

// enumeration returns a data type that is encoded as Int32, 0 for Int32 itself.
func enumeration(dataType uint32) uint32 {
	if dataType == idInt32 {
		return 0
	}
	return dataType
}

const idInt32 = 6

// fileItem reads one element of a value.
func fileItem(x *element) (ValueType, Element, error) {
	var e Element
	var err error
	number := func(x *element, bits int) int64 {
		text := x.text()
		if text == "" {
			return 0
		}
		n, wrong := strconv.ParseInt(text, 10, bits)
		if wrong != nil {
			err = fmt.Errorf("Value: expected a number of %d bits, found %q", bits-1, text)
		}
		return n
	}
	switch name := x.XMLName.Local; name {
	case "Boolean":
		if x.text() == "true" {
			e.Number = 1
		}
		return Boolean, e, nil
	case "Int32":
		e.Number = number(x, 32)
		return Int32, e, err
	case "UInt32":
		e.Number = number(x, 33)
		return UInt32, e, err
	case "String":
		e.Text = literal(x.text())
		return String, e, nil
	case "DateTime":
		t, err := time.Parse(time.RFC3339, x.text())
		if err != nil {
			return 0, e, fmt.Errorf("Value: DateTime: %w", err)
		}
		e.Number = (t.Unix() + secondsTo1970) * ticksPerSecond
		return DateTime, e, nil
	case "ByteString":
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(x.Text), ""))
		e.Text = string(b)
		return ByteString, e, err
	case "LocalizedText":
		e.Locale, e.Text, _ = localized(x)
		return LocalizedText, e, nil
	case "ExtensionObject":
		body := x.child("Body")
		if body == nil || len(body.Children) != 1 {
			return 0, e, errors.New("Value: ExtensionObject: expected a Body with one element")
		}
		t, e, err := fileStructure(&body.Children[0], number)
		if err != nil {
			return 0, e, err
		}
		return t, e, nil
	default:
		return 0, e, fmt.Errorf("Value: unknown type %q", name)
	}
}

// fileStructure reads a structure of a value.
func fileStructure(x *element, number func(*element, int) int64) (t ValueType, e Element, err error) {
	switch name := x.XMLName.Local; name {
	case "Argument":
		t = Argument
		e.Text = literal(x.child("Name").text())
		id := x.child("DataType").child("Identifier").text()
		n, wrong := strconv.ParseUint(strings.TrimPrefix(id, "i="), 10, 32)
		if wrong != nil || !strings.HasPrefix(id, "i=") {
			return 0, e, fmt.Errorf("Value: Argument %s: DataType: expected i= and a number, found %q", e.Text, id)
		}
		e.DataType = uint32(n)
		e.ValueRank = int32(number(x.child("ValueRank"), 32))
		if dims := x.child("ArrayDimensions"); dims != nil {
			for i := range dims.Children {
				e.ArrayDimensions = append(e.ArrayDimensions, uint32(number(&dims.Children[i], 33)))
			}
		}
	case "EnumValueType":
		t = EnumValueType
		e.Number = number(x.child("Value"), 64)
		e.Locale, e.Text, _ = localized(x.child("DisplayName"))
	case "EUInformation":
		t = EUInformation
		e.URI = literal(x.child("NamespaceUri").text())
		e.Number = number(x.child("UnitId"), 32)
		e.Locale, e.Text, _ = localized(x.child("DisplayName"))
	default:
		return 0, e, fmt.Errorf("Value: unknown structure %q", name)
	}
	_, e.Description, e.Described = localized(x.child("Description"))
	return t, e, nil
}

// localized reads a LocalizedText; ok says that there is one.
func localized(x *element) (locale, text string, ok bool) {
	return x.child("Locale").text(), literal(x.child("Text").text()), x != nil
}

// literal is a text as it comes out of the compiler: a line break is two characters.
func literal(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r", ""), "\n", `\n`)
}

// Time in open62541 counts in steps of 100 ns from 1601.
const (
	secondsTo1970  = 11_644_473_600
	ticksPerSecond = 10_000_000
)
