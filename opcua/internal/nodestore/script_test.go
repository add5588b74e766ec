package nodestore

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// A script is a list of service operations on the recorded server with what
// open62541 v1.2-rc1-20, built for a 32-bit host as for the recordings, did with
// its memory and answered. A line that begins with "> " is a command, with the
// binary encoding of the operation's argument; the lines behind it are the heap
// operations ("calloc BLOCK BYTES", "realloc BLOCK BYTES OLD", "free BLOCK") and,
// behind "= ", the binary encoding of the result.
//
//	read TIMESTAMPS ReadValueId      write WriteValue         browse MAX BrowseDescription
//	next RELEASE ByteString          translate BrowsePath     call CallMethodRequest
//	addnode AddNodesItem             delnode DeleteNodesItem  addref AddReferencesItem
//	delref DeleteReferencesItem      ns NAME                  method ID NAME
//	release                          fail N (the n-th allocation from here fails; 0: none)
type scriptRunner struct {
	r     *recorded
	m     *mem.Recorder
	s     Session
	lines []string // output of the present command
	fail  uint64
	buf   []byte
}

func newScriptRunner() (*scriptRunner, error) {
	x := &scriptRunner{}
	x.m = &mem.Recorder{Fail: func(n uint64, _ uint32) bool { return n == x.fail }}
	x.r = newRecorded(x.m)
	if err := x.r.boot(); err != nil {
		return nil, err
	}
	x.m.OnOp = x.op
	return x, nil
}

func (x *scriptRunner) op(o mem.Op) {
	switch o.Kind {
	case mem.KindFree:
		x.lines = append(x.lines, fmt.Sprintf("free %d", o.ID))
	case mem.KindRealloc:
		x.lines = append(x.lines, fmt.Sprintf("realloc %d %d %d", o.ID, o.Size, o.Old))
	default:
		x.lines = append(x.lines, fmt.Sprintf("%s %d %d", o.Kind, o.ID, o.Size))
	}
}

// argument decodes a command's argument beside the server's memory.
func argument[T any, P interface {
	*T
	uatypes.Value
}](text string, v P) error {
	b, err := hex.DecodeString(text)
	if err != nil {
		return err
	}
	if _, st := uatypes.Decode[T, P](&mem.Recorder{}, b, 0, v); st != uatypes.Good {
		return fmt.Errorf("argument: %w", st)
	}
	return nil
}

// result writes a result down and gives it back.
func result[T any, P interface {
	*T
	uatypes.Value
}](x *scriptRunner, v P) {
	if x.buf == nil {
		x.buf = make([]byte, 1<<18)
	}
	e := &uatypes.Encoder{Buf: x.buf, End: len(x.buf)}
	if st := e.Encode(v); st != uatypes.Good {
		x.lines = append(x.lines, fmt.Sprintf("= encode %08x", uint32(st)))
	} else {
		x.lines = append(x.lines, "= "+hex.EncodeToString(x.buf[:e.Pos]))
	}
	uatypes.Clear[T, P](x.r.m, v)
}

func (x *scriptRunner) status(st uatypes.Status) {
	s := uint32(st)
	x.lines = append(x.lines, fmt.Sprintf("= %02x%02x%02x%02x", s&0xff, s>>8&0xff, s>>16&0xff, s>>24))
}

