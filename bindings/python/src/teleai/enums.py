"""The enumerations of the header."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from . import _ffi


class Code(IntEnum):
    """Values that the library takes and gives. One that is not known here is kept: its name is UNKNOWN_<number>."""

    @classmethod
    def _missing_(cls, value: object) -> Any:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member

    @property
    def label(self) -> str:
        """Its name as the database, the command and columns have it, such as "ready"; inputs take it, too."""
        return self.name.lower()

    def __str__(self) -> str:
        return self.label

    @classmethod
    def labels(cls) -> list[str]:
        """The names of all that there are."""
        return [member.label for member in cls]


class Status(Code):
    """How a call went, told apart by what one would do next."""

    OK = _ffi.TELEAI_OK
    INVALID_ARGUMENT = _ffi.TELEAI_INVALID_ARGUMENT
    NOT_FOUND = _ffi.TELEAI_NOT_FOUND
    ALREADY_EXISTS = _ffi.TELEAI_ALREADY_EXISTS
    PARENT_NOT_FOUND = _ffi.TELEAI_PARENT_NOT_FOUND
    CONFLICT = _ffi.TELEAI_CONFLICT
    UNAUTHENTICATED = _ffi.TELEAI_UNAUTHENTICATED
    PERMISSION_DENIED = _ffi.TELEAI_PERMISSION_DENIED
    UNAVAILABLE = _ffi.TELEAI_UNAVAILABLE
    TIMEOUT = _ffi.TELEAI_TIMEOUT
    ABORTED = _ffi.TELEAI_ABORTED
    SCHEMA_MISMATCH = _ffi.TELEAI_SCHEMA_MISMATCH
    UNSUPPORTED = _ffi.TELEAI_UNSUPPORTED
    LIMIT_EXCEEDED = _ffi.TELEAI_LIMIT_EXCEEDED
    CLOSED = _ffi.TELEAI_CLOSED
    OUT_OF_MEMORY = _ffi.TELEAI_OUT_OF_MEMORY
    SERVER_ERROR = _ffi.TELEAI_SERVER_ERROR
    CANCELLED = _ffi.TELEAI_CANCELLED
    QUEUED = _ffi.TELEAI_QUEUED


class Order(Code):
    """Orders of a list; see teleai/base.h for what "newest" means in which tenant."""

    NEWEST_FIRST = _ffi.TELEAI_ORDER_NEWEST_FIRST
    OLDEST_FIRST = _ffi.TELEAI_ORDER_OLDEST_FIRST
    NEWEST_ID_FIRST = _ffi.TELEAI_ORDER_NEWEST_ID_FIRST
    OLDEST_ID_FIRST = _ffi.TELEAI_ORDER_OLDEST_ID_FIRST


class Schema(Code):
    """What to do at opening about the version of the database's schema."""

    CHECK = _ffi.TELEAI_SCHEMA_CHECK
    IGNORE = _ffi.TELEAI_SCHEMA_IGNORE
    MIGRATE = _ffi.TELEAI_SCHEMA_MIGRATE


class Pooler(Code):
    """What stands between the client and the server."""

    DETECT = _ffi.TELEAI_POOLER_DETECT
    NONE = _ffi.TELEAI_POOLER_NONE
    TRANSACTION = _ffi.TELEAI_POOLER_TRANSACTION


class ReadFrom(Code):
    """Where the reads of a scope go."""

    PRIMARY = _ffi.TELEAI_READ_FROM_PRIMARY
    REPLICA = _ffi.TELEAI_READ_FROM_REPLICA


class Isolation(Code):
    """How far a transaction is kept apart from others."""

    DEFAULT = _ffi.TELEAI_ISOLATION_DEFAULT
    READ_COMMITTED = _ffi.TELEAI_ISOLATION_READ_COMMITTED
    REPEATABLE_READ = _ffi.TELEAI_ISOLATION_REPEATABLE_READ
    SERIALIZABLE = _ffi.TELEAI_ISOLATION_SERIALIZABLE


class Role(Code):
    """What a user may do."""

    ADMIN = _ffi.TELEAI_ROLE_ADMIN
    USER = _ffi.TELEAI_ROLE_USER
    VIEWER = _ffi.TELEAI_ROLE_VIEWER


class Action(Code):
    """What somebody wants to do; see ``check_permission()``."""

    READ = _ffi.TELEAI_ACTION_READ
    WRITE = _ffi.TELEAI_ACTION_WRITE
    DELETE = _ffi.TELEAI_ACTION_DELETE
    MANAGE_USERS = _ffi.TELEAI_ACTION_MANAGE_USERS
    READ_STATISTICS = _ffi.TELEAI_ACTION_READ_STATISTICS


