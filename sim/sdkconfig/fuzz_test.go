package sdkconfig

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzParse: any bytes give a configuration or an error, never a panic; and what reads without an error is written so
// that it reads back as the same.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.sdkconfig", "testdata/script/*.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(strings.ReplaceAll(string(data), "\n| ", "\n"))
		}
	}
	f.Add("CONFIG_FREERTOS_HZ=\"\\\"\n# default:\n# CONFIG_LWIP_IPV6 is not set\r\n")
	f.Add("# Espressif IoT Development Framework (ESP-IDF) 4.4 Project Configuration\nCONFIG_SPIRAM=y\nCONFIG_ESP32_SPIRAM_SUPPORT=n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("fuzz", strings.NewReader(text))
		if err != nil {
			if c != nil || err.Error() == "" {
				t.Fatal("an error with a configuration, or without a text")
			}
			return
		}
		for _, n := range c.Notes {
			_ = n.String()
		}
		written := c.String()
		d, err := Parse("again", strings.NewReader(written))
		if err != nil {
			t.Fatalf("%v in\n%s", err, written)
		}
		if again := d.String(); again != written {
			t.Fatalf("wrote\n%s\nthen\n%s", written, again)
		}
	})
}
