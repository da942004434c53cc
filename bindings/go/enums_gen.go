// Code generated from bindings/teleai-api.json by bindings/go/generate.py. DO NOT EDIT.

package teleai

// Status: How a call went.
type Status int32

const (
	StatusOK Status = 0
	// your input is wrong: error.field says which, the message what was expected
	StatusInvalidArgument Status = 1
	// there is no such row
	StatusNotFound Status = 2
	// a row with this id, e-mail or token is there: error.constraint says which
	StatusAlreadyExists Status = 3
	// the row that yours belongs to (error.field) does not exist
	StatusParentNotFound Status = 4
	// the row is not in the state this needs, or was changed since you read it
	StatusConflict Status = 5
	// log-in or session refused; the reason is not told, on purpose
	StatusUnauthenticated Status = 6
	// the user's role, or the database role you connected as, may not do this
	StatusPermissionDenied Status = 7
	// no connection: server away, restarting, refusing, or all connections in use
	StatusUnavailable Status = 8
	// timeout_ms passed first
	StatusTimeout Status = 9
	// the transaction is lost: roll back and, if RETRYABLE, run it again
	StatusAborted Status = 10
	// the database's schema is older or newer than this library needs, or what it sent is none of what was asked for
	StatusSchemaMismatch Status = 11
	// this server cannot do it: too old, or an extension is missing
	StatusUnsupported Status = 12
	// too large for the server: disk, memory, row or index size
	StatusLimitExceeded Status = 13
	// the client is NULL, closed, finished, or belongs to the parent process
	StatusClosed Status = 14
	// this process has no memory left
	StatusOutOfMemory Status = 15
	// anything else the server said: see error.sqlstate
	StatusServerError Status = 16
	// teleai_cancel() ended it; nothing has happened, unless OUTCOME_UNKNOWN
	StatusCancelled Status = 17
	// only in error.status: the operation waits in a batch, and is not answered yet
	StatusQueued Status = 18
)

// ErrorFlags: Bits of teleai_error.flags.
type ErrorFlags uint64

const (
	// the same call, or the whole transaction, may well work when tried again
	ErrorRetryable ErrorFlags = 1
	// the connection was lost after sending, or the answer cannot be read: the write may have happened or not
	ErrorOutcomeUnknown ErrorFlags = 2
	// error.item is the index of the input at fault, in a call that takes many
	ErrorHasItem ErrorFlags = 4
)

// Order: Orders of a list. The first two are by created_at in the default tenant, and for the rows of one user
// anywhere. Of any other tenant as a whole they are by id, which is the same for ids that this library makes
// (UUIDv7): a page then costs what it shows, however many tenants there are. Rows with other ids of your own come
// in no order of time there. The last two are by id everywhere, and make ranges of times (created_from_us,
// created_until_us) ranges of ids as well, an hour wider for clocks that differ: the fastest, and only for rows
// whose ids are UUIDv7 made when the row was; rows with other ids (of older tooling, of a recorder that was
// offline for a day) may be missed by such a range. Lists of statistics have the first two, by the times they
// show.
type Order int32

const (
	// latest first
	OrderNewestFirst Order = 0
	// earliest first
	OrderOldestFirst Order = 1
	// by id, highest first
	OrderNewestIDFirst Order = 2
	// by id, lowest first
	OrderOldestIDFirst Order = 3
)

// Schema: What to do at opening about the version of the database's schema.
type Schema int32

const (
	// fail with SCHEMA_MISMATCH unless it is the one this library needs (default)
	SchemaCheck Schema = 0
	// do not look: for migration tools
	SchemaIgnore Schema = 1
	// bring an older or empty database up to date first, as teleai_migrate_up() does
	SchemaMigrate Schema = 2
)

// Pooler: What stands between the client and the server.
type Pooler int32

const (
	// find out when connecting (PgBouncer is found; a pooler that passes the server's process number on is taken for
	// none)
	PoolerDetect Pooler = 0
	// nothing, or one that keeps a session together, such as PgBouncer in session mode
	PoolerNone Pooler = 1
	// one that hands each transaction to another server connection: statements are not prepared, and the time limit
	// is sent in front of each, in the same round trip
	PoolerTransaction Pooler = 2
)

