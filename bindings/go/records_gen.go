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

// A person or a thing that the text names; one element of entities_json. The members text, type, confidence,
// start_ms and end_ms of the JSON object are read when they have the expected type; everything else stays in
// extra_json, and so does a confidence whose digits would change in writing (1, 0.90). So an element read and
// written again is the same. An element that is no object with a text is in extra_json whole, with text NULL.
type Entity struct {
	// as it stands in the transcription, "Elinor Dashwood"
	Text *string
	// such as "person"; may be NULL
	Type *string
	// the other members as a JSON object; NULL: none
	ExtraJSON *string
	// with has_confidence
	Confidence *float64
	// with has_start: where in the audio
	StartMs *int64
	// with has_end
	EndMs *int64
}

func entityFrom(c *C.teleai_entity) *Entity {
	if c == nil {
		return nil
	}
	r := &Entity{}
	r.Text = textFrom(c.text)
	r.Type = textFrom(c._type)
	r.ExtraJSON = textFrom(c.extra_json)
	if c.has_confidence {
		v := float64(c.confidence)
		r.Confidence = &v
	}
	if c.has_start {
		v := int64(c.start_ms)
		r.StartMs = &v
	}
	if c.has_end {
		v := int64(c.end_ms)
		r.EndMs = &v
	}
	return r
}

// What the text is about; one element of topics_json. Members name and score; the rest as in teleai_entity.
type Topic struct {
	// NULL: the element is in extra_json whole
	Name *string
	// the other members as a JSON object; NULL: none
	ExtraJSON *string
	// with has_score
	Score *float64
}

func topicFrom(c *C.teleai_topic) *Topic {
	if c == nil {
		return nil
	}
	r := &Topic{}
	r.Name = textFrom(c.name)
	r.ExtraJSON = textFrom(c.extra_json)
	if c.has_score {
		v := float64(c.score)
		r.Score = &v
	}
	return r
}

// A user. The password's hash never leaves the library.
type User struct {
	ID UUID
	// as it was given; compared without case
	Email       string
	FullName    string
	LastLoginAt *time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
	// TELEAI_ROLE_...
	Role Role
	// inactive users cannot log in and their sessions are refused
	IsActive bool
	// the tenant it belongs to
	TenantID UUID
}

func userFrom(c *C.teleai_user) *User {
	if c == nil {
		return nil
	}
	r := &User{}
	r.ID = uuidFrom(&c.id)
	r.Email = C.GoString(c.email)
	r.FullName = C.GoString(c.full_name)
	if c.has_last_login_at {
		v := timeFrom(c.last_login_at_us)
		r.LastLoginAt = &v
	}
	r.CreatedAt = timeFrom(c.created_at_us)
	r.UpdatedAt = timeFrom(c.updated_at_us)
	r.Role = Role(c.role)
	r.IsActive = bool(c.is_active)
	r.TenantID = uuidFrom(&c.tenant_id)
	return r
}

// A session.
type Session struct {
	ID     UUID
	UserID UUID
	// the secret, 43 characters, or 66 with the tenant before it; only from teleai_session_create(), NULL ever after
	Token *string
	// may be NULL
	IPAddress *string
	// may be NULL
	UserAgent *string
	ExpiresAt time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
}

func sessionFrom(c *C.teleai_session) *Session {
	if c == nil {
		return nil
	}
	r := &Session{}
	r.ID = uuidFrom(&c.id)
	r.UserID = uuidFrom(&c.user_id)
	r.Token = textFrom(c.token)
	r.IPAddress = textFrom(c.ip_address)
	r.UserAgent = textFrom(c.user_agent)
	r.ExpiresAt = timeFrom(c.expires_at_us)
	r.CreatedAt = timeFrom(c.created_at_us)
	r.UpdatedAt = timeFrom(c.updated_at_us)
	return r
}

// An audio file.
type AudioFile struct {
	ID       UUID
	UserID   UUID
	FileName string
	FilePath string
	MimeType string
	// NULL unless it failed
	ErrorMessage *string
	// as the server writes it; "{}" when empty
	MetadataJSON  string
	FileSizeBytes int64
	// kept in hundredths of a second
	DurationMs            *int64
	UploadCompletedAt     *time.Time
	ProcessingStartedAt   *time.Time
	ProcessingCompletedAt *time.Time
	CreatedAt             time.Time
	UpdatedAt             time.Time
	SampleRateHz          *int32
	Channels              *int32
	BitRateBps            *int32
	// TELEAI_AUDIO_FILE_...
	Status AudioFileStatus
}

