"""Streams: lists of any length, of one moment, read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ctypes import addressof
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._library import lib
from ._noun import Table, check_page, page_of
from ._record import Page
from .enums import Order

if TYPE_CHECKING:
    import pandas
    import pyarrow

T = TypeVar("T")


class Stream(Generic[T]):
    """A list under way: iterate over its rows, or over ``pieces()``. For one thread at a time.

    It holds a connection and a read-only transaction until it is closed: use it in a ``with`` statement.
    """

    def __init__(
        self, runner: Any, table: Table, filter: Mapping[str, Any], piece_rows: int, order: Order, cursor: str | None
    ) -> None:
        check_page(piece_rows, order)
        self._handle: int | None = None
        self._runner, self._table = runner, table
        made, page = table.filter.make(filter), page_of(piece_rows, order, cursor)
        self._handle = runner._one(table.stream, _as_it_is, addressof(made), addressof(page), keep=(made, page))

    def pieces(self) -> Iterator[Page[T]]:
        """The rows as pages, some at a time; a page's ``next_cursor`` is where a new stream would go on."""
        while True:
            piece = self._next()
            if piece is None:
                self.close()
                return
            yield piece

    def _next(self) -> Page[T] | None:
        take = self._table.record._take_list
        return self._runner._one_of(self._table.stream_next, lambda at: take(at) if at else None, self._handle)

    def __iter__(self) -> Iterator[T]:
        for piece in self.pieces():
            yield from piece

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        from . import _arrow

        return _arrow.stream_capsule(self.pieces(), self._table.record)

    def to_arrow(self) -> pyarrow.RecordBatchReader:
        """The rest of the rows for pyarrow, a batch a piece, read as they are asked for.

        Give ``piece_rows``, such as 5000, and keep the stream open until the reader is done; its ``read_all()`` makes
        a table.
        """
        from . import _arrow

        reader: pyarrow.RecordBatchReader = _arrow.pyarrow("to_arrow").RecordBatchReader.from_stream(self)
        return reader

    def to_pandas(self) -> pandas.DataFrame:
        """The rest of the rows as a pandas.DataFrame."""
        from . import _arrow

        return _arrow.data_frame(self.to_arrow().read_all())

    def close(self) -> None:
        """Gives the connection back."""
        handle, self._handle = self._handle, None
        if handle is not None:
            lib.teleai_stream_close(handle)

    def __enter__(self) -> Stream[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if self._handle is not None:
            lib.teleai_stream_close(self._handle)


def _as_it_is(address: int) -> int:
    return address
