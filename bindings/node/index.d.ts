// Generated from bindings/teleai-api.json by bindings/node/generate.py. Do not edit.

/** Microseconds since 1970-01-01 UTC; the first and last bigint of 64 bits are PostgreSQL's infinities. */
export type Microseconds = bigint;

export type Status = 'OK' | 'INVALID_ARGUMENT' | 'NOT_FOUND' | 'ALREADY_EXISTS' | 'PARENT_NOT_FOUND' | 'CONFLICT' | 'UNAUTHENTICATED' | 'PERMISSION_DENIED' | 'UNAVAILABLE' | 'TIMEOUT' | 'ABORTED' | 'SCHEMA_MISMATCH' | 'UNSUPPORTED' | 'LIMIT_EXCEEDED' | 'CLOSED' | 'OUT_OF_MEMORY' | 'SERVER_ERROR' | 'CANCELLED' | 'QUEUED';

/** Orders of a list. The first two are by created_at in the default tenant, and for the rows of one user anywhere. Of any other tenant as a whole they are by id, which is the same for ids that this library makes (UUIDv7): a page then costs what it shows, however many tenants there are. Rows with other ids of your own come in no order of time there. The last two are by id everywhere, and make ranges of times (created_from_us, created_until_us) ranges of ids as well, an hour wider for clocks that differ: the fastest, and only for rows whose ids are UUIDv7 made when the row was; rows with other ids (of older tooling, of a recorder that was offline for a day) may be missed by such a range. Lists of statistics have the first two, by the times they show. */
export type Order = 'newest_first' | 'oldest_first' | 'newest_id_first' | 'oldest_id_first';

/** What to do at opening about the version of the database's schema. */
export type Schema = 'check' | 'ignore' | 'migrate';

/** What stands between the client and the server. */
export type Pooler = 'detect' | 'none' | 'transaction';

/** How far a transaction is kept apart from others (PostgreSQL, SET TRANSACTION). */
export type Isolation = 'default' | 'read_committed' | 'repeatable_read' | 'serializable';

/** Where the reads of a scope go. */
export type ReadFrom = 'primary' | 'replica';

/** What a user may do; see teleai_user_check_permission(). */
export type Role = 'admin' | 'user' | 'viewer';

/** How far an audio file is. uploaded -> processing -> ready, or error; from error it may be started again. */
export type AudioFileStatus = 'uploaded' | 'processing' | 'ready' | 'error';

/** How far a transcription is. pending -> processing -> completed, or failed; from failed it may be started again. */
export type TranscriptionStatus = 'pending' | 'processing' | 'completed' | 'failed';

/** How far an analysis is. pending -> processing -> completed, or failed; from failed it may be started again. */
export type AnalysisStatus = 'pending' | 'processing' | 'completed' | 'failed';

export type Sentiment = 'positive' | 'negative' | 'neutral' | 'mixed';

export type SearchOrder = 'ranked' | 'newest_first';

export type ActivityType = 'audio_upload' | 'transcription' | 'analysis';

export type QueueType = 'audio_files' | 'transcriptions' | 'analyses';

/** How far a file is with one of its transcriptions and one of that one's analyses, the first that holds. */
export type PipelineStatus = 'failed' | 'completed' | 'analysis_in_progress' | 'transcription_completed' | 'transcription_in_progress' | 'audio_ready' | 'audio_processing' | 'uploaded';

/** A person or a thing that the text names; one element of entities_json. The members text, type, confidence, start_ms and end_ms of the JSON object are read when they have the expected type; everything else stays in extra_json, and so does a confidence whose digits would change in writing (1, 0.90). So an element read and written again is the same. An element that is no object with a text is in extra_json whole, with text NULL. */
export interface Entity {
  /** as it stands in the transcription, "Elinor Dashwood" */
  text?: string | null;
  /** such as "person"; may be NULL */
  type?: string | null;
  /** the other members as a JSON object; NULL: none */
  extraJson?: string | null;
  /** with has_confidence */
  confidence?: number | null;
  /** with has_start: where in the audio */
  startMs?: number | null;
  /** with has_end */
  endMs?: number | null;
}

/** What the text is about; one element of topics_json. Members name and score; the rest as in teleai_entity. */
export interface Topic {
  /** NULL: the element is in extra_json whole */
  name?: string | null;
  /** the other members as a JSON object; NULL: none */
  extraJson?: string | null;
  /** with has_score */
  score?: number | null;
}

/** A user. The password's hash never leaves the library. */
export interface User {
  readonly id: string;
  /** as it was given; compared without case */
  readonly email: string;
  readonly fullName: string;
  readonly lastLoginAtUs: bigint | null;
  readonly createdAtUs: bigint;
  readonly updatedAtUs: bigint;
  /** TELEAI_ROLE_... */
  readonly role: Role | null;
  /** inactive users cannot log in and their sessions are refused */
  readonly isActive: boolean;
  /** the tenant it belongs to */
  readonly tenantId: string;
}

/** A session. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  /** the secret, 43 characters, or 66 with the tenant before it; only from teleai_session_create(), NULL ever after */
  readonly token: string | null;
  /** may be NULL */
  readonly ipAddress: string | null;
  /** may be NULL */
  readonly userAgent: string | null;
  readonly expiresAtUs: bigint;
  readonly createdAtUs: bigint;
  readonly updatedAtUs: bigint;
}

/** An audio file. */
export interface AudioFile {
  readonly id: string;
  readonly userId: string;
  readonly fileName: string;
  readonly filePath: string;
  readonly mimeType: string;
  /** NULL unless it failed */
  readonly errorMessage: string | null;
  /** as the server writes it; "{}" when empty */
  readonly metadataJson: string;
  readonly fileSizeBytes: number;
  /** kept in hundredths of a second */
  readonly durationMs: number | null;
  readonly uploadCompletedAtUs: bigint | null;
  readonly processingStartedAtUs: bigint | null;
  readonly processingCompletedAtUs: bigint | null;
  readonly createdAtUs: bigint;
  readonly updatedAtUs: bigint;
  readonly sampleRateHz: number | null;
  readonly channels: number | null;
  readonly bitRateBps: number | null;
  /** TELEAI_AUDIO_FILE_... */
  readonly status: AudioFileStatus | null;
}

