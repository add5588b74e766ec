package opcua

// buffer is a block that holds bytes on their way in or out (a UA_ByteString
// made by UA_ByteString_allocBuffer).
type buffer struct {
	block uint32
	b     []byte
}

// newBuffer takes a block of n bytes, without a block if n is 0. The bytes
// behind it are used again and again, so they must not be kept.
func (s *Server) newBuffer(n uint32, what string) (buffer, bool) {
	if n == 0 {
		return buffer{}, true
	}
	block := s.mem.Malloc(n, what)
	if block == 0 {
		return buffer{}, false
	}
	if k := len(s.spare); k > 0 && cap(s.spare[k-1]) >= int(n) {
		b := s.spare[k-1][:n]
		s.spare = s.spare[:k-1]
		return buffer{block, b}, true
	}
	return buffer{block, make([]byte, n)}, true
}

// release gives the block back (UA_ByteString_clear).
func (s *Server) release(b *buffer) {
	s.mem.Free(b.block)
	if len(s.spare) < cap(s.spare) && cap(b.b) >= 8192 {
		s.spare = append(s.spare, b.b)
	}
	*b = buffer{}
}

// reuse takes back the bytes of a buffer whose block lives on.
func (s *Server) reuse(b []byte) { s.release(&buffer{b: b}) }
