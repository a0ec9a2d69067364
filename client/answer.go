package client

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/laminar-ws/laminar/handshake"
)

// maxInformational is how many 1xx responses may come before the one that counts (RFC 9110 section 15.2).
const maxInformational = 8

// bodyTime is how long Dial waits for the body of a refusal, which may never end.
const bodyTime = time.Second

// readAnswer reads responses from nc until the one that answers the offer. rest is what came behind it: the first frames.
func readAnswer(nc net.Conn, offer handshake.Offer) (a handshake.Answer, rest []byte, err error) {
	var buf []byte
	for range maxInformational + 1 {
		response, n, err := readHead(nc, &buf)
		if err != nil {
			return a, nil, err
		}
		if response.StatusCode >= 100 && response.StatusCode < 200 && response.StatusCode != http.StatusSwitchingProtocols {
			buf = buf[n:]
			continue
		}
		if a, err = offer.Check(response); err != nil {
			refused := &RefusedError{Status: response.StatusCode, Header: response.Header, Err: err}
			if response.StatusCode != http.StatusSwitchingProtocols {
				timer := time.AfterFunc(bodyTime, func() { interrupt(nc) }) // a deadline would undo that of an ended context
				refused.Body = readBody(io.MultiReader(bytes.NewReader(buf), nc))
				timer.Stop()
			}
			return a, nil, refused
		}
		return a, buf[n:], nil
	}
	return a, nil, errors.New("too many 1xx responses before the answer (RFC 9110 section 15.2)")
}

// readHead reads until *buf begins with the whole head of a response, of n bytes.
func readHead(r io.Reader, buf *[]byte) (response *http.Response, n int, err error) {
	var scanner handshake.HeadScanner
	for {
		response, n, err = scanner.ParseResponse(*buf)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			return response, n, err
		}
		*buf = slices.Grow(*buf, 1<<10)
		m, err := r.Read((*buf)[len(*buf):cap(*buf)])
		*buf = (*buf)[:len(*buf)+m]
		if m == 0 && err != nil {
			if err == io.EOF {
				err = fmt.Errorf("the server closed the connection instead of answering: %w", io.ErrUnexpectedEOF)
			}
			return nil, 0, err
		}
	}
}

// readBody reads the beginning of a refusing response's body, from the response's first byte on. That it
// is cut short is no error of its own. The body is not closed: that would read the rest of it, and it may have no end.
func readBody(r io.Reader) []byte {
	response, err := http.ReadResponse(bufio.NewReader(r), nil)
	if err != nil {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, MaxRefusalBody))
	return body
}
