package teleai

/*
#include <teleai.h>
*/
import "C"

import (
	"context"
	"errors"
)

// Error is what went wrong in a call. errors.Is finds its status (ErrNotFound and the others), and context.Canceled or
// context.DeadlineExceeded where the end of the context ended the call.
type Error struct {
	Status  Status
	Message string
	// five characters from the server, "" when it did not come from there
	SQLState string
	// the violated constraint, or ""
	Constraint string
	// the field or argument at fault, by its name in the C header, or ""
	Field string
	// the index of the input at fault in a call that takes many, else -1
	Item int
	// the same call, or the whole transaction, may well work when tried again
	Retryable bool
	// the write may have happened or not
	OutcomeUnknown bool
	context        error
}

func (e *Error) Error() string {
	return e.Status.String() + ": " + e.Message
}

// Is lets errors.Is compare with a status.
func (e *Error) Is(target error) bool {
	status, ok := target.(Status)
	return ok && status == e.Status
}

// Unwrap is the context's error, where that ended the call.
func (e *Error) Unwrap() error {
	return e.context
}

// Error makes a status an error, for errors.Is.
func (v Status) Error() string {
	return v.String()
}

func errorFrom(e *C.teleai_error, ended error) *Error {
	made := &Error{
		Status:         Status(e.status),
		Message:        C.GoString(&e.message[0]),
		SQLState:       C.GoString(&e.sqlstate[0]),
		Constraint:     C.GoString(&e.constraint[0]),
		Field:          C.GoString(&e.field[0]),
		Item:           -1,
		Retryable:      ErrorFlags(e.flags)&ErrorRetryable != 0,
		OutcomeUnknown: ErrorFlags(e.flags)&ErrorOutcomeUnknown != 0,
	}
	if ErrorFlags(e.flags)&ErrorHasItem != 0 {
		made.Item = int(e.item)
	}
	if made.Status == StatusCancelled || made.Status == StatusTimeout {
		made.context = ended
	}
	return made
}

// contextError is for a call that did not begin.
func contextError(err error) *Error {
	made := &Error{Status: StatusCancelled, Message: err.Error() + " before the call began", Item: -1, context: err}
	if errors.Is(err, context.DeadlineExceeded) {
		made.Status = StatusTimeout
	}
	return made
}
