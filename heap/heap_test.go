package heap

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBootLogOfPublishedLayouts(t *testing.T) {
	h, err := New(Config{Version: V5_3_1, Layout: Layout{StaticEnd: 0x3FFB2EC8, IRAMEnd: 0x4008944C}})
	require.NoError(t, err)
	require.Equal(t, []string{
		"At 3FFAE6E0 len 00001920 (6 KiB): DRAM",
		"At 3FFB2EC8 len 0002D138 (180 KiB): DRAM",
		"At 3FFE0440 len 00003AE0 (14 KiB): D/IRAM",
		"At 3FFE4350 len 0001BCB0 (111 KiB): D/IRAM",
		"At 4008944C len 00016BB4 (90 KiB): IRAM",
	}, h.BootLog())
}

func TestOwnersHoldWhatTheyAllocated(t *testing.T) {
	h, err := New(Config{Version: V5_3_1, Layout: DefaultLayout()})
	require.NoError(t, err)
	s := h.Intern(Tag{Task: "opcua_task", Object: "session 3", What: "UA_Session"})
	p := h.MallocDefault(s, 936)
	require.NotZero(t, p)
	require.Equal(t, uint32(940), h.Holding(s).Bytes)
	before := h.FreeSize(CapDefault)
	require.NoError(t, h.Free(p))
	require.Equal(t, before+940, h.FreeSize(CapDefault))
	require.Zero(t, h.Holding(s).Bytes)
	require.Error(t, h.Free(p))
}
