package sdkconfig

// Type is the Kconfig type of an option.
type Type int

// The types of options. A Choice is a group of Bool options of which exactly one is y.
const (
	Bool Type = iota
	Int
	Hex
	String
	Choice
)

// String returns the type's name in Kconfig.
func (t Type) String() string {
	return [...]string{"bool", "int", "hex", "string", "choice"}[t]
}

// An option is one row of the option table, in the words of the Kconfig files it was read from. Texts in Kconfig's
// language keep the table readable; compile.go turns them into rows.
type option struct {
	name string // without CONFIG_; the newest name it has had
	typ  Type
	in   string // condition on IDF: the releases that have it; "" all
	on   string // the chips that have it, "esp32, esp32s3"; "" all. On others it has no value
	dep  string // "depends on": where it does not hold, the option has no value
	ask  string // further condition for a user to be able to set it; "no": never, the value only follows from others
	def  string // defaults "VALUE if CONDITION; VALUE if CONDITION; VALUE", the first that holds counts
	rng  string // ranges "LOW..HIGH if CONDITION; LOW..HIGH", the first that holds counts
	sel  string // condition under which another option selects it: it is y then, whatever a user says
	hint string // for a release without the option: what to do there, "; ..."
	gone string // the value a release without the option behaves as if it had; "" the default
	was  string // earlier names, newest first: "NAME until 5.1, OLDER until 4.0 on esp32s2"
	one  []member
	does string // what it changes in the model, one sentence
	src  string // Kconfig file, relative to ESP-IDF
	read bool   // by reading src: no recording of the Kconfig library has it
}

// A member is one option of a choice. Its number is what the choice's field holds when it is the chosen one.
type member struct {
	name   string
	number int
	in     string
	ask    string
	was    string
	alone  string // condition under which it is an option of its own, outside the choice
	def    string // its default then
}
