package heap

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// imageHeap is a dual-core chip with memory contents; what it prints and where
// it would have died are kept.
type imageHeap struct {
	*Heap
	console bytes.Buffer
	died    []error
}

func newImageHeap(t testing.TB, v Version, p Poisoning) *imageHeap {
	x := &imageHeap{}
	h, err := New(Config{
		Version: v, Poisoning: p, Layout: DefaultLayout(), Images: true, Console: &x.console,
		OnAbort: func(err error) { x.died = append(x.died, err) },
	})
	require.NoError(t, err)
	h.EnableNonOSStackHeaps()
	x.Heap = h
	return x
}

// three allocates three blocks in a row for three owners.
func (x *imageHeap) three(t testing.TB, n uint32) (a, b, c Addr) {
	p := [3]Addr{}
	for i := range p {
		o := x.Intern(Tag{Task: "opcua_task", Object: fmt.Sprint("session ", i+1), What: "buffer"})
		p[i] = x.Malloc(o, n, CapDefault)
		require.NotZero(t, p[i])
	}
	return p[0], p[1], p[2]
}

func TestOverrunIsFoundByFree(t *testing.T) {
	for v, line := range map[Version]int{V4_4: 259, V5_3_1: 279, Master: 277} {
		x := newImageHeap(t, v, PoisoningLight)
		_, b, _ := x.three(t, 33)
		tail := b + 33
		require.NoError(t, x.Corrupt(tail, 1))

		err := x.Free(b)
		var c *CorruptionError
		require.ErrorAs(t, err, &c)
		require.Equal(t, BadTail, c.Kind)
		want := fmt.Sprintf("CORRUPT HEAP: Bad tail at %v. Expected 0xbaad5678 got 0xbaad5687", tail)
		require.Equal(t, want+"\n", x.console.String())
		require.Equal(t, fmt.Sprintf("assert failed: multi_heap_free multi_heap_poisoning.c:%d (head != NULL)", line), c.Assert)
		require.Equal(t, "session 2", c.Block.Tag.Object)
		require.Equal(t, "session 1", c.Before.Tag.Object)
		require.Equal(t, "session 3", c.After.Tag.Object)
		require.Contains(t, err.Error(), "opcua_task/session 2/buffer")
		require.Len(t, x.died, 1)
		require.NoError(t, x.verifyBut(b), "the model's own state is sound")
	}
}

// verifyBut checks the bookkeeping, accepting damage to the contents.
func (x *imageHeap) verifyBut(Addr) error {
	s := x.mem
	defer func() { x.setMemory(s) }()
	x.setMemory(nil)
	return x.verify()
}

func (x *imageHeap) setMemory(m *memory) {
	x.mem = m
	for _, g := range x.heaps {
		g.heap.mem = m
	}
}

// TestDoubleFreeInTheWordsOfADevice: with light poisoning the head canary of a
// freed block is its list pointer. A device's log has "Bad head at 0x3ffeb398.
// Expected 0xabba1234 got 0x3ffe4364": the null block of the D/IRAM heap at
// 0x3FFE4350.
func TestDoubleFreeInTheWordsOfADevice(t *testing.T) {
	x := newImageHeap(t, V4_4, PoisoningLight)
	x.Malloc(OwnerBoot, 160_000, CapDefault) // leaves no DRAM beside the D/IRAM
	for x.Malloc(OwnerBoot, 512, CapDefault) < 0x3FFE4350 {
	}
	p := x.Malloc(OwnerBoot, 1000, CapDefault)
	x.Malloc(OwnerBoot, 1000, CapDefault)
	require.NoError(t, x.Free(p))
	err := x.Free(p)
	require.ErrorContains(t, err, fmt.Sprintf("CORRUPT HEAP: Bad head at %v. Expected 0xabba1234 got 0x3ffe4364", p-8))
	require.ErrorContains(t, err, "assert failed: multi_heap_free multi_heap_poisoning.c:259 (head != NULL)")
}

