package server

import (
	"crypto/tls"
	"net"
)

func isTLS(nc net.Conn) bool {
	_, ok := nc.(*tls.Conn)
	return ok
}

// pinHTTP1 returns cfg with HTTP/1.1 as the only protocol to negotiate, since the opening handshake of RFC 6455 is in it.
func pinHTTP1(cfg *tls.Config) *tls.Config {
	if cfg = cfg.Clone(); cfg == nil {
		cfg = &tls.Config{}
	}
	cfg.NextProtos = []string{"http/1.1"}
	return cfg
}

func hasCertificate(cfg *tls.Config) bool {
	return len(cfg.Certificates) > 0 || cfg.GetCertificate != nil || cfg.GetConfigForClient != nil
}
