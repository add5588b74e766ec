package nodestore

import (
	"reflect"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// sizeofRangeDimension is the size of UA_NumericRangeDimension in bytes.
const sizeofRangeDimension = 8

// numericRange is a part of an array: one dimension for each of the array's,
// and perhaps one more for strings in it (Part 4, 7.22).
type numericRange struct {
	block uint32
	dims  []rangeDimension
}

type rangeDimension struct{ min, max uint32 }

// parseRange reads a numeric range such as "1:2,0" (UA_NumericRange_parse,
// src/ua_types.c). Its block, which holds an even number of dimensions, is the
// caller's.
func (c *Core) parseRange(s []byte) (*numericRange, uatypes.Status) {
	r := &numericRange{}
	room := 0
	for {
		if len(r.dims) >= room {
			p := c.m.Realloc(r.block, uint32(sizeofRangeDimension*(room+2)), "UA_NumericRangeDimension")
			if p == 0 {
				c.m.Free(r.block)
				return nil, ua.StatusBadOutOfMemory
			}
			r.block = p
			room += 2
		}
		d, n := readDimension(s)
		if n == 0 {
			break
		}
		r.dims = append(r.dims, d)
		s = s[n:]
		if len(s) == 0 {
			return r, uatypes.Good
		}
		if s[0] != ',' {
			break
		}
		s = s[1:]
	}
	c.m.Free(r.block)
	return nil, ua.StatusBadIndexRangeInvalid
}

// readDimension reads "3" or "3:5" and returns the number of bytes that it took,
// 0 if there is no such thing. A colon at the very end is not part of it.
func readDimension(s []byte) (d rangeDimension, n int) {
	d.min, n = readNumber(s)
	d.max = d.min
	if n == 0 || len(s) <= n+1 || s[n] != ':' {
		return d, n
	}
	upper, k := readNumber(s[n+1:])
	if k == 0 || d.min >= upper {
		return d, 0
	}
	d.max = upper
	return d, n + 1 + k
}

// readNumber reads decimal digits, modulo 2^32 (UA_readNumber, src/ua_util.c).
func readNumber(s []byte) (v uint32, n int) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		v = v*10 + uint32(s[n]-'0')
		n++
	}
	return v, n
}

// maxArrayDimensions is how many dimensions an array may have (UA_MAX_ARRAY_DIMS).
const maxArrayDimensions = 100

// selection returns the indices of the elements that a range picks from a variant
// of the given array length (computeStrides). A range may reach beyond the end,
// not begin there.
func selection(v *uatypes.Variant, length uint32, dims []rangeDimension) ([]int, uatypes.Status) {
	sizes := []uint32{length}
	if len(v.Dims.V) > 0 {
		sizes = sizes[:0]
		elements := uint32(1)
		for _, d := range v.Dims.V {
			sizes = append(sizes, uint32(d))
			elements *= uint32(d)
		}
		if elements != length {
			return nil, ua.StatusBadInternalError
		}
	}
	if len(sizes) > maxArrayDimensions {
		return nil, ua.StatusBadInternalError
	}
	if len(dims) != len(sizes) {
		return nil, ua.StatusBadIndexRangeNoData
	}
	lengths := make([]uint32, len(sizes))
	count := uint32(1)
	for i, d := range dims {
		if d.min > d.max {
			return nil, ua.StatusBadIndexRangeInvalid
		}
		if d.min >= sizes[i] {
			return nil, ua.StatusBadIndexRangeNoData
		}
		lengths[i] = min(d.max, sizes[i]-1) - d.min + 1
		count *= lengths[i]
	}
	// From the last dimension on, elements lie side by side up to the first
	// dimension that is not taken whole.
	block, stride, first := count, length, uint32(0)
	below, contiguous := uint32(1), true
	for k := len(sizes) - 1; k >= 0; k-- {
		if contiguous && lengths[k] != sizes[k] {
			contiguous = false
			block, stride = below*lengths[k], below*sizes[k]
		}
		first += below * dims[k].min
		below *= sizes[k]
	}
	picked := make([]int, 0, count)
	for i := uint32(0); i < count/block; i++ {
		for j := range block {
			picked = append(picked, int(first+i*stride+j))
		}
	}
	return picked, uatypes.Good
}

