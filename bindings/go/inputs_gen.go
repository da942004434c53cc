// Code generated from bindings/teleai-api.json by bindings/go/generate.py. DO NOT EDIT.

package teleai

/*
#include <teleai.h>
*/
import "C"

import (
	"time"
	"unsafe"
)

// How to open a client. NULL or all zero gives the defaults named here.
type Options struct {
	// shown in pg_stat_activity; default "teleai"
	ApplicationName *string
	// connections at most, opened as needed; default 8
	MaxConnections int32
	// this many are not closed for resting; default 0
	MinConnections int32
	// calls that may wait for a connection, more fail at once; default 1000
	MaxWaiting int32
	// one that rests longer is closed, or replaced when it is used; default 600000 (10 minutes), -1: never
	IdleTimeoutMs int32
	// one that is older is replaced; default 1800000 (30 minutes), -1: never; each ends up to a tenth earlier, so
	// that not all do at once
	MaxLifetimeMs int32
	// longest a call may take, waiting for a connection included; default 30000. Then the server is told to stop, and
	// has a moment to answer to that: one that does not costs up to a second more. teleai_open() makes several calls:
	// it connects, and looks at the schema, and at row security where that is required
	TimeoutMs int32
	// TELEAI_SCHEMA_...
	Schema Schema
	// memory of the password hash; default 65536, at least 19456 (OWASP's floor)
	PasswordMemoryKib int32
	// passes of the password hash; default 2, at least 2
	PasswordPasses int32
	// TELEAI_POOLER_...
	Pooler Pooler
	// connection string of a replica, for scopes that read from there; it gets as many connections of its own
	ReplicaConnection *string
	// calls that take longer are kept for teleai_slow_calls_list(); 0: none
	SlowCallMs int32
	// count for teleai_metrics_text()
	Metrics bool
	// refuse to open unless the server itself keeps this role to one tenant at a time; see
	// teleai_row_security_enable()
	RequireRowSecurity bool
	// whose rows the calls are about, outside of scopes that say otherwise; NULL: the default tenant's
	TenantID *UUID
}

func (in *Options) fill(a *arena, c *C.teleai_options) {
	c.struct_size = C.sizeof_teleai_options
	c.application_name = a.optional("application_name", in.ApplicationName, false)
	c.max_connections = C.int32_t(in.MaxConnections)
	c.min_connections = C.int32_t(in.MinConnections)
	c.max_waiting = C.int32_t(in.MaxWaiting)
	c.idle_timeout_ms = C.int32_t(in.IdleTimeoutMs)
	c.max_lifetime_ms = C.int32_t(in.MaxLifetimeMs)
	c.timeout_ms = C.int32_t(in.TimeoutMs)
	c.schema = C.int32_t(in.Schema)
	c.password_memory_kib = C.int32_t(in.PasswordMemoryKib)
	c.password_passes = C.int32_t(in.PasswordPasses)
	c.pooler = C.int32_t(in.Pooler)
	c.replica_connection = a.optional("replica_connection", in.ReplicaConnection, false)
	c.slow_call_ms = C.int32_t(in.SlowCallMs)
	c.metrics = C.bool(in.Metrics)
	c.require_row_security = C.bool(in.RequireRowSecurity)
	c.tenant_id = a.optionalUUID(in.TenantID)
}

func (in *Options) toC(a *arena) *C.teleai_options {
	if in == nil {
		return nil
	}
	c := (*C.teleai_options)(a.alloc(C.sizeof_teleai_options))
	in.fill(a, c)
	return c
}

// What holds for every call in a scope. Zero means: as outside of it.
//
// The tenant is in every statement: its rows are found, listed, counted and changed, and no others. Actor and
// trace become settings of the one transaction that a call is (teleai.actor_id, application_name), sent in front
// of its statement in the same round trip: triggers and pg_stat_activity see them, the next user of the connection
// never does. So does the tenant (teleai.tenant_id) where something is sent in front anyway, and always under row
// security.
type ScopeOptions struct {
	// longest a call in this scope may take
	TimeoutMs int32
	// and longest for all of them together, from now on: a request's deadline
	TotalMs int32
	// the user who acts
	ActorID *UUID
	// whose rows the calls are about; see tenant.h
	TenantID *UUID
	// W3C Trace Context, "00-<32 hex>-<16 hex>-<2 hex>"; becomes the application name
	Traceparent *string
	// TELEAI_READ_FROM_...; the replica needs teleai_options.replica_connection
	ReadFrom ReadFrom
	// how far the replica may be behind; 0: 1000
	MaxLagMs int32
}

