"""What the public header declares, for ctypes: constants, structs, functions; nothing else.

Generated from bindings/teleai-api.json, do not edit: run bindings/generate.py, then tools/make_ffi.py. Pointers are
void pointers, but for texts that are handed over (``c_char_p``).
"""

from __future__ import annotations

from ctypes import (
    CFUNCTYPE,
    Structure,
    c_bool,
    c_char,
    c_char_p,
    c_double,
    c_int32,
    c_int64,
    c_size_t,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)
from typing import Any

# ---- base.h ----
TELEAI_VERSION_MAJOR = 0
TELEAI_VERSION_MINOR = 1
TELEAI_VERSION_PATCH = 0
TELEAI_UUID_TEXT_BYTES = 37
TELEAI_OK = 0
TELEAI_INVALID_ARGUMENT = 1
TELEAI_NOT_FOUND = 2
TELEAI_ALREADY_EXISTS = 3
TELEAI_PARENT_NOT_FOUND = 4
TELEAI_CONFLICT = 5
TELEAI_UNAUTHENTICATED = 6
TELEAI_PERMISSION_DENIED = 7
TELEAI_UNAVAILABLE = 8
TELEAI_TIMEOUT = 9
TELEAI_ABORTED = 10
TELEAI_SCHEMA_MISMATCH = 11
TELEAI_UNSUPPORTED = 12
TELEAI_LIMIT_EXCEEDED = 13
TELEAI_CLOSED = 14
TELEAI_OUT_OF_MEMORY = 15
TELEAI_SERVER_ERROR = 16
TELEAI_CANCELLED = 17
TELEAI_QUEUED = 18
TELEAI_ERROR_RETRYABLE = 1
TELEAI_ERROR_OUTCOME_UNKNOWN = 2
TELEAI_ERROR_HAS_ITEM = 4
TELEAI_ORDER_NEWEST_FIRST = 0
TELEAI_ORDER_OLDEST_FIRST = 1
TELEAI_ORDER_NEWEST_ID_FIRST = 2
TELEAI_ORDER_OLDEST_ID_FIRST = 3


class teleai_error(Structure):
    _fields_ = [
        ("status", c_int32),
        ("flags", c_uint32),
        ("item", c_uint64),
        ("sqlstate", c_char * 8),
        ("constraint", c_char * 64),
        ("field", c_char * 64),
        ("reserved", c_char * 8),
        ("message", c_char * 352),
    ]


class teleai_uuid(Structure):
    _fields_ = [
        ("bytes", c_uint8 * 16),
    ]


class teleai_page(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("cursor", c_char_p),
        ("limit", c_int32),
        ("order", c_int32),
    ]


class teleai_create_many_options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("errors", c_void_p),
        ("keep_good", c_bool),
        ("reserved", c_uint8 * 7),
    ]


class teleai_update_options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("if_unchanged_since_us", c_int64),
        ("repeat_if_lost", c_bool),
        ("reserved", c_uint8 * 7),
    ]


# ---- client.h ----
TELEAI_SCHEMA_CHECK = 0
TELEAI_SCHEMA_IGNORE = 1
TELEAI_SCHEMA_MIGRATE = 2
TELEAI_POOLER_DETECT = 0
TELEAI_POOLER_NONE = 1
TELEAI_POOLER_TRANSACTION = 2
teleai_connection_hook = CFUNCTYPE(c_bool, c_void_p, c_void_p, c_size_t)
teleai_call_hook = CFUNCTYPE(None, c_void_p, c_void_p)
teleai_interrupt_hook = CFUNCTYPE(c_bool, c_void_p)


class teleai_call(Structure):
    _fields_ = [
        ("operation", c_char_p),
        ("started_at_us", c_int64),
        ("duration_us", c_int64),
        ("wait_us", c_int64),
        ("connect_us", c_int64),
        ("query_us", c_int64),
        ("decode_us", c_int64),
        ("rows", c_int64),
        ("bytes", c_int64),
        ("status", c_int32),
        ("attempts", c_int32),
        ("sqlstate", c_char * 8),
    ]


class teleai_options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("application_name", c_char_p),
        ("max_connections", c_int32),
        ("min_connections", c_int32),
        ("max_waiting", c_int32),
        ("idle_timeout_ms", c_int32),
        ("max_lifetime_ms", c_int32),
        ("timeout_ms", c_int32),
        ("schema", c_int32),
        ("password_memory_kib", c_int32),
        ("password_passes", c_int32),
        ("pooler", c_int32),
        ("connection_hook", teleai_connection_hook),
        ("connection_hook_data", c_void_p),
        ("replica_connection", c_char_p),
        ("call_hook", teleai_call_hook),
        ("call_hook_data", c_void_p),
        ("slow_call_ms", c_int32),
        ("metrics", c_bool),
        ("require_row_security", c_bool),
        ("reserved", c_uint8 * 2),
        ("tenant_id", c_void_p),
        ("interrupt_hook", teleai_interrupt_hook),
        ("interrupt_hook_data", c_void_p),
    ]


class teleai_pool_stats(Structure):
    _fields_ = [
        ("max_connections", c_int32),
        ("open_connections", c_int32),
        ("idle_connections", c_int32),
        ("waiting_calls", c_int32),
        ("acquired", c_int64),
        ("waited", c_int64),
        ("wait_total_us", c_int64),
        ("timed_out", c_int64),
        ("opened", c_int64),
        ("open_failures", c_int64),
        ("discarded", c_int64),
        ("statements_run", c_int64),
        ("statements_prepared", c_int64),
        ("rode", c_int64),
        ("retired", c_int64),
        ("behind_pooler", c_bool),
        ("reserved", c_uint8 * 39),
    ]


# ---- local.h ----


class teleai_local_options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("timeout_ms", c_int32),
        ("stop_in_use", c_bool),
        ("reserved", c_uint8 * 3),
        ("interrupt_hook", teleai_interrupt_hook),
        ("interrupt_hook_data", c_void_p),
    ]


