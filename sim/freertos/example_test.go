package freertos_test

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// A task that forgets what it allocates, and one that has to live with it.
func Example() {
	loop := vtime.New(1)
	defer loop.Close()
	h, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: heap.DefaultLayout(), Now: loop.Now})
	if err != nil {
		panic(err)
	}
	k, err := freertos.New(loop, h, freertos.DefaultConfig(heap.V5_3_1))
	if err != nil {
		panic(err)
	}
	leak := func(t *freertos.Task) {
		for n := 1; ; n++ {
			if h.MallocDefault(k.Owner(fmt.Sprint("message ", n), "buffer"), 16384) == 0 {
				fmt.Println(loop.Now(), "no memory for message", n)
				t.Delete()
			}
			t.Delay(k.TicksFromMS(500))
		}
	}
	if _, err := k.CreateTask("leak", 4096, 5, freertos.NoAffinity, leak); err != nil {
		panic(err)
	}
	if err := k.StartScheduler(); err != nil {
		panic(err)
	}
	if err := loop.Run(time.Minute); err != nil {
		panic(err)
	}
	fmt.Println("leak lives:", k.Task("leak") != nil)
	h.Blocks(func(b heap.Block) bool {
		if b.Tag.Object == "message 1" {
			fmt.Println("still there:", b.Tag, b.Size)
		}
		return true
	})
	// Output:
	// 4.5s no memory for message 10
	// leak lives: false
	// still there: leak/message 1/buffer 16384
}
