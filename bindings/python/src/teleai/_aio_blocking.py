"""What takes several calls, or computes, in the form for event loops: in a thread where it would hold the loop up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from . import _calls
from ._aio_long import AsyncStream
from ._aio_runner import in_thread
from .enums import Order

if TYPE_CHECKING:
    from ._bulk import CreateResult
    from ._noun import Noun


async def iterate(
    noun: Noun, filter: Mapping[str, Any], limit: int | None, page_size: int, order: Order | str
) -> AsyncIterator[Any]:
    """Page by page, as events come."""
    pages = _calls.Pages(noun, filter, limit, page_size, order)
    while pages.more():
        for row in pages.take(await pages.ask()):
            yield row


def stream(noun: Noun, filter: Mapping[str, Any], page_size: int, order: Order | str, cursor: str | None) -> Any:
    """A stream waits for its pages: each is fetched in a thread."""
    return AsyncStream(noun, filter, page_size, order, cursor)


def create_many(
    noun: Noun, rows: Iterable[Mapping[str, Any]], keep_good: bool, chunk_rows: int
) -> Coroutine[Any, Any, CreateResult]:
    """In a thread, which the iterable is read in, too."""
    blocking = type(noun)(noun._runner._blocking)
    return in_thread(_calls.create_many, blocking, rows, keep_good, chunk_rows, holds=noun._runner._holds)


def user_login(runner: Any, email: str, password: Any) -> Coroutine[Any, Any, Any]:
    """In a thread: a password's hash takes 50 ms to compute."""
    return in_thread(_calls.user_login, runner._blocking, email, password, holds=runner._holds)


def tenant_usage_recount(runner: Any, id: UUID | None) -> Coroutine[Any, Any, int]:
    """In a thread: it is a call for each tenant."""
    return in_thread(_calls.tenant_usage_recount, runner._blocking, id, holds=runner._holds)
