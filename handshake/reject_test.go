package handshake_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/handshake"
)

var rejectTests = []struct {
	name   string
	e      handshake.RejectError
	status int
	want   http.Header // besides the fields of every refusal
	body   string
}{
	{"plain", handshake.RejectError{Status: 400, Section: "RFC 6455 section 4.2.1", Reason: "no"}, 400, nil, "no (RFC 6455 section 4.2.1)\n"},
	{"no section", handshake.RejectError{Status: 403, Reason: "no"}, 403, nil, "no\n"},
	{"with fields", handshake.RejectError{Status: 405, Header: http.Header{"Allow": {"GET"}, "X": {"1", "2"}}}, 405, http.Header{"Allow": {"GET"}, "X": {"1", "2"}}, "\n"},
	{
		"upgrade required (RFC 9110 section 15.5.22)",
		handshake.RejectError{Status: 426, Header: http.Header{"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Version": {"13"}}},
		426, http.Header{"Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}}, "\n",
	},
	{"redirect", handshake.RejectError{Status: 302, Header: http.Header{"Location": {"/x"}}}, 302, http.Header{"Location": {"/x"}}, "\n"},
	{"no status, as from ParseResponse", handshake.RejectError{Reason: "x"}, 502, nil, "x\n"},
	{"101, as from Check", handshake.RejectError{Status: 101, Reason: "x"}, 502, nil, "x\n"},
	{"200, as from Check", handshake.RejectError{Status: 200}, 502, nil, "\n"},
	{"304 has no body", handshake.RejectError{Status: 304}, 502, nil, "\n"},
	{"beyond the last class", handshake.RejectError{Status: 600}, 502, nil, "\n"},
	{"a status without a name", handshake.RejectError{Status: 599}, 599, nil, "\n"},
	{
		"another connection's fields",
		handshake.RejectError{Status: 401, Header: http.Header{
			"Www-Authenticate": {"Basic"}, "content-length": {"500"}, "Transfer-Encoding": {"chunked"}, "Content-Encoding": {"br"},
			"Content-Type": {"text/html"}, "Trailer": {"X"}, "Keep-Alive": {"x"}, "Connection": {"keep-alive"}, "Proxy-Connection": {"x"},
		}},
		401, http.Header{"Www-Authenticate": {"Basic"}}, "\n",
	},
	{
		"CR, LF and NUL never pass",
		handshake.RejectError{Status: 400, Section: "a\r\nb", Reason: "c\r\n\r\n\x00d", Header: http.Header{"A\r\nB": {"c"}, "A": {"b\r\nC: d"}, "E": {"\x00", "f"}}},
		400, http.Header{"E": {"f"}}, "c     d (a  b)\n",
	},
}

func TestRejectError_Append(t *testing.T) {
	for _, tt := range rejectTests {
		t.Run(tt.name, func(t *testing.T) {
			response := tt.e.Append([]byte("before"))
			if !bytes.HasPrefix(response, []byte("before")) {
				t.Fatalf("got %q", response)
			}
			checkRefusal(t, response[len("before"):], tt.status, tt.want, tt.body)
		})
	}
}

// checkRefusal compares a whole response with what a refusal must have, and with what net/http
// reads.
func checkRefusal(t *testing.T, response []byte, status int, want http.Header, body string) {
	t.Helper()
	std, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(response)), nil)
	if err != nil {
		t.Fatalf("%v in %q", err, response)
	}
	if got, err := io.ReadAll(std.Body); err != nil || string(got) != body || !std.Close {
		t.Errorf("net/http: got %q, %v, close %v; want %q, close", got, err, std.Close, body)
	}
	r, n, err := handshake.ParseResponse(response)
	if err != nil {
		t.Fatalf("%v in %q", err, response)
	}
	if r.StatusCode != status || string(response[n:]) != body {
		t.Errorf("got %d, body %q; want %d, body %q", r.StatusCode, response[n:], status, body)
	}
	connection := r.Header["Connection"]
	if !handshake.HasToken(connection, "close") || handshake.HasToken(connection, "Upgrade") != (want.Get("Upgrade") != "") {
		t.Errorf("got Connection %q with Upgrade %q (RFC 9110 section 7.8)", connection, want.Get("Upgrade"))
	}
	r.Header.Del("Connection")
	r.Header.Del("Date") // net/http's own
	full := http.Header{
		"Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"}, "Content-Length": {strconv.Itoa(len(body))},
	}
	maps.Copy(full, want)
	if diff := cmp.Diff(full, r.Header); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The refusal, through a real server of net/http, closes the connection.
func TestRejectError_ServeHTTP(t *testing.T) {
	for _, tt := range rejectTests {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(tt.e.ServeHTTP))
			defer srv.Close()
			nc, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			io.WriteString(nc, good)
			response, err := io.ReadAll(nc) // ends with the connection
			if err != nil {
				t.Fatal(err)
			}
			checkRefusal(t, response, tt.status, tt.want, tt.body)
		})
	}
}

// RFC 9113 section 8.2.2: no Connection and no Upgrade in HTTP/2.
func TestRejectError_ServeHTTP_http2(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0
	e := handshake.RejectError{Status: 426, Header: http.Header{"Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}}}
	e.ServeHTTP(w, r)
	if h := w.Header(); w.Code != 426 || h.Get("Connection") != "" || h.Get("Upgrade") != "" || h.Get("Sec-WebSocket-Version") != "13" {
		t.Errorf("got %d, %v", w.Code, h)
	}
}

func ExampleRejectError() {
	_, _, err := handshake.ParseRequest([]byte("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"))
	e := err.(*handshake.RejectError)
	fmt.Println(e)
	fmt.Println("another handler may have it:", e.NotUpgrade)
	fmt.Print(strings.ReplaceAll(string(e.Append(nil)), "\r\n", "\n"))
	// Output:
	// handshake: the request asks for no upgrade to websocket (status 426, RFC 6455 section 4.2.1)
	// another handler may have it: true
	// HTTP/1.1 426 Upgrade Required
	// Connection: close, Upgrade
	// Content-Type: text/plain; charset=utf-8
	// X-Content-Type-Options: nosniff
	// Content-Length: 70
	// Sec-Websocket-Version: 13
	// Upgrade: websocket
	//
	// the request asks for no upgrade to websocket (RFC 6455 section 4.2.1)
}
