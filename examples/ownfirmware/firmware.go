package main

import (
	"net/netip"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// A Logger is firmware for a device that takes measurements over TCP: each client
// gets a task, which mallocs a buffer and answers each piece with "ok".
type Logger struct {
	// Leaky leaves the buffer behind where recv fails, as in
	//
	//	char *buf = malloc(BUFFER);
	//	for (;;) {
	//	    int n = recv(fd, buf, BUFFER, 0);
	//	    if (n < 0) { close(fd); vTaskDelete(NULL); }   // and buf?
	//	    if (n == 0) break;
	//	    send(fd, "ok\n", 3, 0);
	//	}
	//	free(buf); close(fd); vTaskDelete(NULL);
	Leaky bool
}

const (
	port   = 7000
	buffer = 1024 // bytes
	stack  = 3072 // bytes of each client's task
)

// Main is app_main.
func (f Logger) Main(a *sim.App) {
	a.StartNetwork(func(e *sim.App) { // the interface has its address
		if _, err := e.CreateTask("listener", stack, 5, freertos.Core0, f.listen); err != nil {
			e.Abort(err.Error()) // ESP_ERROR_CHECK
		}
	})
}

func (f Logger) listen(a *sim.App) {
	lwip, t := a.Device().Net(), a.Task
	fd, err := lwip.Socket(t, lwipmodel.SockStream)
	if err == nil {
		err = lwip.Bind(t, fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port))
	}
	if err == nil {
		err = lwip.Listen(t, fd, 4)
	}
	if err != nil {
		a.Abort(err.Error())
	}
	a.Ready() // what is allocated now is the baseline of RequireNoLeak
	for {
		client, err := lwip.Accept(t, fd)
		if err != nil {
			continue // no memory for it: the next may have more luck
		}
		_, err = a.CreateTask("client", stack, 4, freertos.Core0, func(a *sim.App) { f.serve(a, client) })
		if err != nil {
			a.Printf("no task for a client: %v", err)
			_ = lwip.Close(t, client)
		}
	}
}

func (f Logger) serve(a *sim.App, fd int) {
	lwip, t := a.Device().Net(), a.Task
	var buf heap.Addr
	a.Within("client", func() { buf = a.Malloc("buffer", buffer) })
	done := func() {
		a.Free(buf) // free(NULL) does nothing
		_ = lwip.Close(t, fd)
		a.Delete() // vTaskDelete(NULL) does not return
	}
	if buf == 0 {
		done()
	}
	// lwIP writes to Go's memory; the block on the heap stands for it.
	data := make([]byte, buffer)
	for {
		n, err := lwip.Recv(t, fd, data, 0)
		if err != nil && f.Leaky {
			_ = lwip.Close(t, fd)
			a.Delete()
		}
		if err != nil || n == 0 {
			done()
		}
		if _, err := lwip.Send(t, fd, []byte("ok\n"), 0); err != nil {
			done()
		}
	}
}
