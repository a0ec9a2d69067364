package handshake_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/handshake"
)

// The tests of this file are named for bugs of other implementations.

// A request whose head came in thousands of pieces was parsed from its start each time. Here what
// was looked at is overwritten with what would end or break the head, and nothing notices: no byte
// is looked at twice.
func TestHeadScanner_CVE_2023_43669_looksOnce(t *testing.T) {
	head := []byte("GET / HTTP/1.1\r\n" + strings.Repeat("X: "+strings.Repeat("x", 40)+"\r\n", 20000) + "\r\n")
	want := len(head)
	s := handshake.HeadScanner{MaxBytes: -1, MaxLines: -1}
	poison := []byte("\n\r\n\r\n\n")
	for have := 1; have <= len(head); have++ {
		end, err := s.Scan(head[:have:have])
		if err != nil {
			t.Fatalf("at %d: %v", have, err)
		}
		if (end != 0) != (have == want) {
			t.Fatalf("at %d of %d: got end %d", have, want, end)
		}
		// The scanner may look back at the last byte, for the CR before an LF.
		head[have-1] = flip(head, have-1, poison)
	}
}

// flip gives what to write at i, once i+1 was seen, so that the last byte seen stays.
func flip(head []byte, i int, poison []byte) byte {
	if i > 0 {
		head[i-1] = poison[i%len(poison)]
	}
	return head[i]
}

// Endless heads end at the limit, in bytes and in lines, with a bounded answer.
func TestParseRequest_CVE_2023_43669_bounded(t *testing.T) {
	for _, tt := range []struct {
		name, start, more string
		status            int
	}{
		{"one long field", "GET / HTTP/1.1\r\nX: ", "x", 431},
		{"many fields", "GET / HTTP/1.1\r\n", "X: y\r\n", 431},
		{"one long name", "GET / HTTP/1.1\r\n", "x", 431},
		{"a long target", "GET /", "x", 414},
		{"no line at all", "", "\x16\x03\x01", 414},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s handshake.HeadScanner
			buf := []byte(tt.start)
			for {
				_, _, err := s.ParseRequest(buf)
				if err == io.ErrUnexpectedEOF {
					if buf = append(buf, tt.more...); len(buf) > handshake.MaxHeadBytes+len(tt.more) {
						t.Fatalf("%d bytes, and no end", len(buf))
					}
					continue
				}
				e, ok := errors.AsType[*handshake.RejectError](err)
				if !ok || e.Status != tt.status {
					t.Fatalf("got %v; want status %d", err, tt.status)
				}
				return
			}
		})
	}
}

// A request with more fields than the limit lost those beyond it, and a handler that took Upgrade
// for granted crashed. Here such a request is refused whole, wherever the handshake's fields stand
// in it.
func TestParseRequest_CVE_2024_37890_tooManyFields(t *testing.T) {
	many := strings.Repeat("X: y\r\n", handshake.MaxHeadLines)
	for _, head := range []string{
		with("Upgrade: websocket\r\n", many+"Upgrade: websocket\r\n"),
		strings.TrimSuffix(good, "\r\n") + many + "\r\n",
	} {
		o, n, err := arriveRequest(t, []byte(head))
		if e, ok := errors.AsType[*handshake.RejectError](err); !ok || e.Status != 431 || e.NotUpgrade {
			t.Errorf("got %v, %d, %v; want status 431", o, n, err)
		}
	}
}

// A list of subprotocols full of white space cost its length squared. A parser that looks back has
// 4*10^12 steps to do on the lists of this size and does not come to an end in the time a test has.
func TestParseTokens_CVE_2021_32640_linear(t *testing.T) {
	const size = 2 << 20
	for _, tt := range []struct{ name, list string }{
		{"spaces", "a" + strings.Repeat(" ", size) + "b"},
		{"tabs and spaces", strings.Repeat("\t ", size/2)},
		{"spaces and commas", strings.Repeat(" ,", size/2)},
		{"commas", strings.Repeat(",", size)},
		{"one token over and over", strings.Repeat("a,", size/2)},
		{"one long token", strings.Repeat("a", size) + " ?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := handshake.ParseTokens([]string{tt.list}); err == nil {
				t.Errorf("got %d tokens; want an error", len(got))
			}
			if handshake.HasToken([]string{tt.list}, "upgrade") {
				t.Error("got a token that is not there")
			}
		})
	}
}