// Isolation: How far a transaction is kept apart from others (PostgreSQL, SET TRANSACTION).
type Isolation int32

const (
	// the server's default, normally read committed
	IsolationDefault        Isolation = 0
	IsolationReadCommitted  Isolation = 1
	IsolationRepeatableRead Isolation = 2
	IsolationSerializable   Isolation = 3
)

// ReadFrom: Where the reads of a scope go.
type ReadFrom int32

const (
	ReadFromPrimary ReadFrom = 0
	// the replica, while it is near enough behind; else the primary
	ReadFromReplica ReadFrom = 1
)

// Role: What a user may do; see teleai_user_check_permission().
type Role int32

const (
	RoleAdmin Role = 1
	// the default of a new user
	RoleUser   Role = 2
	RoleViewer Role = 3
)

// UserField: Which fields an update sets; one that is named but absent becomes NULL, or its default where it
// cannot be NULL.
type UserField uint64

const (
	UserFieldEmail    UserField = 1
	UserFieldFullName UserField = 2
	// NULL takes the password away. Revoke the sessions as well
	UserFieldPassword UserField = 4
	UserFieldRole     UserField = 8
	UserFieldIsActive UserField = 16
)

// SessionField: Which fields an update sets; one that is named but absent becomes NULL, or its default where it
// cannot be NULL.
type SessionField uint64

const (
	// to keep a session that is used; 0: 8 hours from now
	SessionFieldExpiresAt SessionField = 1
	SessionFieldIPAddress SessionField = 2
	SessionFieldUserAgent SessionField = 4
)

// AudioFileStatus: How far an audio file is. uploaded -> processing -> ready, or error; from error it may be
// started again.
type AudioFileStatus int32

const (
	// the default of a new file
	AudioFileUploaded   AudioFileStatus = 1
	AudioFileProcessing AudioFileStatus = 2
	AudioFileReady      AudioFileStatus = 3
	AudioFileError      AudioFileStatus = 4
)

// AudioFileField: Which fields an update sets; one that is named but absent becomes NULL, or its default where it
// cannot be NULL.
type AudioFileField uint64

const (
	AudioFileFieldFileName          AudioFileField = 1
	AudioFileFieldFilePath          AudioFileField = 2
	AudioFileFieldMimeType          AudioFileField = 4
	AudioFileFieldMetadata          AudioFileField = 8
	AudioFileFieldFileSize          AudioFileField = 16
	AudioFileFieldDuration          AudioFileField = 32
	AudioFileFieldSampleRate        AudioFileField = 64
	AudioFileFieldChannels          AudioFileField = 128
	AudioFileFieldBitRate           AudioFileField = 256
	AudioFileFieldUploadCompletedAt AudioFileField = 512
)

// TranscriptionStatus: How far a transcription is. pending -> processing -> completed, or failed; from failed it
// may be started again.
type TranscriptionStatus int32

const (
	// the default of a new one
	TranscriptionPending    TranscriptionStatus = 1
	TranscriptionProcessing TranscriptionStatus = 2
	TranscriptionCompleted  TranscriptionStatus = 3
	TranscriptionFailed     TranscriptionStatus = 4
)

// TranscriptionField: Which fields an update sets; one that is named but absent becomes NULL, or its default where
// it cannot be NULL.
type TranscriptionField uint64

const (
	// and the word count, unless that is named too
	TranscriptionFieldText          TranscriptionField = 1
	TranscriptionFieldLanguageCode  TranscriptionField = 2
	TranscriptionFieldEngine        TranscriptionField = 4
	TranscriptionFieldEngineVersion TranscriptionField = 8
	TranscriptionFieldMetadata      TranscriptionField = 16
	TranscriptionFieldConfidence    TranscriptionField = 32
	TranscriptionFieldWordCount     TranscriptionField = 64
)

// AnalysisStatus: How far an analysis is. pending -> processing -> completed, or failed; from failed it may be
// started again.
type AnalysisStatus int32

const (
	// the default of a new one
	AnalysisPending    AnalysisStatus = 1
	AnalysisProcessing AnalysisStatus = 2
	AnalysisCompleted  AnalysisStatus = 3
	AnalysisFailed     AnalysisStatus = 4
)

