"""The blocking client, its scopes and transactions."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from ctypes import addressof, byref, c_int32, memmove, sizeof
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from . import _calls, _ffi
from ._call import ClientOwner, Slot, Take
from ._callback import Gate, interrupt_hook, kept, raise_kept
from ._inputs import InputType, code_of, milliseconds, path_bytes, text_bytes, uuid_bytes, whole
from ._library import lib
from ._nouns import Nouns
from ._record import Page, addresses
from ._retry import Retries
from ._runner import Handles, Runner
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
from .enums import Isolation, MetricsFormat, Pooler, ReadFrom, Schema
from .errors import Error, InvalidArgument
from .subscription import Subscription
from .tenant_job import TenantJob

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._types import Duration, HealthOptions, OpenOptions, ScopeOptions

T = TypeVar("T")

_open_options = InputType(_ffi.teleai_options, "open", codes={"schema": Schema, "pooler": Pooler})
_scope_options = InputType(_ffi.teleai_scope_options, "scope", codes={"read_from": ReadFrom})
_transaction_options = InputType(_ffi.teleai_transaction_options, "transaction", codes={"isolation": Isolation})
_maintain_options = InputType(_ffi.teleai_maintain_options, "maintain")
_health_options = InputType(_ffi.teleai_health_options, "health_check")
_batch_options = InputType(_ffi.teleai_batch_options, "batch")


class Operations(Runner, Nouns):
    """What can be done on a client of any kind: ``users``, ``sessions``, ``audio_files`` and so on, and searching."""

    def ping(self) -> None:
        """Asks the server for a sign of life."""
        _calls.ping(self)

    def cancel(self) -> None:
        """Stops what other threads' calls on this client, and on those that come from it, are doing: Cancelled."""
        self._nothing(lib.teleai_cancel)

    def batch(self, *, atomic: bool = False) -> Batch:
        """Many operations in one round trip.

        >>> with db.batch() as batch:
        ...     ann = batch.users.create(email="ann@example.org", full_name="Ann")
        ...     count = batch.users.count()
        >>> ann.result().full_name, count.result()
        ('Ann', 1)
        """
        options = _batch_options.make({"atomic": atomic})
        hold = self._derive(lib.teleai_batch_open, addressof(options))
        return Batch(hold, self._handles.derive(), atomic or self._kind == "transaction")

    def transaction(self, *, isolation: Isolation | str = Isolation.DEFAULT, read_only: bool = False) -> Transaction:
        """Operations that happen together or not at all; on a transaction, an inner one (a savepoint).

        >>> with db.transaction() as tx:
        ...     ann = tx.users.create(email="ann@example.org", full_name="Ann")
        ...     session = tx.sessions.create(user_id=ann.id)

        Commits at the end of the ``with`` statement, unless it has ended before; an exception rolls back.
        """
        options = _transaction_options.make({"isolation": isolation, "read_only": read_only})
        given = None if isolation is Isolation.DEFAULT and not read_only else addressof(options)
        return Transaction(self._derive(lib.teleai_transaction_begin, given), self._handles.derive())

    def table_checksums(self) -> Page[TableChecksum]:
        """Rows and a checksum of each table, of all tenants: to compare a restored backup with what it is of."""
        return self._one(lib.teleai_table_checksum_list, TableChecksum._take_list)

    def close(self) -> None:
        """Closes it; further calls raise Closed. Waits for calls of other threads."""
        self._close()


class Transaction(Operations):
    """See ``transaction()``."""

    _kind = "transaction"
    _ended = False

    def commit(self) -> None:
        """Makes everything done in it permanent."""
        self._ended = True
        self._nothing(lib.teleai_transaction_commit)

    def rollback(self) -> None:
        """Undoes everything done in it."""
        self._ended = True
        self._nothing(lib.teleai_transaction_rollback)

    def snapshot_export(self) -> str:
        """The snapshot of this transaction (REPEATABLE_READ), for ``pg_dump --snapshot``, until it ends."""
        return self._one(lib.teleai_snapshot_export, _snapshot)

    def __enter__(self) -> Transaction:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and not self._ended:
                self.commit()
        finally:
            self.close()


