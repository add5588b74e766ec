package live

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ErrQuit is what Execute returns for the command quit.
var ErrQuit = errors.New("quit")

// Help lists the commands that Execute knows.
const Help = `pull        pull the cable: neither side is told
plug        plug it in again
kill [N]    let connection N, or every one, vanish: its machine is gone
reboot      press the device's reset button
speed N     let N seconds of virtual time pass in a real one
stats       free heap, sessions, PCBs, and who holds what
help        this list
quit        end
`

// maxLine bounds a command in bytes.
const maxLine = 4096

// Execute carries out one command, as typed, and returns what to print. Empty
// lines do nothing. The error for quit is ErrQuit.
func (s *Server) Execute(line string) (string, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return "", nil
	}
	name, args := words[0], words[1:]
	if len(args) > 0 && name != "kill" && name != "speed" || len(args) > 1 {
		return "", fmt.Errorf("live: %s: %q was not expected", name, args)
	}
	switch name {
	case "pull":
		return "the cable is pulled\n", s.Pull()
	case "plug":
		return "the cable is plugged in\n", s.Plug()
	case "kill":
		id := 0
		if len(args) > 0 {
			var err error
			if id, err = strconv.Atoi(args[0]); err != nil || id < 1 {
				return "", fmt.Errorf("live: kill %s: the number of a connection was expected, as stats lists them", args[0])
			}
		}
		n, err := s.Kill(id)
		return fmt.Sprintf("connections that vanished: %d\n", n), err
	case "reboot":
		return "the device starts again\n", s.Reboot()
	case "speed":
		n, err := strconv.Atoi(strings.Join(args, ""))
		if err != nil {
			return "", fmt.Errorf("live: speed: a number was expected, found %q", args)
		}
		return fmt.Sprintf("virtual time runs %d times as fast as real time\n", n), s.SetSpeed(n)
	case "stats":
		st, err := s.Stats()
		return st.Text(), err
	case "help":
		return Help, nil
	case "quit":
		return "", ErrQuit
	}
	return "", fmt.Errorf("live: there is no command %q; help lists them", name)
}

// Terminal carries out the commands that in has, line by line, and prints what
// comes of them. It returns nil after quit, io.EOF at the end of in, and ErrClosed
// when the server has ended.
func (s *Server) Terminal(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		text, err := s.Execute(lines.Text())
		switch {
		case errors.Is(err, ErrQuit):
			return nil
		case errors.Is(err, ErrClosed):
			return err
		case err != nil:
			text = err.Error() + "\n"
		}
		if _, err := io.WriteString(out, text); err != nil {
			return fmt.Errorf("live: terminal: %w", err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("live: terminal: %w", err)
	}
	return io.EOF
}
