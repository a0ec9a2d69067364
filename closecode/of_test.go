package closecode_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
)

// coded carries a code, and perhaps a cause.
type coded struct {
	code  closecode.Code
	cause error
}

func (e *coded) Error() string             { return "coded " + e.code.String() }
func (e *coded) CloseCode() closecode.Code { return e.code }
func (e *coded) Unwrap() error             { return e.cause }

// otherMethod has a method of the same name that gives something else.
type otherMethod struct{}

func (otherMethod) Error() string  { return "other" }
func (otherMethod) CloseCode() int { return 1000 }

func TestOf(t *testing.T) {
	tooBig := &coded{code: closecode.MessageTooBig}
	policy := &coded{code: closecode.PolicyViolation}
	for _, tt := range []struct {
		name string
		err  error
		want closecode.Code
		ok   bool
	}{
		{"nil", nil, 0, false},
		{"no code", io.EOF, 0, false},
		{"no code wrapped", fmt.Errorf("reading: %w", io.EOF), 0, false},
		{"a method of another type", otherMethod{}, 0, false},
		{"itself", tooBig, 1009, true},
		{"wrapped once", fmt.Errorf("reading: %w", tooBig), 1009, true},
		{"wrapped twice", fmt.Errorf("a: %w", fmt.Errorf("b: %w", tooBig)), 1009, true},
		{"the outer before its cause", &coded{code: closecode.InternalError, cause: tooBig}, 1011, true},
		{"joined, first", errors.Join(tooBig, policy), 1009, true},
		{"joined, second", errors.Join(io.EOF, policy, tooBig), 1008, true},
		{"depth before breadth", errors.Join(fmt.Errorf("deep: %w", fmt.Errorf("deeper: %w", policy)), tooBig), 1008, true},
		{"several with percent w", fmt.Errorf("%w and %w", io.EOF, tooBig), 1009, true},
		{"a code of zero", &coded{}, 0, true},
		{"one that is never sent", &coded{code: closecode.AbnormalClosure}, 1006, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := closecode.Of(tt.err)
			if got != tt.want || ok != tt.ok {
				t.Errorf("Of(%v) = %v, %v; want %v, %v", tt.err, got, ok, tt.want, tt.ok)
			}
		})
	}
}
