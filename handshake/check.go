package handshake

import (
	"net/http"
	"slices"
	"strconv"
)

// Check compares a server's response with the offer that was sent (RFC 6455 section 4.1, the
// numbered list of what a client must validate). What was not offered is an error. The error is a
// [*RejectError] with the response's Status and Header, and the connection carries no frames then.
// Answer.Header is r.Header, not a copy. Body and fields that frame one are not looked at: a 101
// response ends with its head, whatever they say (RFC 9112 section 6.3).
func (o Offer) Check(r *http.Response) (Answer, error) {
	a := Answer{Header: r.Header}
	fault := checkSwitch(r, o.Key)
	if fault == nil {
		a.Subprotocol, fault = o.checkSubprotocol(r.Header["Sec-Websocket-Protocol"])
	}
	if fault == nil {
		a.Extensions, fault = o.checkExtensions(r.Header["Sec-Websocket-Extensions"])
	}
	if fault != nil {
		fault.Status, fault.Header = r.StatusCode, r.Header
		return Answer{}, fault
	}
	return a, nil
}

const clientSection = "RFC 6455 section 4.1"

// checkSwitch checks that the response changes to the protocol that key asked for.
func checkSwitch(r *http.Response, key string) *RejectError {
	upgrade, accept := r.Header["Upgrade"], r.Header["Sec-Websocket-Accept"]
	switch {
	case r.StatusCode != http.StatusSwitchingProtocols:
		return badRequest(clientSection, "the server answered "+strconv.Itoa(r.StatusCode)+" "+http.StatusText(r.StatusCode))
	case r.ProtoMajor == 1 && r.ProtoMinor == 0:
		return badRequest("RFC 9110 section 15.2", "the server answered 101 in HTTP/1.0, which has no upgrade")
	case len(upgrade) != 1 || !equalFold(trimOWS(upgrade[0]), "websocket"):
		return badRequest(clientSection, "Upgrade is not websocket")
	case !HasToken(r.Header["Connection"], "upgrade"):
		return badRequest(clientSection, "Connection does not name Upgrade")
	case len(accept) > 1:
		return badRequest("RFC 6455 section 11.3.3", "there is more than one Sec-WebSocket-Accept")
	case len(accept) == 0 || trimOWS(accept[0]) != AcceptKey(key):
		return badRequest(clientSection, "Sec-WebSocket-Accept does not answer the key")
	}
	return nil
}

func (o Offer) checkSubprotocol(lines []string) (string, *RejectError) {
	switch len(lines) {
	case 0:
		return "", nil
	case 1:
		if name := trimOWS(lines[0]); slices.Contains(o.Subprotocols, name) {
			return name, nil
		}
		return "", badRequest(clientSection, "the server chose a subprotocol that was not offered")
	}
	return "", badRequest("RFC 6455 section 11.3.4", "there is more than one Sec-WebSocket-Protocol")
}

func (o Offer) checkExtensions(lines []string) ([]Extension, *RejectError) {
	if len(lines) > 1 {
		return nil, badRequest("RFC 6455 section 11.3.2", "there is more than one Sec-WebSocket-Extensions")
	}
	list, err := ParseExtensions(lines)
	if err != nil {
		return nil, inField("Sec-WebSocket-Extensions", err)
	}
	for i, e := range list {
		same := func(other Extension) bool { return other.Name == e.Name }
		if !slices.ContainsFunc(o.Extensions, same) {
			return nil, badRequest(clientSection, "the server chose an extension that was not offered")
		}
		// Several offers of one name are alternatives.
		if slices.ContainsFunc(list[:i], same) {
			return nil, badRequest("RFC 6455 section 9.1", "the server chose an extension twice")
		}
	}
	return list, nil
}
