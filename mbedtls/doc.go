// Package mbedtls models the memory of mbedTLS as ESP-IDF configures it: every
// block that one end of a TLS 1.2 connection takes and gives back, from the
// seeding of the random number generator to the last free, with its size, in the
// original's order.
//
// It has no cryptography that protects anything and sends nothing. It follows
// the code of mbedTLS 3.6.0 (ESP-IDF v5.3.1) and 2.16.9 (ESP-IDF v4.3) as far as
// memory is concerned: certificates with what their fields allocate, keys with
// the constants that they cache at first use, the handshake state by state, the
// temporaries of RSA and of the curves, the two ciphers, records, session
// tickets; and ESP-IDF's dynamic buffers (components/mbedtls/port/dynamic).
//
//	c, err := mbedtls.New(mem, cfg) // nothing allocated yet
//	err = c.Setup()                 // certificates, key, mbedtls_ssl_setup
//	err = c.Handshake()             // or Step by Step
//	err = c.Write(4000)             // and Read, CloseNotify
//	c.Free()
//
// Memory is the narrow interface below it: two methods, so that recordings drive
// the package without a heap. An allocation that fails is an AllocError; what the
// call had taken for itself is given back, as in C.
//
// # Numbers
//
// The limbs of big numbers are most of the blocks of a handshake. They depend on
// values: a carry takes a limb more, a negative difference a copy. So the model
// computes with real numbers of the right widths (the curves' own arithmetic, the
// extended Euclidean algorithm, long division), taken from Config.Seed.
// Which numbers the device really draws cannot be known, and so a peak within a
// step of arithmetic is one of two or three values, 4 to 36 bytes apart. Live
// bytes and blocks after a step do not depend on them.
package mbedtls
