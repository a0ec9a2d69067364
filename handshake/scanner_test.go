package handshake_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/handshake"
)

// lines is a head with n field lines of 10 bytes each.
func lines(n int) string {
	return "GET / HTTP/1.1\r\n" + strings.Repeat("abcde: f\r\n", n) + "\r\n"
}

// sized is a head of exactly n bytes.
func sized(n int) string {
	head := "GET / HTTP/1.1\r\nX: \r\n\r\n"
	return strings.Replace(head, "X: ", "X: "+strings.Repeat("x", n-len(head)), 1)
}

func TestHeadScanner(t *testing.T) {
	tests := []struct {
		name, rfc string
		maxBytes  int
		maxLines  int
		in        string
		end       int
		status    int
	}{
		{"nothing", "RFC 9112 section 2.1", 0, 0, "", 0, 0},
		{"no end yet", "RFC 9112 section 2.1", 0, 0, "GET / HTTP/1.1\r\nA: b\r\n\r", 0, 0},
		{"a head", "RFC 9112 section 2.1", 0, 0, "GET / HTTP/1.1\r\nA: b\r\n\r\n", 24, 0},
		{"a head without fields", "RFC 9112 section 2.1", 0, 0, "GET / HTTP/1.1\r\n\r\n", 18, 0},
		{"the first of two", "RFC 9112 section 2.1", 0, 0, "A\r\n\r\nB\r\n\r\n", 5, 0},
		{"CR CR LF is no empty line", "RFC 9112 section 2.2", 0, 0, "A\r\n\r\r\n", 0, 0},
		{"empty line first", "RFC 9112 section 2.1", 0, 0, "\r\nA\r\n\r\n", 0, 400},
		{"bare LF", "RFC 9112 section 2.2", 0, 0, "A\nB\r\n\r\n", 0, 400},
		{"bare LF first", "RFC 9112 section 2.2", 0, 0, "\n", 0, 400},
		{"bare LF for the empty line", "RFC 9112 section 2.2", 0, 0, "A\r\n\n", 0, 400},
		{"bytes, default, just", "RFC 6585 section 5", 0, 0, sized(handshake.MaxHeadBytes), handshake.MaxHeadBytes, 0},
		{"bytes, default, one more", "RFC 6585 section 5", 0, 0, sized(handshake.MaxHeadBytes + 1), 0, 431},
		{"bytes, default, no end in sight", "RFC 6585 section 5", 0, 0, sized(2 * handshake.MaxHeadBytes)[:handshake.MaxHeadBytes], 0, 431},
		{"bytes, just", "RFC 6585 section 5", 30, 0, sized(30), 30, 0},
		{"bytes, one more", "RFC 6585 section 5", 30, 0, sized(31), 0, 431},
		{"bytes, no limit", "RFC 6585 section 5", -1, 0, sized(1 << 20), 1 << 20, 0},
		{"first line", "RFC 9110 section 15.5.15", 30, 0, strings.Repeat("x", 30), 0, 414},
		{"first line, unfinished", "RFC 9110 section 15.5.15", 30, 0, strings.Repeat("x", 29), 0, 0},
		{"first line, LF too late", "RFC 9110 section 15.5.15", 30, 0, strings.Repeat("x", 29) + "\r\n\r\n", 0, 414},
		{"first line, default", "RFC 9110 section 15.5.15", 0, 0, "GET /" + strings.Repeat("x", handshake.MaxHeadBytes), 0, 414},
		{"lines, default, just", "RFC 6585 section 5", 0, 0, lines(handshake.MaxHeadLines), 18 + 10*handshake.MaxHeadLines, 0},
		{"lines, default, one more", "RFC 6585 section 5", 0, 0, lines(handshake.MaxHeadLines + 1), 0, 431},
		{"lines, just", "RFC 6585 section 5", 0, 2, lines(2), 38, 0},
		{"lines, one more", "RFC 6585 section 5", 0, 2, lines(3), 0, 431},
		{"lines, no limit", "RFC 6585 section 5", -1, -1, lines(10000), 100018, 0},
		{"too many lines, then a bare LF", "RFC 6585 section 5", 0, 1, "A\r\nB\r\nC\r\nD\n", 0, 431},
		{"a bare LF, then too many lines", "RFC 9112 section 2.2", 0, 1, "A\r\nB\nC\r\nD\r\n", 0, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := []byte(tt.in)
			ways := arrivals(len(in))
			if len(in) > 1<<16 {
				ways = ways[:2]
			}
			for _, way := range ways {
				s := handshake.HeadScanner{MaxBytes: tt.maxBytes, MaxLines: tt.maxLines}
				var end int
				var err error
				for _, have := range way {
					if end, err = s.Scan(in[:have:have]); end != 0 || err != nil {
						break
					}
				}
				e, _ := errors.AsType[*handshake.RejectError](err)
				if end != tt.end || (e == nil) != (tt.status == 0) || e != nil && e.Status != tt.status {
					t.Fatalf("%s, in pieces %v: got %d, %v; want %d, status %d", tt.rfc, way, end, err, tt.end, tt.status)
				}
				if end2, err2 := s.Scan(in); (end != 0 || err != nil) && (end2 != end || err2 != err) {
					t.Fatalf("asked again: got %d, %v; want %d, %v", end2, err2, end, err)
				}
			}
		})
	}
}

