package opcua

import (
	"errors"
	"fmt"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/nodestore"
)

// Nodeset says what namespace 0 holds when the server is made.
type Nodeset uint8

const (
	// ReducedNodeset is what the opcua-esp32 firmware is built with, 234 nodes
	// (UA_NAMESPACE_ZERO=REDUCED).
	ReducedNodeset Nodeset = iota
	// FullNodeset is the whole nodeset of the OPC Foundation, in the edition that
	// gopcua's module carries (1.05.02), as open62541's nodeset compiler builds it
	// (UA_NAMESPACE_ZERO=FULL, without descriptions): 4,896 nodes. An ESP32 with 4 MiB
	// of PSRAM has too little memory for it. Only v1.2-rc1 has it.
	FullNodeset
	// CompactNodeset is the full one without the two dictionaries of types and what is
	// below them, as with the nodeset compiler's --blacklist: 4,580 nodes. It needs
	// PSRAM. Only v1.2-rc1 has it.
	CompactNodeset
	nodesets
)

// nodesetInfo is a nodeset's name on the command line, and, of those that the
// firmware is not built with, what a server with the firmware's variables takes:
// bytes, blocks, and what a heap of ESP-IDF counts for them when the server is ready
// and at the most while it starts (recorded).
type nodesetInfo struct {
	name                       string
	bytes, blocks, tlsf, start int
}

var nodesetInfos = [nodesets]nodesetInfo{
	ReducedNodeset: {name: "reduced"},
	FullNodeset:    {"full", 4_007_881, 48_932, 4_249_700, 4_501_576},
	CompactNodeset: {"compact", 3_249_173, 45_154, 3_473_104, 3_488_572},
}

// String returns the nodeset's name on the command line: "reduced", "full" or
// "compact".
func (n Nodeset) String() string {
	if n < nodesets {
		return nodesetInfos[n].name
	}
	return fmt.Sprintf("Nodeset(%d)", uint8(n))
}

// ParseNodeset turns what String returns into a nodeset.
func ParseNodeset(name string) (Nodeset, error) {
	for n := range nodesets {
		if n.String() == name {
			return n, nil
		}
	}
	return 0, fmt.Errorf("opcua: nodeset %q: expected reduced, full or compact", name)
}

// table is the nodeset's table.
func (n Nodeset) table() nodestore.Nodeset {
	return [nodesets]nodestore.Nodeset{ReducedNodeset: nodestore.Reduced, FullNodeset: nodestore.Full, CompactNodeset: nodestore.Compact}[n]
}

// tooLarge says more of an error if memory ended while a nodeset was made that is
// larger than the firmware's own.
func (n Nodeset) tooLarge(err error) error {
	if n == ReducedNodeset || !errors.Is(err, ErrOutOfMemory) {
		return err
	}
	i := &nodesetInfos[n]
	return fmt.Errorf("opcua: the %v nodeset takes %d bytes in %d blocks, %d as the heap counts them and %d while the server starts: "+
		"an ESP32 has that, if at all, with PSRAM (CONFIG_SPIRAM, 4 MiB): %w", n, i.bytes, i.blocks, i.tlsf, i.start, err)
}
