#include "table/sql.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"

#define DEFAULT_LIMIT 50
#define LARGEST_LIMIT 10000

void teleai__sql_init(teleai__sql *sql, char *buffer, size_t room) {
    *sql = (teleai__sql){.text = buffer, .room = room};
    buffer[0] = '\0';
}

static void add_bytes(teleai__sql *sql, const char *text, size_t bytes) {
    if (sql->failed || bytes >= sql->room - sql->length) {
        sql->failed = true;
        return;
    }
    memcpy(sql->text + sql->length, text, bytes);
    sql->length += bytes;
    sql->text[sql->length] = '\0';
}

void teleai__sql_add(teleai__sql *sql, const char *text) { add_bytes(sql, text, strlen(text)); }

void teleai__sql_add_param(teleai__sql *sql, const char *text, int number) {
    const char tens = (char)('0' + number / 10), ones = (char)('0' + number % 10);
    const char digits[] = {number < 10 ? ones : tens, number < 10 ? '\0' : ones, '\0'}; /* below TELEAI__MAX_PARAMS */
    for (const char *mark; (mark = strstr(text, "$?")) != NULL; text = mark + 2) {
        add_bytes(sql, text, (size_t)(mark - text) + 1);
        teleai__sql_add(sql, digits);
    }
    teleai__sql_add(sql, text);
}

void teleai__sql_and(teleai__sql *sql) {
    teleai__sql_add(sql, sql->has_condition ? "\n   and " : "\n where ");
    sql->has_condition = true;
}

uint64_t teleai__sql_add_filter(teleai__sql *sql, const teleai__field *filters, size_t count, const void *filter,
                                teleai__params *params) {
    uint64_t given = 0;
    for (size_t i = 0; i < count; i++) {
        if (!teleai__field_is_given(&filters[i], filter))
            continue;
        teleai__value value;
        (void)teleai__field_read(&filters[i], filter, teleai__params_scratch(params), &value,
                                 NULL); /* it was checked */
        int number = teleai__params_add(params, value, TELEAI__OID_INFER);
        teleai__sql_and(sql);
        teleai__sql_add_param(sql, filters[i].column, number);
        given |= UINT64_C(1) << i;
    }
    return given;
}

/* ---- pages ---- */

static teleai_status read_page(const teleai_page *page, uint8_t cursor_kind, int32_t most_order, bool by_id,
                               teleai__page *out, teleai_error *error) {
    teleai_page with;
    teleai_status status = teleai__read_options(&with, sizeof with, page, "page", error);
    if (status != TELEAI_OK)
        return status;
    if (with.limit < 0 || with.limit > LARGEST_LIMIT)
        return teleai__fail_field(error, "limit", "limit is %" PRId32 "; 1 to %d, or 0 for %d, was expected",
                                  with.limit, LARGEST_LIMIT, DEFAULT_LIMIT);
    if (with.order < TELEAI_ORDER_NEWEST_FIRST || with.order > most_order)
        return teleai__fail_field(error, "order", "order is %" PRId32 "; 0 (newest first) to %" PRId32 " was expected",
                                  with.order, most_order);
    out->limit = with.limit == 0 ? DEFAULT_LIMIT : with.limit;
    out->oldest_first = with.order == TELEAI_ORDER_OLDEST_FIRST || with.order == TELEAI_ORDER_OLDEST_ID_FIRST;
    out->bounded = with.order >= TELEAI_ORDER_NEWEST_ID_FIRST;
    out->by_id = by_id || out->bounded;
    out->cursor_kind = (uint8_t)(cursor_kind + out->oldest_first + (out->by_id ? TELEAI__CURSOR_BY_ID : 0));
    out->has_cursor = with.cursor != NULL;
    return out->has_cursor ? teleai__cursor_parse(with.cursor, out->cursor_kind, &out->cursor, error) : TELEAI_OK;
}

