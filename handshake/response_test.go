package handshake_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/handshake"
)

const goodResponse = "HTTP/1.1 101 Switching Protocols\r\n" +
	"Upgrade: websocket\r\n" +
	"Connection: Upgrade\r\n" +
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
	"\r\n"

var responseTests = []struct {
	name, rfc, head string
	status          int // 0: refused
	text            string
	header          http.Header
	length          int64
}{
	{"101", "RFC 6455 section 4.2.2", goodResponse, 101, "101 Switching Protocols", http.Header{"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Accept": {"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}}, -1},
	{"no reason", "RFC 9112 section 4", "HTTP/1.1 101 \r\n\r\n", 101, "101 ", http.Header{}, -1},
	{"no reason and no space", "RFC 9112 section 4", "HTTP/1.1 101\r\n\r\n", 101, "101", http.Header{}, -1},
	{"reason not ASCII", "RFC 9112 section 4", "HTTP/1.1 404 caf\xe9\r\n\r\n", 404, "404 caf\xe9", http.Header{}, -1},
	{"HTTP/1.0", "RFC 9112 section 2.3", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "200 OK", http.Header{"Content-Length": {"5"}}, 5},
	{"early hints", "RFC 8297 section 2", "HTTP/1.1 103 Early Hints\r\nLink: a\r\nlink: b\r\n\r\n" + goodResponse, 103, "103 Early Hints", http.Header{"Link": {"a", "b"}}, -1},
	{"chunked", "RFC 9112 section 6.1", "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n", 403, "403 Forbidden", http.Header{"Transfer-Encoding": {"chunked"}}, -1},
	{"folded", "RFC 9112 section 5.2", "HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\n  d\r\nE: f\r\n\r\n", 200, "200 OK", http.Header{"A": {"b  \tc    d"}, "E": {"f"}}, -1},
	{"folded, empty", "RFC 9112 section 5.2", "HTTP/1.1 200 OK\r\nA:\r\n \r\n\r\n", 200, "200 OK", http.Header{"A": {""}}, -1},
	{"odd length", "RFC 9112 section 6.3", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", 200, "200 OK", http.Header{"Content-Length": {"x"}}, -1},
	{"vast length", "RFC 9112 section 6.3", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", 200, "200 OK", http.Header{"Content-Length": {"99999999999999999999"}}, -1},
	{"two lengths", "RFC 9112 section 6.3", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 200, "200 OK", http.Header{"Content-Length": {"1", "1"}}, -1},

	{"HTTP/2", "RFC 9112 section 2.3", "HTTP/2.0 101 Switching Protocols\r\n\r\n", 0, "", nil, 0},
	{"not HTTP", "RFC 9112 section 2.3", "ICY 200 OK and so on\r\n\r\n", 0, "", nil, 0},
	{"not HTTP", "RFC 9112 section 4", "SSH-2.0-x\r\n\r\n", 0, "", nil, 0},
	{"two digits", "RFC 9112 section 4", "HTTP/1.1 10\r\n\r\n", 0, "", nil, 0},
	{"four digits", "RFC 9112 section 4", "HTTP/1.1 1010 OK\r\n\r\n", 0, "", nil, 0},
	{"status below 100", "RFC 9110 section 15", "HTTP/1.1 099 OK\r\n\r\n", 0, "", nil, 0},
	{"no digits", "RFC 9112 section 4", "HTTP/1.1 1x1 OK\r\n\r\n", 0, "", nil, 0},
	{"two spaces", "RFC 9112 section 4", "HTTP/1.1  101 OK\r\n\r\n", 0, "", nil, 0},
	{"tab", "RFC 9112 section 4", "HTTP/1.1 101\tOK\r\n\r\n", 0, "", nil, 0},
	{"NUL in the reason", "RFC 9112 section 4", "HTTP/1.1 101 O\x00K\r\n\r\n", 0, "", nil, 0},
	{"bare CR in the reason", "RFC 9112 section 4", "HTTP/1.1 101 O\rK\r\n\r\n", 0, "", nil, 0},
	{"empty line first", "RFC 9112 section 2.2", "\r\n" + goodResponse, 0, "", nil, 0},
	{"bare LF", "RFC 9112 section 2.2", "HTTP/1.1 101 OK\n\n", 0, "", nil, 0},
	{"first line folded", "RFC 9112 section 5.2", "HTTP/1.1 200 OK\r\n A: b\r\n\r\n", 0, "", nil, 0},
	{"space before colon", "RFC 9112 section 5.1", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", 0, "", nil, 0},
	{"NUL in a value", "RFC 9110 section 5.5", "HTTP/1.1 200 OK\r\nA: b\x00\r\n\r\n", 0, "", nil, 0},
	{"bare CR in a folded value", "RFC 9110 section 5.5", "HTTP/1.1 200 OK\r\nA: b\r\n c\rd\r\n\r\n", 0, "", nil, 0},
	{"too many lines", "RFC 6585 section 5", "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 101) + "\r\n", 0, "", nil, 0},
	{"too many bytes", "RFC 6585 section 5", "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("b", handshake.MaxHeadBytes), 0, "", nil, 0},
	{"endless line", "RFC 6585 section 5", strings.Repeat("b", handshake.MaxHeadBytes), 0, "", nil, 0},
}

func TestParseResponse(t *testing.T) {
	for _, tt := range responseTests {
		t.Run(tt.name, func(t *testing.T) {
			r, n, err := arriveResponse(t, []byte(tt.head))
			if tt.status == 0 {
				e, ok := errors.AsType[*handshake.RejectError](err)
				if !ok || e.Status != 0 || e.Header != nil || e.NotUpgrade || !strings.HasPrefix(e.Section, "RFC ") || r != nil || n != 0 {
					t.Fatalf("%s: got %v, %d, %#v; want a RejectError of status 0", tt.rfc, r, n, err)
				}
				return
			}
			if want := strings.Index(tt.head, "\r\n\r\n") + 4; err != nil || n != want {
				t.Fatalf("%s: got n = %d, error %v; want %d", tt.rfc, n, err, want)
			}
			if r.StatusCode != tt.status || r.Status != tt.text || r.ContentLength != tt.length || r.Body != http.NoBody {
				t.Errorf("%s: got %d, %q, length %d, body %v; want %d, %q, length %d, http.NoBody", tt.rfc, r.StatusCode, r.Status, r.ContentLength, r.Body, tt.status, tt.text, tt.length)
			}
			if diff := cmp.Diff(tt.header, r.Header); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.rfc, diff)
			}
		})
	}
}

func TestParseResponse_everyPrefix(t *testing.T) {
	for n := range len(goodResponse) {
		if _, got, err := handshake.ParseResponse([]byte(goodResponse[:n])); err != io.ErrUnexpectedEOF || got != 0 {
			t.Errorf("%d bytes: got n = %d, error %v; want io.ErrUnexpectedEOF", n, got, err)
		}
	}
}

// responseDisagreement compares with net/http, which must take whatever ParseResponse takes.
func responseDisagreement(b []byte) string {
	r, _, err := handshake.ParseResponse(b)
	if err != nil {
		return ""
	}
	if len(r.Header["Transfer-Encoding"])+len(r.Header["Content-Length"])+len(r.Header["Trailer"]) > 0 {
		return "" // net/http judges and changes them
	}
	if strings.Contains(string(b), "\r\n ") || strings.Contains(string(b), "\r\n\t") {
		return "" // one space for a folding there, two or more here
	}
	std, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(b)), nil)
	if err != nil {
		return fmt.Sprintf("net/http refuses what ParseResponse takes: %v", err)
	}
	// net/http cuts leading spaces off the reason.
	status := fmt.Sprintf("%03d", r.StatusCode) + strings.TrimLeft(r.Status[3:], " ")
	stdStatus := fmt.Sprintf("%03d", std.StatusCode) + strings.TrimLeft(std.Status[3:], " ")
	if len(r.Header["Pragma"]) > 0 {
		r.Header.Del("Cache-Control")
		std.Header.Del("Cache-Control")
	}
	return cmp.Diff([]any{std.ProtoMinor, stdStatus, std.Header}, []any{r.ProtoMinor, status, r.Header})
}

func FuzzParseResponse(f *testing.F) {
	for i, tt := range responseTests {
		f.Add([]byte(tt.head), uint16(i))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint16) {
		r, n, err := handshake.ParseResponse(b)
		if n < 0 || n > len(b) {
			t.Fatalf("got n = %d of %d", n, len(b))
		}
		if err == nil {
			if s := fmt.Sprint(r.Status, r.Header); strings.ContainsAny(s, "\r\n\x00") {
				t.Fatalf("got %q", s)
			}
			if _, _, err := handshake.ParseResponse(b[:int(cut)%n]); err != io.ErrUnexpectedEOF {
				t.Fatalf("%d bytes of %d: got %v; want io.ErrUnexpectedEOF", int(cut)%n, n, err)
			}
			(handshake.Offer{Key: sampleKey}).Check(r)
		} else if _, ok := errors.AsType[*handshake.RejectError](err); !ok && err != io.ErrUnexpectedEOF {
			t.Fatalf("got %v; want a RejectError", err)
		}
		var s handshake.HeadScanner
		first := int(cut) % (len(b) + 1)
		r2, n2, err2 := s.ParseResponse(bytes.Clone(b[:first]))
		if err2 == io.ErrUnexpectedEOF {
			r2, n2, err2 = s.ParseResponse(b)
		}
		if n2 != n || !sameError(err, err2) || err == nil && (r.Status != r2.Status || !cmp.Equal(r.Header, r2.Header)) {
			t.Fatalf("cut at %d: got %v, %d, %v; want %v, %d, %v", first, r2, n2, err2, r, n, err)
		}
		if diff := responseDisagreement(b); diff != "" {
			t.Fatal(diff)
		}
	})
}
