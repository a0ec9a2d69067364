package endpoint_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/frame"
)

func TestSender_AppendClose(t *testing.T) {
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		for _, tt := range []struct {
			code         closecode.Code
			reason, want string
		}{
			{closecode.NormalClosure, "", ""},
			{closecode.GoingAway, "good-bye €", "good-bye €"},
			{closecode.NoStatusReceived, "", ""},
			{4999, strings.Repeat("r", 123), strings.Repeat("r", 123)},
			{closecode.InternalError, strings.Repeat("€", 50), strings.Repeat("€", 41)}, // 123 bytes
		} {
			s := endpoint.NewSender(role)
			b := s.AppendClose([]byte("x"), tt.code, tt.reason)
			if d := cmp.Diff([]record{closing(tt.code, tt.want)}, heard(t, role, b[1:])); d != "" {
				t.Errorf("%v (-want +got):\n%s", role, d)
			}
			if !s.Closed() {
				t.Errorf("%v: Closed() is false after a Close frame", role)
			}
		}
	}
}

// TestSender_AppendClose_once: "the application MUST NOT send any more data frames after sending a Close frame" (RFC 6455 section 5.5.1), nor a second one.
func TestSender_AppendClose_once(t *testing.T) {
	s := endpoint.NewSender(frame.Server)
	s.Owe([]byte("ping"))
	if s.Closed() {
		t.Error("a new Sender is closed")
	}
	b := s.AppendClose(nil, 1000, "first")
	b = s.AppendClose(b, 1001, "second")
	if s.Owes() {
		t.Error("a pong is owed behind a Close frame")
	}
	s.Owe([]byte("ping"))
	b = s.AppendOwed(b)
	if want := "\x88\x07\x03\xE8first"; string(b) != want {
		t.Errorf("sent % x; want % x and no more", b, want)
	}
}
