// Package lwipmodel is the TCP/IP stack of an ESP32: lwIP as ESP-IDF ships it,
// with its netconn and socket layers, its FreeRTOS port and its network
// interface. It behaves as the original does, segment for segment and tick for
// tick, and takes and gives back the same blocks of memory in the same order.
//
// At its heart is the TCP state machine of lwIP (src/core/tcp.c, tcp_in.c,
// tcp_out.c, timeouts.c), with the sequential API (src/api/api_lib.c,
// api_msg.c) and the BSD sockets (sockets.c) above it. Names are lwIP's: PCB,
// pbuf, netconn, FIN_WAIT_1. The state machine knows neither FreeRTOS nor the
// network; it is replayed against recordings of the real stack, and all of them
// come out line by line.
//
// Options come from an sdkconfig; sizes of structures follow from them.
package lwipmodel
