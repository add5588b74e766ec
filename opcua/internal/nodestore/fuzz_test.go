package nodestore

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// scriptVerbs are the commands of a script that take bytes from a client.
var scriptVerbs = [...]string{"read 3", "write", "browse 2", "next 0", "translate", "call", "addnode", "delnode", "addref", "delref"}

// FuzzOperations runs operations that a client can send, each as a byte for its
// kind, two for the length of its encoding, and the encoding. Whatever they are,
// nothing panics but the modelled crashes, and the server gives back all memory
// when it is deleted.
func FuzzOperations(f *testing.F) {
	b, err := os.ReadFile("testdata/services.txt")
	require.NoError(f, err)
	var seed []byte
	for _, l := range strings.Split(string(b), "\n") {
		command, ok := strings.CutPrefix(l, "> ")
		words := strings.Fields(command)
		if !ok {
			continue
		}
		for kind, verb := range scriptVerbs {
			if words[0] != strings.Fields(verb)[0] {
				continue
			}
			arg, err := hex.DecodeString(words[len(words)-1])
			require.NoError(f, err)
			seed = append(append(seed, byte(kind), byte(len(arg)), byte(len(arg)>>8)), arg...)
			if len(seed) > 500 {
				f.Add(seed)
				seed = nil
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := newScriptRunner()
		require.NoError(t, err)
		x.m.OnOp = nil
		defer func() {
			if r := recover(); r != nil {
				if _, crash := r.(*mem.Crash); !crash {
					panic(r)
				}
			}
		}()
		for len(b) > 3 {
			kind, n := int(b[0])%len(scriptVerbs), min(int(b[1])|int(b[2])<<8, len(b)-3)
			// An argument that cannot be decoded is an error, and none of ours.
			_, _ = x.run(scriptVerbs[kind] + " " + hex.EncodeToString(b[3:3+n]))
			b = b[3+n:]
		}
		x.r.core.Release(&x.s)
		x.r.core.Delete()
		require.Zero(t, x.m.LiveBlocks())
	})
}

func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"1", "1:2", "0:1,3", "1:", ",", "4294967296:1", "2:1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m := &mem.Recorder{}
		c := &Core{m: m}
		r, st := c.parseRange(b)
		if r != nil {
			require.Zero(t, st)
			require.NotEmpty(t, r.dims)
			for _, d := range r.dims {
				require.LessOrEqual(t, d.min, d.max)
			}
			m.Free(r.block)
		} else {
			require.NotZero(t, st)
		}
		require.Zero(t, m.LiveBlocks())
	})
}
