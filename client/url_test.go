package client_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/client"
)

func TestParseURL(t *testing.T) {
	for _, tt := range []struct {
		url  string
		want client.URL
	}{
		{"ws://example.com", client.URL{Name: "example.com", Addr: "example.com:80", Host: "example.com", Target: "/"}},
		{"wss://example.com", client.URL{Secure: true, Name: "example.com", Addr: "example.com:443", Host: "example.com", Target: "/"}},
		{"WSS://Example.com/", client.URL{Secure: true, Name: "Example.com", Addr: "Example.com:443", Host: "Example.com", Target: "/"}},
		{"ws://example.com:80/a", client.URL{Name: "example.com", Addr: "example.com:80", Host: "example.com", Target: "/a"}},
		{"wss://example.com:443/a", client.URL{Secure: true, Name: "example.com", Addr: "example.com:443", Host: "example.com", Target: "/a"}},
		{"ws://example.com:443/", client.URL{Name: "example.com", Addr: "example.com:443", Host: "example.com:443", Target: "/"}},
		{"wss://example.com:80/", client.URL{Secure: true, Name: "example.com", Addr: "example.com:80", Host: "example.com:80", Target: "/"}},
		{"ws://example.com:/", client.URL{Name: "example.com", Addr: "example.com:80", Host: "example.com", Target: "/"}},
		{"ws://h/a/b?x=1&y=%20", client.URL{Name: "h", Addr: "h:80", Host: "h", Target: "/a/b?x=1&y=%20"}},
		{"ws://h?x", client.URL{Name: "h", Addr: "h:80", Host: "h", Target: "/?x"}},
		{"ws://h/a?", client.URL{Name: "h", Addr: "h:80", Host: "h", Target: "/a?"}},
		{"ws://h/a%2Fb/%C3%A9", client.URL{Name: "h", Addr: "h:80", Host: "h", Target: "/a%2Fb/%C3%A9"}},
		{"ws://h/é", client.URL{Name: "h", Addr: "h:80", Host: "h", Target: "/%C3%A9"}},
		{"ws://127.0.0.1:8080/", client.URL{Name: "127.0.0.1", Addr: "127.0.0.1:8080", Host: "127.0.0.1:8080", Target: "/"}},
		{"ws://[::1]/", client.URL{Name: "::1", Addr: "[::1]:80", Host: "[::1]", Target: "/"}},
		{"wss://[2001:db8::1]:8443/x", client.URL{Secure: true, Name: "2001:db8::1", Addr: "[2001:db8::1]:8443", Host: "[2001:db8::1]:8443", Target: "/x"}},
		{"ws://[fe80::1%25eth0]:81/", client.URL{Name: "fe80::1%eth0", Addr: "[fe80::1%eth0]:81", Host: "[fe80::1]:81", Target: "/"}},
		{"ws://user:pass@h/", client.URL{Name: "h", Addr: "h:80", Host: "h", Target: "/", Auth: "Basic dXNlcjpwYXNz"}},
		{"ws://user@h/", client.URL{Name: "h", Addr: "h:80", Host: "h", Target: "/", Auth: "Basic dXNlcjo="}},
		{"ws://u%40x:p%2Fw@h:81/", client.URL{Name: "h", Addr: "h:81", Host: "h:81", Target: "/", Auth: "Basic dUB4OnAvdw=="}},
	} {
		got, err := client.ParseURL(tt.url)
		if err != nil || got != tt.want {
			t.Errorf("%s: got %+v, %v; want %+v", tt.url, got, err, tt.want)
		}
	}
}

// A URL that is no WebSocket URL opens no connection.
func TestDial_badURL(t *testing.T) {
	opts := &client.Options{NetDial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("a connection was opened")
		return nil, net.ErrClosed
	}}
	for _, tt := range []struct{ url, says string }{
		{"", "scheme"},
		{"example.com/chat", "scheme"},
		{"//example.com/chat", "scheme"},
		{"/chat", "scheme"},
		{"http://example.com/", `scheme "http" is not ws or wss`},
		{"https://example.com/", `scheme "https" is not ws or wss`},
		{"ftp://example.com/", "scheme"},
		{"://example.com", "missing protocol scheme"},
		{"ws:", "no host"},
		{"ws:example.com", "no host"},
		{"ws:///chat", "no host"},
		{"ws://:80/", "no host"},
		{"ws://user@/", "no host"},
		{"ws://h/#top", "fragment"},
		{"ws://h/#", "fragment"},
		{"ws://h/a?b#c", "fragment"},
		{"ws://h:port/", "invalid port"},
		{"ws://h:65536/", "invalid host"},
		{"ws://h:-1/", "invalid port"},
		{"ws://[::1/", "missing ']'"},
		{"ws://[not::an::address]/", "host"},
		{"ws://h%2525x/", "host"},
		{"ws://h%25eth0/", "invalid host"},
		{"ws://hé/", "invalid host"},
		{"ws://h h/", "host name"},
		{"ws://h/%zz", "invalid URL escape"},
		{"ws://h/?a b", "not in origin-form"},
		{"ws://h/\r\nX: y", "control character"},
	} {
		c, err := client.Dial(t.Context(), tt.url, opts)
		if c != nil || err == nil || !strings.HasPrefix(err.Error(), "websocket: dial: ") || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: got %v; want an error about %q", tt.url, err, tt.says)
		}
	}
}

func TestDial_errorRepeatsNoPassword(t *testing.T) {
	opts := &client.Options{NetDial: func(_ context.Context, _, addr string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Name: addr, Err: "no such host"}}
	}}
	for _, url := range []string{
		"ws://user:secret@h/",
		"wss://user:secret@h:70000/",
		"http://user:secret@h/",
		"ws://user:secret@/",
		"ws://user:secret@h/#f",
		"ws://user:secret/@h/",
		"ws://user:/secret@h:x/",
		"ws://user:secret@h:port/",
		"ws://user:se cret@h/",
		"ws://user:%secret@h/",
		"ws://user:secret%@[::1/",
		"ws://user:secret@h/%zz",
		"ws://user:secret@h\x7f/",
		"user:secret@h",
		"ws:user:secret@h",
	} {
		_, err := client.Dial(t.Context(), url, opts)
		if err == nil || strings.Contains(err.Error(), "se") && strings.Contains(err.Error(), "cret") {
			t.Errorf("%q: got error %v; want one without the password", url, err)
		}
	}
}
