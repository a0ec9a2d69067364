package conn_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

func TestCloseError(t *testing.T) {
	for _, tt := range []struct {
		err  conn.CloseError
		want string
	}{
		{conn.CloseError{Code: closecode.NormalClosure}, "websocket: closed by this side: 1000 normal closure"},
		{conn.CloseError{Code: closecode.GoingAway, Reason: "see you\n", Remote: true}, `websocket: closed by the peer: 1001 going away: "see you\n"`},
		{conn.CloseError{Code: closecode.NoStatusReceived, Remote: true}, "websocket: closed by the peer: 1005 no status received"},
		{conn.CloseError{Code: 4001, Reason: "€"}, `websocket: closed by this side: 4001: "€"`},
		{conn.CloseError{Code: closecode.AbnormalClosure, Err: io.ErrUnexpectedEOF}, "websocket: connection lost (1006 abnormal closure): unexpected EOF"},
	} {
		err := fmt.Errorf("reading: %w", &tt.err)
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("message %q; want %q", got, tt.want)
		}
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%v is not net.ErrClosed", err)
		}
		if tt.err.Err != nil && !errors.Is(err, tt.err.Err) {
			t.Errorf("%v is not %v", err, tt.err.Err)
		}
		if code, ok := closecode.Of(err); code != tt.err.Code || !ok {
			t.Errorf("closecode.Of(%v) = %v, %v; want %v", err, code, ok, tt.err.Code)
		}
		if e, ok := errors.AsType[*conn.CloseError](err); !ok || *e != tt.err {
			t.Errorf("errors.AsType finds %v in %v", e, err)
		}
	}
}

// TestBreach_message: the error of a breach says what was wrong, with code and section, and can be told from a close.
func TestBreach_message(t *testing.T) {
	c, p := pipeLink.peered(t, frame.Server, nil)
	p.hear()
	p.send(p.frame(0x83, "x"))
	_, err := c.Read(t0)
	if got, want := err.Error(), "websocket: reserved opcode (1002 protocol error, RFC 6455 section 5.2)"; got != want {
		t.Errorf("message %q; want %q", got, want)
	}
	if _, ok := errors.AsType[*conn.CloseError](err); ok {
		t.Errorf("%#v has a *CloseError in its tree", err)
	}
	heard := p.ended()
	if got, want := heard[len(heard)-1].payload, "\x03\xEAreserved opcode"; got != want {
		t.Errorf("Close frame %q; want %q", got, want)
	}
}

// TestMessages_end: the iteration ends without an error where the peer is done, and with one else.
func TestMessages_end(t *testing.T) {
	for _, tt := range []struct {
		last    string // what the peer sends behind its message
		code    closecode.Code
		without bool
	}{
		{"\x88\x02\x03\xE8", closecode.NormalClosure, true},
		{"\x88\x02\x03\xE9", closecode.GoingAway, true},
		{"\x88\x00", closecode.NoStatusReceived, true},
		{"\x88\x02\x03\xF3", closecode.InternalError, false},
		{"\x88\x02\x0F\xA0", 4000, false},
		{"\x81\x01\xFF", closecode.InvalidPayload, false},
		{"", closecode.AbnormalClosure, false},
	} {
		c, p := pipeLink.peered(t, frame.Client, nil)
		p.send(p.frame(0x81, "Hello"), []byte(tt.last))
		p.rw.(interface{ CloseWrite() error }).CloseWrite()
		var got []string
		var last error
		for m, err := range c.Messages(t0) {
			if last != nil {
				t.Errorf("%v and %v: an error is not the last pair's", last, err)
			}
			if err == nil {
				got = append(got, string(m.Data))
			} else if m.Data != nil || m.Op != 0 {
				t.Errorf("message %v beside error %v", m, err)
			}
			last = err
		}
		if !slices.Equal(got, []string{"Hello"}) {
			t.Errorf("messages %q; want the one that was sent", got)
		}
		if (last == nil) != tt.without {
			t.Errorf("code %v: the iteration ended with %v", tt.code, last)
		}
		_, err := c.Read(t0)
		if code, _ := closecode.Of(err); code != tt.code || last != nil && err != last {
			t.Errorf("Read after that: %v; want code %v", err, tt.code)
		}
	}
}

// TestMessages_break: a loop that is left can be taken up again, by Messages or in another way.
func TestMessages_break(t *testing.T) {
	c, p := pipeLink.peered(t, frame.Server, nil)
	for i := range 9 {
		p.send(p.frame(0x81, string(rune('1'+i))))
	}
	got := ""
	for range 3 {
		for m, err := range c.Messages(t0) {
			if err != nil {
				t.Fatal(err)
			}
			if got += string(m.Data); len(got)%3 == 2 {
				break
			}
		}
		m, err := c.Read(t0)
		if err != nil {
			t.Fatal(err)
		}
		got += string(m.Data)
	}
	if got != "123456789" {
		t.Errorf("messages %s; want 1 to 9", got)
	}
}
