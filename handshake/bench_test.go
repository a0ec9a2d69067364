package handshake_test

import (
	"bufio"
	"crypto/fips140"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/handshake"
)

// browserRequest is what a current browser sends, field by field.
const browserRequest = "GET /socket?room=1&token=abcdef HTTP/1.1\r\n" +
	"Host: www.example.com:8443\r\n" +
	"Connection: Upgrade\r\n" +
	"Pragma: no-cache\r\n" +
	"Cache-Control: no-cache\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n" +
	"Upgrade: websocket\r\n" +
	"Origin: https://www.example.com:8443\r\n" +
	"Sec-WebSocket-Version: 13\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Accept-Language: en-GB,en;q=0.9\r\n" +
	"Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
	"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" +
	"\r\n"

// Budgets of allocations. ParseRequest: one copy of the head, one array of values, the header map,
// and the lists of extensions and parameters. Of these, CheckRequest makes the lists alone.
const (
	parseRequestAllocs = 8
	checkRequestAllocs = 2
)

func TestAllocations(t *testing.T) {
	head := []byte(browserRequest)
	if n := testing.AllocsPerRun(100, func() { handshake.ParseRequest(head) }); n > parseRequestAllocs {
		t.Errorf("ParseRequest: got %v; want at most %d", n, parseRequestAllocs)
	}
	r := browserHTTPRequest(t)
	if n := testing.AllocsPerRun(100, func() { handshake.CheckRequest(r) }); n > checkRequestAllocs {
		t.Errorf("CheckRequest: got %v; want at most %d", n, checkRequestAllocs)
	}
	buf := make([]byte, 0, 512)
	if n := testing.AllocsPerRun(100, func() { benchAnswer.Append(buf, sampleKey) }); n != 0 && !fips140.Enforced() {
		t.Errorf("Answer.Append: got %v; want 0", n)
	}
}

var benchAnswer = handshake.Answer{
	Subprotocol: "chat",
	Extensions:  []handshake.Extension{ext("permessage-deflate", flag("server_no_context_takeover"), flag("client_no_context_takeover"))},
}

func browserHTTPRequest(tb testing.TB) *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(browserRequest)))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func BenchmarkParseRequest(b *testing.B) {
	head := []byte(browserRequest)
	b.SetBytes(int64(len(head)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := handshake.ParseRequest(head); err != nil {
			b.Fatal(err)
		}
	}
}

// What a server on net/http pays before it gets to CheckRequest, to compare.
func BenchmarkReadRequest(b *testing.B) {
	src := strings.NewReader(browserRequest)
	br := bufio.NewReader(src)
	b.SetBytes(int64(len(browserRequest)))
	b.ReportAllocs()
	for b.Loop() {
		src.Reset(browserRequest)
		br.Reset(src)
		r, err := http.ReadRequest(br)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := handshake.CheckRequest(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckRequest(b *testing.B) {
	r := browserHTTPRequest(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := handshake.CheckRequest(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAnswerAppend(b *testing.B) {
	buf := make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		benchAnswer.Append(buf, sampleKey)
	}
}

func BenchmarkAcceptKey(b *testing.B) {
	var buf [64]byte
	b.ReportAllocs()
	for b.Loop() {
		handshake.AppendAcceptKey(buf[:0], sampleKey)
	}
}

// Hostile input of twice the size should take about twice the time.
func BenchmarkHostile(b *testing.B) {
	for _, tt := range []struct{ input, start, unit, end string }{
		{"tokens", "Sec-WebSocket-Protocol: a", ",a", ""},
		{"spaces", "Sec-WebSocket-Protocol: a", " ", "b"},
		{"extensions", "Sec-WebSocket-Extensions: a", ", a", ";"},
		{"backslashes", `Sec-WebSocket-Extensions: a; b="`, `\a`, ""},
		{"lines", "X: y", "\r\nX: y", ""},
		{"connection", "Connection: x", ",", ""},
	} {
		for _, size := range []int{1 << 13, 1 << 14, 1 << 15} {
			b.Run(fmt.Sprintf("input=%s/size=%d", tt.input, size), func(b *testing.B) {
				head := []byte(also(tt.start + strings.Repeat(tt.unit, size/len(tt.unit)) + tt.end))
				b.SetBytes(int64(len(head)))
				b.ReportAllocs()
				for b.Loop() {
					s := handshake.HeadScanner{MaxBytes: -1, MaxLines: -1}
					if _, _, err := s.ParseRequest(head); err == io.ErrUnexpectedEOF {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
