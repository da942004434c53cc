"""The machinery behind records: how the memory of a C record becomes a tuple, and the tuple's values Python's.

A record class declares its fields as annotations, in order, and says with ``@record`` which C struct they come from:

    @record(_ffi.teleai_user, free="teleai_user_free", free_list="teleai_users_free")
    class User(Record):
        id: UUID
        email: str
        last_login_at: datetime | None

The C member has the field's name, with its unit for times (last_login_at_us) and durations (duration_ms), or _json for
JSON; where the field may be None and is no text, the member has_... tells whether it is there. What is kept is one
tuple a record, with a raw value a field: text as str, a UUID as 16 bytes, times and durations as int, JSON as str. Text
is read at once, since its memory is the library's; the rest is converted when it is looked at.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from ctypes import (
    PYFUNCTYPE,
    Structure,
    c_double,
    c_int32,
    c_int64,
    c_size_t,
    c_void_p,
    py_object,
    pythonapi,
    sizeof,
    string_at,
)
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload
from uuid import UUID, SafeUUID

from . import enums
from ._library import lib

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        return lambda decorated: decorated


read_memory = string_at

R = TypeVar("R", bound="Record")
T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_new = object.__new__
_set = object.__setattr__
_unknown = SafeUUID.unknown

# The text at an address, as str. Raises UnicodeDecodeError where it is no UTF-8; libteleai hands out nothing else.
read_text: Callable[[int], str] = PYFUNCTYPE(py_object, c_void_p)(("PyUnicode_FromString", pythonapi))


def uuid_of(raw: bytes) -> UUID:
    """The UUID of 16 bytes, without the checks that UUID() makes of its arguments."""
    made = _new(UUID)
    _set(made, "int", int.from_bytes(raw, "big"))
    _set(made, "is_safe", _unknown)
    return made


def time_of(us: int) -> datetime:
    """The time of so many microseconds since 1970, in UTC."""
    return EPOCH + timedelta(0, 0, us)


def _maybe(convert: Callable[[Any], T]) -> Callable[[Any], T | None]:
    return lambda raw: None if raw is None else convert(raw)


class _Kind:
    """How one annotation is read: the C member's suffix, and what converts its raw value (None: nothing)."""

    def __init__(self, suffix: str = "", convert: Callable[[Any], Any] | None = None, *, text: bool = False) -> None:
        self.suffix, self.convert, self.text = suffix, convert, text


_KINDS: dict[str, _Kind] = {
    "UUID": _Kind(convert=uuid_of),
    "str": _Kind(text=True),
    "int": _Kind(),
    "float": _Kind(),
    "bool": _Kind(),
    "datetime": _Kind("_us", time_of),
    "timedelta": _Kind("_ms", lambda ms: timedelta(milliseconds=ms)),
    "Json": _Kind("_json", json.loads, text=True),
    "date": _Kind("", date.fromisoformat, text=True),
    "tuple[str | None, ...]": _Kind("_json", lambda text: tuple(json.loads(text)), text=True),
}
_UNITS = ("_us", "_ms", "_hz", "_bps", "_bytes", "_id")


def _kind_of(annotation: str) -> tuple[_Kind, bool]:
    optional = annotation.endswith(" | None")
    name = annotation[: -len(" | None")] if optional else annotation
    kind = _KINDS.get(name)
    if kind is None:
        values: dict[int, Any] = dict(getattr(enums, name)._value2member_map_)
        make = getattr(enums, name)
        kind = _Kind(convert=lambda code: values.get(code) or make(code))
    return kind, optional


def _format(member_type: Any) -> str:
    """The struct module's letter for a ctypes type."""
    if issubclass(member_type, Structure) or hasattr(member_type, "_length_"):
        return f"{sizeof(member_type)}s"
    return {c_double: "d", c_int32: "i", c_int64: "q", c_size_t: "N"}.get(member_type) or (
        {"P": "P", "z": "P", "?": "?", "i": "i", "q": "q", "d": "d", "l": "q", "L": "Q"}[member_type._type_]
    )


class _Layout:
    """The decoder of one struct: an unpacker of its memory, and a function that turns what it gives into raw values."""

    def __init__(
        self,
        c_struct: type[Structure],
        fields: dict[str, str],
        special: dict[str, Callable[..., Any]],
        renamed: dict[str, str],
    ) -> None:
        members = [(name, kind) for name, kind, *_ in c_struct._fields_]
        places = {name: place for place, (name, _) in enumerate(members)}
        self.unpack = struct.Struct("@" + "".join(_format(kind) for _, kind in members)).unpack
        self.size = sizeof(c_struct)
        terms = []
        for name, annotation in fields.items():
            if name in special:
                terms.append(f"special[{name!r}](u, {places!r})")
                continue
            kind, optional = _kind_of(annotation)
            name = renamed.get(name, name)
            at = places[name + kind.suffix]
            value = f"u[{at}]"
            has = places.get("has_" + name)
            for unit in _UNITS:
                if has is None and name.endswith(unit):
                    has = places.get("has_" + name[: -len(unit)])
            if kind.text:
                value = f"(text({value}) if {value} else None)" if optional else f"text({value})"
            elif optional and has is not None:
                value = f"({value} if u[{has}] else None)"
            elif optional:
                value = f"({value} or None)"
            terms.append(value)
        scope: dict[str, Any] = {"text": read_text, "special": special}
        exec(f"def raw(u): return ({', '.join(terms)},)", scope)  # as dataclasses and namedtuple make theirs
        self.raw: Callable[[tuple[Any, ...]], tuple[Any, ...]] = scope["raw"]

    def read(self, address: int) -> tuple[Any, ...]:
        return self.raw(self.unpack(read_memory(address, self.size)))


