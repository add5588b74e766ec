package uatypes

// slice works on values of a type that are known only as []T in an interface:
// the content of variants and extension objects.
type slice interface {
	size() uint32
	get(w *Walker) (any, Status)              // one element
	getArray(w *Walker) (uint32, any, Status) // block and elements
	put(w *Walker, v any, i int) Status
	putArray(w *Walker, v any, p uint32) Status
	length(v any, i int) uint32
	arrayLength(v any) uint32
	clear(w *Walker, v any, p uint32)
	dup(w *Walker, v any) (uint32, any, Status)
	count(v any) int
	part(v any, from, to int) any
	join(v any, w any) any
	zero(n int) any
	replace(w *Walker, dst any, at []int, src any) Status
}

type sliceOf[T any] struct{ e *elem[T] }

func (s sliceOf[T]) size() uint32 { return s.e.sizeOf() }

func (s sliceOf[T]) get(w *Walker) (any, Status) {
	v := make([]T, 1)
	st := s.e.get(w, &v[0])
	return v, st
}

func (s sliceOf[T]) getArray(w *Walker) (uint32, any, Status) {
	var a Array[T]
	st := getArray(w, &a, s.e)
	return a.P, a.V, st
}

func (s sliceOf[T]) put(w *Walker, v any, i int) Status { return s.e.put(w, &v.([]T)[i]) }

func (s sliceOf[T]) putArray(w *Walker, v any, p uint32) Status {
	return putArray(w, &Array[T]{P: p, V: elements[T](v)}, s.e)
}

func (s sliceOf[T]) length(v any, i int) uint32 { return s.e.length(&v.([]T)[i]) }

func (s sliceOf[T]) arrayLength(v any) uint32 {
	return arrayLength(&Array[T]{V: elements[T](v)}, s.e)
}

func (s sliceOf[T]) clear(w *Walker, v any, p uint32) {
	clearArray(w, &Array[T]{P: p, V: elements[T](v)}, s.e)
}

func (s sliceOf[T]) dup(w *Walker, v any) (uint32, any, Status) {
	a := Array[T]{V: elements[T](v)}
	st := dupArray(w, &a, s.e)
	return a.P, a.V, st
}

func (s sliceOf[T]) count(v any) int { return len(elements[T](v)) }

func (s sliceOf[T]) part(v any, from, to int) any { return elements[T](v)[from:to] }

func (s sliceOf[T]) join(v, w any) any { return append(elements[T](v), elements[T](w)...) }

func (s sliceOf[T]) zero(n int) any { return make([]T, n) }

func (s sliceOf[T]) replace(w *Walker, dst any, at []int, src any) Status {
	d, x := elements[T](dst), elements[T](src)
	st := Good
	for i, k := range at {
		clearElements(w, d[k:k+1], s.e)
		d[k] = x[i]
		if s.e.dup == nil {
			continue
		}
		if t := s.e.dup(w, &d[k]); t != Good {
			clearElements(w, d[k:k+1], s.e)
			st |= t
		}
	}
	return st
}

func elements[T any](v any) []T {
	x, _ := v.([]T)
	return x
}
