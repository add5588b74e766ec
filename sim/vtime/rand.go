package vtime

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// Rand returns the random stream of that name. It depends on the loop's seed
// and the name alone, and repeated calls return the same stream, so each
// consumer draws its own numbers whatever others do.
func (l *Loop) Rand(name string) *rand.Rand {
	if r := l.streams[name]; r != nil {
		return r
	}
	b := binary.LittleEndian.AppendUint64(nil, l.seed)
	sum := sha256.Sum256(append(b, name...))
	r := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:8]), binary.LittleEndian.Uint64(sum[8:16])))
	l.streams[name] = r
	return r
}
