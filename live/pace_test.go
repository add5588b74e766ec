package live

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPace(t *testing.T) {
	began := time.Now()
	at := func(d time.Duration) time.Time { return began.Add(d) }
	p := pace{speed: 10, virtual: time.Hour, real: began}
	require.Equal(t, time.Hour+20*time.Second, p.target(at(2*time.Second)))
	require.Equal(t, 3*time.Second, p.wait(at(2*time.Second), time.Hour+50*time.Second))
	require.Equal(t, time.Nanosecond, p.wait(began, time.Hour+1), "never too early")
	require.LessOrEqual(t, p.wait(at(time.Second), time.Hour), time.Duration(0))

	// Three seconds in which it got only 5 of 30 s further.
	p.restart(at(3*time.Second), time.Hour+5*time.Second)
	require.Equal(t, 25*time.Second, p.behind)
	require.Equal(t, time.Hour+15*time.Second, p.target(at(4*time.Second)))

	p.change(1, at(4*time.Second), time.Hour+15*time.Second)
	require.Equal(t, time.Hour+16*time.Second, p.target(at(5*time.Second)))
	require.Equal(t, 25*time.Second, p.behind)
}

func TestWallClock(t *testing.T) {
	require.EqualValues(t, 133_444_736_000_000_000, wallClock(time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC)))
	require.EqualValues(t, 0, wallClock(time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC)))
}
