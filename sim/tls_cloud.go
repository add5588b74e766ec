package sim

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/mbedtls"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// An Application is a part of a device's firmware beside its main program. Start
// is called in the main task before app_main; it usually creates a task. What
// needs the network is started when app_main has brought it up.
type Application interface{ Start(*App) }

// CloudLink is an MQTT client over TLS (esp-mqtt): it connects when there is a
// network, publishes now and then, and tries again if it fails.
type CloudLink struct {
	// Broker is where to connect, a host's address and a port such as 8883. Zero:
	// nowhere: the client is there with its task, and waits.
	Broker netip.AddrPort
	// Identity is who the broker and the device are.
	Identity TLSIdentity
	// Publish is the size of a message with its MQTT header, in bytes, up to 1
	// KiB. 0: 200.
	Publish int
	// Every is the time between messages. 0: 10 s.
	Every time.Duration
}

// Of esp-mqtt: mqtt_config.h's defaults without CONFIG_MQTT_USE_CUSTOM_CONFIG.
const (
	mqttTaskStack  = 6144
	mqttPriority   = 5
	mqttBuffer     = 1024
	mqttReconnect  = 10 * time.Second
	mqttConnect    = 60 // bytes of CONNECT, assumed; a broker's CONNACK has 4
	mqttClientID   = 32 // MAX_ID_STRING
	mqttScheme     = "mqtts"
	sizeMQTTError  = 24 // esp_mqtt_error_codes_t
	sizeOutbox     = 16 // struct outbox_t, from v5.1
	sizeOutboxList = 8  // struct outbox_list_t
	sizeMQTT5      = 100
)

// Of tcp_transport (components/tcp_transport).
const (
	sizeTransportList  = 8
	sizeTransport      = 64 // esp_transport_item_t
	sizeFoundation     = 4  // esp_foundation_transport_t
	sizeTransportError = 16 // esp_transport_error_storage
)

// mqttSizes are esp_mqtt_client, mqtt_config_storage_t and transport_esp_tls_t,
// computed from the definitions of each release and of the esp-mqtt that it pins.
func (d *Device) mqttSizes() (client, config, transport uint32) {
	c := d.cfg.SDKConfig
	v := c.IDF
	switch at := v.Major*100 + v.Minor; {
	case at < 500:
		client, config, transport = 240, 120, 104
	case at < 501:
		client, config, transport = 256, 116, 104
	case at < 502:
		client, config, transport = 248, 136, 104
	case at < 505:
		client, config, transport = 248, 136, 108
	default: // 6.0 has it as a component of its own; the same is assumed
		client, config, transport = 248, 160, 112
	}
	if c.MQTT.Protocol5 {
		client += 16
	}
	return client, config, transport
}

// Start implements [Application]: esp_mqtt_client_init with the broker's URI, and
// esp_mqtt_client_start.
func (l CloudLink) Start(a *App) {
	if l.Publish == 0 {
		l.Publish = 200
	}
	if l.Every == 0 {
		l.Every = 10 * time.Second
	}
	a.onNetwork(l.start)
}

func (l CloudLink) start(a *App) {
	c := a.dev.cfg.SDKConfig
	orElse := func(n, def int) uint32 {
		if n > 0 {
			return uint32(n)
		}
		return uint32(def)
	}
	client, config, _ := a.dev.mqttSizes()
	buffer := orElse(c.MQTT.BufferSize, mqttBuffer)
	old := c.IDF.Major < 5 || c.IDF.Major == 5 && c.IDF.Minor == 0
	take := func(what string, n uint32) { a.must(a.Calloc(what, n), "esp_mqtt_client_init") }
	const object = "mqtt client"
	outbox := func() {
		if !old {
			take("outbox_t", sizeOutbox)
		}
		take("outbox_list_t", sizeOutboxList)
		_, err := freertos.NewEventGroup(a.dev.kernel, object)
		a.check(err)
	}
	a.Within(object, func() {
		take("esp_mqtt_client", client)
		take("esp_mqtt_error_codes_t", sizeMQTTError)
		if !c.MQTT.DisableAPILocks {
			_, err := freertos.NewRecursiveMutex(a.dev.kernel, object)
			a.check(err)
		}
		if !old {
			outbox()
		}
		take("mqtt_config_storage_t", config)
		if !old {
			take("out buffer", buffer)
			take("in buffer", buffer)
		}
		take("client id", mqttClientID)
		take("uri", uint32(len(mqttScheme+"://"+l.Broker.String())+1))
		take("scheme", uint32(len(mqttScheme)+1))
		take("host", uint32(len(l.Broker.Addr().String())+1))
	})
	a.eventLoopWithoutTask(object, int(orElse(c.MQTT.EventQueueSize, 1)))
	a.Within(object, func() {
		if old {
			take("in buffer", buffer)
			take("out buffer", buffer)
			outbox()
		}
		if c.MQTT.Protocol5 {
			take("mqtt5_config_storage_t", sizeMQTT5)
		}
	})
	_, err := a.CreateTask("mqtt_task", orElse(c.MQTT.TaskStackSize, mqttTaskStack), int(orElse(c.MQTT.TaskPriority, mqttPriority)), freertos.NoAffinity, l.task)
	a.check(err)
}

