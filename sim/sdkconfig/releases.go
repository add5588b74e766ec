package sdkconfig

// Changes that were brought to several release branches of ESP-IDF, as conditions. They were found in the Kconfig files
// at each release's tag.
const (
	// psramMustExist: options that rely on PSRAM are off where a device may boot without it.
	psramMustExist = "since(5.1.5, 5.2.3, 5.3.2, 5.4)"
	// manySockets: LWIP_MAX_SOCKETS may exceed 16.
	manySockets = "since(5.1.5, 5.2.3, 5.3.2, 5.4)"
	// managementBuffers: the number of Wi-Fi management receive buffers is an option.
	managementBuffers = "since(4.4.6, 5.0.4, 5.1)"
	// acceptMailbox: the accept mailbox's size is an option.
	acceptMailbox = "since(5.3)"
	// oosequence: limits on segments out of order are options.
	oosequence = "since(4.4.5, 5.0.2, 5.1)"
)

const (
	// timerAffinity: the core of task esp_timer is an option.
	timerAffinity = "IDF >= 5.1"
	// minimumRevisions: chip revisions have a minor number.
	minimumRevisions = "since(4.4.3, 5.0)"
	// runtimeStub: since 5.2 the GDB stub at run time is an option of its own, and excludes the other panic actions.
	runtimeStub = "IDF < 5.2 || !ESP_SYSTEM_GDBSTUB_RUNTIME"
)

const (
	// variableBuffer and keepPeerCertificate: these options of mbedTLS exist.
	variableBuffer      = "since(4.4.1, 5.0)"
	keepPeerCertificate = "since(4.4.2, 5.0)"
	// fixedPoint: tables of curves' generators are built by default.
	fixedPoint = "IDF >= 5.3 && !since(5.3.2)"
)
