package sdkconfig

// Optimization is the compiler's optimization (CONFIG_COMPILER_OPTIMIZATION).
type Optimization int

// The optimization levels.
const (
	OptimizationDebug Optimization = 0 // -Og
	OptimizationSize  Optimization = 1 // -Os
	OptimizationPerf  Optimization = 2 // -O2
	OptimizationNone  Optimization = 3 // -O0
)

// Assertions is what becomes of a failed assertion (CONFIG_COMPILER_OPTIMIZATION_ASSERTION_LEVEL).
type Assertions int

// The assertion levels, by their number in CONFIG_COMPILER_OPTIMIZATION_ASSERTION_LEVEL.
const (
	AssertionsDisable Assertions = 0 // not compiled
	AssertionsSilent  Assertions = 1 // abort without a text
	AssertionsEnable  Assertions = 2 // abort with file and line
)

// StackProtector is the compiler's check for stack smashing (CONFIG_COMPILER_STACK_CHECK_MODE).
type StackProtector int

// The stack protector modes.
const (
	StackProtectorNone   StackProtector = 0
	StackProtectorNorm   StackProtector = 1
	StackProtectorStrong StackProtector = 2
	StackProtectorAll    StackProtector = 3
)

// LogLevel is how much the firmware prints (CONFIG_LOG_DEFAULT_LEVEL).
type LogLevel int

// The log levels, by their number in CONFIG_LOG_DEFAULT_LEVEL.
const (
	LogNone    LogLevel = 0
	LogError   LogLevel = 1
	LogWarn    LogLevel = 2
	LogInfo    LogLevel = 3
	LogDebug   LogLevel = 4
	LogVerbose LogLevel = 5
)

// LibC is the configuration of compiler, C library, virtual file system and log.
type LibC struct {
	// Picolibc is CONFIG_LIBC_PICOLIBC: picolibc in place of newlib. Default n; y in 6.0.
	Picolibc bool `option:"LIBC_PICOLIBC"`
	// NanoFormat is CONFIG_LIBC_NEWLIB_NANO_FORMAT: printf without floating point, smaller stacks. Default n.
	NanoFormat bool `option:"LIBC_NEWLIB_NANO_FORMAT"`
	// Optimization is CONFIG_COMPILER_OPTIMIZATION. Default OptimizationDebug.
	Optimization Optimization `choice:"COMPILER_OPTIMIZATION"`
	// Assertions is CONFIG_COMPILER_OPTIMIZATION_ASSERTION_LEVEL. Default AssertionsEnable.
	Assertions Assertions `choice:"COMPILER_OPTIMIZATION_ASSERTION_LEVEL"`
	// ChecksSilent is CONFIG_COMPILER_OPTIMIZATION_CHECKS_SILENT: ESP-IDF's own checks print nothing. Default n.
	ChecksSilent bool `option:"COMPILER_OPTIMIZATION_CHECKS_SILENT"`
	// StackProtector is CONFIG_COMPILER_STACK_CHECK_MODE. Default StackProtectorNone.
	StackProtector StackProtector `choice:"COMPILER_STACK_CHECK_MODE"`
	// CXXExceptions is CONFIG_COMPILER_CXX_EXCEPTIONS: C++ exceptions. Default n.
	CXXExceptions bool `option:"COMPILER_CXX_EXCEPTIONS"`
	// VFSSupportIO is CONFIG_VFS_SUPPORT_IO: open, read and write go through the virtual file system. Default y.
	VFSSupportIO bool `option:"VFS_SUPPORT_IO"`
	// VFSSupportSelect is CONFIG_VFS_SUPPORT_SELECT: and select. Default y.
	VFSSupportSelect bool `option:"VFS_SUPPORT_SELECT"`
	// VFSMaxCount is CONFIG_VFS_MAX_COUNT: file systems registered at once. 1 to 20, default 8.
	VFSMaxCount int `option:"VFS_MAX_COUNT"`
	// LogLevel is CONFIG_LOG_DEFAULT_LEVEL. Default LogInfo.
	LogLevel LogLevel `choice:"LOG_DEFAULT_LEVEL"`
}

