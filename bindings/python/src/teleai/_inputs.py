"""From keyword arguments to the structs that the library takes.

What a keyword is called follows from the struct's member as for records: times without _us, durations without _ms, JSON
without _json. Values are checked for their Python type here, since ctypes would wrap or cut what does not fit;
everything else is checked by the library. A struct keeps alive what it points to.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from ctypes import Structure, c_bool, c_char_p, c_double, c_int32, c_int64, c_size_t, c_void_p, sizeof
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cached_property, partial
from typing import Any
from uuid import UUID

from . import _ffi
from ._pack import Packer
from ._secret import Secret, SecretText
from ._values import us_of
from .enums import Code
from .errors import InvalidArgument

_LIMITS = {c_int32: (-(2**31), 2**31 - 1), c_int64: (-(2**63), 2**63 - 1), c_size_t: (0, 2**64 - 1)}
_MILLISECOND = timedelta(milliseconds=1)


def _wrong(name: str, value: Any, expected: str) -> TypeError:
    return TypeError(f"{name} is a {type(value).__name__}; {expected} was expected")


def uuid_bytes(name: str, value: UUID) -> bytes:
    """The 16 bytes of an id."""
    try:
        return value.int.to_bytes(16, "big")
    except AttributeError:
        raise _wrong(name, value, "a uuid.UUID") from None


def text_bytes(name: str, value: str | Secret) -> Any:
    """A text as UTF-8, without the NUL that C would take for its end."""
    if isinstance(value, Secret):
        return _secret_text(name, value)
    if not isinstance(value, str):
        raise _wrong(name, value, "a str")
    try:
        encoded = value.encode()
    except UnicodeEncodeError as error:
        raise _half_a_pair(name, error.start) from None
    if b"\0" in encoded:
        raise _has_nul(name)
    return encoded


def _half_a_pair(name: str, at: int) -> InvalidArgument:
    return InvalidArgument(
        f"{name} has half of a surrogate pair at character {at}, which UTF-8 cannot hold", field=name
    )  # fmt: skip


def _has_nul(name: str) -> InvalidArgument:
    return InvalidArgument(f"{name} has a NUL character, which PostgreSQL cannot hold", field=name)


def _secret_text(name: str, value: Secret) -> SecretText:
    """The same of a secret: no variable that could be shown has it."""
    if not value.is_text:
        raise TypeError(f"{name} is a {value.type_name}; a str was expected")
    at = -1
    try:
        made = SecretText(value.encode())
    except UnicodeEncodeError as error:
        at = error.start
    if at >= 0:
        raise _half_a_pair(name, at)
    if value.has_nul():
        raise _has_nul(name)
    return made


def path_bytes(name: str, value: Any) -> bytes:
    """A text or a path."""
    try:
        value = os.fspath(value)
    except TypeError:
        raise _wrong(name, value, "a str or a path") from None
    return text_bytes(name, value.decode() if isinstance(value, bytes) else value)


def json_bytes(name: str, value: Any) -> bytes:
    """A value as JSON."""
    try:
        return text_bytes(name, json.dumps(value, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        if isinstance(error, InvalidArgument):
            raise
        raise InvalidArgument(f"{name} cannot be written as JSON: {error}", field=name) from None


def microseconds(name: str, value: datetime) -> int:
    """A time as microseconds since 1970."""
    if not isinstance(value, datetime):
        raise _wrong(name, value, "a datetime")
    if value.tzinfo is None:
        raise InvalidArgument(
            f"{name} is a datetime without time zone; use datetime.now(timezone.utc), or .replace(tzinfo=...)",
            field=name,
        )
    return us_of(value)


def code_of(kind: type[Code], name: str, value: int | str) -> int:
    """A code of an enumeration, given as its member, its number, or its name in any case."""
    if isinstance(value, str):
        member = kind.__members__.get(value.upper())
        if member is None:
            raise InvalidArgument(f"{name} is none of {', '.join(kind.labels())}", field=name)
        return int(member)
    if not isinstance(value, int) or isinstance(value, bool) or (isinstance(value, Code) and type(value) is not kind):
        raise _wrong(name, value, f"a teleai.{kind.__name__}, or its name,")
    return whole(name, value, c_int32)


def milliseconds(name: str, value: timedelta | float, ctype: Any = c_int32) -> int:
    """A duration as milliseconds that fit into a C type; numbers are seconds."""
    if isinstance(value, timedelta):
        ms = round(value / _MILLISECOND)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if not -(2**53) < value < 2**53:
            raise InvalidArgument(f"{name} is no number of seconds that could be", field=name)
        ms = round(value * 1000)
    else:
        raise _wrong(name, value, "a timedelta, or a number of seconds,")
    least, most = _LIMITS[ctype]
    if not least <= ms <= most:
        raise InvalidArgument(
            f"{name} is too {'short' if ms < least else 'long'}; at most {most // 1000} seconds were expected",
            field=name,
        )
    return ms


def whole(name: str, value: int, ctype: Any = c_int64) -> int:
    """An integer that fits into a C type."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(name, value, "an int")
    least, most = _LIMITS[ctype]
    if not least <= value <= most:
        raise InvalidArgument(
            f"{name} is {'too small' if value < least else 'too large'}; {least} to {most} was expected", field=name
        )
    return value


def _number(name: str, value: float) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise _wrong(name, value, "a number")


def _truth(name: str, value: bool) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, value, "a bool")
    return value


