package handshake

import (
	"net/netip"
	"strings"
)

// splitTarget takes a request target apart (RFC 9112 section 3.2): the path and query in
// origin-form and, where the target was in absolute-form, the host it names. reason is not "" for a
// target in no form that GET allows.
func splitTarget(target string) (path, host, reason string) {
	path = target
	if !strings.HasPrefix(target, "/") {
		switch {
		case hasPrefixFold(target, "http://"):
			path = target[len("http://"):]
		case hasPrefixFold(target, "https://"):
			path = target[len("https://"):]
		default:
			return "", "", "the target is neither a path nor an http or https URL"
		}
		n := strings.IndexAny(path, "/?")
		if n < 0 {
			n = len(path)
		}
		if host, path = path[:n], path[n:]; !validHost(host) {
			return "", "", "the target names an invalid host"
		}
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
	}
	query := false
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c <= ' ' || c >= 0x7f:
			return "", "", "the target holds a byte that is in no URL"
		case c == '#':
			return "", "", "the target has a fragment"
		case c == '?':
			query = true
		case c == '%' && !query && !(i+2 < len(path) && isHex(path[i+1]) && isHex(path[i+2])):
			return "", "", "the target's path has an incomplete percent-encoding"
		}
	}
	return path, host, ""
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= lower(c) && lower(c) <= 'f'
}

// validHost reports whether s is a host with an optional port (RFC 9110 section 7.2), as narrow as
// the package documentation says.
func validHost(s string) bool {
	_, _, ok := splitHost(s)
	return ok
}

// splitHost takes a host and an optional port apart. An IPv6 address loses its brackets. The port
// is "" where there is none or none behind the colon.
func splitHost(s string) (host, port string, ok bool) {
	if strings.HasPrefix(s, "[") {
		if host, port, ok = strings.Cut(s[1:], "]"); !ok {
			return "", "", false
		}
		if port != "" && port[0] != ':' {
			return "", "", false
		}
		addr, err := netip.ParseAddr(host)
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", "", false
		}
		port = strings.TrimPrefix(port, ":")
		return host, port, validPort(port)
	}
	host, port, _ = strings.Cut(s, ":")
	if host == "" {
		return "", "", false
	}
	for i := 0; i < len(host); i++ {
		switch c := lower(host[i]); {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
		default:
			return "", "", false
		}
	}
	return host, port, validPort(port)
}

// validPort reports whether s is "" or a decimal number up to 65535.
func validPort(s string) bool {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		if n = n*10 + int(s[i]-'0'); n > 65535 {
			return false
		}
	}
	return true
}
