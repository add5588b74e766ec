package image

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// What the same firmware's map file, ELF file and sizes say is the same.
func TestFormatsAgree(t *testing.T) {
	m, err := ReadFile("testdata/hello.map")
	require.NoError(t, err)
	require.Equal(t, []Section{
		{".dram0.data", DRAM, 0x3FFB0000, 0x2104},
		{".dram0.bss", DRAM, 0x3FFB2108, 0x858},
		{".iram0.vectors", IRAM, 0x40080000, 0x403},
		{".iram0.text", IRAM, 0x40080404, 0x8F14},
		{".rtc.text", RTCFast, 0x3FF80000, 8},
		{".rtc.force_fast", RTCFast, 0x3FF80008, 4},
	}, m.Sections)
	require.Equal(t, heap.Addr(0x3FFB0000), m.StaticStart)
	require.Equal(t, heap.Addr(0x3FFB2960), m.StaticEnd)
	require.Equal(t, heap.Addr(0x40089318), m.IRAMEnd)
	require.Equal(t, heap.Addr(0x3FF8000C), m.RTCDataEnd)

	e, err := Read("hello.elf", elfFile(m.Sections, map[string]uint32{"_heap_low_start": 0x3FFB2960, "_iram_end": 0x40089318}))
	require.NoError(t, err)
	e.Source = m.Source
	require.Equal(t, m, e)
	// Without symbols the end of the last section counts, aligned.
	e, err = Read("hello.elf", elfFile(m.Sections, nil))
	require.NoError(t, err)
	require.Equal(t, []heap.Addr{0x3FFB2960, 0x40089318, 0x3FF8000C}, []heap.Addr{e.StaticEnd, e.IRAMEnd, e.RTCDataEnd})

	for _, text := range []string{
		`{"version": "1.2", "layout": [{"name": "Flash Code", "parts": {".text": {"size": 80666}}},
		  {"name": "DRAM", "total": 180736, "parts": {".data": {"size": 8452}, ".bss": {"size": 2136}}},
		  {"name": "IRAM", "parts": {".text": {"size": 36628}, ".vectors": {"size": 1027}}}, {"name": "RTC FAST", "parts": {".force_fast": {"size": 4}}}]}`,
		`{"memory_types": {"DRAM": {"size": 180736, "sections": {".dram0.data": {"abbrev_name": ".data", "size": 8452}, ".dram0.bss": {"size": 2136}}},
		  "IRAM": {"sections": {".iram0.vectors": {"size": 1027}, ".iram0.text": {"size": 36628}}}}}`,
		`{"dram_data": 8452, "dram_bss": 2136, "dram_rodata": 0, "dram_other": 0, "used_dram": 10588, "iram_vectors": 1027, "iram_text": 36628, "iram_other": 0, "flash_code": 80666, "used_dram_ratio": 0.058}`,
	} {
		j, err := Read("size.json", []byte(text))
		require.NoError(t, err)
		require.Equal(t, uint32(8452+2136), j.Size(DRAM))
		require.Equal(t, uint32(1027+36628), j.Size(IRAM))
		require.Equal(t, heap.Addr(0x40080000+37656), j.IRAMEnd)
		require.Zero(t, j.StaticStart)
	}
}

// elfFile makes a 32-bit ELF file for Xtensa.
func elfFile(sections []Section, symbols map[string]uint32) []byte {
	var names, strs bytes.Buffer
	names.WriteByte(0)
	strs.WriteByte(0)
	name := func(b *bytes.Buffer, s string) uint32 {
		at := b.Len()
		b.WriteString(s + "\x00")
		return uint32(at)
	}
	headers := []elf.Section32{{}}
	for _, s := range sections {
		headers = append(headers, elf.Section32{Name: name(&names, s.Name), Type: uint32(elf.SHT_NOBITS), Flags: uint32(elf.SHF_ALLOC), Addr: uint32(s.Start), Size: s.Size})
	}
	var syms bytes.Buffer
	put := func(b *bytes.Buffer, v any) { _ = binary.Write(b, binary.LittleEndian, v) }
	put(&syms, elf.Sym32{})
	for _, s := range []string{"_heap_low_start", "_iram_end"} {
		if v, ok := symbols[s]; ok {
			put(&syms, elf.Sym32{Name: name(&strs, s), Value: v, Info: 0x10, Shndx: uint16(elf.SHN_ABS)})
		}
	}
	const headerSize = 52
	data := syms.Bytes()
	offset := uint32(headerSize)
	add := func(label string, typ elf.SectionType, link, entry uint32, body []byte) []byte {
		headers = append(headers, elf.Section32{Name: name(&names, label), Type: uint32(typ), Off: offset, Size: uint32(len(body)), Link: link, Entsize: entry, Info: 1})
		offset += uint32(len(body))
		return body
	}
	var body []byte
	if symbols != nil {
		body = append(body, add(".symtab", elf.SHT_SYMTAB, uint32(len(headers)+1), 16, data)...)
		body = append(body, add(".strtab", elf.SHT_STRTAB, 0, 0, strs.Bytes())...)
	}
	name(&names, ".shstrtab")
	headers = append(headers, elf.Section32{Name: uint32(names.Len() - 10), Type: uint32(elf.SHT_STRTAB), Off: offset, Size: uint32(names.Len())})
	body = append(body, names.Bytes()...)
	offset += uint32(names.Len())
	var out bytes.Buffer
	put(&out, elf.Header32{
		Ident: [16]byte{0x7f, 'E', 'L', 'F', 1, 1, 1}, Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_XTENSA), Version: 1,
		Shoff: offset, Ehsize: headerSize, Shentsize: 40, Shnum: uint16(len(headers)), Shstrndx: uint16(len(headers) - 1),
	})
	out.Write(body)
	for _, h := range headers {
		put(&out, h)
	}
	return out.Bytes()
}

