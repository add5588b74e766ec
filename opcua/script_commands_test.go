package opcua

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// list is an array without a block.
func list[T any](v ...T) uatypes.Array[T] { return uatypes.Array[T]{P: uatypes.Static, V: v} }

// without returns the arguments with a session that there is none of.
func (a arguments) without(name string) arguments {
	b := arguments{name: "none"}
	for k, v := range a {
		if k != name {
			b[k] = v
		}
	}
	return b
}

// act performs a command of a client.
func (s *scene) act(a *actor, command string, args arguments) error {
	switch command {
	case "fin", "rst":
		s.tape.load([]input{{kind: command, conn: a.conn}})
		s.turn(100)
	case "vanish":
		return s.tape.vanish(a.conn, 5744)
	case "raw":
		s.deliver(a, fromHex(args["hex"]))
	case "hello":
		h := helloMessage{acknowledgeMessage: acknowledgeMessage{ReceiveBufferSize: args.u32("receive", 65535), SendBufferSize: args.u32("send", 65535)},
			EndpointURL: uatypes.Const("opc.tcp://opcua-esp32:4840/")}
		body := encoded(&h)
		s.deliver(a, append(encoded(&messageHeader{Type: typeHEL | chunkFinal, Size: uint32(headerLength + len(body))}), body...))
	case "open", "renew":
		s.open(a, command == "renew", args)
	case "close-channel":
		a.sequence++
		id := uatypes.Numeric(0, 452)
		s.frame(a, typeCLO|chunkFinal, encoded(&id, &uatypes.RequestHeader{}), args)
	case "chunk":
		a.sequence++
		s.frame(a, typeMSG|uint32(args["kind"][0])<<24, make([]byte, args.u32("size", 100)), args)
	default:
		return s.service(a, command, args)
	}
	return nil
}

func (s *scene) open(a *actor, renew bool, args arguments) {
	a.sequence++
	q := uatypes.OpenSecureChannelRequest{SecurityMode: args.u32("mode", 1), RequestedLifetime: args.u32("lifetime", 600_000)}
	q.RequestHeader.Timestamp = s.clock.Now()
	channel := uint32(0)
	if renew {
		q.RequestType = 1
		channel = a.channel
	}
	policy := policyNone().uri
	if p := args["policy"]; p != "" {
		policy = uatypes.Const(p)
	}
	id := uatypes.Numeric(0, uatypes.TypeOpenSecureChannelRequest.Encoding)
	body := encoded((*uint32Value)(&channel), &asymmetricHeader{SecurityPolicyURI: policy}, &sequenceHeader{a.sequence, a.sequence}, &id, &q)
	s.deliver(a, append(encoded(&messageHeader{Type: typeOPN | chunkFinal, Size: uint32(headerLength + len(body))}), body...))
}

