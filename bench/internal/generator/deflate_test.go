//go:build linux

package generator

import (
	"testing"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

func TestAgree(t *testing.T) {
	const pmd, noTakeover = "permessage-deflate", "permessage-deflate; server_no_context_takeover"
	tests := []struct {
		mode   wire.Compression
		answer string
		want   agreement
		rfc    string // of the mistake; "" for none
	}{
		{wire.Uncompressed, "", agreement{}, ""},
		{wire.Uncompressed, pmd, agreement{}, "6455 4.1"},
		{wire.NoTakeover, noTakeover, agreement{15, 15}, ""},
		{wire.NoTakeover, noTakeover + "; client_no_context_takeover", agreement{15, 15}, ""},
		{wire.NoTakeover, noTakeover + "; server_max_window_bits=10", agreement{15, 10}, ""},
		{wire.NoTakeover, "", agreement{}, "7692 5.1"},
		{wire.NoTakeover, pmd, agreement{}, "7692 7.1.1.1"},
		{wire.NoTakeover, pmd + "; client_no_context_takeover", agreement{}, "7692 7.1.1.1"},
		{wire.NoTakeover, noTakeover + "=1", agreement{}, "7692 7.1.1.1"},
		{wire.NoTakeover, noTakeover + "; client_max_window_bits=12", agreement{}, "7692 7.1.2.2"},
		{wire.Takeover, pmd, agreement{15, 15}, ""},
		{wire.Takeover, pmd + ";client_max_window_bits=12 ; server_max_window_bits=9", agreement{12, 9}, ""},
		{wire.Takeover, pmd + `; server_max_window_bits="8"`, agreement{15, 8}, ""},
		{wire.Takeover, "", agreement{}, "7692 5.1"},
		{wire.Takeover, noTakeover, agreement{}, "7692 7.1.1.1"},
		{wire.Takeover, pmd + "; client_no_context_takeover", agreement{}, "7692 7.1.1.2"},
		{wire.Takeover, pmd + "; client_max_window_bits", agreement{}, "7692 7.1.2.2"},
		{wire.Takeover, pmd + "; client_max_window_bits=7", agreement{}, "7692 7.1.2.2"},
		{wire.Takeover, pmd + "; client_max_window_bits=16", agreement{}, "7692 7.1.2.2"},
		{wire.Takeover, pmd + "; server_max_window_bits=08", agreement{}, "7692 7.1.2.1"},
		{wire.Takeover, pmd + "; server_max_window_bits=9; server_max_window_bits=9", agreement{}, "7692 7.1"},
		{wire.Takeover, pmd + "; mystery", agreement{}, "7692 7.1"},
		{wire.Takeover, pmd + ";", agreement{}, "6455 9.1"},
		{wire.Takeover, pmd + ", " + pmd, agreement{}, "7692 5.1"},
		{wire.Takeover, "x-webkit-deflate-frame", agreement{}, "6455 9.1"},
	}
	for _, tt := range tests {
		got, err := agree(tt.mode, tt.answer)
		if tt.rfc == "" && (err != nil || got != tt.want) {
			t.Errorf("%v: agree(%q) = %v, %v; want %v, nil", tt.mode, tt.answer, got, err, tt.want)
		} else if tt.rfc != "" && err == nil {
			t.Errorf("%v: agree(%q) = %v; want an error (RFC %s)", tt.mode, tt.answer, got, tt.rfc)
		}
	}
}