func (in *ScopeOptions) fill(a *arena, c *C.teleai_scope_options) {
	c.struct_size = C.sizeof_teleai_scope_options
	c.timeout_ms = C.int32_t(in.TimeoutMs)
	c.total_ms = C.int32_t(in.TotalMs)
	c.actor_id = a.optionalUUID(in.ActorID)
	c.tenant_id = a.optionalUUID(in.TenantID)
	c.traceparent = a.optional("traceparent", in.Traceparent, false)
	c.read_from = C.int32_t(in.ReadFrom)
	c.max_lag_ms = C.int32_t(in.MaxLagMs)
}

func (in *ScopeOptions) toC(a *arena) *C.teleai_scope_options {
	if in == nil {
		return nil
	}
	c := (*C.teleai_scope_options)(a.alloc(C.sizeof_teleai_scope_options))
	in.fill(a, c)
	return c
}

// How to begin a transaction. NULL or all zero gives the server's defaults.
type TransactionOptions struct {
	// TELEAI_ISOLATION_...
	Isolation Isolation
	// writes fail; lets the server skip some work
	ReadOnly bool
}

func (in *TransactionOptions) fill(a *arena, c *C.teleai_transaction_options) {
	c.struct_size = C.sizeof_teleai_transaction_options
	c.isolation = C.int32_t(in.Isolation)
	c.read_only = C.bool(in.ReadOnly)
}

func (in *TransactionOptions) toC(a *arena) *C.teleai_transaction_options {
	if in == nil {
		return nil
	}
	c := (*C.teleai_transaction_options)(a.alloc(C.sizeof_teleai_transaction_options))
	in.fill(a, c)
	return c
}

// Which part of a list to return; NULL means the first 50, newest first. Pages are found by key, not by counting,
// so they cost the same at any depth and stay put while rows are added or removed: nothing is shown twice, nothing
// is skipped. To go on, pass the list's next_cursor with the same filter and order.
type Page struct {
	// next_cursor of the page before; NULL for the first page
	Cursor *string
	// rows at most, 1 to 10000; 0 means 50
	Limit int32
	// TELEAI_ORDER_...
	Order Order
}

func (in *Page) fill(a *arena, c *C.teleai_page) {
	c.struct_size = C.sizeof_teleai_page
	c.cursor = a.optional("cursor", in.Cursor, false)
	c.limit = C.int32_t(in.Limit)
	c.order = C.int32_t(in.Order)
}

func (in *Page) toC(a *arena) *C.teleai_page {
	if in == nil {
		return nil
	}
	c := (*C.teleai_page)(a.alloc(C.sizeof_teleai_page))
	in.fill(a, c)
	return c
}

// Options of every update; NULL means none.
type UpdateOptions struct {
	// updated_at_us of the record you read, else CONFLICT; 0: do not ask
	IfUnchangedSince time.Time
	// send it again when the connection is lost before the answer, even though that may undo what somebody else has
	// set in between; not together with if_unchanged_since_us
	RepeatIfLost bool
}

func (in *UpdateOptions) fill(a *arena, c *C.teleai_update_options) {
	c.struct_size = C.sizeof_teleai_update_options
	c.if_unchanged_since_us = microseconds(in.IfUnchangedSince)
	c.repeat_if_lost = C.bool(in.RepeatIfLost)
}

func (in *UpdateOptions) toC(a *arena) *C.teleai_update_options {
	if in == nil {
		return nil
	}
	c := (*C.teleai_update_options)(a.alloc(C.sizeof_teleai_update_options))
	in.fill(a, c)
	return c
}

func (in *Entity) fill(a *arena, c *C.teleai_entity) {
	c.text = a.optional("text", in.Text, false)
	c._type = a.optional("type", in.Type, false)
	c.extra_json = a.optional("extra_json", in.ExtraJSON, false)
	if in.Confidence != nil {
		c.confidence = C.double(*in.Confidence)
		c.has_confidence = true
	}
	if in.StartMs != nil {
		c.start_ms = C.int64_t(*in.StartMs)
		c.has_start = true
	}
	if in.EndMs != nil {
		c.end_ms = C.int64_t(*in.EndMs)
		c.has_end = true
	}
}

func (in *Topic) fill(a *arena, c *C.teleai_topic) {
	c.name = a.optional("name", in.Name, false)
	c.extra_json = a.optional("extra_json", in.ExtraJSON, false)
	if in.Score != nil {
		c.score = C.double(*in.Score)
		c.has_score = true
	}
}

