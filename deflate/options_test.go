package deflate_test

import (
	"math"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/deflate"
)

func TestOptions_Validate(t *testing.T) {
	for _, tt := range []struct {
		rfc   string
		o     deflate.Options
		wrong string // the fields that the error names; "": none
	}{
		{"zero value", deflate.Options{}, ""},
		{"every field in range",
			deflate.Options{Level: 9, Threshold: 1, ContextTakeover: true, SendWindowBits: 8, ReceiveWindowBits: 15, Dedicated: true, ReceiveOnly: true}, ""},
		{"fastest", deflate.Options{Level: 1}, ""},
		{"negative threshold", deflate.Options{Threshold: math.MinInt}, ""},
		{"threshold above every message", deflate.Options{Threshold: math.MaxInt}, ""},
		{"RFC 7692 section 7.1.2.1, least", deflate.Options{ReceiveWindowBits: 8}, ""},
		{"RFC 7692 section 7.1.2.2, most", deflate.Options{SendWindowBits: 15}, ""},
		{"send only", deflate.Options{SendOnly: true}, ""},
		{"dedicated without a context has no effect", deflate.Options{Dedicated: true}, ""},

		{"level", deflate.Options{Level: -1}, "Level"},
		{"level", deflate.Options{Level: 10}, "Level"},
		{"RFC 7692 section 7.1.2.1", deflate.Options{SendWindowBits: 7}, "SendWindowBits"},
		{"RFC 7692 section 7.1.2.1", deflate.Options{SendWindowBits: 16}, "SendWindowBits"},
		{"RFC 7692 section 7.1.2.1", deflate.Options{SendWindowBits: -1}, "SendWindowBits"},
		{"RFC 7692 section 7.1.2.2", deflate.Options{ReceiveWindowBits: 7}, "ReceiveWindowBits"},
		{"RFC 7692 section 7.1.2.2", deflate.Options{ReceiveWindowBits: 16}, "ReceiveWindowBits"},
		{"bits that wrap to a legal byte", deflate.Options{ReceiveWindowBits: 256 + 10}, "ReceiveWindowBits"},
		{"nobody would compress", deflate.Options{ReceiveOnly: true, SendOnly: true}, "ReceiveOnly and SendOnly"},
	} {
		t.Run(tt.rfc, func(t *testing.T) {
			err := tt.o.Validate()
			if (err != nil) != (tt.wrong != "") {
				t.Fatalf("%+v: got %v; want an error: %v", tt.o, err, tt.wrong != "")
			}
			if err == nil {
				return
			}
			for field := range strings.SplitSeq(tt.wrong, " and ") {
				if !strings.Contains(err.Error(), "Options."+field+" ") {
					t.Errorf("%+v: got %q; want the name of %s", tt.o, err, field)
				}
			}
		})
	}
}

// TestOptions_resolved: 0 is the default, and what does not Validate the nearest that does.
func TestOptions_resolved(t *testing.T) {
	for _, tt := range []struct {
		rfc              string
		o                deflate.Options
		level, threshold int
		send, receive    uint8
	}{
		{"zero value", deflate.Options{}, deflate.DefaultLevel, deflate.DefaultThreshold, 15, 15},
		{"documented defaults", deflate.Options{}, 1, 512, 15, 15},
		{"as they are", deflate.Options{Level: 6, Threshold: 100, SendWindowBits: 9, ReceiveWindowBits: 12}, 6, 100, 9, 12},
		{"ends of the ranges", deflate.Options{Level: 9, Threshold: 1, SendWindowBits: 8, ReceiveWindowBits: 15}, 9, 1, 8, 15},
		{"a negative threshold is none", deflate.Options{Threshold: -1}, 1, 0, 15, 15},
		{"below the ranges", deflate.Options{Level: -1, Threshold: math.MinInt, SendWindowBits: 7, ReceiveWindowBits: -1}, 1, 0, 8, 8},
		{"above the ranges", deflate.Options{Level: 10, Threshold: math.MaxInt, SendWindowBits: 16, ReceiveWindowBits: 256}, 9, math.MaxInt, 15, 15},
	} {
		level, threshold, send, receive := tt.o.Resolved()
		if level != tt.level || threshold != tt.threshold || send != tt.send || receive != tt.receive {
			t.Errorf("%s: %+v: got %d, %d, %d, %d; want %d, %d, %d, %d", tt.rfc, tt.o,
				level, threshold, send, receive, tt.level, tt.threshold, tt.send, tt.receive)
		}
	}
}
