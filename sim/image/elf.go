package image

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
)

// ReadELF reads the sections and the linker's symbols of a firmware's ELF file (build/PROJECT.elf). Without symbols
// (a stripped file) the heap begins where the last section of DRAM ends.
func ReadELF(name string, r io.ReaderAt) (*Image, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, fmt.Errorf("image: %s: %w", name, err)
	}
	defer f.Close()
	if f.Class != elf.ELFCLASS32 || f.Machine != elf.EM_XTENSA {
		return nil, fmt.Errorf("image: %s: expected a 32-bit ELF file for Xtensa, a firmware of the plain ESP32, found %v for %v", name, f.Class, f.Machine)
	}
	m := &Image{Source: name}
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_ALLOC == 0 || s.Addr > 0xFFFFFFFF || s.Size > 0xFFFFFFFF {
			continue
		}
		if err := m.place(s.Name, uint32(s.Addr), uint32(s.Size)); err != nil {
			return nil, fmt.Errorf("image: %s: %w", name, err)
		}
	}
	symbols, err := f.Symbols()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		return nil, fmt.Errorf("image: %s: %w", name, err)
	}
	for _, s := range symbols {
		if s.Value > 0xFFFFFFFF {
			continue
		}
		if err := m.symbol(s.Name, uint32(s.Value)); err != nil {
			return nil, fmt.Errorf("image: %s: %w", name, err)
		}
	}
	if err := m.finish(); err != nil {
		return nil, fmt.Errorf("image: %s: %w", name, err)
	}
	return m, nil
}