/** A transcription. */
export interface Transcription {
  readonly id: string;
  readonly audioFileId: string;
  readonly userId: string;
  /** "" until it is completed */
  readonly text: string;
  readonly languageCode: string;
  readonly engine: string;
  /** may be NULL */
  readonly engineVersion: string | null;
  /** NULL unless it failed */
  readonly errorMessage: string | null;
  readonly metadataJson: string;
  readonly processingStartedAtUs: bigint | null;
  readonly processingCompletedAtUs: bigint | null;
  readonly createdAtUs: bigint;
  readonly updatedAtUs: bigint;
  /** 0 to 1, in hundredths */
  readonly confidence: number | null;
  readonly wordCount: number | null;
  readonly processingDurationMs: number | null;
  /** TELEAI_TRANSCRIPTION_... */
  readonly status: TranscriptionStatus | null;
}

/** An analysis. Entities, topics and key phrases are there twice: typed, and as JSON text. */
export interface Analysis {
  readonly id: string;
  readonly transcriptionId: string;
  readonly audioFileId: string;
  readonly userId: string;
  readonly analysisType: string;
  /** may be NULL */
  readonly summary: string | null;
  readonly engine: string;
  /** may be NULL */
  readonly engineVersion: string | null;
  /** NULL unless it failed */
  readonly errorMessage: string | null;
  /** NULL when the column is NULL; an element may be NULL */
  readonly keyPhrases: string[] | null;
  /** the same as a JSON array of strings, or NULL */
  readonly keyPhrasesJson: string | null;
  /** entity_count of them; none when entities_json is no array */
  readonly entities: Entity[];
  readonly entitiesJson: string;
  /** topic_count of them; none when topics_json is no array */
  readonly topics: Topic[];
  readonly topicsJson: string;
  readonly insightsJson: string;
  readonly metadataJson: string;
  readonly processingStartedAtUs: bigint | null;
  readonly processingCompletedAtUs: bigint | null;
  readonly createdAtUs: bigint;
  readonly updatedAtUs: bigint;
  /** -1 (negative) to 1 (positive), in hundredths */
  readonly sentimentScore: number | null;
  /** TELEAI_SENTIMENT_...; 0: none */
  readonly sentimentLabel: Sentiment | null;
  readonly processingDurationMs: number | null;
  /** TELEAI_ANALYSIS_... */
  readonly status: AnalysisStatus | null;
}

/** A checked token: the session and whose it is. */
export interface Identity {
  readonly session: Session;
  readonly user: User;
}

/** Where a match lies in a snippet: bytes from start up to, not including, end. */
export interface SearchMark {
  readonly start: number;
  readonly end: number;
}

/** A transcription that was found. */
export interface SearchHit {
  readonly transcriptionId: string;
  readonly audioFileId: string;
  readonly userId: string;
  /** of the audio file */
  readonly fileName: string;
  readonly languageCode: string;
  readonly engine: string;
  /** some words around the matches; 16 and newer show more of long texts */
  readonly snippet: string;
  /** the same with each match between mark_start and mark_end */
  readonly snippetMarked: string;
  /** mark_count of them, where the matches lie in snippet */
  readonly marks: SearchMark[];
  readonly createdAtUs: bigint;
  readonly confidence: number | null;
  /** larger is better; 0 when newest first */
  readonly rank: number;
  /** TELEAI_TRANSCRIPTION_... */
  readonly status: TranscriptionStatus | null;
}

/** What a search found. */
export interface SearchHits {
  readonly items: SearchHit[];
  /** for the next page; NULL when this is the last one */
  readonly nextCursor: string | null;
  /** as the server understood it; "" when it was only stop words, which find nothing */
  readonly parsedQuery: string;
  /** how many match in all, pages before and after included; not counted beyond 1000 */
  readonly total: number;
  /** false: there are more than `total` */
  readonly totalIsExact: boolean;
}

/** What a user has stored. */
export interface UserStats {
  readonly userId: string;
  readonly email: string;
  readonly fullName: string;
  readonly totalFiles: number;
  readonly totalTranscriptions: number;
  readonly totalAnalyses: number;
  readonly totalStorageBytes: number;
  readonly totalDurationMs: number;
  readonly lastUploadAtUs: bigint | null;
}

/** What was uploaded in a day and became ready; days are UTC, by the time of creation. */
export interface DailyUsage {
  /** such as "2026-11-23" */
  readonly date: string;
  /** its first moment, 00:00 UTC */
  readonly dayUs: bigint;
  readonly activeUsers: number;
  readonly totalUploads: number;
  readonly totalBytesUploaded: number;
  readonly totalAudioMs: number;
  /** mean duration of the files whose duration is known; 0 when none is */
  readonly avgAudioMs: number;
}

/** One thing a user did. */
export interface Activity {
  readonly userId: string;
  /** of the audio file, transcription or analysis */
  readonly resourceId: string;
  readonly email: string;
  readonly fullName: string;
  /** file name, or type of the analysis */
  readonly resourceName: string;
  readonly activityAtUs: bigint;
  /** TELEAI_ACTIVITY_... */
  readonly activityType: ActivityType | null;
}

/** How many rows of a kind are in a status. */
export interface QueueStatus {
  /** such as "pending" */
  readonly statusName: string;
  readonly count: number;
  readonly oldestItemUs: bigint;
  readonly newestItemUs: bigint;
  /** TELEAI_QUEUE_... */
  readonly queueType: QueueType | null;
  /** TELEAI_AUDIO_FILE_..., TELEAI_TRANSCRIPTION_... or TELEAI_ANALYSIS_... of that kind */
  readonly status: number;
}

/** An audio file with one transcription and one analysis of it, where there are any. */
export interface Pipeline {
  readonly audioFileId: string;
  readonly userId: string;
  /** with has_transcription */
  readonly transcriptionId: string | null;
  /** with has_analysis */
  readonly analysisId: string | null;
  readonly fileName: string;
  /** NULL without an analysis */
  readonly analysisType: string | null;
  readonly audioUploadedAtUs: bigint;
  readonly transcriptionCreatedAtUs: bigint;
  readonly analysisCreatedAtUs: bigint;
  /** TELEAI_AUDIO_FILE_... */
  readonly audioStatus: AudioFileStatus | null;
  /** TELEAI_TRANSCRIPTION_... */
  readonly transcriptionStatus: TranscriptionStatus | null;
  /** TELEAI_ANALYSIS_... */
  readonly analysisStatus: AnalysisStatus | null;
  /** TELEAI_PIPELINE_... */
  readonly pipelineStatus: PipelineStatus | null;
}

