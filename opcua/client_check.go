package opcua

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"time"

	"github.com/gopcua/opcua/ua"
)

// A server's bytes are checked before gopcua decodes them. Its decoder takes
// array lengths as they come (it would allocate for 2^31 elements that are not
// there), multiplies array dimensions in 32 bits and follows nested values as
// deep as they go, which no recover can stop. The checker walks the same types
// over the same bytes without allocating:
//
//  1. every length must fit into the bytes that are left;
//  2. the dimensions of an array must multiply to its length, in 64 bits;
//  3. values nest at most clientMaxDepth deep;
//  4. nothing may follow the message.

// clientMaxDepth is how deep values may nest. Part 6, 5.1.9 asks decoders for
// at least 100 levels.
const clientMaxDepth = 100

// clientDecode checks and decodes the body of a message: the type's node id and
// the value.
func clientDecode(body []byte) (any, error) {
	k := clientChecker{b: body}
	if err := k.expandedNodeID(); err != nil {
		return nil, fmt.Errorf("type id: %w", err)
	}
	id, v, err := ua.DecodeService(body[:k.pos])
	if v == nil {
		if id != nil {
			return nil, fmt.Errorf("type id %s is not a service", id)
		}
		return nil, fmt.Errorf("type id %x is not a service: %w", body[:k.pos], err)
	}
	start := k.pos
	if err := k.value(reflect.TypeOf(v)); err != nil {
		return nil, fmt.Errorf("%T at byte %d: %w", v, k.pos, err)
	}
	if k.left() != 0 {
		return nil, fmt.Errorf("%T: %d bytes after its end", v, k.left())
	}
	if _, err := ua.Decode(body[start:], v); err != nil {
		return nil, fmt.Errorf("%T: %w", v, err)
	}
	return v, nil
}

type clientChecker struct {
	b     []byte
	pos   int
	depth int
}

func (k *clientChecker) left() int { return len(k.b) - k.pos }

func (k *clientChecker) skip(n int) error {
	if n > k.left() {
		return fmt.Errorf("%d bytes expected, %d left", n, k.left())
	}
	k.pos += n
	return nil
}

func (k *clientChecker) u8() (byte, error) {
	if err := k.skip(1); err != nil {
		return 0, err
	}
	return k.b[k.pos-1], nil
}

func (k *clientChecker) u32() (uint32, error) {
	if err := k.skip(4); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(k.b[k.pos-4:]), nil
}

// length reads the length of a string or an array: null and empty give 0.
func (k *clientChecker) length() (int, error) {
	n, err := k.u32()
	if err != nil || n == 0xffffffff {
		return 0, err
	}
	if uint64(n) > uint64(k.left()) {
		return 0, fmt.Errorf("length %d, but %d bytes are left", n, k.left())
	}
	return int(n), nil
}

func (k *clientChecker) bytes() error {
	n, err := k.length()
	if err != nil {
		return err
	}
	return k.skip(n)
}

func (k *clientChecker) nest(f func() error) error {
	if k.depth == clientMaxDepth {
		return fmt.Errorf("values nest deeper than %d", clientMaxDepth)
	}
	k.depth++
	err := f()
	k.depth--
	return err
}

var (
	clientTypeNodeID         = reflect.TypeFor[*ua.NodeID]()
	clientTypeExpandedNodeID = reflect.TypeFor[*ua.ExpandedNodeID]()
	clientTypeVariant        = reflect.TypeFor[*ua.Variant]()
	clientTypeDataValue      = reflect.TypeFor[*ua.DataValue]()
	clientTypeExtension      = reflect.TypeFor[*ua.ExtensionObject]()
	clientTypeDiagnostic     = reflect.TypeFor[*ua.DiagnosticInfo]()
	clientTypeText           = reflect.TypeFor[*ua.LocalizedText]()
	clientTypeGUID           = reflect.TypeFor[*ua.GUID]()
	clientTypeTime           = reflect.TypeFor[time.Time]()
	clientTypeDecoder        = reflect.TypeFor[ua.BinaryDecoder]()
)

// value walks a value of type t as ua.Decode does.
func (k *clientChecker) value(t reflect.Type) error {
	switch t {
	case clientTypeNodeID:
		return k.nodeID()
	case clientTypeExpandedNodeID:
		return k.expandedNodeID()
	case clientTypeVariant:
		return k.nest(k.variant)
	case clientTypeDataValue:
		return k.nest(k.dataValue)
	case clientTypeExtension:
		return k.nest(k.extensionObject)
	case clientTypeDiagnostic:
		return k.nest(k.diagnosticInfo)
	case clientTypeText:
		return k.localizedText()
	case clientTypeGUID:
		return k.skip(16)
	case clientTypeTime:
		return k.skip(8)
	}
	if t.Kind() == reflect.Pointer && t.Implements(clientTypeDecoder) {
		return fmt.Errorf("type %v has a decoder that is not known here", t)
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int8, reflect.Uint8:
		return k.skip(1)
	case reflect.Int16, reflect.Uint16:
		return k.skip(2)
	case reflect.Int32, reflect.Uint32, reflect.Float32:
		return k.skip(4)
	case reflect.Int64, reflect.Uint64, reflect.Float64:
		return k.skip(8)
	case reflect.String:
		return k.bytes()
	case reflect.Pointer:
		return k.value(t.Elem())
	case reflect.Struct:
		return k.nest(func() error { return k.fields(t) })
	case reflect.Slice:
		return k.slice(t.Elem())
	}
	return fmt.Errorf("type %v cannot be decoded", t)
}

func (k *clientChecker) fields(t reflect.Type) error {
	for i := range t.NumField() {
		if err := k.value(t.Field(i).Type); err != nil {
			return err
		}
	}
	return nil
}

func (k *clientChecker) slice(elem reflect.Type) error {
	n, err := k.length()
	if err != nil {
		return err
	}
	if elem.Kind() == reflect.Uint8 {
		return k.skip(n)
	}
	for range n {
		if err := k.value(elem); err != nil {
			return err
		}
	}
	return nil
}