class TenantStatus(Code):
    """How a tenant stands."""

    ACTIVE = _ffi.TELEAI_TENANT_ACTIVE
    SUSPENDED = _ffi.TELEAI_TENANT_SUSPENDED
    DELETING = _ffi.TELEAI_TENANT_DELETING


class AudioFileStatus(Code):
    """How far an audio file is."""

    UPLOADED = _ffi.TELEAI_AUDIO_FILE_UPLOADED
    PROCESSING = _ffi.TELEAI_AUDIO_FILE_PROCESSING
    READY = _ffi.TELEAI_AUDIO_FILE_READY
    ERROR = _ffi.TELEAI_AUDIO_FILE_ERROR


class TranscriptionStatus(Code):
    """How far a transcription is."""

    PENDING = _ffi.TELEAI_TRANSCRIPTION_PENDING
    PROCESSING = _ffi.TELEAI_TRANSCRIPTION_PROCESSING
    COMPLETED = _ffi.TELEAI_TRANSCRIPTION_COMPLETED
    FAILED = _ffi.TELEAI_TRANSCRIPTION_FAILED


class AnalysisStatus(Code):
    """How far an analysis is."""

    PENDING = _ffi.TELEAI_ANALYSIS_PENDING
    PROCESSING = _ffi.TELEAI_ANALYSIS_PROCESSING
    COMPLETED = _ffi.TELEAI_ANALYSIS_COMPLETED
    FAILED = _ffi.TELEAI_ANALYSIS_FAILED


class Sentiment(Code):
    """What a text feels like; UNKNOWN_0: nobody said."""

    POSITIVE = _ffi.TELEAI_SENTIMENT_POSITIVE
    NEGATIVE = _ffi.TELEAI_SENTIMENT_NEGATIVE
    NEUTRAL = _ffi.TELEAI_SENTIMENT_NEUTRAL
    MIXED = _ffi.TELEAI_SENTIMENT_MIXED


class Severity(Code):
    """How bad a finding of ``health_check()`` is."""

    OK = _ffi.TELEAI_HEALTH_OK
    NOTICE = _ffi.TELEAI_HEALTH_NOTICE
    WARNING = _ffi.TELEAI_HEALTH_WARNING
    CRITICAL = _ffi.TELEAI_HEALTH_CRITICAL


class TaskOutcome(Code):
    """What became of a task of ``maintain()``."""

    DONE = _ffi.TELEAI_TASK_DONE
    NOT_NEEDED = _ffi.TELEAI_TASK_NOT_NEEDED
    SKIPPED = _ffi.TELEAI_TASK_SKIPPED


class MetricsFormat(Code):
    """In which form ``metrics_text()`` tells."""

    PROMETHEUS = _ffi.TELEAI_METRICS_PROMETHEUS
    OPENMETRICS = _ffi.TELEAI_METRICS_OPENMETRICS


class SearchOrder(Code):
    """How hits are ordered."""

    RANKED = _ffi.TELEAI_SEARCH_RANKED
    NEWEST_FIRST = _ffi.TELEAI_SEARCH_NEWEST_FIRST


class ActivityType(Code):
    """What a user did."""

    AUDIO_UPLOAD = _ffi.TELEAI_ACTIVITY_AUDIO_UPLOAD
    TRANSCRIPTION = _ffi.TELEAI_ACTIVITY_TRANSCRIPTION
    ANALYSIS = _ffi.TELEAI_ACTIVITY_ANALYSIS


class QueueType(Code):
    """Which kind of rows waits."""

    AUDIO_FILES = _ffi.TELEAI_QUEUE_AUDIO_FILES
    TRANSCRIPTIONS = _ffi.TELEAI_QUEUE_TRANSCRIPTIONS
    ANALYSES = _ffi.TELEAI_QUEUE_ANALYSES


class PipelineStatus(Code):
    """How far a file is with one of its transcriptions and one of that one's analyses."""

    FAILED = _ffi.TELEAI_PIPELINE_FAILED
    COMPLETED = _ffi.TELEAI_PIPELINE_COMPLETED
    ANALYSIS_IN_PROGRESS = _ffi.TELEAI_PIPELINE_ANALYSIS_IN_PROGRESS
    TRANSCRIPTION_COMPLETED = _ffi.TELEAI_PIPELINE_TRANSCRIPTION_COMPLETED
    TRANSCRIPTION_IN_PROGRESS = _ffi.TELEAI_PIPELINE_TRANSCRIPTION_IN_PROGRESS
    AUDIO_READY = _ffi.TELEAI_PIPELINE_AUDIO_READY
    AUDIO_PROCESSING = _ffi.TELEAI_PIPELINE_AUDIO_PROCESSING
    UPLOADED = _ffi.TELEAI_PIPELINE_UPLOADED
