package handshake_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/handshake"
)

// disagreement says where ParseRequest and http.ReadRequest with CheckRequest read b differently,
// "" where they do not. What ParseRequest takes, net/http must take, with the same offer. What only
// ParseRequest refuses must be a matter of HTTP, where it is strict and net/http is lenient or
// hides the fault, never of the handshake.
func disagreement(b []byte) string {
	raw, n, rawErr := handshake.ParseRequest(b)
	if rawErr == io.ErrUnexpectedEOF {
		return ""
	}
	r, httpErr := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
	if httpErr != nil {
		if rawErr == nil {
			return fmt.Sprintf("net/http refuses what ParseRequest takes: %v", httpErr)
		}
		return ""
	}
	if rawErr == nil {
		if rest, _ := io.ReadAll(r.Body); len(rest) > 0 {
			return fmt.Sprintf("net/http sees a body of %d bytes", len(rest))
		}
	}
	checked, checkErr := handshake.CheckRequest(r)
	if rawErr == nil && checkErr == nil {
		return offerDiff(raw, checked)
	}
	e, ok := errors.AsType[*handshake.RejectError](rawErr)
	if !ok {
		return fmt.Sprintf("CheckRequest gives %v, ParseRequest %v", checkErr, rawErr)
	}
	if e.NotUpgrade != (n > 0) {
		return fmt.Sprintf("n is %d with NotUpgrade %v", n, e.NotUpgrade)
	}
	if strings.HasPrefix(e.Section, "RFC 9") || strings.HasPrefix(e.Section, "RFC 6585") {
		return "" // HTTP itself: RFC 9110, 9112, and the limits
	}
	return cmp.Diff(rawErr, checkErr)
}

// offerDiff compares two offers but for what net/http does to a header: Host goes to its own field
// and "Pragma: no-cache" brings a Cache-Control along.
func offerDiff(raw, checked handshake.Offer) string {
	raw.Header.Del("Host")
	checked.Header.Del("Host")
	if slices.Equal(raw.Header["Pragma"], []string{"no-cache"}) || len(raw.Header["Pragma"]) > 0 && raw.Header["Pragma"][0] == "no-cache" {
		raw.Header.Del("Cache-Control")
		checked.Header.Del("Cache-Control")
	}
	return cmp.Diff(raw, checked)
}

func TestParseRequest_agreesWithCheckRequest(t *testing.T) {
	for _, head := range requestSeeds() {
		if diff := disagreement([]byte(head)); diff != "" {
			t.Errorf("%q: %s", head, diff)
		}
	}
}

// The same over everything that replacing one byte by one of a few others makes of a request.
func TestParseRequest_agreesWithCheckRequest_oneByteOff(t *testing.T) {
	head := []byte(also("Origin: http://a", "Sec-WebSocket-Protocol: chat, x", `Sec-WebSocket-Extensions: a; b="1"`, "Content-Length: 0", "Pragma: no-cache"))
	for i, old := range head {
		for _, c := range []byte("\x00\t\n\r \"#%*+,-/09:;=?AZ[\\]a{|\x7f\x80\xff") {
			head[i] = c
			if diff := disagreement(head); diff != "" {
				t.Errorf("byte %d = %q: %s", i, c, diff)
			}
		}
		head[i] = old
	}
}

func requestSeeds() []string {
	seeds := []string{
		good,
		browserRequest,
		also("Origin: http://example.com", "Sec-WebSocket-Protocol: chat, superchat"),
		with("/chat?x=1", "http://[::1]:80/x?y"),
		with("HTTP/1.1", "HTTP/1.2"),
		strings.ToLower(good),
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		strings.Repeat("GET", 100),
	}
	for _, tt := range requestTests {
		seeds = append(seeds, tt.head)
	}
	return seeds
}

func FuzzParseRequest(f *testing.F) {
	for i, head := range requestSeeds() {
		f.Add([]byte(head+"frames"), uint16(i))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint16) {
		o, n, err := handshake.ParseRequest(b)
		if n < 0 || n > len(b) {
			t.Fatalf("got n = %d of %d", n, len(b))
		}
		_, rejected := errors.AsType[*handshake.RejectError](err)
		if err != nil && err != io.ErrUnexpectedEOF && !rejected {
			t.Fatalf("got %v; want a RejectError", err)
		}
		if err == nil {
			if s := fmt.Sprint(o); strings.ContainsAny(s, "\r\n\x00") {
				t.Fatalf("got %q", s)
			}
			if _, m, err := handshake.ParseRequest(b[:n]); err != nil || m != n {
				t.Fatalf("the head alone: got n = %d, error %v; want %d", m, err, n)
			}
			if _, _, err := handshake.ParseRequest(b[:int(cut)%n]); err != io.ErrUnexpectedEOF {
				t.Fatalf("%d bytes of %d: got %v; want io.ErrUnexpectedEOF", int(cut)%n, n, err)
			}
			again, err := o.Append(nil)
			if err != nil {
				t.Fatalf("the offer cannot be sent on: %v", err)
			}
			sent, m, err := handshake.ParseRequest(again)
			if err != nil || m != len(again) {
				t.Fatalf("sent on as %q: %v", again, err)
			}
			o.Header, sent.Header = nil, nil
			if diff := cmp.Diff(o, sent); diff != "" {
				t.Fatalf("sent on as %q:\n%s", again, diff)
			}
		}

		// The same through a scanner, first with a piece that ends at cut.
		var s handshake.HeadScanner
		first := int(cut) % (len(b) + 1)
		o2, n2, err2 := s.ParseRequest(bytes.Clone(b[:first]))
		if err2 == io.ErrUnexpectedEOF {
			o2, n2, err2 = s.ParseRequest(b)
		}
		o.Header, o2.Header = nil, nil
		if n2 != n || !sameError(err, err2) || !cmp.Equal(o, o2) {
			t.Fatalf("cut at %d: got %v, %d, %v; want %v, %d, %v", first, o2, n2, err2, o, n, err)
		}

		if diff := disagreement(b); diff != "" {
			t.Fatal(diff)
		}
	})
}
