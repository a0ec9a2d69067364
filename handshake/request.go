package handshake

import (
	"net/http"
	"strings"
)

// CheckRequest reads the client's half of a handshake from a request that net/http or a framework
// has parsed (RFC 6455 section 4.2.1). It looks at r and changes nothing; Offer.Header is r.Header,
// not a copy. The error is a [*RejectError]:
//
//	400  Host or another field of the handshake missing, repeated or malformed; a body; a target that is no path
//	400  HTTP/1.0, where an Upgrade field has no meaning (RFC 9110 section 7.8)
//	405  a method other than GET, with Allow
//	426  no upgrade to websocket asked for, or in another version, with Upgrade and Sec-WebSocket-Version
//	505  HTTP/2 and later: RFC 6455 knows HTTP/1.1 alone, and 426 tells such a client nothing
//
// A request that is good HTTP and asks for no WebSocket has NotUpgrade set. An Upgrade field that
// Connection does not name is addressed to someone else (RFC 9110 section 7.6.1), so it counts as
// none.
func CheckRequest(r *http.Request) (Offer, error) {
	target := r.RequestURI
	if target == "" && r.URL != nil {
		target = r.URL.RequestURI() // a request that was made by hand
	}
	offer, err := check(request{
		method: r.Method, target: target, major: r.ProtoMajor, minor: r.ProtoMinor,
		host: r.Host, header: r.Header,
		body: r.ContentLength != 0 || len(r.TransferEncoding) > 0,
	})
	if err != nil {
		return Offer{}, err
	}
	return offer, nil
}

// request is what CheckRequest and ParseRequest have in common.
type request struct {
	method, target string
	major, minor   int
	host           string // the Host field's, or the target's as net/http promotes it
	header         http.Header
	body           bool // one is announced, beyond what the header says
}

// check decides on a request whose syntax is known to be good: first as HTTP, then as an upgrade.
func check(r request) (Offer, *RejectError) {
	o := Offer{Header: r.header}
	if err := r.checkHTTP(&o); err != nil {
		return Offer{}, err
	}
	if err := r.checkUpgrade(); err != nil {
		return Offer{}, err
	}
	if err := r.readFields(&o); err != nil {
		return Offer{}, err
	}
	return o, nil
}

// checkHTTP checks what every request must satisfy and reads Target and Host into o.
func (r *request) checkHTTP(o *Offer) *RejectError {
	if r.major != 1 {
		return &RejectError{
			Status: http.StatusHTTPVersionNotSupported, Section: "RFC 6455 section 4.2.1",
			Reason: "the request is not HTTP/1.1", NotUpgrade: r.major > 1,
		}
	}
	const section = "RFC 9112 section 3.2"
	switch hosts := r.header["Host"]; {
	case len(hosts) > 1:
		return badRequest(section, "there is more than one Host")
	case r.host == "" && r.minor > 0:
		return badRequest(section, "there is no Host")
	case (r.host != "" || len(hosts) > 0) && !validHost(r.host):
		return badRequest(section, "Host is invalid")
	}
	// OPTIONS * and CONNECT host:port are good HTTP, which checkUpgrade turns down by their method.
	switch {
	case r.method == http.MethodConnect:
		if !strings.HasPrefix(r.target, "/") && !validHost(r.target) {
			return badRequest("RFC 9112 section 3.2.3", "CONNECT names no host")
		}
	case r.method == http.MethodOptions && r.target == "*":
	default:
		path, named, reason := splitTarget(r.target)
		if reason != "" {
			return badRequest(section, reason)
		}
		if named == "" {
			named = r.host
		}
		o.Target, o.Host = path, named // the host in the target counts (RFC 9112 section 3.2.2)
	}
	length := r.header["Content-Length"]
	if len(length) > 1 || len(length) == 1 && !isDigits(length[0]) {
		return badRequest("RFC 9112 section 6.3", "Content-Length is repeated or malformed")
	}
	if len(length) > 0 && len(r.header["Transfer-Encoding"]) > 0 {
		return badRequest("RFC 9112 section 6.1", "there are both Transfer-Encoding and Content-Length")
	}
	return nil
}

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isZero reports whether a Content-Length that isDigits announces no body.
func isZero(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '0' {
			return false
		}
	}
	return true
}

// checkUpgrade checks that r asks this server for a WebSocket, and may.
func (r *request) checkUpgrade() *RejectError {
	asks := r.minor > 0 && HasToken(r.header["Upgrade"], "websocket") && HasToken(r.header["Connection"], "upgrade")
	const section = "RFC 6455 section 4.2.1"
	switch {
	case r.method != http.MethodGet:
		return &RejectError{
			Status: http.StatusMethodNotAllowed, Header: http.Header{"Allow": {http.MethodGet}},
			Section: section, Reason: "the method is not GET", NotUpgrade: !asks,
		}
	case r.minor == 0:
		return &RejectError{
			Status:  http.StatusBadRequest,
			Section: section, Reason: "the request is HTTP/1.0, which has no upgrade", NotUpgrade: true,
		}
	case !asks:
		e := upgradeRequired("the request asks for no upgrade to websocket")
		e.NotUpgrade = true
		return e
	}
	length := r.header["Content-Length"]
	if r.body || len(r.header["Transfer-Encoding"]) > 0 || len(length) > 0 && !isZero(length[0]) {
		return badRequest(section, "a handshake has no body")
	}
	return nil
}

// upgradeRequired is a refusal that tells the client what to ask for (RFC 9110 section 15.5.22, RFC
// 6455 section 4.4).
func upgradeRequired(reason string) *RejectError {
	return &RejectError{
		Status: http.StatusUpgradeRequired,
		Header: http.Header{
			"Upgrade":               {"websocket"},
			"Connection":            {"Upgrade"},
			"Sec-Websocket-Version": {versionText},
		},
		Section: "RFC 6455 section 4.2.1", Reason: reason,
	}
}

// readFields reads the handshake's fields into o.
func (r *request) readFields(o *Offer) *RejectError {
	version := r.header["Sec-Websocket-Version"]
	if len(version) > 1 {
		return badRequest("RFC 6455 section 11.3.5", "there is more than one Sec-WebSocket-Version")
	}
	if len(version) == 0 || trimOWS(version[0]) != versionText {
		e := upgradeRequired("Sec-WebSocket-Version is not " + versionText)
		e.Section = "RFC 6455 section 4.4"
		return e
	}
	key := r.header["Sec-Websocket-Key"]
	if len(key) != 1 {
		return badRequest("RFC 6455 section 11.3.1", "there is not exactly one Sec-WebSocket-Key")
	}
	if o.Key = trimOWS(key[0]); !validKey(o.Key) {
		return badRequest("RFC 6455 section 4.2.1", "Sec-WebSocket-Key is not the base64 form of 16 bytes")
	}
	switch origin := r.header["Origin"]; len(origin) {
	case 0:
	case 1:
		// "" means no Origin in an Offer, and a client without one is no browser: an empty field
		// must not pass for that.
		if o.Origin = trimOWS(origin[0]); o.Origin == "" {
			return badRequest("RFC 6454 section 7.1", "Origin is empty")
		}
	default:
		return badRequest("RFC 6454 section 7.3", "there is more than one Origin")
	}
	var err error
	if o.Subprotocols, err = ParseTokens(r.header["Sec-Websocket-Protocol"]); err != nil {
		return inField("Sec-WebSocket-Protocol", err)
	}
	if o.Extensions, err = ParseExtensions(r.header["Sec-Websocket-Extensions"]); err != nil {
		return inField("Sec-WebSocket-Extensions", err)
	}
	return nil
}
