package sdkconfig

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTableIsComplete(t *testing.T) {
	for _, i := range Table() {
		require.NotEmpty(t, i.Source, i.Name)
		require.True(t, strings.HasSuffix(i.Effect, "."), "%s: effect %q is no sentence", i.Name, i.Effect)
		if i.Field != "" && i.Choice == "" {
			require.NotEqual(t, decidesOnly, i.Effect, "%s fills a field", i.Name)
			require.NotEqual(t, followsOnly, i.Effect, "%s fills a field", i.Name)
		}
		require.False(t, others()[strings.TrimPrefix(i.Name, prefix)], "%s is also among the other options", i.Name)
	}
}

// TestOtherOptionsAreSorted keeps the list of options that the model does not read in order, one name a line.
func TestOtherOptionsAreSorted(t *testing.T) {
	_, names, _ := strings.Cut(strings.TrimSuffix(otherOptions, "\n"), "\n")
	list := strings.Split(strings.ReplaceAll(names, "\r", ""), "\n")
	require.True(t, slices.IsSorted(list))
	require.Greater(t, len(list), 3000)
	for _, n := range list {
		require.True(t, isName(n), n)
	}
}

// TestRenames checks the option table's earlier names against ESP-IDF's sdkconfig.rename files.
func TestRenames(t *testing.T) {
	data, err := os.ReadFile("testdata/renames.txt")
	require.NoError(t, err)
	tb := table()
	pairs := 0
	for line := range strings.Lines(string(data)) {
		words := strings.Fields(line)
		if words[0] == "#" {
			continue
		}
		pairs++
		earlier, ok := tb.byName[words[0]]
		require.True(t, ok, "no option %s", words[0])
		later, ok := tb.byName[words[1]]
		require.True(t, ok, "no option %s", words[1])
		switch words[0] {
		case "ENABLE_STATIC_TASK_CLEAN_UP_HOOK": // became another option in 6.0
		case "ESP32_APPTRACE_DEST_TRAX": // selected what JTAG selects now
		default:
			require.Equal(t, tb.rows[later].name, tb.rows[earlier].name, line)
		}
	}
	require.Greater(t, pairs, 100)
}

// TestNoOptionDependsOnItself resolves many configurations in every release and makes sure that no value was needed
// while it was being found.
func TestNoOptionDependsOnItself(t *testing.T) {
	tb := table()
	for _, v := range Versions() {
		c := newConfig(v)
		for i := range tb.rows {
			r := &resolver{t: tb, c: c, values: make([]string, len(tb.rows)), state: make([]byte, len(tb.rows))}
			r.value(i)
			require.False(t, r.circular, "%s in %s", tb.rows[i].name, v)
		}
	}
}

func TestConditions(t *testing.T) {
	tb := table()
	find := func(name string) (int, bool) { i, ok := tb.byName[name]; return i, ok }
	c := Default("5.3.1")
	for _, test := range []struct {
		text string
		want bool
	}{
		{"", true},
		{"LWIP_IPV6", true},
		{"!LWIP_IPV6", false},
		{"LWIP_IPV6 && FREERTOS_UNICORE", false},
		{"FREERTOS_UNICORE || LWIP_IPV6 && LWIP_ICMP", true},
		{"(FREERTOS_UNICORE || LWIP_IPV6) && !LWIP_ICMP", false},
		{"FREERTOS_HZ > 99 && FREERTOS_HZ < 101", true},
		{"FREERTOS_HZ >= 101 || FREERTOS_HZ <= 99 || FREERTOS_HZ != 100", false},
		{"FREERTOS_HZ = 100", true},
		{"LWIP_TCP_WND_DEFAULT = LWIP_TCP_SND_BUF_DEFAULT", true},
		{"FREERTOS_TIMER_SERVICE_TASK_NAME = FREERTOS_TIMER_SERVICE_TASK_NAME", true},
		{"IDF >= 5.3 && IDF < 5.4", true},
		{"IDF < 5.3", false},
		{"since(5.3.1)", true},
		{"since(5.3.2)", false},
		{"since(5.2.1, 5.3.2, 5.4)", false},
		{"since(4.4.5, 5.0)", true},
	} {
		e, err := parseCondition(test.text, find)
		require.NoError(t, err, test.text)
		require.Equal(t, test.want, e.holds(rules{c}), test.text)
	}
	for _, text := range []string{"NO_SUCH_OPTION", "(LWIP_IPV6", "LWIP_IPV6 LWIP_ICMP", "since 5.0", "since(5.0", "since(x)", "IDF < x", "LWIP_IPV6 $", "&&"} {
		_, err := parseCondition(text, find)
		require.Error(t, err, text)
	}
}

// TestFieldsAreDocumented reads the comment of each field that an option fills: it must name the field and the option,
// and give its default and its range in the standard release.
func TestFieldsAreDocumented(t *testing.T) {
	comments := map[string]string{} // by "Group.Field"
	files, err := filepath.Glob("options_*.go")
	require.NoError(t, err)
	files = append(files, "config.go")
	groups := map[string]string{}
	for f := range reflect.TypeFor[Config]().Fields() {
		groups[f.Type.Name()] = f.Name
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					if len(f.Names) == 1 {
						text := strings.Join(strings.Fields(f.Doc.Text()), " ")
						comments[groups[spec.Name.Name]+"."+f.Names[0].Name] = text
					}
				}
			}
			return true
		})
	}
	c := Default("5.3.1")
	fields := 0
	for i, r := range table().rows {
		if r.field == "" {
			continue
		}
		fields++
		text := comments[r.field]
		_, name, ok := strings.Cut(r.field, ".")
		if !ok { // of Config itself
			name = r.field
			text = comments["."+name]
		}
		require.True(t, strings.HasPrefix(text, name+" is CONFIG_"), "%s: %q", r.field, text)
		value := c.values[i]
		switch {
		case r.typ == Choice:
			value = "" // named by a constant
		case value == "" && len(r.defaults) > 0:
			value = r.defaults[len(r.defaults)-1].value
		}
		require.Contains(t, text, value, r.field)
		if low, high, ok := limits(&table().rows[i], rules{c}); ok && high != math.MaxInt32 && r.typ == Int {
			require.Contains(t, text, strconv.FormatInt(low, 10)+" to "+strconv.FormatInt(high, 10), r.field)
		}
	}
	require.Greater(t, fields, 200)
}
