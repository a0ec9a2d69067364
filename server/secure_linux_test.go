package server_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/server"
)

// keyUpdates makes records by hand that crypto/tls has no method for: requests that the peer change its key, each of which it answers.
type keyUpdates struct {
	secret []byte // of the client's records
	seq    uint64
}

func expandLabel(secret []byte, label string, n int) []byte {
	label = "tls13 " + label
	info := binary.BigEndian.AppendUint16(nil, uint16(n))
	info = append(append(append(info, byte(len(label))), label...), 0)
	b, err := hkdf.Expand(sha256.New, secret, string(info), n)
	if err != nil {
		panic(err)
	}
	return b
}

// append puts a record behind b, with content of the given type.
func (k *keyUpdates) append(b []byte, content string, kind byte) []byte {
	block, _ := aes.NewCipher(expandLabel(k.secret, "key", 16))
	aead, _ := cipher.NewGCM(block)
	nonce := expandLabel(k.secret, "iv", 12)
	for i := range 8 {
		nonce[11-i] ^= byte(k.seq >> (8 * i))
	}
	k.seq++
	inner := append([]byte(content), kind)
	head := binary.BigEndian.AppendUint16([]byte{23, 3, 3}, uint16(len(inner)+aead.Overhead()))
	return append(append(b, head...), aead.Seal(nil, nonce, inner, head)...)
}

// update puts a KeyUpdate behind b that asks for an answer.
func (k *keyUpdates) update(b []byte) []byte {
	b = k.append(b, "\x18\x00\x00\x01\x01", 22)
	k.secret, k.seq = expandLabel(k.secret, "traffic upd", sha256.Size), 0
	return b
}

// data puts application data behind b.
func (k *keyUpdates) data(b []byte, p string) []byte { return k.append(b, p, 23) }

// connectKeyed is connect over TLS 1.3, with what it takes to make records by hand behind the n that the client will have sent.
func connectKeyed(t *testing.T, addr string, n uint64) (*peer, *held, *keyUpdates) {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.(*net.TCPConn).SetReadBuffer(4 << 10)
	h := &held{Conn: nc}
	var keys bytes.Buffer
	tc := tls.Client(h, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13, KeyLogWriter: &keys})
	if err := tc.Handshake(); err != nil {
		t.Fatal(err)
	}
	if tc.ConnectionState().CipherSuite != tls.TLS_AES_128_GCM_SHA256 {
		t.Skip("another cipher suite was chosen")
	}
	for line := range strings.Lines(keys.String()) {
		if f := strings.Fields(line); f[0] == "CLIENT_TRAFFIC_SECRET_0" {
			secret, _ := hex.DecodeString(f[2])
			return newPeer(tc), h, &keyUpdates{secret, n}
		}
	}
	t.Fatal("no client's secret")
	return nil, nil, nil
}

// What crypto/tls answers by itself is bounded for a client that does not read, as all else is: the client is not read from either. And such records count
// for the turns of others.
func TestSecure_keyUpdates(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		conns := make(chan net.Conn, 2)
		s := m.echo(&server.Server{TLSConfig: tlsConfig(t)})
		s.Events = &conn.Events{OnMessage: echoEvents.OnMessage, OnOpen: func(c *conn.Conn) {
			raw, _ := c.NetConn().(syscall.Conn).SyscallConn()
			raw.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, 4<<10) })
			conns <- c.NetConn()
		}}
		addr := startTLS(t, s)
		p, h, k := connectKeyed(t, addr, 1)
		p.send(request(""))
		p.upgraded(t)
		ours := <-conns
		b := k.data(nil, "\x82\xff\x00\x00\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00") // a message of 512 KiB, byte by byte
		for range 3000 {
			for range 16 { // between two bytes crypto/tls stands no more
				b = k.update(b)
			}
			b = k.data(b, "x")
		}
		written := make(chan struct{})
		go func() {
			h.Conn.Write(b) // ends with the connection
			close(written)
		}()
		for other, i := connectTLS(t, addr), 0; i < 50; i++ {
			if i == 0 {
				other.send(request(""))
				other.upgraded(t)
			}
			other.send(masked(0x81, "hi"))
			other.wants(t, "\x81\x02hi")
			if kept := server.Kept(ours); kept > 256<<10 {
				t.Fatalf("%d KiB are kept for a client that has sent %d KiB and reads nothing", kept>>10, len(b)>>10)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if server.Kept(ours) == 0 {
			t.Error("all answers were taken: the test tests nothing")
		}
		h.Conn.Close()
		<-written
	})
}
