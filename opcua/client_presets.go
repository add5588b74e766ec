package opcua

import "time"

// The presets below behave as four real clients do. Sources, by letter:
//
//	[A] Unified Automation C++ SDK, uaclientsdk.h, class SessionConnectInfo, ServiceSettings, SubscriptionSettings (the SDK that UaExpert is built on)
//	[B] UaExpert's CreateSession as captured in public reports (ApplicationDescription and session name), open62541 issues #517 (session timeout) and #2189 (publish timeout hint), python-opcua issue #106 (watchdog node)
//	[C] OPC Foundation ANSI C stack, opcua_config.h (chunk and message sizes)
//	[D] gopcua/opcua v0.9.0: config.go, client.go, client_sub.go, subscription.go, uacp/conn.go
//	[E] node-opcua at 8f13f6a9: client_base_impl.ts, opcua_client_impl.ts, client_publish_engine.ts, client_subscription_impl.ts, client_secure_channel_layer.ts, client_transport_base.ts, tcp_transport.ts
//	[F] open62541 v1.3.6: ua_config_default.c, client_subscriptions.h, ua_client_connect.c, ua_client_subscriptions.c, examples/client_subscription_loop.c
//
// What no source gives is marked "assumed".

// UaExpert returns the configuration of Unified Automation's UaExpert on a host
// named "engineering-pc".
func UaExpert() ClientConfig {
	const uri = "urn:engineering-pc:UnifiedAutomation:UaExpert" // [B]: urn:HOST:UnifiedAutomation:UaExpert
	return ClientConfig{
		Name:                   "uaexpert",
		ConnectTimeout:         5 * time.Second,                  // [A] nConnectTimeout
		HelloTimeout:           5 * time.Second,                  // [A] nConnectTimeout covers the handshake
		RequestTimeout:         10 * time.Second,                 // [A] callTimeout
		ReceiveBufferSize:      65536,                            // [C] OPCUA_TCPCONNECTION_DEFAULTCHUNKSIZE
		SendBufferSize:         65536,                            // [C]
		MaxMessageSize:         16 << 20,                         // [C] OPCUA_ENCODER_MAXMESSAGELENGTH
		ChannelLifetime:        time.Hour,                        // [A] nSecureChannelLifetime 3600000
		RenewPercent:           75,                               // [A]
		SessionTimeout:         20 * time.Minute,                 // [A] nSessionTimeout 1200000, [B]
		SessionName:            uri,                              // [B]
		ApplicationURI:         uri,                              // [B]
		ProductURI:             "urn:UnifiedAutomation:UaExpert", // [B]
		ApplicationName:        "UaExpert@engineering-pc",        // [B] UaExpert@HOST, no locale
		Locales:                []string{"en"},                   // [A] sLocaleId
		NonceLength:            32,                               // Part 4, 5.6.2: at least 32 bytes
		MaxResponseMessageSize: 16 << 20,                         // [B], [C]
		ReadOnConnect:          []string{"i=2255"},               // NamespaceArray; assumed
		KeepAlive: KeepAliveConfig{
			Interval: 5 * time.Second, // [A] nWatchdogTime
			Timeout:  5 * time.Second, // [A] nWatchdogTimeout
			Node:     "i=2259",        // [B] Server_ServerStatus_State
			Failures: 2,               // [A] "after one unsuccessful call the time-out will be two times this value for the next call"
		},
		Subscription: SubscriptionConfig{
			PublishingInterval: 500 * time.Millisecond, // the value of UaExpert's dialog
			LifetimeCount:      2400,                   // [A] 20 min, as 1200 x 1 s there; assumed for 500 ms
			KeepAliveCount:     10,                     // [A] 5 s, as 5 x 1 s there; assumed for 500 ms
			SamplingInterval:   250 * time.Millisecond, // assumed
			QueueSize:          1,                      // the value of UaExpert's dialog
			Publish:            5,                      // assumed
			TimeoutRule:        PublishFixed,
			PublishTimeout:     time.Minute, // [A] nPublishTimeout, [B]
		},
		Reconnect: ReconnectPolicy{
			Attempts:   -1,              // [A] bAutomaticReconnect
			Delay:      5 * time.Second, // tried at each watchdog cycle; assumed
			Reactivate: true,            // [A] the session is reused within its timeout
			Republish:  true,            // assumed
			Transfer:   true,            // assumed
			Recreate:   true,            // assumed
		},
	}
}

