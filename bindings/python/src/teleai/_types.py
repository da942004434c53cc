"""What can be given to create(), update() and the filters of each noun, for type checkers and for readers.

At run time the keywords come from the C structs (see _inputs.py); tests/test_types.py holds the two together.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Union
from uuid import UUID

from .enums import (
    AnalysisStatus,
    AudioFileStatus,
    PipelineStatus,
    Pooler,
    ReadFrom,
    Role,
    Schema,
    SearchOrder,
    Sentiment,
    TenantStatus,
    TranscriptionStatus,
)

if TYPE_CHECKING:
    from typing_extensions import Required, TypedDict
else:
    from typing import TypedDict

    class Required:
        def __class_getitem__(cls, item: Any) -> Any:
            return item


Path = Union[str, "os.PathLike[str]"]
Duration = Union[timedelta, float]
"""A duration: a timedelta, or seconds."""
Json = Any


class UserInput(TypedDict, total=False):
    """What a user is made from. Required: ``email``, ``full_name``."""

    id: UUID
    email: Required[str]
    full_name: Required[str]
    password: str | None
    role: Role | str
    is_active: bool


class UserChange(TypedDict, total=False):
    """What ``users.update()`` can change; None takes the password away."""

    email: str
    full_name: str
    password: str | None
    role: Role | str
    is_active: bool


class UserFilter(TypedDict, total=False):
    """Which users."""

    role: Role | str | None
    is_active: bool | None
    created_from: datetime | None
    created_until: datetime | None
    id_from: UUID | None
    id_until: UUID | None


class SessionInput(TypedDict, total=False):
    """What a session is made from. Required: ``user_id``. It ends after 8 hours unless ``expires_at`` is given."""

    id: UUID
    user_id: Required[UUID]
    ip_address: str | None
    user_agent: str | None
    expires_at: datetime | None


class SessionChange(TypedDict, total=False):
    """What ``sessions.update()`` can change."""

    ip_address: str | None
    user_agent: str | None
    expires_at: datetime | None


class SessionFilter(TypedDict, total=False):
    """Which sessions; those that have expired only with ``include_expired``."""

    user_id: UUID | None
    created_from: datetime | None
    created_until: datetime | None
    include_expired: bool
    id_from: UUID | None
    id_until: UUID | None


class AudioFileInput(TypedDict, total=False):
    """What an audio file is made from. Required: ``user_id``, name, path, type and size."""

    id: UUID
    user_id: Required[UUID]
    file_name: Required[str]
    file_path: Required[Path]
    mime_type: Required[str]
    file_size_bytes: Required[int]
    duration: Duration | None
    sample_rate_hz: int | None
    channels: int | None
    bit_rate_bps: int | None
    status: AudioFileStatus | str | None
    error_message: str | None
    metadata: Json
    upload_completed_at: datetime | None
    processing_started_at: datetime | None
    processing_completed_at: datetime | None


class AudioFileChange(TypedDict, total=False):
    """What ``audio_files.update()`` can change."""

    file_name: str
    file_path: Path
    mime_type: str
    file_size_bytes: int
    duration: Duration | None
    sample_rate_hz: int | None
    channels: int | None
    bit_rate_bps: int | None
    metadata: Json
    upload_completed_at: datetime | None


class AudioFileFilter(TypedDict, total=False):
    """Which audio files; ``metadata_contains`` is PostgreSQL's ``@>``."""

    user_id: UUID | None
    mime_type: str | None
    status: AudioFileStatus | str | None
    metadata_contains: Json
    created_from: datetime | None
    created_until: datetime | None
    id_from: UUID | None
    id_until: UUID | None
    file_name: str | None
    file_path: str | None


class TranscriptionInput(TypedDict, total=False):
    """What a transcription is made from. Required: ``audio_file_id``, ``user_id``, ``language_code``, ``engine``."""

    id: UUID
    audio_file_id: Required[UUID]
    user_id: Required[UUID]
    text: str | None
    language_code: Required[str]
    engine: Required[str]
    engine_version: str | None
    confidence: float | None
    word_count: int | None
    status: TranscriptionStatus | str | None
    error_message: str | None
    metadata: Json
    processing_started_at: datetime | None
    processing_completed_at: datetime | None
    processing_duration: Duration | None


class TranscriptionChange(TypedDict, total=False):
    """What ``transcriptions.update()`` can change."""

    text: str
    language_code: str
    engine: str
    engine_version: str | None
    confidence: float | None
    word_count: int | None
    metadata: Json


class TranscriptionResult(TypedDict, total=False):
    """What ``transcriptions.complete()`` sets. Required: ``text``."""

    text: Required[str]
    confidence: float | None
    word_count: int | None
    engine_version: str | None
    processing_duration: Duration | None
    metadata: Json


