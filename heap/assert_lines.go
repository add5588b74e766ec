package heap

// assertsOf returns the source lines of a version: those of the last row that is
// not later. heap/tlsf of v5.4.2 and later is a commit that was not to be had;
// its lines are taken to be those of the commit before.
func assertsOf(v Version) asserts {
	i := len(assertTable) - 1
	for i > 0 && assertTable[i].from > v {
		i--
	}
	return assertTable[i].asserts
}

// assertTable is in ascending order; each row is good up to the next.
var assertTable = [...]struct {
	from Version
	asserts
}{
	{V4_4, asserts{
		capsFile: "heap_caps.c", capsFree: 381, capsRealloc: 424, capsReallocAlias: 415,
		alignedFunc: "multi_heap_aligned_alloc", alignedFill: 211, mallocFill: 241,
		free: 259, realloc: 295, size: 363, validBlock: 94,
		tlsfFile: "heap_tlsf.c", tlsfFree: 965, tlsfRealloc: 1016,
	}},
	{release(5, 0, 2), asserts{
		capsFile: "heap_caps.c", capsFree: 373, capsRealloc: 416, capsReallocAlias: 407,
		alignedFunc: "multi_heap_aligned_alloc", alignedFill: 228, mallocFill: 258,
		free: 276, realloc: 312, size: 384, validBlock: 114,
		tlsfFile: "tlsf.c", tlsfFree: 1119, tlsfRealloc: 1170,
	}},
	{release(5, 0, 5), asserts{
		capsFile: "heap_caps.c", capsFree: 373, capsRealloc: 416, capsReallocAlias: 407,
		alignedFunc: "multi_heap_aligned_alloc", alignedFill: 228, mallocFill: 258,
		free: 276, realloc: 312, size: 384, validBlock: 114,
		tlsfFile: "tlsf.c", tlsfFree: 1120, tlsfRealloc: 1171,
	}},
	{release(5, 1, 0), asserts{
		capsFile: "heap_caps.c", capsFree: 387, capsRealloc: 432, capsReallocAlias: 423,
		alignedFunc: "multi_heap_aligned_alloc", alignedFill: 228, mallocFill: 258,
		free: 276, realloc: 312, size: 384, validBlock: 114,
		tlsfFile: "tlsf.c", tlsfFree: 1119, tlsfRealloc: 1170,
	}},
	{release(5, 1, 3), asserts{
		capsFile: "heap_caps.c", capsFree: 387, capsRealloc: 432, capsReallocAlias: 423,
		alignedFunc: "multi_heap_aligned_alloc", alignedFill: 228, mallocFill: 258,
		free: 276, realloc: 312, size: 384, validBlock: 114,
		tlsfFile: "tlsf.c", tlsfFree: 1120, tlsfRealloc: 1171,
	}},
	{release(5, 1, 5), asserts{
		capsFile: "heap_caps_base.c", capsFree: 63, capsRealloc: 182, capsReallocAlias: 173,
		alignedFunc: "multi_heap_aligned_alloc", alignedFill: 228, mallocFill: 258,
		free: 276, realloc: 312, size: 384, validBlock: 114,
		tlsfFile: "tlsf.c", tlsfFree: 1120, tlsfRealloc: 1171,
	}},
	{release(5, 2, 0), asserts{
		capsFile: "heap_caps.c", capsFree: 392, capsRealloc: 440, capsReallocAlias: 431,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 382, validBlock: 117,
		tlsfFile: "tlsf.c", tlsfFree: 1120, tlsfRealloc: 1171,
	}},
	{release(5, 2, 3), asserts{
		capsFile: "heap_caps_base.c", capsFree: 63, capsRealloc: 190, capsReallocAlias: 181,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 382, validBlock: 117,
		tlsfFile: "tlsf.c", tlsfFree: 1120, tlsfRealloc: 1171,
	}},
	{release(5, 2, 4), asserts{
		capsFile: "heap_caps_base.c", capsFree: 68, capsRealloc: 196, capsReallocAlias: 187,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 382, validBlock: 117,
		tlsfFile: "tlsf.c", tlsfFree: 1120, tlsfRealloc: 1171,
	}},
	{release(5, 2, 6), asserts{
		capsFile: "heap_caps_base.c", capsFree: 69, capsRealloc: 198, capsReallocAlias: 189,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 382, validBlock: 117,
		tlsfFile: "tlsf.c", tlsfFree: 1120, tlsfRealloc: 1171,
	}},
	{release(5, 3, 0), asserts{
		capsFile: "heap_caps_base.c", capsFree: 69, capsRealloc: 219, capsReallocAlias: 210,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 382, validBlock: 118,
		tlsfFile: "tlsf.c", tlsfFree: 1201, tlsfRealloc: 1252,
	}},
	{release(5, 3, 3), asserts{
		capsFile: "heap_caps_base.c", capsFree: 74, capsRealloc: 225, capsReallocAlias: 216,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 382, validBlock: 118,
		tlsfFile: "tlsf.c", tlsfFree: 1201, tlsfRealloc: 1252,
	}},
	{release(5, 3, 4), asserts{
		capsFile: "heap_caps_base.c", capsFree: 75, capsRealloc: 227, capsReallocAlias: 218,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 382, validBlock: 118,
		tlsfFile: "tlsf.c", tlsfFree: 1201, tlsfRealloc: 1252,
	}},
	{release(5, 4, 0), asserts{
		capsFile: "heap_caps_base.c", capsFree: 69, capsRealloc: 219, capsReallocAlias: 210,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 382, validBlock: 116,
		tlsfFile: "tlsf.c", tlsfFree: 629, tlsfRealloc: 680,
	}},
	{release(5, 4, 1), asserts{
		capsFile: "heap_caps_base.c", capsFree: 74, capsRealloc: 225, capsReallocAlias: 216,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 382, validBlock: 116,
		tlsfFile: "tlsf.c", tlsfFree: 629, tlsfRealloc: 680,
	}},
	{release(5, 4, 2), asserts{
		capsFile: "heap_caps_base.c", capsFree: 75, capsRealloc: 227, capsReallocAlias: 218,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 382, validBlock: 116,
		tlsfFile: "tlsf.c", tlsfFree: 629, tlsfRealloc: 680,
	}},
	{release(5, 5, 0), asserts{
		capsFile: "heap_caps_base.c", capsFree: 80, capsRealloc: 251, capsReallocAlias: 242,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 389, validBlock: 123,
		tlsfFile: "tlsf.c", tlsfFree: 629, tlsfRealloc: 680,
	}},
	{release(5, 5, 5), asserts{
		capsFile: "heap_caps_base.c", capsFree: 80, capsRealloc: 251, capsReallocAlias: 242,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 390, validBlock: 123,
		tlsfFile: "tlsf.c", tlsfFree: 629, tlsfRealloc: 680,
	}},
	{release(6, 0, 0), asserts{
		capsFile: "heap_caps_base.c", capsFree: 80, capsRealloc: 256, capsReallocAlias: 247,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 389, validBlock: 123,
		tlsfFile: "tlsf.c", tlsfFree: 629, tlsfRealloc: 680,
	}},
	{release(6, 0, 2), asserts{
		capsFile: "heap_caps_base.c", capsFree: 80, capsRealloc: 256, capsReallocAlias: 247,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
		free: 279, realloc: 315, size: 390, validBlock: 123,
		tlsfFile: "tlsf.c", tlsfFree: 629, tlsfRealloc: 680,
	}},
	{Master, asserts{
		capsFile: "heap_caps_base.c", capsFree: 116, capsRealloc: 319, capsReallocAlias: 303,
		alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 229, mallocFill: 259,
		free: 277, realloc: 313, size: 388, validBlock: 119,
		tlsfFile: "tlsf.c", tlsfFree: 629, tlsfRealloc: 680,
	}},
}
