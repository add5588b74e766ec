package view

import (
	"fmt"
	"time"
)

// timeSteps are the distances of labels on a time axis.
var timeSteps = [...]time.Duration{
	time.Microsecond, 10 * time.Microsecond, 100 * time.Microsecond,
	time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour,
}

// timeStep returns the smallest distance that gives at most n labels.
func timeStep(span time.Duration, n int) time.Duration {
	for _, s := range timeSteps {
		if span <= s*time.Duration(n) {
			return s
		}
	}
	return timeSteps[len(timeSteps)-1]
}

// timeLabel writes a time to the precision of the step: "2 h 30 min", "45 s".
func timeLabel(t, step time.Duration) string {
	if t == 0 {
		return "0"
	}
	day := 24 * time.Hour
	switch {
	case step >= day:
		return fmt.Sprintf("%d d", t/day)
	case step >= time.Hour:
		if t >= 2*day {
			return fmt.Sprintf("%d d %d h", t/day, t%day/time.Hour)
		}
		return fmt.Sprintf("%d h", t/time.Hour)
	case step >= time.Minute:
		switch {
		case t < time.Hour:
			return fmt.Sprintf("%d min", t/time.Minute)
		case t%time.Hour == 0:
			return fmt.Sprintf("%d h", t/time.Hour)
		}
		return fmt.Sprintf("%d h %02d", t/time.Hour, t%time.Hour/time.Minute)
	case step >= time.Second:
		if t < 2*time.Minute {
			return fmt.Sprintf("%d s", t/time.Second)
		}
		return fmt.Sprintf("%d:%02d min", t/time.Minute, t%time.Minute/time.Second)
	case step >= time.Millisecond:
		return fmt.Sprintf("%d ms", t/time.Millisecond)
	}
	return fmt.Sprintf("%d µs", t/time.Microsecond)
}

// instant writes a time as a reader says it: "2 h 50 min", "3 min 5 s", "750 ms".
func instant(t time.Duration) string {
	switch {
	case t >= 48*time.Hour:
		return fmt.Sprintf("%d d %d h", t/(24*time.Hour), t%(24*time.Hour)/time.Hour)
	case t >= time.Hour:
		return fmt.Sprintf("%d h %d min", t/time.Hour, t%time.Hour/time.Minute)
	case t >= time.Minute:
		return fmt.Sprintf("%d min %d s", t/time.Minute, t%time.Minute/time.Second)
	case t >= time.Second:
		return fmt.Sprintf("%d s", t/time.Second)
	}
	return fmt.Sprintf("%d ms", t/time.Millisecond)
}

// byteStep returns a distance of labels on a byte axis that gives at most n of
// them: a power of two.
func byteStep(limit uint32, n uint32) uint32 {
	for s := uint32(16); ; s *= 2 {
		if limit <= s*n {
			return s
		}
		if s >= 1<<30 {
			return s
		}
	}
}

// byteLabel writes a multiple of a step: "64 KiB", "512 B".
func byteLabel(n uint32) string {
	switch {
	case n == 0:
		return "0"
	case n%1024 == 0:
		return fmt.Sprintf("%d KiB", n/1024)
	}
	return thousands(n) + " B"
}
