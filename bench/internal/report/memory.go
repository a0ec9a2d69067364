package report

// Memory is what a server process holds, in bytes.
type Memory struct {
	Resident int64 // of the whole process, by the kernel's account
	Heap     int64 // of objects that are alive, by the Go runtime's
	Stack    int64 // of goroutines
}

// PerConn returns how much more m is than base, for each of n connections.
func (m Memory) PerConn(base Memory, n int) Memory {
	return Memory{
		Resident: (m.Resident - base.Resident) / int64(n),
		Heap:     (m.Heap - base.Heap) / int64(n),
		Stack:    (m.Stack - base.Stack) / int64(n),
	}
}
