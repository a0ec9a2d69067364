package zlib

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
)

// How zlib ends a message that it deflates.
const (
	endSync             = iota // with an empty stored block, as most do
	endFull                    // the same, and forgets the context
	endSeveral                 // after several flushes of any kind (RFC 7692 section 7.2.3.5)
	endFinish                  // with a final block (section 7.2.3.4)
	endFinishDictionary        // the same, and keeps the context
	endSeveralFinish           // after several flushes, final blocks among them
)

// The strategies of zlib's deflateInit2.
const (
	strategyDefault = iota
	strategyFiltered
	strategyHuffman
	strategyRLE
	strategyFixed
)

const markerUnseen = 8 // the first byte of an answer

// settings are those of a connection, as the package's documentation says.
type settings struct {
	Do       string `json:"do"`
	Messages int    `json:"messages"`
	Bits     uint8  `json:"bits"`
	Takeover bool   `json:"takeover"`
	Step     int    `json:"step"`
	Markers  int    `json:"markers"`
	Level    int    `json:"level"`
	Memory   int    `json:"memory"`
	Strategy int    `json:"strategy"`
	Seed     int    `json:"seed"`
}

// answer is what the peer made of a message.
type answer struct {
	marker int // the bit, or markerUnseen
	data   []byte
	err    error
}

// peer is a running peer.py. It is for one goroutine at a time.
type peer struct {
	in  *bufio.Writer
	out *bufio.Reader
}

// startPeer starts a peer, which ends with the test.
func startPeer(t *testing.T) *peer {
	t.Helper()
	cmd := exec.Command("/usr/bin/python3", *peerPath)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if t.Failed() {
			cmd.Process.Kill() // it may wait for us to read
		}
		if err := cmd.Wait(); err != nil && !t.Failed() {
			t.Errorf("the peer ended with %v", err)
		}
	})
	return &peer{bufio.NewWriterSize(in, 1<<16), bufio.NewReaderSize(out, 1<<16)}
}

// exchange has the peer serve a connection.
func (p *peer) exchange(t *testing.T, s settings, messages [][]byte) []answer {
	t.Helper()
	s.Messages = len(messages)
	head, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range append([][]byte{head}, messages...) {
		p.in.Write(binary.BigEndian.AppendUint32(nil, uint32(len(m)))) // an error is kept
		p.in.Write(m)
	}
	if err := p.in.Flush(); err != nil {
		t.Fatalf("write to the peer: %v", err)
	}
	answers := make([]answer, len(messages))
	for i := range answers {
		if answers[i], err = p.answer(); err != nil {
			t.Fatalf("read from the peer: %v", err)
		}
	}
	return answers
}

func (p *peer) answer() (answer, error) {
	var head [5]byte
	if _, err := io.ReadFull(p.out, head[:]); err != nil {
		return answer{}, err
	}
	data := make([]byte, binary.BigEndian.Uint32(head[:4])-1)
	if _, err := io.ReadFull(p.out, data); err != nil {
		return answer{}, err
	}
	if head[4] > markerUnseen {
		return answer{err: errors.New(string(data))}, nil
	}
	return answer{marker: int(head[4]), data: data}, nil
}
