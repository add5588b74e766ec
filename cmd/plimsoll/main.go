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

// A usageError says that the arguments are wrong. Without a text it has been said
// already.
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
	if name == "help" || name == "-h" || name == "-help" || name == "--help" {
		if len(args) == 0 {
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
			if usage.text != "" {
				fmt.Fprintf(std.err, "plimsoll %s: %v\n", name, err)
			}
			return 2
		}
		fmt.Fprintf(std.err, "plimsoll %s: %v\n", name, err)
		return 1
	}
	fmt.Fprintf(std.err, "plimsoll: there is no command %q\n\n", name)
	printHelp(std.err)
	return 2
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

// newFlags returns the flag set of a command, whose help begins with about.
func newFlags(name, about string, std stdio) *flag.FlagSet {
	flags := flag.NewFlagSet("plimsoll "+name, flag.ContinueOnError)
	flags.SetOutput(std.err)
	flags.Usage = func() {
		fmt.Fprintf(std.err, "usage: plimsoll %s [flags]\n\n%s\n\n", name, about)
		flags.PrintDefaults()
	}
	return flags
}

// parse reads the arguments of a command that takes flags alone.
func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return &usageError{} // flags has written what is wrong
	}
	if flags.NArg() > 0 {
		return usagef("no arguments but flags were expected, found %q", flags.Args())
	}
	return nil
}
