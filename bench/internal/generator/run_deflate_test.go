//go:build linux

package generator

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// deflating serves a compressed echo, of what change makes of each message, and returns the address.
func deflating(t *testing.T, opts websocket.AcceptOptions, change func([]byte) []byte) netip.AddrPort {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &opts)
		if err != nil {
			return
		}
		defer c.CloseNow()
		for {
			op, p, err := c.Read(context.Background())
			if err != nil {
				return
			}
			if err := c.Write(context.Background(), op, change(p)); err != nil {
				return
			}
		}
	}))
	t.Cleanup(srv.Close)
	return netip.MustParseAddrPort(srv.Listener.Addr().String())
}

func same(p []byte) []byte { return p }

var codersModes = map[wire.Compression]websocket.CompressionMode{
	wire.NoTakeover: websocket.CompressionNoContextTakeover,
	wire.Takeover:   websocket.CompressionContextTakeover,
}

func TestRun_deflate(t *testing.T) {
	for mode, theirs := range codersModes {
		for _, window := range []int{1, 16} {
			t.Run(fmt.Sprintf("%v,window=%d", mode, window), func(t *testing.T) {
				addr := deflating(t, websocket.AcceptOptions{CompressionMode: theirs}, same)
				cfg := short(addr, 51, wire.Shape{Op: wire.Text, JSON: true, Size: 1024, Window: window, Compression: mode})
				cfg.PID, cfg.Loops, cfg.Warmup = os.Getpid(), 2, time.Millisecond
				r, err := Run(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				if r.Messages <= 0 || r.Total < int64(51*window) || r.Compression != mode.String() || r.Size != 1024 {
					t.Errorf("a figure is missing: %+v", r)
				}
				if runUp := int64(51 * 32); mode == wire.Takeover && r.Total-r.Messages < runUp {
					t.Errorf("%d messages before measuring; want %d, until all windows are full", r.Total-r.Messages, runUp)
				}
				if in, out := r.ReceivedPerMessage(), r.SentPerMessage(); in < 100 || in > 500 || out < in || out > 600 {
					t.Errorf("%.0f bytes per message received, %.0f sent; want both compressed, the latter on a lower level", in, out)
				}
			})
		}
	}
}

func TestRun_deflateWrongEcho(t *testing.T) {
	for mode, theirs := range codersModes {
		one := deflating(t, websocket.AcceptOptions{CompressionMode: theirs}, func(p []byte) []byte { p[500] ^= 1; return p })
		cut := deflating(t, websocket.AcceptOptions{CompressionMode: theirs}, func(p []byte) []byte { return p[1:] })
		plain := deflating(t, websocket.AcceptOptions{CompressionMode: theirs, CompressionThreshold: 1 << 20}, same)
		for addr, want := range map[netip.AddrPort]error{one: wire.ErrPayload, cut: wire.ErrLength, plain: wire.ErrPlain} {
			cfg := short(addr, 2, wire.Shape{Op: wire.Text, JSON: true, Size: 1024, Window: 1, Compression: mode})
			cfg.Warmup = time.Minute // the error ends it
			if _, err := Run(t.Context(), cfg); !errors.Is(err, want) {
				t.Errorf("%v: error %v; want %v", mode, err, want)
			}
		}
	}
}

func TestRun_deflateNotAgreed(t *testing.T) {
	for _, tt := range []struct {
		theirs websocket.CompressionMode
		mode   wire.Compression
	}{
		{websocket.CompressionDisabled, wire.NoTakeover},
		{websocket.CompressionDisabled, wire.Takeover},
		{websocket.CompressionNoContextTakeover, wire.Takeover},
	} {
		addr := deflating(t, websocket.AcceptOptions{CompressionMode: tt.theirs}, same)
		_, err := Run(t.Context(), short(addr, 1, wire.Shape{Op: wire.Text, Size: 1024, Window: 1, Compression: tt.mode}))
		if err == nil || !strings.Contains(err.Error(), "opening handshake: answered") {
			t.Errorf("%v with a server in mode %d: error %v; want one of the answer", tt.mode, tt.theirs, err)
		}
	}
}

// The frames are those of the window that the first answer has, so a later one must have the same.
func TestRun_deflateOtherWindow(t *testing.T) {
	var answers atomic.Int32
	addr := listen(t, func(nc net.Conn) {
		req, err := http.ReadRequest(bufio.NewReader(nc))
		if err != nil {
			return
		}
		if got, want := req.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate; client_max_window_bits"; got != want {
			t.Errorf("offer %q; want %q", got, want)
		}
		fmt.Fprintf(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"+
			"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=%d\r\n\r\n", 16-answers.Add(1))
		nc.Read(make([]byte, 1))
	})
	_, err := Run(t.Context(), short(addr, 1, wire.Shape{Op: wire.Text, Size: 1024, Window: 1, Compression: wire.Takeover}))
	if err == nil || !strings.Contains(err.Error(), "14 and 15 bits; want 15 and 15 as before") {
		t.Errorf("error %v; want one that tells both windows", err)
	}
}
