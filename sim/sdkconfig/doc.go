// Package sdkconfig reads the configuration of an ESP-IDF project, an sdkconfig or sdkconfig.defaults of ESP-IDF 4 to
// 6, and gives every option that the model of the device reads the value that ESP-IDF would build it with.
//
//	c, err := sdkconfig.ParseFile("sdkconfig")
//	...
//	c.LWIP.TCPMSL         // CONFIG_LWIP_TCP_MSL, milliseconds
//	c.FreeRTOS.Unicore    // CONFIG_FREERTOS_UNICORE
//	for _, n := range c.Notes { fmt.Println(n) }
//
// One table drives everything: name and earlier names, type, default and range for each release, what the option
// depends on, which typed field it fills, what it changes in the model, and the Kconfig file it was read from. Explain
// prints a row of it.
//
// The rules are those of Kconfig: an option that a user cannot set, because what it depends on is off, keeps its
// default or has no value, whatever a file says of it. ESP-IDF does that silently; here it leaves a Note. So a file that
// asks for RTC fast memory as heap on two cores reads without an error, has Config.System.AllowRTCFastMemAsHeap false,
// and a note that says why.
package sdkconfig
