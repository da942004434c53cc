"""What all nouns do alike: one table of functions a noun, and the calls that are made of them.

The calls go to a runner (see _call.py), which answers with a record, a promise of one, or something to await.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ctypes import addressof, c_char_p, c_int32
from typing import Any
from uuid import UUID

from . import _ffi
from ._inputs import InputType, code_of, text_bytes, uuid_bytes, whole
from ._library import lib
from ._record import Record
from ._secret import hide
from ._signature import show_fields
from .enums import Order
from .errors import InvalidArgument

_update_options = InputType(_ffi.teleai_update_options, "update")


class Table:
    """The functions, structs and record of one noun."""

    def __init__(self, noun: str, plural: str, record: type[Record]) -> None:
        def function(verb: str) -> Any:
            return getattr(lib, f"teleai_{noun}_{verb}", None)

        self.noun, self.plural, self.record = noun, plural, record
        self.create, self.create_many = function("create"), function("create_many")
        self.get, self.get_many = function("get"), function("get_many")
        self.update, self.delete = function("update"), function("delete")
        self.list, self.count = function("list"), function("count")
        self.stream, self.stream_next = function("stream"), function("stream_next")
        self.take_next = record._take_list.or_none()
        self.start, self.complete, self.fail = function("start"), function("complete"), function("fail")
        codes = record._codes
        prefix = f"TELEAI_{noun.upper()}_FIELD_"
        self.input = InputType(getattr(_ffi, f"teleai_{noun}_input"), plural, "create", prefix, codes)
        self.change = InputType(getattr(_ffi, f"teleai_{noun}_input"), plural, "update", prefix, codes)
        self.filter = InputType(getattr(_ffi, f"teleai_{noun}_filter"), plural, "list", codes=codes)


def page_of(limit: int, order: Order | str, cursor: str | None, name: str = "limit") -> Any:
    """A teleai_page; ``name`` is what the caller calls its limit."""
    if name == "limit":
        whole(name, limit, c_int32)
    else:
        check_count(name, limit)
    made = _ffi.teleai_page()
    made.struct_size = _PAGE_BYTES
    made.limit = limit
    made.order = code_of(Order, "order", order)
    if cursor is not None:
        made.cursor = text_bytes("cursor", cursor)
    return made


_PAGE_BYTES = InputType(_ffi.teleai_page, "list").make({}).struct_size


_MOST_ROWS = 10000


def check_count(name: str, value: Any) -> None:
    """A number of rows; what a list calls its limit the library checks."""
    if whole(name, value, c_int32) < 0 or (name == "page_size" and value > _MOST_ROWS):
        most = f" to {_MOST_ROWS}" if name == "page_size" else " or more"
        raise InvalidArgument(f"{name} was expected to be 0{most}", field=name)


class Noun:
    """The operations of one noun, on one client."""

    __slots__ = ("_runner",)
    _table: Table

    def __init__(self, runner: Any) -> None:
        self._runner = runner

    def __init_subclass__(cls) -> None:
        show_fields(cls)

    def _create(self, values: Mapping[str, Any]) -> Any:
        made = self._table.input.make(hide(values))
        return self._runner._one(self._table.create, self._table.record._take, addressof(made), keep=made)

    def _create_list(self, rows: Iterable[Mapping[str, Any]]) -> Any:
        table = self._table
        given = list(rows)
        made = table.input.array(given, "create_list")
        return self._runner._one(
            table.create_many, table.record._take_list, addressof(made), len(given), None, keep=made
        )

    def _get(self, id: UUID) -> Any:
        table = self._table
        return self._runner._one(table.get, table.record._take, uuid_bytes("id", id))

    def _get_many(self, ids: Iterable[UUID]) -> Any:
        packed = b"".join([uuid_bytes("ids", id) for id in ids])
        return self._runner._one(self._table.get_many, self._table.record._take_many, packed, len(packed) // 16)

    def _update(self, id: UUID, values: Mapping[str, Any], if_unchanged_since: Any, repeat_if_lost: bool) -> Any:
        table = self._table
        hide(values)
        if not values:
            raise TypeError(f"{table.plural}.update() needs a field to change: {', '.join(table.change.bits)}")
        bits = table.change.mask(values)
        made = table.change.make(values)
        options = _update_options.make({"if_unchanged_since": if_unchanged_since, "repeat_if_lost": repeat_if_lost})
        return self._runner._one(
            table.update, table.record._take, uuid_bytes("id", id), addressof(made), bits, addressof(options),
            keep=(made, options),
        )  # fmt: skip

    def _delete(self, id: UUID) -> Any:
        return self._runner._nothing(self._table.delete, uuid_bytes("id", id))

    def _list(
        self,
        filter: Mapping[str, Any],
        limit: int,
        order: Order | str,
        cursor: str | None,
        call: str = "list",
        name: str = "limit",
    ) -> Any:
        table = self._table
        made = table.filter.make(filter, call) if filter else None
        page = page_of(limit, order, cursor, name)
        return self._runner._one(
            table.list, table.record._take_list, None if made is None else addressof(made), addressof(page),
            keep=(made, page),
        )  # fmt: skip

    def _count(self, filter: Mapping[str, Any]) -> Any:
        made = self._table.filter.make(filter, "count")
        return self._runner._number(self._table.count, addressof(made), keep=made)

    def _start(self, id: UUID) -> Any:
        return self._runner._one(self._table.start, self._table.record._take, uuid_bytes("id", id))

    def _complete(self, id: UUID, values: Mapping[str, Any] | None = None) -> Any:
        table = self._table
        if values is None:
            return self._runner._one(table.complete, table.record._take, uuid_bytes("id", id))
        made = table.input.make(values, "complete")
        return self._runner._one(table.complete, table.record._take, uuid_bytes("id", id), addressof(made), keep=made)

    def _fail(self, id: UUID, error_message: str) -> Any:
        table = self._table
        message = text_bytes("error_message", error_message)
        return self._runner._one(table.fail, table.record._take, uuid_bytes("id", id), message)


def text_array(name: str, texts: Sequence[str]) -> Any:
    """An array of C texts."""
    if isinstance(texts, str):
        raise TypeError(f"{name} is a str; a sequence of str was expected")
    encoded = [text_bytes(name, text) for text in texts]
    return (c_char_p * len(encoded))(*encoded)
