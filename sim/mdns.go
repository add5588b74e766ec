package sim

import (
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// MDNS is the service of espressif/mdns: its task with queue, locks and timer, the
// host's name, and the services that it announces. It listens at once, or when
// the interface gets its address. What it sends and answers is not modelled, nor the memory of
// that.
type MDNS struct {
	// Hostname is the device's name without ".local". Empty: "esp32".
	Hostname string
	// Services are announced under "_NAME._tcp", such as "http" and "opcua-tcp", at
	// most CONFIG_MDNS_MAX_SERVICES. Nil: none.
	Services []string
}

// Of espressif/mdns 1.8.2 (mdns_private.h) with its three interfaces.
const (
	mdnsInterfaces  = 3
	sizeMDNSPCB     = 16                                // mdns_pcb_t
	sizeMDNSServer  = mdnsInterfaces*2*sizeMDNSPCB + 36 // mdns_server_t
	sizeMDNSService = 32                                // mdns_service_t
	sizeMDNSItem    = 8                                 // mdns_srv_item_t
	sizeMDNSAction  = 4                                 // a slot of the queue: a pointer
	mdnsActions     = 16                                // CONFIG_MDNS_ACTION_QUEUE_LEN
	sizeIGMPGroup   = 16                                // struct igmp_group of lwIP
)

// Start implements [Application]: mdns_init, mdns_hostname_set and
// mdns_service_add for each service.
func (m MDNS) Start(a *App) {
	if m.Hostname == "" {
		m.Hostname = "esp32"
	}
	a.onNetwork(m.start)
}

func (m MDNS) start(a *App) {
	c := a.dev.cfg.SDKConfig
	if most := c.MDNS.MaxServices; len(m.Services) > most {
		a.Abort("ESP_ERROR_CHECK failed: esp_err_t 0x101 (ESP_ERR_NO_MEM): mdns_service_add: CONFIG_MDNS_MAX_SERVICES")
	}
	const object = "mdns"
	k := a.dev.kernel
	a.Within(object, func() { a.must(a.Malloc("mdns_server_t", sizeMDNSServer), "mdns_init") })
	_, err := freertos.NewQueue[int](k, object, mdnsActions, sizeMDNSAction)
	a.check(err)
	_, err = freertos.NewBinarySemaphore(k, object)
	a.check(err)
	listening := false
	listen := func(e *App) {
		if listening {
			return
		}
		listening = true
		e.Within(object, func() { e.must(e.Malloc("igmp_group", sizeIGMPGroup), "igmp_joingroup_netif") })
		if !e.dev.net.ListenMDNS(e.Task) {
			e.Printf("mdns: no memory to listen")
		}
	}
	gotIP := eventID{"IP_EVENT", gotIPEthernet}
	if a.dev.cfg.Interface == WiFi {
		gotIP.id = gotIPStation
		a.onAnyEvent("WIFI_EVENT")
	}
	a.onAnyEvent("IP_EVENT")
	if a.dev.cfg.Interface == Ethernet {
		a.onAnyEvent("ETH_EVENT")
	}
	a.dev.events.handlers[gotIP] = append(a.dev.events.handlers[gotIP], listen) // by the handler of IP_EVENT above
	if ip := a.dev.netif.Addr(); ip.IsValid() && !ip.IsUnspecified() {
		listen(a)
	}
	_, err = freertos.NewMutex(k, object)
	a.check(err)
	a.Within(object, func() {
		a.must(a.CapsCalloc("esp_timer", sizeESPTimer, internal8BitCap), "esp_timer_create")
	})
	_, err = a.CreateTask("mdns", uint32(c.MDNS.TaskStackSize), c.MDNS.TaskPriority, freertos.Core0, func(t *App) { t.Suspend() })
	a.check(err)
	text := func(what, s string) { a.must(a.Malloc(what, uint32(len(s)+1)), "mdns") }
	a.Within(object, func() {
		text("hostname", m.Hostname)
		for _, s := range m.Services {
			a.must(a.Calloc("mdns_service_t", sizeMDNSService), "mdns_service_add")
			text("hostname", m.Hostname)
			text("service", "_"+s)
			text("proto", "_tcp")
			a.must(a.Malloc("mdns_srv_item_t", sizeMDNSItem), "mdns_service_add")
		}
	})
}