// How and where to search; NULL or all zero means: ranked, in everything that is completed, the first 20.
type SearchOptions struct {
	// only transcriptions of this user
	UserID       *UUID
	LanguageCode *string
	Engine       *string
	// next_cursor of the page before, for the same query and options
	Cursor *string
	// put before each match in snippet_marked; NULL: "["
	MarkStart *string
	// put after each match; NULL: "]"
	MarkEnd *string
	// created at or after; 0: any
	CreatedFrom time.Time
	// created before; 0: any
	CreatedUntil time.Time
	// with has_min_confidence; 0 to 1
	MinConfidence *float64
	// TELEAI_TRANSCRIPTION_...; 0: completed
	Status TranscriptionStatus
	// TELEAI_SEARCH_...
	Order SearchOrder
	// hits at most, 1 to 1000; 0 means 20
	Limit int32
}

func (in *SearchOptions) fill(a *arena, c *C.teleai_search_options) {
	c.struct_size = C.sizeof_teleai_search_options
	c.user_id = a.optionalUUID(in.UserID)
	c.language_code = a.optional("language_code", in.LanguageCode, false)
	c.engine = a.optional("engine", in.Engine, false)
	c.cursor = a.optional("cursor", in.Cursor, false)
	c.mark_start = a.optional("mark_start", in.MarkStart, false)
	c.mark_end = a.optional("mark_end", in.MarkEnd, false)
	c.created_from_us = microseconds(in.CreatedFrom)
	c.created_until_us = microseconds(in.CreatedUntil)
	if in.MinConfidence != nil {
		c.min_confidence = C.double(*in.MinConfidence)
		c.has_min_confidence = true
	}
	c.status = C.int32_t(in.Status)
	c.order = C.int32_t(in.Order)
	c.limit = C.int32_t(in.Limit)
}

func (in *SearchOptions) toC(a *arena) *C.teleai_search_options {
	if in == nil {
		return nil
	}
	c := (*C.teleai_search_options)(a.alloc(C.sizeof_teleai_search_options))
	in.fill(a, c)
	return c
}

// Which; absent fields do not restrict.
type PipelineFilter struct {
	// files of this user
	UserID *UUID
	// TELEAI_PIPELINE_...; 0: any
	PipelineStatus PipelineStatus
	// only those that are not completed
	Unfinished bool
}

func (in *PipelineFilter) fill(a *arena, c *C.teleai_pipeline_filter) {
	c.struct_size = C.sizeof_teleai_pipeline_filter
	c.user_id = a.optionalUUID(in.UserID)
	c.pipeline_status = C.int32_t(in.PipelineStatus)
	c.unfinished = C.bool(in.Unfinished)
}

func (in *PipelineFilter) toC(a *arena) *C.teleai_pipeline_filter {
	if in == nil {
		return nil
	}
	c := (*C.teleai_pipeline_filter)(a.alloc(C.sizeof_teleai_pipeline_filter))
	in.fill(a, c)
	return c
}

// What a user is made from or changed to.
type UserInput struct {
	// NULL: a new UUIDv7; not changed by an update
	ID *UUID
	// required; name@domain.tld, at most 255 characters; unique without regard to case
	Email string
	// required; 1 to 255 characters
	FullName string
	// 8 characters to 1024 bytes, no control characters; NULL: cannot log in with a password. Stored as an Argon2id
	// hash of what RFC 8265 makes of it: letters composed, all spaces alike
	Password *string
	// TELEAI_ROLE_...; 0: user
	Role Role
	// with has_is_active; otherwise active
	IsActive *bool
}

func (in *UserInput) fill(a *arena, c *C.teleai_user_input) {
	c.struct_size = C.sizeof_teleai_user_input
	c.id = a.optionalUUID(in.ID)
	c.email = a.required("email", in.Email, false)
	c.full_name = a.required("full_name", in.FullName, false)
	c.password = a.optional("password", in.Password, false)
	c.role = C.int32_t(in.Role)
	if in.IsActive != nil {
		c.is_active = C.bool(*in.IsActive)
		c.has_is_active = true
	}
}

func (in *UserInput) toC(a *arena) *C.teleai_user_input {
	if in == nil {
		return nil
	}
	c := (*C.teleai_user_input)(a.alloc(C.sizeof_teleai_user_input))
	in.fill(a, c)
	return c
}

// Which users; absent fields do not restrict.
type UserFilter struct {
	// created at or after; 0: any
	CreatedFrom time.Time
	// created before; 0: any
	CreatedUntil time.Time
	// TELEAI_ROLE_...; 0: any
	Role Role
	// with has_is_active
	IsActive *bool
	// with this id or a higher one, compared byte by byte; best in an order by id
	IDFrom *UUID
	// with a lower id than this
	IDUntil *UUID
}

func (in *UserFilter) fill(a *arena, c *C.teleai_user_filter) {
	c.struct_size = C.sizeof_teleai_user_filter
	c.created_from_us = microseconds(in.CreatedFrom)
	c.created_until_us = microseconds(in.CreatedUntil)
	c.role = C.int32_t(in.Role)
	if in.IsActive != nil {
		c.is_active = C.bool(*in.IsActive)
		c.has_is_active = true
	}
	c.id_from = a.optionalUUID(in.IDFrom)
	c.id_until = a.optionalUUID(in.IDUntil)
}

