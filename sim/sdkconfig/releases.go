package sdkconfig

// Changes that were brought to several release branches of ESP-IDF, as conditions. They were found in the Kconfig files
// at each release's tag.
const (
	// psramMustExist: options that rely on PSRAM are off where a device may boot without it.
	psramMustExist = "since(5.1.6, 5.2.4, 5.3.3, 5.4)"
	// noinitEverywhere: uninitialized data may lie in PSRAM on all chips.
	noinitEverywhere = "since(5.0.8, 5.1.5, 5.2.4, 5.3.2, 5.4)"
	// manySockets: LWIP_MAX_SOCKETS may exceed 16.
	manySockets = "since(5.2.4, 5.3.2, 5.4)"
	// managementBuffers: the number of Wi-Fi management receive buffers is an option.
	managementBuffers = "since(4.4.7, 5.0.5, 5.1.2, 5.2)"
	// acceptMailbox: the accept mailbox's size is an option.
	acceptMailbox = "since(5.3)"
	// oosequence: limits on segments out of order are options.
	oosequence = "since(4.4.7, 5.0.6, 5.1.3, 5.2)"
)

const (
	// timerAffinity: the core of task esp_timer is an option.
	timerAffinity = "IDF >= 5.1"
	// minimumRevisions: chip revisions have a minor number.
	minimumRevisions = "since(4.4.5, 5.0.1, 5.1)"
	// runtimeStub: since 5.2 the GDB stub at run time is an option of its own, and excludes the other panic actions.
	runtimeStub = "IDF < 5.2 || !ESP_SYSTEM_GDBSTUB_RUNTIME"
)

const (
	// keepPeerCertificate: the option exists.
	keepPeerCertificate = "since(4.4.1, 5.0)"
	// fixedPointOption and fixedPointOff: tables of curves' generators are an option, on by default; then off by default.
	fixedPointOption = "since(5.0.4, 5.1.2, 5.2)"
	fixedPointOff    = "since(5.0.8, 5.1.6, 5.2.4, 5.3.2)"
	// mldReport: the device reports its multicast groups.
	mldReport = "since(4.4.5, 5.0.2, 5.1)"
	// roundWindow: windows are four segments of 1440 bytes; before, of 1436.
	roundWindow = oosequence
	// tcpipTask: the tcpip task's priority and input without a message are options.
	tcpipTask = "since(4.4.7, 5.0.5, 5.1.2, 5.2)"
	// coredumpStack: core dumps may have a stack of their own, and go to flash with stacks in PSRAM.
	coredumpStack = "since(4.4.5, 5.0.2, 5.1)"
)