// Gopcua returns the configuration of a program that uses gopcua's client with
// its defaults.
func Gopcua() ClientConfig {
	return ClientConfig{
		Name:              "gopcua",
		ConnectTimeout:    10 * time.Second,                      // [D] DefaultDialTimeout
		HelloTimeout:      -1,                                    // [D] Handshake: only the deadline of the caller's context, here none
		RequestTimeout:    10*time.Second + 250*time.Millisecond, // [D] RequestTimeout 10 s and timeoutLeniency
		ReceiveBufferSize: 0xffff,                                // [D] DefaultReceiveBufSize
		SendBufferSize:    0xffff,                                // [D] DefaultSendBufSize
		ChannelLifetime:   time.Hour,                             // [D] DefaultClientConfig
		RenewPercent:      75,                                    // [D] scheduleRenewal
		// [D] net.Dialer without KeepAlive: what Go's net package does by default
		TCPKeepAlive:        TCPKeepAliveConfig{Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 9},
		RenewFailureIgnored: true,                                   // [D] scheduleRenewal drops the error
		SessionTimeout:      20 * time.Minute,                       // [D] DefaultSessionConfig
		SessionName:         "gopcua-1700000000000000000",           // [D] "gopcua-" and nanoseconds: 26 characters
		ApplicationURI:      "urn:gopcua:client",                    // [D]
		ProductURI:          "urn:gopcua",                           // [D]
		ApplicationName:     "gopcua - OPC UA implementation in Go", // [D], no locale
		Locales:             []string{"en-us"},                      // [D]
		NonceLength:         32,                                     // [D] CreateSession
		ReadOnConnect:       []string{"i=2255"},                     // [D] Connect calls UpdateNamespaces
		Subscription: SubscriptionConfig{
			PublishingInterval: 100 * time.Millisecond, // [D] DefaultSubscriptionInterval
			LifetimeCount:      10000,                  // [D] DefaultSubscriptionLifetimeCount
			KeepAliveCount:     3000,                   // [D] DefaultSubscriptionMaxKeepAliveCount
			MaxNotifications:   10000,                  // [D] DefaultSubscriptionMaxNotificationsPerPublish
			SamplingInterval:   0,                      // [D] NewMonitoredItemCreateRequestWithDefaults
			QueueSize:          10,                     // [D] the same
			Publish:            1,                      // [D] monitorSubscriptions: one at a time
			TimeoutRule:        PublishKeepAlive,       // [D] publishTimeout
		},
		Reconnect: ReconnectPolicy{
			Attempts:     -1,              // [D] AutoReconnect, until the context ends
			Delay:        5 * time.Second, // [D] ReconnectInterval
			SessionDelay: -1,              // [D] monitor: recreateSession that fails dials again at once
			Reactivate:   true,            // [D] restoreSession
			Transfer:     true,            // [D] transferSubscriptions after recreateSession
			Recreate:     true,            // [D] restoreSubscriptions
			Silent:       true,            // [D] monitor: after restoreSession no subscription counts as active, so none is resumed
		},
	}
}