func (in *UserFilter) toC(a *arena) *C.teleai_user_filter {
	if in == nil {
		return nil
	}
	c := (*C.teleai_user_filter)(a.alloc(C.sizeof_teleai_user_filter))
	in.fill(a, c)
	return c
}

// What a session is made from or changed to.
type SessionInput struct {
	// NULL: a new UUIDv7; not changed by an update
	ID *UUID
	// required; not changed by an update
	UserID UUID
	// IPv4 or IPv6, with or without /prefix
	IPAddress *string
	UserAgent *string
	// when it ends, in the future; 0: 8 hours from now
	ExpiresAt time.Time
}

func (in *SessionInput) fill(a *arena, c *C.teleai_session_input) {
	c.struct_size = C.sizeof_teleai_session_input
	c.id = a.optionalUUID(in.ID)
	c.user_id = a.uuid(in.UserID)
	c.ip_address = a.optional("ip_address", in.IPAddress, false)
	c.user_agent = a.optional("user_agent", in.UserAgent, false)
	c.expires_at_us = microseconds(in.ExpiresAt)
}

func (in *SessionInput) toC(a *arena) *C.teleai_session_input {
	if in == nil {
		return nil
	}
	c := (*C.teleai_session_input)(a.alloc(C.sizeof_teleai_session_input))
	in.fill(a, c)
	return c
}

// Which sessions; absent fields do not restrict.
type SessionFilter struct {
	// of this user
	UserID *UUID
	// created at or after; 0: any
	CreatedFrom time.Time
	// created before; 0: any
	CreatedUntil time.Time
	// otherwise only those that have not expired
	IncludeExpired bool
	// with this id or a higher one, compared byte by byte; best in an order by id
	IDFrom *UUID
	// with a lower id than this
	IDUntil *UUID
}

func (in *SessionFilter) fill(a *arena, c *C.teleai_session_filter) {
	c.struct_size = C.sizeof_teleai_session_filter
	c.user_id = a.optionalUUID(in.UserID)
	c.created_from_us = microseconds(in.CreatedFrom)
	c.created_until_us = microseconds(in.CreatedUntil)
	c.include_expired = C.bool(in.IncludeExpired)
	c.id_from = a.optionalUUID(in.IDFrom)
	c.id_until = a.optionalUUID(in.IDUntil)
}

func (in *SessionFilter) toC(a *arena) *C.teleai_session_filter {
	if in == nil {
		return nil
	}
	c := (*C.teleai_session_filter)(a.alloc(C.sizeof_teleai_session_filter))
	in.fill(a, c)
	return c
}

// What an audio file is made from or changed to.
type AudioFileInput struct {
	// NULL: a new UUIDv7; not changed by an update
	ID *UUID
	// required; not changed by an update
	UserID UUID
	// required; 1 to 500 characters
	FileName string
	// required; path or URL
	FilePath string
	// required; audio/mpeg, audio/wav, audio/ogg, audio/webm, audio/aac or audio/flac; the usual other names, such as
	// audio/x-wav, are stored as these, without parameters
	MimeType     string
	ErrorMessage *string
	// a JSON object; NULL: {}
	MetadataJSON *string
	// required; 1 to 2^53 - 1, which JSON and all languages hold to the byte
	FileSizeBytes int64
	// with has_duration; 5 to 99999999990, rounded to hundredths of a second
	DurationMs            *int64
	UploadCompletedAt     *time.Time
	ProcessingStartedAt   *time.Time
	ProcessingCompletedAt *time.Time
	// with has_sample_rate; more than 0
	SampleRateHz *int32
	// with has_channels; more than 0
	Channels *int32
	// with has_bit_rate; more than 0
	BitRateBps *int32
	// TELEAI_AUDIO_FILE_...; 0: uploaded. At creation only: see start, complete, fail
	Status AudioFileStatus
}

