package nodestore

import (
	"github.com/plimsoll-sim/plimsoll/opcua/internal/ns0"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// tableValue makes the value of a line, which is not on the heap.
func tableValue(v *ns0.Value) uatypes.Variant {
	if v == nil {
		return uatypes.Variant{}
	}
	switch v.Type {
	case ns0.Boolean:
		return tableVariant(v, uatypes.TypeBoolean, func(e *ns0.Element) bool { return e.Number != 0 })
	case ns0.Int32:
		t := uatypes.TypeInt32
		if v.Enumeration != 0 {
			t = uatypes.Enumeration("UA_Enumeration", v.Enumeration)
		}
		return tableVariant(v, t, func(e *ns0.Element) int32 { return int32(e.Number) })
	case ns0.UInt32:
		return tableVariant(v, uatypes.TypeUInt32, func(e *ns0.Element) uint32 { return uint32(e.Number) })
	case ns0.DateTime:
		return tableVariant(v, uatypes.TypeDateTime, func(e *ns0.Element) int64 { return e.Number })
	case ns0.String:
		return tableVariant(v, uatypes.TypeString, func(e *ns0.Element) uatypes.Str { return uatypes.Const(e.Text) })
	case ns0.ByteString:
		return tableVariant(v, uatypes.TypeByteString, func(e *ns0.Element) (s uatypes.Str) {
			if e.Text != "" {
				s = uatypes.Const(e.Text)
			}
			return s
		})
	case ns0.LocalizedText:
		return tableVariant(v, uatypes.TypeLocalizedText, func(e *ns0.Element) uatypes.LocalizedText { return textIn(e.Locale, e.Text) })
	case ns0.EnumValueType:
		return tableVariant(v, uatypes.TypeEnumValueType, func(e *ns0.Element) uatypes.EnumValueType {
			return uatypes.EnumValueType{Value: e.Number, DisplayName: textIn(e.Locale, e.Text), Description: description(e)}
		})
	case ns0.EUInformation:
		return tableVariant(v, uatypes.TypeEUInformation, func(e *ns0.Element) uatypes.EUInformation {
			return uatypes.EUInformation{NamespaceURI: uatypes.Const(e.URI), UnitID: int32(e.Number), DisplayName: textIn(e.Locale, e.Text),
				Description: description(e)}
		})
	default: // ns0.Argument
		return tableVariant(v, uatypes.TypeArgument, func(e *ns0.Element) uatypes.Argument {
			arg := uatypes.Argument{Name: uatypes.Const(e.Text), DataType: *ns0ID(e.DataType), ValueRank: e.ValueRank, Description: description(e)}
			if len(e.ArrayDimensions) > 0 {
				arg.ArrayDimensions = uatypes.Array[uint32]{P: uatypes.Static, V: e.ArrayDimensions}
			}
			return arg
		})
	}
}

// tableVariant makes a variant of the elements of a value.
func tableVariant[T any](v *ns0.Value, t *uatypes.DataType, element func(*ns0.Element) T) uatypes.Variant {
	var x []T
	for i := range v.Elements {
		x = append(x, element(&v.Elements[i]))
	}
	return uatypes.Variant{Type: t, P: uatypes.Static, V: x, IsArray: v.Array}
}

// text is a localized text as the table has it: its locale is empty, not null.
func text(s string) uatypes.LocalizedText { return textIn("", s) }

func textIn(locale, s string) uatypes.LocalizedText {
	t := uatypes.LocalizedText{Locale: uatypes.Str{P: uatypes.Empty}, Text: uatypes.Const(s)}
	if locale != "" {
		t.Locale = uatypes.Const(locale)
	}
	return t
}

func description(e *ns0.Element) uatypes.LocalizedText {
	if !e.Described {
		return uatypes.LocalizedText{}
	}
	return textIn(e.Locale, e.Description)
}
