/* Analyses: typed entities, topics and key phrases against their JSON. What is read and written again is the same. */
#include "analyses.h"

SERVER_SUITE(analysis_json);

static teleai_analysis_input minimal(void) { return minimal_analysis(db); }

static teleai_analysis *made(const teleai_analysis_input *input) {
    teleai_analysis *analysis;
    OK(teleai_analysis_create(db, input, &analysis, &error));
    return analysis;
}

/* ---- lossless ---- */

static const char *const elements[] = {
    "{\"%s\": \"a\"}",
    "{\"%s\": \"\"}",
    "{\"%s\": \"a\", \"type\": \"person\", \"confidence\": 0.5, \"score\": 0.5, \"start_ms\": 10, \"end_ms\": 20}",
    "{\"%s\": \"a\", \"extra\": {\"b\": [1, {\"c\": null}], \"d\": \"\\\"\\\\\\n\"}}",
    "{\"%s\": \"a\", \"type\": null, \"confidence\": null, \"score\": null, \"start_ms\": null, \"end_ms\": null}",
    "{\"%s\": \"a\", \"type\": 5, \"confidence\": \"0.5\", \"score\": \"0.5\", \"start_ms\": \"1\", \"end_ms\": true}",
    "{\"%s\": \"a\", \"confidence\": 1, \"score\": 1, \"start_ms\": 1.5, \"end_ms\": 2.0}",
    "{\"%s\": \"a\", \"confidence\": 1.0, \"score\": 1.0, \"start_ms\": -5}",
    "{\"%s\": \"a\", \"confidence\": 0.1, \"score\": 0.1}",
    "{\"%s\": \"a\", \"confidence\": 0.10, \"score\": 0.90000000000000002}",
    "{\"%s\": \"a\", \"confidence\": 1e300, \"score\": 1e300, \"start_ms\": 1e300}",
    "{\"%s\": \"a\", \"confidence\": -0.0, \"score\": -0.0}",
    "{\"%s\": \"a\", \"confidence\": 1e-7, \"score\": 5e-324}",
    "{\"%s\": \"a\", \"confidence\": 0.12345678901234567890123456789, \"score\": 100000.00}",
    "{\"%s\": \"a\", \"start_ms\": 9223372036854775807, \"end_ms\": -9223372036854775808}",
    "{\"%s\": \"a\", \"start_ms\": 9223372036854775808, \"end_ms\": 18446744073709551615}",
    "{\"%s\": \"a\", \"start_ms\": 18446744073709551616, \"n\": 123456789012345678901234567890}",
    "{\"%s\": \"a\", \"n\": [1e300, -1e300, 0.1, 1.10, 1E5, 9007199254740993, 18446744073709551616]}",
    "{\"%s\": \"\\u00fc\\u2028\\ud83d\\ude00 / \\/ \\b\\f\\n\\r\\t\\u0001\\u007f\", \"type\": \"\\\"q\\\"\"}",
    "{\"%s\": \"a\", \"\": 1, \"a b\": 2, \"\\u00e4\": 3, \"TEXT\": \"x\", \"Name\": \"x\"}",
    "{\"%s\": 5}",
    "{\"%s\": null, \"type\": \"person\"}",
    "{\"%s\": [\"a\"]}",
    "{\"other\": \"%s\"}",
    "{}",
    "null",
    "true",
    "0.1",
    "1e300",
    "-5",
    "\"%s\"",
    "[]",
    "[[1], {\"%s\": \"a\"}]",
};
#define ELEMENTS (sizeof elements / sizeof *elements)

/* Depth of brackets inside an element. */
static const char *nested(int depth) {
    static char text[4096];
    int at = snprintf(text, sizeof text, "{\"%%s\": \"a\", \"deep\": ");
    for (int i = 0; i < depth; i++)
        text[at++] = '[';
    for (int i = 0; i < depth; i++)
        text[at++] = ']';
    snprintf(text + at, sizeof text - (size_t)at, "}");
    return text;
}

