package casebook

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A value is what a figure is: a number, a span of time, or a word.
type value struct {
	kind kind
	n    int64 // the number, or nanoseconds
	s    string
}

type kind uint8

const (
	isNumber kind = iota
	isTime
	isWord
)

func (k kind) String() string {
	return [...]string{"a number", "a time", "a word"}[k]
}

func number[T ~int | ~int64 | ~uint32 | ~uint64](n T) value {
	return value{kind: isNumber, n: int64(n)}
}
func span(d time.Duration) value { return value{kind: isTime, n: int64(d)} }
func word(s string) value        { return value{kind: isWord, s: s} }

// String is the form in which scripts hold a value. Times are to the
// millisecond.
func (v value) String() string {
	switch v.kind {
	case isTime:
		return time.Duration(v.n).Round(time.Millisecond).String()
	case isWord:
		return v.s
	}
	return strconv.FormatInt(v.n, 10)
}

// parseValue reads a value of the given kind. Numbers and times may be sums and
// products written without blanks, such as 5*172 or 7200s+9*75s.
func parseValue(text string, k kind) (value, error) {
	switch k {
	case isWord:
		return word(text), nil
	case isTime:
		d, err := parseDuration(text)
		return span(d), err
	}
	n, err := sum(text, parseInt)
	return value{kind: isNumber, n: n}, err
}

func parseDuration(text string) (time.Duration, error) {
	n, err := sum(text, func(s string) (int64, error) {
		if d, err := time.ParseDuration(s); err == nil {
			return int64(d), nil
		}
		return 0, fmt.Errorf("%q: a time such as 500ms, 120s or 24h was expected", text)
	})
	return time.Duration(n), err
}

func parseInt(s string) (int64, error) {
	n, err := strconv.ParseInt(strings.ReplaceAll(s, ",", ""), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q: a whole number was expected", s)
	}
	return n, nil
}

// sum computes a sum of products. A factor before * is a whole number, the last
// one is read by leaf.
func sum(text string, leaf func(string) (int64, error)) (int64, error) {
	var total int64
	for len(text) > 0 {
		sign := int64(1)
		switch text[0] {
		case '-':
			sign, text = -1, text[1:]
		case '+':
			text = text[1:]
		}
		end := strings.IndexAny(text, "+-")
		if end < 0 {
			end = len(text)
		}
		p, err := product(text[:end], leaf)
		if err != nil {
			return 0, err
		}
		if p > math.MaxInt64/4 || p < math.MinInt64/4 || total > math.MaxInt64/4 || total < math.MinInt64/4 {
			return 0, fmt.Errorf("%q: too large", text)
		}
		total += sign * p
		text = text[end:]
		if text == "+" || text == "-" {
			return 0, fmt.Errorf("a number was expected behind %q", text)
		}
	}
	return total, nil
}

func product(text string, leaf func(string) (int64, error)) (int64, error) {
	factors := strings.Split(text, "*")
	p, err := leaf(factors[len(factors)-1])
	if err != nil {
		return 0, err
	}
	for _, f := range factors[:len(factors)-1] {
		n, err := parseInt(f)
		if err != nil {
			return 0, err
		}
		if n != 0 && (p*n)/n != p {
			return 0, fmt.Errorf("%q: too large", text)
		}
		p *= n
	}
	return p, nil
}
