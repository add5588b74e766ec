package heap

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

// benchHeap is a booted dual-core chip with n live blocks of mixed sizes.
func benchHeap(tb testing.TB, cfg Config, n int) (*Heap, []Addr) {
	if cfg.Version == 0 {
		cfg.Version = V5_3_1
	}
	cfg.Layout = DefaultLayout()
	h, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	h.EnableNonOSStackHeaps()
	live := make([]Addr, n)
	for i, size := range mixedSizes(n) {
		live[i] = h.MallocDefault(0, size)
	}
	return h, live
}

// mixedSizes is what a network server asks for: mostly small objects, some
// buffers.
func mixedSizes(n int) []uint32 {
	r := rand.New(rand.NewPCG(1, 2))
	sizes := make([]uint32, n)
	for i := range sizes {
		switch r.IntN(10) {
		case 0:
			sizes[i] = 500 + r.Uint32N(1100)
		case 1, 2:
			sizes[i] = 100 + r.Uint32N(300)
		default:
			sizes[i] = 8 + r.Uint32N(92)
		}
	}
	return sizes
}

// BenchmarkMallocFree is one malloc and one free of mixed sizes on a heap with
// 500 other blocks.
func BenchmarkMallocFree(b *testing.B) {
	var now time.Duration
	for _, c := range []struct {
		name string
		cfg  Config
	}{
		{"plain", Config{}},
		{"master", Config{Version: Master}},
		{"light poisoning", Config{Poisoning: PoisoningLight}},
		{"clock", Config{Now: func() time.Duration { now++; return now }}},
		{"hook", Config{Hooks: []Hook{&counter{}}}},
		{"injector", Config{Inject: And(OfTask("nobody"), Nth(3))}},
		{"images", Config{Images: true}},
		{"images, comprehensive poisoning", Config{Images: true, Poisoning: PoisoningComprehensive}},
	} {
		b.Run(c.name, func(b *testing.B) {
			h, _ := benchHeap(b, c.cfg, 500)
			sizes := mixedSizes(4096)
			owner := h.Intern(Tag{Task: "bench"})
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := h.Free(h.MallocDefault(owner, sizes[i&4095])); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkChurn frees one of 500 blocks at random and allocates another in its
// stead: a heap full of holes, in no order that a processor could foresee.
func BenchmarkChurn(b *testing.B) {
	h, live := benchHeap(b, Config{}, 500)
	sizes := mixedSizes(4096)
	r := rand.New(rand.NewPCG(3, 4))
	order := make([]int, 4096)
	for i := range order {
		order[i] = r.IntN(len(live))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		slot := &live[order[i&4095]]
		if err := h.Free(*slot); err != nil {
			b.Fatal(err)
		}
		*slot = h.MallocDefault(OwnerBoot, sizes[i&4095])
	}
}

// counter is a hook that only counts.
type counter struct{ allocs, frees int }

func (c *counter) Alloc(Addr, uint32, Block) { c.allocs++ }
func (c *counter) Free(Addr, Block)          { c.frees++ }

// BenchmarkSnapshot and BenchmarkRestore copy the state of a device with 1,000
// live blocks.
func BenchmarkSnapshot(b *testing.B) {
	for _, images := range []bool{false, true} {
		b.Run(fmt.Sprint("images ", images), func(b *testing.B) {
			h, _ := benchHeap(b, Config{Images: images}, 1000)
			b.ReportAllocs()
			for b.Loop() {
				h.Snapshot()
			}
		})
		b.Run(fmt.Sprint("and a change, images ", images), func(b *testing.B) {
			h, live := benchHeap(b, Config{Images: images}, 1000)
			b.ReportAllocs()
			for b.Loop() {
				h.Snapshot()
				if h.Free(live[500]) != nil {
					b.Fatal("free")
				}
				live[500] = h.MallocDefault(0, 100)
			}
		})
		b.Run(fmt.Sprint("into and a change, images ", images), func(b *testing.B) {
			h, live := benchHeap(b, Config{Images: images}, 1000)
			s := h.Snapshot()
			b.ReportAllocs()
			for b.Loop() {
				h.SnapshotInto(s)
				if h.Free(live[500]) != nil {
					b.Fatal("free")
				}
				live[500] = h.MallocDefault(0, 100)
			}
		})
		b.Run(fmt.Sprint("into, images ", images), func(b *testing.B) {
			h, _ := benchHeap(b, Config{Images: images}, 1000)
			s := h.Snapshot()
			b.ReportAllocs()
			for b.Loop() {
				h.SnapshotInto(s)
			}
		})
	}
}

func BenchmarkRestore(b *testing.B) {
	for _, images := range []bool{false, true} {
		b.Run(fmt.Sprint("images ", images), func(b *testing.B) {
			h, _ := benchHeap(b, Config{Images: images}, 1000)
			s := h.Snapshot()
			b.ReportAllocs()
			for b.Loop() {
				if err := h.Restore(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkQueries ask for what a timeline asks for at every sample.
func BenchmarkQueries(b *testing.B) {
	h, _ := benchHeap(b, Config{}, 1000)
	b.Run("free, largest, minimum", func(b *testing.B) {
		for b.Loop() {
			h.FreeSize(CapDefault)
			h.LargestFreeBlock(CapDefault)
			h.MinimumFreeSize(CapDefault)
		}
	})
	b.Run("held by owner", func(b *testing.B) {
		for b.Loop() {
			h.Held(CapDefault)
		}
	})
	b.Run("group blocks", func(b *testing.B) {
		for b.Loop() {
			GroupBlocks(h.Blocks, ByTask)
		}
	})
}

// BenchmarkDevice makes a device's heap; the metric is the host memory one
// takes with 1,000 live blocks.
func BenchmarkDevice(b *testing.B) {
	b.Run("plain", func(b *testing.B) { deviceMemory(b, Config{}) })
	b.Run("images", func(b *testing.B) { deviceMemory(b, Config{Images: true}) })
	b.Run("comprehensive images", func(b *testing.B) { deviceMemory(b, Config{Images: true, Poisoning: PoisoningComprehensive}) })
}

func deviceMemory(b *testing.B, cfg Config) {
	var keep []*Heap
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		h, _ := benchHeap(b, cfg, 1000)
		if len(keep) < 16 {
			keep = append(keep, h)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(keep))/1024, "KiB/device")
	runtime.KeepAlive(keep)
}
