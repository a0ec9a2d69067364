package interop

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// parameters returns a Sec-WebSocket-Extensions field of one extension with its parameters sorted, and each of them once.
func parameters(extension string) string {
	var parts []string
	for part := range strings.SplitSeq(extension, ";") {
		part = strings.ReplaceAll(strings.TrimSpace(part), `"`, "") // a value may be quoted, RFC 6455 section 9.1
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	slices.Sort(parts[1:])
	return strings.Join(slices.Compact(parts), "; ")
}

// wantAgreed checks the parameters of the permessage-deflate that was agreed on.
func wantAgreed(t *testing.T, e event, params string) {
	t.Helper()
	if got, want := parameters(e.Extensions), parameters("permessage-deflate; "+params); got != want {
		t.Errorf("the extensions in use are %q, of %q offered; want %q", got, e.Offered, want)
	}
}

// wantCompression checks what was agreed on a connection of a program that runs with this -compression and a peer that leaves
// the choice to it: windows may be named, contexts are taken over or not in both directions (RFC 7692 section 7.1.1).
func wantCompression(t *testing.T, e event, compression string) {
	t.Helper()
	var got []string
	for part := range strings.SplitSeq(parameters(e.Extensions), "; ") {
		if !strings.Contains(part, "_max_window_bits=") {
			got = append(got, part)
		}
	}
	want := map[string]string{
		"off":      "",
		"message":  "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
		"takeover": "permessage-deflate",
	}[compression]
	if strings.Join(got, "; ") != want {
		t.Errorf("the extensions in use are %q; want those of -compression %s, %q", e.Extensions, compression, want)
	}
}

// direction returns what these parameters say of the direction in which a peer in this role receives: whether the window is
// kept from message to message, and its size as a power of two.
func direction(extension, role string) (context bool, bits int) {
	sender := map[string]string{"client": "server", "server": "client"}[role]
	context, bits = true, 15
	for part := range strings.SplitSeq(parameters(extension), "; ") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case sender + "_no_context_takeover":
			context = false
		case sender + "_max_window_bits":
			bits, _ = strconv.Atoi(value)
		}
	}
	return context, bits
}
