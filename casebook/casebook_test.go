package casebook_test

import (
	"flag"
	"testing"

	"github.com/plimsoll-sim/plimsoll/casebook"
)

var _ = flag.Bool("rewrite", false, "write what the cases find into the scripts, and what is generated from them")

func TestCases(t *testing.T) { casebook.Run(t, "cases") }
