package sim

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// onNetwork has f called in the task that brings up the network, when lwIP, the
// event loop and the interface are there, in the order of the calls.
func (a *App) onNetwork(f func(*App)) { a.dev.whenNetwork = append(a.dev.whenNetwork, f) }

// startServices starts what waits for the network.
func (a *App) startServices() {
	for _, f := range a.dev.whenNetwork {
		f(a)
	}
	a.dev.whenNetwork = nil
}

// A serviceKey is one setting of a service in its text form.
type serviceKey struct {
	name string
	low  int // of a number; low == high: a word
	high int
}

// serviceForm is what ParseService knows of a service.
type serviceForm struct {
	name string
	keys []serviceKey
	make func(map[string]string) (Application, error)
}

func serviceForms() []serviceForm {
	number := func(v map[string]string, key string) int {
		n, _ := strconv.Atoi(v[key]) // the form has checked it
		return n
	}
	return []serviceForm{
		{"httpd", []serviceKey{{"port", 1, 65535}, {"max", 1, 250}, {"handlers", 0, 250}, {"lru", 0, 1}, {"reply", 1, 1 << 20}}, func(v map[string]string) (Application, error) {
			return HTTPServer{Port: uint16(number(v, "port")), MaxOpenSockets: number(v, "max"), URIHandlers: number(v, "handlers"),
				LRUPurge: v["lru"] == "1", Response: number(v, "reply")}, nil
		}},
		{"sntp", []serviceKey{{name: "server"}}, func(v map[string]string) (Application, error) {
			s := SNTP{}
			if v["server"] != "" {
				s.Servers = strings.Split(v["server"], ",")
			}
			return s, nil
		}},
		{"mdns", []serviceKey{{name: "hostname"}, {name: "services"}}, func(v map[string]string) (Application, error) {
			m := MDNS{Hostname: v["hostname"]}
			if v["services"] != "" {
				m.Services = strings.Split(v["services"], ",")
			}
			return m, nil
		}},
		{"mqtt", []serviceKey{{name: "broker"}}, func(v map[string]string) (Application, error) {
			l := CloudLink{}
			if text := v["broker"]; text != "" {
				var err error
				if l.Broker, err = netip.ParseAddrPort(text); err != nil {
					return nil, fmt.Errorf("broker=%s: an address and a port such as 192.168.1.100:8883 were expected", text)
				}
			}
			return l, nil
		}},
	}
}

// ServiceForms lists how ParseService wants each service written.
func ServiceForms() []string {
	var all []string
	for _, f := range serviceForms() {
		text := f.name
		for _, k := range f.keys {
			if k.high == 0 {
				text += " [" + k.name + "=...]"
			} else {
				text += fmt.Sprintf(" [%s=%d..%d]", k.name, k.low, k.high)
			}
		}
		all = append(all, text)
	}
	return all
}

// ParseService reads a service of a device as the command line and the case book
// name it: "httpd", "httpd max=4 handlers=3", "sntp server=pool.ntp.org". What is
// left out has ESP-IDF's defaults; [ServiceForms] lists the forms.
func ParseService(text string) (Application, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil, fmt.Errorf("sim: service %q: one of these was expected: %s", text, strings.Join(ServiceForms(), "; "))
	}
	forms := serviceForms()
	i := slices.IndexFunc(forms, func(f serviceForm) bool { return f.name == words[0] })
	if i < 0 {
		return nil, fmt.Errorf("sim: service %q: one of these was expected: %s", words[0], strings.Join(ServiceForms(), "; "))
	}
	values := map[string]string{}
	for _, w := range words[1:] {
		key, value, found := strings.Cut(w, "=")
		k := slices.IndexFunc(forms[i].keys, func(k serviceKey) bool { return k.name == key })
		if !found || value == "" || k < 0 {
			return nil, fmt.Errorf("sim: service %q: %q: KEY=VALUE was expected as in %q", text, w, ServiceForms()[i])
		}
		if _, twice := values[key]; twice {
			return nil, fmt.Errorf("sim: service %q: %s is there twice", text, key)
		}
		if f := forms[i].keys[k]; f.high > 0 {
			if n, err := strconv.Atoi(value); err != nil || n < f.low || n > f.high {
				return nil, fmt.Errorf("sim: service %q: %s: a number from %d to %d was expected", text, w, f.low, f.high)
			}
		}
		values[key] = value
	}
	app, err := forms[i].make(values)
	if err != nil {
		return nil, fmt.Errorf("sim: service %q: %w", text, err)
	}
	return app, nil
}
