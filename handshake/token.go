package handshake

import "strings"

// tokenByte says which bytes a token is made of (RFC 9110 section 5.6.2). RFC 6455 takes its tokens
// from RFC 2616, whose set is the same: visible ASCII without separators.
var tokenByte = func() (t [256]bool) {
	for c := '!'; c <= '~'; c++ {
		t[c] = !strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
	}
	return t
}()

func isToken(s string) bool {
	return s != "" && tokenLen(s) == len(s)
}

// tokenLen returns the length of the token s begins with, 0 for none.
func tokenLen(s string) int {
	for i := 0; i < len(s); i++ {
		if !tokenByte[s[i]] {
			return i
		}
	}
	return len(s)
}

// trimOWS cuts optional white space, spaces and tabs alone, from both ends (RFC 9110 section
// 5.6.3).
func trimOWS(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// equalFold compares ASCII case-insensitively. strings.EqualFold would fold by Unicode, where
// "websoc\u212Aet", with a Kelvin sign, is websocket too.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && equalFold(s[:len(prefix)], prefix)
}

// HasToken reports whether a field that is a comma-separated list, such as Connection or Upgrade,
// has token among its elements. lines are the values of the field's lines in order
// (http.Header.Values). Elements are compared ASCII case-insensitively and whole: "websocket/13" is
// not "websocket". Empty elements are legal (RFC 9110 section 5.6.1.2).
func HasToken(lines []string, token string) bool {
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			if equalFold(trimOWS(element), token) {
				return true
			}
		}
	}
	return false
}
