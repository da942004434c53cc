/* Search in the texts of transcriptions, by the documented index on to_tsvector('english', transcription_text). */
#include "teleai/search.h"

#include <stdio.h>
#include <string.h>

#include "api/labels.h"
#include "api/search_query.h"
#include "api/snippet.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "record/arrow.h"
#include "table/table.h"
#include "wire/result.h"

#define MOST_RANKED "1000" /* how many matches are ranked, and up to which number they are counted */
#define MOST_RANKED_NUMBER 1000
#define DEFAULT_LIMIT 20
#define LARGEST_LIMIT 1000

/* The planner must find the matches by their words. It takes a text for as large as the pointer to it, and where nothing
 * is known of a table it takes every condition for equally rare: it would read all completed texts of a tenant and split
 * each. Four things keep it from that:
 *   - teleai_by_index() is true of every row, and has a price that no plan can pay for each row of a table (migration 014);
 *   - "(...) is true" has no index, so these conditions only sort out what the words have found;
 *   - a user, written a hundred times, is no longer rare enough to be looked up alone, and can still be combined with the
 *     words in a bitmap;
 *   - what belongs to a match is looked up by its key, in a subquery with a limit, which cannot become a join. */
#define INPUT teleai_search_options
static const teleai__field filters[] = {
    {"user_id", "t.user_id = any(array_fill($?::uuid, array[100]))", TELEAI__FIELD_UUID(user_id, 0)},
    {"language_code", "(t.language_code = $?) is true", TELEAI__FIELD_TEXT(language_code, 0),
     .expected = teleai__language_code_expected},
    {"engine", "t.engine = $?", TELEAI__FIELD_TEXT(engine, 0)},
    {"created_from_us", "(t.created_at >= $?) is true", .flags = TELEAI__FROM,
     TELEAI__FIELD_TIME_OR_ZERO(created_from_us)},
    {"created_until_us", "(t.created_at < $?) is true", .flags = TELEAI__UNTIL,
     TELEAI__FIELD_TIME_OR_ZERO(created_until_us)},
    {"min_confidence", "t.confidence_score >= $?", TELEAI__FIELD_CENTI(min_confidence, has_min_confidence), .least = 0,
     .most = 1},
    {"status", "(t.status = $?) is true", TELEAI__FIELD_LABEL(status, teleai__transcription_statuses)},
};
#undef INPUT

/* ---- the statement ---- */

/* Every row begins with what holds for the search as a whole, so that it comes even when nothing is found. */
enum { HEAD_TOTAL, HEAD_PARSED, HEAD_AS_OF_TIME, HEAD_AS_OF_ID, HEAD_COLUMNS };

#define RECORD teleai_search_hit
static const teleai__column columns[] = {
    TELEAI__COLUMN_UUID("id", transcription_id),
    TELEAI__COLUMN_UUID("audio_file_id", audio_file_id),
    TELEAI__COLUMN_UUID("user_id", user_id),
    TELEAI__COLUMN_TEXT("file_name", file_name),
    TELEAI__COLUMN_TEXT("language_code", language_code),
    TELEAI__COLUMN_TEXT("engine", engine),
    TELEAI__COLUMN_LABEL("status", status, teleai__transcription_statuses),
    TELEAI__COLUMN_CENTI_OR_NULL("confidence_score", confidence, has_confidence),
    TELEAI__COLUMN_TIME("created_at", created_at_us),
    TELEAI__COLUMN_DOUBLE("rank", rank),
    TELEAI__COLUMN_TEXT("snippet", snippet_marked),
    /* made of the one before */
    TELEAI__COLUMN_TEXT(NULL, snippet),
    {NULL, TELEAI__MARKS, TELEAI__IS(RECORD, marks, const teleai_search_mark *), TELEAI__IS(RECORD, mark_count, size_t),
     NULL, "marks", 0},
};
#define MADE_COLUMNS 2