static void entities_survive(const char *json) {
    teleai_analysis_input input = minimal();
    input.entities_json = json;
    teleai_analysis *first = made(&input);
    long length =
        atol(harness_sql("select jsonb_array_length(entities) from analyses where id = '%s'", id_text(&first->id)));
    cr_expect((long)first->entity_count == length, "%s has %zu entities", json, first->entity_count);
    input.entities_json = NULL;
    input.entities = first->entities;
    input.entity_count = first->entity_count;
    if (first->entity_count > 0) {
        teleai_analysis *again = made(&input);
        cr_expect(same_text(again->entities_json, first->entities_json), "%s became %s", first->entities_json,
                  again->entities_json);
        teleai_analysis_free(again);
    }
    teleai_analysis_free(first);
}

static void topics_survive(const char *json) {
    teleai_analysis_input input = minimal();
    input.topics_json = json;
    teleai_analysis *first = made(&input);
    long length =
        atol(harness_sql("select jsonb_array_length(topics) from analyses where id = '%s'", id_text(&first->id)));
    cr_expect((long)first->topic_count == length, "%s has %zu topics", json, first->topic_count);
    input.topics_json = NULL;
    input.topics = first->topics;
    input.topic_count = first->topic_count;
    if (first->topic_count > 0) {
        teleai_analysis *again = made(&input);
        cr_expect(same_text(again->topics_json, first->topics_json), "%s became %s", first->topics_json,
                  again->topics_json);
        teleai_analysis_free(again);
    }
    teleai_analysis_free(first);
}

/* One element, with the name of its text filled in, as an array of one. */
static const char *array_of(const char *element, const char *name) {
    static char json[8192], filled[4096];
    const char *mark = strstr(element, "%s");
    if (mark == NULL)
        snprintf(filled, sizeof filled, "%s", element);
    else
        snprintf(filled, sizeof filled, "%.*s%s%s", (int)(mark - element), element, name, mark + 2);
    snprintf(json, sizeof json, "[%s]", filled);
    return json;
}

Test(analysis_json, entities_of_every_shape_survive) {
    for (size_t i = 0; i < ELEMENTS; i++)
        entities_survive(array_of(elements[i], "text"));
    entities_survive("[]");
    entities_survive("[{\"text\": \"a\"}, null, 7, {\"x\": 1}, {\"text\": \"b\", \"type\": \"t\"}]");
}

Test(analysis_json, topics_of_every_shape_survive) {
    for (size_t i = 0; i < ELEMENTS; i++)
        topics_survive(array_of(elements[i], "name"));
    topics_survive("[{\"name\": \"a\", \"score\": 0.25}, null, {\"name\": \"b\"}]");
}

Test(analysis_json, deep_elements_survive) {
    static const int depths[] = {5, 25, 31, 32, 100, 250};
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        entities_survive(array_of(nested(depths[i]), "text"));
        topics_survive(array_of(nested(depths[i]), "name"));
    }
}

/* ---- typed values ---- */

Test(analysis_json, typed_entities_become_the_json_that_one_expects) {
    static const teleai_entity entities[] = {
        {.text = "Ann \"A\" Ó",
         .type = "person",
         .confidence = 0.9,
         .has_confidence = true,
         .start_ms = 0,
         .has_start = true,
         .end_ms = 1500,
         .has_end = true,
         .extra_json = "{\"seen\": [1, 2]}"},
        {.text = "", .confidence = 1, .has_confidence = true},
        {.extra_json = "{\"odd\": true}"},
        {.extra_json = "null"},
    };
    teleai_analysis_input input = minimal();
    input.entities = entities;
    input.entity_count = 4;
    teleai_analysis *it = made(&input);
    SAME_TEXT(
        it->entities_json,
        "[{\"seen\": [1, 2], \"text\": \"Ann \\\"A\\\" Ó\", \"type\": \"person\", \"end_ms\": 1500, \"start_ms\": 0, "
        "\"confidence\": 0.9}, {\"text\": \"\", \"confidence\": 1.0}, {\"odd\": true}, null]");
    cr_assert(it->entity_count == 4);
    const teleai_entity *ann = &it->entities[0];
    SAME_TEXT(ann->text, "Ann \"A\" Ó");
    SAME_TEXT(ann->type, "person");
    cr_assert(ann->has_confidence && ann->confidence == 0.9);
    cr_assert(ann->has_start && ann->start_ms == 0 && ann->has_end && ann->end_ms == 1500);
    SAME_TEXT(ann->extra_json, "{\"seen\": [1, 2]}");
    SAME_TEXT(it->entities[1].text, "");
    cr_assert(it->entities[1].has_confidence && it->entities[1].confidence == 1 && !it->entities[1].has_start);
    cr_assert(it->entities[1].type == NULL && it->entities[1].extra_json == NULL);
    cr_assert(it->entities[2].text == NULL);
    SAME_TEXT(it->entities[2].extra_json, "{\"odd\": true}");
    SAME_TEXT(it->entities[3].extra_json, "null");
    teleai_analysis_free(it);
}

