package image

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// mapHeading begins the part of GNU ld's map file that says where everything lies.
const mapHeading = "Linker script and memory map"

// ReadMap reads a map file of GNU ld (build/PROJECT.map). An output section begins a line:
//
//	.dram0.data     0x3ffb0000     0x2a30
//	.dram0.heap_start
//	                0x3ffb7b00        0x0
//	                0x3ffb7b00                        _heap_low_start = ABSOLUTE (.)
//
// Its name stands alone on a line if it is long. Symbols stand behind their address.
func ReadMap(name string, r io.Reader) (*Image, error) {
	m := &Image{Source: name}
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	number, inMap, pending := 0, false, ""
	seen := map[string]int{}
	fail := func(err error) (*Image, error) {
		return nil, fmt.Errorf("image: %s:%d: %w", name, number, err)
	}
	for in.Scan() {
		number++
		line := strings.TrimRight(in.Text(), " \t\r")
		if !inMap {
			inMap = line == mapHeading
			continue
		}
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
			pending = ""
		case line[0] == '.' && len(fields) == 1:
			pending = fields[0]
		case line[0] == '.', pending != "" && len(fields) >= 2 && isHex(fields[0]) && isHex(fields[1]):
			section := pending
			if line[0] == '.' {
				section, fields = fields[0], fields[1:]
			}
			pending = ""
			if len(fields) < 2 || !isHex(fields[0]) || !isHex(fields[1]) {
				return fail(fmt.Errorf("section %s: expected its address and size, found %q", section, strings.Join(fields, " ")))
			}
			addr, err := hex32(fields[0])
			if err != nil {
				return fail(fmt.Errorf("section %s: address: %w", section, err))
			}
			size, err := hex32(fields[1])
			if err != nil {
				return fail(fmt.Errorf("section %s: size: %w", section, err))
			}
			if old, twice := seen[section]; twice && addr != 0 {
				return fail(fmt.Errorf("section %s: expected it once, found it in line %d too", section, old))
			}
			seen[section] = number
			if err := m.place(section, addr, size); err != nil {
				return fail(err)
			}
		case len(fields) >= 2 && isHex(fields[0]) && !isHex(fields[1]):
			pending = ""
			addr, err := hex32(fields[0])
			if err != nil {
				continue // what a debugging section or a 64-bit constant has
			}
			if err := m.symbol(fields[1], addr); err != nil {
				return fail(err)
			}
		default:
			pending = ""
		}
	}
	if err := in.Err(); err != nil {
		return fail(err)
	}
	if !inMap {
		return nil, fmt.Errorf("image: %s: expected a line %q, found none in %d lines", name, mapHeading, number)
	}
	if err := m.finish(); err != nil {
		return nil, fmt.Errorf("image: %s: %w", name, err)
	}
	return m, nil
}

func isHex(s string) bool {
	digits, ok := strings.CutPrefix(s, "0x")
	if !ok || digits == "" {
		return false
	}
	return strings.Trim(digits, "0123456789abcdefABCDEF") == ""
}

func hex32(s string) (uint32, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "0x"), 16, 32)
	if err != nil {
		return 0, fmt.Errorf("expected a 32-bit number, found %s", s)
	}
	return uint32(n), nil
}
