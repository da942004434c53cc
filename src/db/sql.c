#include "db/sql.h"

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
        teleai__sql_add(sql, given == 0 ? "\n where " : "\n   and ");
        teleai__sql_add_param(sql, filters[i].column, number);
        given |= UINT64_C(1) << i;
    }
    return given;
}

/* ---- pages ---- */

teleai_status teleai__page_read(const teleai_page *page, uint8_t cursor_kind, teleai__page *out, teleai_error *error) {
    teleai_page with;
    teleai_status status = teleai__read_options(&with, sizeof with, page, "page", error);
    if (status != TELEAI_OK)
        return status;
    if (with.limit < 0 || with.limit > LARGEST_LIMIT)
        return teleai__fail_field(error, "limit", "limit is %" PRId32 "; 1 to %d, or 0 for %d, was expected",
                                  with.limit, LARGEST_LIMIT, DEFAULT_LIMIT);
    if (with.order != TELEAI_ORDER_NEWEST_FIRST && with.order != TELEAI_ORDER_OLDEST_FIRST)
        return teleai__fail_field(error, "order", "order is %" PRId32 "; 0 (newest first) or 1 was expected",
                                  with.order);
    out->limit = with.limit == 0 ? DEFAULT_LIMIT : with.limit;
    out->oldest_first = with.order == TELEAI_ORDER_OLDEST_FIRST;
    out->cursor_kind = (uint8_t)(cursor_kind + out->oldest_first);
    out->has_cursor = with.cursor != NULL;
    return out->has_cursor ? teleai__cursor_parse(with.cursor, out->cursor_kind, &out->cursor, error) : TELEAI_OK;
}

void teleai__page_add(const teleai__page *page, teleai__sql *sql, teleai__params *params, const char *joint,
                      const char *time, const char *id, const char *limit) {
    if (page->has_cursor) {
        int number = teleai__params_add(
            params, teleai__value_time(page->cursor.time_us, teleai__params_scratch(params)), TELEAI__OID_TIMESTAMPTZ);
        teleai__params_add(params, teleai__value_uuid(&page->cursor.id), TELEAI__OID_UUID);
        const char *const after[] = {"\n ", joint, " (", time, ", ", id, page->oldest_first ? ") > " : ") < "};
        for (size_t i = 0; i < TELEAI__COUNT(after); i++)
            teleai__sql_add(sql, after[i]);
        teleai__sql_add_param(sql, "($?, ", number);
        teleai__sql_add_param(sql, "$?)", number + 1);
    }
    const char *direction = page->oldest_first ? "" : " desc";
    const char *const order[] = {"\n order by ", time, direction, ", ", id, direction, "\n limit ", limit};
    for (size_t i = 0; i < TELEAI__COUNT(order) - (limit == NULL ? 2 : 0); i++)
        teleai__sql_add(sql, order[i]);
}
