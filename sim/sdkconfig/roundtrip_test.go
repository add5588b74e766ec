package sdkconfig

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// requireSame compares everything that can be seen of two configurations but their notes.
func requireSame(t require.TestingT, a, b *Config) {
	require.Equal(t, a.IDF, b.IDF)
	require.Equal(t, a.Options(), b.Options())
	require.Empty(t, Diff(a, b))
	x, y := reflect.ValueOf(*a), reflect.ValueOf(*b)
	for f := range x.Type().Fields() {
		if f.IsExported() && f.Type.Kind() == reflect.Struct {
			require.Equal(t, x.FieldByIndex(f.Index).Interface(), y.FieldByIndex(f.Index).Interface(), f.Name)
		}
	}
}

// drawAssignment draws an option of the table and a value that fits it in this release, as a line of a file.
func drawAssignment(t *rapid.T, c *Config) (name, value string) {
	tb := table()
	i := rapid.IntRange(0, len(tb.rows)-1).Filter(func(i int) bool { return tb.rows[i].typ != Choice }).Draw(t, "option")
	r := &tb.rows[i]
	low, high, ok := limits(r, rules{c})
	if !ok {
		low, high = 0, 1<<20
	}
	switch r.typ {
	case Bool:
		value = rapid.SampledFrom([]string{"y", "n"}).Draw(t, "bool")
	case Int:
		value = strconv.FormatInt(rapid.Int64Range(low, high).Draw(t, "int"), 10)
	case Hex:
		value = "0x" + strconv.FormatInt(rapid.Int64Range(low, high).Draw(t, "hex"), 16)
	case String:
		value = quote(rapid.StringMatching(`[a-zA-Z "\\=#]{0,12}`).Draw(t, "string"))
	}
	return r.name, value
}

// TestRoundTrip: whatever is assigned, the text that WriteTo writes reads back as the same configuration, which also
// goes on in the same way when more is assigned. That last part leaves out configurations with a note: an assignment
// that has no effect is remembered, but Kconfig does not write it, and a later assignment can give it one.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom(Versions()).Draw(t, "release")
		c := newConfig(v)
		for range rapid.IntRange(0, 12).Draw(t, "assignments") {
			name, value := drawAssignment(t, c)
			if err := c.Set(name, value); err != nil {
				require.ErrorAs(t, err, new(*ValueError))
			}
		}
		if rapid.Bool().Draw(t, "unknown") {
			require.NoError(t, c.Apply("x", strings.NewReader("CONFIG_EXAMPLE=\"x\"\n# CONFIG_OTHER is not set\n")))
		}
		text := c.String()
		d, err := Parse("again", strings.NewReader(text))
		require.NoError(t, err, text)
		requireSame(t, c, d)
		require.Equal(t, text, d.String())

		if len(c.Notes) > 0 {
			return
		}
		name, value := drawAssignment(t, c)
		errC, errD := c.Set(name, value), d.Set(name, value)
		require.Equal(t, errC == nil, errD == nil)
		requireSame(t, c, d)
	})
}

// TestOrderOfLinesDoesNotMatter: kconfig looks at values only when all are known, so a file with its lines in another
// order is the same configuration, unless it assigns an option or a choice twice.
func TestOrderOfLinesDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newConfig(rapid.SampledFrom(Versions()).Draw(t, "release"))
		var lines []string
		seen := map[string]bool{}
		for range rapid.IntRange(1, 10).Draw(t, "lines") {
			name, value := drawAssignment(t, c)
			r := &table().rows[table().byName[name]]
			key := name
			if r.choice >= 0 {
				key = table().rows[r.choice].name
			}
			if !seen[key] {
				seen[key] = true
				lines = append(lines, Option{prefix + name, value}.String())
			}
		}
		a, errA := ParseFor(c.IDF.String(), "a", strings.NewReader(strings.Join(lines, "\n")))
		shuffled := rapid.Permutation(lines).Draw(t, "order")
		b, errB := ParseFor(c.IDF.String(), "b", strings.NewReader(strings.Join(shuffled, "\n")))
		require.Equal(t, errA == nil, errB == nil)
		if errA == nil {
			requireSame(t, a, b)
		}
	})
}