# Of what can be given typed or as JSON, Python gives JSON.
_TYPED_FORMS = frozenset(("key_phrases", "key_phrase_count", "entities", "entity_count", "topics", "topic_count"))
_FIELDS_SUFFIXES = ("_hz", "_bps", "_bytes")


class InputType:
    """What can be given for one struct, found in its declaration."""

    def __init__(
        self,
        c_struct: type[Structure],
        owner: str,
        call: str = "",
        bits: str = "",
        codes: Mapping[str, type[Code]] | None = None,
    ) -> None:
        self.c_struct, self.owner, self.call, self.codes = c_struct, owner, call, codes or {}
        self.setters: dict[str, Callable[[Any, Any], None]] = {}
        self.bits: dict[str, int] = {}
        self.places: list[tuple[str, str, str | None]] = []
        members = {name: kind for name, kind, *_ in c_struct._fields_}
        for member, kind in members.items():
            if member.startswith("has_") or member in ("struct_size", "reserved", "text_bytes"):
                continue
            if member in _TYPED_FORMS:
                continue
            keyword, convert = self._conversion(member, kind)
            plain = next((keyword[: -len(s)] for s in _FIELDS_SUFFIXES if keyword.endswith(s)), keyword)
            has = next((h for h in ("has_" + keyword, "has_" + plain) if h in members), None)
            self.setters[keyword] = _setter(member, keyword, convert, has, kind is c_void_p, c_struct)
            self.places.append((keyword, member, has))
            bit = getattr(_ffi, f"{bits}{plain.upper()}", None) if bits else None
            if bit is not None:
                self.bits[keyword] = bit
        if "text_bytes" in members:
            self.setters["text"] = _set_text

    def _conversion(self, member: str, kind: Any) -> tuple[str, Callable[[str, Any], Any]]:
        if member in self.codes:
            return member, partial(code_of, self.codes[member])
        if member.endswith("_us"):
            return member[:-3], microseconds
        if member.endswith("_ms"):
            return member[:-3], lambda name, value: milliseconds(name, value, kind)
        if member.endswith("_json"):
            return member[:-5], json_bytes
        if member == "file_path":
            return member, path_bytes
        if kind is c_char_p:
            return member, text_bytes
        if kind is c_void_p:
            return member, uuid_bytes
        if kind is c_bool:
            return member, _truth
        if kind is c_double:
            return member, _number
        return member, lambda name, value: whole(name, value, kind)

    def fill(self, made: Any, values: Mapping[str, Any], call: str = "") -> None:
        """Sets what is given in a struct that is zero; None is as good as not given. ``call``: what was called."""
        made.struct_size = sizeof(self.c_struct)
        setters = self.setters
        for name, value in values.items():
            if value is not None:
                try:
                    set_value = setters[name]
                except KeyError:
                    raise self.unexpected(name, call) from None
                set_value(made, value)
            elif name not in setters:
                raise self.unexpected(name, call)

    def make(self, values: Mapping[str, Any], call: str = "") -> Any:
        """A struct with what is given."""
        made = self.c_struct()
        self.fill(made, values, call)
        return made

    @cached_property
    def packer(self) -> Packer:
        """What makes arrays of it."""
        return Packer(self.c_struct, self.places, self.codes)

    def array(self, rows: Sequence[Mapping[str, Any]], call: str = "") -> Any:
        """An array of structs."""
        packed = self.packer.array(rows) if len(rows) > 1 else None
        return self.array_one_by_one(rows, call) if packed is None else packed

    def array_one_by_one(self, rows: Sequence[Mapping[str, Any]], call: str = "") -> Any:
        """The same for rows of any kind."""
        made: Any = (self.c_struct * len(rows))()
        made.kept = kept = []
        for place, row in zip(made, rows, strict=True):
            self.fill(place, row, call)
            kept.append(place)
        return made

    def mask(self, values: Mapping[str, Any]) -> int:
        """The bits of the fields that an update names."""
        bits = 0
        for name in values:
            try:
                bits |= self.bits[name]
            except KeyError:
                if name in self.setters:
                    raise TypeError(
                        f"{self.name()}() cannot change {name}; it can change {', '.join(self.bits)}"
                    ) from None
                raise self.unexpected(name) from None
        return bits

    def name(self, call: str = "") -> str:
        """What was called, as it is written."""
        return ".".join(filter(None, (self.owner, call or self.call)))

    def unexpected(self, name: str, call: str = "") -> TypeError:
        close = get_close_matches(str(name), self.setters, 1)
        hint = f"; did you mean {close[0]}?" if close else f"; it takes {', '.join(self.setters)}"
        return TypeError(f"{self.name(call)}() got an unexpected argument {name}{hint}")


def _setter(
    member: str, keyword: str, convert: Callable[[str, Any], Any], has: str | None, is_pointer: bool, c_struct: Any
) -> Callable[[Any, Any], None]:
    if is_pointer:

        def set_pointer(made: Any, value: Any) -> None:
            kept = c_char_p(convert(keyword, value))
            setattr(made, member, c_void_p.from_buffer(kept).value)
            made.__dict__.setdefault("kept", []).append(kept)

        return set_pointer
    if has is None:
        return lambda made, value: setattr(made, member, convert(keyword, value))

    def set_both(made: Any, value: Any) -> None:
        setattr(made, member, convert(keyword, value))
        setattr(made, has, True)

    return set_both


def _set_text(made: Any, value: Any) -> None:
    made.text = encoded = text_bytes("text", value)
    made.text_bytes = len(encoded)
