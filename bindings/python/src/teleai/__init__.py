"""teleai: users, sessions, audio files, transcriptions and analyses in PostgreSQL, through libteleai.

    import teleai

    with teleai.open("local:./data") as db:
        ann = db.users.create(email="ann@example.org", full_name="Ann")
        for hit in db.search("heart rate", user_id=ann.id):
            print(hit.file_name, hit.snippet)

``teleai.open()`` gives a Client, which any number of threads may use. Its nouns (``db.users`` ...) have the operations;
``db.transaction()``, ``db.batch()`` and ``db.scope()`` give clients with the same ones. ``teleai.aio`` is the same for
asyncio. What comes back are records: typed, immutable, independent of the client. What goes wrong is an exception of a
class that says what to do. The contract is the library's: teleai.h.
"""

from ._bulk import CreateResult
from ._record import Page, Record
from ._stream import Stream
from .batch import Batch, Pending
from .client import Client, Scope, Transaction, default_tenant_id, make_uuid, open, version
from .enums import (
    Action,
    ActivityType,
    AnalysisStatus,
    AudioFileStatus,
    Isolation,
    Order,
    PipelineStatus,
    Pooler,
    QueueType,
    ReadFrom,
    Role,
    Schema,
    SearchOrder,
    Sentiment,
    Status,
    TenantStatus,
    TranscriptionStatus,
)
from .errors import (
    Aborted,
    AlreadyExists,
    Cancelled,
    Closed,
    Conflict,
    Error,
    InvalidArgument,
    LimitExceeded,
    NotFound,
    OutOfMemory,
    ParentNotFound,
    PermissionDenied,
    SchemaMismatch,
    ServerError,
    Timeout,
    Unauthenticated,
    Unavailable,
    Unsupported,
)
from .records import (
    Activity,
    Analysis,
    AudioFile,
    Call,
    DailyUsage,
    Identity,
    Migration,
    MigrationStatus,
    MigrationStep,
    Notification,
    Pipeline,
    PoolStats,
    QueueStatus,
    SearchHit,
    SearchHits,
    Session,
    Tenant,
    TenantProgress,
    TenantStats,
    Transcription,
    User,
    UserStats,
)
from .subscription import Subscription
from .tenant_job import TenantJob

__version__ = "0.1.0"

__all__ = [
    "Aborted",
    "Action",
    "Activity",
    "ActivityType",
    "AlreadyExists",
    "Analysis",
    "AnalysisStatus",
    "AudioFile",
    "AudioFileStatus",
    "Batch",
    "Call",
    "Cancelled",
    "Client",
    "Closed",
    "Conflict",
    "CreateResult",
    "DailyUsage",
    "Error",
    "Identity",
    "InvalidArgument",
    "Isolation",
    "LimitExceeded",
    "Migration",
    "MigrationStatus",
    "MigrationStep",
    "NotFound",
    "Notification",
    "Order",
    "OutOfMemory",
    "Page",
    "ParentNotFound",
    "Pending",
    "PermissionDenied",
    "Pipeline",
    "PipelineStatus",
    "PoolStats",
    "Pooler",
    "QueueStatus",
    "QueueType",
    "ReadFrom",
    "Record",
    "Role",
    "Schema",
    "SchemaMismatch",
    "Scope",
    "SearchHit",
    "SearchHits",
    "SearchOrder",
    "Sentiment",
    "ServerError",
    "Session",
    "Status",
    "Stream",
    "Subscription",
    "Tenant",
    "TenantJob",
    "TenantProgress",
    "TenantStats",
    "TenantStatus",
    "Timeout",
    "Transaction",
    "Transcription",
    "TranscriptionStatus",
    "Unauthenticated",
    "Unavailable",
    "Unsupported",
    "User",
    "UserStats",
    "default_tenant_id",
    "make_uuid",
    "open",
    "version",
]
