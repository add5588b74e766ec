package sim

import (
	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// Bytes of the event loop's C structures in ILP32, computed from their
// definitions (ESP-IDF v5.3.1, components/esp_event/private_include/
// esp_event_internal.h).
const (
	sizeEventLoop        = 24
	sizeEventLoopNode    = 12
	sizeEventBaseNode    = 16
	sizeEventIDNode      = 12
	sizeEventHandlerNode = 8
	sizeEventContext     = 8
	sizeEventPost        = 16 // a slot of the queue, with ESP_EVENT_POST_FROM_ISR
)

// eventID names an event, such as IP_EVENT with IP_EVENT_ETH_GOT_IP.
type eventID struct{ base, id string }

// eventLoop is ESP-IDF's default event loop: a queue, a mutex and the task
// sys_evt, which calls the handlers.
type eventLoop struct {
	queue    *freertos.Queue[eventPost]
	handlers map[eventID][]func(*App)
	bases    map[string]bool
}

type eventPost struct {
	eventID
	data heap.Addr // a copy; 0: none
}

// EventLoopCreateDefault is esp_event_loop_create_default: the loop's object,
// its queue, its mutex and its task, in this order (components/esp_event/
// esp_event.c, esp_event_loop_create).
func (a *App) EventLoopCreateDefault() {
	d, c := a.dev, a.dev.cfg.SDKConfig
	if d.events != nil {
		a.Abort("ESP_ERROR_CHECK failed: esp_err_t 0x103 (ESP_ERR_INVALID_STATE): the default event loop exists")
	}
	l := &eventLoop{handlers: map[eventID][]func(*App){}, bases: map[string]bool{}}
	a.Within("event loop", func() {
		a.must(a.Calloc("esp_event_loop_instance_t", sizeEventLoop), "event loop")
		q, err := freertos.NewQueue[eventPost](d.kernel, "event loop", uint32(c.System.EventQueueSize), sizeEventPost)
		a.check(err)
		l.queue = q
		_, err = freertos.NewRecursiveMutex(d.kernel, "event loop")
		a.check(err)
	})
	stack := uint32(c.System.EventTaskStackSize) + d.extraStack()
	if c.LWIP.TCPIPCoreLocking {
		stack += 2048 // ESP_TASKD_EVENT_STACK (components/esp_system/include/esp_task.h)
	}
	d.events = l
	_, err := a.CreateTask("sys_evt", stack, 20, freertos.Core0, func(e *App) {
		for {
			p, _ := l.queue.Receive(freertos.MaxDelay)
			for _, handler := range l.handlers[p.eventID] {
				handler(e)
			}
			if p.data != 0 {
				e.Free(p.data)
			}
		}
	})
	a.check(err)
}

// eventLoopWithoutTask is esp_event_loop_create without a task of its own: the
// object runs its loop itself.
func (a *App) eventLoopWithoutTask(object string, size int) {
	a.Within(object, func() { a.must(a.Calloc("esp_event_loop_instance_t", sizeEventLoop), "esp_event_loop_create") })
	_, err := freertos.NewQueue[eventPost](a.dev.kernel, object, uint32(size), sizeEventPost)
	a.check(err)
	_, err = freertos.NewRecursiveMutex(a.dev.kernel, object)
	a.check(err)
}

// onEvent is esp_event_handler_register. Each handler takes a node and a
// context; the first of an event and of a base takes a node for these too.
func (a *App) onEvent(id eventID, f func(*App)) {
	l := a.dev.events
	a.Within("event loop", func() {
		if len(l.bases) == 0 {
			a.must(a.Calloc("esp_event_loop_node_t", sizeEventLoopNode), "event handler")
		}
		if !l.bases[id.base] {
			l.bases[id.base] = true
			a.must(a.Calloc("esp_event_base_node_t", sizeEventBaseNode), "event handler")
		}
		if len(l.handlers[id]) == 0 {
			a.must(a.Calloc("esp_event_id_node_t", sizeEventIDNode), "event handler")
		}
		a.must(a.Calloc("esp_event_handler_node_t", sizeEventHandlerNode), "event handler")
		a.must(a.Calloc("esp_event_handler_instance_context_t", sizeEventContext), "event handler")
	})
	l.handlers[id] = append(l.handlers[id], f)
}

// onAnyEvent is esp_event_handler_register for every event of a base: a node and
// a context at the base, which calls nothing here.
func (a *App) onAnyEvent(base string) {
	l := a.dev.events
	a.Within("event loop", func() {
		if !l.bases[base] {
			l.bases[base] = true
			a.must(a.Calloc("esp_event_base_node_t", sizeEventBaseNode), "event handler")
		}
		a.must(a.Calloc("esp_event_handler_node_t", sizeEventHandlerNode), "event handler")
		a.must(a.Calloc("esp_event_handler_instance_context_t", sizeEventContext), "event handler")
	})
}

// post is esp_event_post with size bytes of event data, of which it takes a copy.
func (a *App) post(id eventID, size uint32) {
	p := eventPost{eventID: id}
	if size > 0 {
		a.Within("event loop", func() { p.data = a.Calloc("event data", size) })
		if p.data == 0 {
			return // ESP_ERR_NO_MEM, which the callers do not look at
		}
	}
	a.dev.events.queue.Send(p, freertos.MaxDelay)
}

// check is ESP_ERROR_CHECK.
func (a *App) check(err error) {
	if err != nil {
		a.Abort("ESP_ERROR_CHECK failed: " + err.Error())
	}
}
