package handshake

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// Origin is the parsed value of an Origin field (RFC 6454 section 7). Scheme and Host are in lower
// case, an IPv6 Host is in its shortest form and without brackets, and Port is "" where it is the
// default of the scheme, so equal origins are equal values. The zero Origin, which is also what
// "null" parses to, is the same as nothing and matches nothing.
type Origin struct {
	Scheme, Host, Port string
}

var errOrigin = errors.New("handshake: an origin is not scheme://host[:port] (RFC 6454 section 6.2)")

// ParseOrigin parses the value of an Origin field: "null", or a scheme, a host and an optional
// port. A list of origins, which RFC 6454 allows and no browser sends, is an error, and so are a
// path, a user and a host that is neither a name nor an IP address.
func ParseOrigin(s string) (Origin, error) {
	if s == "null" {
		return Origin{}, nil
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || !validScheme(scheme) {
		return Origin{}, errOrigin
	}
	o := Origin{Scheme: strings.ToLower(scheme)}
	if o.Host, o.Port, ok = splitHost(rest); !ok {
		return Origin{}, errOrigin
	}
	o.Host = canonicalHost(o.Host)
	o.Port = explicitPort(o.Scheme, o.Port)
	return o, nil
}

// String returns the origin as a browser would send it, "null" for the zero Origin.
func (o Origin) String() string {
	if o == (Origin{}) {
		return "null"
	}
	host := o.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if o.Port != "" {
		host += ":" + o.Port
	}
	return o.Scheme + "://" + host
}

// Same reports whether a request that came in by scheme and with hostport in Host is of the
// origin's own site: same scheme, same host, same port. ws counts as http and wss as https. A
// scheme of "" is not known, as behind a proxy that ends TLS: it is taken to be the origin's. Hosts
// are compared ASCII case-insensitively, ports after filling in the scheme's default. Only origins
// of http and https have a site.
func (o Origin) Same(scheme, hostport string) bool {
	own := webScheme(o.Scheme)
	if scheme == "" {
		scheme = own
	}
	if own == "" || own != webScheme(scheme) {
		return false
	}
	host, port, ok := splitHost(hostport)
	return ok && canonicalHost(host) == o.Host && explicitPort(own, port) == explicitPort(own, o.Port)
}

// Match reports whether the origin is one that pattern describes: [scheme "://"] host [":" port].
//
//	example.com                     http or https, on the scheme's default port
//	*.example.com                   any name below example.com, at any depth, not example.com itself
//	https://*.example.com:8443      that scheme and that port alone
//	localhost:*                     any port
//
// Hosts are compared by whole labels, ASCII case-insensitively. A star anywhere else and a pattern
// that is malformed match nothing. Schemes other than http and https match where the pattern names
// them.
func (o Origin) Match(pattern string) bool {
	scheme, rest, ok := strings.Cut(pattern, "://")
	if !ok {
		if scheme, rest = webScheme(o.Scheme), pattern; scheme == "" {
			return false
		}
	}
	if o.Host == "" || !validScheme(scheme) || siteScheme(scheme) != siteScheme(o.Scheme) {
		return false
	}
	rest, anyPort := strings.CutSuffix(rest, ":*")
	rest, below := strings.CutPrefix(rest, "*.")
	host, port, ok := splitHost(rest)
	if !ok || !anyPort && explicitPort(o.Scheme, port) != explicitPort(o.Scheme, o.Port) {
		return false
	}
	host = canonicalHost(host)
	if !below {
		return host == o.Host
	}
	name, ok := strings.CutSuffix(o.Host, "."+host)
	return ok && name != "" && !isAddr(o.Host) // *.0.0.1 is not about names
}

func validScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := lower(s[i]); {
		case 'a' <= c && c <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return s != ""
}

// webScheme returns the scheme of the web that a handshake by scheme belongs to, "" for another.
func webScheme(scheme string) string {
	switch {
	case equalFold(scheme, "http"), equalFold(scheme, "ws"):
		return "http"
	case equalFold(scheme, "https"), equalFold(scheme, "wss"):
		return "https"
	}
	return ""
}

// siteScheme is webScheme for the web, and a valid scheme in lower case elsewhere.
func siteScheme(scheme string) string {
	if web := webScheme(scheme); web != "" {
		return web
	}
	return strings.ToLower(scheme)
}

// canonicalHost returns the one form of a host that splitHost accepted.
func canonicalHost(host string) string {
	if strings.Contains(host, ":") {
		if addr, err := netip.ParseAddr(host); err == nil {
			return addr.String()
		}
	}
	return strings.ToLower(host)
}

func isAddr(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// explicitPort returns a port that splitHost accepted without leading zeros, and "" for the
// scheme's default.
func explicitPort(scheme, port string) string {
	n, err := strconv.Atoi(port)
	if err != nil {
		return ""
	}
	switch web := webScheme(scheme); {
	case web == "http" && n == 80, web == "https" && n == 443:
		return ""
	}
	return strconv.Itoa(n)
}