// Sentiment is an enumeration.
type Sentiment int32

const (
	SentimentPositive Sentiment = 1
	SentimentNegative Sentiment = 2
	SentimentNeutral  Sentiment = 3
	SentimentMixed    Sentiment = 4
)

// AnalysisField: Which fields an update sets; one that is named but absent becomes NULL, or its default where it
// cannot be NULL.
type AnalysisField uint64

const (
	AnalysisFieldSummary        AnalysisField = 1
	AnalysisFieldEngine         AnalysisField = 2
	AnalysisFieldEngineVersion  AnalysisField = 4
	AnalysisFieldKeyPhrases     AnalysisField = 8
	AnalysisFieldEntities       AnalysisField = 16
	AnalysisFieldTopics         AnalysisField = 32
	AnalysisFieldInsights       AnalysisField = 64
	AnalysisFieldMetadata       AnalysisField = 128
	AnalysisFieldSentimentScore AnalysisField = 256
	AnalysisFieldSentimentLabel AnalysisField = 512
)

// SearchOrder is an enumeration.
type SearchOrder int32

const (
	// best matches first (PostgreSQL's ts_rank_cd)
	SearchRanked SearchOrder = 0
	// latest transcriptions first
	SearchNewestFirst SearchOrder = 1
)

// ActivityType is an enumeration.
type ActivityType int32

const (
	ActivityAudioUpload   ActivityType = 1
	ActivityTranscription ActivityType = 2
	ActivityAnalysis      ActivityType = 3
)

// QueueType is an enumeration.
type QueueType int32

const (
	QueueAudioFiles     QueueType = 1
	QueueTranscriptions QueueType = 2
	QueueAnalyses       QueueType = 3
)

// PipelineStatus: How far a file is with one of its transcriptions and one of that one's analyses, the first that
// holds.
type PipelineStatus int32

const (
	// the file is in error, or the transcription or analysis failed
	PipelineFailed                  PipelineStatus = 1
	PipelineCompleted               PipelineStatus = 2
	PipelineAnalysisInProgress      PipelineStatus = 3
	PipelineTranscriptionCompleted  PipelineStatus = 4
	PipelineTranscriptionInProgress PipelineStatus = 5
	PipelineAudioReady              PipelineStatus = 6
	PipelineAudioProcessing         PipelineStatus = 7
	PipelineUploaded                PipelineStatus = 8
)

// String is the value's name; UNKNOWN for one that this binding does not know.
func (v Status) String() string {
	switch v {
	case StatusOK:
		return "OK"
	case StatusInvalidArgument:
		return "INVALID_ARGUMENT"
	case StatusNotFound:
		return "NOT_FOUND"
	case StatusAlreadyExists:
		return "ALREADY_EXISTS"
	case StatusParentNotFound:
		return "PARENT_NOT_FOUND"
	case StatusConflict:
		return "CONFLICT"
	case StatusUnauthenticated:
		return "UNAUTHENTICATED"
	case StatusPermissionDenied:
		return "PERMISSION_DENIED"
	case StatusUnavailable:
		return "UNAVAILABLE"
	case StatusTimeout:
		return "TIMEOUT"
	case StatusAborted:
		return "ABORTED"
	case StatusSchemaMismatch:
		return "SCHEMA_MISMATCH"
	case StatusUnsupported:
		return "UNSUPPORTED"
	case StatusLimitExceeded:
		return "LIMIT_EXCEEDED"
	case StatusClosed:
		return "CLOSED"
	case StatusOutOfMemory:
		return "OUT_OF_MEMORY"
	case StatusServerError:
		return "SERVER_ERROR"
	case StatusCancelled:
		return "CANCELLED"
	case StatusQueued:
		return "QUEUED"
	}
	return "UNKNOWN"
}

