package conn_test

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestConn_Drive_shutdown: a Shutdown that began before the connection was driven neither reads from it nor is waited for, not even by a function that panics.
func TestConn_Drive_shutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		defer b.Close()
		opts, log := reports()
		c := conn.New(a, frame.Server, opts)
		wrote := inBackground(func() error { return c.Write(t0, frame.Text, []byte("old")) })
		synctest.Wait()
		shut := inBackground(func() error { return c.Shutdown(t0, closecode.NormalClosure, "") })
		synctest.Wait()
		w := &wire{t: t, room: -1}
		drive := inBackground(func() *conn.Driver {
			d, err := c.Drive(w, &conn.Events{OnMessage: func(*conn.Conn, conn.Message) { panic("the reason of the panic") }})
			if err != nil {
				t.Error(err)
			}
			return d
		})
		synctest.Wait()
		go io.Copy(io.Discard, b)
		d := drive()
		if err := wrote(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		x := &wired{t: t, d: d, c: c, w: w, p: &peer{t: t, role: frame.Client}}
		begun := time.Now()
		if err := d.Feed(x.p.frame(0x81, "m")); err == nil || time.Since(begun) != 0 || log.Len() == 0 {
			t.Errorf("Feed: %v after %v; the log has %q; want the panic, at once", err, time.Since(begun), log)
		}
		if !d.End(nil) {
			t.Error("a driver whose peer has gone does not end")
		}
		shut()
		a.Close()
	})
}
