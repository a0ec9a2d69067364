package closecode_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
)

// registered is the IANA registry, written out apart from the package's own table.
var registered = map[closecode.Code]struct {
	rfc  string
	name string
	send bool
}{
	1000: {"RFC 6455 section 7.4.1", "normal closure", true},
	1001: {"RFC 6455 section 7.4.1", "going away", true},
	1002: {"RFC 6455 section 7.4.1", "protocol error", true},
	1003: {"RFC 6455 section 7.4.1", "unsupported data", true},
	1004: {"RFC 6455 section 7.4.1", "reserved", false},
	1005: {"RFC 6455 section 7.4.1", "no status received", false},
	1006: {"RFC 6455 section 7.4.1", "abnormal closure", false},
	1007: {"RFC 6455 section 7.4.1", "invalid payload", true},
	1008: {"RFC 6455 section 7.4.1", "policy violation", true},
	1009: {"RFC 6455 section 7.4.1", "message too big", true},
	1010: {"RFC 6455 section 7.4.1", "mandatory extension", true},
	1011: {"RFC 6455 section 7.4.1", "internal error", true},
	1012: {"IANA registry", "service restart", true},
	1013: {"IANA registry", "try again later", true},
	1014: {"IANA registry", "bad gateway", true},
	1015: {"RFC 6455 section 7.4.1", "TLS handshake", false},
}

func TestCode_constants(t *testing.T) {
	for i, c := range []closecode.Code{
		closecode.NormalClosure, closecode.GoingAway, closecode.ProtocolError, closecode.UnsupportedData,
		closecode.Reserved, closecode.NoStatusReceived, closecode.AbnormalClosure, closecode.InvalidPayload,
		closecode.PolicyViolation, closecode.MessageTooBig, closecode.MandatoryExtension, closecode.InternalError,
		closecode.ServiceRestart, closecode.TryAgainLater, closecode.BadGateway, closecode.TLSHandshake,
	} {
		if got, want := int(c), 1000+i; got != want {
			t.Errorf("constant %d is %d; want %d", i, got, want)
		}
	}
}

// TestCode_Sendable_all asks for each of the 2^16 codes, by the ranges of RFC 6455 section 7.4.2.
func TestCode_Sendable_all(t *testing.T) {
	for n := range math.MaxUint16 + 1 {
		c := closecode.Code(n)
		want := registered[c].send || n/1000 == 3 || n/1000 == 4
		if got := c.Sendable(); got != want {
			t.Errorf("Code(%d).Sendable() = %v; want %v", n, got, want)
		}
	}
}

func TestCode_String_all(t *testing.T) {
	for n := range math.MaxUint16 + 1 {
		c := closecode.Code(n)
		want := strings.TrimSpace(strconv.Itoa(n) + " " + registered[c].name)
		if got := c.String(); got != want {
			t.Errorf("Code(%d).String() = %q; want %q", n, got, want)
		}
	}
}
