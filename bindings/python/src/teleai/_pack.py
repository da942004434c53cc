"""Many inputs at once: column by column, which costs a fraction of setting each member of each struct.

Only for rows that all have the same keywords with values of plain types. Whatever is not so, and every mistake, is left
to the other way (_inputs.py), which says what is wrong.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from ctypes import Structure, c_char_p, c_void_p, sizeof
from datetime import datetime, timedelta
from itertools import repeat, starmap
from operator import itemgetter
from typing import Any
from uuid import UUID

from ._record import member_format
from ._secret import Secret
from ._values import us_of
from .enums import Code

_NONE = type(None)
_MILLISECOND = timedelta(milliseconds=1)


def _make_encoder() -> Callable[[Any], str]:
    """JSON's own, without what JSONEncoder.encode() sets up for each value."""
    plain = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    escape: Any = getattr(json.encoder, "c_encode_basestring", None)
    try:
        chunks = make(None, plain.default, escape, None, ": ", ", ", False, False, False)
    except TypeError:  # not there, or another one
        return plain.encode
    return lambda value: "".join(chunks(value, 0))


_encode_json = _make_encoder()


class NotPlainError(Exception):
    """These rows are for the other way."""


Keep = list[Any]
Column = Sequence[Any]


def _texts(column: Column, kept: Keep) -> Column:
    encoded = [value if value is None else value.encode() for value in column]
    if b"\0" in b"".join(filter(None, encoded)):
        raise NotPlainError
    pointers = (c_char_p * len(encoded))(*encoded)
    kept.append(pointers)
    return struct.unpack(f"@{len(encoded)}P", pointers)


def _jsons(column: Column, kept: Keep) -> Column:
    return _texts([None if value is None else _encode_json(value) for value in column], kept)


def _ids(column: Column, kept: Keep) -> Column:
    raw = b"".join([b"" if value is None else value.int.to_bytes(16, "big") for value in column])
    kept.append(raw)
    at = c_void_p.from_buffer(c_char_p(raw)).value or 0
    if len(raw) == 16 * len(column):
        return range(at, at + len(raw), 16)
    places = iter(range(at, at + len(raw), 16))
    return [0 if value is None else next(places) for value in column]


def _times(column: Column, kept: Keep) -> Column:
    if any(value is not None and value.tzinfo is None for value in column):
        raise NotPlainError
    return [0 if value is None else us_of(value) for value in column]


def _durations(column: Column, kept: Keep) -> Column:
    return [
        0
        if value is None
        else (value.days * 86400 + value.seconds) * 1000 + value.microseconds // 1000
        if not value.microseconds % 1000
        else round(value / _MILLISECOND)
        for value in column
    ]


def _numbers(column: Column, kept: Keep) -> Column:
    return [0 if value is None else value for value in column] if None in column else column


class _Field:
    """Where the values of one keyword go, and what types they have."""

    def __init__(
        self, places: dict[str, int], member: str, has: str | None, kind: str, codes: type[Code] | None
    ) -> None:
        self.place = places[member]
        self.has = None if has is None else places[has]
        self.length = places.get("text_bytes") if member == "text" else None
        self.types: Any
        self.make: Callable[[Column, Keep], Column]
        self.codes = codes
        if codes is not None:
            self.types, self.make = int, _numbers  # names go the other way
        elif member.endswith("_json"):
            self.types, self.make = object, _jsons
        elif member.endswith("_us"):
            self.types, self.make = datetime, _times
        elif member.endswith("_ms"):
            self.types, self.make = timedelta, _durations
        elif kind == "text":
            self.types, self.make = (str, Secret), _texts
        elif kind == "pointer":
            self.types, self.make = UUID, _ids
        else:
            self.types, self.make = {"?": bool, "d": (int, float)}.get(kind, int), _numbers

    def takes(self, kind: type) -> bool:
        """Whether values of this type are as they should be; True and False are no numbers."""
        if issubclass(kind, Code) and kind is not self.codes and self.types is not object:
            return False
        return kind is _NONE or (issubclass(kind, self.types) and (kind is not bool or self.types in (bool, object)))


class Packer:
    """Makes arrays of one struct."""

    def __init__(
        self, c_struct: type[Structure], fields: Iterable[tuple[str, str, str | None]], codes: Mapping[str, type[Code]]
    ) -> None:
        members = [(name, kind) for name, kind, *_ in c_struct._fields_]
        letters = [member_format(kind) for _, kind in members]
        places = {name: place for place, (name, _) in enumerate(members)}
        self.c_struct = c_struct
        self.pack = struct.Struct("@" + "".join(letters)).pack
        self.empty: list[Any] = [repeat(b"" if letter.endswith("s") else 0) for letter in letters]
        self.empty[places["struct_size"]] = repeat(sizeof(c_struct))
        kinds = {
            name: "text" if kind is c_char_p else "pointer" if kind is c_void_p else letter
            for (name, kind), letter in zip(members, letters, strict=True)
        }
        self.fields = {
            keyword: _Field(places, member, has, kinds[member], codes.get(member)) for keyword, member, has in fields
        }

    def array(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """The array; None: these rows are for the other way."""
        try:
            return self._array(rows)
        except (NotPlainError, LookupError, TypeError, ValueError, AttributeError, RecursionError, struct.error):
            return None

    def _array(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        names = tuple(rows[0])
        if len(names) < 2 or set(map(len, rows)) != {len(names)}:
            raise NotPlainError
        kept: Keep = []
        columns = list(self.empty)
        for name, column in zip(names, zip(*map(itemgetter(*names), rows), strict=True), strict=True):
            field = self.fields[name]
            types = set(map(type, column))
            if not all(map(field.takes, types)):
                raise NotPlainError
            columns[field.place] = field.make(column, kept)
            if field.has is not None:
                columns[field.has] = [value is not None for value in column] if _NONE in types else repeat(True)
            if field.length is not None:
                columns[field.length] = [0 if value is None else len(value.encode()) for value in column]
        # As many as there are rows: every column that was given has that many.
        packed = b"".join(starmap(self.pack, zip(*columns, strict=False)))
        made: Any = (self.c_struct * len(rows)).from_buffer_copy(packed)
        made.kept = kept
        return made
