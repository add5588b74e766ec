package uatypes

import "github.com/gopcua/opcua/ua"

// maxPicoseconds is the highest number of 10 picosecond steps that is accepted.
const maxPicoseconds = 9999

// DataValue is UA_DataValue.
type DataValue struct {
	Value             Variant
	SourceTimestamp   int64 // 100 ns since 1601
	ServerTimestamp   int64 // 100 ns since 1601
	SourcePicoseconds uint16
	ServerPicoseconds uint16
	Status            Status

	HasValue, HasStatus, HasSourceTimestamp, HasServerTimestamp, HasSourcePicoseconds, HasServerPicoseconds bool
}

// Walk implements [Value].
func (d *DataValue) Walk(w *Walker) { w.DataValue(d) }

func bit(b bool, n uint) uint8 {
	if b {
		return 1 << n
	}
	return 0
}

func putDataValue(w *Walker, d *DataValue) Status {
	mask := bit(d.HasValue, 0) | bit(d.HasStatus, 1) | bit(d.HasSourceTimestamp, 2) |
		bit(d.HasServerTimestamp, 3) | bit(d.HasSourcePicoseconds, 4) | bit(d.HasServerPicoseconds, 5)
	s := putByte(w, &mask)
	if s != Good {
		return s
	}
	if d.HasValue {
		if s = putVariant(w, &d.Value); s != Good {
			return s
		}
	}
	if d.HasStatus {
		s |= putMember(w, &d.Status, elemStatus.put)
	}
	if d.HasSourceTimestamp {
		s |= putMember(w, &d.SourceTimestamp, elemInt64.put)
	}
	if d.HasSourcePicoseconds {
		s |= putMember(w, &d.SourcePicoseconds, putUint16)
	}
	if d.HasServerTimestamp {
		s |= putMember(w, &d.ServerTimestamp, elemInt64.put)
	}
	if d.HasServerPicoseconds {
		s |= putMember(w, &d.ServerPicoseconds, putUint16)
	}
	return s
}

func getDataValue(w *Walker, d *DataValue) Status {
	var mask uint8
	s := getByte(w, &mask)
	if s != Good {
		return s
	}
	if w.depth > maxRecursion {
		return ua.StatusBadEncodingError
	}
	w.depth++
	if d.HasValue = mask&1 != 0; d.HasValue {
		s |= getVariant(w, &d.Value)
	}
	if d.HasStatus = mask&2 != 0; d.HasStatus {
		s |= elemStatus.get(w, &d.Status)
	}
	if d.HasSourceTimestamp = mask&4 != 0; d.HasSourceTimestamp {
		s |= elemInt64.get(w, &d.SourceTimestamp)
	}
	if d.HasSourcePicoseconds = mask&0x10 != 0; d.HasSourcePicoseconds {
		s |= getUint16(w, &d.SourcePicoseconds)
		d.SourcePicoseconds = min(d.SourcePicoseconds, maxPicoseconds)
	}
	if d.HasServerTimestamp = mask&8 != 0; d.HasServerTimestamp {
		s |= elemInt64.get(w, &d.ServerTimestamp)
	}
	if d.HasServerPicoseconds = mask&0x20 != 0; d.HasServerPicoseconds {
		s |= getUint16(w, &d.ServerPicoseconds)
		d.ServerPicoseconds = min(d.ServerPicoseconds, maxPicoseconds)
	}
	w.depth--
	return s
}

func dataValueLength(d *DataValue) uint32 {
	n := uint32(1)
	if d.HasValue {
		n += variantLength(&d.Value)
	}
	if d.HasStatus {
		n += 4
	}
	if d.HasSourceTimestamp {
		n += 8
	}
	if d.HasSourcePicoseconds {
		n += 2
	}
	if d.HasServerTimestamp {
		n += 8
	}
	if d.HasServerPicoseconds {
		n += 2
	}
	return n
}

func dupDataValue(w *Walker, d *DataValue) Status {
	s := dupVariant(w, &d.Value)
	if s != Good {
		outer := w.op
		w.op = opClear
		clearVariant(w, &d.Value)
		w.op = outer
	}
	return s
}

func elemDataValue() *elem[DataValue] {
	return &elem[DataValue]{name: "UA_DataValue", size: 56, align: 8,
		get: getDataValue, put: putDataValue, length: dataValueLength,
		clear: func(w *Walker, d *DataValue) { clearVariant(w, &d.Value) }, dup: dupDataValue}
}

// DataValue visits a member of type UA_DataValue.
func (w *Walker) DataValue(d *DataValue) { builtin(w, d, elemDataValue()) }
