"""teleai for asyncio: the same nouns, whose methods give what to await.

    import asyncio
    import teleai.aio

    async def main() -> None:
        async with teleai.aio.open("local:./data") as db:
            ann, count = await asyncio.gather(db.users.get_by_email("ann@example.org"), db.users.count())

Every operation is a coroutine: for ``await``, ``asyncio.gather()``, ``create_task()``, ``TaskGroup.create_task()``.
Those that begin in the same turn of the loop go to the server together, in one round trip; while these are on their way
others take another connection, up to ``max_connections``. The library's own form for event loops does it: no threads.
Only what has no such form runs in a thread: opening and closing, logging in (which computes), beginning and ending a
transaction, ``stream()``, ``create_many()``, ``ping()``, ``cancel()``, migrations and work on whole tenants. An atomic
batch (``db.atomic()``) needs none. What is begun in one turn should stay below 4 MB: beyond that the loop is held up
until the server has taken some of it.

An operation that is no longer awaited (a cancelled task, a timeout, Ctrl-C) is answered all the same, and its answer
dropped; what waits in a thread ends.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from . import client
from ._aio_long import AsyncStream, AsyncSubscription, AsyncTenantJob
from ._aio_opening import Opening
from ._aio_runner import AsyncRunner, Flight, in_thread
from ._inputs import milliseconds
from ._nouns_aio import Nouns
from ._record import Page
from ._retry import Retries
from ._secret import Secret, hide
from ._server_records import (
    Adoption,
    Call,
    HealthFinding,
    MaintenanceTask,
    MigrationStatus,
    MigrationStep,
    PoolStats,
    TableChecksum,
)
from .batch import Batch
from .enums import Isolation, MetricsFormat
from .errors import Error

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._types import Duration, HealthOptions, OpenOptions, ScopeOptions

T = TypeVar("T")


class Operations(AsyncRunner, Nouns):
    """What can be done on a client of any kind."""

    async def ping(self) -> None:
        """Asks the server for a sign of life."""
        await in_thread(self._blocking.ping, holds=self._holds)

    async def cancel(self) -> None:
        """Stops what calls on this client, and on those that come from it, are doing: Cancelled."""
        await in_thread(self._blocking.cancel, holds=True)

    async def table_checksums(self) -> Page[TableChecksum]:
        """Rows and a checksum of each table, of all tenants."""
        return await in_thread(self._blocking.table_checksums, holds=self._holds)

    def transaction(self, *, isolation: Isolation | str = Isolation.DEFAULT, read_only: bool = False) -> _Transaction:
        """Operations that happen together or not at all, ``async with db.transaction() as tx``; see ``atomic()``, too.

        On a transaction, an inner one (a savepoint); until it ends the outer one takes no operations.
        """
        return _Transaction(self, isolation, read_only)

    def atomic(self) -> _Atomic:
        """A batch that happens whole or not at all, in one round trip: ``async with db.atomic() as batch``.

        Its methods give a Pending each, whose ``result()`` is there afterwards.
        """
        return _Atomic(self)


class Transaction(Operations):
    """See ``transaction()``."""

    _holds = True

    async def commit(self) -> None:
        """Makes everything done in it permanent, once it is all answered."""
        await asyncio.sleep(0)  # what a task was made of before is to begin
        await self._landed()
        self._end()
        await in_thread(self._blocking.commit, holds=True)

    async def snapshot_export(self) -> str:
        """The snapshot of this transaction (REPEATABLE_READ), for ``pg_dump --snapshot``, until it ends."""
        return await in_thread(self._blocking.snapshot_export, holds=True)

    async def rollback(self) -> None:
        """Undoes everything done in it."""
        self._end()
        await in_thread(self._blocking.rollback, holds=True)

    async def close(self) -> None:
        """Ends it; what was not committed is undone."""
        self._end()
        await in_thread(self._blocking.close, holds=True)

    async def __aenter__(self) -> Transaction:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and not self._blocking._ended:
                await self.commit()
        finally:
            await self.close()


class _Transaction(Opening[Transaction]):
    _called = "transaction"

    def __init__(self, parent: Operations, isolation: Isolation | str, read_only: bool) -> None:
        super().__init__()
        self._parent, self._isolation, self._read_only = parent, isolation, read_only

    async def _open(self) -> Transaction:
        parent = self._parent
        if isinstance(parent, Transaction):
            await parent._landed()
        blocking = await in_thread(self._begin, undo=client.Transaction.close, holds=parent._holds)
        return Transaction(blocking, 1)

    def _begin(self) -> client.Transaction:
        begun: client.Transaction = self._parent._blocking.transaction(
            isolation=self._isolation, read_only=self._read_only
        )
        return begun


class _Atomic:
    def __init__(self, parent: Operations) -> None:
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


class _Awaited(Flight):
    """One flight, which is awaited."""

    def __init__(self, batch: Batch, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(batch._require(), loop)
        self.landed: asyncio.Future[None] = loop.create_future()

    def arrived(self) -> None:
        if not self.flying and not self.landed.done():
            self.landed.set_result(None)


async def _fly(batch: Batch) -> None:
    """Flushes a batch without blocking; raises the failure that undid it."""
    loop = asyncio.get_running_loop()
    flight = _Awaited(batch, loop)
    loop.call_soon(flight.step)
    try:
        await flight.landed
    finally:
        flight.leave()  # it is the batch's
        answered = batch._settle()
    if flight.slot.error.status:
        batch._raise(flight.slot, answered)


class _Shared(Operations):
    """What a client and a scope have and a transaction has not."""

    def __init__(self, blocking: Any, most: int, patience_s: float) -> None:
        super().__init__(blocking, most)
        self._patience_s = patience_s

    def scope(self, **options: Unpack[ScopeOptions]) -> Scope:
        """A client whose calls run with a tenant, an actor, a time limit; ``async with``, or ``await close()``."""
        return Scope(self._blocking.scope(**options), self._most, self._patience_s)

    async def run_in_transaction(
        self,
        work: Callable[[Transaction], Awaitable[T]],
        *,
        isolation: Isolation | str = Isolation.DEFAULT,
        read_only: bool = False,
    ) -> T:
        """Awaits ``work(tx)`` in a transaction, commits, and returns its result; again after what another try can heal.

        It does so until the client's ``timeout`` has passed.
        """
        retries = Retries(self._patience_s)
        while True:
            inside = False
            try:
                async with self.transaction(isolation=isolation, read_only=read_only) as tx:
                    inside = True
                    result = await work(tx)
                    inside = False
                return result
            except Error as error:
                if not retries.heals(error, inside):
                    raise
            await asyncio.sleep(retries.pause_s())

    def listen(self, *channels: str) -> AsyncSubscription:
        """Listens on channels: ``async with db.listen("jobs") as jobs: async for said in jobs``."""
        return AsyncSubscription(self, channels)

    async def close(self) -> None:
        """Ends what is under way (Cancelled), and closes."""
        self._end()
        await in_thread(self._blocking.close, holds=True)


class Scope(_Shared):
    """See ``Client.scope()``."""

    async def close(self) -> None:
        """Ends what is under way (Cancelled), and closes."""
        self._end()
        if self._blocking._handles.idle():
            self._blocking.close()
        else:
            await in_thread(self._blocking.close, holds=True)

    async def __aenter__(self) -> Scope:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Client(_Shared):
    """The client that ``teleai.aio.open()`` gives, for the event loop it was opened in."""

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def migrate_status(self) -> MigrationStatus:
        """Which migrations the database has, and which the library carries."""
        return await in_thread(self._blocking.migrate_status)

    async def migrate_up(self) -> None:
        """Applies all migrations that are missing; safe at every start, from many processes at once."""
        await in_thread(self._blocking.migrate_up)

    async def migrate_down(self) -> None:
        """Takes back the newest migration. Tables that it made are dropped with all their rows."""
        await in_thread(self._blocking.migrate_down)

    async def migrate_to(self, version: int) -> None:
        """Goes up or down to a version; 0 takes back everything, with all rows."""
        await in_thread(self._blocking.migrate_to, version)

    async def migrate_force(self, version: int) -> None:
        """Writes which version the database is at, and nothing else: after golang-migrate has failed half-way."""
        await in_thread(self._blocking.migrate_force, version)

    async def migrate_plan(self, version: int = -1) -> list[MigrationStep]:
        """What going to a version (-1: the newest) would do, step by step, with the locks it takes."""
        return await in_thread(self._blocking.migrate_plan, version)

    async def migrate_adopt(self, *, dry_run: bool = False) -> Adoption:
        """Takes over a database of earlier TeleAI Pro tooling. ``dry_run``: only tells the steps."""
        return await in_thread(lambda: self._blocking.migrate_adopt(dry_run=dry_run))

    async def row_security_enable(self) -> None:
        """Has the server itself keep tenants apart; see teleai/row_security.h."""
        await in_thread(self._blocking.row_security_enable)

    async def row_security_disable(self) -> None:
        """Leaves it to the statements again."""
        await in_thread(self._blocking.row_security_disable)

    def export_tenant(self, id: UUID, folder: str | os.PathLike[str]) -> AsyncTenantJob:
        """Writes all rows of a tenant into a new folder: ``async with``, then ``async for`` or ``await run()``."""
        return AsyncTenantJob(lambda: self._blocking.export_tenant(id, folder))

    def import_tenant(self, folder: str | os.PathLike[str]) -> AsyncTenantJob:
        """Reads such a folder into this database; all is there when it is done, else nothing."""
        return AsyncTenantJob(lambda: self._blocking.import_tenant(folder))

    def delete_tenant(self, id: UUID) -> AsyncTenantJob:
        """Deletes a tenant with all its rows, for ever, in steps; can be begun again when interrupted."""
        return AsyncTenantJob(lambda: self._blocking.delete_tenant(id))

    def pool_stats(self) -> PoolStats:
        """Counters of the connection pool; at once."""
        return self._blocking.pool_stats()

    async def pool_maintain(self) -> None:
        """Closes connections that rested or lived too long, and opens new ones up to ``min_connections``."""
        await in_thread(self._blocking.pool_maintain)

    def pool_resize(self, min_connections: int, max_connections: int) -> None:
        """Changes how many connections there may be; at once."""
        self._blocking.pool_resize(min_connections, max_connections)
        self._most = max_connections

    async def pool_drain(self, timeout: Duration = 30.0) -> None:
        """Ends the work in good order, before close(): lets what is under way finish, and refuses new calls."""
        await in_thread(self._blocking.pool_drain, timeout)

    async def health_check(self, **options: Unpack[HealthOptions]) -> Page[HealthFinding]:
        """Looks the database over; each finding says what puts it right."""
        return await in_thread(partial(self._blocking.health_check, **options))

    async def maintain(self, *, only_due: bool = False) -> Page[MaintenanceTask]:
        """Does the upkeep: expired sessions, statistics, pending entries, daily usage."""
        return await in_thread(partial(self._blocking.maintain, only_due=only_due))

    def metrics_text(self, format: MetricsFormat | str = MetricsFormat.PROMETHEUS) -> str:
        """What has been counted, in the text format of Prometheus, or of OpenMetrics; at once."""
        return self._blocking.metrics_text(format)

    def slow_calls(self) -> Page[Call]:
        """The last 128 calls that took longer than ``slow_call``, latest first; at once."""
        return self._blocking.slow_calls()

    @property
    def blocking(self) -> client.Client:
        """The blocking client behind this one; call it in a thread."""
        return self._blocking


class _Opening(Opening[Client]):
    _called = "teleai.aio.open"

    def __init__(self, most: int, patience_s: float, how: Callable[[], client.Client]) -> None:
        super().__init__()
        self._most, self._patience_s, self._how = most, patience_s, how

    async def _open(self) -> Client:
        return Client(await in_thread(self._how, undo=client.Client.close), self._most, self._patience_s)


def open(
    connection: str = "",
    *,
    connection_hook: Callable[[], str] | None = None,
    call_hook: Callable[[Call], object] | None = None,
    **options: Unpack[OpenOptions],
) -> Opening[Client]:
    """Opens a client, with the options of ``teleai.open()``: ``async with`` it, or ``await`` it and close it."""
    given: Any = Secret(connection)
    del connection
    hide(options)
    return _Opening(
        options.get("max_connections") or 8,
        milliseconds("timeout", options.get("timeout") or 30) / 1000,
        lambda: client.open_client(given, connection_hook, call_hook, options),
    )


__all__ = [
    "AsyncStream",
    "AsyncSubscription",
    "AsyncTenantJob",
    "Client",
    "Operations",
    "Scope",
    "Transaction",
    "open",
]
