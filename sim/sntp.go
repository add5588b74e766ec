package sim

import (
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// SNTP is the client of a time server that esp_netif_sntp_init starts with
// ESP_NETIF_SNTP_DEFAULT_CONFIG: lwIP's client with a semaphore that is given when
// the time is set.
type SNTP struct {
	// Servers are the time servers, by name or address, at most
	// CONFIG_LWIP_SNTP_MAX_SERVERS. Empty: "pool.ntp.org", which no host of a world
	// answers for unless one is made.
	Servers []string
	// Synced is called in lwIP's task with the time since 1970 that a server gave.
	// Nil: nobody is told.
	Synced func(unix time.Duration)
}

// sizeSNTPStorage is sntp_storage_t without the names of servers that are to be
// set again after a new address (components/esp_netif/lwip/esp_netif_sntp.c).
const sizeSNTPStorage = 20

// Start implements [Application].
func (s SNTP) Start(a *App) {
	if len(s.Servers) == 0 {
		s.Servers = []string{"pool.ntp.org"}
	}
	a.onNetwork(func(a *App) {
		// Before v5.1 a program calls sntp_init itself (components/esp_netif has
		// esp_netif_sntp_init since then).
		if v := a.dev.cfg.SDKConfig.IDF; v.Major > 5 || v.Major == 5 && v.Minor >= 1 {
			a.Within("sntp", func() {
				a.must(a.Calloc("sntp_storage_t", sizeSNTPStorage), "esp_netif_sntp_init")
			})
			_, err := freertos.NewBinarySemaphore(a.dev.kernel, "sntp")
			a.check(err)
		}
		a.check(a.dev.net.StartSNTP(a.Task, s.Servers, s.Synced))
	})
}