func audioFileFrom(c *C.teleai_audio_file) *AudioFile {
	if c == nil {
		return nil
	}
	r := &AudioFile{}
	r.ID = uuidFrom(&c.id)
	r.UserID = uuidFrom(&c.user_id)
	r.FileName = C.GoString(c.file_name)
	r.FilePath = C.GoString(c.file_path)
	r.MimeType = C.GoString(c.mime_type)
	r.ErrorMessage = textFrom(c.error_message)
	r.MetadataJSON = C.GoString(c.metadata_json)
	r.FileSizeBytes = int64(c.file_size_bytes)
	if c.has_duration {
		v := int64(c.duration_ms)
		r.DurationMs = &v
	}
	if c.has_upload_completed_at {
		v := timeFrom(c.upload_completed_at_us)
		r.UploadCompletedAt = &v
	}
	if c.has_processing_started_at {
		v := timeFrom(c.processing_started_at_us)
		r.ProcessingStartedAt = &v
	}
	if c.has_processing_completed_at {
		v := timeFrom(c.processing_completed_at_us)
		r.ProcessingCompletedAt = &v
	}
	r.CreatedAt = timeFrom(c.created_at_us)
	r.UpdatedAt = timeFrom(c.updated_at_us)
	if c.has_sample_rate {
		v := int32(c.sample_rate_hz)
		r.SampleRateHz = &v
	}
	if c.has_channels {
		v := int32(c.channels)
		r.Channels = &v
	}
	if c.has_bit_rate {
		v := int32(c.bit_rate_bps)
		r.BitRateBps = &v
	}
	r.Status = AudioFileStatus(c.status)
	return r
}

// A transcription.
type Transcription struct {
	ID          UUID
	AudioFileID UUID
	UserID      UUID
	// "" until it is completed
	Text         string
	LanguageCode string
	Engine       string
	// may be NULL
	EngineVersion *string
	// NULL unless it failed
	ErrorMessage          *string
	MetadataJSON          string
	ProcessingStartedAt   *time.Time
	ProcessingCompletedAt *time.Time
	CreatedAt             time.Time
	UpdatedAt             time.Time
	// 0 to 1, in hundredths
	Confidence           *float64
	WordCount            *int32
	ProcessingDurationMs *int32
	// TELEAI_TRANSCRIPTION_...
	Status TranscriptionStatus
}

func transcriptionFrom(c *C.teleai_transcription) *Transcription {
	if c == nil {
		return nil
	}
	r := &Transcription{}
	r.ID = uuidFrom(&c.id)
	r.AudioFileID = uuidFrom(&c.audio_file_id)
	r.UserID = uuidFrom(&c.user_id)
	r.Text = C.GoStringN(c.text, C.int(c.text_bytes))
	r.LanguageCode = C.GoString(c.language_code)
	r.Engine = C.GoString(c.engine)
	r.EngineVersion = textFrom(c.engine_version)
	r.ErrorMessage = textFrom(c.error_message)
	r.MetadataJSON = C.GoString(c.metadata_json)
	if c.has_processing_started_at {
		v := timeFrom(c.processing_started_at_us)
		r.ProcessingStartedAt = &v
	}
	if c.has_processing_completed_at {
		v := timeFrom(c.processing_completed_at_us)
		r.ProcessingCompletedAt = &v
	}
	r.CreatedAt = timeFrom(c.created_at_us)
	r.UpdatedAt = timeFrom(c.updated_at_us)
	if c.has_confidence {
		v := float64(c.confidence)
		r.Confidence = &v
	}
	if c.has_word_count {
		v := int32(c.word_count)
		r.WordCount = &v
	}
	if c.has_processing_duration {
		v := int32(c.processing_duration_ms)
		r.ProcessingDurationMs = &v
	}
	r.Status = TranscriptionStatus(c.status)
	return r
}

