// Package view shows what a heap.Heap holds: as pictures (Timeline, Map), as
// profiles for go tool pprof, in ESP-IDF's own print formats, and it reads the
// logs that a real device prints in those formats.
//
// Everything it writes is the same byte for byte for the same heap, on every
// host: coordinates are computed in integers.
package view