// copyRange makes dst a copy of a part of src (UA_Variant_copyRange). What is
// left of the range after the dimensions of the array picks from the strings or
// variants that are its elements.
func (c *Core) copyRange(src, dst *uatypes.Variant, dims []rangeDimension) uatypes.Status {
	if src.Type == nil {
		return ua.StatusBadInvalidArgument
	}
	here, inside := []rangeDimension{{}}, dims
	if src.IsArray {
		n := max(len(src.Dims.V), 1)
		if n > len(dims) {
			return ua.StatusBadIndexRangeInvalid
		}
		here, inside = dims[:n], dims[n:]
	}
	picked, st := selection(src, uint32(src.Count()), here)
	if st != uatypes.Good {
		return st
	}
	switch v, texts := src.V.([]uatypes.Str); {
	case len(inside) == 0:
		st = c.copyElements(dst, src, picked)
	case texts && stringLike(src.Type):
		st = c.copySubstrings(dst, src.Type, v, picked, inside)
	case src.Type == uatypes.TypeVariant:
		st = c.copySubvariants(dst, src.V.([]uatypes.Variant), picked, inside)
	default:
		// Nothing is inside, which shows only after the array was made.
		v, ok := uatypes.NewArrayOf(c.m, src.Type, len(picked))
		if !ok {
			return ua.StatusBadOutOfMemory
		}
		uatypes.Clear(c.m, &v)
		return ua.StatusBadIndexRangeNoData
	}
	if st != uatypes.Good || !src.IsArray {
		dst.IsArray = src.IsArray
		return st
	}
	dst.IsArray = true
	if len(src.Dims.V) == 0 {
		return uatypes.Good
	}
	p := c.m.Calloc(sizeofUInt32*uint32(len(here)), "UA_UInt32")
	if p == 0 {
		uatypes.Clear(c.m, dst)
		return ua.StatusBadOutOfMemory
	}
	dst.Dims.P = p
	for _, d := range here {
		dst.Dims.V = append(dst.Dims.V, int32(d.max-d.min+1))
	}
	return uatypes.Good
}

// stringLike reports whether a range can reach into a value of this type
// (isStringLike). A type that is derived from one of these, such as LocaleId, is
// not the same.
func stringLike(t *uatypes.DataType) bool {
	return t == uatypes.TypeString || t == uatypes.TypeByteString || t == uatypes.TypeXMLElement
}

// copyElements copies the picked elements as they are.
func (c *Core) copyElements(dst, src *uatypes.Variant, picked []int) uatypes.Status {
	all := reflect.ValueOf(src.V)
	part := reflect.MakeSlice(all.Type(), len(picked), len(picked))
	for i, k := range picked {
		part.Index(i).Set(all.Index(k))
	}
	return uatypes.Copy(c.m, dst, &uatypes.Variant{Type: src.Type, P: uatypes.Static, V: part.Interface(), IsArray: true})
}

// copySubstrings copies a part of each picked string.
func (c *Core) copySubstrings(dst *uatypes.Variant, t *uatypes.DataType, v []uatypes.Str, picked []int, inside []rangeDimension) uatypes.Status {
	p := c.m.Calloc(uint32(len(picked))*t.Size(), t.Name)
	if p == 0 {
		return ua.StatusBadOutOfMemory
	}
	parts := make([]uatypes.Str, len(picked))
	*dst = uatypes.Variant{Type: t, P: p, V: parts, IsArray: true}
	st := uatypes.Status(uatypes.Good)
	if len(inside) != 1 {
		st = ua.StatusBadIndexRangeNoData
	}
	for i, k := range picked {
		if st != uatypes.Good {
			break
		}
		text, d := v[k].B, inside[0]
		if d.min > d.max {
			st = ua.StatusBadIndexRangeInvalid
		} else if int64(d.min) >= int64(len(text)) {
			st = ua.StatusBadIndexRangeNoData
		} else {
			text = text[d.min:min(int64(d.max)+1, int64(len(text)))]
			b, ok := uatypes.NewBuffer(c.m, uint32(len(text)), t.Name)
			if !ok {
				st = ua.StatusBadOutOfMemory
			}
			copy(b.B, text)
			parts[i] = b
		}
	}
	if st != uatypes.Good {
		uatypes.Clear(c.m, dst)
	}
	return st
}

// copySubvariants copies a part of each picked variant.
func (c *Core) copySubvariants(dst *uatypes.Variant, v []uatypes.Variant, picked []int, inside []rangeDimension) uatypes.Status {
	t := uatypes.TypeVariant
	p := c.m.Calloc(uint32(len(picked))*t.Size(), t.Name)
	if p == 0 {
		return ua.StatusBadOutOfMemory
	}
	parts := make([]uatypes.Variant, len(picked))
	*dst = uatypes.Variant{Type: t, P: p, V: parts, IsArray: true}
	for i, k := range picked {
		if st := c.copyRange(&v[k], &parts[i], inside); st != uatypes.Good {
			uatypes.Clear(c.m, dst)
			return st
		}
	}
	return uatypes.Good
}

// setRange replaces a part of dst by copies of the elements of src
// (UA_Variant_setRangeCopy).
func (c *Core) setRange(dst, src *uatypes.Variant, dims []rangeDimension) uatypes.Status {
	length := uint32(0) // a scalar has no part that could be written
	if dst.IsArray {
		length = uint32(dst.Count())
	}
	picked, st := selection(dst, length, dims)
	if st != uatypes.Good {
		return st
	}
	if len(picked) != src.Count() {
		return ua.StatusBadIndexRangeInvalid
	}
	return dst.Type.ReplaceElements(c.m, dst.V, picked, src.V)
}
