package vtime

import (
	"fmt"
	"runtime/debug"
	"time"
)

// A PanicError is what the run panics with when the Go code of a process
// panicked. A coroutine's panic surfaces in the code that runs the loop, where
// neither the process nor its stack is to be seen any more: so both are here.
type PanicError struct {
	Proc  string        // the process's name
	At    time.Duration // virtual time
	Value any           // what the code panicked with
	Stack []byte        // of the process
}

// newPanic wraps the value that the code of p panicked with. It has to be called
// where the panic is recovered, for the stack.
func newPanic(p *Proc, value any) *PanicError {
	if e, ok := value.(*PanicError); ok { // of a world that the process runs itself
		return e
	}
	return &PanicError{Proc: p.name, At: p.loop.now, Value: value, Stack: debug.Stack()}
}

// Error gives the panic, the process, and the stack on which it happened.
func (e *PanicError) Error() string {
	return fmt.Sprintf("%v\n\nin process %q at %v of virtual time:\n%s", e.Value, e.Proc, e.At, e.Stack)
}

// Unwrap returns the value of the panic if it is an error, such as a
// runtime.Error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
