package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"testing"
)

func TestWrite(t *testing.T) {
	p, err := Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(p.CertFile, p.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	if key, ok := pair.PrivateKey.(*ecdsa.PrivateKey); !ok || key.Curve != elliptic.P256() {
		t.Errorf("a key of type %T; want ECDSA on P-256", pair.PrivateKey)
	}
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: p.Pool, DNSName: "127.0.0.1"}); err != nil {
		t.Errorf("the pool does not trust it: %v", err)
	}
	other, err := Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: other.Pool, DNSName: "127.0.0.1"}); err == nil {
		t.Error("another certificate's pool trusts it")
	}
}
