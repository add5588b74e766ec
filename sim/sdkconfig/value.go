package sdkconfig

import (
	"fmt"
	"strconv"
	"strings"
)

// parseValue checks the text of a value against an option's type and returns it as Kconfig would write it. The second
// result, if not empty, says what was odd about a value that ESP-IDF accepts all the same.
func parseValue(typ Type, text string) (value, odd string, err error) {
	switch typ {
	case Bool:
		if text == "" || text[0] != 'y' && text[0] != 'n' {
			return "", "", fmt.Errorf("expected y or n, found %s", shown(text))
		}
		if len(text) > 1 {
			odd = fmt.Sprintf("ESP-IDF reads only the first letter of %s", shown(text))
		}
		return text[:1], odd, nil
	case Int:
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return "", "", fmt.Errorf("expected a decimal number, found %s", shown(text))
		}
		return strings.TrimPrefix(text, "+"), "", nil
	case Hex:
		digits, prefixed := strings.CutPrefix(strings.Replace(text, "0X", "0x", 1), "0x")
		if _, err := strconv.ParseUint(digits, 16, 63); err != nil {
			return "", "", fmt.Errorf("expected a hexadecimal number, found %s", shown(text))
		}
		if !prefixed {
			odd = fmt.Sprintf("%s is read as hexadecimal", shown(text))
		}
		return "0x" + digits, odd, nil
	case String:
		return unquote(text)
	}
	return "", "", fmt.Errorf("expected one of its members to be set to y, found %s", shown(text))
}

// unquote reads a string value, "..." with \" and \\ inside, and returns it in the same form.
func unquote(text string) (value, odd string, err error) {
	if !strings.HasPrefix(text, `"`) {
		return "", "", fmt.Errorf(`expected a string in double quotes, found %s`, shown(text))
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == '"':
			if rest := text[i+1:]; rest != "" {
				odd = fmt.Sprintf("ESP-IDF ignores %s after the string", shown(rest))
			}
			return quote(b.String()), odd, nil
		default:
			b.WriteByte(c)
		}
	}
	return "", "", fmt.Errorf(`expected a closing double quote, found the end of the line`)
}

// quote writes a string value as Kconfig does.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// plain is the text inside a quoted value.
func plain(value string) string {
	var b strings.Builder
	for i := 1; i < len(value)-1; i++ {
		if value[i] == '\\' {
			i++
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// shown quotes a found text for an error, shortened.
func shown(text string) string {
	if text == "" {
		return "nothing"
	}
	if len(text) > 60 {
		text = text[:60] + "..."
	}
	return strconv.Quote(text)
}
