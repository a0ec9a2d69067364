package handshake

import (
	"net/http"
	"slices"
	"strconv"
)

// Check compares a server's response with the offer that was sent (RFC 6455 section 4.1, the numbered list of what a
// client must validate). What was not offered is an error. The error is a [*RejectError] with the response's Status and Header,
// and the connection carries no frames then. Answer.Header is r.Header, not a copy. Body and fields that frame one
// are not looked at: a 101 response ends with its head, whatever they say (RFC 9112 section 6.3).
func (o Offer) Check(r *http.Response) (Answer, error) {
	a := Answer{Header: r.Header}
	section, reason := "RFC 6455 section 4.1", ""
	upgrade, accept := r.Header["Upgrade"], r.Header["Sec-Websocket-Accept"]
	switch {
	case r.StatusCode != http.StatusSwitchingProtocols:
		reason = "the server answered " + strconv.Itoa(r.StatusCode) + " " + http.StatusText(r.StatusCode)
	case r.ProtoMajor == 1 && r.ProtoMinor == 0:
		section, reason = "RFC 9110 section 15.2", "the server answered 101 in HTTP/1.0, which has no upgrade"
	case len(upgrade) != 1 || !equalFold(trimOWS(upgrade[0]), "websocket"):
		reason = "Upgrade is not websocket"
	case !HasToken(r.Header["Connection"], "upgrade"):
		reason = "Connection does not name Upgrade"
	case len(accept) != 1 || trimOWS(accept[0]) != AcceptKey(o.Key):
		reason = "Sec-WebSocket-Accept does not answer the key"
	default:
		if a.Subprotocol, reason = o.checkSubprotocol(r.Header["Sec-Websocket-Protocol"]); reason == "" {
			a.Extensions, reason = o.checkExtensions(r.Header["Sec-Websocket-Extensions"])
		}
	}
	if reason != "" {
		return Answer{}, &RejectError{Status: r.StatusCode, Header: r.Header, Section: section, Reason: reason}
	}
	return a, nil
}

func (o Offer) checkSubprotocol(lines []string) (name, reason string) {
	switch len(lines) {
	case 0:
		return "", ""
	case 1:
		if name = trimOWS(lines[0]); slices.Contains(o.Subprotocols, name) {
			return name, ""
		}
		return "", "the server chose a subprotocol that was not offered"
	}
	return "", "the server chose more than one subprotocol"
}

func (o Offer) checkExtensions(lines []string) (list []Extension, reason string) {
	list, err := ParseExtensions(lines)
	if err != nil {
		return nil, "Sec-WebSocket-Extensions: " + err.(*RejectError).Reason
	}
	for i, e := range list {
		same := func(other Extension) bool { return other.Name == e.Name }
		if !slices.ContainsFunc(o.Extensions, same) {
			return nil, "the server chose an extension that was not offered"
		}
		if slices.ContainsFunc(list[:i], same) {
			return nil, "the server chose an extension twice"
		}
	}
	return list, ""
}
