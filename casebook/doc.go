// Package casebook reproduces outages that others had on such devices. A case is
// a text file: what happened in the field and where it was published, the device,
// what is done to it, and what has to be seen, with numbers and tolerances.
//
//	case   S01
//	title  172 bytes for each connection that the server closes
//	source https://github.com/espressif/esp-idf/issues/11800
//
//	host pc
//	task httpd
//	  listen 80 as web
//	  repeat forever
//	    accept web as c
//	    recv c
//	    send c 200
//	    close c
//
//	=== The device closes ten connections in ten seconds
//	start
//	repeat 10 every=1s
//	  connect c
//	  send c 100
//	  receive c end
//	  close c
//	expect pcbs TIME_WAIT = 10  # thread: it stays for every connection
//	  found 10
//
// Each section, which begins with "===", runs in a world of its own after the
// lines before the first one. Published figures stand behind "expect", or behind
// "gap" where the model is known to differ; "found" is what the model measured.
//
// The cases are in cases/, their index is docs/cases.md. To run scripts of your
// own, which docs/casebook.md teaches, call Run in a test:
//
//	func TestOutages(t *testing.T) { casebook.Run(t, "testdata/outages") }
package casebook
