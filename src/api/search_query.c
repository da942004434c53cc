#include "api/search_query.h"

#include <string.h>
#include <strings.h>

#include "base/error.h"

#define MOST_BYTES 4096
#define MOST_TERMS 64

enum term_kind { TERM_WORD, TERM_PHRASE, TERM_PREFIX, TERM_OR };

typedef struct term {
    enum term_kind kind;
    bool unwanted;
    const char *start; /* without quotes, minus and star */
    size_t length;
} term;

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Takes the next term off the text. False: there is none, or (then *fine is false) a quote is not closed. */
static bool next_term(const char **text, term *out, bool *fine) {
    const char *at = *text;
    *fine = true;
    while (is_space(*at))
        at++;
    if (*at == '\0')
        return false;
    *out = (term){.kind = TERM_WORD};
    if (*at == '-' && at[1] != '\0' && !is_space(at[1])) {
        out->unwanted = true;
        at++;
    }
    if (*at == '"') {
        const char *end = strchr(at + 1, '"');
        if (end == NULL) {
            *fine = false;
            return false;
        }
        out->kind = TERM_PHRASE;
        out->start = at + 1;
        out->length = (size_t)(end - at - 1);
        *text = end + 1;
        return true;
    }
    out->start = at;
    while (*at != '\0' && !is_space(*at) && *at != '"')
        at++;
    out->length = (size_t)(at - out->start);
    *text = at;
    if (!out->unwanted && out->length == 2 && strncasecmp(out->start, "or", 2) == 0)
        out->kind = TERM_OR;
    else if (out->length > 1 && out->start[out->length - 1] == '*') {
        out->kind = TERM_PREFIX;
        out->length--;
    }
    return true;
}

/* to_tsquery() has a syntax of its own: the word in quotes, with quotes and backslashes doubled, then :* for prefix. */
static char *quote_prefix(teleai__arena *arena, const term *it) {
    char *quoted = teleai__arena_alloc(arena, 2 * it->length + 5), *end = quoted;
    if (quoted == NULL)
        return NULL;
    *end++ = '\'';
    for (size_t i = 0; i < it->length; i++) {
        if (it->start[i] == '\'' || it->start[i] == '\\')
            *end++ = it->start[i];
        *end++ = it->start[i];
    }
    memcpy(end, "':*", 4);
    return quoted;
}

static teleai_status add_term(const term *it, teleai__arena *arena, teleai__params *params, teleai__sql *out,
                              teleai_error *error) {
    static const char *const calls[] = {
        [TERM_WORD] = "plainto_tsquery('english', $?)",
        [TERM_PHRASE] = "phraseto_tsquery('english', $?)",
        [TERM_PREFIX] = "to_tsquery('english', $?)",
    };
    char *text = it->kind == TERM_PREFIX ? quote_prefix(arena, it) : teleai__arena_text(arena, it->start, it->length);
    if (text == NULL)
        return teleai__fail_memory(error);
    int number = teleai__params_add(params, teleai__value_text(text, strlen(text)), TELEAI__OID_TEXT);
    teleai__sql_add(out, it->unwanted ? "!!" : "");
    teleai__sql_add_param(out, calls[it->kind], number);
    return TELEAI_OK;
}

teleai_status teleai__search_query(const char *query, teleai__arena *arena, teleai__params *params, teleai__sql *out,
                                   teleai_error *error) {
    static const char field[] = "query";
    teleai_status status = teleai__text_check(field, query, 0, 0, error);
    if (status == TELEAI_OK && strlen(query) > MOST_BYTES)
        status = teleai__fail_field(error, field, "query has %zu bytes; at most %d were expected", strlen(query),
                                    MOST_BYTES);
    int terms = 0, in_group = 0, wanted_in_group = 0;
    bool fine = true, alternative = false;
    term it;
    teleai__sql_add(out, "((");
    while (status == TELEAI_OK && next_term(&query, &it, &fine)) {
        if (it.kind == TERM_OR) {
            alternative = true; /* doubled, leading and trailing ones mean nothing */
            continue;
        }
        if (++terms > MOST_TERMS)
            return teleai__fail_field(error, field, "query has over %d words and phrases", MOST_TERMS);
        if (alternative && in_group > 0) {
            if (wanted_in_group == 0)
                break;
            teleai__sql_add(out, ") || (");
            in_group = wanted_in_group = 0;
        }
        alternative = false;
        teleai__sql_add(out, in_group++ > 0 ? " && " : "");
        wanted_in_group += !it.unwanted;
        status = add_term(&it, arena, params, out, error);
    }
    teleai__sql_add(out, "))");
    if (status != TELEAI_OK)
        return status;
    if (!fine)
        return teleai__fail_field(error, field, "query has a quotation mark that is not closed");
    if (wanted_in_group == 0)
        return teleai__fail_field(error, field,
                                  terms == 0 ? "query is empty; a word to look for was expected"
                                             : "query only excludes; on each side of `or` at least one "
                                               "word to look for was expected");
    return TELEAI_OK;
}
