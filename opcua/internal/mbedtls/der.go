package mbedtls

// Tags of DER as far as certificates and keys need them (X.690, 8.1.2).
const (
	tagInteger    = 0x02
	tagBits       = 0x03
	tagOctets     = 0x04
	tagOID        = 0x06
	tagSequence   = 0x30
	tagSet        = 0x31
	tagExtensions = 0xa3
	classMask     = 0xc0
	classContext  = 0x80
)

// A der is what is left to read of a value in DER. A reading that fails leaves
// nothing to read and sets bad.
type der struct {
	b   []byte
	bad bool
}

// any reads the next element, whatever it is.
func (d *der) any() (tag byte, content []byte) {
	header, n := 2, 0
	switch {
	case len(d.b) < 2:
		return d.fail()
	case d.b[1] < 0x80:
		n = int(d.b[1])
	default:
		more := int(d.b[1] & 0x7f)
		if more == 0 || more > 4 || len(d.b) < 2+more {
			return d.fail()
		}
		for _, b := range d.b[2 : 2+more] {
			if n >= 1<<23 {
				return d.fail()
			}
			n = n<<8 | int(b)
		}
		header += more
	}
	if n > len(d.b)-header {
		return d.fail()
	}
	tag, content = d.b[0], d.b[header:header+n]
	d.b = d.b[header+n:]
	return tag, content
}

func (d *der) fail() (byte, []byte) {
	d.b, d.bad = nil, true
	return 0, nil
}

// peek is the tag of the next element, 0 at the end.
func (d *der) peek() byte {
	if len(d.b) == 0 {
		return 0
	}
	return d.b[0]
}

// bytes reads the content of an element that must have a tag.
func (d *der) bytes(tag byte) []byte {
	got, content := d.any()
	if got != tag {
		d.fail()
		return nil
	}
	return content
}

// in reads an element that must have a tag and returns a reader of its content.
func (d *der) in(tag byte) *der {
	inner := &der{b: d.bytes(tag)}
	inner.bad = d.bad
	return inner
}

// done reports whether everything was read without a failure.
func (d *der) done() bool { return !d.bad && len(d.b) == 0 }
