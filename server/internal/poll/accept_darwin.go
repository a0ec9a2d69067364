package poll

import "syscall"

// accept sets in steps what accept4 would at once; the lock keeps a fork from inheriting the descriptor in between. The
// listener does not block, so the lock is held for no longer than that takes.
func accept(fd int) (nfd int, err error) {
	syscall.ForkLock.RLock()
	nfd, _, err = syscall.Accept(fd)
	if err == nil {
		syscall.CloseOnExec(nfd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, err
	}
	if err := syscall.SetNonblock(nfd, true); err != nil {
		syscall.Close(nfd)
		return -1, err
	}
	return nfd, nil
}
