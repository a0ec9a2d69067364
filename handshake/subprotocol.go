package handshake

import (
	"slices"
	"strings"
)

// ParseTokens parses a comma-separated list of tokens, each at most once: the value of
// Sec-WebSocket-Protocol in a request (RFC 6455 section 4.1 item 10). lines are the values of the
// field's lines in order; no line gives no tokens and no error, lines without any token are an error.
// Tokens are compared case-sensitively. The error is a [*RejectError] with status 400.
func ParseTokens(lines []string) ([]string, error) {
	const section = "RFC 6455 section 4.1"
	if len(lines) == 0 {
		return nil, nil
	}
	var tokens []string
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			switch element = trimOWS(element); {
			case element == "":
				// Legal, and no element (RFC 9110 section 5.6.1.2).
			case isToken(element):
				tokens = append(tokens, element)
			default:
				return nil, badRequest(section, "a list of tokens holds something else")
			}
		}
	}
	if len(tokens) == 0 {
		return nil, badRequest(section, "a list of tokens is empty")
	}
	if !unique(tokens) {
		return nil, badRequest(section, "a list of tokens names one twice")
	}
	return tokens, nil
}

// unique compares a few strings with one another and looks many up, so that a head full of
// one-letter tokens costs no more than its bytes.
func unique(tokens []string) bool {
	if len(tokens) <= 8 {
		for i, t := range tokens {
			if slices.Contains(tokens[:i], t) {
				return false
			}
		}
		return true
	}
	seen := make(map[string]struct{}, len(tokens))
	for _, t := range tokens {
		seen[t] = struct{}{}
	}
	return len(seen) == len(tokens)
}

// SelectSubprotocol returns the first of supported, the server's order of preference, that the client
// offered, and "" when they have none in common (RFC 6455 section 4.2.2 item 5). Names are compared
// case-sensitively.
func (o Offer) SelectSubprotocol(supported []string) string {
	for _, name := range supported {
		if slices.Contains(o.Subprotocols, name) {
			return name
		}
	}
	return ""
}
