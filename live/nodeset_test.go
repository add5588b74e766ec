package live_test

import (
	"testing"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/live"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// withNodeset is a device whose server has another nodeset, with PSRAM or without.
func withNodeset(t testing.TB, n opcua.Nodeset, psram bool) live.Config {
	server := opcua.DefaultServerConfig()
	server.Nodeset = n
	sdk := sdkconfig.Default("5.3.1")
	if psram {
		require.NoError(t, sdk.Set("CONFIG_SPIRAM", "y"))
	}
	return live.Config{Listen: "127.0.0.1:0", Speed: 20, Device: sim.DeviceConfig{SDKConfig: sdk, Firmware: opcua.Firmware{Server: &server}}}
}

// gopcua's client walks through the compact nodeset, which fits a device with PSRAM.
func TestNodesetOfRealSize(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *live.Config) { *c = withNodeset(t, opcua.CompactNodeset, true) })
	ctx := testContext(t)
	c := connect(t, ctx, s)
	seen := map[string]bool{}
	kinds := map[ua.NodeClass]int{}
	next := []*ua.NodeID{ua.NewNumericNodeID(0, id.TypesFolder), ua.NewNumericNodeID(0, id.Server)}
	for requests := 0; len(next) > 0 && requests < 60; requests++ {
		var browse ua.BrowseRequest
		for _, n := range next[:min(len(next), 40)] {
			browse.NodesToBrowse = append(browse.NodesToBrowse, &ua.BrowseDescription{NodeID: n, ReferenceTypeID: ua.NewNumericNodeID(0, id.HierarchicalReferences),
				IncludeSubtypes: true, ResultMask: uint32(ua.BrowseResultMaskNodeClass)})
		}
		next = next[len(browse.NodesToBrowse):]
		res, err := c.Browse(ctx, &browse)
		require.NoError(t, err)
		for _, r := range res.Results {
			require.Equal(t, ua.StatusOK, r.StatusCode)
			for _, ref := range r.References {
				if key := ref.NodeID.NodeID.String(); !seen[key] {
					seen[key] = true
					kinds[ref.NodeClass]++
					next = append(next, ref.NodeID.NodeID)
				}
			}
		}
	}
	require.Greater(t, len(seen), 2000)
	for _, class := range []ua.NodeClass{ua.NodeClassObject, ua.NodeClassVariable, ua.NodeClassMethod, ua.NodeClassObjectType,
		ua.NodeClassVariableType, ua.NodeClassDataType, ua.NodeClassReferenceType} {
		require.Positive(t, kinds[class], "%v", class)
	}
	v := read(t, ctx, c, ua.NewNumericNodeID(0, 12169)) // values of an enumeration
	require.Len(t, v, 3)
	require.NoError(t, c.Close(ctx))
}

// A device on which a nodeset has no room says how much that takes.
func TestNodesetTooLarge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		nodeset opcua.Nodeset
		psram   bool
		takes   string
	}{
		{opcua.FullNodeset, false, "the full nodeset takes 4007881 bytes in 48932 blocks, 4249700 as the heap counts them and 4501576 while the server starts"},
		{opcua.FullNodeset, true, "with PSRAM (CONFIG_SPIRAM, 4 MiB)"},
		{opcua.CompactNodeset, false, "the compact nodeset takes 3249173 bytes in 45154 blocks"},
	} {
		_, err := live.Start(withNodeset(t, c.nodeset, c.psram))
		require.ErrorIs(t, err, opcua.ErrOutOfMemory)
		require.ErrorContains(t, err, c.takes)
		require.ErrorContains(t, err, "LoadProhibited")
	}
}