func (in *AudioFileInput) fill(a *arena, c *C.teleai_audio_file_input) {
	c.struct_size = C.sizeof_teleai_audio_file_input
	c.id = a.optionalUUID(in.ID)
	c.user_id = a.uuid(in.UserID)
	c.file_name = a.required("file_name", in.FileName, false)
	c.file_path = a.required("file_path", in.FilePath, false)
	c.mime_type = a.required("mime_type", in.MimeType, false)
	c.error_message = a.optional("error_message", in.ErrorMessage, false)
	c.metadata_json = a.optional("metadata_json", in.MetadataJSON, false)
	c.file_size_bytes = C.int64_t(in.FileSizeBytes)
	if in.DurationMs != nil {
		c.duration_ms = C.int64_t(*in.DurationMs)
		c.has_duration = true
	}
	if in.UploadCompletedAt != nil {
		c.upload_completed_at_us = microseconds(*in.UploadCompletedAt)
		c.has_upload_completed_at = true
	}
	if in.ProcessingStartedAt != nil {
		c.processing_started_at_us = microseconds(*in.ProcessingStartedAt)
		c.has_processing_started_at = true
	}
	if in.ProcessingCompletedAt != nil {
		c.processing_completed_at_us = microseconds(*in.ProcessingCompletedAt)
		c.has_processing_completed_at = true
	}
	if in.SampleRateHz != nil {
		c.sample_rate_hz = C.int32_t(*in.SampleRateHz)
		c.has_sample_rate = true
	}
	if in.Channels != nil {
		c.channels = C.int32_t(*in.Channels)
		c.has_channels = true
	}
	if in.BitRateBps != nil {
		c.bit_rate_bps = C.int32_t(*in.BitRateBps)
		c.has_bit_rate = true
	}
	c.status = C.int32_t(in.Status)
}

func (in *AudioFileInput) toC(a *arena) *C.teleai_audio_file_input {
	if in == nil {
		return nil
	}
	c := (*C.teleai_audio_file_input)(a.alloc(C.sizeof_teleai_audio_file_input))
	in.fill(a, c)
	return c
}

// Which audio files; absent fields do not restrict.
type AudioFileFilter struct {
	// of this user
	UserID   *UUID
	MimeType *string
	// metadata that contains this JSON object (PostgreSQL's @>)
	MetadataContainsJSON *string
	// created at or after; 0: any
	CreatedFrom time.Time
	// created before; 0: any
	CreatedUntil time.Time
	// TELEAI_AUDIO_FILE_...; 0: any
	Status AudioFileStatus
	// with this id or a higher one, compared byte by byte; best in an order by id
	IDFrom *UUID
	// with a lower id than this
	IDUntil *UUID
	// with this name, whatever its case; without user_id all rows of the tenant are read
	FileName *string
	// with this path, letter by letter; likewise
	FilePath *string
}

func (in *AudioFileFilter) fill(a *arena, c *C.teleai_audio_file_filter) {
	c.struct_size = C.sizeof_teleai_audio_file_filter
	c.user_id = a.optionalUUID(in.UserID)
	c.mime_type = a.optional("mime_type", in.MimeType, false)
	c.metadata_contains_json = a.optional("metadata_contains_json", in.MetadataContainsJSON, false)
	c.created_from_us = microseconds(in.CreatedFrom)
	c.created_until_us = microseconds(in.CreatedUntil)
	c.status = C.int32_t(in.Status)
	c.id_from = a.optionalUUID(in.IDFrom)
	c.id_until = a.optionalUUID(in.IDUntil)
	c.file_name = a.optional("file_name", in.FileName, false)
	c.file_path = a.optional("file_path", in.FilePath, false)
}

func (in *AudioFileFilter) toC(a *arena) *C.teleai_audio_file_filter {
	if in == nil {
		return nil
	}
	c := (*C.teleai_audio_file_filter)(a.alloc(C.sizeof_teleai_audio_file_filter))
	in.fill(a, c)
	return c
}

// What a transcription is made from, changed to or completed with.
type TranscriptionInput struct {
	// NULL: a new UUIDv7; not changed by an update
	ID *UUID
	// required; not changed by an update
	AudioFileID UUID
	// required; not changed by an update
	UserID UUID
	// NULL: "" while it is not completed
	Text *string
	// required; such as en or pt-BR (BCP 47), at most 10 characters
	LanguageCode string
	// required; 1 to 50 characters
	Engine string
	// at most 20 characters
	EngineVersion *string
	ErrorMessage  *string
	// a JSON object; NULL: {}
	MetadataJSON          *string
	ProcessingStartedAt   *time.Time
	ProcessingCompletedAt *time.Time
	// with has_confidence; 0 to 1, rounded to hundredths
	Confidence *float64
	// with has_word_count; otherwise the words between white space in text are counted
	WordCount *int32
	// with has_processing_duration; more than 0
	ProcessingDurationMs *int32
	// TELEAI_TRANSCRIPTION_...; 0: pending. At creation only: see start, complete, fail
	Status TranscriptionStatus
}

