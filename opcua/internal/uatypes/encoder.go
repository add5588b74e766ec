package uatypes

// Encoder writes values one after the other into a buffer. When the buffer is
// full, Exchange sends it and puts an empty one in its place, in the middle of
// a value if need be: this is how open62541 makes the chunks of a message
// (UA_encodeBinary).
type Encoder struct {
	Buf      []byte
	Pos, End int // the next byte, and where the space for values ends
	// Exchange replaces Buf, Pos and End; nil says that there is no second buffer.
	Exchange func() Status
}

// Encode writes one value. After a failure the buffer holds a part of it.
func (e *Encoder) Encode(v Value) Status {
	w := Walker{op: opEncode, buf: e.Buf, pos: e.Pos, end: e.End}
	if e.Exchange != nil {
		w.exchange = func(w *Walker) Status {
			e.Pos = w.pos
			s := e.Exchange()
			w.buf, w.pos, w.end = e.Buf, e.Pos, e.End
			return s
		}
	}
	w.Member(v)
	e.Pos = w.pos
	return w.status
}
