package main

import (
	"io"
	"testing"
)

func BenchmarkStory(b *testing.B) {
	for b.Loop() {
		if _, err := run(nil, io.Discard, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
