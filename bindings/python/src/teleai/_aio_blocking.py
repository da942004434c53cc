"""What takes several calls, or computes, in the form for event loops: in a thread where it would hold the loop up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from . import _calls
from ._aio_runner import in_thread
from .enums import Order

if TYPE_CHECKING:
    from ._bulk import CreateResult
    from ._noun import Noun


async def iterate(noun: Noun, filter: Mapping[str, Any], page_rows: int, order: Order) -> AsyncIterator[Any]:
    """Page by page, as events come."""
    cursor = None
    while True:
        page = await noun._list(filter, page_rows, order, cursor)
        for row in page:
            yield row
        cursor = page.next_cursor
        if cursor is None:
            return


def stream(noun: Noun, filter: Mapping[str, Any], piece_rows: int, order: Order, cursor: str | None) -> Any:
    """A stream waits for its pieces: each is fetched in a thread."""
    from .aio import AsyncStream

    return AsyncStream(noun, filter, piece_rows, order, cursor)


def create_many(
    noun: Noun, rows: Iterable[Mapping[str, Any]], keep_good: bool, chunk_rows: int
) -> Awaitable[CreateResult]:
    """In a thread, which the iterable is read in, too."""
    blocking = type(noun)(noun._runner._blocking)
    return in_thread(_calls.create_many, blocking, rows, keep_good, chunk_rows, holds=noun._runner._holds)


def user_login(runner: Any, email: str, password: str) -> Awaitable[Any]:
    """In a thread: a password's hash takes 50 ms to compute."""
    return in_thread(_calls.user_login, runner._blocking, email, password, holds=runner._holds)