class Record:
    """What the database holds, as it was when it was read: typed, immutable, independent of the client."""

    __slots__ = ("_values",)
    _fields: tuple[str, ...] = ()
    _secret: frozenset[str] = frozenset()
    _layout: _Layout
    _free: Any = None
    _free_list: Any = None
    _paged = True
    __match_args__: tuple[str, ...] = ()

    _values: tuple[Any, ...]

    @classmethod
    def _of(cls: type[R], values: tuple[Any, ...]) -> R:
        made = _new(cls)
        _set(made, "_values", values)
        return made

    @classmethod
    def _take(cls: type[R], address: int) -> R:
        """Reads a record that the library handed out, and frees it."""
        try:
            return cls._of(cls._layout.read(address))
        finally:
            cls._free(address)

    @classmethod
    def _take_list(cls: type[R], address: int) -> Page[R]:
        """Reads a list that the library handed out, and frees it."""
        try:
            count, items = _list_head(read_memory(address, _list_head_bytes))
            cursor = _pointer(read_memory(address + _list_head_bytes, _pointer_bytes))[0] if cls._paged else 0
            return Page(cls._read_rows(items, count), read_text(cursor) if cursor else None)
        finally:
            cls._free_list(address)

    @classmethod
    def _take_many(cls: type[R], address: int) -> list[R | None]:
        """Reads the list of a get_many(), which has holes, and frees it."""
        try:
            count, items = _list_head(read_memory(address, _list_head_bytes))
            read, of = cls._layout.read, cls._of
            return [of(read(place)) if place else None for place in addresses(items, count)]
        finally:
            cls._free_list(address)

    @classmethod
    def _read_rows(cls: type[R], items: int, count: int) -> list[R]:
        read, of = cls._layout.read, cls._of
        return [of(read(place)) for place in addresses(items, count)]

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is read-only; change the row with update()")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is read-only")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values == other._values

    def __hash__(self) -> int:
        return hash((type(self), self._values))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self._values)

    def __copy__(self: R) -> R:
        return self

    def __deepcopy__(self: R, memo: Any) -> R:
        return self

    def __repr__(self) -> str:
        def shown(name: str) -> str:
            value = getattr(self, name)
            return "<hidden>" if name in self._secret and value is not None else repr(value)

        return f"{type(self).__name__}({', '.join(f'{name}={shown(name)}' for name in self._fields)})"

    def as_dict(self) -> dict[str, Any]:
        """All fields by name, secrets included."""
        return {name: getattr(self, name) for name in self._fields}


def _restore(kind: type[Record], values: tuple[Any, ...]) -> Record:
    return kind._of(values)


def _property(place: int, annotation: str, doc: str) -> property:
    kind, optional = _kind_of(annotation)
    if kind.convert is None:
        return property(eval(f"lambda self: self._values[{place}]"), doc=doc)
    convert = _maybe(kind.convert) if optional else kind.convert
    return property(lambda self: convert(self._values[place]), doc=doc)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(
    c_struct: type[Structure],
    *,
    free: str = "",
    free_list: str = "",
    paged: bool = True,
    secret: Sequence[str] = (),
    special: dict[str, Callable[..., Any]] | None = None,
    renamed: dict[str, str] | None = None,
) -> Callable[[type[R]], type[R]]:
    """Makes a record class of a class with annotations; see the head of this file."""

    def decorate(cls: type[R]) -> type[R]:
        fields: dict[str, str] = dict(cls.__annotations__)
        cls._layout = _Layout(c_struct, fields, special or {}, renamed or {})
        cls._fields = tuple(fields)
        setattr(cls, "__match_args__", cls._fields)  # noqa: B010
        cls._secret = frozenset(secret)
        cls._paged = paged
        if free:
            cls._free = staticmethod(getattr(lib, free))
        if free_list:
            cls._free_list = staticmethod(getattr(lib, free_list))
        for place, (name, annotation) in enumerate(fields.items()):
            if special and name in special:
                setattr(cls, name, property(eval(f"lambda self: self._values[{place}]")))
            else:
                setattr(cls, name, _property(place, annotation, ""))
        return cls

    return decorate


_list_head = struct.Struct("@NP").unpack
_list_head_bytes = struct.calcsize("@NP")
_pointer = struct.Struct("@P").unpack
_pointer_bytes = struct.calcsize("@P")


def addresses(items: int, count: int) -> tuple[int, ...]:
    """The pointers in an array of pointers."""
    return struct.unpack(f"@{count}P", read_memory(items, count * _pointer_bytes)) if count else ()


class Page(Sequence[T], Generic[T]):
    """Some rows of a list, and where the next ones begin: pass ``next_cursor`` on, with the same filter and order.

    It is None when these are the last rows.
    """

    __slots__ = ("_rows", "next_cursor")

    def __init__(self, rows: list[T], next_cursor: str | None = None) -> None:
        self._rows = rows
        self.next_cursor = next_cursor

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[T]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        more = ", more follow" if self.next_cursor else ""
        return f"<{type(self).__name__} of {len(self._rows)}{more}>"


if sys.implementation.name != "cpython":  # pragma: no cover
    raise ImportError("teleai reads text through CPython's own functions; run it with CPython")
