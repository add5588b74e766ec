package sdkconfig

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKconfig compares every value of projects that ESP-IDF's own Kconfig library has resolved; see
// testdata/kconfig/README.md.
func TestKconfig(t *testing.T) {
	files, err := filepath.Glob("testdata/kconfig/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			blocks := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n\n")
			heading, rest, _ := strings.Cut(blocks[0], "\n")
			version, ok := strings.CutPrefix(heading, "# ESP-IDF ")
			require.True(t, ok, heading)
			fresh := Default(version)
			require.Equal(t, version, fresh.IDF.String())
			_, target, ok := strings.Cut(rest, targetOption+"=")
			require.True(t, ok)
			target, _, _ = strings.Cut(target, "\n")
			require.NoError(t, fresh.Set(targetOption, target))
			require.Contains(t, file, "/"+version)
			require.True(t, fresh.Target == "esp32" || strings.HasSuffix(file, "-"+fresh.Target+".txt"))
			untouched := readValues(t, fresh, map[string]string{}, rest)
			require.Equal(t, untouched, values(fresh))
			require.Greater(t, len(blocks), 20)
			for _, block := range blocks[1:] {
				c := fresh.Clone()
				want := readValues(t, c, maps.Clone(untouched), block)
				c.resolve()
				require.Equal(t, want, values(c), block)
			}
		})
	}
}

// readValues applies the assignments of a block to c and its values to a map, and returns the map.
func readValues(t *testing.T, c *Config, all map[string]string, block string) map[string]string {
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		if text, ok := strings.CutPrefix(line, "> "); ok {
			name, value, ok := strings.Cut(strings.TrimPrefix(text, "CONFIG_"), "=")
			if !ok {
				name, value = strings.TrimSuffix(strings.TrimPrefix(text, "# CONFIG_"), " is not set"), "n"
			}
			if i := table().byName[name]; table().rows[i].nameIn(c) == name {
				c.assign(i, assignment{set: true, value: value, name: name})
			}
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		require.True(t, ok, line)
		i, known := table().byName[name]
		switch {
		case !known || table().rows[i].nameIn(c) != name:
			// A second name of an option in this release: SPIRAM before 5.0 only follows from ESP32_SPIRAM_SUPPORT.
			require.Equal(t, "SPIRAM", name)
		case value == "":
			delete(all, name)
		default:
			all[name] = normal(i, value)
		}
	}
	return all
}

// values are the values of a configuration, by the names of its release.
func values(c *Config) map[string]string {
	all := map[string]string{}
	for _, w := range c.written() {
		name := strings.TrimPrefix(w.Name, prefix)
		if table().rows[table().byName[name]].read {
			continue
		}
		all[name] = normal(table().byName[name], w.Value)
	}
	return all
}

// normal writes hexadecimal numbers in one way.
func normal(i int, value string) string {
	if table().rows[i].typ == Hex {
		return strings.ToLower(value)
	}
	return value
}

// TestKconfigRecordingsCoverTheTable makes sure that the recordings say something about every option of the table.
func TestKconfigRecordingsCoverTheTable(t *testing.T) {
	files, err := filepath.Glob("testdata/kconfig/*.txt")
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(data)) {
			name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(line, "> "), "CONFIG_"), "=")
			if i, ok := table().byName[strings.TrimSpace(name)]; ok {
				seen[table().rows[i].name] = true
			}
		}
	}
	var missing []string
	for _, r := range table().rows {
		if r.typ != Choice && !r.read && !seen[r.name] {
			missing = append(missing, r.name)
		}
	}
	slices.Sort(missing)
	require.Empty(t, missing)
}