/** Counters of a client's connection pool; all since opening except where it says now. */
export interface PoolStats {
  /** the limit */
  readonly maxConnections: number;
  /** now, in use or idle */
  readonly openConnections: number;
  /** now */
  readonly idleConnections: number;
  /** now, for a connection */
  readonly waitingCalls: number;
  /** connections handed to a call */
  readonly acquired: number;
  /** of these, how often the call had to wait */
  readonly waited: number;
  /** time all calls waited together */
  readonly waitTotalUs: number;
  /** calls that gave up waiting */
  readonly timedOut: number;
  /** connections opened */
  readonly opened: number;
  /** attempts to connect that failed */
  readonly openFailures: number;
  /** connections closed because they broke */
  readonly discarded: number;
  /** statements sent to the server for calls */
  readonly statementsRun: number;
  /** of these, how many had to be prepared first */
  readonly statementsPrepared: number;
  /** calls that waited and were answered together with another, on its connection */
  readonly rode: number;
  /** sound connections closed: rested or lived too long, too many after a resize */
  readonly retired: number;
  /** a transaction pooler was found in between, or options.pooler says so: the session that a call has at the server is another one's next */
  readonly behindPooler: boolean;
}

/** A list of users. */
export interface Users {
  readonly items: User[];
  /** for the next page; NULL when this is the last one */
  readonly nextCursor: string | null;
}

/** A list of sessions. */
export interface Sessions {
  readonly items: Session[];
  /** for the next page; NULL when this is the last one */
  readonly nextCursor: string | null;
}

/** A list of audio files. */
export interface AudioFiles {
  readonly items: AudioFile[];
  /** for the next page; NULL when this is the last one */
  readonly nextCursor: string | null;
}

/** A list of transcriptions. */
export interface Transcriptions {
  readonly items: Transcription[];
  /** for the next page; NULL when this is the last one */
  readonly nextCursor: string | null;
}

/** A list of analyses. */
export interface Analyses {
  readonly items: Analysis[];
  /** for the next page; NULL when this is the last one */
  readonly nextCursor: string | null;
}

/** A list of users' statistics. */
export interface UsersStats {
  readonly items: UserStats[];
  /** for the next page; NULL when this is the last one */
  readonly nextCursor: string | null;
}

/** Days, earliest first. Days without uploads are not listed. */
export interface DailyUsages {
  readonly items: DailyUsage[];
}

/** A feed of activities, latest first. */
export interface Activities {
  readonly items: Activity[];
  /** for the next page; NULL when this is the last one */
  readonly nextCursor: string | null;
}

/** All kinds and statuses that have rows. */
export interface QueueStatuses {
  readonly items: QueueStatus[];
}

/** A list of these, by the time of the upload. */
export interface Pipelines {
  readonly items: Pipeline[];
  /** for the next page; NULL when this is the last one */
  readonly nextCursor: string | null;
}

/** How to open a client. NULL or all zero gives the defaults named here. */
export interface Options {
  /** shown in pg_stat_activity; default "teleai" */
  applicationName?: string | null;
  /** connections at most, opened as needed; default 8 */
  maxConnections?: number | null;
  /** this many are not closed for resting; default 0 */
  minConnections?: number | null;
  /** calls that may wait for a connection, more fail at once; default 1000 */
  maxWaiting?: number | null;
  /** one that rests longer is closed, or replaced when it is used; default 600000 (10 minutes), -1: never */
  idleTimeoutMs?: number | null;
  /** one that is older is replaced; default 1800000 (30 minutes), -1: never; each ends up to a tenth earlier, so that not all do at once */
  maxLifetimeMs?: number | null;
  /** longest a call may take, waiting for a connection included; default 30000. Then the server is told to stop, and has a moment to answer to that: one that does not costs up to a second more. teleai_open() makes several calls: it connects, and looks at the schema, and at row security where that is required */
  timeoutMs?: number | null;
  /** TELEAI_SCHEMA_... */
  schema?: Schema | null;
  /** memory of the password hash; default 65536, at least 19456 (OWASP's floor) */
  passwordMemoryKib?: number | null;
  /** passes of the password hash; default 2, at least 2 */
  passwordPasses?: number | null;
  /** TELEAI_POOLER_... */
  pooler?: Pooler | null;
  /** connection string of a replica, for scopes that read from there; it gets as many connections of its own */
  replicaConnection?: string | null;
  /** calls that take longer are kept for teleai_slow_calls_list(); 0: none */
  slowCallMs?: number | null;
  /** count for teleai_metrics_text() */
  metrics?: boolean | null;
  /** refuse to open unless the server itself keeps this role to one tenant at a time; see teleai_row_security_enable() */
  requireRowSecurity?: boolean | null;
  /** whose rows the calls are about, outside of scopes that say otherwise; NULL: the default tenant's */
  tenantId?: string | null;
}

/**
 * What holds for every call in a scope. Zero means: as outside of it.
 *
 * The tenant is in every statement: its rows are found, listed, counted and changed, and no others. Actor and trace become settings of the one transaction that a call is (teleai.actor_id, application_name), sent in front of its statement in the same round trip: triggers and pg_stat_activity see them, the next user of the connection never does. So does the tenant (teleai.tenant_id) where something is sent in front anyway, and always under row security.
 */
export interface ScopeOptions {
  /** longest a call in this scope may take */
  timeoutMs?: number | null;
  /** and longest for all of them together, from now on: a request's deadline */
  totalMs?: number | null;
  /** the user who acts */
  actorId?: string | null;
  /** whose rows the calls are about; see tenant.h */
  tenantId?: string | null;
  /** W3C Trace Context, "00-<32 hex>-<16 hex>-<2 hex>"; becomes the application name */
  traceparent?: string | null;
  /** TELEAI_READ_FROM_...; the replica needs teleai_options.replica_connection */
  readFrom?: ReadFrom | null;
  /** how far the replica may be behind; 0: 1000 */
  maxLagMs?: number | null;
}

/** How to begin a transaction. NULL or all zero gives the server's defaults. */
export interface TransactionOptions {
  /** TELEAI_ISOLATION_... */
  isolation?: Isolation | null;
  /** writes fail; lets the server skip some work */
  readOnly?: boolean | null;
}