class teleai_local_status(Structure):
    _fields_ = [
        ("exists", c_bool),
        ("running", c_bool),
        ("kept", c_bool),
        ("in_use", c_bool),
        ("major_version", c_int32),
        ("process_id", c_int64),
        ("started_at_us", c_int64),
        ("size_bytes", c_int64),
        ("folder", c_char_p),
        ("data_directory", c_char_p),
        ("connection", c_char_p),
    ]


# ---- migrate.h ----


class teleai_migration(Structure):
    _fields_ = [
        ("version", c_int64),
        ("name", c_char_p),
        ("applied", c_bool),
        ("reserved", c_uint8 * 7),
    ]


class teleai_migration_status(Structure):
    _fields_ = [
        ("current_version", c_int64),
        ("library_version", c_int64),
        ("dirty", c_bool),
        ("at_work", c_bool),
        ("foreign", c_bool),
        ("reserved", c_uint8 * 5),
        ("count", c_size_t),
        ("items", c_void_p),
    ]


class teleai_migration_step(Structure):
    _fields_ = [
        ("version", c_int64),
        ("migration", c_char_p),
        ("description", c_char_p),
        ("locks", c_char_p),
        ("sql", c_char_p),
        ("up", c_bool),
        ("reserved", c_uint8 * 7),
    ]


class teleai_migration_plan(Structure):
    _fields_ = [
        ("from_version", c_int64),
        ("to_version", c_int64),
        ("count", c_size_t),
        ("items", c_void_p),
    ]


class teleai_adopt_options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("dry_run", c_bool),
        ("reserved", c_uint8 * 7),
    ]


class teleai_adoption_note(Structure):
    _fields_ = [
        ("subject", c_char_p),
        ("message", c_char_p),
        ("remedy", c_char_p),
    ]


class teleai_adoption(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("note_count", c_size_t),
        ("notes", c_void_p),
    ]


# ---- transaction.h ----
TELEAI_ISOLATION_DEFAULT = 0
TELEAI_ISOLATION_READ_COMMITTED = 1
TELEAI_ISOLATION_REPEATABLE_READ = 2
TELEAI_ISOLATION_SERIALIZABLE = 3
teleai_transaction_body = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_void_p)


class teleai_transaction_options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("isolation", c_int32),
        ("read_only", c_bool),
        ("reserved", c_uint8 * 3),
    ]


# ---- scope.h ----
TELEAI_READ_FROM_PRIMARY = 0
TELEAI_READ_FROM_REPLICA = 1


class teleai_scope_options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("timeout_ms", c_int32),
        ("total_ms", c_int32),
        ("actor_id", c_void_p),
        ("tenant_id", c_void_p),
        ("traceparent", c_char_p),
        ("read_from", c_int32),
        ("max_lag_ms", c_int32),
    ]


# ---- tenant.h ----
TELEAI_TENANT_ACTIVE = 1
TELEAI_TENANT_SUSPENDED = 2
TELEAI_TENANT_DELETING = 3
TELEAI_TENANT_FIELD_NAME = 1
TELEAI_TENANT_FIELD_SLUG = 2
TELEAI_TENANT_FIELD_SETTINGS = 4
TELEAI_TENANT_FIELD_MAX_USERS = 8
TELEAI_TENANT_FIELD_MAX_STORAGE = 16
TELEAI_TENANT_FIELD_MAX_AUDIO = 32


class teleai_tenant(Structure):
    _fields_ = [
        ("id", teleai_uuid),
        ("name", c_char_p),
        ("slug", c_char_p),
        ("settings_json", c_char_p),
        ("max_users", c_int64),
        ("max_storage_bytes", c_int64),
        ("max_audio_ms", c_int64),
        ("created_at_us", c_int64),
        ("updated_at_us", c_int64),
        ("status", c_int32),
        ("has_max_users", c_bool),
        ("has_max_storage", c_bool),
        ("has_max_audio", c_bool),
        ("reserved", c_uint8 * 1),
    ]


class teleai_tenants(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("next_cursor", c_char_p),
    ]


class teleai_tenant_input(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("id", c_void_p),
        ("name", c_char_p),
        ("slug", c_char_p),
        ("settings_json", c_char_p),
        ("max_users", c_int64),
        ("max_storage_bytes", c_int64),
        ("max_audio_ms", c_int64),
        ("has_max_users", c_bool),
        ("has_max_storage", c_bool),
        ("has_max_audio", c_bool),
        ("reserved", c_uint8 * 5),
    ]


class teleai_tenant_filter(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("created_from_us", c_int64),
        ("created_until_us", c_int64),
        ("status", c_int32),
        ("reserved", c_uint8 * 4),
    ]


class teleai_tenant_stats(Structure):
    _fields_ = [
        ("tenant_id", teleai_uuid),
        ("name", c_char_p),
        ("slug", c_char_p),
        ("total_users", c_int64),
        ("open_sessions", c_int64),
        ("total_files", c_int64),
        ("total_transcriptions", c_int64),
        ("total_analyses", c_int64),
        ("total_storage_bytes", c_int64),
        ("total_duration_ms", c_int64),
        ("last_upload_at_us", c_int64),
        ("status", c_int32),
        ("has_last_upload_at", c_bool),
        ("reserved", c_uint8 * 3),
    ]


class teleai_tenants_stats(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("next_cursor", c_char_p),
    ]


class teleai_table_progress(Structure):
    _fields_ = [
        ("table", c_char_p),
        ("rows", c_int64),
    ]


class teleai_tenant_progress(Structure):
    _fields_ = [
        ("rows_done", c_int64),
        ("rows_total", c_int64),
        ("bytes_done", c_int64),
        ("table_count", c_size_t),
        ("tables", teleai_table_progress * 32),
        ("done", c_bool),
        ("reserved", c_uint8 * 63),
    ]


# ---- health.h ----
TELEAI_HEALTH_OK = 1
TELEAI_HEALTH_NOTICE = 2
TELEAI_HEALTH_WARNING = 3
TELEAI_HEALTH_CRITICAL = 4


