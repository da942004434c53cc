/* The statements of health.c: in health_server.c about the server and the role, in health_schema.c about the schema. Each
 * row that comes back is a finding that is not OK. */
#ifndef TELEAI_API_HEALTH_SQL_H
#define TELEAI_API_HEALTH_SQL_H

extern const char teleai__health_server_sql[], teleai__health_encryption_sql[], teleai__health_durability_sql[],
    teleai__health_settings_sql[], teleai__health_role_sql[], teleai__health_extensions_sql[],
    teleai__health_connections_sql[], teleai__health_transactions_sql[], teleai__health_wraparound_sql[],
    teleai__health_begun_sql[], teleai__health_missing_index_sql[], teleai__health_unused_index_sql[],
    teleai__health_tables_sql[], teleai__health_has_pgstattuple_sql[], teleai__health_cannot_pending_sql[],
    teleai__health_pending_sql[], teleai__health_is_filled_sql[], teleai__health_not_filled_sql[],
    teleai__health_daily_usage_sql[], teleai__health_sessions_sql[], teleai__health_encoding_sql[],
    teleai__health_emails_sql[], teleai__health_usage_sql[];

#endif
