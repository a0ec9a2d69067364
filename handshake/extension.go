package handshake

import "strings"

// Param is one parameter of an extension. The value of a quoted string is kept without its quotes.
// HasValue tells `a`, which has no value, from `a=x`.
type Param struct {
	Name     string
	Value    string
	HasValue bool
}

// Extension is one element of Sec-WebSocket-Extensions with its parameters in the order of the
// header (RFC 6455 section 9.1). In an offer, a name may occur several times, with parameters that
// are alternatives: each occurrence is an Extension of its own.
type Extension struct {
	Name   string
	Params []Param
}

// String returns the extension as [Extension.Append] writes it.
func (e Extension) String() string { return string(e.Append(nil)) }

// Append appends the extension as an element of Sec-WebSocket-Extensions to dst. A value that is
// not a token is quoted; a control character, which no quoting makes legal, becomes a space,
// so that nothing appended ends a line. Whether the grammar allows the result is for [Offer.Append]
// to say: names must be tokens, and values too, quoted or not (RFC 6455 section 9.1).
func (e Extension) Append(dst []byte) []byte {
	dst = appendClean(dst, e.Name)
	for _, p := range e.Params {
		dst = append(dst, "; "...)
		dst = appendClean(dst, p.Name)
		switch {
		case !p.HasValue:
		case isToken(p.Value):
			dst = append(dst, '=')
			dst = append(dst, p.Value...)
		default:
			dst = append(dst, '=', '"')
			for i := 0; i < len(p.Value); i++ {
				c := p.Value[i]
				if c == '"' || c == '\\' {
					dst = append(dst, '\\')
				}
				dst = append(dst, cleanByte(c))
			}
			dst = append(dst, '"')
		}
	}
	return dst
}

// valid reports whether e follows the grammar of RFC 6455 section 9.1.
func (e Extension) valid() bool {
	if !isToken(e.Name) {
		return false
	}
	for _, p := range e.Params {
		if !isToken(p.Name) || p.HasValue && !isToken(p.Value) {
			return false
		}
	}
	return true
}

func appendExtensions(dst []byte, list []Extension) []byte {
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = e.Append(dst)
	}
	return dst
}

// ParseExtensions parses the values of the lines of Sec-WebSocket-Extensions, in order, by the
// grammar of RFC 6455 section 9.1. No line gives no extension and no error; lines without any
// extension are an error, and so is a value that is not a token once its quotes and backslashes are
// gone. Names are kept as they are, several of one name are kept apart, and what parameters mean is
// not looked at. The error is a [*RejectError] with status 400, or 431 for more than [MaxElements].
func ParseExtensions(lines []string) ([]Extension, error) {
	const section = "RFC 6455 section 9.1"
	var list []Extension
	elements := 0
	for _, line := range lines {
		l := lexer{rest: line}
		for l.space(); l.rest != ""; l.space() {
			if l.take(',') {
				continue // an empty element (RFC 9110 section 5.6.1.2)
			}
			e, reason := l.extension(MaxElements - elements)
			if elements += 1 + len(e.Params); elements > MaxElements {
				return nil, tooLarge("a list has too many elements")
			}
			if reason == "" && l.rest != "" && !l.take(',') {
				reason = "an extension is followed by something other than a comma"
			}
			if reason != "" {
				return nil, badRequest(section, reason)
			}
			list = append(list, e)
		}
	}
	if len(lines) > 0 && len(list) == 0 {
		return nil, badRequest(section, "a list of extensions is empty")
	}
	return list, nil
}

// lexer eats a field value from the left and never looks back.
type lexer struct{ rest string }

// space skips white space, which the grammar allows between any two words (RFC 2616 section 2.1,
// implied LWS).
func (l *lexer) space() {
	i := 0
	for i < len(l.rest) && (l.rest[i] == ' ' || l.rest[i] == '\t') {
		i++
	}
	l.rest = l.rest[i:]
}

func (l *lexer) take(c byte) bool {
	if l.rest == "" || l.rest[0] != c {
		return false
	}
	l.rest = l.rest[1:]
	return true
}

func (l *lexer) token() string {
	n := tokenLen(l.rest)
	t := l.rest[:n]
	l.rest = l.rest[n:]
	return t
}

// extension reads one extension and the space behind it; reason is not "" where it is none. It
// stops behind its limit-th parameter.
func (l *lexer) extension(limit int) (e Extension, reason string) {
	if e.Name = l.token(); e.Name == "" {
		return e, "an extension has no name"
	}
	for l.space(); len(e.Params) < limit && l.take(';'); l.space() {
		l.space()
		p := Param{Name: l.token()}
		if p.Name == "" {
			return e, "an extension parameter has no name"
		}
		l.space()
		if l.take('=') {
			l.space()
			p.HasValue = true
			if p.Value, reason = l.value(); reason != "" {
				return e, reason
			}
		}
		e.Params = append(e.Params, p)
	}
	return e, ""
}

func (l *lexer) value() (v, reason string) {
	if !l.take('"') {
		if v = l.token(); v == "" {
			return "", "an extension parameter has an equals sign and no value"
		}
		return v, ""
	}
	n := strings.IndexByte(l.rest, '"')
	if n < 0 {
		return "", openQuotes
	}
	if v = l.rest[:n]; strings.IndexByte(v, '\\') < 0 {
		l.rest = l.rest[n+1:]
	} else if v, reason = l.unquote(); reason != "" {
		return "", reason
	}
	if !isToken(v) {
		return "", "a quoted extension parameter is not a token"
	}
	return v, ""
}

const openQuotes = "a quoted extension parameter does not end"

// unquote reads up to the closing quote and drops the backslash of each quoted pair.
func (l *lexer) unquote() (v, reason string) {
	var b strings.Builder
	for i := 0; i < len(l.rest); i++ {
		c := l.rest[i]
		if c == '"' {
			l.rest = l.rest[i+1:]
			return b.String(), ""
		}
		if c == '\\' {
			if i++; i == len(l.rest) {
				break
			}
			c = l.rest[i]
		}
		b.WriteByte(c)
	}
	return "", openQuotes
}