// The same for extensions, whose grammar has more places for white space, quotes and backslashes.
func TestParseExtensions_linear(t *testing.T) {
	const size = 2 << 20
	for _, tt := range []struct{ name, list string }{
		{"spaces", "a" + strings.Repeat(" ", size) + "b"},
		{"spaces before a value", "a; b =" + strings.Repeat(" ", size)},
		{"commas", strings.Repeat(" ,", size/2)},
		{"semicolons", "a" + strings.Repeat(";", size)},
		{"open quotes", strings.Repeat(`a; b="`, size/6)},
		{"backslashes", `a; b="` + strings.Repeat(`\a`, size/2)},
		{"quoted backslashes", `a; b="` + strings.Repeat(`\\`, size/2) + `"`},
		{"many quoted values, the last one open", strings.Repeat(`a; b="\c", `, size/32) + `a; b="c`},
		{"many parameters, the last one bad", "a" + strings.Repeat("; b", size/16) + ";"},
		{"many extensions, the last one bad", strings.Repeat("a,", size/16) + "b;"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := handshake.ParseExtensions([]string{tt.list}); err == nil {
				t.Errorf("got %d extensions; want an error", len(got))
			}
		})
	}
}

// Whole heads without limits: repeated names, vast names and values, folded lines.
func TestParseRequest_linearWithoutLimits(t *testing.T) {
	const size = 2 << 20
	for _, tt := range []struct{ name, fields string }{
		{"one name over and over", strings.Repeat("X: y\r\n", size/6)},
		{"a long name", strings.Repeat("x", size) + ": y\r\n"},
		{"a long value", "X: " + strings.Repeat("y", size) + "\r\n"},
		{"a long value of spaces", "X: " + strings.Repeat(" ", size) + "\r\n"},
		{"empty values", strings.Repeat("x:\r\n", size/4)},
		{"Connection full of commas", "Connection: " + strings.Repeat(",", size) + "\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			head := []byte(with("Upgrade: ", tt.fields+"Upgrade: "))
			s := handshake.HeadScanner{MaxBytes: -1, MaxLines: -1}
			if _, n, err := s.ParseRequest(head); n != len(head) || err != nil {
				t.Errorf("got %d, %v; want %d", n, err, len(head))
			}
		})
	}
	folded := []byte("HTTP/1.1 101 OK\r\nX: y" + strings.Repeat("\r\n ", size/3) + "\r\n\r\n")
	s := handshake.HeadScanner{MaxBytes: -1, MaxLines: -1}
	if _, n, err := s.ParseResponse(folded); n != len(folded) || err != nil {
		t.Errorf("folded response: got %d, %v; want %d", n, err, len(folded))
	}
}

// A client let its user's text end a line of the request. Nothing that goes out holds a line end
// that this package did not write, in whatever part of an offer, an answer or a refusal it was put.
func TestOffer_Append_CVE_2026_1527_noLineEnds(t *testing.T) {
	const evil = "x\r\nX-Injected: yes\r\n\r\nGET /smuggled HTTP/1.1\r\n"
	for i := range 10 {
		o := sampleOffer()
		part := []*string{&o.Target, &o.Host, &o.Origin, &o.Key, &o.Subprotocols[0], &o.Extensions[0].Name,
			&o.Extensions[0].Params[0].Name, &o.Extensions[0].Params[1].Value, &o.Header["Cookie"][0]}
		if i < len(part) {
			*part[i] = evil
		} else {
			o.Header[evil] = []string{"x"}
		}
		if head, err := o.Append(nil); err == nil || len(head) > 0 {
			t.Errorf("offer, part %d: got %q", i, head)
		}
		answer := handshake.Answer{Subprotocol: o.Subprotocols[0], Extensions: o.Extensions, Header: o.Header}
		if head := answer.Append(nil, o.Key); bytes.Contains(head, []byte("\nX-Injected")) || bytes.Contains(head, []byte("\nGET")) {
			t.Errorf("answer, part %d: got %q", i, head)
		}
		reject := handshake.RejectError{Status: 400, Section: o.Host, Reason: o.Target, Header: o.Header}
		if head := reject.Append(nil); bytes.Contains(head, []byte("\nX-Injected")) || bytes.Contains(head, []byte("\nGET")) {
			t.Errorf("refusal, part %d: got %q", i, head)
		}
	}
}

// Fields of which some parsers take the first and some the last, under names that differ in case,
// never go out twice.
func TestOffer_Append_CVE_2026_1525_caseVariants(t *testing.T) {
	o := sampleOffer()
	for _, name := range []string{"content-length", "CONTENT-LENGTH", "host", "HOST", "transfer-encoding", "sec-websocket-key", "SEC-WEBSOCKET-KEY", "upgrade", "connection"} {
		o.Header[name] = []string{"1"}
	}
	head, err := o.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"host", "sec-websocket-key", "upgrade", "connection"} {
		if n := bytes.Count(bytes.ToLower(head), []byte("\r\n"+name+":")); n != 1 {
			t.Errorf("got %s %d times; want once", name, n)
		}
	}
	for _, name := range []string{"content-length", "transfer-encoding"} {
		if bytes.Contains(bytes.ToLower(head), []byte("\r\n"+name+":")) {
			t.Errorf("got %s", name)
		}
	}
}