teleai_status teleai__page_read(const teleai_page *page, uint8_t cursor_kind, bool by_id, teleai__page *out,
                                teleai_error *error) {
    return read_page(page, cursor_kind, TELEAI_ORDER_OLDEST_ID_FIRST, by_id, out, error);
}

teleai_status teleai__page_read_by_time(const teleai_page *page, uint8_t cursor_kind, teleai__page *out,
                                        teleai_error *error) {
    return read_page(page, cursor_kind, TELEAI_ORDER_OLDEST_FIRST, false, out, error);
}

static void add_all(teleai__sql *sql, const char *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        teleai__sql_add(sql, texts[i]);
}

void teleai__page_add(const teleai__page *page, teleai__sql *sql, teleai__params *params, const char *time,
                      const char *id, int limit) {
    const char *beyond = page->oldest_first ? " > " : " < ", *direction = page->oldest_first ? "" : " desc";
    if (page->has_cursor)
        teleai__sql_and(sql);
    if (page->has_cursor && page->by_id) {
        const char *const after[] = {id, beyond};
        add_all(sql, after, TELEAI__COUNT(after));
        teleai__sql_add_param(sql, "$?",
                              teleai__params_add(params, teleai__value_uuid(&page->cursor.id), TELEAI__OID_UUID));
    } else if (page->has_cursor) {
        int number =
            teleai__params_add(params, teleai__value_cursor_time(page->cursor.time_us, teleai__params_scratch(params)),
                               TELEAI__OID_TIMESTAMPTZ);
        teleai__params_add(params, teleai__value_uuid(&page->cursor.id), TELEAI__OID_UUID);
        const char *const after[] = {"(", time, ", ", id, ")", beyond};
        add_all(sql, after, TELEAI__COUNT(after));
        teleai__sql_add_param(sql, "($?, ", number);
        teleai__sql_add_param(sql, "$?)", number + 1);
    }
    teleai__sql_add(sql, "\n order by ");
    if (!page->by_id) {
        const char *const first[] = {time, direction, ", "};
        add_all(sql, first, TELEAI__COUNT(first));
    }
    const char *const last[] = {id, direction};
    add_all(sql, last, TELEAI__COUNT(last));
    if (limit > 0)
        teleai__sql_add_param(sql, "\n limit $?", limit);
}

/* Clocks of clients and servers differ, and a transaction lasts: created_at is when it began. */
#define CLOCKS_DIFFER_MS INT64_C(3600000)
#define LAST_MS ((INT64_C(1) << 48) - 1) /* of a UUIDv7 */

void teleai__page_add_bounds(const teleai__page *page, const teleai__field *filters, size_t count, const void *filter,
                             teleai__sql *sql, teleai__params *params) {
    for (size_t i = 0; page->bounded && i < count; i++) {
        bool from = (filters[i].flags & TELEAI__FROM) != 0, until = (filters[i].flags & TELEAI__UNTIL) != 0;
        if ((!from && !until) || !teleai__field_is_given(&filters[i], filter))
            continue;
        int64_t time_us;
        memcpy(&time_us, (const char *)filter + filters[i].offset, sizeof time_us);
        int64_t ms = time_us / 1000 + (from ? -CLOCKS_DIFFER_MS : CLOCKS_DIFFER_MS);
        if (ms < 0 || ms > LAST_MS)
            ms = ms < 0 ? 0 : LAST_MS;
        unsigned char *bound = teleai__params_scratch(params);
        memset(bound, 0, 16);
        teleai__put16(bound, (uint16_t)(ms >> 32));
        teleai__put32(bound + 2, (uint32_t)ms);
        int number = teleai__params_add(params, teleai__value_binary(bound, 16, TELEAI__OID_UUID), TELEAI__OID_UUID);
        teleai__sql_and(sql);
        teleai__sql_add_param(sql, from ? "id >= $?" : "id < $?", number);
    }
}