func TestDoubleFreeWithoutPoisoning(t *testing.T) {
	for v, want := range map[Version]string{
		V4_4:   `assert failed: tlsf_free heap_tlsf.c:965 (!block_is_free(block) && "block already marked as free")`,
		V5_3_1: `assert failed: tlsf_free tlsf.c:1201 (!block_is_free(block) && "block already marked as free")`,
		Master: `assert failed: tlsf_free tlsf.c:629 (!block_is_free(block) && "block already marked as free")`,
	} {
		x := newImageHeap(t, v, PoisoningNone)
		a, b, _ := x.three(t, 100)
		require.NoError(t, x.Free(a))
		require.NoError(t, x.Free(b)) // merges into a: its size word stays behind
		for _, p := range []Addr{a, b} {
			err := x.Free(p)
			var e *PointerError
			require.ErrorAs(t, err, &e)
			require.True(t, e.Freed)
			require.Equal(t, want, e.Assert)
		}
		// Without images the same is known of a block that is still one.
		h, err := New(Config{Version: v, Layout: DefaultLayout()})
		require.NoError(t, err)
		p := h.Malloc(OwnerBoot, 100, CapDefault)
		require.NoError(t, h.Free(p))
		require.ErrorContains(t, h.Free(p), want)
	}
}

func TestPointerOutsideAllHeaps(t *testing.T) {
	for v, want := range map[Version]string{
		V4_4:   `assert failed: heap_caps_free heap_caps.c:381 (heap != NULL && "free() target pointer is outside heap areas")`,
		V5_3_1: `assert failed: heap_caps_free heap_caps_base.c:69 (heap != NULL && "free() target pointer is outside heap areas")`,
		Master: `assert failed: heap_caps_free heap_caps_base.c:116 (heap != NULL && "free() target pointer is outside heap areas")`,
	} {
		x := newImageHeap(t, v, PoisoningNone)
		require.ErrorContains(t, x.Free(0x3FFB0010), want)
		_, err := x.Realloc(OwnerBoot, 0x1000, 20, CapDefault)
		require.ErrorContains(t, err, `"realloc() pointer is outside heap areas"`)
		require.ErrorContains(t, x.Free(0x3FFB7B04), "CORRUPT HEAP: multi_heap.c:")
		_, err = x.AllocatedSize(0x3FFC0001)
		require.Error(t, err)
	}
}

func TestUseAfterFreeIsFoundByMalloc(t *testing.T) {
	x := newImageHeap(t, V5_3_1, PoisoningComprehensive)
	a, b, _ := x.three(t, 60)
	var content [60]byte
	require.NoError(t, x.Read(b, content[:]))
	require.Equal(t, bytes.Repeat([]byte{0xCE}, 60), content[:], "fresh memory")
	require.NoError(t, x.Free(b))
	require.NoError(t, x.Read(b+8, content[:40]))
	require.Equal(t, bytes.Repeat([]byte{0xFE}, 40), content[:40], "freed memory")
	require.NoError(t, x.Write(b+20, []byte{1, 2}))

	found := x.CheckIntegrity(CapInvalid, true)
	line := fmt.Sprintf("CORRUPT HEAP: Invalid data at %v. Expected 0xfefefefe got 0xfefe0201", b+20)
	require.Len(t, found, 1)
	require.Equal(t, line+"\n", x.console.String())
	require.Equal(t, BadFill, found[0].Kind)
	require.True(t, found[0].Block.Free)
	require.Equal(t, "session 1", found[0].Before.Tag.Object)

	x.console.Reset()
	require.Equal(t, b, x.Malloc(OwnerBoot, 60, CapDefault))
	require.Equal(t, line+"\n", x.console.String())
	require.Len(t, x.died, 1)
	require.ErrorContains(t, x.died[0], "assert failed: multi_heap_malloc multi_heap_poisoning.c:261 (ret)")
	require.NoError(t, x.Free(a))
}

