package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// caseTimeout bounds every connection. The suite itself gives a case up after 8 minutes at most, and it does not answer
// while it writes reports.
const caseTimeout = 15 * time.Minute

// fuzzer is the testsuite's server. A path of its URL is a command.
type fuzzer struct {
	url     string
	agent   string
	options client.Options
	timeout time.Duration // for each connection
}

// cases asks for the number of cases.
func (f *fuzzer) cases(ctx context.Context) (n int, err error) {
	end, err := f.talk(ctx, "/getCaseCount", func(ctx context.Context, c *conn.Conn) error {
		m, err := c.Read(ctx)
		if err != nil {
			return err
		}
		if n, err = strconv.Atoi(string(m.Data)); err != nil || m.Op != frame.Text || n < 0 {
			return fmt.Errorf("the number of cases is %v %.100q", m.Op, m.Data)
		}
		return drain(ctx, c)
	})
	if err == nil {
		err = mustClose("/getCaseCount", end)
	}
	return n, err
}

// run echoes case i, counted from 1, with serve and returns how the connection ended. An error is another thing: the case did not take
// place or has no end.
func (f *fuzzer) run(ctx context.Context, i int, serve func(context.Context, *conn.Conn) error) (end, err error) {
	return f.talk(ctx, fmt.Sprintf("/runCase?case=%d&agent=%s", i, url.QueryEscape(f.agent)), serve)
}

// report has the reports written, and waits for that.
func (f *fuzzer) report(ctx context.Context) error {
	end, err := f.talk(ctx, "/updateReports?agent="+url.QueryEscape(f.agent), drain)
	if err == nil {
		err = mustClose("/updateReports", end)
	}
	return err
}

// talk connects, calls serve and returns how the connection ended, as serve says. Whatever else serve returns is an error.
func (f *fuzzer) talk(ctx context.Context, command string, serve func(context.Context, *conn.Conn) error) (end, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	c, err := client.Dial(ctx, strings.TrimSuffix(f.url, "/")+command, &f.options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	defer c.Close()
	end = serve(ctx, c)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s: %w", command, ctx.Err())
	}
	if !errors.Is(end, net.ErrClosed) {
		return nil, fmt.Errorf("%s: %w", command, end)
	}
	return end, nil
}

// drain reads until the connection ends and returns why it ended.
func drain(ctx context.Context, c *conn.Conn) error {
	for {
		if _, err := c.Read(ctx); err != nil {
			return err
		}
	}
}

// mustClose returns an error unless a command ended with a closing handshake, which says that it was carried out.
func mustClose(command string, end error) error {
	if e, ok := errors.AsType[*conn.CloseError](end); ok && e.Code != closecode.AbnormalClosure {
		return nil
	}
	return fmt.Errorf("%s: %w", command, end)
}
