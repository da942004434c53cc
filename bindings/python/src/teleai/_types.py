"""What can be given to calls, for type checkers and for readers; _noun_types.py has what each noun takes.

At run time the keywords come from the C structs (see _inputs.py); tests/test_types.py holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ._noun_types import *  # noqa: F403
from ._noun_types import Duration, Json, Required, TypedDict
from .enums import PipelineStatus, Pooler, ReadFrom, Schema, SearchOrder, Sentiment, TranscriptionStatus


class TranscriptionResult(TypedDict, total=False):
    """What ``transcriptions.complete()`` sets. Required: ``text``."""

    text: Required[str]
    confidence: float | None
    word_count: int | None
    engine_version: str | None
    processing_duration: Duration | None
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
