package handshake

import (
	"net/http"
	"strings"
)

// parseFields turns the field lines of a head into a header. head begins with the first field line and
// ends with the empty line; lines is the number of lines, for the allocations. All strings of
// the header are parts of one copy of head. fold lets a line go on in the next one, as a client has to
// accept (RFC 9112 section 5.2).
func parseFields(head []byte, fold bool) (http.Header, *RejectError) {
	text, lines, err := copyFields(head, fold)
	if err != nil {
		return nil, err
	}
	h := make(http.Header, lines)
	values := make([]string, lines) // most fields have one value: each takes a slice of one from here
	for i := range lines {
		// copyFields has seen the colon and the CRLF of each line.
		colon := strings.IndexByte(text, ':')
		end := colon + strings.IndexByte(text[colon:], '\r')
		name, value := text[:colon], trimOWS(text[colon+1:end])
		text = text[end+2:]
		if have, ok := h[name]; ok {
			h[name] = append(have, value)
		} else {
			values[i] = value
			h[name] = values[i : i+1 : i+1]
		}
	}
	return h, nil
}

// copyFields copies head, checks it (RFC 9112 section 5) and writes the field names in canonical form on the way,
// which costs no string of their own. The copy is as long as head without the empty line. A line that goes on in
// the next has its CRLF replaced by two spaces.
func copyFields(head []byte, fold bool) (text string, lines int, err *RejectError) {
	var b strings.Builder
	b.Grow(len(head))
	for i := 0; head[i] != '\r' || head[i+1] != '\n'; {
		upper, start := true, i
		for ; tokenByte[head[i]]; i++ {
			c := head[i]
			if upper && 'a' <= c && c <= 'z' {
				c -= 'a' - 'A'
			} else if !upper {
				c = lower(c)
			}
			upper = c == '-'
			b.WriteByte(c)
		}
		if i == start || head[i] != ':' {
			return "", 0, badRequest("RFC 9112 section 5", nameFault(head[i], i == start))
		}
		start = i
		for {
			for valueByte(head[i]) {
				i++
			}
			if head[i] != '\r' || head[i+1] != '\n' {
				return "", 0, badRequest("RFC 9110 section 5.5", "a field value holds a control character")
			}
			if next := head[i+2]; !fold || next != ' ' && next != '\t' {
				break
			}
			b.Write(head[start:i])
			b.WriteString("  ")
			i += 2
			start = i
		}
		b.Write(head[start : i+2])
		i += 2
		lines++
	}
	return b.String(), lines, nil
}

func nameFault(c byte, first bool) string {
	switch {
	case first && (c == ' ' || c == '\t'):
		return "a header line is folded or begins with white space"
	case c == ' ' || c == '\t':
		return "there is white space between a field name and its colon"
	case first && c == ':':
		return "a field has no name"
	}
	return "a field name holds a byte that is in no token, or a header line has no colon"
}