// An analysis. Entities, topics and key phrases are there twice: typed, and as JSON text.
type Analysis struct {
	ID              UUID
	TranscriptionID UUID
	AudioFileID     UUID
	UserID          UUID
	AnalysisType    string
	// may be NULL
	Summary *string
	Engine  string
	// may be NULL
	EngineVersion *string
	// NULL unless it failed
	ErrorMessage *string
	// NULL when the column is NULL; an element may be NULL
	KeyPhrases []string
	// the same as a JSON array of strings, or NULL
	KeyPhrasesJSON *string
	// entity_count of them; none when entities_json is no array
	Entities     []Entity
	EntitiesJSON string
	// topic_count of them; none when topics_json is no array
	Topics                []Topic
	TopicsJSON            string
	InsightsJSON          string
	MetadataJSON          string
	ProcessingStartedAt   *time.Time
	ProcessingCompletedAt *time.Time
	CreatedAt             time.Time
	UpdatedAt             time.Time
	// -1 (negative) to 1 (positive), in hundredths
	SentimentScore *float64
	// TELEAI_SENTIMENT_...; 0: none
	SentimentLabel       Sentiment
	ProcessingDurationMs *int32
	// TELEAI_ANALYSIS_...
	Status AnalysisStatus
}

func analysisFrom(c *C.teleai_analysis) *Analysis {
	if c == nil {
		return nil
	}
	r := &Analysis{}
	r.ID = uuidFrom(&c.id)
	r.TranscriptionID = uuidFrom(&c.transcription_id)
	r.AudioFileID = uuidFrom(&c.audio_file_id)
	r.UserID = uuidFrom(&c.user_id)
	r.AnalysisType = C.GoString(c.analysis_type)
	r.Summary = textFrom(c.summary)
	r.Engine = C.GoString(c.engine)
	r.EngineVersion = textFrom(c.engine_version)
	r.ErrorMessage = textFrom(c.error_message)
	r.KeyPhrases = textsFrom(c.key_phrases, c.key_phrase_count)
	r.KeyPhrasesJSON = textFrom(c.key_phrases_json)
	for i := range unsafe.Slice(c.entities, int(c.entity_count)) {
		r.Entities = append(r.Entities, *entityFrom(&unsafe.Slice(c.entities, int(c.entity_count))[i]))
	}
	r.EntitiesJSON = C.GoString(c.entities_json)
	for i := range unsafe.Slice(c.topics, int(c.topic_count)) {
		r.Topics = append(r.Topics, *topicFrom(&unsafe.Slice(c.topics, int(c.topic_count))[i]))
	}
	r.TopicsJSON = C.GoString(c.topics_json)
	r.InsightsJSON = C.GoString(c.insights_json)
	r.MetadataJSON = C.GoString(c.metadata_json)
	if c.has_processing_started_at {
		v := timeFrom(c.processing_started_at_us)
		r.ProcessingStartedAt = &v
	}
	if c.has_processing_completed_at {
		v := timeFrom(c.processing_completed_at_us)
		r.ProcessingCompletedAt = &v
	}
	r.CreatedAt = timeFrom(c.created_at_us)
	r.UpdatedAt = timeFrom(c.updated_at_us)
	if c.has_sentiment_score {
		v := float64(c.sentiment_score)
		r.SentimentScore = &v
	}
	r.SentimentLabel = Sentiment(c.sentiment_label)
	if c.has_processing_duration {
		v := int32(c.processing_duration_ms)
		r.ProcessingDurationMs = &v
	}
	r.Status = AnalysisStatus(c.status)
	return r
}

// A checked token: the session and whose it is.
type Identity struct {
	Session *Session
	User    *User
}

func identityFrom(c *C.teleai_identity) *Identity {
	if c == nil {
		return nil
	}
	r := &Identity{}
	r.Session = sessionFrom(c.session)
	r.User = userFrom(c.user)
	return r
}

// Where a match lies in a snippet: bytes from start up to, not including, end.
type SearchMark struct {
	Start int32
	End   int32
}

func searchMarkFrom(c *C.teleai_search_mark) *SearchMark {
	if c == nil {
		return nil
	}
	r := &SearchMark{}
	r.Start = int32(c.start)
	r.End = int32(c.end)
	return r
}

// A transcription that was found.
type SearchHit struct {
	TranscriptionID UUID
	AudioFileID     UUID
	UserID          UUID
	// of the audio file
	FileName     string
	LanguageCode string
	Engine       string
	// some words around the matches; 16 and newer show more of long texts
	Snippet string
	// the same with each match between mark_start and mark_end
	SnippetMarked string
	// mark_count of them, where the matches lie in snippet
	Marks      []SearchMark
	CreatedAt  time.Time
	Confidence *float64
	// larger is better; 0 when newest first
	Rank float64
	// TELEAI_TRANSCRIPTION_...
	Status TranscriptionStatus
}

