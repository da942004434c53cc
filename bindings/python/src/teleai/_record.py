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

import struct
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from . import _arrow, _columns, _html, enums
from ._call import Take
from ._library import lib
from ._values import _date_of, _json_of, _known_duration_of, _known_time_of, _known_uuid_of, _new, uuid_of

if TYPE_CHECKING:
    import pandas
    import pyarrow
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        return lambda decorated: decorated


read_memory = string_at

R = TypeVar("R", bound="Record")
T = TypeVar("T")

LEAST_COLUMN_ROWS = 256  # from here on reading columns costs less than reading records

_SHOWN_ROWS = 3  # of a page, by its repr()
# The text at an address, as str. Raises UnicodeDecodeError where it is no UTF-8; libteleai hands out nothing else.
read_text: Callable[[int], str] = PYFUNCTYPE(py_object, c_void_p)(("PyUnicode_FromString", pythonapi))


class _Kind:
    """How one annotation is read: the C member's suffix, and what converts its raw value (None: nothing)."""

    def __init__(self, suffix: str = "", convert: Callable[[Any], Any] | None = None, *, text: bool = False) -> None:
        self.suffix, self.convert, self.text = suffix, convert, text


_KINDS: dict[str, _Kind] = {
    "UUID": _Kind(convert=_known_uuid_of),
    "str": _Kind(text=True),
    "int": _Kind(),
    "float": _Kind(),
    "bool": _Kind(),
    "datetime": _Kind("_us", _known_time_of),
    "timedelta": _Kind("_ms", _known_duration_of),
    "Json": _Kind("_json", _json_of, text=True),
    "date": _Kind("", _date_of, text=True),
    "tuple[str | None, ...]": _Kind("_json", lambda text: tuple(_json_of(text)), text=True),
}
_UNITS = ("_us", "_ms", "_hz", "_bps", "_bytes", "_id")


def _kind_of(annotation: str) -> tuple[_Kind, bool]:
    optional = annotation.endswith(" | None")
    name = annotation[: -len(" | None")] if optional else annotation
    kind = _KINDS.get(name)
    if kind is None:
        kind = _Kind(convert=_Codes(getattr(enums, name)).__getitem__)
    return kind, optional


class _Codes(dict[int, Any]):
    """The members of an enumeration by their codes; those that are not known are asked for each time."""

    def __init__(self, kind: Any) -> None:
        super().__init__(kind._value2member_map_)
        self._make = kind

    def __missing__(self, code: int) -> Any:
        return self._make(code)


def member_format(member_type: Any) -> str:
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
        letters = "@" + "".join(member_format(kind) for _, kind in members)
        self.size = sizeof(c_struct)
        self.stride = (self.size + 15) & ~15  # of those that lie side by side
        self.unpack = struct.Struct(letters).unpack
        self.unpack_each = struct.Struct(f"{letters}{self.stride - self.size}x").iter_unpack
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

    def read_each(self, places: tuple[int, ...]) -> list[tuple[Any, ...]]:
        """The same of many, at once where they lie side by side, as those of a list do."""
        if not places:
            return []
        first, bytes_ = places[0], len(places) * self.stride
        if places == tuple(range(first, first + bytes_, self.stride)):
            return list(map(self.raw, self.unpack_each(read_memory(first, bytes_))))
        return list(map(self.read, places))


class Record:
    """What the database holds, as it was when it was read: typed, immutable, independent of the client."""

    __slots__ = ("_values",)
    _fields: tuple[str, ...] = ()
    _secret: frozenset[str] = frozenset()
    _layout: _Layout
    _take: Take  # one that the library hands out,
    _take_list: Take  # a list of them, as a page,
    _take_many: Take  # and as a list with holes
    _to_arrow: Any = None
    _reader: Any = None  # of long pages; False: there is none
    _kinds: dict[str, tuple[str, bool, bool]]
    _special: frozenset[str] = frozenset()
    _codes: dict[str, type[enums.Code]] = {}  # which fields are of which enumeration
    _paged = True
    __match_args__: tuple[str, ...] = ()

    _values: tuple[Any, ...]

    @classmethod
    def _of(cls: type[R], values: tuple[Any, ...]) -> R:
        made = _new(cls)
        _set_values(made, values)
        return made

    @classmethod
    def _of_each(cls: type[R], values: list[tuple[Any, ...]]) -> list[R]:
        made = list(map(_new, repeat(cls, len(values))))
        deque(map(_set_values, made, values), 0)
        return made

    @classmethod
    def _read_columns(cls, page: Any) -> list[tuple[Any, ...]] | None:
        """The raw values of a long page; None: it has to be read record by record."""
        if cls._reader is None:
            cls._reader = (cls._to_arrow and not cls._special and _columns.reader_of(cls, cls._kinds)) or False
        return cls._reader.read(page) if cls._reader else None

    @classmethod
    def _read(cls: type[R], owner: Any) -> R:
        return cls._of(cls._layout.read(owner.value))

    @classmethod
    def _read_many(cls: type[R], owner: Any) -> list[R | None]:
        """Reads the list of a get_many(), which has holes."""
        places = list_places(owner.value)
        if 0 not in places:
            return cls._of_each(cls._layout.read_each(places))  # type: ignore[return-value]
        read, of = cls._layout.read, cls._of
        return [of(read(place)) if place else None for place in places]

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

    def _repr_html_(self) -> str:
        """A table of its fields, for notebooks: what is secret hidden, everything escaped."""
        return _html.fields(self)

    def as_dict(self) -> dict[str, Any]:
        """All fields by name, secrets included; enumerations by their names ("ready"), as in columns."""
        return {name: _plain(getattr(self, name)) for name in self._fields}