// NodeOPCUA returns the configuration of a program that uses node-opcua's client
// with its defaults, on a host named "nodered". It does not watch an idle
// connection (keepSessionAlive is false by default): without a subscription it
// breaks its connection after a minute of silence.
func NodeOPCUA() ClientConfig {
	return ClientConfig{
		Name:           "node-opcua",
		ConnectTimeout: time.Minute,      // [E] defaultTransportTimeout
		HelloTimeout:   time.Minute,      // [E] the same
		RequestTimeout: 15 * time.Second, // [E] defaultTransactionTimeout
		// [E] setKeepAlive(true), which leaves the times to the system: Linux 2 h, 75 s, 9
		TCPKeepAlive:           TCPKeepAliveConfig{Idle: 2 * time.Hour, Interval: 75 * time.Second, Count: 9},
		ReceiveBufferSize:      640 << 10,                      // [E] defaultReceiveBufferSize
		SendBufferSize:         640 << 10,                      // [E] defaultSendBufferSize
		Discovery:              DiscoverEndpoints,              // [E] step3_getEndpoints
		ChannelLifetime:        10 * time.Minute,               // [E] defaultSecureTokenLifetime
		RenewPercent:           75,                             // [E] lifetime_75
		SessionTimeout:         time.Minute,                    // [E] requestedSessionTimeout
		SessionName:            "ClientSession1",               // [E] clientName and a counter
		ApplicationURI:         "urn:nodered:NodeOPCUA-Client", // [E] makeApplicationUrn
		ProductURI:             "NodeOPCUA-Client",             // [E] createSession_step3
		ApplicationName:        "NodeOPCUA-Client",             // [E], no locale
		NonceLength:            32,                             // [E]
		MaxResponseMessageSize: 800000,                         // [E]
		IdleTimeout:            time.Minute,                    // [E] socket timeout of the transport: forceConnectionBreak
		Subscription: SubscriptionConfig{
			PublishingInterval: 100 * time.Millisecond, // [E]
			LifetimeCount:      60,                     // [E]
			KeepAliveCount:     10,                     // [E]
			Priority:           1,                      // [E]
			QueueSize:          1,                      // schema default of MonitoringParameters; assumed
			Publish:            5,                      // [E] publishRequestCountInPipeline
			TimeoutRule:        PublishPipelined,       // [E] internalSendPublishRequest, __create_subscription
		},
		Reconnect: ReconnectPolicy{
			Attempts:     -1,               // [E] infiniteConnectionRetry
			FirstDelay:   time.Second,      // [E] retryDelay
			Delay:        time.Second,      // [E] initialDelay
			MaxDelay:     20 * time.Second, // [E] maxDelay, exponential
			SessionDelay: 2 * time.Second,  // [E] retryDelay, twice
			Reactivate:   true,             // [E] reconnection.ts
			Republish:    true,             // [E]
			Transfer:     true,             // [E]
			Recreate:     true,             // [E]
		},
	}
}

// Open62541 returns the configuration of a program that uses open62541's client
// as its examples do.
func Open62541() ClientConfig {
	return ClientConfig{
		Name:                   "open62541",
		ConnectTimeout:         5 * time.Second,                // [F] config->timeout
		HelloTimeout:           5 * time.Second,                // [F] the same
		ConnectWithin:          5 * time.Second,                // [F] connectSync: the whole of it
		RequestTimeout:         5 * time.Second,                // [F] config->timeout
		ReceiveBufferSize:      65535,                          // [F] UA_ConnectionConfig_default
		SendBufferSize:         65535,                          // [F]
		Discovery:              DiscoverServers,                // [F] requestFindServers, requestGetEndpoints
		ChannelLifetime:        10 * time.Minute,               // [F] secureChannelLifeTime
		RenewPercent:           75,                             // [F]
		SessionTimeout:         20 * time.Minute,               // [F] requestedSessionTimeout 1200000
		ApplicationURI:         "urn:unconfigured:application", // [F] APPLICATION_URI; no product, no names
		MaxResponseMessageSize: 0x7fffffff,                     // [F] UA_INT32_MAX
		Subscription: SubscriptionConfig{
			PublishingInterval: 500 * time.Millisecond, // [F] UA_CreateSubscriptionRequest_default
			LifetimeCount:      10000,                  // [F]
			KeepAliveCount:     10,                     // [F]
			SamplingInterval:   250 * time.Millisecond, // [F] UA_MonitoredItemCreateRequest_default
			QueueSize:          1,                      // [F]
			Publish:            10,                     // [F] outStandingPublishRequests
			TimeoutRule:        PublishHint,            // [F] backgroundPublish: no timeout of the client's own
			PublishTimeout:     time.Minute,            // [F] timeoutHint 60000
		},
		Reconnect: ReconnectPolicy{
			Attempts:       -1,          // [F] the example calls UA_Client_connect for ever
			Delay:          time.Second, // [F] the example sleeps 1000 ms
			Reactivate:     true,        // [F] a session that was made is activated again
			AlwaysRecreate: true,        // [F] the example subscribes whenever a session is activated
		},
	}
}