// run does one command and returns its output.
func (x *scriptRunner) run(command string) ([]string, error) {
	x.lines = nil
	words := strings.Fields(command)
	c := x.r.core
	number := func(i int) uint32 {
		n, _ := strconv.ParseUint(words[i], 10, 32)
		return uint32(n)
	}
	last := words[len(words)-1]
	var err error
	switch words[0] {
	case "fail":
		x.fail = 0
		if n := number(1); n > 0 {
			x.fail = x.m.Allocs() + uint64(n)
		}
	case "read":
		var id uatypes.ReadValueID
		if err = argument(last, &id); err == nil {
			var v uatypes.DataValue
			c.Read(&x.s, number(1), &id, &v)
			result(x, &v)
		}
	case "write":
		var w uatypes.WriteValue
		if err = argument(last, &w); err == nil {
			x.status(c.Write(&x.s, &w))
		}
	case "browse":
		var d uatypes.BrowseDescription
		if err = argument(last, &d); err == nil {
			var v uatypes.BrowseResult
			c.Browse(&x.s, number(1), &d, &v)
			result(x, &v)
		}
	case "next":
		var point uatypes.Str
		if err = argument(last, &point); err == nil {
			var v uatypes.BrowseResult
			c.BrowseNext(&x.s, number(1) != 0, &point, &v)
			result(x, &v)
		}
	case "translate":
		var p uatypes.BrowsePath
		if err = argument(last, &p); err == nil {
			var v uatypes.BrowsePathResult
			c.TranslateBrowsePath(&p, &v)
			result(x, &v)
		}
	case "call":
		var q uatypes.CallMethodRequest
		if err = argument(last, &q); err == nil {
			var v uatypes.CallMethodResult
			c.Call(&x.s, &q, &v)
			result(x, &v)
		}
	case "addnode":
		var item uatypes.AddNodesItem
		if err = argument(last, &item); err == nil {
			var v uatypes.AddNodesResult
			c.AddNode(&x.s, &item, &v)
			c.setMethod(&v.AddedNodeID, x.echo)
			result(x, &v)
		}
	case "delnode":
		var item uatypes.DeleteNodesItem
		if err = argument(last, &item); err == nil {
			x.status(c.DeleteNode(&item))
		}
	case "addref":
		var item uatypes.AddReferencesItem
		if err = argument(last, &item); err == nil {
			x.status(c.AddReference(&item))
		}
	case "delref":
		var item uatypes.DeleteReferencesItem
		if err = argument(last, &item); err == nil {
			x.status(c.DeleteReference(&item))
		}
	case "ns":
		n := c.AddNamespace(words[1])
		x.lines = append(x.lines, fmt.Sprintf("= %02x%02x", n&0xff, n>>8))
	case "method":
		name := uatypes.Const(words[2])
		arg := func(n string) []uatypes.Argument {
			return []uatypes.Argument{{Name: uatypes.Const(n), DataType: *ns0ID(uatypes.TypeInt32.TypeID), ValueRank: rankScalar}}
		}
		_, st := c.AddMethod(&Method{ID: uatypes.Numeric(1, number(1)), BrowseName: uatypes.QualifiedName{NamespaceIndex: 1, Name: name},
			DisplayName: uatypes.LocalizedText{Locale: uatypes.Const("en-US"), Text: name}, In: arg("n"), Out: arg("m"), Func: x.echo})
		x.status(st)
	case "release":
		c.Release(&x.s)
	default:
		err = fmt.Errorf("unknown command %q", words[0])
	}
	return x.lines, err
}

// echo copies input arguments to output arguments.
func (x *scriptRunner) echo(_ *Session, _, _ *uatypes.NodeID, in, out []uatypes.Variant) uatypes.Status {
	st := uatypes.Status(uatypes.Good)
	for i := 0; i < len(out) && i < len(in); i++ {
		st |= uatypes.Copy(x.r.m, &out[i], &in[i])
	}
	return st
}

// checkScript runs the commands of a script and compares what they do.
func checkScript(name, text string) error {
	x, err := newScriptRunner()
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); {
		if strings.HasPrefix(lines[i], "#") {
			i++
			continue
		}
		command, ok := strings.CutPrefix(lines[i], "> ")
		if !ok {
			return fmt.Errorf("%s:%d: expected a command, found %q", name, i+1, lines[i])
		}
		got, err := x.run(command)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		for i++; i < len(lines) && !strings.HasPrefix(lines[i], "> "); i++ {
			if len(got) == 0 {
				return fmt.Errorf("%s:%d: expected %q, found nothing, in %s", name, i+1, lines[i], command)
			}
			if lines[i] != got[0] {
				return fmt.Errorf("%s:%d: expected %q, found %q, in %s", name, i+1, lines[i], got[0], command)
			}
			got = got[1:]
		}
		if len(got) > 0 {
			return fmt.Errorf("%s:%d: expected nothing more, found %q, in %s", name, i+1, got[0], command)
		}
	}
	x.fail = 0
	x.m.OnOp = nil
	x.r.core.Release(&x.s)
	x.r.core.Delete()
	return nil
}

// TestScriptsAreStrict alters a line of a script at a time.
func TestScriptsAreStrict(t *testing.T) {
	b, err := os.ReadFile("testdata/services.txt")
	require.NoError(t, err)
	lines := strings.Split(string(b), "\n")
	end := 200
	for !strings.HasPrefix(lines[end], "> ") {
		end++
	}
	lines = lines[:end]
	require.NoError(t, checkScript("s", strings.Join(lines, "\n")))
	for i := 20; i < len(lines); i += 23 {
		if strings.HasPrefix(lines[i], ">") || lines[i] == "" {
			continue
		}
		for _, altered := range []string{lines[i] + "0", lines[i][:len(lines[i])-1]} {
			old := lines[i]
			lines[i] = altered
			require.Error(t, checkScript("s", strings.Join(lines, "\n")), "line %d: %q as %q", i+1, old, altered)
			lines[i] = old
		}
		require.Error(t, checkScript("s", strings.Join(append(append([]string(nil), lines[:i]...), lines[i+1:]...), "\n")), "line %d deleted", i+1)
	}
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			b, err := os.ReadFile(f)
			require.NoError(t, err)
			require.NoError(t, checkScript(f, string(b)))
		})
	}
}
