// Plimsoll is the command line of the model.
//
//	go run ./cmd/plimsoll help
//
// Each command has a file of its own.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
)

// A command is one row of the table below.
type command struct {
	name    string
	summary string // one line of help
	run     func(args []string, std stdio) error
}

// commands is the table of all commands, in the order in which help lists them.
func commands() []command {
	return []command{
		{"size", "where a device's memory is after its start, to the byte", size},
		{"explain", "what an option of sdkconfig is, and the bytes that its values cost", explain},
		{"diff", "the bytes between two sdkconfigs, by option", diff},
		{"options", "what the seven options of the case study gain, alone and together", sevenOptions},
		{"serve", "boot a device and offer its OPC UA port to real clients", serve},
	}
}

// stdio is where a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// A usageError says that the arguments are wrong.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// usagef returns a *usageError.
func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

func main() {
	os.Exit(run(os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}

// run returns the exit code: 0, 1 if the command failed, 2 if the arguments are
// wrong.
func run(args []string, std stdio) int {
	if len(args) == 0 {
		printHelp(std.err)
		return 2
	}
	name, args := args[0], args[1:]
	if isHelp(name) {
		if len(args) == 0 || isHelp(args[0]) {
			printHelp(std.out)
			return 0
		}
		// The flags of a command are asked for where the user looks for them.
		name, args, std.err = args[0], []string{"-h"}, std.out
	}
	for _, c := range commands() {
		if c.name != name {
			continue
		}
		err := c.run(args, std)
		var usage *usageError
		switch {
		case err == nil || errors.Is(err, flag.ErrHelp):
			return 0
		case errors.As(err, &usage):
			fmt.Fprintf(std.err, "plimsoll %s: %v\n", name, err)
			return 2
		}
		fmt.Fprintf(std.err, "plimsoll %s: %v\n", name, err)
		return 1
	}
	fmt.Fprintf(std.err, "plimsoll: there is no command %q\n\n", name)
	printHelp(std.err)
	return 2
}

func isHelp(word string) bool {
	return word == "help" || word == "-h" || word == "-help" || word == "--help"
}

func printHelp(w io.Writer) {
	fmt.Fprintln(w, "Plimsoll models the system software of an ESP32 in virtual time.\n\nusage: plimsoll COMMAND [flags]")
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t)
	for _, c := range commands() {
		fmt.Fprintf(t, "  %s\t%s\n", c.name, c.summary)
	}
	fmt.Fprintf(t, "  %s\t%s\n", "help", "this text; help COMMAND lists a command's flags")
	t.Flush()
}

// flags are the flags of a command.
type flags struct {
	*flag.FlagSet
	usage string // what its help begins with
	out   io.Writer
}

// newFlags returns the flags of a command. Its help begins with its name and what
// follows the flags, if anything does, and about.
func newFlags(name, arguments, about string, std stdio) *flags {
	f := &flags{
		FlagSet: flag.NewFlagSet(name, flag.ContinueOnError),
		usage:   fmt.Sprintf("usage: plimsoll %s [flags]%s\n\n%s\n\n", name, arguments, about),
		out:     std.err,
	}
	f.SetOutput(io.Discard) // parse says what is wrong, without the whole help
	f.Usage = func() {}
	return f
}

// parse reads the flags, and prints the help if they ask for it.
func (f *flags) parse(args []string) error {
	err := f.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		f.SetOutput(f.out)
		fmt.Fprint(f.out, f.usage)
		f.PrintDefaults()
		return err
	}
	if err != nil {
		return usagef("%v; \"plimsoll help %s\" lists the flags", err, f.Name())
	}
	return nil
}

// parseAlone reads the arguments of a command that takes flags alone.
func (f *flags) parseAlone(args []string) error {
	if err := f.parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return usagef("no arguments but flags were expected, found %q", f.Args())
	}
	return nil
}

// given reports whether a flag was given, whatever its value.
func (f *flags) given(name string) bool {
	found := false
	f.Visit(func(x *flag.Flag) { found = found || x.Name == name })
	return found
}

// needs says which of the flags were given that mean nothing without another.
func (f *flags) needs(other string, names ...string) error {
	for _, name := range names {
		if f.given(name) && !f.given(other) {
			return usagef("-%s means nothing without -%s", name, other)
		}
	}
	return nil
}

// exclude says if two flags were given of which only one can be.
func (f *flags) exclude(a, b string) error {
	if f.given(a) && f.given(b) {
		return usagef("-%s and -%s contradict each other: one of them was expected", a, b)
	}
	return nil
}