class TranscriptionFilter(TypedDict, total=False):
    """Which transcriptions; ``metadata_contains`` is PostgreSQL's ``@>``."""

    user_id: UUID | None
    audio_file_id: UUID | None
    language_code: str | None
    engine: str | None
    status: TranscriptionStatus | str | None
    min_confidence: float | None
    metadata_contains: Json
    created_from: datetime | None
    created_until: datetime | None
    id_from: UUID | None
    id_until: UUID | None


class AnalysisInput(TypedDict, total=False):
    """What an analysis is made from. Required: the three ids, ``analysis_type``, ``engine``."""

    id: UUID
    transcription_id: Required[UUID]
    audio_file_id: Required[UUID]
    user_id: Required[UUID]
    analysis_type: Required[str]
    summary: str | None
    sentiment_score: float | None
    sentiment_label: Sentiment | str | None
    key_phrases: Sequence[str] | None
    entities: Json
    topics: Json
    insights: Json
    engine: Required[str]
    engine_version: str | None
    status: AnalysisStatus | str | None
    error_message: str | None
    metadata: Json
    processing_started_at: datetime | None
    processing_completed_at: datetime | None
    processing_duration: Duration | None


class AnalysisChange(TypedDict, total=False):
    """What ``analyses.update()`` can change."""

    summary: str | None
    sentiment_score: float | None
    sentiment_label: Sentiment | str | None
    key_phrases: Sequence[str] | None
    entities: Json
    topics: Json
    insights: Json
    engine: str
    engine_version: str | None
    metadata: Json


class AnalysisResult(TypedDict, total=False):
    """What ``analyses.complete()`` sets."""

    summary: str | None
    sentiment_score: float | None
    sentiment_label: Sentiment | str | None
    key_phrases: Sequence[str] | None
    entities: Json
    topics: Json
    insights: Json
    engine_version: str | None
    processing_duration: Duration | None
    metadata: Json


class AnalysisFilter(TypedDict, total=False):
    """Which analyses; ``..._contains`` is PostgreSQL's ``@>``."""

    user_id: UUID | None
    audio_file_id: UUID | None
    transcription_id: UUID | None
    analysis_type: str | None
    engine: str | None
    status: AnalysisStatus | str | None
    sentiment_label: Sentiment | str | None
    metadata_contains: Json
    entities_contains: Json
    topics_contains: Json
    insights_contains: Json
    created_from: datetime | None
    created_until: datetime | None
    id_from: UUID | None
    id_until: UUID | None


class TenantInput(TypedDict, total=False):
    """What a tenant is made from. Required: ``name``, ``slug``."""

    id: UUID
    name: Required[str]
    slug: Required[str]
    settings: Json
    max_users: int | None
    max_storage_bytes: int | None
    max_audio: Duration | None


class TenantChange(TypedDict, total=False):
    """What ``tenants.update()`` can change; None takes a limit away."""

    name: str
    slug: str
    settings: Json
    max_users: int | None
    max_storage_bytes: int | None
    max_audio: Duration | None


class TenantFilter(TypedDict, total=False):
    """Which tenants."""

    status: TenantStatus | str | None
    created_from: datetime | None
    created_until: datetime | None


class PipelineFilter(TypedDict, total=False):
    """Which files' pipelines; ``unfinished``: only those that are not completed."""

    user_id: UUID | None
    pipeline_status: PipelineStatus | str | None
    unfinished: bool


class SearchOptions(TypedDict, total=False):
    """How and where to search; ``mark_start`` and ``mark_end`` go around matches in ``snippet_marked``."""

    user_id: UUID | None
    language_code: str | None
    engine: str | None
    status: TranscriptionStatus | str | None
    min_confidence: float | None
    created_from: datetime | None
    created_until: datetime | None
    mark_start: str | None
    mark_end: str | None
    order: SearchOrder | str
    limit: int
    cursor: str | None


class ScopeOptions(TypedDict, total=False):
    """What holds for every call in a scope. ``timeout``: of one call; ``total``: of all together, from now on."""

    timeout: Duration | None
    total: Duration | None
    actor_id: UUID | None
    tenant_id: UUID | None
    traceparent: str | None
    read_from: ReadFrom | str
    max_lag: Duration | None


class HealthOptions(TypedDict, total=False):
    """From where on ``health_check()`` tells things."""

    long_transaction: Duration | None
    stale: Duration | None
    unused_index: Duration | None
    dead_rows_percent: int | None
    connections_percent: int | None
    only: str | None


class OpenOptions(TypedDict, total=False):
    """How to open a client; see teleai_options in teleai/client.h for what each default is."""

    application_name: str | None
    max_connections: int | None
    min_connections: int | None
    max_waiting: int | None
    idle_timeout: Duration | None
    max_lifetime: Duration | None
    timeout: Duration | None
    schema: Schema | str
    password_memory_kib: int | None
    password_passes: int | None
    pooler: Pooler | str
    replica_connection: str | None
    slow_call: Duration | None
    metrics: bool
    require_row_security: bool
    tenant_id: UUID | None
