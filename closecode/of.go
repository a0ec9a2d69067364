package closecode

import "errors"

// Of returns the code that err carries: that of the first error in err's tree with a method
//
//	CloseCode() Code
//
// The tree is walked depth first through Unwrap() error and Unwrap() []error, as [errors.As] does it. Of returns
// (0, false) when err is nil or no error in it has the method. The code comes as the error gives it: it may be one that
// is not [Code.Sendable], such as [AbnormalClosure] for a lost connection.
func Of(err error) (Code, bool) {
	e, ok := errors.AsType[interface {
		error
		CloseCode() Code
	}](err)
	if !ok {
		return 0, false
	}
	return e.CloseCode(), true
}
