// Package sdkconfig reads the configuration of an ESP-IDF project, an sdkconfig or sdkconfig.defaults of ESP-IDF 4 to
// 6, and gives every option that the model of the device reads the value that ESP-IDF would build it with.
//
//	c, err := sdkconfig.ParseFile("sdkconfig")
//	...
//	c.LWIP.TCPMSL         // CONFIG_LWIP_TCP_MSL, milliseconds
//	c.FreeRTOS.Unicore    // CONFIG_FREERTOS_UNICORE
//	for _, n := range c.Notes { fmt.Println(n) }
//
// # The table
//
// One table, in the files options_*.go, drives everything: an option's name and earlier names, its type, default and
// range in each release of ESP-IDF from 4.4.0 to 6.0.2, what it depends on, which typed field it fills, what it changes
// in the model, and the Kconfig file it was read from. Explain prints a row of it. testdata/kconfig holds what ESP-IDF's
// own Kconfig library makes of random projects for five chips in twelve releases, and every value must be equal.
//
// # Errors and notes
//
// The rules are those of Kconfig: an option that a user cannot set, because what it depends on is off, keeps its
// default or has no value, whatever a file says of it; of two members of a choice the later counts. ESP-IDF does that
// silently; here it leaves a Note. So a file that asks for RTC fast memory as heap on two cores reads without an error,
// has Config.System.AllowRTCFastMemAsHeap false, and a note that says which option it lacks. What ESP-IDF's tools warn
// about, a malformed line or a value of the wrong type or out of range, is an error that names file, line and column, and
// what was expected and found. All errors of a file come at once.
//
// # Names and releases
//
// An option is understood under each name that it ever had; it is written under the name of the configuration's own
// release. A file that does not name its release is read for the one that its options fit best, with a note.
//
// Options that are not in the table are kept as they stand. Those of ESP-IDF that the model does not read are known by
// name, so that an almost correct name that is neither one nor the other gets a note: it may be misspelled.
package sdkconfig
