package handshake_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/handshake"
)

func TestOffer_Check(t *testing.T) {
	offer := handshake.Offer{
		Key:          sampleKey,
		Subprotocols: []string{"chat", "superchat"},
		Extensions:   []handshake.Extension{ext("permessage-deflate", flag("client_max_window_bits")), ext("permessage-deflate"), ext("x")},
	}
	change := func(old, new string) string {
		if !strings.Contains(goodResponse, old) {
			t.Fatalf("not in the sample: %q", old)
		}
		return strings.Replace(goodResponse, old, new, 1)
	}
	add := func(lines ...string) string {
		return strings.TrimSuffix(goodResponse, "\r\n") + strings.Join(lines, "\r\n") + "\r\n\r\n"
	}
	plain := handshake.Answer{}
	tests := []struct {
		name, rfc, head string
		want            *handshake.Answer // nil: refused
	}{
		{"plain", "RFC 6455 section 4.1", goodResponse, &plain},
		{"case and lists", "RFC 6455 section 4.1", strings.Replace(change("Upgrade: websocket", "Upgrade: WebSocket"), "Connection: Upgrade", "Connection: keep-alive, upgrade", 1), &plain},
		{"space around accept", "RFC 6455 section 4.1 item 4", change("xOo=", "xOo=  "), &plain},
		{"no body, whatever it says", "RFC 9112 section 6.3", add("Content-Length: 5", "Transfer-Encoding: chunked"), &plain},
		{"subprotocol", "RFC 6455 section 4.1 item 6", add("Sec-WebSocket-Protocol: superchat"), &handshake.Answer{Subprotocol: "superchat"}},
		{"extension", "RFC 6455 section 4.1 item 5", add("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover, x"), &handshake.Answer{
			Extensions: []handshake.Extension{ext("permessage-deflate", flag("server_no_context_takeover")), ext("x")},
		}},

		{"status 200", "RFC 6455 section 4.1", change("101 Switching Protocols", "200 OK"), nil},
		{"status 100", "RFC 6455 section 4.1", change("101 Switching Protocols", "100 Continue"), nil},
		{"status 401", "RFC 6455 section 4.1", change("101 Switching Protocols", "401 Unauthorized"), nil},
		{"status 302", "RFC 6455 section 4.1", change("101 Switching Protocols", "302 Found"), nil},
		{"HTTP/1.0", "RFC 9110 section 15.2", change("HTTP/1.1", "HTTP/1.0"), nil},
		{"no Upgrade", "RFC 6455 section 4.1", change("Upgrade: websocket\r\n", ""), nil},
		{"another Upgrade", "RFC 6455 section 4.1", change("Upgrade: websocket", "Upgrade: h2c"), nil},
		{"two Upgrades", "RFC 6455 section 4.1", change("Upgrade: websocket", "Upgrade: websocket, h2c"), nil},
		{"two Upgrade lines", "RFC 6455 section 4.1", add("Upgrade: websocket"), nil},
		{"Kelvin sign", "RFC 6455 section 4.1", change("websocket", "websoc\u212aet"), nil},
		{"no Connection", "RFC 6455 section 4.1", change("Connection: Upgrade\r\n", ""), nil},
		{"another Connection", "RFC 6455 section 4.1", change("Connection: Upgrade", "Connection: close"), nil},
		{"no accept", "RFC 6455 section 4.1", change("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", ""), nil},
		{"accept of another key", "RFC 6455 section 4.1", change("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", handshake.AcceptKey("x")), nil},
		{"accept in lower case", "RFC 6455 section 4.1", change("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", strings.ToLower("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")), nil},
		{"accept is the key", "RFC 6455 section 4.1", change("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", sampleKey), nil},
		{"accept empty", "RFC 6455 section 4.1", change("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", ""), nil},
		{"accept twice", "RFC 6455 section 11.3.3", add("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), nil},
		{"subprotocol not offered", "RFC 6455 section 4.1", add("Sec-WebSocket-Protocol: mqtt"), nil},
		{"subprotocol in another case", "RFC 6455 section 4.1", add("Sec-WebSocket-Protocol: Chat"), nil},
		{"subprotocol empty", "RFC 6455 section 4.1", add("Sec-WebSocket-Protocol:"), nil},
		{"two subprotocols", "RFC 6455 section 4.1", add("Sec-WebSocket-Protocol: chat, superchat"), nil},
		{"two subprotocol lines", "RFC 6455 section 11.3.4", add("Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: chat"), nil},
		{"extension not offered", "RFC 6455 section 4.1", add("Sec-WebSocket-Extensions: mux"), nil},
		{"extension in another case", "RFC 6455 section 4.1", add("Sec-WebSocket-Extensions: X"), nil},
		{"extension malformed", "RFC 6455 section 9.1", add("Sec-WebSocket-Extensions: x;"), nil},
		{"extension empty", "RFC 6455 section 9.1", add("Sec-WebSocket-Extensions:"), nil},
		{"extension twice", "RFC 6455 section 9.1", add("Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate"), nil},
		{"two extension lines", "RFC 6455 section 11.3.2", add("Sec-WebSocket-Extensions: x", "Sec-WebSocket-Extensions: permessage-deflate"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, _, err := arriveResponse(t, []byte(tt.head))
			if err != nil {
				t.Fatal(err)
			}
			got, err := offer.Check(r)
			if tt.want != nil {
				want := *tt.want
				want.Header = r.Header
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Fatalf("%s: got %v (-want +got):\n%s", tt.rfc, err, diff)
				}
				return
			}
			e, ok := errors.AsType[*handshake.RejectError](err)
			if !ok || e.Section != tt.rfc || e.Status != r.StatusCode || !cmp.Equal(e.Header, r.Header) {
				t.Fatalf("got %#v; want a RejectError of %s with the response's status and header", err, tt.rfc)
			}
			if !cmp.Equal(got, handshake.Answer{}) {
				t.Errorf("got answer %v; want none", got)
			}
		})
	}
}

// A client that offered nothing accepts nothing.
func TestOffer_Check_nothingOffered(t *testing.T) {
	for _, line := range []string{"Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: permessage-deflate"} {
		r, _, err := handshake.ParseResponse([]byte(strings.TrimSuffix(goodResponse, "\r\n") + line + "\r\n\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (handshake.Offer{Key: sampleKey}).Check(r); err == nil {
			t.Errorf("%s: got no error", line)
		}
	}
}

func ExampleOffer_Check() {
	offer := handshake.Offer{Key: "dGhlIHNhbXBsZSBub25jZQ==", Subprotocols: []string{"chat"}}
	r, n, err := handshake.ParseResponse([]byte("HTTP/1.1 101 Switching Protocols\r\n" +
		"Upgrade: websocket\r\n" +
		"Connection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
		"Sec-WebSocket-Protocol: chat\r\n\r\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := offer.Check(r)
	fmt.Println(n, answer.Subprotocol, err)

	r.Header.Set("Sec-WebSocket-Accept", "something else")
	_, err = offer.Check(r)
	fmt.Println(err)

	r.StatusCode = http.StatusForbidden
	_, err = offer.Check(r)
	if e, ok := errors.AsType[*handshake.RejectError](err); ok {
		fmt.Println(e.Status, e.Reason)
	}
	// Output:
	// 159 chat <nil>
	// handshake: Sec-WebSocket-Accept does not answer the key (status 101, RFC 6455 section 4.1)
	// 403 the server answered 403 Forbidden
}
