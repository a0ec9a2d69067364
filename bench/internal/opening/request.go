//go:build linux

package opening

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// The key of the handshake and its answer, from RFC 6455 section 1.3. A key that is the same for all connections
// protects nobody, and costs a server what any other would.
const (
	key    = "dGhlIHNhbXBsZSBub25jZQ=="
	accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// Request returns the request for an upgrade, as RFC 6455 section 4.1 has it, with an offer of the compression unless there is to be none.
func Request(addr netip.AddrPort, c wire.Compression) []byte {
	extensions := ""
	if o := offer(c); o != "" {
		extensions = "Sec-WebSocket-Extensions: " + o + "\r\n"
	}
	return fmt.Appendf(nil, "GET / HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n%s\r\n", addr, key, extensions)
}

// readAnswer reads the response to Request and checks it.
func readAnswer(r io.Reader, c wire.Compression) (a Agreement, err error) {
	br := bufio.NewReader(r)
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		return a, err
	}
	resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusSwitchingProtocols:
		return a, fmt.Errorf("answered %s", resp.Status)
	case !strings.EqualFold(resp.Header.Get("Upgrade"), "websocket"):
		return a, fmt.Errorf("answered Upgrade: %q", resp.Header.Get("Upgrade"))
	case resp.Header.Get("Sec-WebSocket-Accept") != accept:
		return a, errors.New("answered another Sec-WebSocket-Accept than the key asks for (RFC 6455 section 4.2.2)")
	case br.Buffered() > 0:
		return a, errors.New("sent frames of its own accord")
	}
	return agree(c, strings.Join(resp.Header.Values("Sec-WebSocket-Extensions"), ", "))
}
