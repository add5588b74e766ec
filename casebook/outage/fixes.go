package outage

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/opcua"
)

// A Fix is a change of firmware, configuration or clients that is tried against
// the outage.
type Fix struct {
	Name  string
	Apply func(*Case) error
}

// sevenOptions are the options that the fixed machine has, with their values.
var sevenOptions = [...][2]string{
	{"FREERTOS_UNICORE", "y"},
	{"MBEDTLS_ASYMMETRIC_CONTENT_LEN", "y"},
	{"MBEDTLS_SSL_OUT_CONTENT_LEN", "2048"},
	{"MBEDTLS_DYNAMIC_BUFFER", "y"},
	{"MBEDTLS_DYNAMIC_FREE_PEER_CERT", "y"},
	{"MBEDTLS_DYNAMIC_FREE_CONFIG_DATA", "y"},
	{"ESP32_ALLOW_RTC_FAST_MEM_AS_HEAP", "y"},
}

// Fixes returns the fixes of the real machine, each alone.
func Fixes() []Fix {
	return []Fix{
		{"right time base", func(c *Case) error {
			c.Firmware.TimeBase, c.Firmware.ChannelTimeBase = opcua.Monotonic, opcua.Monotonic
			return nil
		}},
		{"SO_LINGER in Kconfig only", func(c *Case) error { return c.set("LWIP_SO_LINGER", "y") }},
		{"SO_LINGER and setsockopt {1,0}", func(c *Case) error {
			c.Firmware.LingerZero = true
			return c.set("LWIP_SO_LINGER", "y")
		}},
		{"seven options", func(c *Case) error {
			for _, o := range sevenOptions {
				if err := c.set(o[0], o[1]); err != nil {
					return err
				}
			}
			return nil
		}},
		{"client timeouts 10 min and 1 min", func(c *Case) error {
			c.Client.ChannelLifetime, c.Client.SessionTimeout = 10*time.Minute, time.Minute
			return nil
		}},
	}
}

// AllFixes is all of Fixes at once.
func AllFixes() Fix {
	return Fix{"all of them", func(c *Case) error {
		for _, f := range Fixes() {
			if err := f.Apply(c); err != nil {
				return err
			}
		}
		return nil
	}}
}

// With returns the case with a fix applied; c is not changed.
func (c Case) With(f Fix) (Case, error) {
	if err := f.Apply(&c); err != nil {
		return c, fmt.Errorf("outage: fix %q: %w", f.Name, err)
	}
	return c, nil
}

// set changes an option in a copy of the configuration.
func (c *Case) set(option, value string) error {
	cfg := c.SDKConfig.Clone()
	if err := cfg.Set("CONFIG_"+option, value); err != nil {
		return err
	}
	c.SDKConfig = cfg
	return nil
}