def _plain(value: Any) -> Any:
    return value.label if isinstance(value, enums.Code) else value.as_dict() if isinstance(value, Record) else value


_set_values = Record.__dict__["_values"].__set__


def _restore(kind: type[Record], values: tuple[Any, ...]) -> Record:
    return kind._of(values)


def _column_of(name: str, annotation: str) -> tuple[str, bool, bool]:
    """What the library calls a field's column, and whether that is of an enumeration, and may be None."""
    if annotation.removesuffix(" | None") in _KINDS:
        kind, optional = _kind_of(annotation)
        return name + kind.suffix.removesuffix("_us"), False, optional
    return name, True, annotation.endswith(" | None")


def _property(place: int, name: str, annotation: str) -> property:
    kind, optional = _kind_of(annotation)
    convert = uuid_of if name == "id" else kind.convert
    value = f"self._values[{place}]"
    if convert is not None and optional:
        value = f"None if (raw := {value}) is None else convert(raw)"
    elif convert is not None:
        value = f"convert({value})"
    return property(eval(f"lambda self: {value}", {"convert": convert}))


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
        cls._special = frozenset(special or ())
        cls._kinds = {name: _column_of((renamed or {}).get(name, name), kind) for name, kind in fields.items()}
        plain = {name: kind.removesuffix(" | None") for name, kind in fields.items() if name not in cls._special}
        cls._codes = {name: getattr(enums, kind) for name, kind in plain.items() if kind not in _KINDS}
        cls._paged = paged
        if free:
            cls._take = Take(free, cls._read)
        if free_list:
            cls._take_list = Take(free_list, partial(Page._of_list, cls))
            cls._take_many = Take(free_list, cls._read_many)
            cls._to_arrow = getattr(lib, free_list.removesuffix("free") + "to_arrow", None)
        for place, (name, annotation) in enumerate(fields.items()):
            if special and name in special:
                setattr(cls, name, property(eval(f"lambda self: self._values[{place}]")))
            else:
                setattr(cls, name, _property(place, name, annotation))
        return cls

    return decorate


_list_head = struct.Struct("@NP").unpack
_list_head_bytes = struct.calcsize("@NP")
_pointer = struct.Struct("@P").unpack
_pointer_bytes = struct.calcsize("@P")


def addresses(items: int, count: int) -> tuple[int, ...]:
    """The pointers in an array of pointers."""
    return struct.unpack(f"@{count}P", read_memory(items, count * _pointer_bytes)) if count else ()


def list_places(address: int) -> tuple[int, ...]:
    """Where the records of a list are."""
    count, items = _list_head(read_memory(address, _list_head_bytes))
    return addresses(items, count)


class Page(Sequence[T], Generic[T]):
    """Some rows of a list, and where the next ones begin: pass ``next_cursor`` on, with the same filter and order.

    It is None when these are the last rows. A page is also a table for pyarrow, pandas, polars, DuckDB and whatever
    else speaks Arrow: as it is, or through ``to_arrow()`` and ``to_pandas()``.
    """

    # The owner of the library's list, which is kept for to_arrow(), and read when the first row is looked at.
    __slots__ = ("_owner", "_record", "_rows", "next_cursor")
    _record: Any
    _rows: list[T] | None

    def __init__(self, rows: Iterable[T], next_cursor: str | None = None) -> None:
        self._rows = list(rows)
        self.next_cursor = next_cursor
        self._owner: Any = None
        self._record = None

    @classmethod
    def _of_list(cls, record: Any, owner: Any) -> Any:
        made = _new(cls)
        made._rows = None
        made._record = record
        made._owner = owner
        cursor = _pointer(read_memory(owner.value + _list_head_bytes, _pointer_bytes))[0] if record._paged else 0
        made.next_cursor = read_text(cursor) if cursor else None
        return made

    def _read(self) -> list[T]:
        record = self._record
        values = record._read_columns(self) if len(self) >= LEAST_COLUMN_ROWS else None
        if values is None:
            values = record._layout.read_each(list_places(self._owner.value))
        self._rows = rows = record._of_each(values)
        return rows

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        return self._all()[index]

    def __len__(self) -> int:
        if self._rows is not None:
            return len(self._rows)
        count: int = _list_head(read_memory(self._owner.value, _list_head_bytes))[0]
        return count

    def __iter__(self) -> Iterator[T]:
        return iter(self._all())

    def _all(self) -> list[T]:
        rows = self._rows
        return self._read() if rows is None else rows

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._all(), self.next_cursor)

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:_SHOWN_ROWS]))
        left = len(self) - _SHOWN_ROWS
        more = ([f"and {left} more rows"] if left > 0 else []) + (["more pages follow"] if self.next_cursor else [])
        return f"{type(self).__name__}([{shown}]{''.join(f', {one}' for one in more)})"

    def _repr_html_(self) -> str:
        """A table, for notebooks: what is secret hidden, everything escaped."""
        return _html.table(self)

    def __arrow_c_schema__(self) -> object:
        return _arrow.schema_capsule(self._record)

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        return _arrow.capsules(self)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return _arrow.page_stream_capsule(self)

    def to_arrow(self) -> pyarrow.RecordBatch:
        """The rows as a pyarrow.RecordBatch, a column a field; see teleai/arrow.h for the types."""
        return _arrow.pyarrow("to_arrow").record_batch(self)

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a pandas.DataFrame."""
        return _arrow.data_frame(self.to_arrow())


if sys.implementation.name != "cpython":  # pragma: no cover
    raise ImportError("teleai reads text through CPython's own functions; run it with CPython")