func searchHitFrom(c *C.teleai_search_hit) *SearchHit {
	if c == nil {
		return nil
	}
	r := &SearchHit{}
	r.TranscriptionID = uuidFrom(&c.transcription_id)
	r.AudioFileID = uuidFrom(&c.audio_file_id)
	r.UserID = uuidFrom(&c.user_id)
	r.FileName = C.GoString(c.file_name)
	r.LanguageCode = C.GoString(c.language_code)
	r.Engine = C.GoString(c.engine)
	r.Snippet = C.GoString(c.snippet)
	r.SnippetMarked = C.GoString(c.snippet_marked)
	for i := range unsafe.Slice(c.marks, int(c.mark_count)) {
		r.Marks = append(r.Marks, *searchMarkFrom(&unsafe.Slice(c.marks, int(c.mark_count))[i]))
	}
	r.CreatedAt = timeFrom(c.created_at_us)
	if c.has_confidence {
		v := float64(c.confidence)
		r.Confidence = &v
	}
	r.Rank = float64(c.rank)
	r.Status = TranscriptionStatus(c.status)
	return r
}

// What a search found.
type SearchHits struct {
	Items []*SearchHit
	// for the next page; NULL when this is the last one
	NextCursor *string
	// as the server understood it; "" when it was only stop words, which find nothing
	ParsedQuery string
	// how many match in all, pages before and after included; not counted beyond 1000
	Total int64
	// false: there are more than `total`
	TotalIsExact bool
}

func searchHitsFrom(c *C.teleai_search_hits) *SearchHits {
	if c == nil {
		return nil
	}
	r := &SearchHits{}
	for _, item := range unsafe.Slice(c.items, int(c.count)) {
		r.Items = append(r.Items, searchHitFrom(item))
	}
	r.NextCursor = textFrom(c.next_cursor)
	r.ParsedQuery = C.GoString(c.parsed_query)
	r.Total = int64(c.total)
	r.TotalIsExact = bool(c.total_is_exact)
	return r
}

// What a user has stored.
type UserStats struct {
	UserID              UUID
	Email               string
	FullName            string
	TotalFiles          int64
	TotalTranscriptions int64
	TotalAnalyses       int64
	TotalStorageBytes   int64
	TotalDurationMs     int64
	LastUploadAt        *time.Time
}

func userStatsFrom(c *C.teleai_user_stats) *UserStats {
	if c == nil {
		return nil
	}
	r := &UserStats{}
	r.UserID = uuidFrom(&c.user_id)
	r.Email = C.GoString(c.email)
	r.FullName = C.GoString(c.full_name)
	r.TotalFiles = int64(c.total_files)
	r.TotalTranscriptions = int64(c.total_transcriptions)
	r.TotalAnalyses = int64(c.total_analyses)
	r.TotalStorageBytes = int64(c.total_storage_bytes)
	r.TotalDurationMs = int64(c.total_duration_ms)
	if c.has_last_upload_at {
		v := timeFrom(c.last_upload_at_us)
		r.LastUploadAt = &v
	}
	return r
}

// What was uploaded in a day and became ready; days are UTC, by the time of creation.
type DailyUsage struct {
	// such as "2026-11-23"
	Date string
	// its first moment, 00:00 UTC
	Day                time.Time
	ActiveUsers        int64
	TotalUploads       int64
	TotalBytesUploaded int64
	TotalAudioMs       int64
	// mean duration of the files whose duration is known; 0 when none is
	AvgAudioMs int64
}

func dailyUsageFrom(c *C.teleai_daily_usage) *DailyUsage {
	if c == nil {
		return nil
	}
	r := &DailyUsage{}
	r.Date = C.GoString(c.date)
	r.Day = timeFrom(c.day_us)
	r.ActiveUsers = int64(c.active_users)
	r.TotalUploads = int64(c.total_uploads)
	r.TotalBytesUploaded = int64(c.total_bytes_uploaded)
	r.TotalAudioMs = int64(c.total_audio_ms)
	r.AvgAudioMs = int64(c.avg_audio_ms)
	return r
}

// One thing a user did.
type Activity struct {
	UserID UUID
	// of the audio file, transcription or analysis
	ResourceID UUID
	Email      string
	FullName   string
	// file name, or type of the analysis
	ResourceName string
	ActivityAt   time.Time
	// TELEAI_ACTIVITY_...
	ActivityType ActivityType
}