// Cross-site WebSocket hijacking: prefixes, suffixes, schemes and ports that were taken for the
// same site.
func TestOrigin_CSWSH(t *testing.T) {
	for _, origin := range []string{
		"http://example.com.evil.net", "http://evil-example.com", "http://evilexample.com", "http://example.comevil.net", "http://example.co",
		"http://example.com:1234", "https://example.com:80", "http://www.example.com", "http://xexample.com", "null",
		"chrome-extension://example.com", "ftp://example.com", "http://example.com.",
	} {
		o := mustOrigin(t, origin)
		if o.Same("", "example.com") || o.Match("example.com") || o.Match("http://example.com") {
			t.Errorf("%s passes for http://example.com", origin)
		}
	}
	for _, origin := range []string{
		"http://example.com@evil.net", "http://evil.net/example.com", "http://evil.net?example.com", "http://evil.net#example.com",
		`http://evil.net\example.com`, "http://example.com\x00.evil.net", "http://example.com%00.evil.net", "http://example.com, http://evil.net", "//example.com", "example.com",
	} {
		if o, err := handshake.ParseOrigin(origin); err == nil {
			t.Errorf("%q: got %#v; want an error", origin, o)
		}
	}
}

// No byte of an HTTP message is read as a frame: a request that announces a body is refused,
// however it does so.
func TestParseRequest_bodyIsNoFrame(t *testing.T) {
	for _, field := range []string{
		"Content-Length: 2", "content-length: 2", "Content-Length: 02", "Content-Length: 18446744073709551616", "Content-Length: -1", "Content-Length: 0x2",
		"Transfer-Encoding: chunked", "Transfer-Encoding: identity", "Transfer-Encoding:", "transfer-encoding: x", "Transfer-Encoding: chunked\r\nContent-Length: 0",
	} {
		_, n, err := arriveRequest(t, []byte(also(field)+"\x81\x85"))
		if e, ok := errors.AsType[*handshake.RejectError](err); !ok || e.Status != 400 || n != 0 {
			t.Errorf("%q: got %d, %v; want status 400", field, n, err)
		}
	}
}

// What came along with the head is neither lost nor looked at: line ends, another request, frames.
func TestParseRequest_whatFollowsIsKept(t *testing.T) {
	for _, rest := range []string{"\x81\x85\x00\x00\x00\x00hello", "\n", "\r\n\r\n", good, strings.Repeat("\n", handshake.MaxHeadBytes)} {
		b := []byte(good + rest)
		if _, n, err := arriveRequest(t, b); err != nil || string(b[n:]) != rest {
			t.Errorf("got %d, %v; want %q left", n, err, rest)
		}
		b = []byte(goodResponse + rest)
		if _, n, err := arriveResponse(t, b); err != nil || string(b[n:]) != rest {
			t.Errorf("response: got %d, %v; want %q left", n, err, rest)
		}
	}
}

// A refusal closes the connection behind it: a proxy on the way may take it for a tunnel already.
func TestRejectError_Append_closes(t *testing.T) {
	for _, tt := range requestTests {
		_, _, err := handshake.ParseRequest([]byte(tt.head))
		e, ok := errors.AsType[*handshake.RejectError](err)
		if !ok {
			t.Fatalf("%s: got %v", tt.name, err)
		}
		response := e.Append(nil)
		r, n, err := handshake.ParseResponse(response)
		if err != nil || r.StatusCode != tt.status || !handshake.HasToken(r.Header["Connection"], "close") || r.ContentLength != int64(len(response)-n) {
			t.Errorf("%s: got %v\n%s", tt.name, err, response)
		}
	}
}

// Responses of 1xx come before the 101, in the same bytes. Each is bounded for itself; the caller
// counts them.
func TestParseResponse_1xxBefore101(t *testing.T) {
	stream := []byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + goodResponse + "\x81\x00")
	var codes []int
	for {
		r, n, err := handshake.ParseResponse(stream)
		if err != nil {
			t.Fatal(err)
		}
		stream = stream[n:]
		codes = append(codes, r.StatusCode)
		if r.StatusCode == 101 {
			if _, err := (handshake.Offer{Key: sampleKey}).Check(r); err != nil {
				t.Error(err)
			}
			break
		}
		if _, err := (handshake.Offer{Key: sampleKey}).Check(r); err == nil {
			t.Errorf("status %d passes for 101", r.StatusCode)
		}
	}
	if len(codes) != 3 || string(stream) != "\x81\x00" {
		t.Errorf("got %v, then %q", codes, stream)
	}
}
