/* Taking migration files apart: what hides a semicolon, what belongs together, and the files that are shipped. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "schema/migrate.h"
#include "schema/migration_steps.h"

#define HEADER "-- 042: a file.\n-- teleai: step by step\n"

/* The SQL of the steps, each in brackets. */
static const char *pieces(const char *sql) {
    static char text[4000];
    char file[4000];
    snprintf(file, sizeof file, HEADER "%s", sql);
    teleai__migration_steps *steps = teleai__migration_split(file);
    cr_assert(steps != NULL);
    text[0] = '\0';
    for (size_t i = 0; i < steps->count; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "[%s]", steps->items[i].sql);
    }
    teleai__migration_steps_free(steps);
    return text;
}

#define PIECES(sql, expected) \
    cr_assert(strcmp(pieces(sql), (expected)) == 0, "%s: %s, %s was expected", sql, pieces(sql), expected)

Test(migration_steps, statements_stand_alone) {
    PIECES("", "");
    PIECES(" \n-- nothing\n/* ; */ ;; ", "");
    PIECES("select 1;", "[select 1;]");
    PIECES("select 1; select 2;\nselect 3", "[select 1;][select 2;][select 3]");
    PIECES("-- Step: a.\nselect 1 -- ; not here\n + 2;\n", "[select 1 -- ; not here\n + 2;]");
}

Test(migration_steps, quotes_hide_a_semicolon) {
    PIECES("select ';'; select 2", "[select ';';][select 2]");
    PIECES("select 'it''s;'; select 2", "[select 'it''s;';][select 2]");
    PIECES("select 'back\\'; select 2", "[select 'back\\';][select 2]");
    PIECES("select e'it\\';s'; select 2", "[select e'it\\';s';][select 2]");
    PIECES("select E'\\\\'; select ';'", "[select E'\\\\';][select ';']");
    PIECES("select E'a''\\';b'; select 2", "[select E'a''\\';b';][select 2]");
    PIECES("select name'\\'; select 2", "[select name'\\';][select 2]"); /* the e of another word */
    PIECES("select \"a;\"\"b;\"; select 2", "[select \"a;\"\"b;\";][select 2]");
    PIECES("select 'open; select 2", "[select 'open; select 2]");
    PIECES("select e'open\\", "[select e'open\\]");
    PIECES("select \"open;", "[select \"open;]");
}

Test(migration_steps, dollar_quotes_hide_a_semicolon) {
    PIECES("do $$ a; b; $$; select 2", "[do $$ a; b; $$;][select 2]");
    PIECES("do $x$ a; $$ b; $y$ $x$; select 2", "[do $x$ a; $$ b; $y$ $x$;][select 2]");
    PIECES("do $_1$ '; $_1$; select 2", "[do $_1$ '; $_1$;][select 2]");
    PIECES("select $1; select $2", "[select $1;][select $2]");
    PIECES("select a$b; select c$b; 3", "[select a$b;][select c$b;][3]"); /* within a name it is a letter */
    PIECES("do $$ open; ", "[do $$ open; ]");
    PIECES("select $; 2", "[select $;][2]");
}

Test(migration_steps, comments_hide_a_semicolon) {
    PIECES("select 1 /* ; */ ; select 2", "[select 1 /* ; */ ;][select 2]");
    PIECES("select /* a /* b; */ c; */ 1; select 2", "[select /* a /* b; */ c; */ 1;][select 2]");
    PIECES("select /* ' */ 1; select 2 -- '\n; 3", "[select /* ' */ 1;][select 2 -- '\n;][3]");
    PIECES("select /*/ ; */ 1; 2", "[select /*/ ; */ 1;][2]");
    PIECES("select /* open; ", "[select /* open; ]");
    PIECES("select '--'; 2; select '/*'; 4", "[select '--';][2;][select '/*';][4]");
}

Test(migration_steps, what_lies_between_begin_and_commit_is_one) {
    PIECES("begin; a; b; commit; c; begin; d; commit;", "[begin; a; b; commit;][c;][begin; d; commit;]");
    PIECES("BEGIN;\ndo $$ begin a; commit; end $$;\n-- commit;\nCommit;\nc;",
           "[BEGIN;\ndo $$ begin a; commit; end $$;\n-- commit;\nCommit;][c;]");
    PIECES("start transaction; a; end; b", "[start transaction; a; end;][b]");
    PIECES("begin; a; committed; b", "[begin; a; committed; b]");
    PIECES("begin /* ; */ work; a; commit work; b", "[begin /* ; */ work; a; commit work;][b]");
    PIECES("beginning; a;", "[beginning;][a;]");
}

Test(migration_steps, comments_tell_what_a_step_is_about) {
    teleai__migration_steps *steps = teleai__migration_split(
        HEADER "-- A remark.\n\n-- Step: the first (of three).\n-- Locks: users access exclusive; tenants share (no "
               "rewrite: said so).\nbegin;\n-- Step: not one.\na;\ncommit;\n\n-- Step: the second\nb;\n\nc;\n"
               "-- Locks: users share.\n/* more */\n-- Step: the fourth.\nd;\n-- Step: of nothing.\n");
    cr_assert(steps != NULL && steps->count == 4);
    static const struct {
        const char *description, *locks;
        bool alone;
    } expected[] = {{"the first (of three)", "users access exclusive; tenants share", false},
                    {"the second", "", true},
                    {"", "", true},
                    {"the fourth", "users share", true}};
    for (size_t i = 0; i < 4; i++) {
        const teleai__migration_step *step = &steps->items[i];
        cr_assert(strcmp(step->description, expected[i].description) == 0, "%zu: %s", i, step->description);
        cr_assert(strcmp(step->locks, expected[i].locks) == 0, "%zu: %s", i, step->locks);
        cr_assert(step->alone == expected[i].alone && step->index == NULL);
    }
    teleai__migration_steps_free(steps);
    teleai__migration_steps_free(NULL);
}

