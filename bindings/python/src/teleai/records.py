"""The records, as the header has them."""

from __future__ import annotations

import struct
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from . import _ffi
from ._record import Page, Record, addresses, read_memory, read_text, record
from .enums import (
    ActivityType,
    AnalysisStatus,
    AudioFileStatus,
    PipelineStatus,
    QueueType,
    Role,
    Sentiment,
    Severity,
    Status,
    TaskOutcome,
    TenantStatus,
    TranscriptionStatus,
)

Json = Any
"""What a JSON column holds: dict, list, str, int, float, bool or None."""


@record(_ffi.teleai_user, free="teleai_user_free", free_list="teleai_users_free")
class User(Record):
    """A user. The password's hash never leaves the library."""

    __slots__ = ()
    id: UUID
    tenant_id: UUID
    email: str
    full_name: str
    role: Role
    is_active: bool
    last_login_at: datetime | None
    created_at: datetime
    updated_at: datetime


@record(_ffi.teleai_session, free="teleai_session_free", free_list="teleai_sessions_free", secret=("token",))
class Session(Record):
    """A session. ``token`` is there only in what ``create()`` returns."""

    __slots__ = ()
    id: UUID
    user_id: UUID
    token: str | None
    ip_address: str | None
    user_agent: str | None
    expires_at: datetime
    created_at: datetime
    updated_at: datetime


@record(
    _ffi.teleai_identity,
    free="teleai_identity_free",
    special={
        "session": lambda u, places: Session._of(Session._layout.read(u[places["session"]])),
        "user": lambda u, places: User._of(User._layout.read(u[places["user"]])),
    },
)
class Identity(Record):
    """A checked token: the session and whose it is."""

    __slots__ = ()
    session: Session
    user: User


@record(_ffi.teleai_audio_file, free="teleai_audio_file_free", free_list="teleai_audio_files_free")
class AudioFile(Record):
    """An audio file: where it lies and what is known of it. The audio itself is not in the database."""

    __slots__ = ()
    id: UUID
    user_id: UUID
    file_name: str
    file_path: str
    mime_type: str
    file_size_bytes: int
    duration: timedelta | None
    sample_rate_hz: int | None
    channels: int | None
    bit_rate_bps: int | None
    status: AudioFileStatus
    error_message: str | None
    metadata: Json
    upload_completed_at: datetime | None
    processing_started_at: datetime | None
    processing_completed_at: datetime | None
    created_at: datetime
    updated_at: datetime


@record(_ffi.teleai_transcription, free="teleai_transcription_free", free_list="teleai_transcriptions_free")
class Transcription(Record):
    """What a recognizer heard in an audio file."""

    __slots__ = ()
    id: UUID
    audio_file_id: UUID
    user_id: UUID
    text: str
    language_code: str
    engine: str
    engine_version: str | None
    confidence: float | None
    word_count: int | None
    status: TranscriptionStatus
    error_message: str | None
    metadata: Json
    processing_started_at: datetime | None
    processing_completed_at: datetime | None
    processing_duration: timedelta | None
    created_at: datetime
    updated_at: datetime


@record(_ffi.teleai_analysis, free="teleai_analysis_free", free_list="teleai_analyses_free")
class Analysis(Record):
    """What was made of a transcription."""

    __slots__ = ()
    id: UUID
    transcription_id: UUID
    audio_file_id: UUID
    user_id: UUID
    analysis_type: str
    summary: str | None
    sentiment_score: float | None
    sentiment_label: Sentiment | None
    key_phrases: tuple[str | None, ...] | None
    entities: Json
    topics: Json
    insights: Json
    engine: str
    engine_version: str | None
    status: AnalysisStatus
    error_message: str | None
    metadata: Json
    processing_started_at: datetime | None
    processing_completed_at: datetime | None
    processing_duration: timedelta | None
    created_at: datetime
    updated_at: datetime


@record(_ffi.teleai_tenant, free="teleai_tenant_free", free_list="teleai_tenants_free")
class Tenant(Record):
    """A tenant: an organisation whose rows are kept apart from those of others."""

    __slots__ = ()
    id: UUID
    name: str
    slug: str
    status: TenantStatus
    settings: Json
    max_users: int | None
    max_storage_bytes: int | None
    max_audio: timedelta | None
    created_at: datetime
    updated_at: datetime


@record(_ffi.teleai_tenant_stats, free="teleai_tenant_stats_free", free_list="teleai_tenants_stats_free")
class TenantStats(Record):
    """What a tenant holds."""

    __slots__ = ()
    tenant_id: UUID
    name: str
    slug: str
    status: TenantStatus
    total_users: int
    open_sessions: int
    total_files: int
    total_transcriptions: int
    total_analyses: int
    total_storage_bytes: int
    total_duration: timedelta
    last_upload_at: datetime | None


