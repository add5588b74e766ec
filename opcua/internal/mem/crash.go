package mem

// Crash is what the server's code panics with where open62541 does something that
// an ESP32 does not survive: it writes through the NULL of a failed allocation,
// or its recursion leaves the task's stack. Whoever runs the server recovers it
// and lets the chip die.
type Crash struct {
	Function string // of open62541
	Cause    string
}

// Error says what happened where.
func (e *Crash) Error() string { return e.Function + ": " + e.Cause }
