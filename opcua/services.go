package opcua

import "github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"

// newServices maps the node id of a request's encoding to what performs it
// (getServicePointers, src/server/ua_server_binary.c). Any other request gets
// BadServiceUnsupported; so does Cancel, as in open62541.
func newServices(rel *release) map[uint32]*service {
	services := map[uint32]*service{
		uatypes.TypeFindServersRequest.Encoding:          newService(uatypes.TypeFindServersResponse, needsNoSession, (*Server).findServers),
		uatypes.TypeGetEndpointsRequest.Encoding:         newService(uatypes.TypeGetEndpointsResponse, needsNoSession, (*Server).getEndpoints),
		uatypes.TypeFindServersOnNetworkRequest.Encoding: newService(uatypes.TypeFindServersOnNetworkResponse, needsNoSession, (*Server).findServersOnNetwork),
		uatypes.TypeRegisterServerRequest.Encoding:       newService(uatypes.TypeRegisterServerResponse, needsNoSession, (*Server).registerServer),
		uatypes.TypeRegisterServer2Request.Encoding:      newService(uatypes.TypeRegisterServer2Response, needsNoSession, (*Server).registerServer2),

		uatypes.TypeCreateSessionRequest.Encoding:   newService(uatypes.TypeCreateSessionResponse, needsChannel, (*Server).createSession),
		uatypes.TypeActivateSessionRequest.Encoding: newService(uatypes.TypeActivateSessionResponse, needsChannel, (*Server).activateSession),
		uatypes.TypeCloseSessionRequest.Encoding:    newService(uatypes.TypeCloseSessionResponse, needsChannel, (*Server).closeSession),

		uatypes.TypeReadRequest.Encoding:  newService(uatypes.TypeReadResponse, needsSession, (*Server).read),
		uatypes.TypeWriteRequest.Encoding: newService(uatypes.TypeWriteResponse, needsSession, (*Server).write),
		uatypes.TypeCallRequest.Encoding:  newService(uatypes.TypeCallResponse, needsSession, (*Server).callMethods),

		uatypes.TypeBrowseRequest.Encoding:          newService(uatypes.TypeBrowseResponse, needsSession, (*Server).browse),
		uatypes.TypeBrowseNextRequest.Encoding:      newService(uatypes.TypeBrowseNextResponse, needsSession, (*Server).browseNext),
		uatypes.TypeRegisterNodesRequest.Encoding:   newService(uatypes.TypeRegisterNodesResponse, needsSession, (*Server).registerNodes),
		uatypes.TypeUnregisterNodesRequest.Encoding: newService(uatypes.TypeUnregisterNodesResponse, needsSession, (*Server).unregisterNodes),
		uatypes.TypeTranslateBrowsePathsToNodeIDsRequest.Encoding: newService(
			uatypes.TypeTranslateBrowsePathsToNodeIDsResponse, needsSession, (*Server).translateBrowsePaths),

		uatypes.TypeAddNodesRequest.Encoding:         newService(uatypes.TypeAddNodesResponse, needsSession, (*Server).addNodes),
		uatypes.TypeAddReferencesRequest.Encoding:    newService(uatypes.TypeAddReferencesResponse, needsSession, (*Server).addReferences),
		uatypes.TypeDeleteNodesRequest.Encoding:      newService(uatypes.TypeDeleteNodesResponse, needsSession, (*Server).deleteNodes),
		uatypes.TypeDeleteReferencesRequest.Encoding: newService(uatypes.TypeDeleteReferencesResponse, needsSession, (*Server).deleteReferences),

		uatypes.TypeCreateSubscriptionRequest.Encoding:    newService(uatypes.TypeCreateSubscriptionResponse, needsSession, (*Server).createSubscription),
		uatypes.TypeModifySubscriptionRequest.Encoding:    newService(uatypes.TypeModifySubscriptionResponse, needsSession, (*Server).modifySubscription),
		uatypes.TypeSetPublishingModeRequest.Encoding:     newService(uatypes.TypeSetPublishingModeResponse, needsSession, (*Server).setPublishingMode),
		uatypes.TypePublishRequest.Encoding:               newService(uatypes.TypePublishResponse, needsSession, (*Server).publishService),
		uatypes.TypeRepublishRequest.Encoding:             newService(uatypes.TypeRepublishResponse, needsSession, (*Server).republish),
		uatypes.TypeTransferSubscriptionsRequest.Encoding: newService(uatypes.TypeTransferSubscriptionsResponse, needsSession, (*Server).transferSubscriptions),
		uatypes.TypeDeleteSubscriptionsRequest.Encoding:   newService(uatypes.TypeDeleteSubscriptionsResponse, needsSession, (*Server).deleteSubscriptions),

		uatypes.TypeCreateMonitoredItemsRequest.Encoding: newService(uatypes.TypeCreateMonitoredItemsResponse, needsSession, (*Server).createMonitoredItems),
		uatypes.TypeModifyMonitoredItemsRequest.Encoding: newService(uatypes.TypeModifyMonitoredItemsResponse, needsSession, (*Server).modifyMonitoredItems),
		uatypes.TypeDeleteMonitoredItemsRequest.Encoding: newService(uatypes.TypeDeleteMonitoredItemsResponse, needsSession, (*Server).deleteMonitoredItems),
		uatypes.TypeSetMonitoringModeRequest.Encoding:    newService(uatypes.TypeSetMonitoringModeResponse, needsSession, (*Server).setMonitoringMode),
		uatypes.TypeSetTriggeringRequest.Encoding:        newService(uatypes.TypeSetTriggeringResponse, needsSession, (*Server).setTriggering),
	}
	if rel.channelAtOpen {
		services[uatypes.TypeActivateSessionRequest.Encoding] = newService(uatypes.TypeActivateSessionResponse, needsAnySession, (*Server).activateSession)
		services[uatypes.TypeCloseSessionRequest.Encoding] = newService(uatypes.TypeCloseSessionResponse, needsAnySession, (*Server).closeSession)
	}
	if rel.ownSubscriptions {
		delete(services, uatypes.TypeTransferSubscriptionsRequest.Encoding)
		delete(services, uatypes.TypeSetTriggeringRequest.Encoding)
		delete(services, uatypes.TypeFindServersOnNetworkRequest.Encoding)
	}
	return services
}
