package uatypes

import "github.com/gopcua/opcua/ua"

// DiagnosticInfo is UA_DiagnosticInfo.
type DiagnosticInfo struct {
	SymbolicID      int32
	NamespaceURI    int32
	LocalizedText   int32
	Locale          int32
	AdditionalInfo  Str
	InnerStatusCode Status
	Inner           *DiagnosticInfo
	InnerP          uint32 // block of Inner

	HasSymbolicID, HasNamespaceURI, HasLocalizedText, HasLocale, HasAdditionalInfo, HasInnerStatusCode, HasInner bool
}

// Walk implements [Value].
func (d *DiagnosticInfo) Walk(w *Walker) { w.DiagnosticInfo(d) }

// putDiagnosticInfo writes the mask as open62541 does: it leaves out the bit of
// the inner status code, and the bit of the inner information is in its place.
func putDiagnosticInfo(w *Walker, d *DiagnosticInfo) Status {
	mask := bit(d.HasSymbolicID, 0) | bit(d.HasNamespaceURI, 1) | bit(d.HasLocalizedText, 2) |
		bit(d.HasLocale, 3) | bit(d.HasAdditionalInfo, 4) | bit(d.HasInner, 5)
	s := putByte(w, &mask)
	for _, f := range []struct {
		has bool
		v   *int32
	}{{d.HasSymbolicID, &d.SymbolicID}, {d.HasNamespaceURI, &d.NamespaceURI}, {d.HasLocalizedText, &d.LocalizedText}, {d.HasLocale, &d.Locale}} {
		if f.has {
			s |= elemInt32.put(w, f.v)
		}
	}
	if s != Good {
		return s
	}
	if d.HasAdditionalInfo {
		if s = putString(w, &d.AdditionalInfo); s != Good {
			return s
		}
	}
	if d.HasInnerStatusCode {
		if s = putMember(w, &d.InnerStatusCode, elemStatus.put); s != Good {
			return s
		}
	}
	if d.HasInner {
		s = putMember(w, d.Inner, putDiagnosticInfo)
	}
	return s
}

func getDiagnosticInfo(w *Walker, d *DiagnosticInfo) Status {
	var mask uint8
	s := getByte(w, &mask)
	if s != Good {
		return s
	}
	if d.HasSymbolicID = mask&1 != 0; d.HasSymbolicID {
		s |= elemInt32.get(w, &d.SymbolicID)
	}
	if d.HasNamespaceURI = mask&2 != 0; d.HasNamespaceURI {
		s |= elemInt32.get(w, &d.NamespaceURI)
	}
	if d.HasLocalizedText = mask&4 != 0; d.HasLocalizedText {
		s |= elemInt32.get(w, &d.LocalizedText)
	}
	if d.HasLocale = mask&8 != 0; d.HasLocale {
		s |= elemInt32.get(w, &d.Locale)
	}
	if d.HasAdditionalInfo = mask&0x10 != 0; d.HasAdditionalInfo {
		s |= getString(w, &d.AdditionalInfo)
	}
	if d.HasInnerStatusCode = mask&0x20 != 0; d.HasInnerStatusCode {
		s |= elemStatus.get(w, &d.InnerStatusCode)
	}
	if mask&0x40 != 0 {
		p := w.mem.Calloc(elemDiagnosticInfo().size, "UA_DiagnosticInfo")
		if p == Null {
			return ua.StatusBadOutOfMemory
		}
		d.Inner, d.InnerP, d.HasInner = &DiagnosticInfo{}, p, true
		if w.depth > maxRecursion {
			return ua.StatusBadEncodingError
		}
		w.depth++
		s |= getDiagnosticInfo(w, d.Inner)
		w.depth--
	}
	return s
}

func diagnosticInfoLength(d *DiagnosticInfo) uint32 {
	n := uint32(1)
	for _, has := range []bool{d.HasSymbolicID, d.HasNamespaceURI, d.HasLocalizedText, d.HasLocale, d.HasInnerStatusCode} {
		if has {
			n += 4
		}
	}
	if d.HasAdditionalInfo {
		n += stringLength(&d.AdditionalInfo)
	}
	if d.HasInner {
		n += diagnosticInfoLength(d.Inner)
	}
	return n
}

func clearDiagnosticInfo(w *Walker, d *DiagnosticInfo) {
	clearString(w, &d.AdditionalInfo)
	if d.HasInner {
		clearDiagnosticInfo(w, d.Inner)
		free(w.mem, d.InnerP)
	}
	*d = DiagnosticInfo{}
}

func dupDiagnosticInfo(w *Walker, d *DiagnosticInfo) Status {
	src := *d
	d.AdditionalInfo, d.Inner, d.InnerP, d.HasInner = Str{}, nil, Null, false
	s := Good
	if src.HasAdditionalInfo {
		d.AdditionalInfo = src.AdditionalInfo
		s = dupString(w, &d.AdditionalInfo)
	}
	if src.HasInner {
		p := w.mem.Malloc(elemDiagnosticInfo().size, "UA_DiagnosticInfo")
		if p == Null {
			return s | ua.StatusBadOutOfMemory
		}
		inner := *src.Inner
		s |= dupDiagnosticInfo(w, &inner)
		d.Inner, d.InnerP, d.HasInner = &inner, p, true
	}
	return s
}

func elemDiagnosticInfo() *elem[DiagnosticInfo] {
	return &elem[DiagnosticInfo]{name: "UA_DiagnosticInfo", size: 36, align: 4,
		get: getDiagnosticInfo, put: putDiagnosticInfo, length: diagnosticInfoLength,
		clear: clearDiagnosticInfo, dup: dupDiagnosticInfo}
}

// DiagnosticInfo visits a member of type UA_DiagnosticInfo.
func (w *Walker) DiagnosticInfo(d *DiagnosticInfo) { builtin(w, d, elemDiagnosticInfo()) }
