"""What goes on for longer, in the form for event loops: streams, subscriptions, work on whole tenants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import _calls
from ._aio_runner import AsyncRunner, in_thread
from ._record import Page
from ._server_records import Notification
from .enums import Order
from .errors import Closed, Timeout
from .records import TenantProgress
from .subscription import Subscription

if TYPE_CHECKING:
    from ._noun import Noun
    from .tenant_job import TenantJob

T = TypeVar("T")


def _alone(one_at_a_time: Lock, work: Callable[[], T]) -> T:
    """Waits for the step that a cancelled task has left behind in a thread."""
    with one_at_a_time:
        return work()


class AsyncStream(Generic[T]):
    """A list of any length, of one moment; each page is fetched in a thread. ``async with``, then ``async for``."""

    def __init__(
        self, noun: Noun, filter: Mapping[str, Any], page_size: int, order: Order | str, cursor: str | None
    ) -> None:
        self._noun, self._given = noun, (filter, page_size, order, cursor)
        self._stream: Any = None
        self._one_at_a_time = Lock()

    async def __aenter__(self) -> AsyncStream[T]:
        blocking: Any = type(self._noun)(self._noun._runner._blocking)
        self._stream = await in_thread(
            _calls.stream, blocking, *self._given, undo=lambda stream: stream.close(), holds=self._noun._runner._holds
        )
        return self

    async def pages(self) -> AsyncIterator[Page[T]]:
        """The rows as pages, ``page_size`` at a time."""
        if self._stream is None:
            raise RuntimeError("a stream is used in an async with statement")
        while (page := await in_thread(_alone, self._one_at_a_time, self._stream._next, holds=True)) is not None:
            yield page

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for row in page:
                yield row

    async def __aexit__(self, *_: object) -> None:
        await in_thread(_alone, self._one_at_a_time, self._stream.close, holds=True)


class AsyncSubscription:
    """Ears on some channels; see ``listen()``."""

    def __init__(self, runner: AsyncRunner, channels: tuple[str, ...]) -> None:
        self._runner, self._channels = runner, channels
        self._loop = runner._loop
        self._open: Subscription | None = None

    @property
    def _ears(self) -> Subscription:
        if self._open is None:
            raise RuntimeError("a subscription is used in an async with statement")
        return self._open

    async def __aenter__(self) -> AsyncSubscription:
        blocking = self._runner._blocking
        opened: Subscription = await in_thread(blocking.listen, *self._channels, undo=Subscription.close)
        self._open = opened
        return self

    async def next(self) -> Notification:
        """The next notification; cancel it, as with asyncio.wait_for(), to stop waiting."""
        while True:
            try:
                return self._ears._next(0)
            except Timeout:
                await self._ready()

    async def _ready(self) -> None:
        """Waits until something may have come, a few seconds at most: the library looks after its connection then."""
        socket = self._ears.fileno()
        if socket < 0:
            await asyncio.sleep(0.1)
            return
        ready = asyncio.Event()
        self._loop.add_reader(socket, ready.set)
        try:
            await asyncio.wait_for(ready.wait(), 5)
        except asyncio.TimeoutError:
            pass
        finally:
            self._loop.remove_reader(socket)

    async def __aiter__(self) -> AsyncIterator[Notification]:
        while True:
            try:
                said = await self.next()
            except Closed:
                if not self._ears._is_open:
                    return
                raise
            yield said

    async def __aexit__(self, *_: object) -> None:
        self._ears.close()


class AsyncTenantJob:
    """Work on all rows of a tenant, each step in a thread: iterate to do it, and to see how far it is."""

    def __init__(self, begin: Callable[[], TenantJob]) -> None:
        self._begin = begin
        self._job: TenantJob | None = None
        self._one_at_a_time = Lock()

    async def __aenter__(self) -> AsyncTenantJob:
        self._job = await in_thread(self._begin, undo=lambda job: job.close())
        return self

    async def __aiter__(self) -> AsyncIterator[TenantProgress]:
        while True:
            progress = await self.step()
            yield progress
            if progress.done:
                return

    async def step(self) -> TenantProgress:
        """Does some of it, a second's work at most as a rule."""
        if self._job is None:
            raise RuntimeError("a job is used in an async with statement")
        return await in_thread(_alone, self._one_at_a_time, self._job.step, holds=True)

    async def run(self) -> TenantProgress:
        """Does all of it, and tells the final count."""
        progress = await self.step()
        while not progress.done:
            progress = await self.step()
        return progress

    async def __aexit__(self, *_: object) -> None:
        job, self._job = self._job, None
        if job is not None:
            await in_thread(_alone, self._one_at_a_time, job.close, holds=True)
