package opcua

import (
	"fmt"
	"strings"
)

// opaquePhase is what the recordings tell of a phase of the boot that is not
// modelled operation by operation: only what it leaves behind is.
type opaquePhase struct {
	allocs, frees          int
	allocBytes, freedBytes int64
	peakBytes, peakBlocks  int64
	peakTLSF               int64
	max                    uint32
}

var opaquePhases = map[Version]map[string]opaquePhase{
	V1_2_10: {
		"server_new_ns0":  {3852, 1904, 1646715, 1517683, 132521, 1957, 141856, 4072},
		"add_3_variables": {69, 33, 33043, 30969, 4257, 39, 4460, 2112},
	},
	V1_3_20: {
		"server_new_ns0":  {allocs: 3462, peakBytes: 428698},
		"add_3_variables": {allocs: 75, peakBytes: 3729},
	},
	V1_0_3: {
		"server_new_ns0":  {4083, 2786, 2061336, 1965972, 99606, 1300, 106012, 2132},
		"add_3_variables": {93, 63, 51487, 49605, 4281, 34, 4460, 2112},
	},
}

// impose puts the counters of a phase that is not modelled in place, and goes on
// with the block number that follows it.
func (l *ledger) impose(p opaquePhase) {
	c, s := &l.count, &l.start
	c.allocs, c.frees, c.allocBytes, c.freedBytes = p.allocs, p.frees, p.allocBytes, p.freedBytes
	c.peakBytes, c.peakBlocks, c.peakTLS = s.bytes+p.peakBytes, s.blocks+p.peakBlocks, s.tlsf+p.peakTLSF
	l.max = p.max
	for len(l.sizes) < l.first+p.allocs {
		l.sizes = append(l.sizes, block{})
	}
}

// version returns the version that a header names.
func (h *header) version() (Version, error) {
	v, err := ParseVersion(strings.TrimPrefix(h.Stack, "open62541 "))
	if err != nil {
		return 0, fmt.Errorf("cannot replay stack %q: %w", h.Stack, err)
	}
	return v, nil
}
