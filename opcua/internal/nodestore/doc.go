// Package nodestore is the address space of the OPC UA server and all that
// exists in it before the first client comes: open62541's node map, namespace 0,
// the server's configuration and its start. It takes and gives back memory as
// open62541 v1.2-rc1-20 (commit 78a6721b) does, operation by operation, through
// [mem.Memory].
//
// A [Core] is made by New and brought up in the steps of the firmware's main:
//
//	core, err := nodestore.New(nodestore.Options{...})  // UA_Server_new
//	err = core.Configure(nodestore.Config{...})         // UA_ServerConfig_setMinimalCustomBuffer, names
//	err = core.AddVariable(nodestore.Variable{...})     // UA_Server_addDataSourceVariableNode
//	status := core.Startup()                            // UA_Server_run_startup
//
// The services are methods with the arguments of the service's operation and a
// [Session], which holds the continuation points:
//
//	Read(s, timestamps, *ua.ReadValueID) (*ua.DataValue, mem.Held)
//	Browse(s, maxReferences, *ua.BrowseDescription) (*ua.BrowseResult, mem.Held)
//	BrowseNext(s, release, continuationPoint) (*ua.BrowseResult, mem.Held)
//	TranslateBrowsePath(s, *ua.BrowsePath) (*ua.BrowsePathResult, mem.Held)
//	Write(s, *ua.WriteValue) ua.StatusCode
//	Call(s, *ua.CallMethodRequest) (*ua.CallMethodResult, mem.Held)
//
// What a result holds in modelled memory comes with it as a [mem.Held], to be
// cleared when open62541 clears the response. The array of the results
// (UA_Array_new in UA_Server_processServiceOperations) is the caller's.
//
// An empty text with its bit set in ua.LocalizedText.EncodingMask is a text of
// length 0; with the bit clear it is null. The two differ on the wire.
//
// Names of types and rules follow open62541's; each file says which of its
// files the rules come from.
package nodestore