/** Which part of a list to return; NULL means the first 50, newest first. Pages are found by key, not by counting, so they cost the same at any depth and stay put while rows are added or removed: nothing is shown twice, nothing is skipped. To go on, pass the list's next_cursor with the same filter and order. */
export interface Page {
  /** next_cursor of the page before; NULL for the first page */
  cursor?: string | null;
  /** rows at most, 1 to 10000; 0 means 50 */
  limit?: number | null;
  /** TELEAI_ORDER_... */
  order?: Order | null;
}

/** Options of every update; NULL means none. */
export interface UpdateOptions {
  /** updated_at_us of the record you read, else CONFLICT; 0: do not ask */
  ifUnchangedSinceUs?: bigint | Date | null;
  /** send it again when the connection is lost before the answer, even though that may undo what somebody else has set in between; not together with if_unchanged_since_us */
  repeatIfLost?: boolean | null;
}

/** How and where to search; NULL or all zero means: ranked, in everything that is completed, the first 20. */
export interface SearchOptions {
  /** only transcriptions of this user */
  userId?: string | null;
  languageCode?: string | null;
  engine?: string | null;
  /** next_cursor of the page before, for the same query and options */
  cursor?: string | null;
  /** put before each match in snippet_marked; NULL: "[" */
  markStart?: string | null;
  /** put after each match; NULL: "]" */
  markEnd?: string | null;
  /** created at or after; 0: any */
  createdFromUs?: bigint | Date | null;
  /** created before; 0: any */
  createdUntilUs?: bigint | Date | null;
  /** with has_min_confidence; 0 to 1 */
  minConfidence?: number | null;
  /** TELEAI_TRANSCRIPTION_...; 0: completed */
  status?: TranscriptionStatus | null;
  /** TELEAI_SEARCH_... */
  order?: SearchOrder | null;
  /** hits at most, 1 to 1000; 0 means 20 */
  limit?: number | null;
}

/** Which; absent fields do not restrict. */
export interface PipelineFilter {
  /** files of this user */
  userId?: string | null;
  /** TELEAI_PIPELINE_...; 0: any */
  pipelineStatus?: PipelineStatus | null;
  /** only those that are not completed */
  unfinished?: boolean | null;
}

/** What a user is made from or changed to. */
export interface UserInput {
  /** NULL: a new UUIDv7; not changed by an update */
  id?: string | null;
  /** required; name@domain.tld, at most 255 characters; unique without regard to case */
  email?: string;
  /** required; 1 to 255 characters */
  fullName?: string;
  /** 8 characters to 1024 bytes, no control characters; NULL: cannot log in with a password. Stored as an Argon2id hash of what RFC 8265 makes of it: letters composed, all spaces alike */
  password?: string | null;
  /** TELEAI_ROLE_...; 0: user */
  role?: Role | null;
  /** with has_is_active; otherwise active */
  isActive?: boolean | null;
}

/** Which users; absent fields do not restrict. */
export interface UserFilter {
  /** created at or after; 0: any */
  createdFromUs?: bigint | Date | null;
  /** created before; 0: any */
  createdUntilUs?: bigint | Date | null;
  /** TELEAI_ROLE_...; 0: any */
  role?: Role | null;
  /** with has_is_active */
  isActive?: boolean | null;
  /** with this id or a higher one, compared byte by byte; best in an order by id */
  idFrom?: string | null;
  /** with a lower id than this */
  idUntil?: string | null;
}

/** What a session is made from or changed to. */
export interface SessionInput {
  /** NULL: a new UUIDv7; not changed by an update */
  id?: string | null;
  /** required; not changed by an update */
  userId?: string;
  /** IPv4 or IPv6, with or without /prefix */
  ipAddress?: string | null;
  userAgent?: string | null;
  /** when it ends, in the future; 0: 8 hours from now */
  expiresAtUs?: bigint | Date | null;
}

/** Which sessions; absent fields do not restrict. */
export interface SessionFilter {
  /** of this user */
  userId?: string | null;
  /** created at or after; 0: any */
  createdFromUs?: bigint | Date | null;
  /** created before; 0: any */
  createdUntilUs?: bigint | Date | null;
  /** otherwise only those that have not expired */
  includeExpired?: boolean | null;
  /** with this id or a higher one, compared byte by byte; best in an order by id */
  idFrom?: string | null;
  /** with a lower id than this */
  idUntil?: string | null;
}

/** What an audio file is made from or changed to. */
export interface AudioFileInput {
  /** NULL: a new UUIDv7; not changed by an update */
  id?: string | null;
  /** required; not changed by an update */
  userId?: string;
  /** required; 1 to 500 characters */
  fileName?: string;
  /** required; path or URL */
  filePath?: string;
  /** required; audio/mpeg, audio/wav, audio/ogg, audio/webm, audio/aac or audio/flac; the usual other names, such as audio/x-wav, are stored as these, without parameters */
  mimeType?: string;
  errorMessage?: string | null;
  /** a JSON object; NULL: {} */
  metadataJson?: string | null;
  /** required; 1 to 2^53 - 1, which JSON and all languages hold to the byte */
  fileSizeBytes?: number;
  /** with has_duration; 5 to 99999999990, rounded to hundredths of a second */
  durationMs?: number | null;
  uploadCompletedAtUs?: bigint | Date | null;
  processingStartedAtUs?: bigint | Date | null;
  processingCompletedAtUs?: bigint | Date | null;
  /** with has_sample_rate; more than 0 */
  sampleRateHz?: number | null;
  /** with has_channels; more than 0 */
  channels?: number | null;
  /** with has_bit_rate; more than 0 */
  bitRateBps?: number | null;
  /** TELEAI_AUDIO_FILE_...; 0: uploaded. At creation only: see start, complete, fail */
  status?: AudioFileStatus | null;
}

/** Which audio files; absent fields do not restrict. */
export interface AudioFileFilter {
  /** of this user */
  userId?: string | null;
  mimeType?: string | null;
  /** metadata that contains this JSON object (PostgreSQL's @>) */
  metadataContainsJson?: string | null;
  /** created at or after; 0: any */
  createdFromUs?: bigint | Date | null;
  /** created before; 0: any */
  createdUntilUs?: bigint | Date | null;
  /** TELEAI_AUDIO_FILE_...; 0: any */
  status?: AudioFileStatus | null;
  /** with this id or a higher one, compared byte by byte; best in an order by id */
  idFrom?: string | null;
  /** with a lower id than this */
  idUntil?: string | null;
  /** with this name, whatever its case; without user_id all rows of the tenant are read */
  fileName?: string | null;
  /** with this path, letter by letter; likewise */
  filePath?: string | null;
}