class teleai_health_options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("long_transaction_ms", c_int64),
        ("stale_ms", c_int64),
        ("unused_index_ms", c_int64),
        ("dead_rows_percent", c_int32),
        ("connections_percent", c_int32),
        ("only", c_char_p),
    ]


class teleai_health_finding(Structure):
    _fields_ = [
        ("check", c_char_p),
        ("subject", c_char_p),
        ("message", c_char_p),
        ("remedy", c_char_p),
        ("severity", c_int32),
        ("reserved", c_uint8 * 4),
    ]


class teleai_health_findings(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("worst", c_int32),
        ("reserved", c_uint8 * 4),
    ]


# ---- maintain.h ----
TELEAI_TASK_DONE = 1
TELEAI_TASK_NOT_NEEDED = 2
TELEAI_TASK_SKIPPED = 3
teleai_maintain_hook = CFUNCTYPE(None, c_void_p, c_void_p)


class teleai_maintenance_task(Structure):
    _fields_ = [
        ("task", c_char_p),
        ("subject", c_char_p),
        ("message", c_char_p),
        ("count", c_int64),
        ("duration_us", c_int64),
        ("outcome", c_int32),
        ("reserved", c_uint8 * 4),
    ]


class teleai_maintenance(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("skipped", c_size_t),
    ]


class teleai_maintain_options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("hook", teleai_maintain_hook),
        ("hook_data", c_void_p),
        ("only_due", c_bool),
        ("reserved", c_uint8 * 7),
    ]


# ---- backup.h ----


class teleai_snapshot(Structure):
    _fields_ = [
        ("id", c_char_p),
    ]


class teleai_table_checksum(Structure):
    _fields_ = [
        ("table", c_char_p),
        ("rows", c_int64),
        ("checksum", c_char_p),
    ]


class teleai_table_checksums(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
    ]


class teleai_connection_setting(Structure):
    _fields_ = [
        ("keyword", c_char_p),
        ("value", c_char_p),
        ("variable", c_char_p),
        ("secret", c_bool),
        ("reserved", c_uint8 * 7),
    ]


class teleai_connection_settings(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
    ]


# ---- batch.h ----
TELEAI_EVENT_READ = 1
TELEAI_EVENT_WRITE = 2


class teleai_batch_options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("atomic", c_bool),
        ("reserved", c_uint8 * 7),
    ]


# ---- subscription.h ----


class teleai_notification(Structure):
    _fields_ = [
        ("channel", c_char_p),
        ("payload", c_char_p),
        ("may_have_missed", c_bool),
        ("reserved", c_uint8 * 7),
    ]


# ---- metrics.h ----
TELEAI_METRICS_PROMETHEUS = 1
TELEAI_METRICS_OPENMETRICS = 2


class teleai_slow_calls(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
    ]


# ---- user.h ----
TELEAI_ROLE_ADMIN = 1
TELEAI_ROLE_USER = 2
TELEAI_ROLE_VIEWER = 3
TELEAI_USER_FIELD_EMAIL = 1
TELEAI_USER_FIELD_FULL_NAME = 2
TELEAI_USER_FIELD_PASSWORD = 4
TELEAI_USER_FIELD_ROLE = 8
TELEAI_USER_FIELD_IS_ACTIVE = 16
TELEAI_ACTION_READ = 1
TELEAI_ACTION_WRITE = 2
TELEAI_ACTION_DELETE = 3
TELEAI_ACTION_MANAGE_USERS = 4
TELEAI_ACTION_READ_STATISTICS = 5


class teleai_user(Structure):
    _fields_ = [
        ("id", teleai_uuid),
        ("email", c_char_p),
        ("full_name", c_char_p),
        ("last_login_at_us", c_int64),
        ("created_at_us", c_int64),
        ("updated_at_us", c_int64),
        ("role", c_int32),
        ("is_active", c_bool),
        ("has_last_login_at", c_bool),
        ("reserved", c_uint8 * 2),
        ("tenant_id", teleai_uuid),
    ]


class teleai_users(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("next_cursor", c_char_p),
    ]


class teleai_user_input(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("id", c_void_p),
        ("email", c_char_p),
        ("full_name", c_char_p),
        ("password", c_char_p),
        ("role", c_int32),
        ("is_active", c_bool),
        ("has_is_active", c_bool),
        ("reserved", c_uint8 * 2),
    ]


class teleai_user_filter(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("created_from_us", c_int64),
        ("created_until_us", c_int64),
        ("role", c_int32),
        ("is_active", c_bool),
        ("has_is_active", c_bool),
        ("reserved", c_uint8 * 2),
        ("id_from", c_void_p),
        ("id_until", c_void_p),
    ]


# ---- session.h ----
TELEAI_SESSION_FIELD_EXPIRES_AT = 1
TELEAI_SESSION_FIELD_IP_ADDRESS = 2
TELEAI_SESSION_FIELD_USER_AGENT = 4


class teleai_session(Structure):
    _fields_ = [
        ("id", teleai_uuid),
        ("user_id", teleai_uuid),
        ("token", c_char_p),
        ("ip_address", c_char_p),
        ("user_agent", c_char_p),
        ("expires_at_us", c_int64),
        ("created_at_us", c_int64),
        ("updated_at_us", c_int64),
    ]


class teleai_sessions(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("next_cursor", c_char_p),
    ]


class teleai_identity(Structure):
    _fields_ = [
        ("session", c_void_p),
        ("user", c_void_p),
    ]


class teleai_session_input(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("id", c_void_p),
        ("user_id", c_void_p),
        ("ip_address", c_char_p),
        ("user_agent", c_char_p),
        ("expires_at_us", c_int64),
    ]


class teleai_session_filter(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("user_id", c_void_p),
        ("created_from_us", c_int64),
        ("created_until_us", c_int64),
        ("include_expired", c_bool),
        ("reserved", c_uint8 * 7),
        ("id_from", c_void_p),
        ("id_until", c_void_p),
    ]