Test(analysis_json, typed_topics_become_the_json_that_one_expects) {
    static const teleai_topic topics[] = {{.name = "sale", .score = 0.1, .has_score = true},
                                          {.name = "sport", .extra_json = "{\"rank\": 2}"}};
    teleai_analysis_input input = minimal();
    input.topics = topics;
    input.topic_count = 2;
    teleai_analysis *it = made(&input);
    SAME_TEXT(it->topics_json, "[{\"name\": \"sale\", \"score\": 0.1}, {\"name\": \"sport\", \"rank\": 2}]");
    cr_assert(it->topics[0].has_score && it->topics[0].score == 0.1);
    teleai_analysis_free(it);
}

Test(analysis_json, numbers_of_the_usual_kind_are_read_typed) {
    static const char *const numbers[] = {"0.9", "0.5", "0.87", "0.123", "1.0", "0.0", "0.3333333333333333", "0.99"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char entities[100], topics[100];
        snprintf(entities, sizeof entities, "[{\"text\": \"a\", \"confidence\": %s}]", numbers[i]);
        snprintf(topics, sizeof topics, "[{\"name\": \"a\", \"score\": %s}]", numbers[i]);
        teleai_analysis_input input = minimal();
        input.entities_json = entities;
        input.topics_json = topics;
        teleai_analysis *it = made(&input);
        cr_expect(it->entities[0].has_confidence && it->entities[0].confidence == atof(numbers[i]), "confidence %s: %s",
                  numbers[i], it->entities[0].extra_json);
        cr_expect(it->topics[0].has_score && it->topics[0].score == atof(numbers[i]), "score %s", numbers[i]);
        teleai_analysis_free(it);
    }
}

Test(analysis_json, what_is_no_array_gives_no_elements) {
    teleai_analysis_input input = minimal();
    teleai_analysis *it = made(&input), *read;
    static const char *const values[] = {"{\"text\": \"a\"}", "null", "5", "\"text\""};
    for (size_t i = 0; i < 4; i++) {
        harness_sql("update analyses set entities = '%s', topics = '%s'", values[i], values[i]);
        OK(teleai_analysis_get(db, &it->id, &read, &error));
        cr_assert(read->entity_count == 0 && read->topic_count == 0);
        SAME_TEXT(read->entities_json, values[i]);
        SAME_TEXT(read->topics_json, values[i]);
        teleai_analysis_free(read);
    }
    teleai_analysis_free(it);
}

/* ---- key phrases ---- */

static void has_phrases(const teleai_analysis *it, const char *const *expected, size_t count, const char *json) {
    cr_assert(it->key_phrase_count == count && it->key_phrases != NULL, "%zu phrases", it->key_phrase_count);
    for (size_t i = 0; i < count; i++)
        cr_assert(same_text(it->key_phrases[i], expected[i]), "phrase %zu is %s, %s was expected", i,
                  it->key_phrases[i] == NULL ? "NULL" : it->key_phrases[i], expected[i]);
    SAME_TEXT(it->key_phrases_json, json);
}

static const char *const hard[] = {
    "plain", "two words", "\"quoted\"", "a,b",  "{braces}",       "back\\slash",     "\\",       "\"",   "",
    " ",     "NULL",      NULL,         "null", "ünï \U0001F600", "line\nfeed\ttab", "'single'", "end\\"};
