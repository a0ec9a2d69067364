package handshake_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/laminar-ws/laminar/handshake"
)

// proxy passes WebSockets on to one upstream server. It uses both halves of the handshake and knows
// no frames.
type proxy struct{ upstream string } // host:port

func (p proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	offer, err := handshake.CheckRequest(r)
	if reject, ok := errors.AsType[*handshake.RejectError](err); ok {
		reject.ServeHTTP(w, r)
		return
	}
	upstream, response, answer, err := p.dial(r.Context(), offer)
	if reject, ok := errors.AsType[*handshake.RejectError](err); ok {
		reject.ServeHTTP(w, r) // what the upstream server refused with, or 502
		return
	}
	if err != nil {
		(&handshake.RejectError{Status: http.StatusBadGateway, Reason: "the upstream server is not there"}).ServeHTTP(w, r)
		return
	}
	defer upstream.Close()

	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	// The key is the client's own, so the upstream's answer to it stands.
	if _, err := client.Write(answer.Append(nil, offer.Key)); err != nil {
		return
	}
	go func() { // ends when the client ends its side, or with the deferred calls
		io.Copy(upstream, buffered) // what net/http has read ahead comes first
		closeWrite(upstream)
	}()
	io.Copy(client, response) // ends with the server's side, and with that the WebSocket is over
}

// dial sends the offer on and checks the answer. response is what comes behind its head.
func (p proxy) dial(ctx context.Context, offer handshake.Offer) (nc net.Conn, response io.Reader, answer handshake.Answer, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.upstream+offer.Target, nil)
	if err != nil {
		return nil, nil, answer, err
	}
	offer.SetHeader(r.Header) // the client's fields, without those of its hop
	r.Header.Set("X-Forwarded-Host", offer.Host)

	nc, err = new(net.Dialer).DialContext(ctx, "tcp", p.upstream)
	if err != nil {
		return nil, nil, answer, err
	}
	if err = r.Write(nc); err == nil {
		br := bufio.NewReader(nc)
		var upgraded *http.Response
		if upgraded, err = http.ReadResponse(br, r); err == nil {
			if answer, err = offer.Check(upgraded); err == nil {
				return nc, br, answer, nil
			}
		}
	}
	nc.Close()
	return nil, nil, answer, err
}

func closeWrite(nc net.Conn) {
	if half, ok := nc.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
}

// A reverse proxy in front of a server whose "frames" are lines that come back in capitals.
func ExampleOffer_SetHeader() {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		offer, err := handshake.CheckRequest(r)
		if reject, ok := errors.AsType[*handshake.RejectError](err); ok {
			reject.ServeHTTP(w, r)
			return
		}
		if offer.Target == "/secret" {
			(&handshake.RejectError{Status: http.StatusForbidden, Reason: "not for you"}).ServeHTTP(w, r)
			return
		}
		nc, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer nc.Close()
		answer := handshake.Answer{
			Subprotocol: offer.SelectSubprotocol([]string{"lines"}),
			Header:      http.Header{"X-Asked-For": {r.Header.Get("X-Forwarded-Host") + offer.Target}, "X-Hop": {fmt.Sprint(r.Header["X-Hop"])}},
		}
		nc.Write(answer.Append(nil, offer.Key))
		for {
			line, err := buffered.ReadString('\n')
			if err != nil {
				return
			}
			io.WriteString(nc, strings.ToUpper(line))
		}
	}))
	defer upstream.Close()
	front := httptest.NewServer(proxy{upstream.Listener.Addr().String()})
	defer front.Close()

	visit := func(target string, lines ...string) {
		nc, err := net.Dial("tcp", front.Listener.Addr().String())
		if err != nil {
			fmt.Println(err)
			return
		}
		defer nc.Close()
		offer := handshake.Offer{Target: target, Host: "www.example.com", Key: handshake.NewKey(), Subprotocols: []string{"lines"}}
		request, err := offer.Append(nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		// X-Hop is for the proxy alone: Connection names it.
		hop := strings.Replace(string(request), "Connection: Upgrade\r\n", "Connection: Upgrade, X-Hop\r\nX-Hop: 1\r\n", 1)
		io.WriteString(nc, hop+strings.Join(lines, "")) // lines may follow the head at once
		response, rest, err := readHead(nc, (*handshake.HeadScanner).ParseResponse)
		if err != nil {
			fmt.Println(err)
			return
		}
		answer, err := offer.Check(response)
		if err != nil {
			fmt.Println(err)
			return
		}
		nc.(*net.TCPConn).CloseWrite()
		replies, _ := io.ReadAll(nc)
		fmt.Println(answer.Subprotocol, answer.Header.Get("X-Asked-For"), answer.Header.Get("X-Hop"))
		fmt.Printf("%s%s", rest, replies)
	}
	visit("/chat?room=1", "hello\n", "world\n")
	visit("/secret")

	plain, err := http.Get(front.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	plain.Body.Close()
	fmt.Println(plain.Status)
	// Output:
	// lines www.example.com/chat?room=1 []
	// HELLO
	// WORLD
	// handshake: the server answered 403 Forbidden (status 403, RFC 6455 section 4.1)
	// 426 Upgrade Required
}