static const teleai__row row = {
    .noun = "search hit",
    .size = sizeof(teleai_search_hit),
    .columns = columns,
    .count = (int)TELEAI__COUNT(columns) - MADE_COLUMNS,
    .made = MADE_COLUMNS,
};

/* What found says, in the statement's terms. */
typedef struct search {
    teleai_search_options options;
    int32_t limit;
    bool ranked, has_cursor;
    bool secured;
    teleai__cursor cursor;
    teleai__params params;
    teleai__sql query;  /* the tsquery expression */
    teleai__sql wanted; /* where from, and the conditions */
    teleai__sql sql;
    char query_text[4096], wanted_text[10240], sql_text[32768];
} search;

static const char *const page_columns =
    "select head.total, head.parsed, head.as_of_time, head.as_of_id, t.id, t.audio_file_id, t.user_id, f.file_name, "
    "t.language_code, t.engine, t.status, t.confidence_score, t.created_at, page.rank,\n"
    "       ts_headline('english', translate(left(t.transcription_text, 1000000), chr(2) || chr(3), ''), ";

static const char *const page_joins =
    ", 'StartSel=' || chr(2) || ', StopSel=' || chr(3) || "
    "', MaxFragments=2, MaxWords=20, MinWords=6, ShortWord=0, FragmentDelimiter=\" ... \"') as snippet\n"
    "  from head\n"
    "  left join page on true\n"
    "  left join lateral (select id, audio_file_id, user_id, language_code, engine, status, confidence_score, "
    "created_at,\n"
    "                            transcription_text\n"
    "                       from transcriptions\n"
    "                      where tenant_id = $1\n"
    "                        and id = page.id\n"
    "                      limit 1) t on true\n"
    "  left join lateral (select file_name\n"
    "                       from audio_files\n"
    "                      where tenant_id = $1\n"
    "                        and id = t.audio_file_id\n"
    "                      limit 1) f on true\n"
    " order by page.rank desc, page.created_at desc, page.id desc";

/* Where the matches are. Under row security @@ would be asked of every row of the tenant, since the server does not know
 * that it keeps a secret: there a function of the schema looks into the index. */
static void add_conditions(search *it) {
    teleai__sql_add(&it->wanted, it->secured ? "\n  from teleai_search(" : "\n  from transcriptions t");
    if (it->secured) {
        teleai__sql_add(&it->wanted, it->query.text);
        teleai__sql_add(&it->wanted, ") t");
    }
    teleai__sql_and(&it->wanted);
    teleai__sql_add(&it->wanted, "(t.tenant_id = $1) is true");
    (void)teleai__sql_add_filter(&it->wanted, filters, TELEAI__COUNT(filters), &it->options, &it->params);
    if (!it->secured) {
        teleai__sql_and(&it->wanted);
        teleai__sql_add(&it->wanted, "to_tsvector('english', t.transcription_text) @@ ");
        teleai__sql_add(&it->wanted, it->query.text);
        teleai__sql_add(&it->wanted, "\n   and teleai_by_index(t.id) is not null");
    }
    /* What is left of stop words and exclusions would match nearly everything, by reading everything. */
    teleai__sql_add(&it->wanted, "\n   and querytree(");
    teleai__sql_add(&it->wanted, it->query.text);
    teleai__sql_add(&it->wanted, ") not in ('', 'T')");
}

static int add_time_and_id(search *it, int64_t time_us, const teleai_uuid *id) {
    int number = teleai__params_add(
        &it->params, teleai__value_cursor_time(time_us, teleai__params_scratch(&it->params)), TELEAI__OID_TIMESTAMPTZ);
    teleai__params_add(&it->params, teleai__value_uuid(id), TELEAI__OID_UUID);
    return number;
}

