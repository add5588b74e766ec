package lwipmodel

// newISN returns ESP-IDF's generator of initial sequence numbers, which is that
// of RFC 6528: a clock of 4 µs plus a keyed hash of the four-tuple. The original
// hashes with MD5; no behaviour depends on which hash it is.
// (idf: components/lwip/port/hooks/tcp_isn_default.c)
func newISN(c *core, k0, k1 uint64) func(ip4, uint16, ip4, uint16) uint32 {
	return func(local ip4, localPort uint16, remote ip4, remotePort uint16) uint32 {
		h := k0 ^ (uint64(local)<<32 | uint64(remote))
		h = mix(h) ^ k1 ^ (uint64(localPort)<<16 | uint64(remotePort))
		return uint32(mix(h)) + c.now()*250
	}
}

// mix is the finalizer of MurmurHash3.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
