"""The records of what the database holds, as the header has them; _server_records.py has those of how it runs."""

from __future__ import annotations

import struct
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from . import _ffi
from ._record import Page, Record, read_memory, read_text, record
from .enums import (
    ActivityType,
    AnalysisStatus,
    AudioFileStatus,
    PipelineStatus,
    QueueType,
    Role,
    Sentiment,
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
