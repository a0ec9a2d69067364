package closecode_test

import (
	"errors"
	"fmt"

	"github.com/laminar-ws/laminar/closecode"
)

func ExampleCode_Sendable() {
	fmt.Println(closecode.GoingAway.Sendable())
	fmt.Println(closecode.AbnormalClosure.Sendable()) // only reported, never on the wire
	fmt.Println(closecode.Code(4001).Sendable())      // private use
	// Output:
	// true
	// false
	// true
}

func ExampleCode_String() {
	fmt.Println(closecode.ProtocolError)
	fmt.Println(closecode.Code(4001))
	// Output:
	// 1002 protocol error
	// 4001
}

// quotaError is an application's own error that wants the connection closed with a certain code.
type quotaError struct{ used, limit int }

func (e *quotaError) Error() string             { return fmt.Sprintf("%d of %d used", e.used, e.limit) }
func (e *quotaError) CloseCode() closecode.Code { return closecode.PolicyViolation }

func ExampleOf() {
	err := fmt.Errorf("handling a message: %w", &quotaError{used: 11, limit: 10})
	if code, ok := closecode.Of(err); ok {
		fmt.Println(code)
	}
	if _, ok := closecode.Of(errors.New("disk full")); !ok {
		fmt.Println("no code in this one")
	}
	// Output:
	// 1008 policy violation
	// no code in this one
}