/** What a transcription is made from, changed to or completed with. */
export interface TranscriptionInput {
  /** NULL: a new UUIDv7; not changed by an update */
  id?: string | null;
  /** required; not changed by an update */
  audioFileId?: string;
  /** required; not changed by an update */
  userId?: string;
  /** NULL: "" while it is not completed */
  text?: string | null;
  /** required; such as en or pt-BR (BCP 47), at most 10 characters */
  languageCode?: string;
  /** required; 1 to 50 characters */
  engine?: string;
  /** at most 20 characters */
  engineVersion?: string | null;
  errorMessage?: string | null;
  /** a JSON object; NULL: {} */
  metadataJson?: string | null;
  processingStartedAtUs?: bigint | Date | null;
  processingCompletedAtUs?: bigint | Date | null;
  /** with has_confidence; 0 to 1, rounded to hundredths */
  confidence?: number | null;
  /** with has_word_count; otherwise the words between white space in text are counted */
  wordCount?: number | null;
  /** with has_processing_duration; more than 0 */
  processingDurationMs?: number | null;
  /** TELEAI_TRANSCRIPTION_...; 0: pending. At creation only: see start, complete, fail */
  status?: TranscriptionStatus | null;
}

/** Which transcriptions; absent fields do not restrict. */
export interface TranscriptionFilter {
  /** of this user */
  userId?: string | null;
  /** of this audio file */
  audioFileId?: string | null;
  languageCode?: string | null;
  engine?: string | null;
  /** metadata that contains this JSON object (PostgreSQL's @>) */
  metadataContainsJson?: string | null;
  /** created at or after; 0: any */
  createdFromUs?: bigint | Date | null;
  /** created before; 0: any */
  createdUntilUs?: bigint | Date | null;
  /** with has_min_confidence; 0 to 1 */
  minConfidence?: number | null;
  /** TELEAI_TRANSCRIPTION_...; 0: any */
  status?: TranscriptionStatus | null;
  /** with this id or a higher one, compared byte by byte; best in an order by id */
  idFrom?: string | null;
  /** with a lower id than this */
  idUntil?: string | null;
}

/** What an analysis is made from, changed to or completed with. Key phrases, entities and topics are given typed or as JSON; both at once is INVALID_ARGUMENT. */
export interface AnalysisInput {
  /** NULL: a new UUIDv7; not changed by an update */
  id?: string | null;
  /** required; not changed by an update */
  transcriptionId?: string;
  /** required; not changed by an update */
  audioFileId?: string;
  /** required; not changed by an update */
  userId?: string;
  /** required; 1 to 100 characters; not changed by an update */
  analysisType?: string;
  summary?: string | null;
  /** required; 1 to 50 characters */
  engine?: string;
  /** at most 20 characters */
  engineVersion?: string | null;
  errorMessage?: string | null;
  /** key_phrase_count texts; NULL with key_phrases_json NULL: SQL NULL */
  keyPhrases?: string[] | null;
  /** a JSON array of strings */
  keyPhrasesJson?: string | null;
  /** entity_count of them */
  entities?: Entity[] | null;
  /** a JSON array; NULL: [] */
  entitiesJson?: string | null;
  /** topic_count of them */
  topics?: Topic[] | null;
  /** a JSON array; NULL: [] */
  topicsJson?: string | null;
  /** a JSON object; NULL: {} */
  insightsJson?: string | null;
  /** a JSON object; NULL: {} */
  metadataJson?: string | null;
  processingStartedAtUs?: bigint | Date | null;
  processingCompletedAtUs?: bigint | Date | null;
  /** with has_sentiment_score; -1 to 1, rounded to hundredths */
  sentimentScore?: number | null;
  /** TELEAI_SENTIMENT_...; 0: none */
  sentimentLabel?: Sentiment | null;
  /** with has_processing_duration; more than 0 */
  processingDurationMs?: number | null;
  /** TELEAI_ANALYSIS_...; 0: pending. At creation only: see start, complete, fail */
  status?: AnalysisStatus | null;
}

/** Which analyses; absent fields do not restrict. ..._contains_json means PostgreSQL's @>. */
export interface AnalysisFilter {
  /** of this user */
  userId?: string | null;
  /** of this audio file */
  audioFileId?: string | null;
  /** of this transcription */
  transcriptionId?: string | null;
  analysisType?: string | null;
  engine?: string | null;
  metadataContainsJson?: string | null;
  /** such as [{"type": "person"}] */
  entitiesContainsJson?: string | null;
  topicsContainsJson?: string | null;
  insightsContainsJson?: string | null;
  /** created at or after; 0: any */
  createdFromUs?: bigint | Date | null;
  /** created before; 0: any */
  createdUntilUs?: bigint | Date | null;
  /** TELEAI_ANALYSIS_...; 0: any */
  status?: AnalysisStatus | null;
  /** TELEAI_SENTIMENT_...; 0: any */
  sentimentLabel?: Sentiment | null;
  /** with this id or a higher one, compared byte by byte; best in an order by id */
  idFrom?: string | null;
  /** with a lower id than this */
  idUntil?: string | null;
}

