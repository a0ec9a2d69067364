//go:build !amd64 || purego

package mask

// Plain runs f; there is no assembly in this build.
func Plain(f func()) { f() }
