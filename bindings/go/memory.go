package teleai

/*
#include <stdlib.h>
#include <string.h>
#include <teleai.h>
*/
import "C"

import (
	"math"
	"strings"
	"time"
	"unsafe"
)

// Infinity and MinusInfinity are the times that PostgreSQL calls so, in records; inputs do not take them.
var (
	Infinity      = time.UnixMicro(math.MaxInt64).UTC()
	MinusInfinity = time.UnixMicro(math.MinInt64).UTC()
)

// UUID is a UUID in network order. The zero value stands for an absent one in inputs.
type UUID [16]byte

// NewUUID makes a UUID of version 7, as every row gets that is created without one.
func NewUUID() UUID {
	var id C.teleai_uuid
	C.teleai_uuid_make(&id)
	return uuidFrom(&id)
}

// ParseUUID reads the text form: 36 characters with hyphens.
func ParseUUID(text string) (UUID, error) {
	var a arena
	defer a.free()
	given := a.text("text", text, false)
	if a.failed != nil {
		return UUID{}, a.failed
	}
	var id C.teleai_uuid
	var e C.teleai_error
	if C.teleai_uuid_parse(given, &id, &e) != C.TELEAI_OK {
		return UUID{}, errorFrom(&e, nil)
	}
	return uuidFrom(&id), nil
}

func (id UUID) String() string {
	var text [C.TELEAI_UUID_TEXT_BYTES]C.char
	C.teleai_uuid_format(uuidPointer(&id), &text[0])
	return C.GoString(&text[0])
}

// Ptr gives a pointer to a value, for the members that may be absent.
func Ptr[T any](value T) *T {
	return &value
}

func uuidFrom(c *C.teleai_uuid) UUID {
	return *(*UUID)(unsafe.Pointer(c))
}

func uuidPointer(id *UUID) *C.teleai_uuid {
	return (*C.teleai_uuid)(unsafe.Pointer(id))
}

func uuidsPointer(ids []UUID) *C.teleai_uuid {
	if len(ids) == 0 {
		return nil
	}
	return uuidPointer(&ids[0])
}

func textFrom(c *C.char) *string {
	if c == nil {
		return nil
	}
	return Ptr(C.GoString(c))
}

// textsFrom copies an array of texts; one that is NULL becomes "".
func textsFrom(c **C.char, count C.size_t) []string {
	if c == nil {
		return nil
	}
	texts := make([]string, 0, int(count))
	for _, text := range unsafe.Slice(c, int(count)) {
		texts = append(texts, C.GoString(text))
	}
	return texts
}

func timeFrom(us C.int64_t) time.Time {
	return time.UnixMicro(int64(us)).UTC()
}

// microseconds is how a time is given to C; the zero time is an absent one.
func microseconds(t time.Time) C.int64_t {
	if t.IsZero() {
		return 0
	}
	return C.int64_t(t.UnixMicro())
}

// arena holds C memory for one call: no Go pointer is ever stored in what C reads. It is wiped before it is freed, since
// passwords and tokens lie there too.
type arena struct {
	blocks []block
	failed error
}

type block struct {
	at   unsafe.Pointer
	size C.size_t
}

func (a *arena) alloc(size C.size_t) unsafe.Pointer {
	at := C.calloc(1, size)
	a.blocks = append(a.blocks, block{at, size})
	return at
}

// array is room for count structs; nil for a slice that is nil, but not for one that is empty.
func (a *arena) array(count int, size C.size_t, absent bool) unsafe.Pointer {
	if absent {
		return nil
	}
	return a.alloc(C.size_t(count+1) * size)
}

func (a *arena) free() {
	for _, each := range a.blocks {
		C.memset(each.at, 0, each.size)
		C.free(each.at)
	}
	a.blocks = nil
}

// text copies a text. C's end with a NUL byte, so that one inside is refused, unless C is told the length beside it.
func (a *arena) text(field, text string, counted bool) *C.char {
	if !counted && strings.IndexByte(text, 0) >= 0 && a.failed == nil {
		a.failed = &Error{Status: StatusInvalidArgument, Field: field, Item: -1,
			Message: field + " has a NUL byte; text without one was expected"}
	}
	size := len(text)
	at := a.alloc(C.size_t(size) + 1)
	copy(unsafe.Slice((*byte)(at), size), text)
	return (*C.char)(at)
}

func (a *arena) optional(field string, text *string, counted bool) *C.char {
	if text == nil {
		return nil
	}
	return a.text(field, *text, counted)
}

// required is for members that must be there to create a row: "" is given as absent, as an update leaves them out.
func (a *arena) required(field, text string, counted bool) *C.char {
	if text == "" {
		return nil
	}
	return a.text(field, text, counted)
}

func (a *arena) texts(field string, texts []string) (**C.char, C.size_t) {
	if texts == nil {
		return nil, 0
	}
	at := (**C.char)(a.array(len(texts), C.size_t(unsafe.Sizeof(uintptr(0))), false))
	for i, text := range texts {
		unsafe.Slice(at, len(texts))[i] = a.text(field, text, false)
	}
	return at, C.size_t(len(texts))
}

func (a *arena) uuid(id UUID) *C.teleai_uuid {
	if id == (UUID{}) {
		return nil
	}
	return a.optionalUUID(&id)
}

func (a *arena) optionalUUID(id *UUID) *C.teleai_uuid {
	if id == nil {
		return nil
	}
	at := (*C.teleai_uuid)(a.alloc(C.sizeof_teleai_uuid))
	*(*UUID)(unsafe.Pointer(at)) = *id
	return at
}