class _Shared(Operations):
    """What a client and a scope have and a transaction has not."""

    def __init__(self, hold: list[Any], handles: Handles, patience_s: float) -> None:
        super().__init__(hold, handles)
        self._patience_s = patience_s

    def scope(self, **options: Unpack[ScopeOptions]) -> Scope:
        """A client whose calls run with a tenant, an actor, a time limit. Costs no round trip; one a request.

        >>> with db.scope(timeout=2.5) as request:
        ...     request.users.count()
        0
        """
        made = _scope_options.make(options)
        patience_s = _patience_s(options) if options.get("timeout") else self._patience_s
        return Scope(self._derive(lib.teleai_scope_open, addressof(made)), self._handles.derive(), patience_s)

    def listen(self, *channels: str) -> Subscription:
        """Listens on channels, on a connection of its own; see Subscription."""
        return Subscription(self, channels)

    def run_in_transaction(
        self,
        work: Callable[[Transaction], T],
        *,
        isolation: Isolation | str = Isolation.DEFAULT,
        read_only: bool = False,
    ) -> T:
        """Runs work in a transaction, commits, and returns its result; runs it again after what another try can heal.

        >>> db.run_in_transaction(lambda tx: tx.users.create(email="ann@example.org", full_name="Ann").email)
        'ann@example.org'
        """
        retries = Retries(self._patience_s)
        while True:
            inside = False
            try:
                with self.transaction(isolation=isolation, read_only=read_only) as transaction:
                    inside = True
                    result = work(transaction)
                    inside = False
                return result
            except Error as error:
                if not retries.heals(error, inside):
                    raise
            retries.pause()


