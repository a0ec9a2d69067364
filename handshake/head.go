package handshake

import (
	"bytes"
	"net/http"
	"strings"
)

// parseFields turns the field lines of a head that copyHead has checked into a header.
func parseFields(text string, lines int) http.Header {
	h := make(http.Header, lines)
	values := make([]string, lines) // most fields have one value: each takes a slice of one from here
	for i := range lines {
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
	return h
}

// copyHead makes the one copy of a head that all its strings are parts of. head is whole, as Scan
// found it: every LF in it ends a line and has a CR before it. The first line, of first bytes, is
// copied as it is, whatever the error. The field lines, of which there are lines, are checked (RFC
// 9112 section 5) and have their names written in canonical form, which saves each a string of its
// own. With fold, a line may go on in the next one, as a client has to accept: its CRLF becomes two
// spaces (RFC 9112 section 5.2).
func copyHead(head []byte, fold bool) (text string, first, lines int, err *RejectError) {
	first = bytes.IndexByte(head, '\n') + 1
	var b strings.Builder
	b.Grow(len(head))
	b.Write(head[:first])
	for i := first; head[i] != '\r' || head[i+1] != '\n'; {
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
			return b.String(), first, 0, badRequest("RFC 9112 section 5.1", nameFault(head[i], i == start))
		}
		start = i
		for {
			for valueByte(head[i]) {
				i++
			}
			if head[i] != '\r' || head[i+1] != '\n' {
				return b.String(), first, 0, badRequest("RFC 9110 section 5.5", "a field value holds a control character")
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
	return b.String(), first, lines, nil
}

// nameFault says what is wrong with a field name that ends with c.
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
