"""The records of how a database runs: migrations, upkeep, connections, calls, local servers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from . import _ffi
from ._record import Record, addresses, record
from .enums import Severity, Status, TaskOutcome


@record(_ffi.teleai_migration)
class Migration(Record):
    """One migration that the library carries."""

    __slots__ = ()
    version: int
    name: str
    applied: bool


def _migrations(u: Any, places: dict[str, int]) -> tuple[Migration, ...]:
    return tuple(Migration._of(Migration._layout.read(at)) for at in addresses(u[places["items"]], u[places["count"]]))


@record(_ffi.teleai_migration_status, free="teleai_migration_status_free", special={"migrations": _migrations})
class MigrationStatus(Record):
    """Where a database stands."""

    __slots__ = ()
    current_version: int
    library_version: int
    dirty: bool
    at_work: bool
    foreign: bool
    migrations: tuple[Migration, ...]


@record(_ffi.teleai_migration_step)
class MigrationStep(Record):
    """One step of what a migration, or an adoption, does."""

    __slots__ = ()
    version: int
    migration: str
    description: str
    locks: str
    sql: str
    up: bool


@record(_ffi.teleai_adoption_note)
class AdoptionNote(Record):
    """What stays as it is in an adopted database, and should be known."""

    __slots__ = ()
    subject: str
    message: str
    remedy: str


def _adoption_steps(u: Any, places: dict[str, int]) -> tuple[MigrationStep, ...]:
    read, of = MigrationStep._layout.read, MigrationStep._of
    return tuple(of(read(at)) for at in addresses(u[places["items"]], u[places["count"]]))


def _adoption_notes(u: Any, places: dict[str, int]) -> tuple[AdoptionNote, ...]:
    read, of = AdoptionNote._layout.read, AdoptionNote._of
    return tuple(of(read(at)) for at in addresses(u[places["notes"]], u[places["note_count"]]))


@record(
    _ffi.teleai_adoption,
    free="teleai_adoption_free",
    special={"steps": _adoption_steps, "remarks": _adoption_notes},
)
class Adoption(Record):
    """What an adoption did, or would do, and what it has to say."""

    __slots__ = ()
    steps: tuple[MigrationStep, ...]
    remarks: tuple[AdoptionNote, ...]


@record(_ffi.teleai_notification, free="teleai_notification_free")
class Notification(Record):
    """What a subscription has heard. ``may_have_missed``: the connection was lost in between, so look at the tables."""

    __slots__ = ()
    channel: str | None
    payload: str | None
    may_have_missed: bool


@record(_ffi.teleai_pool_stats)
class PoolStats(Record):
    """Counters of the connection pool, all since opening except those of connections and waiting calls."""

    __slots__ = ()
    max_connections: int
    open_connections: int
    idle_connections: int
    waiting_calls: int
    acquired: int
    waited: int
    wait_total_us: int
    timed_out: int
    opened: int
    open_failures: int
    discarded: int
    statements_run: int
    statements_prepared: int
    rode: int
    retired: int
    behind_pooler: bool


@record(
    _ffi.teleai_call,
    free_list="teleai_slow_calls_free",
    paged=False,
    special={"sqlstate": lambda u, places: u[places["sqlstate"]].rstrip(b"\0").decode()},
)
class Call(Record):
    """A call that is over: how long it took, and where the time went."""

    __slots__ = ()
    operation: str
    started_at: datetime
    duration_us: int
    wait_us: int
    connect_us: int
    query_us: int
    decode_us: int
    rows: int
    bytes: int
    status: Status
    attempts: int
    sqlstate: str


@record(_ffi.teleai_health_finding, free_list="teleai_health_findings_free", paged=False)
class HealthFinding(Record):
    """What ``health_check()`` found, and what puts it right (None where nothing is to be done)."""

    __slots__ = ()
    check: str
    subject: str
    severity: Severity
    message: str
    remedy: str | None


@record(_ffi.teleai_maintenance_task, free_list="teleai_maintenance_free", paged=False)
class MaintenanceTask(Record):
    """What ``maintain()`` did, or why a task was skipped."""

    __slots__ = ()
    task: str
    subject: str
    outcome: TaskOutcome
    message: str
    count: int
    duration_us: int


@record(_ffi.teleai_table_checksum, free_list="teleai_table_checksums_free", paged=False)
class TableChecksum(Record):
    """How many rows a table has, of all tenants, and a checksum over them, the same in any order."""

    __slots__ = ()
    table: str
    rows: int
    checksum: str


@record(
    _ffi.teleai_connection_setting,
    free_list="teleai_connection_settings_free",
    paged=False,
    secret=("value",),
)
class ConnectionSetting(Record):
    """A part of a connection string, and the environment variable of this meaning."""

    __slots__ = ()
    keyword: str
    value: str
    variable: str | None
    secret: bool


@record(_ffi.teleai_local_status, free="teleai_local_status_free")
class LocalStatus(Record):
    """How the private PostgreSQL of a folder stands; where there is none only ``exists`` means something."""

    __slots__ = ()
    exists: bool
    running: bool
    kept: bool
    in_use: bool
    major_version: int
    process_id: int
    started_at: datetime | None
    size_bytes: int
    folder: str | None
    data_directory: str | None
    connection: str | None