func (in *TranscriptionInput) fill(a *arena, c *C.teleai_transcription_input) {
	c.struct_size = C.sizeof_teleai_transcription_input
	c.id = a.optionalUUID(in.ID)
	c.audio_file_id = a.uuid(in.AudioFileID)
	c.user_id = a.uuid(in.UserID)
	c.text = a.optional("text", in.Text, true)
	if in.Text != nil {
		c.text_bytes = C.size_t(len(*in.Text))
	}
	c.language_code = a.required("language_code", in.LanguageCode, false)
	c.engine = a.required("engine", in.Engine, false)
	c.engine_version = a.optional("engine_version", in.EngineVersion, false)
	c.error_message = a.optional("error_message", in.ErrorMessage, false)
	c.metadata_json = a.optional("metadata_json", in.MetadataJSON, false)
	if in.ProcessingStartedAt != nil {
		c.processing_started_at_us = microseconds(*in.ProcessingStartedAt)
		c.has_processing_started_at = true
	}
	if in.ProcessingCompletedAt != nil {
		c.processing_completed_at_us = microseconds(*in.ProcessingCompletedAt)
		c.has_processing_completed_at = true
	}
	if in.Confidence != nil {
		c.confidence = C.double(*in.Confidence)
		c.has_confidence = true
	}
	if in.WordCount != nil {
		c.word_count = C.int32_t(*in.WordCount)
		c.has_word_count = true
	}
	if in.ProcessingDurationMs != nil {
		c.processing_duration_ms = C.int32_t(*in.ProcessingDurationMs)
		c.has_processing_duration = true
	}
	c.status = C.int32_t(in.Status)
}

func (in *TranscriptionInput) toC(a *arena) *C.teleai_transcription_input {
	if in == nil {
		return nil
	}
	c := (*C.teleai_transcription_input)(a.alloc(C.sizeof_teleai_transcription_input))
	in.fill(a, c)
	return c
}

// Which transcriptions; absent fields do not restrict.
type TranscriptionFilter struct {
	// of this user
	UserID *UUID
	// of this audio file
	AudioFileID  *UUID
	LanguageCode *string
	Engine       *string
	// metadata that contains this JSON object (PostgreSQL's @>)
	MetadataContainsJSON *string
	// created at or after; 0: any
	CreatedFrom time.Time
	// created before; 0: any
	CreatedUntil time.Time
	// with has_min_confidence; 0 to 1
	MinConfidence *float64
	// TELEAI_TRANSCRIPTION_...; 0: any
	Status TranscriptionStatus
	// with this id or a higher one, compared byte by byte; best in an order by id
	IDFrom *UUID
	// with a lower id than this
	IDUntil *UUID
}

func (in *TranscriptionFilter) fill(a *arena, c *C.teleai_transcription_filter) {
	c.struct_size = C.sizeof_teleai_transcription_filter
	c.user_id = a.optionalUUID(in.UserID)
	c.audio_file_id = a.optionalUUID(in.AudioFileID)
	c.language_code = a.optional("language_code", in.LanguageCode, false)
	c.engine = a.optional("engine", in.Engine, false)
	c.metadata_contains_json = a.optional("metadata_contains_json", in.MetadataContainsJSON, false)
	c.created_from_us = microseconds(in.CreatedFrom)
	c.created_until_us = microseconds(in.CreatedUntil)
	if in.MinConfidence != nil {
		c.min_confidence = C.double(*in.MinConfidence)
		c.has_min_confidence = true
	}
	c.status = C.int32_t(in.Status)
	c.id_from = a.optionalUUID(in.IDFrom)
	c.id_until = a.optionalUUID(in.IDUntil)
}

func (in *TranscriptionFilter) toC(a *arena) *C.teleai_transcription_filter {
	if in == nil {
		return nil
	}
	c := (*C.teleai_transcription_filter)(a.alloc(C.sizeof_teleai_transcription_filter))
	in.fill(a, c)
	return c
}

// What an analysis is made from, changed to or completed with. Key phrases, entities and topics are given typed or
// as JSON; both at once is INVALID_ARGUMENT.
type AnalysisInput struct {
	// NULL: a new UUIDv7; not changed by an update
	ID *UUID
	// required; not changed by an update
	TranscriptionID UUID
	// required; not changed by an update
	AudioFileID UUID
	// required; not changed by an update
	UserID UUID
	// required; 1 to 100 characters; not changed by an update
	AnalysisType string
	Summary      *string
	// required; 1 to 50 characters
	Engine string
	// at most 20 characters
	EngineVersion *string
	ErrorMessage  *string
	// key_phrase_count texts; NULL with key_phrases_json NULL: SQL NULL
	KeyPhrases []string
	// a JSON array of strings
	KeyPhrasesJSON *string
	// entity_count of them
	Entities []Entity
	// a JSON array; NULL: []
	EntitiesJSON *string
	// topic_count of them
	Topics []Topic
	// a JSON array; NULL: []
	TopicsJSON *string
	// a JSON object; NULL: {}
	InsightsJSON *string
	// a JSON object; NULL: {}
	MetadataJSON          *string
	ProcessingStartedAt   *time.Time
	ProcessingCompletedAt *time.Time
	// with has_sentiment_score; -1 to 1, rounded to hundredths
	SentimentScore *float64
	// TELEAI_SENTIMENT_...; 0: none
	SentimentLabel Sentiment
	// with has_processing_duration; more than 0
	ProcessingDurationMs *int32
	// TELEAI_ANALYSIS_...; 0: pending. At creation only: see start, complete, fail
	Status AnalysisStatus
}