export interface UserCalls {
  /**
   * Creates a user. Hashing the password takes some 50 ms and 64 MiB, before a connection is taken.
   *
   * Returns: OK, ALREADY_EXISTS (e-mail or id); usual.
   */
  create(input: UserInput, call?: CallOptions): Promise<User>;
  /**
   * Creates many users in one statement: all of them or, when one is refused, none; error.item tells which input was at fault. With options->keep_good the good ones, and options->errors says what became of each. The records come back in the order of the inputs.
   *
   * Returns: OK, ALREADY_EXISTS (e-mail or id); usual.
   */
  createMany(inputs: UserInput[], call?: CallOptions): Promise<Users>;
  /**
   * Reads one user.
   *
   * Returns: OK, NOT_FOUND; usual.
   */
  get(id: string, call?: CallOptions): Promise<User>;
  /**
   * Reads many users in one statement. items[i] belongs to ids[i] and is NULL where there is no such row.
   *
   * Returns: OK; usual.
   */
  getMany(ids: string[], call?: CallOptions): Promise<Users>;
  /**
   * Reads a user by e-mail address, compared without case.
   *
   * Returns: OK, NOT_FOUND; usual.
   */
  getByEmail(email: string, call?: CallOptions): Promise<User>;
  /**
   * Changes the fields of a user that `fields` names (TELEAI_USER_FIELD_... bits), and no others. Hashes a new password first, as teleai_user_create() does.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (changed since), ALREADY_EXISTS (e-mail); usual.
   */
  update(id: string, input: UserInput, options?: UpdateOptions | null, call?: CallOptions): Promise<User>;
  /**
   * Deletes a user with all sessions, audio files, transcriptions and analyses of that user.
   *
   * Returns: OK, NOT_FOUND; usual.
   */
  delete(id: string, call?: CallOptions): Promise<void>;
  /**
   * Lists users; a NULL filter lists all.
   *
   * Returns: OK; usual.
   */
  list(filter?: UserFilter | null, page?: Page | null, call?: CallOptions): Promise<Users>;
  /**
   * Counts the users that a filter lets through; NULL counts all.
   *
   * Returns: OK; usual.
   */
  count(filter?: UserFilter | null, call?: CallOptions): Promise<number>;
  /**
   * Checks an e-mail address and password, and notes the time of log-in. An unknown address, a wrong password, a user without one and an inactive user are answered alike: the same status and message, after the same work. The hash is renewed when the client asks for a higher cost than it was made with. Follow with teleai_session_create(). Computes between two statements (some 50 ms and 64 MiB), holding no connection meanwhile except inside a transaction. It does not count attempts: throttle by account in front of it. The user is found in whichever tenant it is, and tells which; where a tenant was chosen (by a scope, or by teleai_options.tenant_id), in that one alone. Nobody of a tenant that is suspended can log in. Under row security a transaction finds users of its own tenant only.
   *
   * Returns: OK, UNAUTHENTICATED; usual.
   */
  login(email: string, password: string, call?: CallOptions): Promise<User>;
}

export interface SessionCalls {
  /**
   * Creates a session with a new random token of 256 bits, before which, where it is not the default one, the tenant's id stands (22 characters and a full stop; no secret). The token is in the record that comes back and nowhere else: the database keeps only its SHA-256 hash. Hand it to the user and forget it; freeing the record wipes it. So `out` must not be NULL here.
   *
   * Returns: OK, PARENT_NOT_FOUND (user_id), ALREADY_EXISTS (id); usual.
   */
  create(input: SessionInput, call?: CallOptions): Promise<Session>;
  /**
   * Creates many sessions in one statement: all of them or, when one is refused, none; error.item tells which input was at fault. With options->keep_good the good ones, and options->errors says what became of each. The records come back in the order of the inputs, each with its token: `out` must not be NULL here.
   *
   * Returns: OK, PARENT_NOT_FOUND (user_id), ALREADY_EXISTS (id); usual.
   */
  createMany(inputs: SessionInput[], call?: CallOptions): Promise<Sessions>;
  /**
   * Checks a token and returns its session and user in one round trip. An unknown, malformed, revoked or expired token, an inactive user and a tenant that is suspended are refused alike. A token says which tenant it is of, so it is found without a scope; where a tenant was chosen (by a scope, or by teleai_options.tenant_id), tokens of others are refused. Under row security a transaction or batch takes tokens of its own tenant only.
   *
   * Returns: OK, UNAUTHENTICATED; usual.
   */
  check(token: string, call?: CallOptions): Promise<Identity>;
  /**
   * Reads one session, expired or not.
   *
   * Returns: OK, NOT_FOUND; usual.
   */
  get(id: string, call?: CallOptions): Promise<Session>;
  /**
   * Reads many sessions in one statement, expired or not. items[i] belongs to ids[i] and is NULL where there is no such row.
   *
   * Returns: OK; usual.
   */
  getMany(ids: string[], call?: CallOptions): Promise<Sessions>;
  /**
   * Changes the fields of a session that `fields` names (TELEAI_SESSION_FIELD_... bits), and no others. The token stays.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (changed since); usual.
   */
  update(id: string, input: SessionInput, options?: UpdateOptions | null, call?: CallOptions): Promise<Session>;
  /**
   * Lists sessions that have not expired; a NULL filter lists those of all users.
   *
   * Returns: OK; usual.
   */
  list(filter?: SessionFilter | null, page?: Page | null, call?: CallOptions): Promise<Sessions>;
  /**
   * Counts sessions that have not expired; a NULL filter counts those of all users.
   *
   * Returns: OK; usual.
   */
  count(filter?: SessionFilter | null, call?: CallOptions): Promise<number>;
  /**
   * Ends a session at once: its row is deleted.
   *
   * Returns: OK, NOT_FOUND; usual.
   */
  revoke(id: string, call?: CallOptions): Promise<void>;
  /**
   * Ends all sessions of a user, as after a change of password. *count, where not NULL, gets how many there were.
   *
   * Returns: OK; usual.
   */
  revokeAll(userId: string, call?: CallOptions): Promise<number>;
  /**
   * Deletes the sessions that have expired, of all users of the tenant. Call it now and then, from one place.
   *
   * Returns: OK; usual.
   */
  purgeExpired(call?: CallOptions): Promise<number>;
}

