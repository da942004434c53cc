"""What can be given to create(), update() and the filters of each noun, for type checkers and for readers.

Generated from bindings/teleai-api.json, do not edit: run bindings/generate.py, then tools/make_types.py.
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
    Role,
    Sentiment,
    TenantStatus,
    TranscriptionStatus,
)

if TYPE_CHECKING:
    from typing_extensions import Required as Required
    from typing_extensions import TypedDict as TypedDict
else:
    from typing import TypedDict

    class Required:
        def __class_getitem__(cls, item: Any) -> Any:
            return item


Path = Union[str, "os.PathLike[str]"]
Duration = Union[timedelta, float]
"""A duration: a timedelta, or seconds."""
Json = Any


class TenantInput(TypedDict, total=False):
    """What a tenant is made from. Required: ``name``, ``slug``."""

    id: UUID | None
    name: Required[str]
    slug: Required[str]
    settings: Json
    max_users: int | None
    max_storage_bytes: int | None
    max_audio: Duration | None


class TenantChange(TypedDict, total=False):
    """What ``tenants.update()`` can change."""

    name: str
    slug: str
    settings: Json
    max_users: int | None
    max_storage_bytes: int | None
    max_audio: Duration | None


class TenantFilter(TypedDict, total=False):
    """Which tenants; absent fields do not restrict."""

    created_from: datetime | None
    created_until: datetime | None
    status: TenantStatus | str | None


class UserInput(TypedDict, total=False):
    """What a user is made from. Required: ``email``, ``full_name``."""

    id: UUID | None
    email: Required[str]
    full_name: Required[str]
    password: str | None
    role: Role | str | None
    is_active: bool | None


class UserChange(TypedDict, total=False):
    """What ``users.update()`` can change."""

    email: str
    full_name: str
    password: str | None
    role: Role | str | None
    is_active: bool | None


class UserFilter(TypedDict, total=False):
    """Which users; absent fields do not restrict."""

    created_from: datetime | None
    created_until: datetime | None
    role: Role | str | None
    is_active: bool | None
    id_from: UUID | None
    id_until: UUID | None


class SessionInput(TypedDict, total=False):
    """What a session is made from. Required: ``user_id``."""

    id: UUID | None
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
    """Which sessions; absent fields do not restrict."""

    user_id: UUID | None
    created_from: datetime | None
    created_until: datetime | None
    include_expired: bool
    id_from: UUID | None
    id_until: UUID | None


class AudioFileInput(TypedDict, total=False):
    """What an audio file is made from. Required: ``user_id``, ``file_name``, ``file_path``, ``mime_type``,
    ``file_size_bytes``.
    """

    id: UUID | None
    user_id: Required[UUID]
    file_name: Required[str]
    file_path: Required[Path]
    mime_type: Required[str]
    error_message: str | None
    metadata: Json
    file_size_bytes: Required[int]
    duration: Duration | None
    upload_completed_at: datetime | None
    processing_started_at: datetime | None
    processing_completed_at: datetime | None
    sample_rate_hz: int | None
    channels: int | None
    bit_rate_bps: int | None
    status: AudioFileStatus | str | None


class AudioFileChange(TypedDict, total=False):
    """What ``audio_files.update()`` can change."""

    file_name: str
    file_path: Path
    mime_type: str
    metadata: Json
    file_size_bytes: int
    duration: Duration | None
    upload_completed_at: datetime | None
    sample_rate_hz: int | None
    channels: int | None
    bit_rate_bps: int | None


class AudioFileFilter(TypedDict, total=False):
    """Which audio files; absent fields do not restrict."""

    user_id: UUID | None
    mime_type: str | None
    metadata_contains: Json
    created_from: datetime | None
    created_until: datetime | None
    status: AudioFileStatus | str | None
    id_from: UUID | None
    id_until: UUID | None
    file_name: str | None
    file_path: Path | None


class TranscriptionInput(TypedDict, total=False):
    """What a transcription is made from. Required: ``audio_file_id``, ``user_id``, ``language_code``, ``engine``."""

    id: UUID | None
    audio_file_id: Required[UUID]
    user_id: Required[UUID]
    text: str | None
    language_code: Required[str]
    engine: Required[str]
    engine_version: str | None
    error_message: str | None
    metadata: Json
    processing_started_at: datetime | None
    processing_completed_at: datetime | None
    confidence: float | None
    word_count: int | None
    processing_duration: Duration | None
    status: TranscriptionStatus | str | None


class TranscriptionChange(TypedDict, total=False):
    """What ``transcriptions.update()`` can change."""

    text: str | None
    language_code: str
    engine: str
    engine_version: str | None
    metadata: Json
    confidence: float | None
    word_count: int | None


class TranscriptionFilter(TypedDict, total=False):
    """Which transcriptions; absent fields do not restrict."""

    user_id: UUID | None
    audio_file_id: UUID | None
    language_code: str | None
    engine: str | None
    metadata_contains: Json
    created_from: datetime | None
    created_until: datetime | None
    min_confidence: float | None
    status: TranscriptionStatus | str | None
    id_from: UUID | None
    id_until: UUID | None


class AnalysisInput(TypedDict, total=False):
    """What an analysis is made from. Required: ``transcription_id``, ``audio_file_id``, ``user_id``,
    ``analysis_type``, ``engine``.
    """

    id: UUID | None
    transcription_id: Required[UUID]
    audio_file_id: Required[UUID]
    user_id: Required[UUID]
    analysis_type: Required[str]
    summary: str | None
    engine: Required[str]
    engine_version: str | None
    error_message: str | None
    key_phrases: Sequence[str] | None
    entities: Json
    topics: Json
    insights: Json
    metadata: Json
    processing_started_at: datetime | None
    processing_completed_at: datetime | None
    sentiment_score: float | None
    sentiment_label: Sentiment | str | None
    processing_duration: Duration | None
    status: AnalysisStatus | str | None


class AnalysisChange(TypedDict, total=False):
    """What ``analyses.update()`` can change."""

    summary: str | None
    engine: str
    engine_version: str | None
    key_phrases: Sequence[str] | None
    entities: Json
    topics: Json
    insights: Json
    metadata: Json
    sentiment_score: float | None
    sentiment_label: Sentiment | str | None


class AnalysisFilter(TypedDict, total=False):
    """Which analyses; absent fields do not restrict."""

    user_id: UUID | None
    audio_file_id: UUID | None
    transcription_id: UUID | None
    analysis_type: str | None
    engine: str | None
    metadata_contains: Json
    entities_contains: Json
    topics_contains: Json
    insights_contains: Json
    created_from: datetime | None
    created_until: datetime | None
    status: AnalysisStatus | str | None
    sentiment_label: Sentiment | str | None
    id_from: UUID | None
    id_until: UUID | None