static void write_newest(search *it, int limit) {
    teleai__sql *sql = &it->sql;
    teleai__sql_add(sql, "with page as (\n"
                         "select t.id, t.created_at, 0::float8 as rank");
    teleai__sql_add(sql, it->wanted.text);
    if (it->has_cursor) {
        int number = add_time_and_id(it, it->cursor.time_us, &it->cursor.id);
        teleai__sql_add_param(sql, "\n   and (t.created_at, t.id) < ($?, ", number);
        teleai__sql_add_param(sql, "$?)", number + 1);
    }
    teleai__sql_add_param(sql, "\n order by t.created_at desc, t.id desc\n limit $?\n), head as (\n", limit);
    teleai__sql_add(sql, "select (select count(*)\n"
                         "          from (select");
    teleai__sql_add(sql, it->wanted.text);
    teleai__sql_add(sql, "\n limit " MOST_RANKED " + 1) counted) as total,\n"
                         "       null::timestamptz as as_of_time, null::uuid as as_of_id, ");
}

static void write_ranked(search *it, int limit) {
    teleai__sql *sql = &it->sql;
    teleai__sql_add(sql, "with found as materialized (\n"
                         "select t.id, t.created_at");
    teleai__sql_add(sql, it->wanted.text);
    if (it->has_cursor) {
        int number = add_time_and_id(it, it->cursor.as_of_us, &it->cursor.as_of_id);
        teleai__sql_add_param(sql, "\n   and (t.created_at, t.id) <= ($?, ", number);
        teleai__sql_add_param(sql, "$?)", number + 1);
    }
    teleai__sql_add(sql, "\n order by t.created_at desc, t.id desc\n"
                         " limit " MOST_RANKED " + 1\n"
                         "), ranked as materialized (\n"
                         "select newest.id, newest.created_at,\n"
                         "       ts_rank_cd(to_tsvector('english', t.transcription_text), ");
    teleai__sql_add(sql, it->query.text);
    teleai__sql_add(sql, ", 1)::float8 as rank\n" /* 1: by the logarithm of the length, or long talks always win */
                         "  from (select id, created_at\n"
                         "          from found\n"
                         "         order by created_at desc, id desc\n"
                         "         limit " MOST_RANKED ") newest\n"
                         " cross join lateral (select transcription_text\n"
                         "                       from transcriptions\n"
                         "                      where tenant_id = $1\n"
                         "                        and id = newest.id\n"
                         "                      limit 1) t\n"
                         "), page as (\n"
                         "select id, created_at, rank\n"
                         "  from ranked");
    if (it->has_cursor) {
        int rank =
            teleai__params_add(&it->params, teleai__value_float8(it->cursor.rank, teleai__params_scratch(&it->params)),
                               TELEAI__OID_FLOAT8);
        int number = add_time_and_id(it, it->cursor.time_us, &it->cursor.id);
        teleai__sql_add_param(sql, "\n where (rank, created_at, id) < ($?, ", rank);
        teleai__sql_add_param(sql, "$?, ", number);
        teleai__sql_add_param(sql, "$?)", number + 1);
    }
    teleai__sql_add_param(sql, "\n order by rank desc, created_at desc, id desc\n limit $?\n), head as (\n", limit);
    teleai__sql_add(sql,
                    "select (select count(*) from found) as total,\n"
                    "       (select created_at from found order by created_at desc, id desc limit 1) as as_of_time,\n"
                    "       (select id from found order by created_at desc, id desc limit 1) as as_of_id,\n"
                    "       ");
}

static void write_statement(search *it) {
    int limit = teleai__params_add(&it->params, teleai__value_int8(it->limit + 1, teleai__params_scratch(&it->params)),
                                   TELEAI__OID_INT8);
    add_conditions(it);
    if (it->ranked)
        write_ranked(it, limit);
    else
        write_newest(it, limit);
    teleai__sql_add(&it->sql, it->query.text);
    teleai__sql_add(&it->sql, "::text as parsed\n)\n");
    teleai__sql_add(&it->sql, page_columns);
    teleai__sql_add(&it->sql, it->query.text);
    teleai__sql_add(&it->sql, page_joins);
}

/* ---- the answer ---- */

#define MOST_MARK_BYTES 400 /* a hundred characters */

