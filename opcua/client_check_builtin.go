package opcua

import (
	"fmt"
	"reflect"

	"github.com/gopcua/opcua/ua"
)

// The built-in types of Part 6, 5.2.2, whose decoders gopcua writes by hand.

func (k *clientChecker) nodeID() error {
	_, err := k.nodeIDFlags()
	return err
}

// nodeIDFlags walks a node id (Part 6, 5.2.2.9) and returns its first byte.
func (k *clientChecker) nodeIDFlags() (byte, error) {
	mask, err := k.u8()
	if err != nil {
		return 0, err
	}
	switch typ := mask & 0x0f; typ {
	case 0:
		err = k.skip(1)
	case 1:
		err = k.skip(3)
	case 2:
		err = k.skip(6)
	case 3, 5:
		if err = k.skip(2); err == nil {
			err = k.bytes()
		}
	case 4:
		err = k.skip(2 + 16)
	default:
		err = fmt.Errorf("node id of unknown kind %d", typ)
	}
	return mask, err
}

func (k *clientChecker) expandedNodeID() error {
	mask, err := k.nodeIDFlags()
	if err == nil && mask&0x80 != 0 {
		err = k.bytes()
	}
	if err == nil && mask&0x40 != 0 {
		err = k.skip(4)
	}
	return err
}

func (k *clientChecker) localizedText() error {
	mask, err := k.u8()
	for bit := byte(1); bit <= 2 && err == nil; bit <<= 1 {
		if mask&bit != 0 {
			err = k.bytes()
		}
	}
	return err
}

func (k *clientChecker) dataValue() error {
	mask, err := k.u8()
	if err != nil {
		return err
	}
	if mask&ua.DataValueValue != 0 {
		if err := k.value(clientTypeVariant); err != nil {
			return err
		}
	}
	n := 0
	for _, part := range [...]struct {
		bit  byte
		size int
	}{
		{ua.DataValueStatusCode, 4},
		{ua.DataValueSourceTimestamp, 8}, {ua.DataValueSourcePicoseconds, 2},
		{ua.DataValueServerTimestamp, 8}, {ua.DataValueServerPicoseconds, 2},
	} {
		if mask&part.bit != 0 {
			n += part.size
		}
	}
	return k.skip(n)
}

func (k *clientChecker) diagnosticInfo() error {
	mask, err := k.u8()
	if err != nil {
		return err
	}
	n := 0
	for _, bit := range [...]byte{ua.DiagnosticInfoSymbolicID, ua.DiagnosticInfoNamespaceURI, ua.DiagnosticInfoLocale, ua.DiagnosticInfoLocalizedText} {
		if mask&bit != 0 {
			n += 4
		}
	}
	if err := k.skip(n); err != nil {
		return err
	}
	if mask&ua.DiagnosticInfoAdditionalInfo != 0 {
		if err := k.bytes(); err != nil {
			return err
		}
	}
	if mask&ua.DiagnosticInfoInnerStatusCode != 0 {
		if err := k.skip(4); err != nil {
			return err
		}
	}
	if mask&ua.DiagnosticInfoInnerDiagnosticInfo != 0 {
		return k.value(clientTypeDiagnostic)
	}
	return nil
}

func (k *clientChecker) extensionObject() error {
	start := k.pos
	if err := k.expandedNodeID(); err != nil {
		return err
	}
	id := k.b[start:k.pos]
	encoding, err := k.u8()
	if err != nil || encoding == ua.ExtensionObjectEmpty {
		return err
	}
	n, err := k.length()
	if err != nil || n == 0 {
		return err
	}
	body := clientChecker{b: k.b[k.pos : k.pos+n], depth: k.depth}
	k.pos += n
	if encoding == ua.ExtensionObjectXML {
		return body.bytes()
	}
	t := clientExtensionType(id)
	if t == nil {
		return nil // gopcua skips what it does not know
	}
	if err := body.value(t); err != nil {
		return fmt.Errorf("%v: %w", t, err)
	}
	return nil
}

