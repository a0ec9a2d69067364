package poll

// WaitInKernel makes p wait in epoll_wait(2), as it does where an epoll instance cannot be waited for in the Go scheduler's
// poller.
func (p *Poller) WaitInKernel() { p.sys.parking.conn = nil }

// Parks reports whether p waits in the Go scheduler's poller.
func (p *Poller) Parks() bool { return p.sys.parking.conn != nil }
