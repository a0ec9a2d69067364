//go:build race

package hostile_test

const race = true