// clientExtensionType returns the Go type that gopcua decodes an extension
// object of that encoded type id into, or nil. The registry is not exported:
// decoding an object with a body too short for anything shows the type.
func clientExtensionType(id []byte) reflect.Type {
	probe := append(append(make([]byte, 0, len(id)+6), id...), ua.ExtensionObjectBinary, 1, 0, 0, 0, 0)
	var eo ua.ExtensionObject
	_, _ = eo.Decode(probe)
	if eo.Value == nil {
		return nil
	}
	return reflect.TypeOf(eo.Value)
}

// clientVariantSizes are the sizes of the built-in types that have one.
var clientVariantSizes = [26]int{
	ua.TypeIDBoolean: 1, ua.TypeIDSByte: 1, ua.TypeIDByte: 1,
	ua.TypeIDInt16: 2, ua.TypeIDUint16: 2, ua.TypeIDInt32: 4, ua.TypeIDUint32: 4,
	ua.TypeIDInt64: 8, ua.TypeIDUint64: 8, ua.TypeIDFloat: 4, ua.TypeIDDouble: 8,
	ua.TypeIDDateTime: 8, ua.TypeIDGUID: 16, ua.TypeIDStatusCode: 4,
}

func (k *clientChecker) variant() error {
	mask, err := k.u8()
	if err != nil {
		return err
	}
	typ := ua.TypeID(mask & 0x3f)
	switch {
	case typ == ua.TypeIDNull:
		return nil
	case int(typ) >= len(clientVariantSizes):
		return fmt.Errorf("variant of unknown type %d", typ)
	case mask&ua.VariantArrayValues == 0:
		return k.variantElements(typ, 1)
	}
	raw, err := k.u32()
	if err != nil {
		return err
	}
	n := int(int32(raw))
	if n < -1 || n > ua.MaxVariantArrayLength || n > k.left() {
		return fmt.Errorf("variant array of length %d, but %d bytes are left (and at most %d elements are decoded)", n, k.left(), ua.MaxVariantArrayLength)
	}
	if err := k.variantElements(typ, n); err != nil {
		return err
	}
	if mask&ua.VariantArrayDimensions == 0 {
		return nil
	}
	dims, err := k.length()
	if err != nil {
		return err
	}
	if dims > clientMaxDepth {
		return fmt.Errorf("variant array of %d dimensions", dims)
	}
	product := uint64(1)
	for range dims {
		d, err := k.u32()
		if err != nil {
			return err
		}
		// 65535 elements at most: the product of two 32-bit numbers cannot
		// overflow before it is seen to be too large.
		if product *= uint64(d); product > uint64(ua.MaxVariantArrayLength) {
			break
		}
	}
	if dims > 0 && (n < 0 || product != uint64(n)) {
		return fmt.Errorf("variant array of length %d whose dimensions multiply to something else", n)
	}
	return nil
}

func (k *clientChecker) variantElements(typ ua.TypeID, n int) error {
	if n <= 0 {
		return nil
	}
	if size := clientVariantSizes[typ]; size > 0 {
		return k.skip(n * size)
	}
	var one func() error
	switch typ {
	case ua.TypeIDString, ua.TypeIDByteString, ua.TypeIDXMLElement:
		one = k.bytes
	case ua.TypeIDNodeID:
		one = k.nodeID
	case ua.TypeIDExpandedNodeID:
		one = k.expandedNodeID
	case ua.TypeIDLocalizedText:
		one = k.localizedText
	case ua.TypeIDQualifiedName:
		one = func() error {
			if err := k.skip(2); err != nil {
				return err
			}
			return k.bytes()
		}
	case ua.TypeIDExtensionObject:
		one = func() error { return k.value(clientTypeExtension) }
	case ua.TypeIDDataValue:
		one = func() error { return k.value(clientTypeDataValue) }
	case ua.TypeIDVariant:
		one = func() error { return k.value(clientTypeVariant) }
	case ua.TypeIDDiagnosticInfo:
		one = func() error { return k.value(clientTypeDiagnostic) }
	default:
		return fmt.Errorf("variant of unknown type %d", typ)
	}
	for range n {
		if err := one(); err != nil {
			return err
		}
	}
	return nil
}