static const char hard_json[] =
    "[\"plain\",\"two words\",\"\\\"quoted\\\"\",\"a,b\",\"{braces}\",\"back\\\\slash\",\"\\\\\",\"\\\"\",\"\",\" \","
    "\"NULL\",null,\"null\",\"ünï \U0001F600\",\"line\\nfeed\\ttab\",\"'single'\",\"end\\\\\"]";
#define HARD (sizeof hard / sizeof *hard)

Test(analysis_json, key_phrases_survive_typed_and_as_json) {
    teleai_analysis_input typed = minimal(), text = minimal();
    typed.key_phrases = hard;
    typed.key_phrase_count = HARD;
    text.key_phrases_json = hard_json;
    teleai_analysis *a = made(&typed), *b = made(&text);
    has_phrases(a, hard, HARD, hard_json);
    has_phrases(b, hard, HARD, hard_json);
    SAME_TEXT(harness_sql("select count(distinct key_phrases) from analyses"), "1");
    SAME_TEXT(harness_sql("select key_phrases[12] is null and key_phrases[11] = 'NULL' from analyses limit 1"), "t");
    teleai_analysis_input inputs[] = {typed, text};
    teleai_analyses *list;
    OK(teleai_analysis_create_many(db, inputs, 2, NULL, &list, &error));
    has_phrases(list->items[0], hard, HARD, hard_json);
    has_phrases(list->items[1], hard, HARD, hard_json);
    teleai_analyses_free(list);
    teleai_analysis_free(a);
    teleai_analysis_free(b);
}

Test(analysis_json, no_key_phrases_are_not_null) {
    static const char *const none[] = {NULL};
    teleai_analysis_input null = minimal(), typed = minimal(), text = minimal();
    typed.key_phrases = none;
    typed.key_phrase_count = 0;
    text.key_phrases_json = "[]";
    teleai_analysis *a = made(&null), *b = made(&typed), *c = made(&text);
    cr_assert(a->key_phrases == NULL && a->key_phrases_json == NULL);
    has_phrases(b, NULL, 0, "[]");
    has_phrases(c, NULL, 0, "[]");
    SAME_TEXT(harness_sql("select count(*) from analyses where key_phrases is null"), "1");
    SAME_TEXT(harness_sql("select count(*) from analyses where key_phrases = '{}'"), "2");
    teleai_analysis_free(a);
    teleai_analysis_free(b);
    teleai_analysis_free(c);
}

Test(analysis_json, arrays_of_more_dimensions_are_read_row_by_row) {
    static const struct {
        const char *sql;
        size_t count;
        const char *const expected[6];
        const char *json;
    } cases[] = {
        {"'{{a,b},{c,NULL}}'", 4, {"a", "b", "c", NULL}, "[\"a\",\"b\",\"c\",null]"},
        {"'{{{a},{b}},{{c},{d}}}'", 4, {"a", "b", "c", "d"}, "[\"a\",\"b\",\"c\",\"d\"]"},
        {"'[5:6]={x,y}'", 2, {"x", "y"}, "[\"x\",\"y\"]"},
        {"array_fill('z'::text, array[2, 3])",
         6,
         {"z", "z", "z", "z", "z", "z"},
         "[\"z\",\"z\",\"z\",\"z\",\"z\",\"z\"]"},
    };
    teleai_analysis_input input = minimal();
    teleai_analysis *it = made(&input), *read;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        harness_sql("update analyses set key_phrases = %s", cases[i].sql);
        OK(teleai_analysis_get(db, &it->id, &read, &error));
        has_phrases(read, cases[i].expected, cases[i].count, cases[i].json);
        teleai_analysis_free(read);
    }
    teleai_analysis_free(it);
}

/* ---- refused ---- */

static void refused(const teleai_analysis_input *input, const char *field) {
    teleai_analysis *out = (teleai_analysis *)&user;
    FAILS(teleai_analysis_create(db, input, &out, &error), TELEAI_INVALID_ARGUMENT, field);
    cr_assert(out == NULL);
}

