package mbedtls

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// Sizes of CTR_DRBG with AES-256 in bytes (NIST SP 800-90A, 10.2.1).
const (
	drbgKey   = 32
	drbgBlock = aes.BlockSize
	drbgSeed  = drbgKey + drbgBlock
	// drbgEntropy is how much entropy is asked for at a time
	// (MBEDTLS_CTR_DRBG_ENTROPY_LEN with SHA-512).
	drbgEntropy = 48
	// drbgReseed is the number of requests after which the generator asks for
	// entropy again (MBEDTLS_CTR_DRBG_RESEED_INTERVAL).
	drbgReseed = 10_000
)

// DRBG is the random generator CTR_DRBG (mbedtls_ctr_drbg_context). It takes no
// memory of its own.
type DRBG struct {
	entropy  func([]byte)
	block    cipher.Block
	counter  [drbgBlock]byte
	requests int
}

// NewDRBG seeds a generator (mbedtls_ctr_drbg_seed). entropy fills its argument;
// personalization tells generators of the same source apart.
func NewDRBG(entropy func([]byte), personalization string) *DRBG {
	d := &DRBG{entropy: entropy, block: newAES(make([]byte, drbgKey))}
	d.reseed([]byte(personalization))
	return d
}

// Read fills b with random bytes. It never fails.
func (d *DRBG) Read(b []byte) (int, error) {
	n := len(b)
	if d.requests > drbgReseed {
		d.reseed(nil)
	}
	var block [drbgBlock]byte
	for len(b) > 0 {
		d.next(block[:])
		b = b[copy(b, block[:]):]
	}
	d.update(make([]byte, drbgSeed))
	d.requests++
	return n, nil
}

func (d *DRBG) reseed(additional []byte) {
	seed := make([]byte, drbgEntropy, drbgEntropy+len(additional))
	d.entropy(seed)
	d.update(drbgDerive(append(seed, additional...)))
	d.requests = 1
}

// next encrypts the next value of the counter.
func (d *DRBG) next(out []byte) {
	for i := drbgBlock - 1; i >= 0; i-- {
		d.counter[i]++
		if d.counter[i] != 0 {
			break
		}
	}
	d.block.Encrypt(out, d.counter[:])
}

// update makes a new key and counter (CTR_DRBG_Update).
func (d *DRBG) update(data []byte) {
	var out [drbgSeed]byte
	for i := 0; i < drbgSeed; i += drbgBlock {
		d.next(out[i:])
	}
	for i := range out {
		out[i] ^= data[i]
	}
	d.block = newAES(out[:drbgKey])
	copy(d.counter[:], out[drbgKey:])
}

// drbgDerive condenses data to a seed (Block_Cipher_df, 10.3.2).
func drbgDerive(data []byte) []byte {
	in := make([]byte, drbgBlock+8, drbgBlock+8+len(data)+drbgBlock)
	binary.BigEndian.PutUint32(in[drbgBlock:], uint32(len(data)))
	binary.BigEndian.PutUint32(in[drbgBlock+4:], drbgSeed)
	in = append(append(in, data...), 0x80)
	in = append(in, make([]byte, -len(in)&(drbgBlock-1))...)

	key := make([]byte, drbgKey)
	for i := range key {
		key[i] = byte(i)
	}
	mac := newAES(key)
	var digest [drbgSeed]byte
	for i := 0; i < drbgSeed; i += drbgBlock {
		binary.BigEndian.PutUint32(in, uint32(i/drbgBlock))
		chain := digest[i : i+drbgBlock]
		for at := 0; at < len(in); at += drbgBlock {
			for j := range chain {
				chain[j] ^= in[at+j]
			}
			mac.Encrypt(chain, chain)
		}
	}
	last := newAES(digest[:drbgKey])
	chain := digest[drbgKey:]
	out := make([]byte, 0, drbgSeed)
	for range drbgSeed / drbgBlock {
		last.Encrypt(chain, chain)
		out = append(out, chain...)
	}
	return out
}

func newAES(key []byte) cipher.Block {
	b, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // not with a key of this length
	}
	return b
}

// SplitMix64 is an entropy source for a model: Steele's SplitMix64, eight bytes
// little-endian per step. State is where it starts.
type SplitMix64 struct{ State uint64 }

// Fill fills b.
func (s *SplitMix64) Fill(b []byte) {
	var word [8]byte
	for len(b) > 0 {
		s.State += 0x9e3779b97f4a7c15
		z := s.State
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		binary.LittleEndian.PutUint64(word[:], z^z>>31)
		b = b[copy(b, word[:]):]
	}
}
