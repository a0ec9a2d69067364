package server

import (
	"context"
	"net/http"

	"github.com/laminar-ws/laminar/conn"
)

// Handler returns a handler that accepts WebSocket connections and serves each with ev's functions, on a small goroutine of the connection's
// own that ends with it: net/http's goroutine and buffers are freed. A request that is refused is answered, and none of ev's functions
// called. opts are copied.
//
// An http.Server does not know of these connections once they are open, so its Shutdown leaves them alone. Server's ends them.
func Handler(ev *conn.Events, opts *Options) http.Handler {
	o := *opts.orDefault()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := Accept(w, r, &o)
		if err != nil {
			return
		}
		go c.Serve(context.Background(), ev)
	})
}
