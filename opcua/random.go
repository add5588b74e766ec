package opcua

import (
	"encoding/binary"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Random is the server's source of session ids, authentication tokens, nonces
// and continuation points: not a cryptographic one.
type Random interface {
	Uint32() uint32
}

// pcg32 is the PCG-XSH-RR generator that open62541 uses (deps/pcg_basic.c).
type pcg32 struct{ state, inc uint64 }

// newPCG32 seeds the generator as UA_Server_new does: state and sequence are
// both the wall clock (src/server/ua_server.c, UA_Server_init).
func newPCG32(now int64) *pcg32 {
	p := &pcg32{inc: uint64(now)<<1 | 1}
	p.Uint32()
	p.state += uint64(now)
	p.Uint32()
	return p
}

// Uint32 implements [Random].
func (p *pcg32) Uint32() uint32 {
	old := p.state
	p.state = old*6364136223846793005 + p.inc
	x := uint32((old>>18 ^ old) >> 27)
	rot := uint32(old >> 59)
	return x>>rot | x<<(-rot&31)
}

// randomGuid draws four numbers; of the last two it uses overlapping bits
// (UA_Guid_random, src/ua_types.c).
func randomGuid(r Random) uatypes.Guid {
	var g uatypes.Guid
	binary.LittleEndian.PutUint32(g[0:], r.Uint32())
	binary.LittleEndian.PutUint32(g[4:], r.Uint32())
	for i := 8; i < 16; i += 4 {
		u := r.Uint32()
		g[i], g[i+1], g[i+2], g[i+3] = byte(u), byte(u>>4), byte(u>>8), byte(u>>12)
	}
	return g
}

// fillNonce fills b in steps of four bytes. It draws one number more than that
// even if nothing is left to fill (generateNonce_none,
// plugins/crypto/ua_securitypolicy_none.c).
func fillNonce(r Random, b []byte) {
	if len(b) == 0 {
		return
	}
	var word [4]byte
	for len(b) >= 4 {
		binary.LittleEndian.PutUint32(b, r.Uint32())
		b = b[4:]
	}
	binary.LittleEndian.PutUint32(word[:], r.Uint32())
	copy(b, word[:])
}