// String is the value's name; unknown for one that this binding does not know.
func (v Order) String() string {
	switch v {
	case OrderNewestFirst:
		return "newest_first"
	case OrderOldestFirst:
		return "oldest_first"
	case OrderNewestIDFirst:
		return "newest_id_first"
	case OrderOldestIDFirst:
		return "oldest_id_first"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v Schema) String() string {
	switch v {
	case SchemaCheck:
		return "check"
	case SchemaIgnore:
		return "ignore"
	case SchemaMigrate:
		return "migrate"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v Pooler) String() string {
	switch v {
	case PoolerDetect:
		return "detect"
	case PoolerNone:
		return "none"
	case PoolerTransaction:
		return "transaction"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v Isolation) String() string {
	switch v {
	case IsolationDefault:
		return "default"
	case IsolationReadCommitted:
		return "read_committed"
	case IsolationRepeatableRead:
		return "repeatable_read"
	case IsolationSerializable:
		return "serializable"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v ReadFrom) String() string {
	switch v {
	case ReadFromPrimary:
		return "primary"
	case ReadFromReplica:
		return "replica"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v Role) String() string {
	switch v {
	case RoleAdmin:
		return "admin"
	case RoleUser:
		return "user"
	case RoleViewer:
		return "viewer"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v AudioFileStatus) String() string {
	switch v {
	case AudioFileUploaded:
		return "uploaded"
	case AudioFileProcessing:
		return "processing"
	case AudioFileReady:
		return "ready"
	case AudioFileError:
		return "error"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v TranscriptionStatus) String() string {
	switch v {
	case TranscriptionPending:
		return "pending"
	case TranscriptionProcessing:
		return "processing"
	case TranscriptionCompleted:
		return "completed"
	case TranscriptionFailed:
		return "failed"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v AnalysisStatus) String() string {
	switch v {
	case AnalysisPending:
		return "pending"
	case AnalysisProcessing:
		return "processing"
	case AnalysisCompleted:
		return "completed"
	case AnalysisFailed:
		return "failed"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v Sentiment) String() string {
	switch v {
	case SentimentPositive:
		return "positive"
	case SentimentNegative:
		return "negative"
	case SentimentNeutral:
		return "neutral"
	case SentimentMixed:
		return "mixed"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v SearchOrder) String() string {
	switch v {
	case SearchRanked:
		return "ranked"
	case SearchNewestFirst:
		return "newest_first"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v ActivityType) String() string {
	switch v {
	case ActivityAudioUpload:
		return "audio_upload"
	case ActivityTranscription:
		return "transcription"
	case ActivityAnalysis:
		return "analysis"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v QueueType) String() string {
	switch v {
	case QueueAudioFiles:
		return "audio_files"
	case QueueTranscriptions:
		return "transcriptions"
	case QueueAnalyses:
		return "analyses"
	}
	return "unknown"
}

// String is the value's name; unknown for one that this binding does not know.
func (v PipelineStatus) String() string {
	switch v {
	case PipelineFailed:
		return "failed"
	case PipelineCompleted:
		return "completed"
	case PipelineAnalysisInProgress:
		return "analysis_in_progress"
	case PipelineTranscriptionCompleted:
		return "transcription_completed"
	case PipelineTranscriptionInProgress:
		return "transcription_in_progress"
	case PipelineAudioReady:
		return "audio_ready"
	case PipelineAudioProcessing:
		return "audio_processing"
	case PipelineUploaded:
		return "uploaded"
	}
	return "unknown"
}

// What errors.Is finds in an error: the status of the call.
const (
	ErrInvalidArgument  = StatusInvalidArgument
	ErrNotFound         = StatusNotFound
	ErrAlreadyExists    = StatusAlreadyExists
	ErrParentNotFound   = StatusParentNotFound
	ErrConflict         = StatusConflict
	ErrUnauthenticated  = StatusUnauthenticated
	ErrPermissionDenied = StatusPermissionDenied
	ErrUnavailable      = StatusUnavailable
	ErrTimeout          = StatusTimeout
	ErrAborted          = StatusAborted
	ErrSchemaMismatch   = StatusSchemaMismatch
	ErrUnsupported      = StatusUnsupported
	ErrLimitExceeded    = StatusLimitExceeded
	ErrClosed           = StatusClosed
	ErrOutOfMemory      = StatusOutOfMemory
	ErrServerError      = StatusServerError
	ErrCancelled        = StatusCancelled
	ErrQueued           = StatusQueued
)
