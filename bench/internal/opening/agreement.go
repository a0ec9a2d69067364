//go:build linux

package opening

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// Agreement is what became of the offer of permessage-deflate: the windows of the two ends (RFC 7692 section 7.1.2); zeros where
// there was none.
type Agreement struct{ ClientMaxWindowBits, ServerMaxWindowBits int }

// extension and its parameters (RFC 7692 section 7.1).
const (
	extension               = "permessage-deflate"
	serverNoContextTakeover = "server_no_context_takeover"
	clientNoContextTakeover = "client_no_context_takeover"
	serverMaxWindowBits     = "server_max_window_bits"
	clientMaxWindowBits     = "client_max_window_bits"
)

// offer returns the client's Sec-WebSocket-Extensions, "" for none. With takeover it lets the server choose how far back the client refers.
func offer(c wire.Compression) string {
	switch c {
	case wire.NoTakeover:
		return extension + "; " + clientNoContextTakeover + "; " + serverNoContextTakeover
	case wire.Takeover:
		return extension + "; " + clientMaxWindowBits
	}
	return ""
}

// agree checks the server's Sec-WebSocket-Extensions in response to the offer. It refuses what RFC 7692 section 7.1 does not allow it to
// answer, and what would be another benchmark than the one asked for.
func agree(c wire.Compression, answer string) (a Agreement, err error) {
	if c == wire.Uncompressed {
		if answer != "" {
			return a, errors.New("answered with an extension that was not offered (RFC 6455 section 4.1)")
		}
		return a, nil
	}
	name, rest, more := strings.Cut(answer, ";")
	if strings.TrimSpace(name) != extension || strings.Contains(answer, ",") {
		return a, fmt.Errorf("answered with the extensions %q; want %s", answer, extension)
	}
	a = Agreement{wire.DefaultWindowBits, wire.DefaultWindowBits}
	seen := map[string]bool{}
	for more {
		var param string
		param, rest, more = strings.Cut(rest, ";")
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		if seen[name] {
			return a, fmt.Errorf("answered with %s twice (RFC 7692 section 7.1)", name)
		}
		seen[name] = true
		switch {
		case name == serverMaxWindowBits:
			a.ServerMaxWindowBits, err = windowBits(value)
		case name == clientMaxWindowBits && c == wire.Takeover:
			a.ClientMaxWindowBits, err = windowBits(value)
		case (name == serverNoContextTakeover || name == clientNoContextTakeover) && value == "" && c == wire.NoTakeover:
		default:
			err = errors.New("not what was offered (RFC 7692 section 7.1)")
		}
		if err != nil {
			return a, fmt.Errorf("answered with %q: %w", strings.TrimSpace(param), err)
		}
	}
	if c == wire.NoTakeover && !seen[serverNoContextTakeover] {
		return a, fmt.Errorf("answered without %s (RFC 7692 section 7.1.1.1)", serverNoContextTakeover)
	}
	return a, nil
}

// windowBits reads the value of a parameter, as a token or a quoted string: 8 to 15, in decimal without leading zeros.
func windowBits(value string) (int, error) {
	if unquoted, ok := strings.CutPrefix(value, `"`); ok {
		value = strings.TrimSuffix(unquoted, `"`)
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 8 || n > 15 || strconv.Itoa(n) != value {
		return 0, errors.New("want 8 to 15 (RFC 7692 section 7.1.2)")
	}
	return n, nil
}
