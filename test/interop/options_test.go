package interop

import (
	"fmt"
	"slices"
)

// An option is one way to set up a peer's library for permessage-deflate.
type option struct {
	name    string
	pmd     string // JSON; "" for the library's own choice
	agreed  string // parameters that it agrees on with laminar, which leaves all to it
	role    string // "client" or "server"; "" for both
	message bool   // also without context takeover

	thorough bool // with race builds, and the mix with more long messages
}

const (
	serverForgets = "server_no_context_takeover"
	clientForgets = "client_no_context_takeover"
)

// windows names windows as both sides agree on them.
func windows(server, client int) string {
	return fmt.Sprintf("server_max_window_bits=%d; client_max_window_bits=%d", server, client)
}

// wsOptions has a row for each of the perMessageDeflate options of npm ws, and each size of a window.
//
// zlib compresses with no window of 2^8 bytes. Node.js gives it one of 2^9 then, of which zlib uses the last 250 bytes.
func wsOptions() []option {
	rows := []option{
		{name: "defaults", pmd: `{}`, thorough: true, message: true},
		{name: "serverNoContextTakeover", pmd: `{"serverNoContextTakeover": true}`, agreed: serverForgets},
		{name: "clientNoContextTakeover", pmd: `{"clientNoContextTakeover": true}`, agreed: clientForgets},
		{
			name: "threshold", pmd: `{"threshold": 600, "serverNoContextTakeover": true, "clientNoContextTakeover": true}`,
			agreed: serverForgets + ";" + clientForgets, message: true,
		},
		{name: "concurrencyLimit", pmd: `{"concurrencyLimit": 1}`},
		{name: "clientMaxWindowBits=true", pmd: `{"clientMaxWindowBits": true}`},
		{name: "clientMaxWindowBits=false", pmd: `{"clientMaxWindowBits": false}`},
		{name: "level=1", pmd: `{"zlibDeflateOptions": {"level": 1}}`},
		{name: "level=6", pmd: `{"zlibDeflateOptions": {"level": 6}}`},
		{name: "level=9", pmd: `{"zlibDeflateOptions": {"level": 9}}`},
		{name: "memLevel=1", pmd: `{"zlibDeflateOptions": {"memLevel": 1}}`},
		{name: "memLevel=9", pmd: `{"zlibDeflateOptions": {"memLevel": 9}}`},
		{name: "chunkSize", pmd: `{"zlibInflateOptions": {"chunkSize": 1024}}`},
	}
	for bits := 8; bits <= 15; bits++ {
		rows = append(rows, option{
			name:   fmt.Sprintf("windows=%d,%d", bits, 23-bits),
			pmd:    fmt.Sprintf(`{"serverMaxWindowBits": %d, "clientMaxWindowBits": %d}`, bits, 23-bits),
			agreed: windows(bits, 23-bits), message: bits == 8,
		})
	}
	return rows
}

// websocketsOptions does the same for the arguments of the extension's two factories in python3-websockets. It fails where it
// is to compress with a window of 2^8 bytes, since zlib does.
func websocketsOptions() []option {
	rows := []option{
		{name: "defaults", role: "client", thorough: true, message: true},
		{name: "defaults", role: "server", thorough: true, message: true, agreed: windows(12, 12)},
		{name: "factory", pmd: `{}`},
		{name: "server_no_context_takeover", pmd: `{"server_no_context_takeover": true}`, agreed: serverForgets},
		{name: "client_no_context_takeover", pmd: `{"client_no_context_takeover": true}`, agreed: clientForgets},
		{
			name: "no context takeover", pmd: `{"server_no_context_takeover": true, "client_no_context_takeover": true}`,
			agreed: serverForgets + ";" + clientForgets,
		},
		{name: "memLevel=1", pmd: `{"compress_settings": {"memLevel": 1}}`},
		{name: "memLevel=9", pmd: `{"compress_settings": {"memLevel": 9}}`},
	}
	for bits := 8; bits <= 15; bits++ {
		for _, role := range []string{"client", "server"} {
			sizes := []int{23 - bits, max(bits, 9)} // of laminar's window and the peer's
			if role == "server" {
				slices.Reverse(sizes)
			}
			rows = append(rows, option{
				name:   fmt.Sprintf("windows=%d,%d", sizes[0], sizes[1]),
				pmd:    fmt.Sprintf(`{"server_max_window_bits": %d, "client_max_window_bits": %d}`, sizes[0], sizes[1]),
				agreed: windows(sizes[0], sizes[1]), role: role, message: bits == 8,
			})
		}
	}
	return rows
}