# ---- audio_file.h ----
TELEAI_AUDIO_FILE_UPLOADED = 1
TELEAI_AUDIO_FILE_PROCESSING = 2
TELEAI_AUDIO_FILE_READY = 3
TELEAI_AUDIO_FILE_ERROR = 4
TELEAI_AUDIO_FILE_FIELD_FILE_NAME = 1
TELEAI_AUDIO_FILE_FIELD_FILE_PATH = 2
TELEAI_AUDIO_FILE_FIELD_MIME_TYPE = 4
TELEAI_AUDIO_FILE_FIELD_METADATA = 8
TELEAI_AUDIO_FILE_FIELD_FILE_SIZE = 16
TELEAI_AUDIO_FILE_FIELD_DURATION = 32
TELEAI_AUDIO_FILE_FIELD_SAMPLE_RATE = 64
TELEAI_AUDIO_FILE_FIELD_CHANNELS = 128
TELEAI_AUDIO_FILE_FIELD_BIT_RATE = 256
TELEAI_AUDIO_FILE_FIELD_UPLOAD_COMPLETED_AT = 512


class teleai_audio_file(Structure):
    _fields_ = [
        ("id", teleai_uuid),
        ("user_id", teleai_uuid),
        ("file_name", c_char_p),
        ("file_path", c_char_p),
        ("mime_type", c_char_p),
        ("error_message", c_char_p),
        ("metadata_json", c_char_p),
        ("file_size_bytes", c_int64),
        ("duration_ms", c_int64),
        ("upload_completed_at_us", c_int64),
        ("processing_started_at_us", c_int64),
        ("processing_completed_at_us", c_int64),
        ("created_at_us", c_int64),
        ("updated_at_us", c_int64),
        ("sample_rate_hz", c_int32),
        ("channels", c_int32),
        ("bit_rate_bps", c_int32),
        ("status", c_int32),
        ("has_duration", c_bool),
        ("has_upload_completed_at", c_bool),
        ("has_processing_started_at", c_bool),
        ("has_processing_completed_at", c_bool),
        ("has_sample_rate", c_bool),
        ("has_channels", c_bool),
        ("has_bit_rate", c_bool),
        ("reserved", c_uint8 * 1),
    ]


class teleai_audio_files(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("next_cursor", c_char_p),
    ]


class teleai_audio_file_input(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("id", c_void_p),
        ("user_id", c_void_p),
        ("file_name", c_char_p),
        ("file_path", c_char_p),
        ("mime_type", c_char_p),
        ("error_message", c_char_p),
        ("metadata_json", c_char_p),
        ("file_size_bytes", c_int64),
        ("duration_ms", c_int64),
        ("upload_completed_at_us", c_int64),
        ("processing_started_at_us", c_int64),
        ("processing_completed_at_us", c_int64),
        ("sample_rate_hz", c_int32),
        ("channels", c_int32),
        ("bit_rate_bps", c_int32),
        ("status", c_int32),
        ("has_duration", c_bool),
        ("has_upload_completed_at", c_bool),
        ("has_processing_started_at", c_bool),
        ("has_processing_completed_at", c_bool),
        ("has_sample_rate", c_bool),
        ("has_channels", c_bool),
        ("has_bit_rate", c_bool),
        ("reserved", c_uint8 * 1),
    ]


class teleai_audio_file_filter(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("user_id", c_void_p),
        ("mime_type", c_char_p),
        ("metadata_contains_json", c_char_p),
        ("created_from_us", c_int64),
        ("created_until_us", c_int64),
        ("status", c_int32),
        ("reserved", c_uint8 * 4),
        ("id_from", c_void_p),
        ("id_until", c_void_p),
        ("file_name", c_char_p),
        ("file_path", c_char_p),
    ]


# ---- transcription.h ----
TELEAI_TRANSCRIPTION_PENDING = 1
TELEAI_TRANSCRIPTION_PROCESSING = 2
TELEAI_TRANSCRIPTION_COMPLETED = 3
TELEAI_TRANSCRIPTION_FAILED = 4
TELEAI_TRANSCRIPTION_FIELD_TEXT = 1
TELEAI_TRANSCRIPTION_FIELD_LANGUAGE_CODE = 2
TELEAI_TRANSCRIPTION_FIELD_ENGINE = 4
TELEAI_TRANSCRIPTION_FIELD_ENGINE_VERSION = 8
TELEAI_TRANSCRIPTION_FIELD_METADATA = 16
TELEAI_TRANSCRIPTION_FIELD_CONFIDENCE = 32
TELEAI_TRANSCRIPTION_FIELD_WORD_COUNT = 64


class teleai_transcription(Structure):
    _fields_ = [
        ("id", teleai_uuid),
        ("audio_file_id", teleai_uuid),
        ("user_id", teleai_uuid),
        ("text", c_char_p),
        ("language_code", c_char_p),
        ("engine", c_char_p),
        ("engine_version", c_char_p),
        ("error_message", c_char_p),
        ("metadata_json", c_char_p),
        ("text_bytes", c_int64),
        ("processing_started_at_us", c_int64),
        ("processing_completed_at_us", c_int64),
        ("created_at_us", c_int64),
        ("updated_at_us", c_int64),
        ("confidence", c_double),
        ("word_count", c_int32),
        ("processing_duration_ms", c_int32),
        ("status", c_int32),
        ("has_confidence", c_bool),
        ("has_word_count", c_bool),
        ("has_processing_started_at", c_bool),
        ("has_processing_completed_at", c_bool),
        ("has_processing_duration", c_bool),
        ("reserved", c_uint8 * 7),
    ]


class teleai_transcriptions(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("next_cursor", c_char_p),
    ]