static void check_index(const char *sql, const char *expected) {
    char file[400];
    snprintf(file, sizeof file, HEADER "%s", sql);
    teleai__migration_steps *steps = teleai__migration_split(file);
    cr_assert(steps != NULL && steps->count == 1, "%s", sql);
    const char *index = steps->items[0].index;
    cr_assert(expected == NULL ? index == NULL : index != NULL && strcmp(index, expected) == 0, "%s: %s", sql, index);
    teleai__migration_steps_free(steps);
}

Test(migration_steps, the_index_that_a_statement_builds_is_known) {
    check_index("create index concurrently a_idx on a (b)", "a_idx");
    check_index("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_key ON a (b);", "a_key");
    check_index("create /* x */ unique index\nconcurrently -- y\n if not exists here.\"A \"\"key\" on a (b)",
                "here.\"A \"\"key\"");
    check_index("create index concurrently on a (b)", NULL);
    check_index("create index a_idx on a (b)", NULL);
    check_index("drop index concurrently if exists a_idx", NULL);
    check_index("begin; create index concurrently a_idx on a (b); commit", NULL);
    check_index("select 'create index concurrently a_idx'", NULL);
}

Test(migration_steps, a_file_without_the_header_is_one_step) {
    static const char file[] =
        "-- 042, undone: no such thing. Nothing is lost.\n-- teleai: step by step, not\nbegin;\na;\ncommit;\nb;\n";
    cr_assert(!teleai__migration_is_stepwise(file));
    teleai__migration_steps *steps = teleai__migration_split(file);
    cr_assert(steps != NULL && steps->count == 1);
    cr_assert(strcmp(steps->items[0].sql, file) == 0 && strcmp(steps->items[0].locks, "") == 0);
    cr_assert(strcmp(steps->items[0].description, "no such thing. Nothing is lost") == 0, "%s",
              steps->items[0].description);
    teleai__migration_steps_free(steps);
    steps = teleai__migration_split("select 1");
    cr_assert(steps != NULL && steps->count == 1 && strcmp(steps->items[0].description, "") == 0);
    teleai__migration_steps_free(steps);
    steps = teleai__migration_split("-- Who knows: this\n");
    cr_assert(steps != NULL && strcmp(steps->items[0].description, "Who knows: this") == 0);
    teleai__migration_steps_free(steps);
}

/* ---- the files that are shipped ---- */

/* As many as the file announces; without any it is one. */
static size_t announced_steps(const char *sql) {
    size_t count = 0;
    for (const char *at = sql; (at = strstr(at, "\n-- Step: ")) != NULL; at++)
        count++;
    return count == 0 ? 1 : count;
}

static void check_file(const char *sql, int version, const char *way) {
    size_t expected = announced_steps(sql);
    bool stepwise = strstr(sql, "\n-- teleai: step by step\n") != NULL;
    bool alone = strstr(sql, "\ncreate index concurrently") != NULL ||
                 strstr(sql, "\ncreate unique index concurrently") != NULL ||
                 strstr(sql, "\ndrop index concurrently") != NULL;
    cr_assert(teleai__migration_is_stepwise(sql) == stepwise && (stepwise || expected == 1), "%d %s", version, way);
    teleai__migration_steps *steps = teleai__migration_split(sql);
    cr_assert(steps != NULL && steps->count == expected, "%d %s has %zu steps", version, way, steps->count);
    for (size_t i = 0; i < steps->count; i++) {
        const teleai__migration_step *step = &steps->items[i];
        size_t length = strlen(step->sql);
        cr_assert(step->description[0] != '\0', "%d %s: step %zu has no description", version, way, i + 1);
        cr_assert(step->alone == alone && (step->index != NULL) == alone);
        if (!alone && stepwise) {
            cr_assert(strncmp(step->sql, "begin;\n", 7) == 0 && strcmp(step->sql + length - 8, "\ncommit;") == 0,
                      "%d %s: step %zu: %s", version, way, i + 1, step->sql);
            cr_assert(step->locks[0] == '\0' || strstr(step->sql, "lock_timeout") != NULL ||
                          strstr(step->locks, "exclusive") == NULL,
                      "%d %s: step %zu waits for locks as long as it takes", version, way, i + 1);
        }
    }
    teleai__migration_steps_free(steps);
}

Test(migration_steps, shipped_files_split_into_the_steps_that_are_meant) {
    cr_assert(teleai__migration_file_count >= 20);
    size_t steps = 0;
    for (size_t i = 0; i < teleai__migration_file_count; i++) {
        const char *up = teleai__migration_files[i].up, *down = teleai__migration_files[i].down;
        check_file(up, (int)i + 1, "up");
        check_file(down, (int)i + 1, "down");
        steps += i < 20 ? announced_steps(up) + announced_steps(down) : 0;
    }
    cr_assert(steps == 182, "the first 20 files announce %zu steps", steps); /* they never change */
}
