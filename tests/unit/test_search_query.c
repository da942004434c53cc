/* api/search_query: what people type, as an SQL expression and its parameters. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "api/search_query.h"

static char sql_text[16384];
static teleai__params params;
static teleai__sql sql;
static void *root;
static teleai_error error;

static teleai_status parse(const char *query) {
    teleai__arena_free(root);
    root = teleai__arena_make(0, 1024);
    cr_assert(root != NULL);
    teleai__params_init(&params);
    teleai__sql_init(&sql, sql_text, sizeof sql_text);
    return teleai__search_query(query, teleai__arena_of(root), &params, &sql, &error);
}

static void tear_down(void) { teleai__arena_free(root); }

TestSuite(search_query, .fini = tear_down);

/* In the expected SQL W, P and T stand for the three calls, with the parameter's number behind. The texts of the
 * parameters follow, each ended by a bar. */
static void gives(const char *query, const char *expected, const char *texts) {
    cr_assert(parse(query) == TELEAI_OK, "%s: %s", query, error.message);
    char short_sql[4096] = "", found[4096] = "";
    static const struct {
        const char *call;
        char letter;
    } calls[] = {{"plainto_tsquery('english', $", 'W'},
                 {"phraseto_tsquery('english', $", 'P'},
                 {"to_tsquery('english', $", 'T'}};
    size_t length = 0;
    for (const char *c = sql_text; *c != '\0';) {
        size_t i = 0;
        while (i < 3 && strncmp(c, calls[i].call, strlen(calls[i].call)) != 0)
            i++;
        if (i == 3) {
            short_sql[length++] = *c++;
            continue;
        }
        short_sql[length++] = calls[i].letter;
        for (c += strlen(calls[i].call); *c != ')'; c++)
            short_sql[length++] = *c;
        c++;
    }
    cr_expect_str_eq(short_sql, expected, "%s became %s", query, sql_text);
    for (int i = 0; i < params.count; i++) {
        cr_assert(params.values[i] != NULL && params.types[i] == TELEAI__OID_TEXT);
        snprintf(found + strlen(found), sizeof found - strlen(found), "%.*s|", params.lengths[i], params.values[i]);
    }
    cr_expect_str_eq(found, texts, "%s has the texts %s", query, found);
    cr_expect(!sql.failed);
}

Test(search_query, words_are_all_wanted) {
    gives("heart", "((W1))", "heart|");
    gives("heart rate", "((W1 && W2))", "heart|rate|");
    gives("  heart\t\nrate \v\f\r", "((W1 && W2))", "heart|rate|");
    gives("héart 世界", "((W1 && W2))", "héart|世界|");
    gives("don't rock&roll a|b !c (d) e:f <->", "((W1 && W2 && W3 && W4 && W5 && W6 && W7))",
          "don't|rock&roll|a|b|!c|(d)|e:f|<->|");
}

Test(search_query, phrases_stay_together) {
    gives("\"heart rate\"", "((P1))", "heart rate|");
    gives("\"heart rate\" monitor", "((P1 && W2))", "heart rate|monitor|");
    gives("a\"b c\"d", "((W1 && P2 && W3))", "a|b c|d|");
    gives("\"or\" \"-x\"", "((P1 && P2))", "or|-x|");
    gives("\"it's \\ here\"", "((P1))", "it's \\ here|");
}

Test(search_query, or_binds_less_than_words_side_by_side) {
    gives("heart or pulse", "((W1) || (W2))", "heart|pulse|");
    gives("heart OR pulse oR beat Or x", "((W1) || (W2) || (W3) || (W4))", "heart|pulse|beat|x|");
    gives("a b or c d", "((W1 && W2) || (W3 && W4))", "a|b|c|d|");
    gives("or a", "((W1))", "a|");
    gives("a or", "((W1))", "a|");
    gives("a or or b", "((W1) || (W2))", "a|b|");
    gives("oregano for", "((W1 && W2))", "oregano|for|");
    gives("\"a b\" or -c d", "((P1) || (!!W2 && W3))", "a b|c|d|");
}

Test(search_query, a_minus_excludes) {
    gives("heart -drill", "((W1 && !!W2))", "heart|drill|");
    gives("-drill heart", "((!!W1 && W2))", "drill|heart|");
    gives("heart -\"fire drill\"", "((W1 && !!P2))", "heart|fire drill|");
    gives("heart -dri*", "((W1 && !!T2))", "heart|'dri':*|");
    gives("well-known", "((W1))", "well-known|");
    gives("a --b", "((W1 && !!W2))", "a|-b|");
    gives("a -or", "((W1 && !!W2))", "a|or|");
    gives("a - b", "((W1 && W2 && W3))", "a|-|b|");
}

Test(search_query, a_star_looks_for_beginnings) {
    gives("cardi*", "((T1))", "'cardi':*|");
    gives("o'ne*", "((T1))", "'o''ne':*|");
    gives("a\\b* '*", "((T1 && T2))", "'a\\\\b':*|'''':*|");
    gives("a|b:*&c*", "((T1))", "'a|b:*&c':*|");
    gives("*", "((W1))", "*|");
    gives("a*b", "((W1))", "a*b|");
    gives("a**", "((T1))", "'a*':*|");
}

static void refused(const char *query, const char *says) {
    cr_expect(parse(query) == TELEAI_INVALID_ARGUMENT, "%s was let through", query);
    cr_expect_str_eq(error.field, "query");
    cr_expect(strstr(error.message, says) != NULL, "%s: %s", query, error.message);
}

Test(search_query, what_cannot_be_asked) {
    refused(NULL, "NULL");
    refused("", "");
    refused("   ", "empty");
    refused("or", "empty");
    refused("or OR or", "empty");
    refused("-drill", "exclude");
    refused("-drill -\"fire drill\"", "exclude");
    refused("heart or -drill", "exclude");
    refused("-drill or heart", "exclude");
    refused("\"heart rate", "quotation");
    refused("heart \"", "quotation");
    refused("a \"b c\" \"d", "quotation");
    refused("heart \xff", "UTF-8");
}

Test(search_query, length_and_number_are_limited) {
    char query[5000] = "";
    memset(query, 'x', 4096);
    query[4096] = '\0';
    cr_assert(parse(query) == TELEAI_OK, "%s", error.message);
    query[4096] = 'x';
    refused(query, "4096");
    query[0] = '\0';
    for (int i = 0; i < 64; i++)
        strcat(query, "w ");
    cr_assert(parse(query) == TELEAI_OK && params.count == 64, "%s", error.message);
    cr_assert(!sql.failed);
    strcat(query, "w");
    refused(query, "64");
}

Test(search_query, no_words_reach_the_sql) {
    static const char *const queries[] = {"'; drop table users; --", "\"'); drop table users; --\"", "$1 $?", "drop*"};
    for (size_t i = 0; i < 4; i++) {
        cr_assert(parse(queries[i]) == TELEAI_OK);
        cr_assert(strstr(sql_text, "drop") == NULL && strchr(sql_text, ';') == NULL && strchr(sql_text, '?') == NULL,
                  "%s", sql_text);
    }
}