func (s *scene) service(a *actor, command string, args arguments) error {
	sub := args.u32("subscription", 1)
	switch command {
	case "create-session":
		s.ask(a, args.without("session"), uatypes.TypeCreateSessionRequest, &uatypes.CreateSessionRequest{RequestedSessionTimeout: args.num("timeout", 60_000),
			SessionName: uatypes.Const("script"), EndpointURL: uatypes.Const("opc.tcp://opcua-esp32:4840/")})
	case "keep-session":
		a.sessions[args["as"]] = a.sessions["new"]
	case "activate":
		q := uatypes.ActivateSessionRequest{}
		if user := args["user"]; user != "" {
			q.UserIdentityToken = uatypes.Wrap(uatypes.TypeUserNameIdentityToken, uatypes.Static, uatypes.UserNameIdentityToken{
				PolicyID: uatypes.Const(usernamePolicy), UserName: uatypes.Const(user), Password: uatypes.Const(args["password"])})
		}
		s.ask(a, args, uatypes.TypeActivateSessionRequest, &q)
	case "close-session":
		s.ask(a, args, uatypes.TypeCloseSessionRequest, &uatypes.CloseSessionRequest{DeleteSubscriptions: args["keep"] == ""})
	case "cancel":
		s.ask(a, args, &uatypes.DataType{Encoding: 479}, &uatypes.CloseSessionRequest{})
	case "find-servers":
		s.ask(a, args.without("session"), uatypes.TypeFindServersRequest, &uatypes.FindServersRequest{})
	case "get-endpoints":
		s.ask(a, args.without("session"), uatypes.TypeGetEndpointsRequest, &uatypes.GetEndpointsRequest{})
	case "read":
		s.ask(a, args, uatypes.TypeReadRequest, &uatypes.ReadRequest{TimestampsToReturn: args.u32("timestamps", 0), MaxAge: args.num("age", 0),
			NodesToRead: list(uatypes.ReadValueID{NodeID: args.node(), AttributeID: args.u32("attribute", attributeValue)})})
	case "create-subscription":
		s.ask(a, args, uatypes.TypeCreateSubscriptionRequest, &uatypes.CreateSubscriptionRequest{RequestedPublishingInterval: args.num("interval", 500),
			RequestedLifetimeCount: args.u32("lifetime", 60), RequestedMaxKeepAliveCount: args.u32("keepalive", 10), PublishingEnabled: args["disabled"] == ""})
	case "modify-subscription":
		s.ask(a, args, uatypes.TypeModifySubscriptionRequest, &uatypes.ModifySubscriptionRequest{SubscriptionID: sub, RequestedPublishingInterval: args.num("interval", 500),
			RequestedLifetimeCount: args.u32("lifetime", 60), RequestedMaxKeepAliveCount: args.u32("keepalive", 10)})
	case "delete-subscription":
		s.ask(a, args, uatypes.TypeDeleteSubscriptionsRequest, &uatypes.DeleteSubscriptionsRequest{SubscriptionIDs: list(sub)})
	case "set-publishing":
		s.ask(a, args, uatypes.TypeSetPublishingModeRequest, &uatypes.SetPublishingModeRequest{PublishingEnabled: args["enabled"] == "1", SubscriptionIDs: list(sub)})
	case "republish":
		s.ask(a, args, uatypes.TypeRepublishRequest, &uatypes.RepublishRequest{SubscriptionID: sub, RetransmitSequenceNumber: args.u32("number", 1)})
	case "publish":
		q := uatypes.PublishRequest{}
		if n := args["ack"]; n != "" {
			q.SubscriptionAcknowledgements = list(uatypes.SubscriptionAcknowledgement{SubscriptionID: sub, SequenceNumber: args.u32("ack", 0)})
		}
		s.ask(a, args, uatypes.TypePublishRequest, &q)
	case "create-item":
		s.ask(a, args, uatypes.TypeCreateMonitoredItemsRequest, &uatypes.CreateMonitoredItemsRequest{SubscriptionID: sub, TimestampsToReturn: 3,
			ItemsToCreate: list(uatypes.MonitoredItemCreateRequest{
				ItemToMonitor:  uatypes.ReadValueID{NodeID: args.node(), AttributeID: args.u32("attribute", attributeValue)},
				MonitoringMode: args.u32("mode", monitoringReporting),
				RequestedParameters: uatypes.MonitoringParameters{ClientHandle: 1, SamplingInterval: args.num("sampling", 250),
					QueueSize: args.u32("queue", 1), DiscardOldest: args["keep-oldest"] == ""},
			})})
	case "delete-item":
		s.ask(a, args, uatypes.TypeDeleteMonitoredItemsRequest, &uatypes.DeleteMonitoredItemsRequest{SubscriptionID: sub, MonitoredItemIDs: list(args.u32("item", 1))})
	case "set-mode":
		s.ask(a, args, uatypes.TypeSetMonitoringModeRequest, &uatypes.SetMonitoringModeRequest{SubscriptionID: sub, MonitoringMode: args.u32("mode", 2), MonitoredItemIDs: list(args.u32("item", 1))})
	default:
		return fmt.Errorf("unknown command %q", command)
	}
	return nil
}
