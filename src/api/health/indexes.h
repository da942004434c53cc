/* The indexes that the migrations make: table, name, access method, keys, condition, whether unique, and what makes it
 * again. Written by tests/db/check_indexes.sh --write. */
#ifndef TELEAI_API_HEALTH_INDEXES_H
#define TELEAI_API_HEALTH_INDEXES_H

/* clang-format off */
#define TELEAI__HEALTH_INDEXES \
    "('analyses', 'analyses_analysis_type_idx', 'btree', 'analysis_type', '', false, 'create index concurrently analyses_analysis_type_idx on analyses (analysis_type);')" \
    ",('analyses', 'analyses_audio_file_id_idx', 'btree', 'audio_file_id', '', false, 'create index concurrently analyses_audio_file_id_idx on analyses (audio_file_id);')" \
    ",('analyses', 'analyses_created_at_idx', 'btree', 'created_at', '', false, 'create index concurrently analyses_created_at_idx on analyses (created_at);')" \
    ",('analyses', 'analyses_entities_idx', 'gin', 'entities jsonb_path_ops', '', false, 'create index concurrently analyses_entities_idx on analyses using gin (entities jsonb_path_ops) WITH (gin_pending_list_limit=''64'');')" \
    ",('analyses', 'analyses_insights_idx', 'gin', 'insights jsonb_path_ops', '', false, 'create index concurrently analyses_insights_idx on analyses using gin (insights jsonb_path_ops) WITH (gin_pending_list_limit=''64'');')" \
    ",('analyses', 'analyses_metadata_idx', 'gin', 'metadata', '', false, 'create index concurrently analyses_metadata_idx on analyses using gin (metadata) WITH (gin_pending_list_limit=''64'');')" \
    ",('analyses', 'analyses_pkey', 'btree', 'id', '', true, 'alter table analyses add constraint analyses_pkey primary key (id);')" \
    ",('analyses', 'analyses_sentiment_label_idx', 'btree', 'sentiment_label', '', false, 'create index concurrently analyses_sentiment_label_idx on analyses (sentiment_label);')" \
    ",('analyses', 'analyses_status_created_at_idx', 'btree', 'status, created_at', '', false, 'create index concurrently analyses_status_created_at_idx on analyses (status, created_at);')" \
    ",('analyses', 'analyses_tenant_id_id_key', 'btree', 'tenant_id, id', '', true, 'alter table analyses add constraint analyses_tenant_id_id_key unique (tenant_id, id);')" \
    ",('analyses', 'analyses_topics_idx', 'gin', 'topics jsonb_path_ops', '', false, 'create index concurrently analyses_topics_idx on analyses using gin (topics jsonb_path_ops) WITH (gin_pending_list_limit=''64'');')" \
    ",('analyses', 'analyses_transcription_id_idx', 'btree', 'transcription_id', '', false, 'create index concurrently analyses_transcription_id_idx on analyses (transcription_id);')" \
    ",('analyses', 'analyses_user_id_created_at_id_idx', 'btree', 'user_id, created_at, id', '', false, 'create index concurrently analyses_user_id_created_at_id_idx on analyses (user_id, created_at, id);')" \
    ",('audio_files', 'audio_files_created_at_idx', 'btree', 'created_at', '', false, 'create index concurrently audio_files_created_at_idx on audio_files (created_at);')" \
    ",('audio_files', 'audio_files_metadata_idx', 'gin', 'metadata', '', false, 'create index concurrently audio_files_metadata_idx on audio_files using gin (metadata) WITH (gin_pending_list_limit=''64'');')" \
    ",('audio_files', 'audio_files_pkey', 'btree', 'id', '', true, 'alter table audio_files add constraint audio_files_pkey primary key (id);')" \
    ",('audio_files', 'audio_files_status_created_at_idx', 'btree', 'status, created_at', '', false, 'create index concurrently audio_files_status_created_at_idx on audio_files (status, created_at);')" \
    ",('audio_files', 'audio_files_tenant_id_id_key', 'btree', 'tenant_id, id', '', true, 'alter table audio_files add constraint audio_files_tenant_id_id_key unique (tenant_id, id);')" \
    ",('audio_files', 'audio_files_user_id_created_at_id_idx', 'btree', 'user_id, created_at, id', '', false, 'create index concurrently audio_files_user_id_created_at_id_idx on audio_files (user_id, created_at, id);')" \
    ",('daily_usage_stats', 'daily_usage_stats_tenant_id_date_key', 'btree', 'tenant_id, date', '', true, 'create unique index concurrently daily_usage_stats_tenant_id_date_key on daily_usage_stats (tenant_id, date);')" \
    ",('schema_migrations', 'schema_migrations_pkey', 'btree', 'version', '', true, 'alter table schema_migrations add constraint schema_migrations_pkey primary key (version);')" \
    ",('sessions', 'sessions_expires_at_idx', 'btree', 'expires_at', '', false, 'create index concurrently sessions_expires_at_idx on sessions (expires_at);')" \
    ",('sessions', 'sessions_pkey', 'btree', 'id', '', true, 'alter table sessions add constraint sessions_pkey primary key (id);')" \
    ",('sessions', 'sessions_tenant_id_id_key', 'btree', 'tenant_id, id', '', true, 'alter table sessions add constraint sessions_tenant_id_id_key unique (tenant_id, id);')" \
    ",('sessions', 'sessions_token_hash_key', 'btree', 'token_hash', '', true, 'alter table sessions add constraint sessions_token_hash_key unique (token_hash);')" \
    ",('sessions', 'sessions_user_id_idx', 'btree', 'user_id', '', false, 'create index concurrently sessions_user_id_idx on sessions (user_id);')" \
    ",('tenant_usage', 'tenant_usage_pkey', 'btree', 'tenant_id', '', true, 'alter table tenant_usage add constraint tenant_usage_pkey primary key (tenant_id);')" \
    ",('tenants', 'tenants_pkey', 'btree', 'id', '', true, 'alter table tenants add constraint tenants_pkey primary key (id);')" \
    ",('tenants', 'tenants_slug_key', 'btree', 'slug', '', true, 'alter table tenants add constraint tenants_slug_key unique (slug);')" \
    ",('transcriptions', 'transcriptions_audio_file_id_idx', 'btree', 'audio_file_id', '', false, 'create index concurrently transcriptions_audio_file_id_idx on transcriptions (audio_file_id);')" \
    ",('transcriptions', 'transcriptions_created_at_idx', 'btree', 'created_at', '', false, 'create index concurrently transcriptions_created_at_idx on transcriptions (created_at);')" \
    ",('transcriptions', 'transcriptions_language_code_idx', 'btree', 'language_code', '', false, 'create index concurrently transcriptions_language_code_idx on transcriptions (language_code);')" \
    ",('transcriptions', 'transcriptions_metadata_idx', 'gin', 'metadata', '', false, 'create index concurrently transcriptions_metadata_idx on transcriptions using gin (metadata) WITH (gin_pending_list_limit=''64'');')" \
    ",('transcriptions', 'transcriptions_pkey', 'btree', 'id', '', true, 'alter table transcriptions add constraint transcriptions_pkey primary key (id);')" \
    ",('transcriptions', 'transcriptions_status_created_at_idx', 'btree', 'status, created_at', '', false, 'create index concurrently transcriptions_status_created_at_idx on transcriptions (status, created_at);')" \
    ",('transcriptions', 'transcriptions_tenant_id_id_key', 'btree', 'tenant_id, id', '', true, 'alter table transcriptions add constraint transcriptions_tenant_id_id_key unique (tenant_id, id);')" \
    ",('transcriptions', 'transcriptions_text_search_idx', 'gin', 'to_tsvector(''english''::regconfig, transcription_text)', '', false, 'create index concurrently transcriptions_text_search_idx on transcriptions using gin (to_tsvector(''english''::regconfig, transcription_text)) WITH (gin_pending_list_limit=''64'');')" \
    ",('transcriptions', 'transcriptions_user_id_created_at_id_idx', 'btree', 'user_id, created_at, id', '', false, 'create index concurrently transcriptions_user_id_created_at_id_idx on transcriptions (user_id, created_at, id);')" \
    ",('users', 'users_email_key', 'btree', 'lower(email::text COLLATE \"C\")', '', true, 'create unique index concurrently users_email_key on users (lower(((email)::text COLLATE \"C\")));')" \
    ",('users', 'users_pkey', 'btree', 'id', '', true, 'alter table users add constraint users_pkey primary key (id);')" \
    ",('users', 'users_tenant_id_id_key', 'btree', 'tenant_id, id', '', true, 'alter table users add constraint users_tenant_id_id_key unique (tenant_id, id);')"
/* clang-format on */

#endif
