package client

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// endpoint is what a WebSocket URL says (RFC 6455 section 3).
type endpoint struct {
	secure bool
	name   string // host name or IP address, without brackets
	addr   string // with the port, for dialing
	host   string // for the Host field, without the default port
	target string // path and query
	auth   string // for the Authorization field, from the URL's user and password
}

var errURL = errors.New("malformed URL with a user in it")

// parseURL reads a ws or wss URL. Its errors do not repeat a password.
func parseURL(rawURL string) (endpoint, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		if strings.Contains(rawURL, "@") {
			return endpoint{}, errURL // what url.Parse says would quote a password with a slash in it as a port
		}
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err
		}
		return endpoint{}, err
	}
	e := endpoint{name: u.Hostname()}
	port := "80"
	switch u.Scheme {
	case "ws":
	case "wss":
		e.secure, port = true, "443"
	default:
		return endpoint{}, fmt.Errorf("scheme %q is not ws or wss (RFC 6455 section 3)", u.Scheme)
	}
	switch {
	case u.Opaque != "" || e.name == "":
		return endpoint{}, errors.New("no host (RFC 6455 section 3)")
	case u.Fragment != "" || strings.Contains(rawURL, "#"):
		return endpoint{}, errors.New("fragment identifiers must not be used (RFC 6455 section 3)")
	}
	e.host = e.name
	if strings.Contains(e.host, ":") {
		e.host, _, _ = strings.Cut(e.host, "%") // a zone means nothing to the server, RFC 6874 section 4
		e.host = "[" + e.host + "]"
	}
	if p := u.Port(); p != "" && p != port {
		port = p
		e.host += ":" + p
	}
	e.addr = net.JoinHostPort(e.name, port)
	e.target = u.RequestURI()
	if u.User != nil {
		password, _ := u.User.Password()
		e.auth = "Basic " + base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password))
	}
	return e, nil
}
