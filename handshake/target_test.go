package handshake_test

import (
	"testing"

	"github.com/laminar-ws/laminar/handshake"
)

func TestSplitTarget(t *testing.T) {
	tests := []struct {
		rfc, target string
		path, host  string
		ok          bool
	}{
		{"RFC 9112 section 3.2.1", "/", "/", "", true},
		{"RFC 9112 section 3.2.1", "/a/b?c=d", "/a/b?c=d", "", true},
		{"RFC 9112 section 3.2.1", "//host/a", "//host/a", "", true},
		{"RFC 3986 section 2.1", "/%e2%82%AC", "/%e2%82%AC", "", true},
		{"RFC 3986 section 2.1", "/%", "", "", false},
		{"RFC 3986 section 2.1", "/%4", "", "", false},
		{"RFC 3986 section 2.1", "/%4g", "", "", false},
		{"queries as browsers write them", "/?%", "/?%", "", true},
		{"RFC 9112 section 3.2.2", "http://a", "/", "a", true},
		{"RFC 9112 section 3.2.2", "HTTPS://a:1/b", "/b", "a:1", true},
		{"RFC 9112 section 3.2.2", "http://a?b", "/?b", "a", true},
		{"RFC 9112 section 3.2.2", "http://[::1]/b", "/b", "[::1]", true},
		{"RFC 9110 section 4.2.4, user", "http://u:p@a/", "", "", false},
		{"RFC 9110 section 4.2.1, no host", "http://", "", "", false},
		{"RFC 9110 section 4.2.1, no host", "http://:80/", "", "", false},
		{"RFC 6455 section 4.1, http or https", "ws://a/", "", "", false},
		{"RFC 6455 section 4.1, http or https", "ftp://a/", "", "", false},
		{"RFC 9112 section 3.2.3", "a:80", "", "", false},
		{"RFC 9112 section 3.2.4", "*", "", "", false},
		{"empty", "", "", "", false},
		{"query alone", "?a", "", "", false},
		{"RFC 6455 section 3, fragment", "/a#b", "", "", false},
		{"RFC 6455 section 3, fragment", "http://a#b", "", "", false},
		{"RFC 9112 section 3.2, white space", "/a b", "", "", false},
		{"CR and LF", "/a\r\nb", "", "", false},
		{"not ASCII", "/\u00e9", "", "", false},
	}
	for _, tt := range tests {
		path, host, reason := handshake.SplitTarget(tt.target)
		if path != tt.path || host != tt.host && tt.ok || (reason == "") != tt.ok {
			t.Errorf("%s: %q: got %q, %q, %q; want %q, %q, ok %v", tt.rfc, tt.target, path, host, reason, tt.path, tt.host, tt.ok)
		}
	}
}

func TestSplitHost(t *testing.T) {
	tests := []struct {
		rfc, in    string
		host, port string
		ok         bool
	}{
		{"RFC 9110 section 7.2", "example.com", "example.com", "", true},
		{"RFC 9110 section 7.2", "example.com:8080", "example.com", "8080", true},
		{"RFC 3986 section 3.2.3, empty port", "example.com:", "example.com", "", true},
		{"RFC 3986 section 3.2.2", "192.0.2.1:80", "192.0.2.1", "80", true},
		{"RFC 3986 section 3.2.2", "[::1]", "::1", "", true},
		{"RFC 3986 section 3.2.2", "[2001:DB8::1]:65535", "2001:DB8::1", "65535", true},
		{"RFC 3986 section 3.2.2", "[::ffff:192.0.2.1]", "::ffff:192.0.2.1", "", true},
		{"RFC 3986 section 3.2.2, unreserved", "my_service-1.~x", "my_service-1.~x", "", true},
		{"empty", "", "", "", false},
		{"port alone", ":80", "", "", false},
		{"no brackets", "::1", "", "", false},
		{"open bracket", "[::1", "", "", false},
		{"text behind brackets", "[::1]x", "", "", false},
		{"no address", "[]", "", "", false},
		{"a name in brackets", "[example.com]", "", "", false},
		{"IPv4 in brackets", "[192.0.2.1]", "", "", false},
		{"RFC 6874, zone", "[fe80::1%25eth0]", "", "", false},
		{"port too large", "a:65536", "", "", false},
		{"port beyond any number", "a:99999999999999999999999", "", "", false},
		{"port is no number", "a:b", "", "", false},
		{"port with a sign", "a:+1", "", "", false},
		{"two ports", "a:1:2", "", "", false},
		{"user", "u@a", "", "", false},
		{"list", "a,b", "", "", false},
		{"space", "a b", "", "", false},
		{"percent", "a%41", "", "", false},
		{"not ASCII", "\u00e9", "", "", false},
		{"NUL", "a\x00", "", "", false},
	}
	for _, tt := range tests {
		host, port, ok := handshake.SplitHost(tt.in)
		if ok != tt.ok || ok && (host != tt.host || port != tt.port) {
			t.Errorf("%s: %q: got %q, %q, %v; want %q, %q, %v", tt.rfc, tt.in, host, port, ok, tt.host, tt.port, tt.ok)
		}
	}
}