class Scope(_Shared):
    """See ``scope()``."""

    _kind = "scope"

    def __enter__(self) -> Scope:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Client(_Shared):
    """The client that ``teleai.open()`` gives: it owns the connections, and any number of threads may use it.

    A forked process must open its own: calls on its parent's raise Closed. With a server that forks workers after
    loading the program (gunicorn's preload), open in the worker.
    """

    def __init__(self, hold: list[Any], patience_s: float) -> None:
        super().__init__(hold, Handles(), patience_s)
        self._process = os.getpid()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if self.__dict__.get("_hold") and self._process == os.getpid():
            warnings.warn("a teleai client was not closed; use it in a with statement", ResourceWarning, 2)

    def migrate_status(self) -> MigrationStatus:
        """Which migrations the database has, and which the library carries."""
        return _calls.migrate_status(self)

    def migrate_up(self) -> None:
        """Applies all migrations that are missing; safe at every start, from many processes at once."""
        self._nothing(lib.teleai_migrate_up)

    def migrate_down(self) -> None:
        """Takes back the newest migration. Tables that it made are dropped with all their rows."""
        self._nothing(lib.teleai_migrate_down)

    def migrate_to(self, version: int) -> None:
        """Goes up or down to a version; 0 takes back everything, with all rows."""
        self._nothing(lib.teleai_migrate_to, whole("version", version))

    def migrate_force(self, version: int) -> None:
        """Writes which version the database is at, and nothing else: after golang-migrate has failed half-way."""
        self._nothing(lib.teleai_migrate_force, whole("version", version))

    def migrate_plan(self, version: int = -1) -> list[MigrationStep]:
        """What going to a version (-1: the newest) would do, step by step, with the locks it takes."""
        return self._one(lib.teleai_migrate_plan, _plan, whole("version", version))

    def migrate_adopt(self, *, dry_run: bool = False) -> Adoption:
        """Takes over a database of earlier TeleAI Pro tooling. ``dry_run``: only tells the steps."""
        options = _ffi.teleai_adopt_options(struct_size=sizeof(_ffi.teleai_adopt_options), dry_run=dry_run)
        return self._one(lib.teleai_migrate_adopt, Adoption._take, addressof(options), keep=options)

    def row_security_enable(self) -> None:
        """Has the server itself keep tenants apart; see teleai/row_security.h."""
        self._nothing(lib.teleai_row_security_enable)

    def row_security_disable(self) -> None:
        """Leaves it to the statements again."""
        self._nothing(lib.teleai_row_security_disable)

    def export_tenant(self, id: UUID, folder: str | os.PathLike[str]) -> TenantJob:
        """Writes all rows of a tenant into a new folder; iterate over the job to see how far it is.

        Closed before its end it removes what it has written.
        """
        return TenantJob(self, lib.teleai_tenant_export_open, uuid_bytes("id", id), path_bytes("folder", folder))

    def import_tenant(self, folder: str | os.PathLike[str]) -> TenantJob:
        """Reads such a folder into this database; all is there when it is done, else nothing."""
        return TenantJob(self, lib.teleai_tenant_import_open, path_bytes("folder", folder))

    def delete_tenant(self, id: UUID) -> TenantJob:
        """Deletes a tenant with all its rows, for ever, in steps; can be begun again when interrupted."""
        return TenantJob(self, lib.teleai_tenant_delete_open, uuid_bytes("id", id))

    def pool_stats(self) -> PoolStats:
        """Counters of the connection pool."""
        made = _ffi.teleai_pool_stats()
        self._nothing(lib.teleai_pool_stats_get, addressof(made), keep=made)
        return PoolStats._of(PoolStats._layout.read(addressof(made)))

    def pool_maintain(self) -> None:
        """Closes connections that rested or lived too long, and opens new ones up to ``min_connections``."""
        self._nothing(lib.teleai_pool_maintain)

    def pool_resize(self, min_connections: int, max_connections: int) -> None:
        """Changes how many connections there may be."""
        self._nothing(
            lib.teleai_pool_resize,
            whole("min_connections", min_connections, c_int32),
            whole("max_connections", max_connections, c_int32),
        )

    def pool_drain(self, timeout: Duration = 30.0) -> None:
        """Ends the work in good order, before close(): refuses new calls and lets those that run finish."""
        self._nothing(lib.teleai_pool_drain, milliseconds("timeout", timeout))

    def metrics_text(self, format: MetricsFormat | str = MetricsFormat.PROMETHEUS) -> str:
        """What has been counted, in the text format of Prometheus, or of OpenMetrics.

        Serve the one as ``text/plain; version=0.0.4``, the other as ``application/openmetrics-text; version=1.0.0;
        charset=utf-8``.

        >>> db.metrics_text("openmetrics").endswith("# EOF\\n")
        True
        """
        return self._one(lib.teleai_metrics_text_as, _calls.text_of, code_of(MetricsFormat, "format", format))

    def health_check(self, **options: Unpack[HealthOptions]) -> Page[HealthFinding]:
        """Looks the database over; each finding says what puts it right. ``teleai doctor`` shows the same.

        >>> {finding.severity.name for finding in db.health_check() if finding.check == "schema"}
        {'OK'}
        """
        made = _health_options.make(options)
        return self._one(lib.teleai_health_check, HealthFinding._take_list, addressof(made), keep=made)

    def maintain(self, *, only_due: bool = False) -> Page[MaintenanceTask]:
        """Does the upkeep: expired sessions, statistics, pending entries, daily usage; as ``teleai maintain`` does.

        Run it as the owner of the tables. ``only_due`` leaves out what can wait. Each task may take as long as the
        client's timeout; what the role may not do is SKIPPED, and the message says who may.

        >>> {task.outcome.name for task in db.maintain() if task.task == "daily_usage"}
        {'DONE'}
        """
        made = _maintain_options.make({"only_due": only_due})
        return self._one(lib.teleai_maintain, MaintenanceTask._take_list, addressof(made), keep=made)

    def slow_calls(self) -> Page[Call]:
        """The last 128 calls that took longer than ``slow_call``, latest first."""
        return self._one(lib.teleai_slow_calls_list, Call._take_list)


