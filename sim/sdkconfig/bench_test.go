package sdkconfig

import (
	"os"
	"strings"
	"testing"
)

func BenchmarkDefault(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Default("5.3.1")
	}
}

func BenchmarkParseProduct(b *testing.B) {
	data, err := os.ReadFile("testdata/product.sdkconfig")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Parse("product.sdkconfig", strings.NewReader(string(data))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSet(b *testing.B) {
	c := Default("5.3.1")
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Set("LWIP_TCP_MSL", "30000"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkString(b *testing.B) {
	c := Default("5.3.1")
	b.ReportAllocs()
	for b.Loop() {
		_ = c.String()
	}
}
