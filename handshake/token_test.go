package handshake_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/handshake"
)

func TestHasToken(t *testing.T) {
	tests := []struct {
		rfc   string
		lines []string
		token string
		want  bool
	}{
		{"no field", nil, "upgrade", false},
		{"RFC 6455 section 4.2.1", []string{"Upgrade"}, "upgrade", true},
		{"Firefox", []string{"keep-alive, Upgrade"}, "upgrade", true},
		{"RFC 9110 section 5.3, several lines", []string{"keep-alive", "UPGRADE"}, "upgrade", true},
		{"RFC 9110 section 5.6.1.2, empty elements", []string{", ,\t,upgrade,,"}, "upgrade", true},
		{"RFC 9110 section 5.6.3, OWS", []string{"a ,\t upgrade \t, b"}, "upgrade", true},
		{"RFC 9110 section 7.8, protocol with version", []string{"websocket/13"}, "websocket", false},
		{"whole elements", []string{"websocketx, xwebsocket, web socket"}, "websocket", false},
		{"ASCII only: Kelvin sign", []string{"websoc\u212aet"}, "websocket", false},
		{"OWS only: no-break space", []string{"\u00a0websocket"}, "websocket", false},
		{"OWS only: form feed", []string{"\fwebsocket"}, "websocket", false},
		{"empty field", []string{""}, "upgrade", false},
	}
	for _, tt := range tests {
		t.Run(tt.rfc, func(t *testing.T) {
			if got := handshake.HasToken(tt.lines, tt.token); got != tt.want {
				t.Errorf("HasToken(%q, %q): got %v; want %v", tt.lines, tt.token, got, tt.want)
			}
		})
	}
}

func TestHasToken_allocatesNothing(t *testing.T) {
	lines := []string{"keep-alive, x", "y, Upgrade"}
	if n := testing.AllocsPerRun(100, func() { handshake.HasToken(lines, "upgrade") }); n != 0 {
		t.Errorf("got %v allocations; want 0", n)
	}
}

// All pairs of bytes: only the 26 letters fold.
func TestEqualFold_everyPair(t *testing.T) {
	for a := range 256 {
		for b := range 256 {
			want := a == b || a < 128 && b < 128 && isLetter(a) && isLetter(b) && a|0x20 == b|0x20
			if got := handshake.EqualFold(string([]byte{byte(a)}), string([]byte{byte(b)})); got != want {
				t.Fatalf("%#x and %#x: got %v; want %v", a, b, got, want)
			}
		}
	}
}

func isLetter(c int) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// Every byte, as a token of its own: RFC 9110 section 5.6.2.
func TestParseTokens_everyByte(t *testing.T) {
	for c := range 256 {
		s := string([]byte{byte(c)})
		want := strings.Contains("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", s)
		if _, err := handshake.ParseTokens([]string{s}); (err == nil) != want {
			t.Errorf("byte %#x: got %v; want a token: %v", c, err, want)
		}
	}
}

func ExampleHasToken() {
	h := http.Header{"Connection": {"keep-alive, Upgrade"}, "Upgrade": {"websocket"}}
	fmt.Println(handshake.HasToken(h.Values("Connection"), "upgrade"))
	fmt.Println(handshake.HasToken(h.Values("Upgrade"), "web"))
	// Output:
	// true
	// false
}