export interface AudioFileCalls {
  /**
   * Registers an audio file.
   *
   * Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (user_id); usual.
   */
  create(input: AudioFileInput, call?: CallOptions): Promise<AudioFile>;
  /**
   * Creates many audio files in one statement: all of them or, when one is refused, none; error.item tells which input was at fault. With options->keep_good the good ones, and options->errors says what became of each. The records come back in the order of the inputs.
   *
   * Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (user_id); usual.
   */
  createMany(inputs: AudioFileInput[], call?: CallOptions): Promise<AudioFiles>;
  /**
   * Reads one audio file.
   *
   * Returns: OK, NOT_FOUND; usual.
   */
  get(id: string, call?: CallOptions): Promise<AudioFile>;
  /**
   * Reads many audio files in one statement. items[i] belongs to ids[i] and is NULL where there is no such row.
   *
   * Returns: OK; usual.
   */
  getMany(ids: string[], call?: CallOptions): Promise<AudioFiles>;
  /**
   * Changes the fields of an audio file that `fields` names (TELEAI_AUDIO_FILE_FIELD_... bits), and no others. The status is changed by start, complete and fail.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (changed since); usual.
   */
  update(id: string, input: AudioFileInput, options?: UpdateOptions | null, call?: CallOptions): Promise<AudioFile>;
  /**
   * Deletes an audio file with its transcriptions and analyses. The file at file_path is yours to remove.
   *
   * Returns: OK, NOT_FOUND; usual.
   */
  delete(id: string, call?: CallOptions): Promise<void>;
  /**
   * Lists audio files; a NULL filter lists all. With user_id: the files of that user.
   *
   * Returns: OK; usual.
   */
  list(filter?: AudioFileFilter | null, page?: Page | null, call?: CallOptions): Promise<AudioFiles>;
  /**
   * Counts the audio files that a filter lets through; NULL counts all.
   *
   * Returns: OK; usual.
   */
  count(filter?: AudioFileFilter | null, call?: CallOptions): Promise<number>;
  /**
   * Marks an audio file as being worked on: uploaded or error -> processing. Sets processing_started_at, clears the rest of an earlier try. Of several workers that start the same one at once, one gets OK.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
   */
  start(id: string, call?: CallOptions): Promise<AudioFile>;
  /**
   * Marks an audio file as ready to use: processing -> ready. Sets processing_completed_at.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
   */
  complete(id: string, call?: CallOptions): Promise<AudioFile>;
  /**
   * Marks an audio file as failed: uploaded or processing -> error. Sets processing_completed_at and the message, which is required.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
   */
  fail(id: string, errorMessage: string, call?: CallOptions): Promise<AudioFile>;
}

export interface TranscriptionCalls {
  /**
   * Creates a transcription: a pending one to be worked on, or, with status completed, one that is done already.
   *
   * Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (audio_file_id, user_id); usual.
   */
  create(input: TranscriptionInput, call?: CallOptions): Promise<Transcription>;
  /**
   * Creates many transcriptions in one statement: all of them or, when one is refused, none; error.item tells which input was at fault. With options->keep_good the good ones, and options->errors says what became of each. The records come back in the order of the inputs.
   *
   * Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (audio_file_id, user_id); usual.
   */
  createMany(inputs: TranscriptionInput[], call?: CallOptions): Promise<Transcriptions>;
  /**
   * Reads one transcription.
   *
   * Returns: OK, NOT_FOUND; usual.
   */
  get(id: string, call?: CallOptions): Promise<Transcription>;
  /**
   * Reads many transcriptions in one statement. items[i] belongs to ids[i] and is NULL where there is no such row.
   *
   * Returns: OK; usual.
   */
  getMany(ids: string[], call?: CallOptions): Promise<Transcriptions>;
  /**
   * Changes the fields of a transcription that `fields` names (TELEAI_TRANSCRIPTION_FIELD_... bits), and no others. The status is changed by start, complete and fail. A new text is indexed anew, which costs as much as an insert.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (changed since); usual.
   */
  update(id: string, input: TranscriptionInput, options?: UpdateOptions | null, call?: CallOptions): Promise<Transcription>;
  /**
   * Deletes a transcription with its analyses.
   *
   * Returns: OK, NOT_FOUND; usual.
   */
  delete(id: string, call?: CallOptions): Promise<void>;
  /**
   * Lists transcriptions; a NULL filter lists all. With audio_file_id: those of that file.
   *
   * Returns: OK; usual.
   */
  list(filter?: TranscriptionFilter | null, page?: Page | null, call?: CallOptions): Promise<Transcriptions>;
  /**
   * Counts the transcriptions that a filter lets through; NULL counts all.
   *
   * Returns: OK; usual.
   */
  count(filter?: TranscriptionFilter | null, call?: CallOptions): Promise<number>;
  /**
   * Marks a transcription as being worked on: pending or failed -> processing. Sets processing_started_at, clears the rest of an earlier try. Of several workers that start the same one at once, one gets OK.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
   */
  start(id: string, call?: CallOptions): Promise<Transcription>;
  /**
   * Completes a transcription: pending or processing -> completed, in one UPDATE that sets text and all end values together. Takes text (required), confidence, word_count, engine_version, processing_duration_ms and metadata_json; any other field in the input is INVALID_ARGUMENT. Without a duration the time since the start is taken; without engine_version and metadata_json these stay as they are.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
   */
  complete(id: string, result: TranscriptionInput, call?: CallOptions): Promise<Transcription>;
  /**
   * Marks a transcription as failed: pending or processing -> failed. Sets processing_completed_at and the message, which is required.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
   */
  fail(id: string, errorMessage: string, call?: CallOptions): Promise<Transcription>;
}

export interface AnalysisCalls {
  /**
   * Creates an analysis: a pending one to be worked on, or, with status completed, one that is done already.
   *
   * Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (transcription_id, audio_file_id, user_id); usual.
   */
  create(input: AnalysisInput, call?: CallOptions): Promise<Analysis>;
  /**
   * Creates many analyses in one statement: all of them or, when one is refused, none; error.item tells which input was at fault. With options->keep_good the good ones, and options->errors says what became of each. The records come back in the order of the inputs.
   *
   * Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (transcription_id, audio_file_id, user_id); usual.
   */
  createMany(inputs: AnalysisInput[], call?: CallOptions): Promise<Analyses>;
  /**
   * Reads one analysis.
   *
   * Returns: OK, NOT_FOUND; usual.
   */
  get(id: string, call?: CallOptions): Promise<Analysis>;
  /**
   * Reads many analyses in one statement. items[i] belongs to ids[i] and is NULL where there is no such row.
   *
   * Returns: OK; usual.
   */
  getMany(ids: string[], call?: CallOptions): Promise<Analyses>;
  /**
   * Changes the fields of an analysis that `fields` names (TELEAI_ANALYSIS_FIELD_... bits), and no others. The status is changed by start, complete and fail.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (changed since); usual.
   */
  update(id: string, input: AnalysisInput, options?: UpdateOptions | null, call?: CallOptions): Promise<Analysis>;
  /**
   * Deletes an analysis.
   *
   * Returns: OK, NOT_FOUND; usual.
   */
  delete(id: string, call?: CallOptions): Promise<void>;
  /**
   * Lists analyses; a NULL filter lists all. With transcription_id: those of that transcription.
   *
   * Returns: OK; usual.
   */
  list(filter?: AnalysisFilter | null, page?: Page | null, call?: CallOptions): Promise<Analyses>;
  /**
   * Counts the analyses that a filter lets through; NULL counts all.
   *
   * Returns: OK; usual.
   */
  count(filter?: AnalysisFilter | null, call?: CallOptions): Promise<number>;
  /**
   * Marks an analysis as being worked on: pending or failed -> processing. Sets processing_started_at, clears the rest of an earlier try. Of several workers that start the same one at once, one gets OK.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
   */
  start(id: string, call?: CallOptions): Promise<Analysis>;
  /**
   * Completes an analysis: pending or processing -> completed, in one UPDATE. Takes sentiment, key phrases, entities, topics, summary, insights, engine_version, processing_duration_ms and metadata_json; any other field in the input is INVALID_ARGUMENT. Without a duration the time since the start is taken; without engine_version and metadata_json these stay as they are.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
   */
  complete(id: string, result: AnalysisInput, call?: CallOptions): Promise<Analysis>;
  /**
   * Marks an analysis as failed: pending or processing -> failed. Sets processing_completed_at and the message, which is required.
   *
   * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
   */
  fail(id: string, errorMessage: string, call?: CallOptions): Promise<Analysis>;
}