/* What the answer is read with; on its own, since a batch keeps it for longer than the call. */
typedef struct wanted_hits {
    int32_t limit;
    bool ranked;
    char mark_start[MOST_MARK_BYTES + 1], mark_end[MOST_MARK_BYTES + 1];
} wanted_hits;

static void clear_result(void *result) { PQclear(result); }

static teleai_status fail_head(teleai_error *error) {
    return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                        "search_transcriptions: the server sent another answer than expected");
}

static teleai_status add_cursor(const wanted_hits *it, teleai_search_hits *hits, const PGresult *result,
                                teleai__arena *arena, teleai_error *error) {
    const teleai_search_hit *last = hits->items[hits->count - 1];
    teleai__cursor cursor = {
        .kind = it->ranked ? TELEAI__CURSOR_SEARCH_RANKED : TELEAI__CURSOR_SEARCH_NEWEST,
        .time_us = teleai__time_write(last->created_at_us),
        .id = last->transcription_id,
        .rank = last->rank,
    };
    if (it->ranked && (!teleai__answer_int64(result, 0, HEAD_AS_OF_TIME, &cursor.as_of_us) ||
                       !teleai__answer_uuid(result, 0, HEAD_AS_OF_ID, &cursor.as_of_id)))
        return fail_head(error);
    char *text = teleai__arena_alloc(arena, TELEAI__CURSOR_TEXT_BYTES);
    if (text == NULL)
        return teleai__fail_memory(error);
    teleai__cursor_format(&cursor, text);
    hits->next_cursor = text;
    return TELEAI_OK;
}

static teleai_status decode_hits(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    const wanted_hits *it = operation->more;
    int found = teleai__answer_is_null(result, 0, HEAD_COLUMNS) ? 0 : teleai__answer_rows(result);
    int count = found < it->limit ? found : it->limit;
    teleai_search_hits *hits =
        teleai__arena_make(sizeof *hits, (size_t)count * (sizeof(teleai_search_hit) + 600) + 256);
    if (hits == NULL) {
        PQclear(result);
        return teleai__fail_memory(error);
    }
    teleai__arena *arena = teleai__arena_of(hits);
    teleai__arena_keep(arena, result, clear_result);
    const teleai_search_hit **items = teleai__arena_alloc(arena, (size_t)count * sizeof *items);
    teleai_search_hit *made = teleai__arena_alloc(arena, (size_t)count * sizeof *made);
    teleai_status status = items == NULL || made == NULL ? teleai__fail_memory(error) : TELEAI_OK;
    if (status == TELEAI_OK)
        status = teleai__row_check(&row, result, HEAD_COLUMNS, error);
    for (int i = 0; status == TELEAI_OK && i < count; i++) {
        status = teleai__row_decode(&row, arena, &made[i], result, i, HEAD_COLUMNS, error);
        if (status == TELEAI_OK && made[i].snippet_marked == NULL)
            status = fail_head(error);
        if (status == TELEAI_OK && !teleai__snippet_split(arena, &made[i], it->mark_start, it->mark_end))
            status = teleai__fail_memory(error);
        items[i] = &made[i];
    }
    hits->items = items;
    hits->count = (size_t)count;
    hits->parsed_query = teleai__answer_text(result, 0, HEAD_PARSED);
    if (status == TELEAI_OK &&
        (hits->parsed_query == NULL || !teleai__answer_int64(result, 0, HEAD_TOTAL, &hits->total) || hits->total < 0))
        status = fail_head(error);
    hits->total_is_exact = hits->total <= MOST_RANKED_NUMBER;
    if (!hits->total_is_exact)
        hits->total = MOST_RANKED_NUMBER;
    if (status == TELEAI_OK && found > count)
        status = add_cursor(it, hits, result, arena, error);
    if (status != TELEAI_OK) {
        teleai__arena_free(hits);
        return status;
    }
    *(teleai_search_hits **)operation->out = hits;
    return TELEAI_OK;
}

/* ---- public ---- */

