"""What all nouns do alike: one table of functions a noun, and the calls that are made of them.

The calls go to a runner (see _call.py), which answers with a record, a promise of one, or something to await.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ctypes import addressof, c_char_p
from typing import Any
from uuid import UUID

from . import _ffi
from ._inputs import InputType, text_bytes, uuid_bytes
from ._library import lib
from ._record import Record
from .enums import Order

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
        self.start, self.complete, self.fail = function("start"), function("complete"), function("fail")
        prefix = f"TELEAI_{noun.upper()}_FIELD_"
        self.input = InputType(getattr(_ffi, f"teleai_{noun}_input"), f"{plural}.create", prefix)
        self.change = InputType(getattr(_ffi, f"teleai_{noun}_input"), f"{plural}.update", prefix)
        self.filter = InputType(getattr(_ffi, f"teleai_{noun}_filter"), f"{plural}.list")


def page_of(limit: int, order: Order, cursor: str | None) -> Any:
    """A teleai_page."""
    made = _ffi.teleai_page()
    made.struct_size = _PAGE_BYTES
    made.limit = limit
    made.order = order
    if cursor is not None:
        made.cursor = text_bytes("cursor", cursor)
    return made


_PAGE = InputType(_ffi.teleai_page, "list")
_PAGE_BYTES = _PAGE.make({}).struct_size


def check_page(limit: Any, order: Any) -> None:
    """Types of what goes into a page."""
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise TypeError(f"limit is a {type(limit).__name__}; an int was expected")
    if not isinstance(order, int):
        raise TypeError(f"order is a {type(order).__name__}; a teleai.Order was expected")


class Noun:
    """The operations of one noun, on one client."""

    _table: Table

    def __init__(self, runner: Any) -> None:
        self._runner = runner

    def _create(self, values: Mapping[str, Any]) -> Any:
        made = self._table.input.make(values)
        return self._runner._one(self._table.create, self._table.record._take, addressof(made), keep=made)

    def _create_list(self, rows: Iterable[Mapping[str, Any]]) -> Any:
        table = self._table
        given = list(rows)
        made = table.input.array(given)
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

    def _list(self, filter: Mapping[str, Any], limit: int, order: Order, cursor: str | None) -> Any:
        check_page(limit, order)
        table = self._table
        made = table.filter.make(filter) if filter else None
        page = page_of(limit, order, cursor)
        return self._runner._one(
            table.list, table.record._take_list, None if made is None else addressof(made), addressof(page),
            keep=(made, page),
        )  # fmt: skip

    def _count(self, filter: Mapping[str, Any]) -> Any:
        made = self._table.filter.make(filter)
        return self._runner._number(self._table.count, addressof(made), keep=made)

    def _start(self, id: UUID) -> Any:
        return self._runner._one(self._table.start, self._table.record._take, uuid_bytes("id", id))

    def _complete(self, id: UUID, values: Mapping[str, Any] | None = None) -> Any:
        table = self._table
        if values is None:
            return self._runner._one(table.complete, table.record._take, uuid_bytes("id", id))
        made = table.input.make(values)
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
