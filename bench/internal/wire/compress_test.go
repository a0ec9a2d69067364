package wire

import (
	"bytes"
	"testing"
)

func TestCompressor(t *testing.T) {
	c := newCompressor()
	c.reset()
	first := c.append([]byte("> "), []byte("Hello"))
	second := c.append(nil, []byte("Hello"))
	c.reset()
	third := c.append([]byte("> "), []byte("Hello"))
	if !bytes.HasPrefix(first, []byte("> ")) || bytes.HasSuffix(first, []byte(tail)) {
		t.Errorf("append = % x; want a message behind the prefix, without the tail (RFC 7692 section 7.2.1)", first)
	}
	if got, err := inflate(nil, second, []byte("Hello"), 5); string(got) != "Hello" || err != nil {
		t.Errorf("the second message inflates to %q, %v", got, err)
	}
	if _, err := inflate(nil, second, nil, 5); err == nil {
		t.Error("the second message does not refer to the first")
	}
	if !bytes.Equal(first, third) {
		t.Errorf("after a reset % x; want % x as at first", third, first)
	}
}