func activityFrom(c *C.teleai_activity) *Activity {
	if c == nil {
		return nil
	}
	r := &Activity{}
	r.UserID = uuidFrom(&c.user_id)
	r.ResourceID = uuidFrom(&c.resource_id)
	r.Email = C.GoString(c.email)
	r.FullName = C.GoString(c.full_name)
	r.ResourceName = C.GoString(c.resource_name)
	r.ActivityAt = timeFrom(c.activity_at_us)
	r.ActivityType = ActivityType(c.activity_type)
	return r
}

// How many rows of a kind are in a status.
type QueueStatus struct {
	// such as "pending"
	StatusName string
	Count      int64
	OldestItem time.Time
	NewestItem time.Time
	// TELEAI_QUEUE_...
	QueueType QueueType
	// TELEAI_AUDIO_FILE_..., TELEAI_TRANSCRIPTION_... or TELEAI_ANALYSIS_... of that kind
	Status int32
}

func queueStatusFrom(c *C.teleai_queue_status) *QueueStatus {
	if c == nil {
		return nil
	}
	r := &QueueStatus{}
	r.StatusName = C.GoString(c.status_name)
	r.Count = int64(c.count)
	r.OldestItem = timeFrom(c.oldest_item_us)
	r.NewestItem = timeFrom(c.newest_item_us)
	r.QueueType = QueueType(c.queue_type)
	r.Status = int32(c.status)
	return r
}

// An audio file with one transcription and one analysis of it, where there are any.
type Pipeline struct {
	AudioFileID UUID
	UserID      UUID
	// with has_transcription
	TranscriptionID *UUID
	// with has_analysis
	AnalysisID *UUID
	FileName   string
	// NULL without an analysis
	AnalysisType           *string
	AudioUploadedAt        time.Time
	TranscriptionCreatedAt time.Time
	AnalysisCreatedAt      time.Time
	// TELEAI_AUDIO_FILE_...
	AudioStatus AudioFileStatus
	// TELEAI_TRANSCRIPTION_...
	TranscriptionStatus TranscriptionStatus
	// TELEAI_ANALYSIS_...
	AnalysisStatus AnalysisStatus
	// TELEAI_PIPELINE_...
	PipelineStatus PipelineStatus
}

func pipelineFrom(c *C.teleai_pipeline) *Pipeline {
	if c == nil {
		return nil
	}
	r := &Pipeline{}
	r.AudioFileID = uuidFrom(&c.audio_file_id)
	r.UserID = uuidFrom(&c.user_id)
	if c.has_transcription {
		v := uuidFrom(&c.transcription_id)
		r.TranscriptionID = &v
	}
	if c.has_analysis {
		v := uuidFrom(&c.analysis_id)
		r.AnalysisID = &v
	}
	r.FileName = C.GoString(c.file_name)
	r.AnalysisType = textFrom(c.analysis_type)
	r.AudioUploadedAt = timeFrom(c.audio_uploaded_at_us)
	r.TranscriptionCreatedAt = timeFrom(c.transcription_created_at_us)
	r.AnalysisCreatedAt = timeFrom(c.analysis_created_at_us)
	r.AudioStatus = AudioFileStatus(c.audio_status)
	r.TranscriptionStatus = TranscriptionStatus(c.transcription_status)
	r.AnalysisStatus = AnalysisStatus(c.analysis_status)
	r.PipelineStatus = PipelineStatus(c.pipeline_status)
	return r
}

// Counters of a client's connection pool; all since opening except where it says now.
type PoolStats struct {
	// the limit
	MaxConnections int32
	// now, in use or idle
	OpenConnections int32
	// now
	IdleConnections int32
	// now, for a connection
	WaitingCalls int32
	// connections handed to a call
	Acquired int64
	// of these, how often the call had to wait
	Waited int64
	// time all calls waited together
	WaitTotalUs int64
	// calls that gave up waiting
	TimedOut int64
	// connections opened
	Opened int64
	// attempts to connect that failed
	OpenFailures int64
	// connections closed because they broke
	Discarded int64
	// statements sent to the server for calls
	StatementsRun int64
	// of these, how many had to be prepared first
	StatementsPrepared int64
	// calls that waited and were answered together with another, on its connection
	Rode int64
	// sound connections closed: rested or lived too long, too many after a resize
	Retired int64
	// a transaction pooler was found in between, or options.pooler says so: the session that a call has at the server
	// is another one's next
	BehindPooler bool
}

