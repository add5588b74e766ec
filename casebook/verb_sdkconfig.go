package casebook

import (
	"path/filepath"

	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

func verbSDKConfig() verb {
	return verb{
		name:  "sdkconfig",
		usage: "sdkconfig FILE",
		help:  "Takes the options from an sdkconfig file, by its path from the script's folder.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needBefore(a)
			file := filepath.Join(filepath.Dir(c.script.File), a.word("a file"))
			return func(p *play) error {
				cfg, err := sdkconfig.ParseFile(file)
				p.sdk = cfg
				return err
			}, a.done()
		},
	}
}
