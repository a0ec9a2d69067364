package handshake

import (
	"slices"
	"strings"
)

// MaxElements is the largest number of elements in one of the handshake's lists,
// Sec-WebSocket-Protocol and Sec-WebSocket-Extensions, an extension's parameters counted as
// elements too. Empty ones are not counted: they cost no memory. A head within its limits could
// otherwise become 70 times its size.
const MaxElements = 100

// ParseTokens parses a comma-separated list of tokens, each at most once: the value of
// Sec-WebSocket-Protocol in a request (RFC 6455 section 4.1 item 10). lines are the values of the
// field's lines in order; no line gives no tokens and no error, lines without any token are an
// error. Tokens are compared case-sensitively. The error is a [*RejectError] with status 400, or
// 431 for more than [MaxElements].
func ParseTokens(lines []string) ([]string, error) {
	const section = "RFC 6455 section 4.1"
	var tokens []string
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			switch element = trimOWS(element); {
			case element == "":
				// Legal, and no element (RFC 9110 section 5.6.1.2).
			case !isToken(element):
				return nil, badRequest(section, "a list of tokens holds something else")
			case slices.Contains(tokens, element):
				return nil, badRequest(section, "a list of tokens names one twice")
			case len(tokens) == MaxElements:
				return nil, tooLarge("a list has too many elements")
			default:
				tokens = append(tokens, element)
			}
		}
	}
	if len(lines) > 0 && len(tokens) == 0 {
		return nil, badRequest(section, "a list of tokens is empty")
	}
	return tokens, nil
}

// SelectSubprotocol returns the first of supported, the server's order of preference, that the
// client offered, and "" when they have none in common (RFC 6455 section 4.2.2 item 5). Names are
// compared case-sensitively.
func (o Offer) SelectSubprotocol(supported []string) string {
	for _, name := range supported {
		if slices.Contains(o.Subprotocols, name) {
			return name
		}
	}
	return ""
}
