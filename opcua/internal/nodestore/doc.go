// Package nodestore is the address space of the OPC UA server and all that
// exists in it before the first client comes: open62541's node map, namespace 0,
// the server's configuration and its start. It takes and gives back memory as
// open62541 v1.2-rc1-20 (commit 78a6721b) does, operation by operation, through
// [mem.Memory]; its values are those of package uatypes, which know their blocks.
//
// A [Core] is brought up in the steps of the firmware's main:
//
//	core, err := nodestore.New(nodestore.Options{...})    // UA_Server_new
//	err = core.Configure(nodestore.Config{...})           // UA_ServerConfig_setMinimalCustomBuffer, names
//	id, status := core.AddVariable(&nodestore.Variable{   // UA_Server_addDataSourceVariableNode
//		ID:         uatypes.Numeric(1, 7),
//		BrowseName: uatypes.QualifiedName{NamespaceIndex: 1, Name: uatypes.Const("level")},
//		DataType:   uatypes.Numeric(0, uatypes.TypeInt32.TypeID),
//		ValueRank:  -1,
//		Source:     &nodestore.DataSource{Read: readLevel},
//	})
//	uatypes.Clear(memory, &id)
//	err = core.Startup(listen)                            // UA_Server_run_startup
//
// The services are methods of the Core for one operation each: Read, Write,
// Browse, BrowseNext, TranslateBrowsePath, Call, AddNode, AddReference,
// DeleteNode, DeleteReference. They fill a zero result that belongs to the
// response, so that clearing the response gives their blocks back; the array of
// the results (UA_Array_new in UA_Server_processServiceOperations) is the
// caller's. A [Session] holds the continuation points of a client.
//
// Names of types and rules follow open62541's; each file says which of its
// files the rules come from.
package nodestore
