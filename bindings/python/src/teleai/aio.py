"""teleai for asyncio: the same nouns, whose methods give what to await.

    import asyncio
    import teleai.aio

    async def main() -> None:
        async with teleai.aio.open("local:./data") as db:
            ann, count = await asyncio.gather(db.users.get_by_email("ann@example.org"), db.users.count())

Operations that are begun in the same turn of the loop go to the server together, in one round trip; while these are on
their way others take another connection, up to ``max_connections``. The library's own form for event loops does it: no
threads. Only what has no such form runs in a thread (asyncio.to_thread): opening and closing, logging in (which
computes), beginning and ending a transaction, ``stream()``, ``create_many()``, migrations. An atomic batch
(``db.atomic()``) needs none.

An operation that is no longer awaited (a cancelled task, a timeout) is answered all the same; its answer is dropped.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from ctypes import addressof, byref, c_bool
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import _calls, client
from ._call import Slot, Take
from ._library import lib
from ._nouns_aio import Analyses, AudioFiles, Sessions, Stats, Tenants, Transcriptions, Users
from ._record import Page
from .batch import Batch
from .enums import Isolation, Order, Status
from .errors import Cancelled, Closed, Error, Timeout
from .records import Call, MigrationStatus, Notification, SearchHits, Transcription

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._noun import Noun
    from ._types import OpenOptions, ScopeOptions, SearchOptions

T = TypeVar("T")

_READ, _WRITE = 1, 2


class _Flight:
    """One batch of the library on the event loop: steps it when its socket is ready, or its time has come."""

    def __init__(self, handle: int, loop: asyncio.AbstractEventLoop, arrived: Callable[[], None]) -> None:
        self.handle: int | None = handle
        self.loop, self.arrived = loop, arrived
        self.flying = False
        self._socket, self._events = -1, 0
        self._timer: asyncio.TimerHandle | None = None
        self._slot = Slot()
        self._done = c_bool()

    def begin(self) -> None:
        """Steps at the end of this turn of the loop, so that what is begun until then goes along."""
        if not self.flying:
            self.flying = True
            self.loop.call_soon(self.step)

    def step(self) -> None:
        if self.handle is None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lib.teleai_batch_step(self.handle, byref(self._done), self._slot.error_ref)
        if self._done.value:
            self._watch(-1, 0)
            self.flying = False
        else:
            self._watch(lib.teleai_batch_socket(self.handle), lib.teleai_batch_events(self.handle))
            wait_ms = lib.teleai_batch_timeout_ms(self.handle)
            if wait_ms >= 0:
                self._timer = self.loop.call_later(wait_ms / 1000, self.step)
            elif self._socket < 0:
                self._timer = self.loop.call_later(0.001, self.step)
        self.arrived()

    def _watch(self, socket: int, events: int) -> None:
        if (socket, events) == (self._socket, self._events):
            return
        if self._socket >= 0:
            self.loop.remove_reader(self._socket)
            self.loop.remove_writer(self._socket)
        self._socket, self._events = socket, events
        if socket >= 0 and events & _READ:
            self.loop.add_reader(socket, self.step)
        if socket >= 0 and events & _WRITE:
            self.loop.add_writer(socket, self.step)

    def close(self) -> None:
        """Ends what is under way: its operations report CANCELLED."""
        handle, self.handle = self.handle, None
        if handle is None:
            return
        if not self.loop.is_closed():
            self._watch(-1, 0)
            if self._timer is not None:
                self._timer.cancel()
        self.flying = False
        lib.teleai_close(handle)

    def __del__(self) -> None:
        if self.handle is not None:
            lib.teleai_close(self.handle)


class _Lane:
    """A flight, and who waits for its passengers."""

    def __init__(self, handle: int, loop: asyncio.AbstractEventLoop) -> None:
        self.flight = _Flight(handle, loop, self.settle)
        self.waiting: deque[tuple[asyncio.Future[Any], Slot, Callable[[Slot], Any]]] = deque()

    def settle(self) -> None:
        """Hands out the answers that are there, in the order of the operations."""
        waiting = self.waiting
        while waiting and waiting[0][1].error.status != Status.QUEUED:
            future, slot, read = waiting.popleft()
            answer: Any = None
            failure: BaseException | None = None
            if slot.error.status:
                failure = slot.failure()
            else:
                try:
                    answer = read(slot)  # also when nobody waits: it frees what the library handed out
                except Exception as wrong:
                    failure = wrong
            if future.done():
                continue
            if failure is not None:
                future.set_exception(failure)
            else:
                future.set_result(answer)

    def close(self) -> None:
        self.flight.close()
        self.settle()


class _Runner:
    """Queues operations in flights, and gives futures for them."""

    def __init__(self, blocking: Any, most: int) -> None:
        self._blocking = blocking
        self._most = most
        self._lanes: list[_Lane] = []
        self._boarding: _Lane | None = None
        self._loop = asyncio.get_running_loop()

    def _lane(self) -> _Lane:
        lane = self._boarding
        if lane is not None:
            return lane
        handle = self._blocking._require()
        if asyncio.get_running_loop() is not self._loop:
            raise RuntimeError("this client belongs to another event loop: open one in each")
        lane = next((one for one in self._lanes if not one.waiting), None)
        if lane is None and len(self._lanes) < self._most:
            lane = _Lane(self._blocking._derive(lib.teleai_batch_open, None), self._loop)
            self._lanes.append(lane)
        if lane is None:
            lane = min(self._lanes, key=lambda one: len(one.waiting))
        del handle
        self._boarding = lane
        self._loop.call_soon(self._gate_closes)
        return lane

    def _gate_closes(self) -> None:
        lane, self._boarding = self._boarding, None
        if lane is not None and lane.waiting:
            if lane.flight.flying:
                lane.flight.step()
            else:
                lane.flight.flying = True
                lane.flight.step()

    def _queue(self, function: Any, read: Callable[[Slot], Any], arguments: tuple[Any, ...], out: str | None) -> Any:
        lane = self._lane()
        slot = Slot()
        outs = () if out is None else (getattr(slot, out),)
        future = self._loop.create_future()
        if function(lane.flight.handle, *arguments, *outs, slot.error_ref):
            future.set_exception(slot.failure())
        else:
            lane.waiting.append((future, slot, read))
        return future

    def _one(self, function: Any, take: Take, *arguments: Any, keep: Any = None) -> Any:
        return self._queue(function, lambda slot: take(slot.out.value), arguments, "out_ref")

    def _number(self, function: Any, *arguments: Any, keep: Any = None) -> Any:
        return self._queue(function, lambda slot: slot.number.value, arguments, "number_ref")

    def _nothing(self, function: Any, *arguments: Any, keep: Any = None) -> Any:
        return self._queue(function, lambda slot: None, arguments, None)

    async def _landed(self) -> None:
        """Waits until nothing is under way."""
        for lane in self._lanes:
            while lane.waiting:
                await asyncio.wait([lane.waiting[-1][0]])

    def _end(self) -> None:
        for lane in self._lanes:
            lane.close()


class Operations(_Runner):
    """What can be done on a client of any kind."""

    def __init__(self, blocking: Any, most: int) -> None:
        super().__init__(blocking, most)
        self.users = Users(self)
        self.sessions = Sessions(self)
        self.audio_files = AudioFiles(self)
        self.transcriptions = Transcriptions(self)
        self.analyses = Analyses(self)
        self.tenants = Tenants(self)
        self.stats = Stats(self)

    def search(self, query: str, **options: Unpack[SearchOptions]) -> Awaitable[SearchHits]:
        """Searches the text of transcriptions."""
        return _calls.search(self, query, options)

    def search_keywords(
        self, words: str, *, limit: int = 50, order: Order = Order.NEWEST_FIRST, cursor: str | None = None
    ) -> Awaitable[Page[Transcription]]:
        """Transcriptions that hold all the words."""
        return _calls.search_keywords(self, words, limit, order, cursor)

    def notify(self, channel: str, payload: str | None = None) -> Awaitable[None]:
        """Says something to all who listen on a channel."""
        return _calls.notify(self, channel, payload)

    def ping(self) -> Awaitable[None]:
        """Asks the server for a sign of life."""
        return asyncio.to_thread(self._blocking.ping)


class Transaction(Operations):
    """Operations that happen together or not at all; ``async with db.transaction() as tx``."""

    async def commit(self) -> None:
        """Makes everything done in it permanent, once it is all answered."""
        await self._landed()
        self._end()
        await asyncio.to_thread(self._blocking.commit)

    async def rollback(self) -> None:
        """Undoes everything done in it."""
        self._end()
        await asyncio.to_thread(self._blocking.rollback)


class _Transaction:
    def __init__(self, parent: _Shared, isolation: Isolation, read_only: bool) -> None:
        self._parent, self._isolation, self._read_only = parent, isolation, read_only

    async def __aenter__(self) -> Transaction:
        blocking = await asyncio.to_thread(
            self._parent._blocking.transaction, isolation=self._isolation, read_only=self._read_only
        )
        self._transaction = Transaction(blocking, 1)
        return self._transaction

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                await self._transaction.commit()
        finally:
            self._transaction._end()
            await asyncio.shield(asyncio.to_thread(self._transaction._blocking.close))


class _Atomic:
    def __init__(self, parent: _Shared) -> None:
        self._parent = parent

    async def __aenter__(self) -> Batch:
        self._batch: Batch = self._parent._blocking.batch(atomic=True)
        return self._batch

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        batch = self._batch
        try:
            if kind is None and batch._pending:
                await _fly(batch)
        finally:
            batch.close()


async def _fly(batch: Batch) -> None:
    """Flushes a batch without blocking; raises the failure that undid it."""
    loop = asyncio.get_running_loop()
    landed = loop.create_future()
    handle = batch._require()

    def arrived() -> None:
        if not flight.flying and not landed.done():
            landed.set_result(None)

    flight = _Flight(handle, loop, arrived)
    flight.begin()
    try:
        await landed
    finally:
        flight._watch(-1, 0)
        flight.handle = None  # it is the batch's
        batch._settle()
    if flight._slot.error.status:
        raise flight._slot.failure()


class _Shared(Operations):
    def scope(self, **options: Unpack[ScopeOptions]) -> Scope:
        """A client whose calls run with a tenant, an actor, a time limit; ``async with``, or ``await close()``."""
        return Scope(self._blocking.scope(**options), self._most)

    def transaction(self, *, isolation: Isolation = Isolation.DEFAULT, read_only: bool = False) -> _Transaction:
        """Operations that happen together or not at all, one after the other; see ``atomic()`` for all at once."""
        return _Transaction(self, isolation, read_only)

    def atomic(self) -> _Atomic:
        """A batch that happens whole or not at all, in one round trip: ``async with db.atomic() as batch``.

        Its methods give a Pending each, whose ``result()`` is there afterwards.
        """
        return _Atomic(self)

    def listen(self, *channels: str) -> AsyncSubscription:
        """Listens on channels: ``async with db.listen("jobs") as jobs: async for said in jobs``."""
        return AsyncSubscription(self, channels)

    async def close(self) -> None:
        """Ends what is under way (Cancelled), and closes."""
        self._end()
        await asyncio.shield(asyncio.to_thread(self._blocking.close))


class Scope(_Shared):
    """See ``Client.scope()``."""

    async def __aenter__(self) -> Scope:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Client(_Shared):
    """The client that ``teleai.aio.open()`` gives, for the event loop it was opened in."""

    def migrate_status(self) -> Awaitable[MigrationStatus]:
        """Which migrations the database has."""
        return asyncio.to_thread(self._blocking.migrate_status)

    def migrate_up(self) -> Awaitable[None]:
        """Applies all migrations that are missing."""
        return asyncio.to_thread(self._blocking.migrate_up)

    @property
    def blocking(self) -> client.Client:
        """The blocking client behind this one, for what it alone can; call it in a thread."""
        return self._blocking


class _Opening:
    """What open() gives: ``async with`` it, or ``await`` it and close() the client."""

    def __init__(self, connection: str, most: int, how: Callable[[], client.Client]) -> None:
        self._most, self._how = most, how

    def __await__(self) -> Any:
        return self._open().__await__()

    async def _open(self) -> Client:
        return Client(await asyncio.to_thread(self._how), self._most)

    async def __aenter__(self) -> Client:
        self._client = await self._open()
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()


def open(
    connection: str = "",
    *,
    connection_hook: Callable[[], str] | None = None,
    call_hook: Callable[[Call], object] | None = None,
    **options: Unpack[OpenOptions],
) -> _Opening:
    """Opens a client, with the options of ``teleai.open()``."""
    most = options.get("max_connections") or 8
    return _Opening(
        connection,
        most,
        lambda: client.open(connection, connection_hook=connection_hook, call_hook=call_hook, **options),
    )


class AsyncStream(Generic[T]):
    """A list of any length, of one moment; each piece is fetched in a thread. ``async with``, then ``async for``."""

    def __init__(
        self, noun: Noun, filter: Mapping[str, Any], piece_rows: int, order: Order, cursor: str | None
    ) -> None:
        self._noun, self._given = noun, (filter, piece_rows, order, cursor)
        self._stream: Any = None

    async def __aenter__(self) -> AsyncStream[T]:
        blocking: Any = type(self._noun)(self._noun._runner._blocking)
        self._stream = await asyncio.to_thread(_calls.stream, blocking, *self._given)
        return self

    async def pieces(self) -> AsyncIterator[Page[T]]:
        """The rows as pages."""
        if self._stream is None:
            raise RuntimeError("a stream is used in an async with statement")
        while (piece := await asyncio.to_thread(self._stream._next)) is not None:
            yield piece

    async def __aiter__(self) -> AsyncIterator[T]:
        async for piece in self.pieces():
            for row in piece:
                yield row

    async def __aexit__(self, *_: object) -> None:
        await asyncio.shield(asyncio.to_thread(self._stream.close))


class AsyncSubscription:
    """Ears on some channels; see ``listen()``."""

    def __init__(self, runner: _Shared, channels: tuple[str, ...]) -> None:
        self._runner, self._channels = runner, channels
        self._loop = runner._loop

    async def __aenter__(self) -> AsyncSubscription:
        self._ears = await asyncio.to_thread(self._runner._blocking.listen, *self._channels)
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
            yield await self.next()

    async def __aexit__(self, *_: object) -> None:
        self._ears.close()


__all__ = [
    "AsyncStream", "AsyncSubscription", "Cancelled", "Client", "Closed", "Error", "Operations", "Scope", "Transaction",
    "addressof", "open",
]  # fmt: skip
