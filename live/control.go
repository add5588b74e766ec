package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Limits of the HTTP interface.
const (
	controlBody    = 4 << 10 // bytes of a request's body
	controlHeader  = 8 << 10 // bytes of its header
	controlTimeout = 10 * time.Second
	controlConns   = 16 // at a time
)

// Handler returns the commands as an HTTP interface of JSON:
//
//	GET  /stats                    the Stats
//	POST /pull, /plug, /reboot     {}
//	POST /kill {"connection": 3}   {"killed": 1}; without a number: every one
//	POST /speed {"speed": 60}      {}
//
// A request that fails has {"error": "..."} as its answer. Bodies are of type
// application/json and may be empty.
//
// Pages of other sites, which a browser on this machine would let send requests
// to it, are kept out: Host has to be a loopback address, localhost or one of
// hosts, and Origin, if there is one, the same server.
func (s *Server) Handler(hosts ...string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		st, err := s.Stats()
		answer(w, st, err)
	})
	for path, f := range map[string]func() error{"/pull": s.Pull, "/plug": s.Plug, "/reboot": s.Reboot} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			if body(w, r, &struct{}{}) {
				answer(w, struct{}{}, f())
			}
		})
	}
	mux.HandleFunc("POST /kill", func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Connection int `json:"connection"`
		}
		if !body(w, r, &q) {
			return
		}
		n, err := s.Kill(q.Connection)
		answer(w, map[string]int{"killed": n}, err)
	})
	mux.HandleFunc("POST /speed", func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Speed int `json:"speed"`
		}
		if body(w, r, &q) {
			answer(w, struct{}{}, s.SetSpeed(q.Speed))
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := sameSite(r, hosts); err != nil {
			refuse(w, http.StatusForbidden, err)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, controlBody)
		if _, pattern := mux.Handler(r); pattern == "" {
			w = &refusal{ResponseWriter: w, what: r.Method + " " + r.URL.Path}
		}
		mux.ServeHTTP(w, r)
	})
}

// A refusal puts what the mux says of a request that it has no handler for (404,
// or 405 with Allow) as the other errors are put.
type refusal struct {
	http.ResponseWriter
	what string // method and path
}

func (w *refusal) WriteHeader(status int) {
	if status < http.StatusBadRequest { // a redirect to the path without empty parts
		w.ResponseWriter.WriteHeader(status)
		return
	}
	refuse(w.ResponseWriter, status, fmt.Errorf("%s: %s", w.what, strings.ToLower(http.StatusText(status))))
}

// Write drops the mux's own text.
func (w *refusal) Write(b []byte) (int, error) { return len(b), nil }

// sameSite says what is wrong with where a request comes from.
func sameSite(r *http.Request, hosts []string) error {
	if !local(r.Host, hosts) {
		return fmt.Errorf("the Host %q is not this server", r.Host)
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return fmt.Errorf("requests of other sites (Sec-Fetch-Site %q) are not taken", site)
	}
	for _, origin := range r.Header.Values("Origin") {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" || u.Host != r.Host {
			return fmt.Errorf("requests of other sites (Origin %q) are not taken", origin)
		}
	}
	return nil
}

// local reports whether a Host header names this machine or one of hosts. A
// name that an attacker's DNS server has point here does not.
func local(host string, hosts []string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if strings.EqualFold(name, "localhost") {
		return true
	}
	if a, err := netip.ParseAddr(name); err == nil && a.IsLoopback() {
		return true
	}
	for _, h := range hosts {
		if strings.EqualFold(name, h) {
			return true
		}
	}
	return false
}

// body reads a request's body. A page of another site cannot send the type that
// it has to be of without being asked by the browser.
func body(w http.ResponseWriter, r *http.Request, to any) bool {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); r.ContentLength != 0 && (err != nil || t != "application/json") {
		refuse(w, http.StatusUnsupportedMediaType, fmt.Errorf("the Content-Type application/json was expected, found %q", r.Header.Get("Content-Type")))
		return false
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil && !errors.Is(err, io.EOF) {
		refuse(w, http.StatusBadRequest, fmt.Errorf("the body is not what was expected: %w", err))
		return false
	}
	return true
}

func answer(w http.ResponseWriter, x any, err error) {
	switch {
	case errors.Is(err, ErrClosed):
		refuse(w, http.StatusServiceUnavailable, err)
	case err != nil:
		refuse(w, http.StatusConflict, err)
	default:
		send(w, http.StatusOK, x)
	}
}

func refuse(w http.ResponseWriter, status int, err error) {
	send(w, status, map[string]string{"error": err.Error()})
}

func send(w http.ResponseWriter, status int, x any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(x) // the client may have gone
}

// ServeControl offers Handler on an address such as 127.0.0.1:4841 until the
// server ends. It returns the address that it listens on. Anything but loopback
// lets other machines pull the cable.
func (s *Server) ServeControl(address string) (*net.TCPAddr, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	var hosts []string
	if h, _, err := net.SplitHostPort(address); err == nil && h != "" {
		hosts = append(hosts, h)
	}
	server := &http.Server{
		Handler:           s.Handler(hosts...),
		ReadHeaderTimeout: controlTimeout,
		ReadTimeout:       controlTimeout,
		WriteTimeout:      controlTimeout,
		IdleTimeout:       controlTimeout,
		MaxHeaderBytes:    controlHeader,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	s.running.Go(func() { _ = server.Serve(&limitedListener{Listener: l, slots: make(chan struct{}, controlConns)}) })
	s.running.Go(func() {
		<-s.ctx.Done()
		_ = server.Close()
	})
	return l.Addr().(*net.TCPAddr), nil
}