// A scanner that is given less than before, which nobody should do, asks for more.
func TestHeadScanner_shrunkBuffer(t *testing.T) {
	var s handshake.HeadScanner
	if _, err := s.Scan([]byte(good)); err != nil {
		t.Fatal(err)
	}
	if _, n, err := s.ParseRequest([]byte(good)[:10:10]); n != 0 || err != io.ErrUnexpectedEOF {
		t.Errorf("request: got %d, %v; want io.ErrUnexpectedEOF", n, err)
	}
	if _, n, err := s.ParseResponse([]byte(good)[:10:10]); n != 0 || err != io.ErrUnexpectedEOF {
		t.Errorf("response: got %d, %v; want io.ErrUnexpectedEOF", n, err)
	}
}

func TestHeadScanner_limitsReachParsers(t *testing.T) {
	head := strings.Replace(good, "\r\n\r\n", "\r\nX: "+strings.Repeat("x", 2*handshake.MaxHeadBytes)+"\r\n\r\n", 1)
	s := handshake.HeadScanner{MaxBytes: 4 * handshake.MaxHeadBytes}
	if _, n, err := s.ParseRequest([]byte(head)); n != len(head) || err != nil {
		t.Errorf("request: got %d, %v; want %d", n, err, len(head))
	}
	s = handshake.HeadScanner{MaxBytes: 20}
	if _, _, err := s.ParseRequest([]byte(good)); err == nil {
		t.Error("request: got no error over the limit")
	}
	s = handshake.HeadScanner{MaxLines: 1}
	if _, _, err := s.ParseResponse([]byte("HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\n")); err == nil {
		t.Error("response: got no error over the limit")
	}
}

func ExampleHeadScanner() {
	var s handshake.HeadScanner
	var buf []byte
	for _, piece := range []string{"GET /chat HT", "TP/1.1\r\nHost: example.com\r", "\n\r\n\x81\x85"} {
		buf = append(buf, piece...)
		end, err := s.Scan(buf)
		fmt.Println(end, err)
	}
	// Output:
	// 0 <nil>
	// 0 <nil>
	// 41 <nil>
}

// A server that reads in pieces calls ParseRequest after each and waits for another outcome than
// io.ErrUnexpectedEOF. What follows the head belongs to the frames.
func ExampleHeadScanner_ParseRequest() {
	s := handshake.HeadScanner{MaxBytes: 4 << 10}
	var buf []byte
	for _, piece := range []string{
		"GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnec",
		"tion: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
		"\r\n\x81\x02hi",
	} {
		buf = append(buf, piece...)
		offer, n, err := s.ParseRequest(buf)
		if err == io.ErrUnexpectedEOF {
			fmt.Println("more")
			continue
		}
		fmt.Printf("%s %q %v\n", offer.Target, buf[n:], err)
	}
	// Output:
	// more
	// more
	// /chat "\x81\x02hi" <nil>
}