class teleai_transcription_input(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("id", c_void_p),
        ("audio_file_id", c_void_p),
        ("user_id", c_void_p),
        ("text", c_char_p),
        ("text_bytes", c_size_t),
        ("language_code", c_char_p),
        ("engine", c_char_p),
        ("engine_version", c_char_p),
        ("error_message", c_char_p),
        ("metadata_json", c_char_p),
        ("processing_started_at_us", c_int64),
        ("processing_completed_at_us", c_int64),
        ("confidence", c_double),
        ("word_count", c_int32),
        ("processing_duration_ms", c_int32),
        ("status", c_int32),
        ("has_confidence", c_bool),
        ("has_word_count", c_bool),
        ("has_processing_started_at", c_bool),
        ("has_processing_completed_at", c_bool),
        ("has_processing_duration", c_bool),
        ("reserved", c_uint8 * 7),
    ]


class teleai_transcription_filter(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("user_id", c_void_p),
        ("audio_file_id", c_void_p),
        ("language_code", c_char_p),
        ("engine", c_char_p),
        ("metadata_contains_json", c_char_p),
        ("created_from_us", c_int64),
        ("created_until_us", c_int64),
        ("min_confidence", c_double),
        ("status", c_int32),
        ("has_min_confidence", c_bool),
        ("reserved", c_uint8 * 3),
        ("id_from", c_void_p),
        ("id_until", c_void_p),
    ]


# ---- analysis.h ----
TELEAI_ANALYSIS_PENDING = 1
TELEAI_ANALYSIS_PROCESSING = 2
TELEAI_ANALYSIS_COMPLETED = 3
TELEAI_ANALYSIS_FAILED = 4
TELEAI_SENTIMENT_POSITIVE = 1
TELEAI_SENTIMENT_NEGATIVE = 2
TELEAI_SENTIMENT_NEUTRAL = 3
TELEAI_SENTIMENT_MIXED = 4
TELEAI_ANALYSIS_FIELD_SUMMARY = 1
TELEAI_ANALYSIS_FIELD_ENGINE = 2
TELEAI_ANALYSIS_FIELD_ENGINE_VERSION = 4
TELEAI_ANALYSIS_FIELD_KEY_PHRASES = 8
TELEAI_ANALYSIS_FIELD_ENTITIES = 16
TELEAI_ANALYSIS_FIELD_TOPICS = 32
TELEAI_ANALYSIS_FIELD_INSIGHTS = 64
TELEAI_ANALYSIS_FIELD_METADATA = 128
TELEAI_ANALYSIS_FIELD_SENTIMENT_SCORE = 256
TELEAI_ANALYSIS_FIELD_SENTIMENT_LABEL = 512


class teleai_entity(Structure):
    _fields_ = [
        ("text", c_char_p),
        ("type", c_char_p),
        ("extra_json", c_char_p),
        ("confidence", c_double),
        ("start_ms", c_int64),
        ("end_ms", c_int64),
        ("has_confidence", c_bool),
        ("has_start", c_bool),
        ("has_end", c_bool),
        ("reserved", c_uint8 * 5),
    ]


class teleai_topic(Structure):
    _fields_ = [
        ("name", c_char_p),
        ("extra_json", c_char_p),
        ("score", c_double),
        ("has_score", c_bool),
        ("reserved", c_uint8 * 7),
    ]


class teleai_analysis(Structure):
    _fields_ = [
        ("id", teleai_uuid),
        ("transcription_id", teleai_uuid),
        ("audio_file_id", teleai_uuid),
        ("user_id", teleai_uuid),
        ("analysis_type", c_char_p),
        ("summary", c_char_p),
        ("engine", c_char_p),
        ("engine_version", c_char_p),
        ("error_message", c_char_p),
        ("key_phrases", c_void_p),
        ("key_phrases_json", c_char_p),
        ("entities", c_void_p),
        ("entities_json", c_char_p),
        ("topics", c_void_p),
        ("topics_json", c_char_p),
        ("insights_json", c_char_p),
        ("metadata_json", c_char_p),
        ("key_phrase_count", c_size_t),
        ("entity_count", c_size_t),
        ("topic_count", c_size_t),
        ("processing_started_at_us", c_int64),
        ("processing_completed_at_us", c_int64),
        ("created_at_us", c_int64),
        ("updated_at_us", c_int64),
        ("sentiment_score", c_double),
        ("sentiment_label", c_int32),
        ("processing_duration_ms", c_int32),
        ("status", c_int32),
        ("has_sentiment_score", c_bool),
        ("has_processing_started_at", c_bool),
        ("has_processing_completed_at", c_bool),
        ("has_processing_duration", c_bool),
    ]


class teleai_analyses(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("next_cursor", c_char_p),
    ]


class teleai_analysis_input(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("id", c_void_p),
        ("transcription_id", c_void_p),
        ("audio_file_id", c_void_p),
        ("user_id", c_void_p),
        ("analysis_type", c_char_p),
        ("summary", c_char_p),
        ("engine", c_char_p),
        ("engine_version", c_char_p),
        ("error_message", c_char_p),
        ("key_phrases", c_void_p),
        ("key_phrases_json", c_char_p),
        ("entities", c_void_p),
        ("entities_json", c_char_p),
        ("topics", c_void_p),
        ("topics_json", c_char_p),
        ("insights_json", c_char_p),
        ("metadata_json", c_char_p),
        ("key_phrase_count", c_size_t),
        ("entity_count", c_size_t),
        ("topic_count", c_size_t),
        ("processing_started_at_us", c_int64),
        ("processing_completed_at_us", c_int64),
        ("sentiment_score", c_double),
        ("sentiment_label", c_int32),
        ("processing_duration_ms", c_int32),
        ("status", c_int32),
        ("has_sentiment_score", c_bool),
        ("has_processing_started_at", c_bool),
        ("has_processing_completed_at", c_bool),
        ("has_processing_duration", c_bool),
    ]