export interface CallOptions {
  /** Ends the call when it is aborted: the promise is rejected with code CANCELLED and the signal's reason as cause. */
  signal?: AbortSignal;
}

/** What went wrong in a call. */
export class TeleaiError extends Error {
  readonly code: Status | 'UNKNOWN';
  /** Five characters from the server, '' when it did not come from there. */
  readonly sqlstate: string;
  /** The violated constraint, or ''. */
  readonly constraint: string;
  /** The field or argument at fault, by its name in the C header, or ''. */
  readonly field: string;
  /** The index of the input at fault in a call that takes many, else null. */
  readonly item: number | null;
  /** The same call, or the whole transaction, may well work when tried again. */
  readonly retryable: boolean;
  /** The write may have happened or not. */
  readonly outcomeUnknown: boolean;
}

/** Where operations run: what open() gives, a scope of it, or a transaction. */
export interface Client {
  readonly users: UserCalls;
  readonly sessions: SessionCalls;
  readonly audioFiles: AudioFileCalls;
  readonly transcriptions: TranscriptionCalls;
  readonly analyses: AnalysisCalls;
  /**
   * Asks the server for a sign of life through a pooled connection, as a health check would.
   *
   * Returns: OK; usual.
   */
  ping(call?: CallOptions): Promise<void>;
  /**
   * Searches the text of transcriptions, as people search the web:
   *
   *     heart rate            both words, in any form ("rates") and place
   *     "heart rate"          next to each other
   *     heart or pulse        one of them; `or` binds less than words side by side
   *     -drill  -"fire drill" without it; at least one word must be wanted
   *     cardi*                words that begin so
   *
   * Texts are taken as English whatever their language_code: that is what the index holds. It knows the place of a word only up to the 16383rd, so that in longer texts phrases are found at the beginning alone; single words are found everywhere.
   *
   * Ranked order is taken among the newest 1000 matches, which bounds its cost (ranking reads each text anew); when there are more, total_is_exact is false and newest first reaches the others. Later pages go on in the state of the first: newer transcriptions do not move them.
   *
   * Returns: OK, INVALID_ARGUMENT (query empty, only exclusions, over 64 terms or 4096 bytes, unfinished "phrase"); usual.
   */
  searchTranscriptions(query: string, options?: SearchOptions | null, call?: CallOptions): Promise<SearchHits>;
  /**
   * Finds transcriptions that hold all the given words, in any form and order, by the documented keyword query: to_tsvector('english', transcription_text) @@ plainto_tsquery('english', words). Newest first, in any status.
   *
   * Returns: OK, INVALID_ARGUMENT (words empty or over 4096 bytes); usual.
   */
  searchKeywords(words: string, page?: Page | null, call?: CallOptions): Promise<Transcriptions>;
  /**
   * Reads the totals of one user.
   *
   * Returns: OK, NOT_FOUND; usual.
   */
  userStatsGet(userId: string, call?: CallOptions): Promise<UserStats>;
  /**
   * Lists the totals of all users, by id (page.order: newest first counts as descending).
   *
   * Returns: OK; usual.
   */
  userStatsList(page?: Page | null, call?: CallOptions): Promise<UsersStats>;
  /**
   * Reads the days from `from_us` (0: the first) up to, not including, `until_us` (0: no end), as of the last refresh. Both are taken down to the start of their UTC day.
   *
   * Returns: OK; usual.
   */
  dailyUsageList(fromUs: bigint | Date | null, untilUs: bigint | Date | null, call?: CallOptions): Promise<DailyUsages>;
  /**
   * Computes the days anew, while others go on reading the old figures. Needs to own the materialized view.
   *
   * Returns: OK, PERMISSION_DENIED; usual.
   */
  dailyUsageRefresh(call?: CallOptions): Promise<void>;
  /**
   * Lists what a user (NULL: everybody) did.
   *
   * Returns: OK; usual.
   */
  activityList(userId: string | null, page?: Page | null, call?: CallOptions): Promise<Activities>;
  /**
   * Reads the queues. Looks at every row: for dashboards, not for workers (these list by status).
   *
   * Returns: OK; usual.
   */
  queueStatusList(call?: CallOptions): Promise<QueueStatuses>;
  /**
   * Lists how far files are.
   *
   * Returns: OK; usual.
   */
  pipelineList(filter?: PipelineFilter | null, page?: Page | null, call?: CallOptions): Promise<Pipelines>;
  /** Counters of the connection pool. */
  poolStats(): PoolStats;
  /** A client for a tenant, an actor, or reads from a replica. No round trip. Close it. */
  scope(options: ScopeOptions): Client;
  /** Runs body in a transaction, commits when its promise is kept, and rolls back when it is broken. On a transaction: a savepoint. */
  transaction<T>(body: (tx: Client) => Promise<T>, options?: TransactionOptions | null): Promise<T>;
  /** Closes the client when the calls that run have come to their end; later calls fail with CLOSED. */
  close(): Promise<void>;
}

/** Opens a client: a libpq connection string, or local:DIR. */
export function open(connection: string, options?: Options | null): Promise<Client>;

/** The version of the library that runs. */
export function version(): string;

export function toDate(us: Microseconds): Date;
export function fromDate(date: Date): Microseconds;
