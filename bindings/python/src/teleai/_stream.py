"""Streams: lists of any length, of one moment, read page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ctypes import addressof
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import _arrow
from ._call import StreamOwner
from ._noun import Table, page_of
from ._record import Page
from ._runner import Runner
from .enums import Order

if TYPE_CHECKING:
    import pandas
    import pyarrow

T = TypeVar("T")


class Stream(Runner, Generic[T]):
    """A list under way: iterate over its rows, or over ``pages()``. For one thread at a time.

    It holds a connection and a read-only transaction until it is closed: use it in a ``with`` statement.
    """

    _kind = "stream"

    def __init__(
        self,
        runner: Any,
        table: Table,
        filter: Mapping[str, Any],
        page_size: int,
        order: Order | str,
        cursor: str | None,
    ) -> None:
        self._table = table
        made = table.filter.make(filter, "stream")
        page = page_of(page_size, order, cursor, "page_size")
        hold = runner._own(
            StreamOwner, table.stream, addressof(made), addressof(page), keep=(made, page)
        )  # fmt: skip
        super().__init__(hold, runner._handles.derive())

    def pages(self) -> Iterator[Page[T]]:
        """The rows as pages, ``page_size`` at a time; a page's ``next_cursor`` is where a new stream would go on."""
        while True:
            page = self._next()
            if page is None:
                self.close()
                return
            yield page

    def _next(self) -> Page[T] | None:
        return self._one(self._table.stream_next, self._table.take_next)

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page

    def __arrow_c_schema__(self) -> object:
        return _arrow.schema_capsule(self._table.record)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The rest of the rows for consumers of Arrow, a batch a page. Keep the stream open until they are read.

        It can be given once at a time. What is raised while a consumer waits, as by Ctrl-C, the consumer hears of as an
        error; the exception itself comes out of the next call on this thread, such as the end of the ``with``.
        """
        return _arrow.stream_capsule(self)

    def to_arrow(self) -> pyarrow.RecordBatchReader:
        """The rest of the rows for pyarrow, a batch a page, read as they are asked for.

        Give ``page_size``, such as 5000, and keep the stream open until the reader is done; its ``read_all()`` makes
        a table.
        """
        reader: pyarrow.RecordBatchReader = _arrow.reader(self)
        return reader

    def to_pandas(self) -> pandas.DataFrame:
        """The rest of the rows as a pandas.DataFrame."""
        return _arrow.data_frame(self.to_arrow().read_all())

    def close(self) -> None:
        """Gives the connection back."""
        self._close()

    def __enter__(self) -> Stream[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
