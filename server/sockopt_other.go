//go:build !(linux || darwin || freebsd)

package server

// There are no sockets of ours on this system.

const inheritsOptions = false

func setTCPOptions(int) {}