static teleai_status read_search(const teleai_search_options *options, search *it, teleai_error *error) {
    teleai_search_options *with = &it->options;
    teleai_status status = teleai__read_options(with, sizeof *with, options, "options", error);
    if (status == TELEAI_OK)
        status = teleai__fields_check(filters, TELEAI__COUNT(filters), with, error);
    if (status == TELEAI_OK && (with->limit < 0 || with->limit > LARGEST_LIMIT))
        status = teleai__fail_field(error, "limit", "limit is %d; 1 to %d, or 0 for %d, was expected", (int)with->limit,
                                    LARGEST_LIMIT, DEFAULT_LIMIT);
    if (status == TELEAI_OK && (with->order < TELEAI_SEARCH_RANKED || with->order > TELEAI_SEARCH_NEWEST_FIRST))
        status = teleai__fail_field(error, "order", "order is %d; 0 (ranked) or 1 (newest first) was expected",
                                    (int)with->order);
    if (status == TELEAI_OK && with->mark_start != NULL)
        status = teleai__text_check("mark_start", with->mark_start, 0, 100, error);
    if (status == TELEAI_OK && with->mark_end != NULL)
        status = teleai__text_check("mark_end", with->mark_end, 0, 100, error);
    if (status != TELEAI_OK)
        return status;
    it->limit = with->limit == 0 ? DEFAULT_LIMIT : with->limit;
    it->ranked = with->order == TELEAI_SEARCH_RANKED;
    it->has_cursor = with->cursor != NULL;
    if (with->mark_start == NULL)
        with->mark_start = "[";
    if (with->mark_end == NULL)
        with->mark_end = "]";
    if (with->status == 0)
        with->status = TELEAI_TRANSCRIPTION_COMPLETED;
    if (!it->has_cursor)
        return TELEAI_OK;
    return teleai__cursor_parse(with->cursor, it->ranked ? TELEAI__CURSOR_SEARCH_RANKED : TELEAI__CURSOR_SEARCH_NEWEST,
                                &it->cursor, error);
}

teleai_status teleai_search_transcriptions(teleai_client *client, const char *query,
                                           const teleai_search_options *options, teleai_search_hits **out,
                                           teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("hits", error);
    *out = NULL;
    search *it = teleai__arena_make(sizeof *it, 8192);
    if (it == NULL)
        return teleai__fail_memory(error);
    teleai_status status = read_search(options, it, error);
    teleai__params_begin(&it->params, client);
    it->secured = teleai__client_is_secured(client);
    teleai__sql_init(&it->query, it->query_text, sizeof it->query_text);
    teleai__sql_init(&it->wanted, it->wanted_text, sizeof it->wanted_text);
    teleai__sql_init(&it->sql, it->sql_text, sizeof it->sql_text);
    if (status == TELEAI_OK)
        status = teleai__search_query(query, teleai__arena_of(it), &it->params, &it->query, error);
    if (status == TELEAI_OK) {
        write_statement(it);
        wanted_hits wanted = {.limit = it->limit, .ranked = it->ranked};
        snprintf(wanted.mark_start, sizeof wanted.mark_start, "%s", it->options.mark_start);
        snprintf(wanted.mark_end, sizeof wanted.mark_end, "%s", it->options.mark_end);
        /* Planned each time: without seeing the words the planner cannot tell a rare one from a common one. */
        teleai__operation operation = {
            .statement = {.name = "search_transcriptions", .sql = it->sql.text},
            .params = &it->params,
            .repeatable = true,
            .decode = decode_hits,
            .out = out,
            .more = &wanted,
            .more_bytes = sizeof wanted,
        };
        status = it->query.failed || it->wanted.failed || it->sql.failed
                     ? teleai__fail_field(error, "query", "query is too long to be sent")
                     : teleai__run(client, &operation, error);
    }
    teleai__arena_free(it);
    return status;
}

teleai_status teleai_search_hits_to_arrow(const teleai_search_hits *list, struct ArrowSchema *schema,
                                          struct ArrowArray *array, teleai_error *error) {
    return teleai__list_to_arrow(&row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_search_hits_free(teleai_search_hits *hits) { teleai__arena_free(hits); }
