package outage

import (
	"slices"
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// OptionFix is a fix that sets one option of the sdkconfig, by its name with or
// without CONFIG_.
func OptionFix(option, value string) Fix {
	return Fix{option + "=" + value, func(c *Case) error { return c.set(option, value) }}
}

// Candidates are the changes that FindRescue may try on a case: of its clients,
// that they ask for a session of one minute and a secure channel of ten; of the
// firmware, its time base and how it closes; and of the sdkconfig what gives
// memory or gives it back sooner, at little cost for a server with few small
// messages. A change that this case, its chip or its interface makes no
// difference to is left out.
func Candidates(c Case) []Fix {
	fixes := Fixes()
	all := []Fix{
		{"session timeout of the clients 1 min", func(c *Case) error {
			c.Client.SessionTimeout = time.Minute
			return nil
		}},
		{"secure channel of the clients 10 min", func(c *Case) error {
			c.Client.ChannelLifetime = 10 * time.Minute
			return nil
		}},
		fixes[0], // right time base
		fixes[2], // SO_LINGER and setsockopt {1,0}
	}
	for _, o := range [...][2]string{
		{"FREERTOS_UNICORE", "y"},
		{"ESP_SYSTEM_ALLOW_RTC_FAST_MEM_AS_HEAP", "y"},
		{"LWIP_IPV6", "n"},
		{"LWIP_TCP_MSL", "5000"},
		{"LWIP_TCP_MAXRTX", "3"},
		{"LWIP_TCP_MSS", "536"},
		{"ETH_DMA_RX_BUFFER_NUM", "4"},
		{"ETH_DMA_TX_BUFFER_NUM", "4"},
		{"ESP_WIFI_STATIC_RX_BUFFER_NUM", "4"},
		{"NEWLIB_NANO_FORMAT", "y"},
		{"MBEDTLS_SSL_OUT_CONTENT_LEN", "2048"},
		{"MBEDTLS_DYNAMIC_BUFFER", "y"},
	} {
		all = append(all, OptionFix(o[0], o[1]))
	}
	return slices.DeleteFunc(all, func(f Fix) bool { return !c.changedBy(f) })
}

// changedBy says whether a change makes a difference to the case.
func (c Case) changedBy(f Fix) bool {
	d, err := c.With(f)
	if err != nil {
		return false
	}
	same := d.Client.SessionTimeout == c.Client.SessionTimeout && d.Client.ChannelLifetime == c.Client.ChannelLifetime &&
		d.Firmware.TimeBase == c.Firmware.TimeBase && d.Firmware.ChannelTimeBase == c.Firmware.ChannelTimeBase && d.Firmware.LingerZero == c.Firmware.LingerZero
	for _, o := range sdkconfig.Diff(c.SDKConfig, d.SDKConfig) {
		// Another interface's buffers are no memory of this device.
		ofEthernet, ofWiFi := strings.HasPrefix(o.Name, "CONFIG_ETH_"), strings.HasPrefix(o.Name, "CONFIG_ESP_WIFI_")
		same = same && (ofEthernet && c.Interface != sim.Ethernet || ofWiFi && c.Interface != sim.WiFi)
	}
	return !same
}