// TestWrongTailBytesAreReportedAsTheFirst: among the last three bytes of a
// request the original prints the first of them, whichever is wrong.
func TestWrongTailBytesAreReportedAsTheFirst(t *testing.T) {
	x := newImageHeap(t, Master, PoisoningComprehensive)
	_, b, _ := x.three(t, 35)
	require.NoError(t, x.Free(b))
	require.NoError(t, x.Write(b+34, []byte{0}))
	x.Malloc(OwnerBoot, 35, CapDefault)
	require.Equal(t, fmt.Sprintf("CORRUPT HEAP: Invalid data at %v. Expected 0xfe got 0xfe\n", b+32), x.console.String())
}

func TestIntegrityCheckFindsEveryDamage(t *testing.T) {
	x := newImageHeap(t, V5_3_1, PoisoningLight)
	a, b, c := x.three(t, 40)
	require.Empty(t, x.CheckIntegrity(CapInvalid, true))
	require.NoError(t, x.Corrupt(a-8, 1))
	require.NoError(t, x.Corrupt(b+40, 2))
	require.NoError(t, x.Write(c-4, []byte{41, 0, 0, 0})) // the recorded size
	require.NoError(t, x.Write(c+41, []byte{0x78, 0x56, 0xAD, 0xBA}))
	found := x.CheckIntegrity(Cap8Bit, true)
	require.Len(t, found, 4)
	for i, kind := range []CorruptionKind{BadHead, BadTail, BadSize, BadHeader} {
		require.Equal(t, kind, found[i].Kind)
	}
	require.Equal(t, fmt.Sprintf(`CORRUPT HEAP: Bad head at %v. Expected 0xabba1234 got 0xabba12cb
CORRUPT HEAP: Bad tail at %v. Expected 0xbaad5678 got 0xbaada987
CORRUPT HEAP: Size at %v expected <=0x00000028 got 0x00000029
`, a-8, b+40, c-4), x.console.String())
	require.Empty(t, x.died, "the check does not abort")
	require.Empty(t, x.CheckIntegrity(CapExec, false), "other heaps are sound")

	wild := newImageHeap(t, V5_3_1, PoisoningLight)
	p, _, _ := wild.three(t, 40)
	require.NoError(t, wild.Write(p-4, []byte{0, 0, 0, 0xF0}))
	require.ErrorContains(t, wild.Free(p), "LoadProhibited", "the tail canary is looked for far away")
}

// TestOverrunWithoutPoisoning: the next block's size word is overwritten, which
// ESP-IDF does not notice when it happens.
func TestOverrunWithoutPoisoning(t *testing.T) {
	x := newImageHeap(t, V5_3_1, PoisoningNone)
	a, b, _ := x.three(t, 40)
	require.NoError(t, x.Corrupt(a+40, 4))
	found := x.CheckIntegrity(CapInvalid, true)
	require.Len(t, found, 1)
	require.Equal(t, BadHeader, found[0].Kind)
	require.Equal(t, "size", found[0].Word)
	require.Equal(t, uint32(40), found[0].Want)
	require.Empty(t, x.console.String(), "tlsf_check prints nothing")
	var c *CorruptionError
	require.ErrorAs(t, x.Free(b), &c)
	require.ErrorContains(t, x.Free(a), "size is")

	// A free block's list pointer is read by the allocation that takes it.
	y := newImageHeap(t, V5_3_1, PoisoningNone)
	_, b, _ = y.three(t, 40)
	require.NoError(t, y.Free(b))
	require.NoError(t, y.Corrupt(b, 4))
	require.Zero(t, y.Malloc(OwnerBoot, 40, CapDefault|CapInternal|CapDMA))
	require.NotEmpty(t, y.died)
	require.True(t, errors.As(y.died[0], &c))
	require.Equal(t, "next_free", c.Word)
}

