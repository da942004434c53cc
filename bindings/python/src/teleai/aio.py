"""teleai for asyncio: the same nouns, whose methods give what to await.

    import asyncio
    import teleai.aio

    async def main() -> None:
        async with teleai.aio.open("local:./data") as db:
            ann, count = await asyncio.gather(db.users.get_by_email("ann@example.org"), db.users.count())

Operations that are begun in the same turn of the loop go to the server together, in one round trip; while these are on
their way others take another connection, up to ``max_connections``. The library's own form for event loops does it: no
threads. Only what has no such form runs in a thread: opening and closing, logging in (which
computes), beginning and ending a transaction, ``stream()``, ``create_many()``, ``ping()``, ``cancel()``, migrations and
work on whole tenants. An atomic batch (``db.atomic()``) needs none. What is begun in one turn should stay below 4 MB:
beyond that the loop is held up until the server has taken some of it.

An operation that is no longer awaited (a cancelled task, a timeout) is answered all the same; its answer is dropped.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from . import client
from ._aio_long import AsyncStream, AsyncSubscription, AsyncTenantJob
from ._aio_runner import AsyncRunner, Flight, in_thread
from ._inputs import milliseconds
from ._nouns_aio import Nouns
from ._record import Page
from .batch import Batch
from .enums import Isolation, Status
from .errors import Error
from .records import (
    Adoption,
    Call,
    HealthFinding,
    MaintenanceTask,
    MigrationStatus,
    MigrationStep,
    PoolStats,
    TableChecksum,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._types import Duration, HealthOptions, OpenOptions, ScopeOptions

T = TypeVar("T")

_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.005, 0.5


class Operations(AsyncRunner, Nouns):
    """What can be done on a client of any kind."""

    def __init__(self, blocking: Any, most: int) -> None:
        super().__init__(blocking, most)
        self._have_nouns()

    def ping(self) -> Awaitable[None]:
        """Asks the server for a sign of life."""
        return in_thread(self._blocking.ping, holds=self._holds)

    def cancel(self) -> Awaitable[None]:
        """Stops what calls on this client, and on those that come from it, are doing: Cancelled."""
        return in_thread(self._blocking.cancel, holds=True)

    def table_checksums(self) -> Awaitable[Page[TableChecksum]]:
        """Rows and a checksum of each table, of all tenants."""
        return in_thread(self._blocking.table_checksums, holds=self._holds)

    def transaction(self, *, isolation: Isolation = Isolation.DEFAULT, read_only: bool = False) -> _Transaction:
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
        await self._landed()
        self._end()
        await in_thread(self._blocking.commit, holds=True)

    def snapshot_export(self) -> Awaitable[str]:
        """The snapshot of this transaction (REPEATABLE_READ), for ``pg_dump --snapshot``, until it ends."""
        return in_thread(self._blocking.snapshot_export, holds=True)

    async def rollback(self) -> None:
        """Undoes everything done in it."""
        self._end()
        await in_thread(self._blocking.rollback, holds=True)

    async def close(self) -> None:
        """Ends it; what was not committed is undone."""
        self._end()
        await in_thread(self._blocking.close, holds=True)


class _Transaction:
    def __init__(self, parent: Operations, isolation: Isolation, read_only: bool) -> None:
        self._parent, self._isolation, self._read_only = parent, isolation, read_only

    async def __aenter__(self) -> Transaction:
        parent = self._parent
        if isinstance(parent, Transaction):
            await parent._landed()
        blocking = await in_thread(self._begin, undo=client.Transaction.close, holds=parent._holds)
        self._transaction = Transaction(blocking, 1)
        return self._transaction

    def _begin(self) -> client.Transaction:
        begun: client.Transaction = self._parent._blocking.transaction(
            isolation=self._isolation, read_only=self._read_only
        )
        return begun

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        transaction = self._transaction
        try:
            if kind is None and not transaction._blocking._ended:
                await transaction.commit()
        finally:
            await transaction.close()


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


async def _fly(batch: Batch) -> None:
    """Flushes a batch without blocking; raises the failure that undid it."""
    loop = asyncio.get_running_loop()
    landed = loop.create_future()

    def arrived() -> None:
        if not flight.flying and not landed.done():
            landed.set_result(None)

    flight = Flight(batch._require(), loop, arrived)
    loop.call_soon(flight.step)
    try:
        await landed
    finally:
        flight.leave()  # it is the batch's
        batch._settle()
    if flight.slot.error.status:
        raise flight.slot.failure()


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
        isolation: Isolation = Isolation.DEFAULT,
        read_only: bool = False,
    ) -> T:
        """Awaits ``work(tx)`` in a transaction, commits, and returns its result; again after what another try can heal.

        It does so until the client's ``timeout`` has passed.
        """
        until = self._loop.time() + self._patience_s
        pause_s = _SHORTEST_PAUSE_S
        while True:
            try:
                async with self.transaction(isolation=isolation, read_only=read_only) as tx:
                    return await work(tx)
            except Error as error:
                heals = error.status in (Status.ABORTED, Status.UNAVAILABLE) and error.retryable
                if not heals or error.outcome_unknown or self._loop.time() >= until:
                    raise
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

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

    def migrate_status(self) -> Awaitable[MigrationStatus]:
        """Which migrations the database has, and which the library carries."""
        return in_thread(self._blocking.migrate_status)

    def migrate_up(self) -> Awaitable[None]:
        """Applies all migrations that are missing; safe at every start, from many processes at once."""
        return in_thread(self._blocking.migrate_up)

    def migrate_down(self) -> Awaitable[None]:
        """Takes back the newest migration. Tables that it made are dropped with all their rows."""
        return in_thread(self._blocking.migrate_down)

    def migrate_to(self, version: int) -> Awaitable[None]:
        """Goes up or down to a version; 0 takes back everything, with all rows."""
        return in_thread(self._blocking.migrate_to, version)

    def migrate_force(self, version: int) -> Awaitable[None]:
        """Writes which version the database is at, and nothing else: after golang-migrate has failed half-way."""
        return in_thread(self._blocking.migrate_force, version)

    def migrate_plan(self, version: int = -1) -> Awaitable[list[MigrationStep]]:
        """What going to a version (-1: the newest) would do, step by step, with the locks it takes."""
        return in_thread(self._blocking.migrate_plan, version)

    def migrate_adopt(self, *, dry_run: bool = False) -> Awaitable[Adoption]:
        """Takes over a database of earlier TeleAI Pro tooling. ``dry_run``: only tells the steps."""
        return in_thread(lambda: self._blocking.migrate_adopt(dry_run=dry_run))

    def row_security_enable(self) -> Awaitable[None]:
        """Has the server itself keep tenants apart; see teleai/row_security.h."""
        return in_thread(self._blocking.row_security_enable)

    def row_security_disable(self) -> Awaitable[None]:
        """Leaves it to the statements again."""
        return in_thread(self._blocking.row_security_disable)

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

    def pool_maintain(self) -> Awaitable[None]:
        """Closes connections that rested or lived too long, and opens new ones up to ``min_connections``."""
        return in_thread(self._blocking.pool_maintain)

    def pool_resize(self, min_connections: int, max_connections: int) -> None:
        """Changes how many connections there may be; at once."""
        self._blocking.pool_resize(min_connections, max_connections)
        self._most = max_connections

    async def pool_drain(self, timeout: Duration = 30.0) -> None:
        """Ends the work in good order, before close(): lets what is under way finish, and refuses new calls."""
        await in_thread(self._blocking.pool_drain, timeout)

    def health_check(self, **options: Unpack[HealthOptions]) -> Awaitable[Page[HealthFinding]]:
        """Looks the database over; each finding says what puts it right."""
        return in_thread(partial(self._blocking.health_check, **options))

    def maintain(self, *, only_due: bool = False) -> Awaitable[Page[MaintenanceTask]]:
        """Does the upkeep: expired sessions, statistics, pending entries, daily usage."""
        return in_thread(partial(self._blocking.maintain, only_due=only_due))

    def metrics_text(self) -> str:
        """What has been counted, in the text format of Prometheus; at once."""
        return self._blocking.metrics_text()

    def slow_calls(self) -> Page[Call]:
        """The last 128 calls that took longer than ``slow_call``, latest first; at once."""
        return self._blocking.slow_calls()

    @property
    def blocking(self) -> client.Client:
        """The blocking client behind this one; call it in a thread."""
        return self._blocking


class _Opening:
    """What open() gives: ``async with`` it, or ``await`` it and close() the client."""

    def __init__(self, most: int, patience_s: float, how: Callable[[], client.Client]) -> None:
        self._most, self._patience_s, self._how = most, patience_s, how

    def __await__(self) -> Any:
        return self._open().__await__()

    async def _open(self) -> Client:
        blocking = await in_thread(self._how, undo=client.Client.close)
        return Client(blocking, self._most, self._patience_s)

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
    return _Opening(
        options.get("max_connections") or 8,
        milliseconds("timeout", options.get("timeout") or 30) / 1000,
        lambda: client.open(connection, connection_hook=connection_hook, call_hook=call_hook, **options),
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