class teleai_analysis_filter(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("user_id", c_void_p),
        ("audio_file_id", c_void_p),
        ("transcription_id", c_void_p),
        ("analysis_type", c_char_p),
        ("engine", c_char_p),
        ("metadata_contains_json", c_char_p),
        ("entities_contains_json", c_char_p),
        ("topics_contains_json", c_char_p),
        ("insights_contains_json", c_char_p),
        ("created_from_us", c_int64),
        ("created_until_us", c_int64),
        ("status", c_int32),
        ("sentiment_label", c_int32),
        ("id_from", c_void_p),
        ("id_until", c_void_p),
    ]


# ---- search.h ----
TELEAI_SEARCH_RANKED = 0
TELEAI_SEARCH_NEWEST_FIRST = 1


class teleai_search_options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("user_id", c_void_p),
        ("language_code", c_char_p),
        ("engine", c_char_p),
        ("cursor", c_char_p),
        ("mark_start", c_char_p),
        ("mark_end", c_char_p),
        ("created_from_us", c_int64),
        ("created_until_us", c_int64),
        ("min_confidence", c_double),
        ("status", c_int32),
        ("order", c_int32),
        ("limit", c_int32),
        ("has_min_confidence", c_bool),
        ("reserved", c_uint8 * 3),
    ]


class teleai_search_mark(Structure):
    _fields_ = [
        ("start", c_int32),
        ("end", c_int32),
    ]


class teleai_search_hit(Structure):
    _fields_ = [
        ("transcription_id", teleai_uuid),
        ("audio_file_id", teleai_uuid),
        ("user_id", teleai_uuid),
        ("file_name", c_char_p),
        ("language_code", c_char_p),
        ("engine", c_char_p),
        ("snippet", c_char_p),
        ("snippet_marked", c_char_p),
        ("marks", c_void_p),
        ("mark_count", c_size_t),
        ("created_at_us", c_int64),
        ("confidence", c_double),
        ("rank", c_double),
        ("status", c_int32),
        ("has_confidence", c_bool),
        ("reserved", c_uint8 * 3),
    ]


class teleai_search_hits(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("next_cursor", c_char_p),
        ("parsed_query", c_char_p),
        ("total", c_int64),
        ("total_is_exact", c_bool),
        ("reserved", c_uint8 * 7),
    ]


# ---- stats.h ----
TELEAI_ACTIVITY_AUDIO_UPLOAD = 1
TELEAI_ACTIVITY_TRANSCRIPTION = 2
TELEAI_ACTIVITY_ANALYSIS = 3
TELEAI_QUEUE_AUDIO_FILES = 1
TELEAI_QUEUE_TRANSCRIPTIONS = 2
TELEAI_QUEUE_ANALYSES = 3
TELEAI_PIPELINE_FAILED = 1
TELEAI_PIPELINE_COMPLETED = 2
TELEAI_PIPELINE_ANALYSIS_IN_PROGRESS = 3
TELEAI_PIPELINE_TRANSCRIPTION_COMPLETED = 4
TELEAI_PIPELINE_TRANSCRIPTION_IN_PROGRESS = 5
TELEAI_PIPELINE_AUDIO_READY = 6
TELEAI_PIPELINE_AUDIO_PROCESSING = 7
TELEAI_PIPELINE_UPLOADED = 8


class teleai_user_stats(Structure):
    _fields_ = [
        ("user_id", teleai_uuid),
        ("email", c_char_p),
        ("full_name", c_char_p),
        ("total_files", c_int64),
        ("total_transcriptions", c_int64),
        ("total_analyses", c_int64),
        ("total_storage_bytes", c_int64),
        ("total_duration_ms", c_int64),
        ("last_upload_at_us", c_int64),
        ("has_last_upload_at", c_bool),
        ("reserved", c_uint8 * 7),
    ]


class teleai_users_stats(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("next_cursor", c_char_p),
    ]


class teleai_daily_usage(Structure):
    _fields_ = [
        ("date", c_char_p),
        ("day_us", c_int64),
        ("active_users", c_int64),
        ("total_uploads", c_int64),
        ("total_bytes_uploaded", c_int64),
        ("total_audio_ms", c_int64),
        ("avg_audio_ms", c_int64),
    ]


class teleai_daily_usages(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
    ]


class teleai_activity(Structure):
    _fields_ = [
        ("user_id", teleai_uuid),
        ("resource_id", teleai_uuid),
        ("email", c_char_p),
        ("full_name", c_char_p),
        ("resource_name", c_char_p),
        ("activity_at_us", c_int64),
        ("activity_type", c_int32),
        ("reserved", c_uint8 * 4),
    ]


class teleai_activities(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("next_cursor", c_char_p),
    ]


class teleai_queue_status(Structure):
    _fields_ = [
        ("status_name", c_char_p),
        ("count", c_int64),
        ("oldest_item_us", c_int64),
        ("newest_item_us", c_int64),
        ("queue_type", c_int32),
        ("status", c_int32),
    ]


class teleai_queue_statuses(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
    ]


class teleai_pipeline(Structure):
    _fields_ = [
        ("audio_file_id", teleai_uuid),
        ("user_id", teleai_uuid),
        ("transcription_id", teleai_uuid),
        ("analysis_id", teleai_uuid),
        ("file_name", c_char_p),
        ("analysis_type", c_char_p),
        ("audio_uploaded_at_us", c_int64),
        ("transcription_created_at_us", c_int64),
        ("analysis_created_at_us", c_int64),
        ("audio_status", c_int32),
        ("transcription_status", c_int32),
        ("analysis_status", c_int32),
        ("pipeline_status", c_int32),
        ("has_transcription", c_bool),
        ("has_analysis", c_bool),
        ("reserved", c_uint8 * 6),
    ]


class teleai_pipelines(Structure):
    _fields_ = [
        ("count", c_size_t),
        ("items", c_void_p),
        ("next_cursor", c_char_p),
    ]


class teleai_pipeline_filter(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("user_id", c_void_p),
        ("pipeline_status", c_int32),
        ("unfinished", c_bool),
        ("reserved", c_uint8 * 3),
    ]


# ---- functions: result, arguments ----

FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "teleai_version": (c_char_p, ()),
    "teleai_status_name": (c_char_p, (c_int32,)),
    "teleai_uuid_make": (None, (c_void_p,)),
    "teleai_uuid_parse": (c_int32, (c_char_p, c_void_p, c_void_p)),
    "teleai_uuid_format": (None, (c_void_p, c_void_p)),
    "teleai_uuid_equal": (c_bool, (c_void_p, c_void_p)),
    "teleai_open": (c_int32, (c_char_p, c_void_p, c_void_p, c_void_p)),
    "teleai_close": (None, (c_void_p,)),
    "teleai_ping": (c_int32, (c_void_p, c_void_p)),
    "teleai_cancel": (c_int32, (c_void_p, c_void_p)),
    "teleai_pool_maintain": (c_int32, (c_void_p, c_void_p)),
    "teleai_pool_resize": (c_int32, (c_void_p, c_int32, c_int32, c_void_p)),
    "teleai_pool_drain": (c_int32, (c_void_p, c_int32, c_void_p)),
    "teleai_pool_stats_get": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_local_start": (c_int32, (c_char_p, c_void_p, c_void_p)),
    "teleai_local_stop": (c_int32, (c_char_p, c_void_p, c_void_p, c_void_p)),
    "teleai_local_status_get": (c_int32, (c_char_p, c_void_p, c_void_p, c_void_p)),
    "teleai_local_status_free": (None, (c_void_p,)),
    "teleai_migrate_status": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_migrate_up": (c_int32, (c_void_p, c_void_p)),
    "teleai_migrate_down": (c_int32, (c_void_p, c_void_p)),
    "teleai_migrate_to": (c_int32, (c_void_p, c_int64, c_void_p)),
    "teleai_migrate_force": (c_int32, (c_void_p, c_int64, c_void_p)),
    "teleai_migrate_plan": (c_int32, (c_void_p, c_int64, c_void_p, c_void_p)),
    "teleai_migrate_adopt": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_adoption_free": (None, (c_void_p,)),
    "teleai_migration_plan_free": (None, (c_void_p,)),
    "teleai_migration_status_free": (None, (c_void_p,)),
    "teleai_transaction_begin": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_transaction_commit": (c_int32, (c_void_p, c_void_p)),
    "teleai_transaction_rollback": (c_int32, (c_void_p, c_void_p)),
    "teleai_transaction_run": (c_int32, (c_void_p, c_void_p, teleai_transaction_body, c_void_p, c_void_p, c_void_p)),
    "teleai_scope_open": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_stream_close": (None, (c_void_p,)),
    "teleai_tenant_status_name": (c_char_p, (c_int32,)),
    "teleai_tenant_default_id": (None, (c_void_p,)),
    "teleai_tenant_create": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_tenant_get": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_tenant_get_by_slug": (c_int32, (c_void_p, c_char_p, c_void_p, c_void_p)),
    "teleai_tenant_update": (c_int32, (c_void_p, c_void_p, c_void_p, c_uint64, c_void_p, c_void_p, c_void_p)),
    "teleai_tenant_suspend": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_tenant_resume": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_tenant_list": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_tenant_count": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_tenant_free": (None, (c_void_p,)),
    "teleai_tenants_free": (None, (c_void_p,)),
    "teleai_tenant_stats_get": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_tenant_stats_list": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_tenant_stats_free": (None, (c_void_p,)),
    "teleai_tenants_stats_free": (None, (c_void_p,)),
    "teleai_tenant_usage_recount": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_tenant_export_open": (c_int32, (c_void_p, c_void_p, c_char_p, c_void_p, c_void_p)),
    "teleai_tenant_import_open": (c_int32, (c_void_p, c_char_p, c_void_p, c_void_p)),
    "teleai_tenant_delete_open": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_tenant_job_step": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_tenant_job_close": (None, (c_void_p,)),
    "teleai_row_security_enable": (c_int32, (c_void_p, c_void_p)),
    "teleai_row_security_disable": (c_int32, (c_void_p, c_void_p)),
    "teleai_health_severity_name": (c_char_p, (c_int32,)),
    "teleai_health_check": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_health_findings_free": (None, (c_void_p,)),
    "teleai_task_outcome_name": (c_char_p, (c_int32,)),
    "teleai_maintain": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_maintenance_free": (None, (c_void_p,)),
    "teleai_snapshot_export": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_snapshot_free": (None, (c_void_p,)),
    "teleai_table_checksum_list": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_table_checksums_free": (None, (c_void_p,)),
    "teleai_connection_settings_read": (c_int32, (c_char_p, c_void_p, c_void_p)),
    "teleai_connection_settings_free": (None, (c_void_p,)),
    "teleai_batch_open": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_batch_flush": (c_int32, (c_void_p, c_void_p)),
    "teleai_batch_pending": (c_int64, (c_void_p,)),
    "teleai_batch_step": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_batch_socket": (c_int32, (c_void_p,)),
    "teleai_batch_events": (c_int32, (c_void_p,)),
    "teleai_batch_timeout_ms": (c_int32, (c_void_p,)),
    "teleai_notify": (c_int32, (c_void_p, c_char_p, c_char_p, c_void_p)),
    "teleai_subscription_open": (c_int32, (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p)),
    "teleai_subscription_next": (c_int32, (c_void_p, c_int32, c_void_p, c_void_p)),
    "teleai_subscription_socket": (c_int32, (c_void_p,)),
    "teleai_subscription_close": (None, (c_void_p,)),
    "teleai_notification_free": (None, (c_void_p,)),
    "teleai_metrics_text": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_metrics_text_as": (c_int32, (c_void_p, c_int32, c_void_p, c_void_p)),
    "teleai_slow_calls_list": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_slow_calls_free": (None, (c_void_p,)),
    "teleai_text_free": (None, (c_void_p,)),
    "teleai_role_name": (c_char_p, (c_int32,)),
    "teleai_user_create": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_user_create_many": (c_int32, (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p, c_void_p)),
    "teleai_user_get": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_user_get_many": (c_int32, (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p)),
    "teleai_user_get_by_email": (c_int32, (c_void_p, c_char_p, c_void_p, c_void_p)),
    "teleai_user_update": (c_int32, (c_void_p, c_void_p, c_void_p, c_uint64, c_void_p, c_void_p, c_void_p)),
    "teleai_user_delete": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_user_list": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_user_stream": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_user_stream_next": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_user_count": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_user_login": (c_int32, (c_void_p, c_char_p, c_char_p, c_void_p, c_void_p)),
    "teleai_user_check_permission": (c_int32, (c_void_p, c_int32, c_void_p, c_void_p)),
    "teleai_user_free": (None, (c_void_p,)),
    "teleai_users_free": (None, (c_void_p,)),
    "teleai_session_create": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_session_create_many": (c_int32, (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p, c_void_p)),
    "teleai_session_check": (c_int32, (c_void_p, c_char_p, c_void_p, c_void_p)),
    "teleai_session_get": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_session_get_many": (c_int32, (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p)),
    "teleai_session_update": (c_int32, (c_void_p, c_void_p, c_void_p, c_uint64, c_void_p, c_void_p, c_void_p)),
    "teleai_session_list": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_session_stream": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_session_stream_next": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_session_count": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_session_revoke": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_session_revoke_all": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_session_purge_expired": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_session_free": (None, (c_void_p,)),
    "teleai_sessions_free": (None, (c_void_p,)),
    "teleai_identity_free": (None, (c_void_p,)),
    "teleai_audio_file_status_name": (c_char_p, (c_int32,)),
    "teleai_audio_file_create": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_audio_file_create_many": (c_int32, (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p, c_void_p)),
    "teleai_audio_file_get": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_audio_file_get_many": (c_int32, (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p)),
    "teleai_audio_file_update": (c_int32, (c_void_p, c_void_p, c_void_p, c_uint64, c_void_p, c_void_p, c_void_p)),
    "teleai_audio_file_delete": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_audio_file_list": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_audio_file_stream": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_audio_file_stream_next": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_audio_file_count": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_audio_file_start": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_audio_file_complete": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_audio_file_fail": (c_int32, (c_void_p, c_void_p, c_char_p, c_void_p, c_void_p)),
    "teleai_audio_file_free": (None, (c_void_p,)),
    "teleai_audio_files_free": (None, (c_void_p,)),
    "teleai_transcription_status_name": (c_char_p, (c_int32,)),
    "teleai_transcription_create": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_transcription_create_many": (c_int32, (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p, c_void_p)),
    "teleai_transcription_get": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_transcription_get_many": (c_int32, (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p)),
    "teleai_transcription_update": (c_int32, (c_void_p, c_void_p, c_void_p, c_uint64, c_void_p, c_void_p, c_void_p)),
    "teleai_transcription_delete": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_transcription_list": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_transcription_stream": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_transcription_stream_next": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_transcription_count": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_transcription_start": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_transcription_complete": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_transcription_fail": (c_int32, (c_void_p, c_void_p, c_char_p, c_void_p, c_void_p)),
    "teleai_transcription_free": (None, (c_void_p,)),
    "teleai_transcriptions_free": (None, (c_void_p,)),
    "teleai_analysis_status_name": (c_char_p, (c_int32,)),
    "teleai_sentiment_name": (c_char_p, (c_int32,)),
    "teleai_analysis_create": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_analysis_create_many": (c_int32, (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p, c_void_p)),
    "teleai_analysis_get": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_analysis_get_many": (c_int32, (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p)),
    "teleai_analysis_update": (c_int32, (c_void_p, c_void_p, c_void_p, c_uint64, c_void_p, c_void_p, c_void_p)),
    "teleai_analysis_delete": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_analysis_list": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_analysis_stream": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_analysis_stream_next": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_analysis_count": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_analysis_start": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_analysis_complete": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_analysis_fail": (c_int32, (c_void_p, c_void_p, c_char_p, c_void_p, c_void_p)),
    "teleai_analysis_free": (None, (c_void_p,)),
    "teleai_analyses_free": (None, (c_void_p,)),
    "teleai_search_transcriptions": (c_int32, (c_void_p, c_char_p, c_void_p, c_void_p, c_void_p)),
    "teleai_search_keywords": (c_int32, (c_void_p, c_char_p, c_void_p, c_void_p, c_void_p)),
    "teleai_search_hits_free": (None, (c_void_p,)),
    "teleai_user_stats_get": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_user_stats_list": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_user_stats_free": (None, (c_void_p,)),
    "teleai_users_stats_free": (None, (c_void_p,)),
    "teleai_daily_usage_list": (c_int32, (c_void_p, c_int64, c_int64, c_void_p, c_void_p)),
    "teleai_daily_usage_refresh": (c_int32, (c_void_p, c_void_p)),
    "teleai_daily_usages_free": (None, (c_void_p,)),
    "teleai_activity_type_name": (c_char_p, (c_int32,)),
    "teleai_activity_list": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_activities_free": (None, (c_void_p,)),
    "teleai_queue_type_name": (c_char_p, (c_int32,)),
    "teleai_queue_status_list": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_queue_statuses_free": (None, (c_void_p,)),
    "teleai_pipeline_status_name": (c_char_p, (c_int32,)),
    "teleai_pipeline_list": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_pipelines_free": (None, (c_void_p,)),
    "teleai_users_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_sessions_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_audio_files_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_transcriptions_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_analyses_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_tenants_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_tenants_stats_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_users_stats_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_daily_usages_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_activities_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_queue_statuses_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_pipelines_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_search_hits_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_stream_to_arrow": (c_int32, (c_void_p, c_void_p, c_void_p)),
    "teleai_arrow_batch_to_stream": (c_int32, (c_void_p, c_void_p, c_void_p, c_void_p)),
    "teleai_arrow_schema_release": (None, (c_void_p,)),
    "teleai_arrow_array_release": (None, (c_void_p,)),
    "teleai_arrow_stream_release": (None, (c_void_p,)),
}
