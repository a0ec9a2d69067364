package client_test

import (
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/laminar-ws/laminar/client"
)

// requests serves connections and reports the head of each request.
func requests(t *testing.T) (url string, heads <-chan string) {
	ch := make(chan string, 100)
	return listen(t, func(nc net.Conn, head string) {
		ch <- head
		io.WriteString(nc, accepted(head, ""))
		drain(nc)
	}), ch
}

// RFC 6455 section 4.1, the client's half.
func TestDial_request(t *testing.T) {
	url, heads := requests(t)
	addr := strings.TrimSuffix(strings.TrimPrefix(url, "ws://"), "/")
	auth := func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, tt := range []struct {
		name   string
		url    string
		header http.Header
		line   string
		want   map[string]string // "" is none
	}{
		{"plain", url, nil, "GET / HTTP/1.1", map[string]string{"Host": addr, "Origin": "", "Authorization": "", "User-Agent": ""}},
		{"path and query", url + "a/b?c=d", nil, "GET /a/b?c=d HTTP/1.1", nil},
		{"fields", url, http.Header{"Cookie": {"a=b"}, "X-Two": {"1", "2"}}, "", map[string]string{"Cookie": "a=b", "X-Two": "1|2"}},
		{"Origin", url, http.Header{"Origin": {"https://example.com"}}, "", map[string]string{"Origin": "https://example.com"}},
		{"Host", url, http.Header{"Host": {"example.com:81"}}, "", map[string]string{"Host": "example.com:81"}},
		{"userinfo", strings.Replace(url, "//", "//user:pa%3Ass@", 1), nil, "", map[string]string{"Host": addr, "Authorization": auth("user:pa:ss")}},
		{"Authorization", url, http.Header{"Authorization": {"Bearer x"}}, "", map[string]string{"Authorization": "Bearer x"}},
		{
			"Authorization and userinfo", strings.Replace(url, "//", "//user:pass@", 1), http.Header{"Authorization": {"Bearer x"}}, "",
			map[string]string{"Authorization": "Bearer x"},
		},
		{
			"fields of the handshake", url,
			http.Header{
				"Upgrade": {"h2c"}, "Connection": {"X-Hop"}, "X-Hop": {"x"}, "Sec-Websocket-Key": {"x"}, "Sec-Websocket-Version": {"8"},
				"Sec-Websocket-Extensions": {"x"}, "Sec-Websocket-Protocol": {"x"}, "Content-Length": {"10"}, "Transfer-Encoding": {"chunked"},
			},
			"",
			map[string]string{"X-Hop": "", "Sec-Websocket-Extensions": "", "Sec-Websocket-Protocol": "", "Content-Length": "", "Transfer-Encoding": ""},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.header.Clone()
			c, err := client.Dial(t.Context(), tt.url, &client.Options{Header: tt.header})
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
			head := <-heads
			if !strings.HasPrefix(head, tt.line) {
				t.Errorf("got %q; want %q", head, tt.line)
			}
			for name, want := range map[string]string{"Upgrade": "websocket", "Connection": "Upgrade", "Sec-Websocket-Version": "13"} {
				if got := field(head, name); got != want {
					t.Errorf("%s: got %q; want %q", name, got, want)
				}
			}
			if key, err := base64.StdEncoding.DecodeString(field(head, "Sec-Websocket-Key")); err != nil || len(key) != 16 {
				t.Errorf("key %q: %v", key, err)
			}
			for name, want := range tt.want {
				if got := field(head, name); got != want {
					t.Errorf("%s: got %q; want %q", name, got, want)
				}
			}
			if !reflect.DeepEqual(tt.header, before) {
				t.Errorf("the caller's header became %v", tt.header)
			}
		})
	}
}

// No field may end its line early (CVE-2021-32640 is about parsing it, this about writing it).
func TestDial_headerInjection(t *testing.T) {
	opts := &client.Options{NetDial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("a connection was opened")
		return nil, net.ErrClosed
	}}
	for _, h := range []http.Header{
		{"X": {"y\r\nZ: w"}}, {"X": {"y\nZ: w"}}, {"X": {"y\x00"}}, {"X y": {"z"}}, {"X:": {"z"}}, {"": {"z"}},
		{"Origin": {"http://x\r\nZ: w"}}, {"Host": {"x\r\nZ: w"}}, {"Host": {"x/y"}},
	} {
		opts.Header = h
		dialFails(t, "ws://h/", opts)
	}
	opts.Header = nil
	for _, s := range [][]string{{"a b"}, {""}, {"a\r\nX: y"}, {"a,b"}, {"a", "a"}} {
		opts.Subprotocols = s
		dialFails(t, "ws://h/", opts)
	}
}

// One Options serves any number of dials at once: nothing of it changes or doubles, and each has a key of its own.
func TestDial_sharedOptions(t *testing.T) {
	url, heads := requests(t)
	withUser := strings.Replace(url, "//", "//user:pass@", 1)
	header := http.Header{"Cookie": {"a=b"}, "Origin": {"http://example.com"}, "Host": {"example.com"}}
	before := header.Clone()
	opts := &client.Options{Header: header, Subprotocols: []string{"chat"}}
	const n = 32
	var dials sync.WaitGroup
	for range n {
		dials.Go(func() {
			c, err := client.Dial(t.Context(), withUser, opts)
			if err != nil {
				t.Error(err)
				return
			}
			c.Close()
		})
	}
	dials.Wait()
	keys := make(map[string]bool)
	for range n {
		head := <-heads
		keys[field(head, "Sec-Websocket-Key")] = true
		for name, want := range map[string]string{
			"Cookie": "a=b", "Origin": "http://example.com", "Host": "example.com", "Sec-Websocket-Protocol": "chat", "Authorization": "Basic dXNlcjpwYXNz",
		} {
			if got := field(head, name); got != want {
				t.Errorf("%s: got %q; want %q", name, got, want)
			}
		}
	}
	if len(keys) != n {
		t.Errorf("%d keys in %d dials", len(keys), n)
	}
	if !reflect.DeepEqual(header, before) || len(opts.Subprotocols) != 1 || opts.Conn.Subprotocol != "" {
		t.Errorf("the options became %+v", opts)
	}
}

// NetDial is asked for "tcp" and the host with its port, and the URL's own host stays in the request.
func TestDial_netDial(t *testing.T) {
	url, heads := requests(t)
	addr := strings.TrimSuffix(strings.TrimPrefix(url, "ws://"), "/")
	for _, tt := range []struct{ url, addr, host string }{
		{"ws://Example.com/", "Example.com:80", "Example.com"},
		{"ws://[2001:db8::1]:81/", "[2001:db8::1]:81", "[2001:db8::1]:81"},
		{"ws://[fe80::1%25eth0]/", "[fe80::1%eth0]:80", "[fe80::1]"},
	} {
		var asked []string
		c, err := client.Dial(t.Context(), tt.url, &client.Options{NetDial: func(ctx context.Context, network, to string) (net.Conn, error) {
			if _, ok := ctx.Deadline(); !ok {
				t.Error("the context of NetDial has no deadline")
			}
			asked = append(asked, network, to)
			return new(net.Dialer).DialContext(ctx, network, addr)
		}})
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		if want := []string{"tcp", tt.addr}; !reflect.DeepEqual(asked, want) {
			t.Errorf("asked for %q; want %q", asked, want)
		}
		if got := field(<-heads, "Host"); got != tt.host {
			t.Errorf("Host %q; want %q", got, tt.host)
		}
	}
}