def _read_snapshot(owner: Any) -> str:
    id: bytes = _ffi.teleai_snapshot.from_address(owner.value).id
    return id.decode()


def _read_plan(owner: Any) -> list[MigrationStep]:
    head = _ffi.teleai_migration_plan.from_address(owner.value)
    read, of = MigrationStep._layout.read, MigrationStep._of
    return [of(read(place)) for place in addresses(head.items, head.count)]


_snapshot = Take("teleai_snapshot_free", _read_snapshot)
_plan = Take("teleai_migration_plan_free", _read_plan)


def _connection_hook(give: Callable[[], str]) -> Any:
    def work(_data: Any, out: int, size: int) -> bool:
        given = Secret(give())
        text, bytes_ = text_bytes("connection", given), len(given.encode()) + 1
        if bytes_ > size:
            raise InvalidArgument(
                f"connection_hook gave {bytes_} bytes; at most {size} were expected", field="connection_hook"
            )
        memmove(out, text, bytes_)
        return True

    return _ffi.teleai_connection_hook(Gate(work, 3))


def _call_hook(tell: Callable[[Call], object]) -> Any:
    def work(_data: Any, call: int) -> None:
        tell(Call._of(Call._layout.read(call)))

    return _ffi.teleai_call_hook(Gate(work, 2))


def open_options(
    connection_hook: Callable[[], str] | None, call_hook: Callable[[Call], object] | None, options: Any
) -> tuple[Any, tuple[Any, ...]]:
    """A teleai_options, and what must live as long as the client."""
    made = _open_options.make(options)
    hooks: list[Any] = []
    if connection_hook is not None:
        made.connection_hook = _connection_hook(connection_hook)
        hooks.append(made.connection_hook)
    if call_hook is not None:
        made.call_hook = _call_hook(call_hook)
        hooks.append(made.call_hook)
    return made, tuple(hooks)


def open(
    connection: str = "",
    *,
    connection_hook: Callable[[], str] | None = None,
    call_hook: Callable[[Call], object] | None = None,
    **options: Unpack[OpenOptions],
) -> Client:
    """Opens a client. ``connection`` is a libpq connection string, "" for libpq's environment, or "local:DIR".

    >>> import teleai
    >>> with teleai.open(connection, max_connections=4, timeout=10) as client:
    ...     client.ping()

    ``connection_hook`` gives the connection string of each new connection, for passwords that change; ``call_hook`` is
    told of each call when it is over, on the thread that made it.
    """
    given = Secret(connection)
    del connection
    return open_client(given, connection_hook, call_hook, hide(options))


def open_client(
    connection: Any,
    connection_hook: Callable[[], str] | None,
    call_hook: Callable[[Call], object] | None,
    options: Any,
) -> Client:
    """The same, of what is secret already."""
    made, hooks = open_options(connection_hook, call_hook, options)
    made.interrupt_hook = interrupt_hook
    raise_kept()  # of this thread, whose part is made before the call
    owner = ClientOwner(hooks)
    slot = Slot()
    if (
        lib.teleai_open(text_bytes("connection", connection), addressof(made), byref(owner), slot.error_ref)
        or kept.raised is not None
    ):
        raise_kept()
        raise slot.failure()
    hold = [owner]
    del owner
    return Client(hold, _patience_s(options))


def _patience_s(options: Any) -> float:
    return milliseconds("timeout", options.get("timeout") or 30) / 1000


def version() -> str:
    """The version of the library that runs."""
    text: bytes = lib.teleai_version()
    return text.decode()


def make_uuid() -> UUID:
    """A new UUID version 7, ordered by time."""
    made = _ffi.teleai_uuid()
    lib.teleai_uuid_make(byref(made))
    return UUID(bytes=bytes(made.bytes))


def default_tenant_id() -> UUID:
    """The id of the tenant that rows belong to when nobody says otherwise."""
    made = _ffi.teleai_uuid()
    lib.teleai_tenant_default_id(byref(made))
    return UUID(bytes=bytes(made.bytes))
