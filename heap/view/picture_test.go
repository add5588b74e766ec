package view_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/heap/view"
)

var picturesFlag = flag.String("pictures", "", "also write the pictures of the tests to this `folder`")

// outage fills a small heap as a server does whose clients are lost: each
// leaves a session, buffers and a PCB behind, until a request fails.
func outage(t testing.TB) (*heap.Heap, *view.Timeline, *heap.Failure) {
	var now time.Duration
	var failed *heap.Failure
	line := &view.Timeline{Title: "Four lost clients", Subtitle: "default memory of an ESP32, ESP-IDF v5.3.1"}
	h, err := heap.New(heap.Config{
		Version: heap.V5_3_1, Layout: heap.Layout{StaticEnd: 0x3FFC8000, IRAMEnd: 0x400971DC},
		Now: func() time.Duration { return now },
		OnFail: func(f heap.Failure) {
			if failed == nil {
				failed = &f
			}
			line.Fail(f)
		},
	})
	require.NoError(t, err)
	system := h.Intern(heap.Tag{Task: "main", What: "stack"})
	for range 12 {
		h.Malloc(system, 4096, heap.CapInternal|heap.Cap8Bit)
	}
	h.EnableNonOSStackHeaps()
	h.Malloc(system, 88000, heap.CapDefault)
	line.Sample(now, h)
	server := h.Intern(heap.Tag{Task: "opcua_task", Object: "server", What: "UA_Server"})
	for range 500 {
		h.MallocDefault(server, 96)
	}
	now += 2 * time.Second
	line.Sample(now, h)
	line.Mark(now, view.MarkGood, "opcua_task started")
	for n := 1; failed == nil; n++ {
		now += 25 * time.Minute
		pcb := h.Intern(heap.Tag{Task: "tiT", Object: fmt.Sprint("client ", n), What: "tcp_pcb"})
		session := h.Intern(heap.Tag{Task: "opcua_task", Object: fmt.Sprint("client ", n), What: "UA_Session"})
		item := h.Intern(heap.Tag{Task: "opcua_task", Object: fmt.Sprint("client ", n), What: "UA_MonitoredItem"})
		h.MallocDefault(pcb, 164)
		buffer := h.MallocDefault(session, 8192)
		for range 14 {
			h.MallocDefault(item, 420)
			h.MallocDefault(session, 64)
			now += 700 * time.Millisecond
			line.Sample(now, h)
		}
		if buffer != 0 {
			require.NoError(t, h.Free(buffer))
		}
		now += 4 * time.Minute
		line.Mark(now, view.MarkBad, fmt.Sprintf("client %d lost", n))
		line.Sample(now, h)
	}
	line.Mark(now, view.MarkBad, "opcua_task closed")
	return h, line, failed
}

func picture(t testing.TB, name string, draw func(io.Writer) error) []byte {
	var a, b bytes.Buffer
	require.NoError(t, draw(&a))
	require.NoError(t, draw(&b))
	require.Equal(t, a.String(), b.String(), "drawn twice")
	d := xml.NewDecoder(bytes.NewReader(a.Bytes()))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, "SVG is XML")
	}
	if *picturesFlag != "" {
		require.NoError(t, os.WriteFile(filepath.Join(*picturesFlag, name), a.Bytes(), 0o644))
	}
	return a.Bytes()
}

func TestTimelinePicture(t *testing.T) {
	_, line, failed := outage(t)
	s := string(picture(t, "timeline.svg", line.SVG))
	for _, want := range []string{"Four lost clients", "client 1 lost", "opcua_task closed", "largest free block", "time since boot", "KiB", "all of it"} {
		require.Contains(t, s, want)
	}
	require.NotNil(t, failed)
	require.Contains(t, s, "failed request")
}

func TestTimelineTables(t *testing.T) {
	h, line, _ := outage(t)
	var b bytes.Buffer
	require.NoError(t, line.CSV(&b))
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"seconds", "free", "largest", "minimum", "boot"}, rows[0][:5])
	last := rows[len(rows)-1]
	require.Equal(t, fmt.Sprint(h.FreeSize(heap.CapDefault)), last[1])
	require.Contains(t, last[len(last)-1], "opcua_task closed")

	b.Reset()
	require.NoError(t, line.JSONL(&b))
	require.Contains(t, b.String(), `"kind":"bad","mark":"client 1 lost"`)
}

func TestMapPicture(t *testing.T) {
	h, _, failed := outage(t)
	m := view.Map{Title: "The heap when a request failed", Subtitle: "default memory of an ESP32", Failed: failed}
	s := string(picture(t, "map.svg", func(w io.Writer) error { return m.SVG(w, h) }))
	for _, want := range []string{"D/IRAM", "client 1", "wanted for", "one row is"} {
		require.Contains(t, s, want)
	}
	require.Error(t, view.Map{Caps: heap.CapSPIRAM}.SVG(io.Discard, h))
	require.Error(t, (&view.Timeline{}).SVG(io.Discard))
}
