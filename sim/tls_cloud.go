package sim

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/mbedtls"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// An Application is a part of a device's firmware beside its main program. Start
// is called in the main task before app_main; it usually creates a task.
type Application interface{ Start(*App) }

// CloudLink is an MQTT client over TLS (esp-mqtt): it connects when there is a
// network, publishes now and then, and tries again if it fails.
type CloudLink struct {
	// Broker is where to connect, a host's address and a port such as 8883.
	Broker netip.AddrPort
	// Identity is who the broker and the device are.
	Identity TLSIdentity
	// Publish is the size of a message with its MQTT header, in bytes, up to 1
	// KiB. 0: 200.
	Publish int
	// Every is the time between messages. 0: 10 s.
	Every time.Duration
}

// Of esp-mqtt (ESP-IDF v5.3.1): Kconfig's defaults of its task and buffers, and
// its client structure, which is assumed.
const (
	mqttTaskStack = 6144
	mqttPriority  = 5
	mqttBuffer    = 1024
	sizeMQTT      = 480
	mqttReconnect = 10 * time.Second
	mqttConnect   = 60 // bytes of CONNECT; a broker's CONNACK has 4
)

// Start implements [Application]: esp_mqtt_client_init and _start.
func (l CloudLink) Start(a *App) {
	if l.Publish == 0 {
		l.Publish = 200
	}
	if l.Every == 0 {
		l.Every = 10 * time.Second
	}
	a.Within("mqtt client", func() {
		a.must(a.Calloc("esp_mqtt_client", sizeMQTT), "esp_mqtt_client_init")
		for range 2 {
			a.must(a.Calloc("buffer", mqttBuffer), "esp_mqtt_client_init")
		}
	})
	_, err := a.CreateTask("mqtt_task", mqttTaskStack, mqttPriority, freertos.NoAffinity, l.task)
	a.check(err)
}

func (l CloudLink) task(a *App) {
	for {
		a.awaitNetwork()
		if err := l.connection(a); err != nil {
			a.Printf("mqtt_client: %v", err)
		}
		a.sleep(mqttReconnect)
	}
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
