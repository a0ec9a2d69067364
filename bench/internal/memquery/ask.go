// Package memquery asks the laminar server of the benchmark what its process holds.
package memquery

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/laminar-ws/laminar/bench/internal/report"
)

// Ask asks the server at addr, "host:port", over TLS unless trust is nil. With collect, the server first collects all garbage and
// gives it back, which takes a moment from its connections; else the heap includes the garbage. The connection is closed.
func Ask(ctx context.Context, addr string, trust *tls.Config, collect bool) (m report.Memory, err error) {
	url := "http://" + addr + "/memory"
	if trust != nil {
		url = "https://" + addr + "/memory"
	}
	if !collect {
		url += "?as-is"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return m, fmt.Errorf("memquery: %w", err)
	}
	transport := &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true}
	response, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return m, fmt.Errorf("memquery: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return m, fmt.Errorf("memquery: answered %s", response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(&m); err != nil {
		return m, fmt.Errorf("memquery: %w", err)
	}
	return m, nil
}