func libcOptions() []option {
	const src = "components/esp_libc/Kconfig"
	const root = "Kconfig"
	const vfs = "components/vfs/Kconfig"
	const log = "components/log/Kconfig.level"
	return []option{
		{name: "IDF_EXPERIMENTAL_FEATURES", src: root, def: "n", in: "IDF >= 5.1"},
		{name: "LIBC", src: src, typ: Choice, in: "IDF >= 5.5", def: "LIBC_PICOLIBC if IDF >= 6.0; LIBC_NEWLIB",
			does: "Whether each task control block holds newlib's 240 bytes.",
			one: []member{
				{name: "LIBC_NEWLIB", number: 0},
				{name: "LIBC_PICOLIBC", number: 1, ask: "since(5.5.4) || IDF_EXPERIMENTAL_FEATURES"},
			}},
		{name: "LIBC_NEWLIB_NANO_FORMAT", src: src, def: "n", dep: "IDF < 5.5 || LIBC_NEWLIB", was: "NEWLIB_NANO_FORMAT until 5.5",
			does: "Tasks of ESP-IDF get their stacks without 512 extra bytes."},
		{name: "COMPILER_OPTIMIZATION", src: root, typ: Choice, def: "COMPILER_OPTIMIZATION_DEBUG",
			does: "Without optimization ipc stacks are 256 and idle stacks 320 bytes larger.",
			one: []member{
				{name: "COMPILER_OPTIMIZATION_DEBUG", number: int(OptimizationDebug), was: "COMPILER_OPTIMIZATION_DEFAULT until 5.2, " +
					"COMPILER_OPTIMIZATION_LEVEL_DEBUG until 4.1, OPTIMIZATION_LEVEL_DEBUG until 4.0"},
				{name: "COMPILER_OPTIMIZATION_SIZE", number: int(OptimizationSize), was: "COMPILER_OPTIMIZATION_LEVEL_RELEASE until 4.1, " +
					"OPTIMIZATION_LEVEL_RELEASE until 4.0"},
				{name: "COMPILER_OPTIMIZATION_PERF", number: int(OptimizationPerf)},
				{name: "COMPILER_OPTIMIZATION_NONE", number: int(OptimizationNone)},
			}},
		{name: "COMPILER_OPTIMIZATION_ASSERTION_LEVEL", src: root, typ: Choice, def: "COMPILER_OPTIMIZATION_ASSERTIONS_ENABLE",
			does: "Whether a failed assertion is a panic.",
			one: []member{
				{name: "COMPILER_OPTIMIZATION_ASSERTIONS_ENABLE", number: int(AssertionsEnable), was: "OPTIMIZATION_ASSERTIONS_ENABLED until 4.0"},
				{name: "COMPILER_OPTIMIZATION_ASSERTIONS_SILENT", number: int(AssertionsSilent), was: "OPTIMIZATION_ASSERTIONS_SILENT until 4.0"},
				{name: "COMPILER_OPTIMIZATION_ASSERTIONS_DISABLE", number: int(AssertionsDisable), was: "OPTIMIZATION_ASSERTIONS_DISABLED until 4.0"},
			}},
		{name: "COMPILER_OPTIMIZATION_ASSERTION_LEVEL", src: root, typ: Int, ask: "no", was: "OPTIMIZATION_ASSERTION_LEVEL until 4.4",
			def: "0 if COMPILER_OPTIMIZATION_ASSERTIONS_DISABLE; 1 if COMPILER_OPTIMIZATION_ASSERTIONS_SILENT; 2"},
		{name: "COMPILER_OPTIMIZATION_CHECKS_SILENT", src: root, def: "n",
			does: "Nothing in the model: the firmware is smaller, no memory changes."},
		{name: "COMPILER_STACK_CHECK_MODE", src: root, typ: Choice, def: "COMPILER_STACK_CHECK_MODE_NONE",
			does: "With a check idle stacks are 256 bytes larger.",
			one: []member{
				{name: "COMPILER_STACK_CHECK_MODE_NONE", number: int(StackProtectorNone), was: "STACK_CHECK_NONE until 4.0"},
				{name: "COMPILER_STACK_CHECK_MODE_NORM", number: int(StackProtectorNorm), was: "STACK_CHECK_NORM until 4.0"},
				{name: "COMPILER_STACK_CHECK_MODE_STRONG", number: int(StackProtectorStrong), was: "STACK_CHECK_STRONG until 4.0"},
				{name: "COMPILER_STACK_CHECK_MODE_ALL", number: int(StackProtectorAll), was: "STACK_CHECK_ALL until 4.0"},
			}},
		{name: "COMPILER_CXX_EXCEPTIONS", src: root, def: "n", was: "CXX_EXCEPTIONS until 4.0",
			does: "Nothing in the model: C++ reserves an emergency pool, which no model firmware has."},
		{name: "VFS_SUPPORT_IO", src: vfs, def: "y",
			does: "Without it there is no select through the virtual file system."},
		{name: "VFS_SUPPORT_SELECT", src: vfs, def: "y", dep: "VFS_SUPPORT_IO && !LWIP_USE_ONLY_LWIP_SELECT",
			does: "select takes memory of its own for each call."},
		{name: "VFS_MAX_COUNT", src: vfs, typ: Int, def: "8", rng: "1..20", in: "since(5.1.1, 5.2)", dep: "VFS_SUPPORT_IO",
			does: "Static bytes: a pointer for each."},
		{name: "LOG_DEFAULT_LEVEL", src: log, typ: Choice, def: "LOG_DEFAULT_LEVEL_INFO",
			does: "With debug logs the tcpip task needs 2560 bytes of stack at least.",
			one: []member{
				{name: "LOG_DEFAULT_LEVEL_NONE", number: int(LogNone)},
				{name: "LOG_DEFAULT_LEVEL_ERROR", number: int(LogError)},
				{name: "LOG_DEFAULT_LEVEL_WARN", number: int(LogWarn)},
				{name: "LOG_DEFAULT_LEVEL_INFO", number: int(LogInfo)},
				{name: "LOG_DEFAULT_LEVEL_DEBUG", number: int(LogDebug)},
				{name: "LOG_DEFAULT_LEVEL_VERBOSE", number: int(LogVerbose)},
			}},
		{name: "LOG_DEFAULT_LEVEL", src: log, typ: Int, ask: "no",
			def: "0 if LOG_DEFAULT_LEVEL_NONE; 1 if LOG_DEFAULT_LEVEL_ERROR; 2 if LOG_DEFAULT_LEVEL_WARN; 3 if LOG_DEFAULT_LEVEL_INFO; 4 if LOG_DEFAULT_LEVEL_DEBUG; 5"},
	}
}