def _tables(u: tuple[Any, ...], places: dict[str, int]) -> dict[str, int]:
    each = struct.iter_unpack("@Pq", u[places["tables"]])
    return {read_text(table): rows for table, rows in islice(each, u[places["table_count"]])}


@record(_ffi.teleai_tenant_progress, special={"tables": _tables})
class TenantProgress(Record):
    """How far an export, import or deletion of a tenant is. ``tables`` counts the rows that are done of each."""

    __slots__ = ()
    rows_done: int
    rows_total: int
    bytes_done: int
    tables: dict[str, int]
    done: bool


@record(_ffi.teleai_user_stats, free="teleai_user_stats_free", free_list="teleai_users_stats_free")
class UserStats(Record):
    """What a user has stored."""

    __slots__ = ()
    user_id: UUID
    email: str
    full_name: str
    total_files: int
    total_transcriptions: int
    total_analyses: int
    total_storage_bytes: int
    total_duration: timedelta
    last_upload_at: datetime | None


@record(_ffi.teleai_daily_usage, free_list="teleai_daily_usages_free", paged=False, renamed={"day": "date"})
class DailyUsage(Record):
    """What was uploaded in a day (UTC) and became ready."""

    __slots__ = ()
    day: date
    active_users: int
    total_uploads: int
    total_bytes_uploaded: int
    total_audio: timedelta
    avg_audio: timedelta


@record(_ffi.teleai_activity, free_list="teleai_activities_free")
class Activity(Record):
    """One thing a user did."""

    __slots__ = ()
    user_id: UUID
    resource_id: UUID
    email: str
    full_name: str
    resource_name: str
    activity_at: datetime
    activity_type: ActivityType


@record(_ffi.teleai_queue_status, free_list="teleai_queue_statuses_free", paged=False)
class QueueStatus(Record):
    """How many rows of a kind are in a status; ``status`` is the code that the kind's own enumeration gives it."""

    __slots__ = ()
    queue_type: QueueType
    status: int
    status_name: str
    count: int
    oldest_item: datetime
    newest_item: datetime


@record(_ffi.teleai_pipeline, free_list="teleai_pipelines_free")
class Pipeline(Record):
    """An audio file with one transcription and one analysis of it, where there are any."""

    __slots__ = ()
    audio_file_id: UUID
    user_id: UUID
    transcription_id: UUID | None
    analysis_id: UUID | None
    file_name: str
    analysis_type: str | None
    audio_uploaded_at: datetime
    transcription_created_at: datetime | None
    analysis_created_at: datetime | None
    audio_status: AudioFileStatus
    transcription_status: TranscriptionStatus | None
    analysis_status: AnalysisStatus | None
    pipeline_status: PipelineStatus


def _marks(u: Any, places: dict[str, int]) -> tuple[tuple[int, int], ...]:
    """The marks in characters; the library has them in bytes."""
    count, at = u[places["mark_count"]], u[places["marks"]]
    if not count:
        return ()
    snippet = read_text(u[places["snippet"]]).encode()
    ends = memoryview(read_memory(at, 8 * count)).cast("i").tolist()
    characters = [len(snippet[:end].decode()) for end in ends]
    return tuple(zip(characters[::2], characters[1::2], strict=True))


@record(_ffi.teleai_search_hit, free_list="teleai_search_hits_free", special={"marks": _marks})
class SearchHit(Record):
    """A transcription that was found. ``marks`` are the matches: ``snippet[start:end]``."""

    __slots__ = ()
    transcription_id: UUID
    audio_file_id: UUID
    user_id: UUID
    file_name: str
    language_code: str
    engine: str
    snippet: str
    snippet_marked: str
    marks: tuple[tuple[int, int], ...]
    confidence: float | None
    rank: float
    status: TranscriptionStatus
    created_at: datetime


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
    """What a subscription has heard. ``may_have_missed``: the connection was lost meanwhile, so look at the tables."""

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


class SearchHits(Page[SearchHit]):
    """What a search found. ``total`` is how many match in all, exact or "more than" by ``total_is_exact``."""

    __slots__ = ("parsed_query", "total", "total_is_exact")

    def __init__(
        self, rows: list[SearchHit], next_cursor: str | None, parsed_query: str, total: int, total_is_exact: bool
    ) -> None:
        super().__init__(rows, next_cursor)
        self.parsed_query = parsed_query
        self.total = total
        self.total_is_exact = total_is_exact

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (list(self), self.next_cursor, self.parsed_query, self.total, self.total_is_exact)