func (l CloudLink) task(a *App) {
	if !l.Broker.IsValid() {
		a.Suspend()
	}
	var transport []heap.Addr
	for {
		a.awaitNetwork()
		// esp_mqtt_client_create_transport: the old one goes first.
		for _, p := range transport {
			a.Free(p)
		}
		var err error
		if transport, err = a.transport("mqtt client"); err == nil {
			err = l.connection(a)
		}
		if err != nil {
			a.Printf("mqtt_client: %v", err)
		}
		a.sleep(mqttReconnect)
	}
}

// transport is a list of tcp_transport with one for TLS: its blocks in the order
// in which esp_transport_list_destroy frees them.
func (a *App) transport(object string) ([]heap.Addr, error) {
	_, _, size := a.dev.mqttSizes()
	var list, item, foundation, failure, data, scheme heap.Addr
	a.Within(object, func() {
		list = a.Calloc("esp_transport_list_t", sizeTransportList)
		item = a.Calloc("esp_transport_item_t", sizeTransport)
		foundation = a.Calloc("esp_foundation_transport_t", sizeFoundation)
		failure = a.Calloc("esp_transport_error_storage", sizeTransportError)
		data = a.Calloc("transport_esp_tls_t", size)
		scheme = a.Calloc("scheme", uint32(len(mqttScheme)+1))
	})
	all := []heap.Addr{failure, foundation, data, scheme, item, list}
	for _, p := range all {
		if p == 0 {
			for _, p := range all {
				if p != 0 {
					a.Free(p)
				}
			}
			return nil, fmt.Errorf("esp_transport_ssl_init: no memory")
		}
	}
	return all, nil
}

// connection is one connection, which ends with an error.
func (l CloudLink) connection(a *App) error {
	net := a.dev.net
	fd, err := net.Socket(a.Task, lwipmodel.SockStream)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	defer net.Close(a.Task, fd)
	if err := net.Connect(a.Task, fd, l.Broker); err != nil {
		return fmt.Errorf("connect to %v: %w", l.Broker, err)
	}
	s, err := a.newTLSSession(fd, "tls cloud", a.dev.TLSConfig(mbedtls.Client, l.Identity))
	if err != nil {
		return err
	}
	defer s.free()
	if err := s.ctx.Handshake(); err != nil {
		return err
	}
	if err := s.ctx.Write(mqttConnect); err != nil {
		return err
	}
	if err := s.ctx.Read(4); err != nil {
		return err
	}
	a.dev.tlsUp(fmt.Sprintf("mqtt_client: connected to %v", l.Broker))
	for {
		a.sleep(l.Every)
		if err := s.ctx.Write(l.Publish); err != nil {
			return err
		}
	}
}

// tlsUp notes that a connection is established, in the log.
func (d *Device) tlsUp(line string) {
	d.tlsConnections++
	d.kernel.Print(line)
}

// TLSConnections returns how many TLS connections the device's applications
// have established since its start.
func (d *Device) TLSConnections() int { return d.tlsConnections }

// awaitNetwork waits until the interface has an address.
func (a *App) awaitNetwork() {
	for a.dev.netif == nil || !a.dev.linkUp {
		a.sleep(100 * time.Millisecond)
	}
}

func (a *App) sleep(d time.Duration) {
	hz := time.Duration(a.dev.cfg.SDKConfig.FreeRTOS.HZ)
	a.Delay(uint32(max(1, d*hz/time.Second)))
}
