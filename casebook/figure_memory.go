package casebook

import (
	"slices"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim"
)

func deviceFigure(name, help string, f func(*sim.Device) int64) figureKind {
	return figureKind{name: name, usage: name, help: help, compile: func(c *compiler, a *args) (figure, error) {
		return func(p *play) (value, error) { p.take(); return number(f(p.device)), nil }, a.done()
	}}
}

func figureLost() figureKind {
	return figureKind{name: "lost", usage: "lost since MARK", help: "How many bytes less are free than at the mark.",
		compile: func(c *compiler, a *args) (figure, error) {
			m := c.since(a)
			return func(p *play) (value, error) { return number(p.marks[m].free - p.take().free), nil }, a.done()
		}}
}

func figureBlocksSince() figureKind {
	return figureKind{name: "blocks", usage: "blocks since MARK", help: "How many blocks more are allocated than at the mark.",
		compile: func(c *compiler, a *args) (figure, error) {
			m := c.since(a)
			return func(p *play) (value, error) { return number(p.take().blocks - p.marks[m].blocks), nil }, a.done()
		}}
}

func figureHeap() figureKind {
	return figureKind{name: "heap", usage: "heap free|largest CAPS", help: "Free bytes, or the largest block, of the memory with capabilities such as INTERNAL|8BIT.",
		compile: func(c *compiler, a *args) (figure, error) {
			what := a.word("free or largest")
			caps, err := heap.ParseCap(a.word("capabilities"))
			if err != nil {
				a.fail("%w", err)
			}
			if what != "free" && what != "largest" {
				a.fail("free or largest was expected, found %q", what)
			}
			return func(p *play) (value, error) {
				p.take()
				if what == "free" {
					return number(p.device.Heap().FreeSize(caps)), nil
				}
				return number(p.device.Heap().LargestFreeBlock(caps)), nil
			}, a.done()
		}}
}

func figureRequest() figureKind {
	return figureKind{name: "request", usage: "request WHAT", help: "The bytes asked for of the newest block of a kind, such as TCP_PCB, mbox_queue or TCB; 0 if there is none.",
		compile: func(c *compiler, a *args) (figure, error) {
			what := a.word("the kind of a block")
			return func(p *play) (value, error) {
				var size uint32
				serial := -1
				p.device.Heap().Blocks(func(b heap.Block) bool {
					if b.Tag.What == what && int(b.Serial) > serial {
						size, serial = b.Requested, int(b.Serial)
					}
					return true
				})
				return number(size), nil
			}, a.done()
		}}
}

func figureFailures() figureKind {
	return figureKind{name: "failures", usage: "failures", help: "Allocations that failed since the start.",
		compile: func(c *compiler, a *args) (figure, error) {
			return func(p *play) (value, error) { return number(len(p.device.Failures())), nil }, a.done()
		}}
}

func figureFailure() figureKind {
	return figureKind{name: "failure", usage: "failure size|free|largest", help: "The bytes that the first allocation that failed asked for, what was free then, and the largest block then.",
		compile: func(c *compiler, a *args) (figure, error) {
			what := a.word("size, free or largest")
			if !slices.Contains([]string{"size", "free", "largest"}, what) {
				a.fail("size, free or largest was expected, found %q", what)
			}
			return func(p *play) (value, error) {
				all := p.device.Failures()
				if len(all) == 0 {
					return number(0), nil
				}
				switch what {
				case "size":
					return number(all[0].Size), nil
				case "free":
					return number(all[0].Free), nil
				}
				return number(all[0].Largest), nil
			}, a.done()
		}}
}
