//go:build !purego

package mask

// Plain runs f without the assembly. Nothing else may run meanwhile.
func Plain(f func()) {
	defer func(had bool) { hasVector = had }(hasVector)
	hasVector = false
	f()
}
