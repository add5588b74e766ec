module github.com/plimsoll-sim/plimsoll/recordings

go 1.26.3
