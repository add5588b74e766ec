package sdkconfig

// HTTPD is the configuration of esp_http_server.
type HTTPD struct {
	// MaxReqHdrLen is CONFIG_HTTPD_MAX_REQ_HDR_LEN: bytes of a request's headers. Default 512 (1024 from 5.5).
	MaxReqHdrLen int `option:"HTTPD_MAX_REQ_HDR_LEN"`
	// MaxURILen is CONFIG_HTTPD_MAX_URI_LEN: bytes of a request's URI. Default 512.
	MaxURILen int `option:"HTTPD_MAX_URI_LEN"`
	// WSSupport is CONFIG_HTTPD_WS_SUPPORT: WebSockets. Default n.
	WSSupport bool `option:"HTTPD_WS_SUPPORT"`
	// QueueWorkBlocking is CONFIG_HTTPD_QUEUE_WORK_BLOCKING: httpd_queue_work waits for room. Default n.
	QueueWorkBlocking bool `option:"HTTPD_QUEUE_WORK_BLOCKING"`
}

// MQTT is the configuration of esp-mqtt. Its numbers are 0 without CONFIG_MQTT_USE_CUSTOM_CONFIG: the component's own
// defaults hold then.
type MQTT struct {
	// Protocol5 is CONFIG_MQTT_PROTOCOL_5: version 5 of the protocol. Default n.
	Protocol5 bool `option:"MQTT_PROTOCOL_5"`
	// TransportSSL is CONFIG_MQTT_TRANSPORT_SSL. Default y.
	TransportSSL bool `option:"MQTT_TRANSPORT_SSL"`
	// BufferSize is CONFIG_MQTT_BUFFER_SIZE: bytes of each of the two message buffers. Default 1024.
	BufferSize int `option:"MQTT_BUFFER_SIZE"`
	// TaskStackSize is CONFIG_MQTT_TASK_STACK_SIZE: bytes. Default 6144.
	TaskStackSize int `option:"MQTT_TASK_STACK_SIZE"`
	// TaskPriority is CONFIG_MQTT_TASK_PRIORITY. Default 5.
	TaskPriority int `option:"MQTT_TASK_PRIORITY"`
	// DisableAPILocks is CONFIG_MQTT_DISABLE_API_LOCKS: no mutex around the client. Default n.
	DisableAPILocks bool `option:"MQTT_DISABLE_API_LOCKS"`
	// EventQueueSize is CONFIG_MQTT_EVENT_QUEUE_SIZE: events of the client's own loop that may wait. Default 1.
	EventQueueSize int `option:"MQTT_EVENT_QUEUE_SIZE"`
}

// MDNS is the configuration of mDNS: a component of ESP-IDF before 5.0, espressif/mdns since then.
type MDNS struct {
	// MaxServices is CONFIG_MDNS_MAX_SERVICES: services at most. 1 to 64, default 10.
	MaxServices int `option:"MDNS_MAX_SERVICES"`
	// TaskPriority is CONFIG_MDNS_TASK_PRIORITY. 1 to 255, default 1.
	TaskPriority int `option:"MDNS_TASK_PRIORITY"`
	// TaskStackSize is CONFIG_MDNS_TASK_STACK_SIZE: bytes. Default 4096.
	TaskStackSize int `option:"MDNS_TASK_STACK_SIZE"`
	// TimerPeriod is CONFIG_MDNS_TIMER_PERIOD_MS: milliseconds between looks at what is to be sent. 10 to 10000, default 100.
	TimerPeriod int `option:"MDNS_TIMER_PERIOD_MS"`
}

// servicesOptions are read from the Kconfig files; ESP-IDF's Kconfig library was not run over them.
func servicesOptions() []option {
	const httpd, mqtt, mdns = "components/esp_http_server/Kconfig", "components/mqtt/Kconfig", "components/mdns/Kconfig"
	rows := []option{
		{name: "HTTPD_MAX_REQ_HDR_LEN", src: httpd, typ: Int, def: "512 if IDF < 5.5; 1024", rng: "128..65536 if IDF >= 5.5",
			does: "Bytes of an HTTP server, which keeps a request's headers; from 5.5 only what a request needs while it is read."},
		{name: "HTTPD_MAX_URI_LEN", src: httpd, typ: Int, def: "512", does: "Bytes of an HTTP server, which keeps a request's URI."},
		{name: "HTTPD_WS_SUPPORT", src: httpd, def: "n", does: "An HTTP server and each of its sessions and handlers are larger."},
		{name: "HTTPD_QUEUE_WORK_BLOCKING", src: httpd, def: "n", in: "IDF >= 5.0", does: "A semaphore for each HTTP server."},
		{name: "MQTT_PROTOCOL_5", src: mqtt, def: "n", in: "IDF >= 5.0", does: "An MQTT client is larger."},
		{name: "MQTT_TRANSPORT_SSL", src: mqtt, def: "y", does: "An MQTT client makes a transport for TLS."},
		{name: "MQTT_USE_CUSTOM_CONFIG", src: mqtt, def: "n"},
		{name: "MQTT_BUFFER_SIZE", src: mqtt, typ: Int, def: "1024", dep: "MQTT_USE_CUSTOM_CONFIG", does: "Two buffers of that size for each MQTT client."},
		{name: "MQTT_TASK_STACK_SIZE", src: mqtt, typ: Int, def: "6144", dep: "MQTT_USE_CUSTOM_CONFIG", does: "The stack of each MQTT client's task."},
		{name: "MQTT_TASK_PRIORITY", src: mqtt, typ: Int, def: "5", dep: "MQTT_USE_CUSTOM_CONFIG", does: "The priority of each MQTT client's task."},
		{name: "MQTT_DISABLE_API_LOCKS", src: mqtt, def: "n", dep: "MQTT_USE_CUSTOM_CONFIG", does: "An MQTT client has no mutex."},
		{name: "MQTT_EVENT_QUEUE_SIZE", src: mqtt, typ: Int, def: "1", dep: "MQTT_USE_CUSTOM_CONFIG", in: "IDF >= 5.0", does: "The queue of each MQTT client's event loop."},
		{name: "MDNS_MAX_SERVICES", src: mdns, typ: Int, def: "10", rng: "1..64", does: "More services than that are refused."},
		{name: "MDNS_TASK_PRIORITY", src: mdns, typ: Int, def: "1", rng: "1..255", does: "The priority of mDNS's task."},
		{name: "MDNS_TASK_STACK_SIZE", src: mdns, typ: Int, def: "4096", does: "The stack of mDNS's task."},
		{name: "MDNS_TIMER_PERIOD_MS", src: mdns, typ: Int, def: "100", rng: "10..10000", does: "How often mDNS's timer runs."},
	}
	for i := range rows {
		rows[i].read = true
	}
	return rows
}
