package image

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// sizeReport is every form that idf.py size --format json has had: flat names of totals (up to ESP-IDF 5.3), the list
// "layout" of memories with their parts (esp-idf-size 1.x --format json2, 2.x --format json), and the map
// "memory_types" of its raw form.
type sizeReport struct {
	Layout []struct {
		Name  string              `json:"name"`
		Parts map[string]sizePart `json:"parts"`
	} `json:"layout"`
	MemoryTypes map[string]struct {
		Sections map[string]sizePart `json:"sections"`
	} `json:"memory_types"`
}

type sizePart struct {
	Size *int64 `json:"size"`
}

// flatParts are the names of the flat form, with their section and memory. Of a name that an older release writes
// otherwise, the first that is there counts.
var flatParts = []struct {
	names   []string
	section string
	memory  Memory
}{
	{[]string{"dram_data"}, ".data", DRAM},
	{[]string{"dram_bss"}, ".bss", DRAM},
	{[]string{"dram_rodata"}, ".rodata", DRAM},
	{[]string{"dram_other"}, "other", DRAM},
	{[]string{"iram_vectors"}, ".vectors", IRAM},
	{[]string{"iram_text"}, ".text", IRAM},
	{[]string{"iram_other"}, "other", IRAM},
}

// ReadSizeJSON reads what idf.py size --format json prints (in any release), or esp-idf-size in its formats json, json2
// and raw. It has sizes and no addresses, so that the few bytes which the linker leaves between sections are not
// counted, and the heap may begin up to 15 bytes early.
func ReadSizeJSON(name string, r io.Reader) (*Image, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("image: %s: %w", name, err)
	}
	m := &Image{Source: name}
	if err := m.readJSON(data); err != nil {
		return nil, fmt.Errorf("image: %s: %w", name, err)
	}
	if m.Size(DRAM) == 0 {
		return nil, fmt.Errorf(`image: %s: expected the sizes of DRAM's sections, in "dram_data" and "dram_bss", in "layout" or in "memory_types", found none`, name)
	}
	if n := m.Size(DRAM); n > dramEnd-dramStart {
		return nil, fmt.Errorf("image: %s: %d bytes of DRAM: expected at most %d", name, n, dramEnd-dramStart)
	}
	if n := m.Size(IRAM); n > iramEnd-iramStart {
		return nil, fmt.Errorf("image: %s: %d bytes of IRAM: expected at most %d", name, n, iramEnd-iramStart)
	} else if n > 0 {
		m.IRAMEnd = iramStart + heap.Addr(n+3)&^3
	}
	if n := m.Size(RTCFast); n > rtcEnd-rtcStart {
		return nil, fmt.Errorf("image: %s: %d bytes of RTC fast memory: expected at most %d", name, n, rtcEnd-rtcStart)
	} else if n > 0 {
		m.RTCDataEnd = rtcStart + heap.Addr(n+3)&^3
	}
	return m, nil
}

func (m *Image) readJSON(data []byte) error {
	var report sizeReport
	if err := json.Unmarshal(data, &report); err != nil {
		return jsonError(data, err)
	}
	for _, l := range report.Layout {
		if err := m.parts(l.Name, l.Parts); err != nil {
			return err
		}
	}
	for _, name := range sortedKeys(report.MemoryTypes) {
		if err := m.parts(name, report.MemoryTypes[name].Sections); err != nil {
			return err
		}
	}
	if len(m.Sections) > 0 {
		return nil
	}
	flat := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &flat); err != nil {
		return jsonError(data, err)
	}
	for _, p := range flatParts {
		for _, name := range p.names {
			raw, ok := flat[name]
			if !ok {
				continue
			}
			var n int64
			if err := json.Unmarshal(raw, &n); err != nil {
				return fmt.Errorf("%q: expected a number of bytes, found %s", name, raw)
			}
			if err := m.add(p.section, p.memory, n); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// parts adds the sections of one memory of a report.
func (m *Image) parts(memory string, parts map[string]sizePart) error {
	var in Memory
	switch strings.ToUpper(memory) {
	case "DRAM":
		in = DRAM
	case "IRAM":
		in = IRAM
	case "RTC FAST":
		in = RTCFast
	default:
		return nil
	}
	for _, name := range sortedKeys(parts) {
		if parts[name].Size == nil {
			return fmt.Errorf("%s of %s: expected \"size\", found none", name, memory)
		}
		if name == rtcDummy || name == ".dummy" && in == RTCFast {
			continue
		}
		if err := m.add(name, in, *parts[name].Size); err != nil {
			return err
		}
	}
	return nil
}

func (m *Image) add(section string, memory Memory, n int64) error {
	if n < 0 || n > math.MaxInt32 {
		return fmt.Errorf("%s of %v: expected a size in bytes, found %d", section, memory, n)
	}
	if n > 0 {
		m.Sections = append(m.Sections, Section{Name: section, Memory: memory, Size: uint32(n)})
	}
	return nil
}

// jsonError says on which line JSON is not as expected.
func jsonError(data []byte, err error) error {
	offset := int64(-1)
	switch e := err.(type) {
	case *json.SyntaxError:
		offset = e.Offset
	case *json.UnmarshalTypeError:
		offset = e.Offset
	}
	if offset < 0 || offset > int64(len(data)) {
		return err
	}
	return fmt.Errorf("line %d: %w", 1+strings.Count(string(data[:offset]), "\n"), err)
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
