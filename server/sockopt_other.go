//go:build !(linux || darwin || freebsd)

package server

// There are no sockets of ours on this system.

func setListenerOptions(int) {}
func setConnOptions(int)     {}