func TestContentsMoveWithTheirBlock(t *testing.T) {
	for _, p := range allPoisonings {
		x := newImageHeap(t, Master, p)
		text := strings.Repeat("four hundred bytes of text ", 15)
		a := x.Malloc(OwnerBoot, uint32(len(text)), CapDefault)
		x.Malloc(OwnerBoot, 12, CapDefault)
		require.NoError(t, x.Write(a, []byte(text)))
		got := make([]byte, len(text))
		for _, n := range []uint32{500, 7000, 20_000, 404} {
			b, err := x.Realloc(OwnerBoot, a, n, CapDefault)
			require.NoError(t, err)
			require.NotZero(t, b)
			a = b
			require.NoError(t, x.Read(a, got[:min(len(got), int(n))]))
			require.Equal(t, text[:min(len(text), int(n))], string(got[:min(len(got), int(n))]))
		}
		z := x.Calloc(OwnerBoot, 10, 10, CapDefault)
		require.NoError(t, x.Read(z, got[:100]))
		require.Equal(t, make([]byte, 100), got[:100])
		require.Empty(t, x.CheckIntegrity(CapInvalid, false))

		s := x.Snapshot()
		require.NoError(t, x.Write(a, bytes.Repeat([]byte{7}, 100)))
		require.NoError(t, x.Free(z))
		require.NoError(t, x.Restore(s))
		require.NoError(t, x.Read(a, got[:100]))
		require.Equal(t, text[:100], string(got[:100]), "contents come back with a snapshot")
		require.NoError(t, x.verify())
	}
}

// TestExecutableAlias: D/IRAM on the instruction bus is upside down, and free
// follows the word before the pointer.
func TestExecutableAlias(t *testing.T) {
	x := newImageHeap(t, V5_3_1, PoisoningNone)
	for p := Addr(0); p < diramIRAMLow; {
		if p = x.Malloc(OwnerBoot, 4096, CapExec); p == 0 {
			t.Fatal("no alias")
		}
	}
	p := x.Malloc(OwnerBoot, 4096, CapExec)
	require.GreaterOrEqual(t, p, Addr(diramIRAMLow))
	require.NoError(t, x.Write(p, []byte("0123456789abcdef")))
	d := x.aliases[p]
	var word [4]byte
	require.NoError(t, x.Read(d+4092, word[:]))
	require.Equal(t, "0123", string(word[:]), "the first word is the last but one of the block")
	require.NoError(t, x.Read(p-4, word[:]))
	require.Equal(t, uint32(d), uint32(word[0])|uint32(word[1])<<8|uint32(word[2])<<16|uint32(word[3])<<24)

	q, err := x.Realloc(OwnerBoot, p, 32, Cap8Bit)
	require.NoError(t, err)
	var got [16]byte
	require.NoError(t, x.Read(q, got[:]))
	require.Equal(t, "0123456789abcdef", string(got[:]))

	r := x.Malloc(OwnerBoot, 4096, CapExec)
	require.NoError(t, x.Corrupt(r-4, 4))
	require.ErrorContains(t, x.Free(r), "outside")
	require.Error(t, x.Free(diramIRAMLow+400), "no allocation there")
}

func TestContentsNeedImages(t *testing.T) {
	h, err := New(Config{Version: V5_3_1, Poisoning: PoisoningLight, Layout: DefaultLayout()})
	require.NoError(t, err)
	p := h.Malloc(OwnerBoot, 10, CapDefault)
	require.ErrorContains(t, h.Corrupt(p, 1), "Config.Images")
	require.ErrorContains(t, h.Write(p, []byte{1}), "Config.Images")
	require.Empty(t, h.CheckIntegrity(CapInvalid, true))
	x := newImageHeap(t, V5_3_1, PoisoningLight)
	require.ErrorContains(t, x.Corrupt(0x100, 1), "outside the modelled memory")
	require.ErrorContains(t, x.Read(0xFFFFFFF0, make([]byte, 100)), "outside the modelled memory")
}
