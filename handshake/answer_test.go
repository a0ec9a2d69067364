package handshake_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/handshake"
)

func TestAnswer_Append(t *testing.T) {
	const start = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
	tests := []struct {
		name, rfc string
		answer    handshake.Answer
		want      string
	}{
		{"plain", "RFC 6455 section 4.2.2", handshake.Answer{}, ""},
		{"subprotocol", "RFC 6455 section 4.2.2", handshake.Answer{Subprotocol: "chat"}, "Sec-WebSocket-Protocol: chat\r\n"},
		{"extensions", "RFC 6455 section 11.3.2, one line", handshake.Answer{Extensions: []handshake.Extension{ext("a", flag("b")), ext("c")}}, "Sec-WebSocket-Extensions: a; b, c\r\n"},
		{"fields, sorted", "RFC 9110 section 5.3", handshake.Answer{Header: http.Header{"B": {"1", "2"}, "A": {"3"}}}, "A: 3\r\nB: 1\r\nB: 2\r\n"},
		{"reserved fields", "RFC 6455 section 4.2.2", handshake.Answer{Header: reserved()}, "X-Kept: kept\r\n"},
		{"subprotocol with a line end", "RFC 9112 section 11.1", handshake.Answer{Subprotocol: "a\r\nX: y"}, ""},
		{"extension with a line end", "RFC 9112 section 11.1", handshake.Answer{Extensions: []handshake.Extension{ext("a\r\nX: y"), ext("b", value("c", "\r\n")), ext("d", flag("\n")), ext("e")}}, "Sec-WebSocket-Extensions: e\r\n"},
		{"no extension left", "RFC 6455 section 9.1", handshake.Answer{Extensions: []handshake.Extension{ext("")}}, ""},
		{"names that are no tokens", "RFC 9110 section 5.1", handshake.Answer{Header: http.Header{"A\r\nB": {"c"}, "": {"c"}, "A B": {"c"}, "A:": {"c"}}}, ""},
		{"values with line ends", "RFC 9110 section 5.5", handshake.Answer{Header: http.Header{"A": {"b\r\nC: d", "\r", "\n", "\x00", "kept"}}}, "A: kept\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			head := tt.answer.Append([]byte("before"), sampleKey)
			if diff := cmp.Diff("before"+start+tt.want+"\r\n", string(head)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.rfc, diff)
			}

			// net/http reads from it what SetHeader sets.
			r, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head[len("before"):])), nil)
			if err != nil {
				t.Fatal(err)
			}
			h := http.Header{"Connection": {"x"}, "X": {"y"}, "Content-Length": {"5"}, "Sec-Websocket-Protocol": {"stale"}}
			delete(r.Header, "X")
			tt.answer.SetHeader(h, sampleKey)
			delete(h, "X") // named by Connection
			if diff := cmp.Diff(r.Header, h); diff != "" {
				t.Errorf("SetHeader (-Append +SetHeader):\n%s", diff)
			}
			checkHeader(t, h)
		})
	}
}

// Whatever the key holds, it reaches the response only as a hash.
func TestAnswer_Append_hostileKey(t *testing.T) {
	head := handshake.Answer{}.Append(nil, "x\r\nX-Injected: yes\r\n\r\n")
	if bytes.Contains(head, []byte("Injected")) || bytes.Count(head, []byte("\r\n")) != 5 {
		t.Errorf("got %q", head)
	}
}

// The server half: a request comes in, a response goes out.
func ExampleAnswer_Append() {
	offer, _, err := handshake.ParseRequest([]byte("GET /chat HTTP/1.1\r\n" +
		"Host: server.example.com\r\n" +
		"Upgrade: websocket\r\n" +
		"Connection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Origin: http://example.com\r\n" +
		"Sec-WebSocket-Protocol: chat, superchat\r\n" +
		"Sec-WebSocket-Version: 13\r\n\r\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	answer := handshake.Answer{
		Subprotocol: offer.SelectSubprotocol([]string{"superchat", "chat"}),
		Header:      http.Header{"Set-Cookie": {"a=b"}},
	}
	fmt.Print(strings.ReplaceAll(string(answer.Append(nil, offer.Key)), "\r\n", "\n"))
	// Output:
	// HTTP/1.1 101 Switching Protocols
	// Upgrade: websocket
	// Connection: Upgrade
	// Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
	// Sec-WebSocket-Protocol: superchat
	// Set-Cookie: a=b
}