// What is wrong is said with its place.
func TestErrors(t *testing.T) {
	data, err := os.ReadFile("testdata/hello.map")
	require.NoError(t, err)
	hello := string(data)
	change := func(old, with string) string {
		require.Contains(t, hello, old)
		return strings.Replace(hello, old, with, 1)
	}
	for want, text := range map[string]string{
		"expected an ELF file, a linker map file":                                  "hello",
		"x:38: section .dram0.data: expected it once, found it in line 30 too":     change(".iram0.bss      0x40089318", ".dram0.data     0x3ffb8000"),
		"x:30: section .dram0.data lies at 0x3ffe0000: expected static data below": change(".dram0.data     0x3ffb0000", ".dram0.data     0x3ffe0000"),
		"x:30: section .dram0.data: 196609 bytes from 0x3ffb0000 go beyond":        change("0x2104", "0x30001"),
		"x:30: section .dram0.data: expected its address and size, found \"here\"": change(".dram0.data     0x3ffb0000     0x2104", ".dram0.data     here"),
		"x:30: section .dram0.data: size: expected a 32-bit number":                change("0x2104", "0x123456789"),
		"section .dram0.bss at 0x3ffb2100 overlaps .dram0.data":                    change(".dram0.bss      0x3ffb2108", ".dram0.bss      0x3ffb2100"),
		"symbol _iram_end is 0x40380000: expected":                                 change("0x40089318                        _iram_end", "0x40380000                        _iram_end"),
		"x: no section lies in DRAM":                                               "Linker script and memory map\n",
		`line 1: json: cannot unmarshal string`:                                    `{"layout": [{"name": "DRAM", "parts": {".data": {"size": "many"}}}]}`,
		`line 2: unexpected end of JSON input`:                                     "{\n",
		`expected "size", found none`:                                              `{"layout": [{"name": "DRAM", "parts": {".data": {}}}]}`,
		`expected a size in bytes, found -1`:                                       `{"dram_data": -1}`,
		`"dram_bss": expected a number of bytes, found "x"`:                        `{"dram_data": 5, "dram_bss": "x"}`,
		`expected the sizes of DRAM's sections`:                                    `{"a": 5}`,
		"300000 bytes of DRAM: expected at most":                                   `{"dram_data": 300000}`,
		"300000 bytes of IRAM: expected at most":                                   `{"dram_data": 3, "iram_text": 300000}`,
		"expected a 32-bit ELF file for Xtensa":                                    strings.Replace(string(elfFile(nil, nil)), "\x02\x00\x5e\x00", "\x02\x00\xf3\x00", 1),
		"x: no section lies in DRAM (0x3ffb0000 to 0x3ffe0000)":                    string(elfFile(nil, nil)),
		"x: bad magic number":                                                      "\x7fELF",
	} {
		_, err := Read("x", []byte(text))
		require.Error(t, err, want)
		if want != "x: bad magic number" {
			require.ErrorContains(t, err, want)
		}
	}
	_, err = ReadFile("testdata/none")
	require.ErrorContains(t, err, "image: open testdata/none")
}

// Whatever the file, there is an image whose bounds are in order, or an error
// that names the file.
func FuzzRead(f *testing.F) {
	data, err := os.ReadFile("testdata/hello.map")
	require.NoError(f, err)
	f.Add(data)
	f.Add(elfFile([]Section{{".dram0.data", DRAM, 0x3FFB0000, 100}}, map[string]uint32{"_heap_low_start": 0x3FFB2960}))
	f.Add([]byte(`{"dram_data": 8452, "dram_bss": 2136}`))
	f.Add([]byte(`{"layout": [{"name": "DRAM", "parts": {".data": {"size": 8452}}}]}`))
	f.Add([]byte(`{"memory_types": {"IRAM": {"sections": {".data": {"size": 8452}}}}}`))
	f.Add([]byte("Linker script and memory map\n.dram0.data\n 0x3ffb0000 0x10\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Read("file", data)
		if err != nil {
			require.ErrorContains(t, err, "image: file:")
			return
		}
		n := m.Size(DRAM)
		if n == 0 || n > dramEnd-dramStart || m.StaticEnd > dramEnd || m.IRAMEnd > iramEnd || m.RTCDataEnd > rtcEnd {
			t.Fatalf("%+v", m)
		}
		if m.StaticStart != 0 && (m.StaticStart < dramStart || uint32(m.StaticEnd-m.StaticStart) < n) {
			t.Fatalf("%d bytes: %+v", n, m)
		}
	})
}

func ExampleRead() {
	m, err := Read("size.json", []byte(`{"dram_data": 8452, "dram_bss": 2136, "iram_text": 36628}`))
	fmt.Println(m.Size(DRAM), m.IRAMEnd, err)
	// Output: 10588 0x40088f14 <nil>
}