func poolStatsFrom(c *C.teleai_pool_stats) *PoolStats {
	if c == nil {
		return nil
	}
	r := &PoolStats{}
	r.MaxConnections = int32(c.max_connections)
	r.OpenConnections = int32(c.open_connections)
	r.IdleConnections = int32(c.idle_connections)
	r.WaitingCalls = int32(c.waiting_calls)
	r.Acquired = int64(c.acquired)
	r.Waited = int64(c.waited)
	r.WaitTotalUs = int64(c.wait_total_us)
	r.TimedOut = int64(c.timed_out)
	r.Opened = int64(c.opened)
	r.OpenFailures = int64(c.open_failures)
	r.Discarded = int64(c.discarded)
	r.StatementsRun = int64(c.statements_run)
	r.StatementsPrepared = int64(c.statements_prepared)
	r.Rode = int64(c.rode)
	r.Retired = int64(c.retired)
	r.BehindPooler = bool(c.behind_pooler)
	return r
}

func usersFrom(c *C.teleai_users) *List[User] {
	list := &List[User]{}
	for _, item := range unsafe.Slice(c.items, int(c.count)) {
		list.Items = append(list.Items, userFrom(item))
	}
	list.NextCursor = textFrom(c.next_cursor)
	return list
}

func sessionsFrom(c *C.teleai_sessions) *List[Session] {
	list := &List[Session]{}
	for _, item := range unsafe.Slice(c.items, int(c.count)) {
		list.Items = append(list.Items, sessionFrom(item))
	}
	list.NextCursor = textFrom(c.next_cursor)
	return list
}

func audioFilesFrom(c *C.teleai_audio_files) *List[AudioFile] {
	list := &List[AudioFile]{}
	for _, item := range unsafe.Slice(c.items, int(c.count)) {
		list.Items = append(list.Items, audioFileFrom(item))
	}
	list.NextCursor = textFrom(c.next_cursor)
	return list
}

func transcriptionsFrom(c *C.teleai_transcriptions) *List[Transcription] {
	list := &List[Transcription]{}
	for _, item := range unsafe.Slice(c.items, int(c.count)) {
		list.Items = append(list.Items, transcriptionFrom(item))
	}
	list.NextCursor = textFrom(c.next_cursor)
	return list
}

func analysesFrom(c *C.teleai_analyses) *List[Analysis] {
	list := &List[Analysis]{}
	for _, item := range unsafe.Slice(c.items, int(c.count)) {
		list.Items = append(list.Items, analysisFrom(item))
	}
	list.NextCursor = textFrom(c.next_cursor)
	return list
}

func usersStatsFrom(c *C.teleai_users_stats) *List[UserStats] {
	list := &List[UserStats]{}
	for _, item := range unsafe.Slice(c.items, int(c.count)) {
		list.Items = append(list.Items, userStatsFrom(item))
	}
	list.NextCursor = textFrom(c.next_cursor)
	return list
}

func dailyUsagesFrom(c *C.teleai_daily_usages) *List[DailyUsage] {
	list := &List[DailyUsage]{}
	for _, item := range unsafe.Slice(c.items, int(c.count)) {
		list.Items = append(list.Items, dailyUsageFrom(item))
	}
	return list
}

func activitiesFrom(c *C.teleai_activities) *List[Activity] {
	list := &List[Activity]{}
	for _, item := range unsafe.Slice(c.items, int(c.count)) {
		list.Items = append(list.Items, activityFrom(item))
	}
	list.NextCursor = textFrom(c.next_cursor)
	return list
}

func queueStatusesFrom(c *C.teleai_queue_statuses) *List[QueueStatus] {
	list := &List[QueueStatus]{}
	for _, item := range unsafe.Slice(c.items, int(c.count)) {
		list.Items = append(list.Items, queueStatusFrom(item))
	}
	return list
}

func pipelinesFrom(c *C.teleai_pipelines) *List[Pipeline] {
	list := &List[Pipeline]{}
	for _, item := range unsafe.Slice(c.items, int(c.count)) {
		list.Items = append(list.Items, pipelineFrom(item))
	}
	list.NextCursor = textFrom(c.next_cursor)
	return list
}
