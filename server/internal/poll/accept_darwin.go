package poll

import "syscall"

// accept sets in steps what accept4 would at once; the lock keeps a fork from inheriting the descriptor in between. The
// listener does not block, so the lock is held for no longer than that takes.
func accept(fd int) (nfd int, from syscall.Sockaddr, err error) {
	syscall.ForkLock.RLock()
	nfd, from, err = syscall.Accept(fd)
	if err == nil {
		syscall.CloseOnExec(nfd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, nil, err
	}
	if err := syscall.SetNonblock(nfd, true); err != nil {
		syscall.Close(nfd)
		return -1, nil, err
	}
	return nfd, from, nil
}
