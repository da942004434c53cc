/* api/search_query: what people type. The SQL holds nothing of it, and is an expression over the parameters. */
#include "api/search_query.h"
#include "fuzz.h"

static bool starts(const char **at, const char *text) {
    bool does = strncmp(*at, text, strlen(text)) == 0;
    *at += does ? strlen(text) : 0;
    return does;
}

/* A to_tsquery() of one word: 'word':* with quotes and backslashes doubled. */
static void check_prefix(const char *text) {
    size_t length = strlen(text);
    MUST(length > 4 && text[0] == '\'' && strcmp(text + length - 3, "':*") == 0);
    for (size_t i = 1; i < length - 3; i++)
        if (text[i] == '\'' || text[i] == '\\') {
            MUST(i + 1 < length - 3 && text[i + 1] == text[i]);
            i++;
        }
}

/* ((term && !!term) || (term)), with the parameters in order. */
static void check_sql(const char *sql, const teleai__params *params) {
    int number = 0, wanted = 0;
    MUST(starts(&sql, "(("));
    for (bool more = true; more;) {
        bool unwanted = starts(&sql, "!!"), prefix = false;
        MUST(starts(&sql, "plainto_tsquery('english', $") || starts(&sql, "phraseto_tsquery('english', $") ||
             (prefix = starts(&sql, "to_tsquery('english', $")));
        char *end;
        MUST(strtol(sql, &end, 10) == ++number && number <= params->count);
        sql = end;
        MUST(starts(&sql, ")") && params->types[number - 1] == TELEAI__OID_TEXT);
        const char *text = params->values[number - 1];
        MUST(fuzz_is_text(text) && params->lengths[number - 1] == (int)strlen(text));
        if (prefix)
            check_prefix(text);
        wanted += !unwanted;
        more = starts(&sql, " && ");
        if (!more && (more = starts(&sql, ") || ("))) {
            MUST(wanted > 0);
            wanted = 0;
        }
    }
    MUST(strcmp(sql, "))") == 0 && number == params->count && wanted > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char text[16384];
    fuzz_bytes from = {data, size};
    char *query = fuzz_text(&from);
    void *block = teleai__arena_make(0, 0);
    teleai__params params;
    teleai__sql sql;
    teleai_error error = {0};
    MUST(block != NULL);
    teleai__params_init(&params);
    teleai__sql_init(&sql, text, sizeof text);
    teleai_status status = teleai__search_query(query, teleai__arena_of(block), &params, &sql, &error);
    MUST(!sql.failed);
    if (status == TELEAI_OK) {
        MUST(fuzz_is_text(query));
        check_sql(text, &params);
    } else {
        MUST(status == TELEAI_INVALID_ARGUMENT && strcmp(error.field, "query") == 0 && fuzz_is_text(error.message));
    }
    teleai__arena_free(block);
    free(query);
    return 0;
}