func (in *AnalysisInput) fill(a *arena, c *C.teleai_analysis_input) {
	c.struct_size = C.sizeof_teleai_analysis_input
	c.id = a.optionalUUID(in.ID)
	c.transcription_id = a.uuid(in.TranscriptionID)
	c.audio_file_id = a.uuid(in.AudioFileID)
	c.user_id = a.uuid(in.UserID)
	c.analysis_type = a.required("analysis_type", in.AnalysisType, false)
	c.summary = a.optional("summary", in.Summary, false)
	c.engine = a.required("engine", in.Engine, false)
	c.engine_version = a.optional("engine_version", in.EngineVersion, false)
	c.error_message = a.optional("error_message", in.ErrorMessage, false)
	c.key_phrases, c.key_phrase_count = a.texts("key_phrases", in.KeyPhrases)
	c.key_phrases_json = a.optional("key_phrases_json", in.KeyPhrasesJSON, false)
	c.entities = (*C.teleai_entity)(a.array(len(in.Entities), C.sizeof_teleai_entity, in.Entities == nil))
	c.entity_count = C.size_t(len(in.Entities))
	for i := range in.Entities {
		in.Entities[i].fill(a, &unsafe.Slice(c.entities, len(in.Entities))[i])
	}
	c.entities_json = a.optional("entities_json", in.EntitiesJSON, false)
	c.topics = (*C.teleai_topic)(a.array(len(in.Topics), C.sizeof_teleai_topic, in.Topics == nil))
	c.topic_count = C.size_t(len(in.Topics))
	for i := range in.Topics {
		in.Topics[i].fill(a, &unsafe.Slice(c.topics, len(in.Topics))[i])
	}
	c.topics_json = a.optional("topics_json", in.TopicsJSON, false)
	c.insights_json = a.optional("insights_json", in.InsightsJSON, false)
	c.metadata_json = a.optional("metadata_json", in.MetadataJSON, false)
	if in.ProcessingStartedAt != nil {
		c.processing_started_at_us = microseconds(*in.ProcessingStartedAt)
		c.has_processing_started_at = true
	}
	if in.ProcessingCompletedAt != nil {
		c.processing_completed_at_us = microseconds(*in.ProcessingCompletedAt)
		c.has_processing_completed_at = true
	}
	if in.SentimentScore != nil {
		c.sentiment_score = C.double(*in.SentimentScore)
		c.has_sentiment_score = true
	}
	c.sentiment_label = C.int32_t(in.SentimentLabel)
	if in.ProcessingDurationMs != nil {
		c.processing_duration_ms = C.int32_t(*in.ProcessingDurationMs)
		c.has_processing_duration = true
	}
	c.status = C.int32_t(in.Status)
}

func (in *AnalysisInput) toC(a *arena) *C.teleai_analysis_input {
	if in == nil {
		return nil
	}
	c := (*C.teleai_analysis_input)(a.alloc(C.sizeof_teleai_analysis_input))
	in.fill(a, c)
	return c
}

// Which analyses; absent fields do not restrict. ..._contains_json means PostgreSQL's @>.
type AnalysisFilter struct {
	// of this user
	UserID *UUID
	// of this audio file
	AudioFileID *UUID
	// of this transcription
	TranscriptionID      *UUID
	AnalysisType         *string
	Engine               *string
	MetadataContainsJSON *string
	// such as [{"type": "person"}]
	EntitiesContainsJSON *string
	TopicsContainsJSON   *string
	InsightsContainsJSON *string
	// created at or after; 0: any
	CreatedFrom time.Time
	// created before; 0: any
	CreatedUntil time.Time
	// TELEAI_ANALYSIS_...; 0: any
	Status AnalysisStatus
	// TELEAI_SENTIMENT_...; 0: any
	SentimentLabel Sentiment
	// with this id or a higher one, compared byte by byte; best in an order by id
	IDFrom *UUID
	// with a lower id than this
	IDUntil *UUID
}

