// Package bignum is mbedTLS's multi-precision numbers and RSA (bignum.c, rsa.c,
// and ESP-IDF's esp_bignum.c for the accelerator of the ESP32), as far as they
// take memory. Package mbedtls computes a TLS handshake with it, and the OPC UA
// server its secure channels.
//
// How much memory an operation takes follows from the numbers: mbedTLS keeps a
// number in 32-bit limbs, lets it grow when a result needs more of them, hardly
// ever lets it shrink, and leaves out leading zeros when it copies. So every
// number has its value, of which math/big takes care, and the limbs that C code
// would have allocated for it. Releases differ in what they copy and when they
// grow; [Rules] says how.
//
// An allocation that fails unwinds to [Catch]; the deferred releases on the way
// are C's cleanup labels.
//
// It is a model, not a cryptographic library: it takes no care of timing.
package bignum
