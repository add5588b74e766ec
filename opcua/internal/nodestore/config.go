package nodestore

import (
	"fmt"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Sizes of the configuration's structures in bytes (recorded).
const (
	sizeofNetworkLayer    = 60  // UA_ServerNetworkLayer
	sizeofNetworkLayerTCP = 276 // ServerNetworkLayerTCP with FD_SETSIZE 64
	sizeofSecurityPolicy  = 264 // UA_SecurityPolicy
	sizeofAccessControl   = 12  // AccessControlContext
	sizeofLogin           = 16  // UA_UsernamePasswordLogin
)

// Texts of open62541's default configuration (plugins/ua_config_default.c).
const (
	manufacturerName = "open62541"
	productName      = "open62541 OPC UA Server"
	productURI       = "http://open62541.org"
	applicationName  = "open62541-based OPC UA Application"
	applicationURI   = "urn:open62541.server.application"
	policyNone       = "http://opcfoundation.org/UA/SecurityPolicy#None"
	transportProfile = "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary"
	anonymousPolicy  = "open62541-anonymous-policy"
	userNamePolicy   = "open62541-username-policy"
)

// Config is what the firmware's main configures.
type Config struct {
	Port            uint16
	Hostname        string // custom host name; empty: the device's own, which then must be in DeviceName
	DeviceName      string // what gethostname returns
	ApplicationURI  string
	ApplicationName string
	SoftwareVersion string // version of open62541 in BuildInfo
	BuildNumber     string // compile date in BuildInfo
	Users           []User // besides anonymous ones
	// UserTokenPolicy is the URI of the security policy with which passwords are
	// encrypted; empty: not at all.
	UserTokenPolicy string
}

// User is a user name with its password.
type User struct{ Name, Password string }

// config is UA_ServerConfig as far as it holds memory.
type config struct {
	port           uint16
	deviceName     string
	application    uatypes.ApplicationDescription
	buildInfo      uatypes.BuildInfo
	layers         uint32 // UA_ServerNetworkLayer[1]
	layer          uint32 // ServerNetworkLayerTCP
	customHostname uatypes.Str
	policies       uint32 // UA_SecurityPolicy[]
	policyCount    uint32
	clearSecurity  []func() // what the policies hold
	verification   func()   // gives back what the verification of certificates holds
	endpoints      uatypes.Array[uatypes.EndpointDescription]

	accessControl uint32 // AccessControlContext
	logins        uint32 // UA_UsernamePasswordLogin[]
	users         []login
	userTokens    uatypes.Array[uatypes.UserTokenPolicy]
}

type login struct{ name, password uatypes.Str }

// Configure gives a new server its configuration: that of
// UA_ServerConfig_setMinimalCustomBuffer without encryption, then names and host
// name as the firmware's main sets them. If memory is short the configuration is
// cleared, with the address space, as open62541 does it; only Delete may follow.
func (c *Core) Configure(cfg Config) error {
	if len(c.config.endpoints.V) > 0 {
		return fmt.Errorf("opcua/internal/nodestore: the server is configured already")
	}
	c.config.port, c.config.deviceName = cfg.Port, cfg.DeviceName
	c.setDefaults(&cfg)
	for _, step := range []struct {
		name string
		do   func() uatypes.Status
	}{
		{"network layer", c.addNetworkLayer},
		{"security policy", c.addSecurityPolicy},
		{"access control", func() uatypes.Status { return c.setAccessControl(cfg.Users, cfg.UserTokenPolicy) }},
		{"endpoint", func() uatypes.Status {
			return c.AddEndpoint(policyNone, uint32(ua.MessageSecurityModeNone), &uatypes.Str{})
		}},
	} {
		if step.do() != uatypes.Good {
			c.config.clear(c)
			return fmt.Errorf("%w: %s", ErrOutOfMemory, step.name)
		}
	}
	c.setNames(cfg.ApplicationURI, cfg.ApplicationName)
	hostname := uatypes.Const(cfg.Hostname)
	uatypes.Copy(c.m, &c.config.customHostname, &hostname)
	return nil
}

// setDefaults is setDefaultConfig. Texts that cannot be had stay null; a sampling
// interval that was set before stays too.
func (c *Core) setDefaults(cfg *Config) {
	b := &c.config.buildInfo
	b.ProductURI = c.newString(productURI)
	b.ManufacturerName = c.newString(manufacturerName)
	b.ProductName = c.newString(productName)
	b.SoftwareVersion = c.newString(cfg.SoftwareVersion)
	b.BuildNumber = c.newString(cfg.BuildNumber)
	b.BuildDate = c.now()
	a := &c.config.application
	a.ApplicationURI = c.newString(applicationURI)
	a.ProductURI = c.newString(productURI)
	a.ApplicationName.Locale = c.newString("en")
	a.ApplicationName.Text = c.newString(applicationName)
	a.ApplicationType = uint32(ua.ApplicationTypeServer)
	if c.Limits.MinSamplingInterval == 0 {
		c.Limits.MinSamplingInterval = 50
	}
}

func (c *Core) addNetworkLayer() uatypes.Status {
	if c.config.layers = c.m.Malloc(c.opts.Rules.sizeofNetworkLayer(), "UA_ServerNetworkLayer"); c.config.layers == 0 {
		return ua.StatusBadOutOfMemory
	}
	if c.config.layer = c.m.Calloc(c.opts.Rules.sizeofNetworkLayerTCP(), "ServerNetworkLayerTCP"); c.config.layer == 0 {
		return ua.StatusBadOutOfMemory
	}
	return uatypes.Good
}

func (c *Core) addSecurityPolicy() uatypes.Status {
	if c.config.policies = c.m.Malloc(c.opts.Rules.sizeofSecurityPolicy(), "UA_SecurityPolicy"); c.config.policies == 0 {
		return ua.StatusBadOutOfMemory
	}
	c.config.policyCount = 1
	return uatypes.Good
}

// AddSecurityPolicy makes room for another security policy, which open fills
// (UA_ServerConfig_addSecurityPolicyBasic256Sha256 and its like). clear gives back
// what it holds.
func (c *Core) AddSecurityPolicy(open func() uatypes.Status, clear func()) uatypes.Status {
	k := &c.config
	p := c.m.Realloc(k.policies, sizeofSecurityPolicy*(k.policyCount+1), "UA_SecurityPolicy")
	if p == 0 {
		return ua.StatusBadOutOfMemory
	}
	k.policies = p
	if st := open(); st != uatypes.Good {
		return st
	}
	k.policyCount++
	k.clearSecurity = append(k.clearSecurity, clear)
	return uatypes.Good
}

// SetCertificateVerification tells what gives back what the verification of
// certificates holds.
func (c *Core) SetCertificateVerification(clear func()) { c.config.verification = clear }

// setAccessControl allows anonymous users and the given ones
// (UA_AccessControl_default, plugins/ua_accesscontrol_default.c).
func (c *Core) setAccessControl(users []User, tokenPolicy string) uatypes.Status {
	k := &c.config
	if k.accessControl = c.m.Malloc(c.opts.Rules.sizeofAccessControl(), "AccessControlContext"); k.accessControl == 0 {
		return ua.StatusBadOutOfMemory
	}
	if len(users) > 0 {
		if k.logins = c.m.Malloc(uint32(sizeofLogin*len(users)), "UA_UsernamePasswordLogin"); k.logins == 0 {
			return ua.StatusBadOutOfMemory
		}
	}
	for _, u := range users {
		name, password := uatypes.Const(u.Name), uatypes.Const(u.Password)
		var l login
		uatypes.Copy(c.m, &l.name, &name)
		uatypes.Copy(c.m, &l.password, &password)
		k.users = append(k.users, l)
	}
	n := 1
	if len(users) > 0 {
		n = 2
	}
	var ok bool
	if k.userTokens, ok = uatypes.NewArray[uatypes.UserTokenPolicy](c.m, n, "UA_UserTokenPolicy"); !ok {
		return ua.StatusBadOutOfMemory
	}
	anonymous := &k.userTokens.V[0]
	anonymous.TokenType = uint32(ua.UserTokenTypeAnonymous)
	if anonymous.PolicyID = c.newString(anonymousPolicy); anonymous.PolicyID.P == uatypes.Null {
		return ua.StatusBadOutOfMemory
	}
	if n == 1 {
		return uatypes.Good
	}
	user := &k.userTokens.V[1]
	user.TokenType = uint32(ua.UserTokenTypeUserName)
	if user.PolicyID = c.newString(userNamePolicy); user.PolicyID.P == uatypes.Null {
		return ua.StatusBadOutOfMemory
	}
	if tokenPolicy == "" {
		tokenPolicy = policyNone
	}
	policy := uatypes.Const(tokenPolicy)
	return uatypes.Copy(c.m, &user.SecurityPolicyURI, &policy)
}

// AddEndpoint adds an endpoint (UA_ServerConfig_addEndpoint). Its level of security
// is its mode, whatever the policy.
func (c *Core) AddEndpoint(policyURI string, mode uint32, certificate *uatypes.Str) uatypes.Status {
	k := &c.config
	p := c.m.Realloc(k.endpoints.P, uint32(len(k.endpoints.V)+1)*uatypes.SizeOf(&uatypes.EndpointDescription{}), "UA_EndpointDescription")
	if p == 0 {
		return ua.StatusBadOutOfMemory
	}
	k.endpoints.P = p
	var e uatypes.EndpointDescription
	e.SecurityMode, e.SecurityLevel = mode, uint8(mode)
	policy := uatypes.Const(policyURI)
	uatypes.Copy(c.m, &e.SecurityPolicyURI, &policy)
	e.TransportProfileURI = c.newString(transportProfile)
	if st := uatypes.CopyArray(c.m, &e.UserIdentityTokens, &k.userTokens, "UA_UserTokenPolicy"); st != uatypes.Good {
		uatypes.Clear(c.m, &e.SecurityPolicyURI)
		uatypes.Clear(c.m, &e.TransportProfileURI)
		return st
	}
	uatypes.Copy(c.m, &e.ServerCertificate, certificate)
	uatypes.Copy(c.m, &e.Server, &k.application)
	k.endpoints.V = append(k.endpoints.V, e)
	return uatypes.Good
}

// setNames changes application URI and name, also in the endpoints, as the main
// function of opcua-esp32 does it (UA_ServerConfig_setUriName).
func (c *Core) setNames(uri, name string) {
	a := &c.config.application
	uatypes.Clear(c.m, &a.ApplicationURI)
	uatypes.Clear(c.m, &a.ApplicationName)
	a.ApplicationURI = c.newString(uri)
	a.ApplicationName.Text = c.newString(name)
	for i := range c.config.endpoints.V {
		e := &c.config.endpoints.V[i].Server
		uatypes.Clear(c.m, &e.ApplicationURI)
		uatypes.Clear(c.m, &e.ApplicationName)
		uatypes.Copy(c.m, &e.ApplicationURI, &a.ApplicationURI)
		uatypes.Copy(c.m, &e.ApplicationName, &a.ApplicationName)
	}
}

// clear gives back what the configuration and the address space hold
// (UA_ServerConfig_clean, src/server/ua_server_config.c).
func (k *config) clear(c *Core) {
	uatypes.Clear(c.m, &k.buildInfo)
	uatypes.Clear(c.m, &k.application)
	if k.layers != 0 {
		uatypes.Clear(c.m, &c.discovery)
		c.m.Free(k.layer)
	}
	c.m.Free(k.layers)
	uatypes.Clear(c.m, &k.customHostname)
	for _, clear := range k.clearSecurity {
		clear()
	}
	c.m.Free(k.policies)
	uatypes.ClearArray(c.m, &k.endpoints)
	if c.nodes != nil {
		c.nodes.delete()
		c.nodes = nil
	}
	if k.verification != nil {
		k.verification()
	}
	uatypes.ClearArray(c.m, &k.userTokens)
	for i := range k.users {
		uatypes.Clear(c.m, &k.users[i].name)
		uatypes.Clear(c.m, &k.users[i].password)
	}
	c.m.Free(k.logins)
	c.m.Free(k.accessControl)
	*k = config{}
}

// Application returns the description of the application, which belongs to the
// server.
func (c *Core) Application() *uatypes.ApplicationDescription { return &c.config.application }

// Endpoints returns the descriptions of the endpoints, which belong to the server.
func (c *Core) Endpoints() *uatypes.Array[uatypes.EndpointDescription] { return &c.config.endpoints }

// DiscoveryURL returns the URL of the network layer, null before Startup.
func (c *Core) DiscoveryURL() *uatypes.Str { return &c.discovery }

// NameEndpoints gives the endpoints the description of the application anew, with
// its discovery URLs (UA_Server_run_startup, from v1.3 on).
func (c *Core) NameEndpoints() {
	for i := range c.config.endpoints.V {
		e := &c.config.endpoints.V[i]
		uatypes.Clear(c.m, &e.Server)
		uatypes.Copy(c.m, &e.Server, &c.config.application)
	}
}

// Login reports whether there is a user with a name and a password.
func (c *Core) Login(name, password *uatypes.Str) bool {
	for i := range c.config.users {
		u := &c.config.users[i]
		if u.name.Equal(name) && u.password.Equal(password) {
			return true
		}
	}
	return false
}

// Startup starts the server (UA_Server_run_startup, src/server/ua_server.c).
// listen opens the socket, where the network layer does it; the error is its
// error, or ErrOutOfMemory.
func (c *Core) Startup(listen func() error) error {
	c.setupNamespace1()
	a := &c.config.application
	if c.writeValue(&c.admin, ns0ID(idServerArray), constantArray(uatypes.TypeString, a.ApplicationURI)) != uatypes.Good {
		return fmt.Errorf("%w: ServerArray", ErrOutOfMemory)
	}
	c.startTime = c.now()
	c.writeValue(&c.admin, ns0ID(idStartTime), constant(uatypes.TypeDateTime, c.startTime))
	if listen != nil {
		if err := listen(); err != nil {
			return err
		}
	}
	host := c.config.customHostname.String()
	if host == "" {
		host = c.config.deviceName
	}
	url := uatypes.Const(fmt.Sprintf("opc.tcp://%s:%d/", host, c.config.port))
	uatypes.Copy(c.m, &c.discovery, &url)
	urls, ok := uatypes.NewArray[uatypes.Str](c.m, 1, "UA_String")
	if !ok {
		return fmt.Errorf("%w: discovery URLs", ErrOutOfMemory)
	}
	a.DiscoveryURLs = urls
	uatypes.Copy(c.m, &urls.V[0], &c.discovery)
	return nil
}