func (in *AnalysisFilter) fill(a *arena, c *C.teleai_analysis_filter) {
	c.struct_size = C.sizeof_teleai_analysis_filter
	c.user_id = a.optionalUUID(in.UserID)
	c.audio_file_id = a.optionalUUID(in.AudioFileID)
	c.transcription_id = a.optionalUUID(in.TranscriptionID)
	c.analysis_type = a.optional("analysis_type", in.AnalysisType, false)
	c.engine = a.optional("engine", in.Engine, false)
	c.metadata_contains_json = a.optional("metadata_contains_json", in.MetadataContainsJSON, false)
	c.entities_contains_json = a.optional("entities_contains_json", in.EntitiesContainsJSON, false)
	c.topics_contains_json = a.optional("topics_contains_json", in.TopicsContainsJSON, false)
	c.insights_contains_json = a.optional("insights_contains_json", in.InsightsContainsJSON, false)
	c.created_from_us = microseconds(in.CreatedFrom)
	c.created_until_us = microseconds(in.CreatedUntil)
	c.status = C.int32_t(in.Status)
	c.sentiment_label = C.int32_t(in.SentimentLabel)
	c.id_from = a.optionalUUID(in.IDFrom)
	c.id_until = a.optionalUUID(in.IDUntil)
}

func (in *AnalysisFilter) toC(a *arena) *C.teleai_analysis_filter {
	if in == nil {
		return nil
	}
	c := (*C.teleai_analysis_filter)(a.alloc(C.sizeof_teleai_analysis_filter))
	in.fill(a, c)
	return c
}

// The sizes that the C compiler gives these structs, for the tests.
var sizes = map[string]uintptr{
	"teleai_entity":               C.sizeof_teleai_entity,
	"teleai_topic":                C.sizeof_teleai_topic,
	"teleai_user":                 C.sizeof_teleai_user,
	"teleai_session":              C.sizeof_teleai_session,
	"teleai_audio_file":           C.sizeof_teleai_audio_file,
	"teleai_transcription":        C.sizeof_teleai_transcription,
	"teleai_analysis":             C.sizeof_teleai_analysis,
	"teleai_identity":             C.sizeof_teleai_identity,
	"teleai_search_mark":          C.sizeof_teleai_search_mark,
	"teleai_search_hit":           C.sizeof_teleai_search_hit,
	"teleai_search_hits":          C.sizeof_teleai_search_hits,
	"teleai_user_stats":           C.sizeof_teleai_user_stats,
	"teleai_daily_usage":          C.sizeof_teleai_daily_usage,
	"teleai_activity":             C.sizeof_teleai_activity,
	"teleai_queue_status":         C.sizeof_teleai_queue_status,
	"teleai_pipeline":             C.sizeof_teleai_pipeline,
	"teleai_pool_stats":           C.sizeof_teleai_pool_stats,
	"teleai_users":                C.sizeof_teleai_users,
	"teleai_sessions":             C.sizeof_teleai_sessions,
	"teleai_audio_files":          C.sizeof_teleai_audio_files,
	"teleai_transcriptions":       C.sizeof_teleai_transcriptions,
	"teleai_analyses":             C.sizeof_teleai_analyses,
	"teleai_users_stats":          C.sizeof_teleai_users_stats,
	"teleai_daily_usages":         C.sizeof_teleai_daily_usages,
	"teleai_activities":           C.sizeof_teleai_activities,
	"teleai_queue_statuses":       C.sizeof_teleai_queue_statuses,
	"teleai_pipelines":            C.sizeof_teleai_pipelines,
	"teleai_options":              C.sizeof_teleai_options,
	"teleai_scope_options":        C.sizeof_teleai_scope_options,
	"teleai_transaction_options":  C.sizeof_teleai_transaction_options,
	"teleai_page":                 C.sizeof_teleai_page,
	"teleai_update_options":       C.sizeof_teleai_update_options,
	"teleai_search_options":       C.sizeof_teleai_search_options,
	"teleai_pipeline_filter":      C.sizeof_teleai_pipeline_filter,
	"teleai_user_input":           C.sizeof_teleai_user_input,
	"teleai_user_filter":          C.sizeof_teleai_user_filter,
	"teleai_session_input":        C.sizeof_teleai_session_input,
	"teleai_session_filter":       C.sizeof_teleai_session_filter,
	"teleai_audio_file_input":     C.sizeof_teleai_audio_file_input,
	"teleai_audio_file_filter":    C.sizeof_teleai_audio_file_filter,
	"teleai_transcription_input":  C.sizeof_teleai_transcription_input,
	"teleai_transcription_filter": C.sizeof_teleai_transcription_filter,
	"teleai_analysis_input":       C.sizeof_teleai_analysis_input,
	"teleai_analysis_filter":      C.sizeof_teleai_analysis_filter,
	"teleai_error":                C.sizeof_teleai_error,
	"teleai_uuid":                 C.sizeof_teleai_uuid,
}
