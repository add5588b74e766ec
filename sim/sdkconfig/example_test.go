package sdkconfig_test

import (
	"fmt"
	"strings"

	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

func ExampleParse() {
	c, err := sdkconfig.Parse("sdkconfig.defaults", strings.NewReader(`
# Espressif IoT Development Framework (ESP-IDF) 5.3.1 Project Configuration
CONFIG_LWIP_SO_LINGER=y
CONFIG_TASK_WDT_TIMEOUT_S=10
CONFIG_ESP_SYSTEM_ALLOW_RTC_FAST_MEM_AS_HEAP=y
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.LWIP.SOLinger, c.System.TaskWDTTimeoutS, c.System.AllowRTCFastMemAsHeap)
	for _, n := range c.Notes {
		fmt.Println(n)
	}
	// Output:
	// true 10 false
	// sdkconfig.defaults:4: CONFIG_TASK_WDT_TIMEOUT_S: ESP-IDF 5.3.1 calls this CONFIG_ESP_TASK_WDT_TIMEOUT_S
	// sdkconfig.defaults:5: CONFIG_ESP_SYSTEM_ALLOW_RTC_FAST_MEM_AS_HEAP: ESP-IDF ignores this and uses n: it needs CONFIG_FREERTOS_UNICORE=y
}

func ExampleParse_errors() {
	_, err := sdkconfig.Parse("sdkconfig", strings.NewReader("CONFIG_LWIP_TCP_MSS=9000\nCONFIG_LWIP_SO_LINGER=on\n"))
	fmt.Println(err)
	// Output:
	// sdkconfig:1:21: CONFIG_LWIP_TCP_MSS: expected a number from 536 to 1460 (ESP-IDF 5.3.1), found 9000
	// sdkconfig:2:23: CONFIG_LWIP_SO_LINGER: expected y or n, found "on"
}

func ExampleDiff() {
	a := sdkconfig.Default("5.3.1")
	b := a.Clone()
	if err := b.Set("CONFIG_LWIP_TCP_HIGH_SPEED_RETRANSMISSION", "n"); err != nil {
		fmt.Println(err)
	}
	for _, d := range sdkconfig.Diff(a, b) {
		fmt.Println(d)
	}
	// Output:
	// CONFIG_LWIP_TCP_HIGH_SPEED_RETRANSMISSION: y -> n
	// CONFIG_LWIP_TCP_RTO_TIME: 1500 -> 3000
	// CONFIG_LWIP_TCP_SYNMAXRTX: 12 -> 6
}

func ExampleExplain() {
	i, err := sdkconfig.Explain("CONFIG_LWIP_TCP_OOSEQ_TIMEOUT")
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(i)
	// Output:
	// CONFIG_LWIP_TCP_OOSEQ_TIMEOUT (int)
	//   effect    How long segments that arrived before a missing one keep their memory.
	//   default   6
	//   range     1..30
	//   depends   LWIP_TCP_QUEUE_OOSEQ
	//   releases  since(4.4.7, 5.0.6, 5.1.3, 5.2)
	//   field     LWIP.TCPOOSeqTimeout
	//   source    components/lwip/Kconfig
}
