// Package ns0 is the table of the nodes that open62541 puts into namespace 0
// when a server is made, in the order in which it adds them.
//
// The table is data: what is a node's class, name, type, value and parent, and
// when it is added and finished. What adding costs in memory is the business of
// package nodestore.
package ns0