Test(analysis_json, typed_and_json_at_once_are_refused) {
    static const teleai_entity entity = {.text = "a"};
    static const teleai_topic topic = {.name = "a"};
    teleai_analysis_input input = minimal();
#define REFUSED(name, ...) \
    input = minimal();     \
    __VA_ARGS__;           \
    refused(&input, name)
    REFUSED("key_phrases", input.key_phrases = hard, input.key_phrase_count = 1, input.key_phrases_json = "[]");
    REFUSED("entities", input.entities = &entity, input.entity_count = 1, input.entities_json = "[]");
    REFUSED("topics", input.topics = &topic, input.topic_count = 1, input.topics_json = "[]");
    REFUSED("key_phrases", input.key_phrase_count = 1);
    REFUSED("entities", input.entity_count = 1);
    REFUSED("topics", input.topic_count = 1);
    ROWS("analyses", 0);
}

Test(analysis_json, wrong_elements_are_refused) {
    const teleai_entity entities[] = {
        {.type = "person"},
        {.text = "\xff"},
        {.text = "a", .type = "\xc0\x80"},
        {.text = "a", .extra_json = "{"},
        {.text = "a", .extra_json = "[]"},
        {.text = "a", .extra_json = "null"},
        {.text = "a", .extra_json = "{\"text\": \"b\"}"},
        {.text = "a", .type = "t", .extra_json = "{\"type\": 1}"},
        {.extra_json = "{} x"},
        {.extra_json = ""},
        {.text = "a", .confidence = 0.0 / 0.0, .has_confidence = true},
        {.text = "a", .confidence = 1e308 * 10, .has_confidence = true},
        {.text = "a", .extra_json = "{\"n\": NaN}"},
        {.text = "a", .extra_json = "{\"n\": \"\\u0000\"}"},
        {.text = "a", .extra_json = "{\"n\": \"\xff\"}"},
        {.extra_json = "\"\\ud800\""},
    };
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        teleai_analysis_input input = minimal();
        input.entities = &entities[i];
        input.entity_count = 1;
        teleai_status status = teleai_analysis_create(db, &input, NULL, &error);
        cr_expect(status == TELEAI_INVALID_ARGUMENT && strcmp(error.field, "entities") == 0,
                  "entity %zu: %s, field \"%s\": %s", i, teleai_status_name(status), error.field, error.message);
    }
    const teleai_topic topics[] = {{.score = 1, .has_score = true},
                                   {.name = "\xff"},
                                   {.name = "a", .extra_json = "7"},
                                   {.name = "a", .score = 1, .has_score = true, .extra_json = "{\"score\": 2}"},
                                   {.name = "a", .score = -1e308 * 10, .has_score = true}};
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        teleai_analysis_input input = minimal();
        input.topics = &topics[i];
        input.topic_count = 1;
        refused(&input, "topics");
    }
}

Test(analysis_json, wrong_json_is_refused) {
    static const char *const phrases[] = {
        "", "{}", "[1]", "[[\"a\"]]", "[\"a\"", "[\"\\u0000\"]", "[\"a\", true]", "[\"\xff\"]"};
    teleai_analysis_input input;
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        REFUSED("key_phrases_json", input.key_phrases_json = phrases[i]);
    }
    static const char *const arrays[] = {"", "{}", "[1", "[\"\\u0000\"]", "5", "null", "[] x", "[\"\xff\"]"};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        REFUSED("entities_json", input.entities_json = arrays[i]);
        REFUSED("topics_json", input.topics_json = arrays[i]);
    }
    static const char *const objects[] = {"", "[]", "{\"a\"}", "{\"a\": \"\\u0000\"}", "7"};
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        REFUSED("insights_json", input.insights_json = objects[i]);
        REFUSED("metadata_json", input.metadata_json = objects[i]);
    }
    char deep[200];
    snprintf(deep, sizeof deep, "%.40s%.40s", repeat("[", 40), repeat("]", 40));
    REFUSED("key_phrases_json", input.key_phrases_json = deep);
    const char *const wrong[] = {"\xff"};
    REFUSED("key_phrases", input.key_phrases = wrong, input.key_phrase_count = 1);
    ROWS("analyses", 0);
}
