/* base/json: what goes to the server as jsonb is JSON that the server takes; where it is not, the message says where. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

static bool check(const char *text, enum teleai__json_shape shape, teleai__json_problem *problem) {
    memset(problem, 0, sizeof *problem);
    return teleai__json_check(text, strlen(text), shape, problem);
}

static const char *const right[] = {
    "{}",
    " { } ",
    "{\"a\": 1}",
    "{\"a\": -0.5e+10, \"b\": [1, 2.50, 1E5, 0e1], \"\": null}",
    "{\"a\": {\"a\": {\"a\": []}}}\n",
    "{\"a\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00fc\\ud83d\\ude00\"}",
    "{\"ü\": \"世界\"}",
    "{\"a\": true, \"b\": false, \"c\": null}",
    "{\"a\": 123456789012345678901234567890, \"b\": 1e300, \"c\": -0.0}",
    "\t\r\n{\"a\"\n:\t1}",
    "{\"a\": \"\x7f\"}",
    "{\"a\": \"\\\\u0000\"}",
    "{\"a\": \"\\\\\\\\u0000\"}",
    "{\"a\": 1, \"a\": 2}",
};

static const char *const wrong[] = {
    "",
    " ",
    "{",
    "}",
    "{]",
    "{} {}",
    "{}x",
    "{a: 1}",
    "{\"a\" 1}",
    "{\"a\": 1,}",
    "{\"a\": }",
    "{,}",
    "{\"a\": [1,]}",
    "{\"a\": [,1]}",
    "{\"a\": 01}",
    "{\"a\": 1.}",
    "{\"a\": .5}",
    "{\"a\": +1}",
    "{\"a\": 1e}",
    "{\"a\": 1e+}",
    "{\"a\": 0x10}",
    "{\"a\": 00}",
    "{\"a\": -01}",
    "{\"a\": -}",
    "{\"a\": --1}",
    "{\"a\": 1.5.5}",
    "{\"a\": NaN}",
    "{\"a\": Infinity}",
    "{\"a\": -Infinity}",
    "{\"a\": TRUE}",
    "{\"a\": nul}",
    "{\"a\": undefined}",
    "{'a': 1}",
    "{\"a\": 'b'}",
    "{\"a\": \"\n\"}",
    "{\"a\": \"\t\"}",
    "{\"a\": \"\x01\"}",
    "{\"a\nb\": 1}",
    "{\"a\": \"\\x\"}",
    "{\"a\": \"\\u12\"}",
    "{\"a\": \"\\u12g4\"}",
    "{\"a\": \"\\ud800\"}",
    "{\"a\": \"\\ud800x\"}",
    "{\"a\": \"\\udc00\"}",
    "{\"a\": \"\\udc00\\ud800\"}",
    "{\"a\": \"\\ud800\\ud800\"}",
    "{\"a\": 1 /* b */}",
    "{\"a\": 1 // b\n}",
    "\xEF\xBB\xBF{}",
    "{\"a\": \"b}",
    "{\"a\": [1, 2}",
    "{\"a\": 1}\v",
    "{\"a\":\f1}",
};

Test(json, right) {
    teleai__json_problem problem;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        cr_expect(check(right[i], TELEAI__JSON_OBJECT, &problem), "%s: %s", right[i], problem.text);
}

Test(json, wrong) {
    teleai__json_problem problem;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect(!check(wrong[i], TELEAI__JSON_OBJECT, &problem), "%s was let through", wrong[i]);
        cr_expect(check(wrong[i], TELEAI__JSON_OBJECT, &problem) || problem.text[0] != '\0');
    }
}

Test(json, the_shape_counts) {
    teleai__json_problem problem;
    static const char *const others[] = {"1", "-1.5", "\"{}\"", "true", "null"};
    for (size_t i = 0; i < 5; i++) {
        cr_assert(!check(others[i], TELEAI__JSON_OBJECT, &problem) && strstr(problem.text, "object") != NULL, "%s",
                  problem.text);
        cr_assert(!check(others[i], TELEAI__JSON_ARRAY, &problem) && strstr(problem.text, "array") != NULL, "%s",
                  problem.text);
    }
    cr_assert(check("[]", TELEAI__JSON_ARRAY, &problem) && check("[1, {}, null]", TELEAI__JSON_ARRAY, &problem));
    cr_assert(!check("[]", TELEAI__JSON_OBJECT, &problem) && !check("{}", TELEAI__JSON_ARRAY, &problem));
}

Test(json, the_message_says_where) {
    static const struct {
        const char *text, *where;
    } cases[] = {{"{\"a\": x}", "byte 6"},           {"{\"a\": 1,}", "byte 8"},        {"{} x", "byte 3"},
                 {"{\"a\": \"\\u0000\"}", "byte 7"}, {"{\"ab\\u0000\": 1}", "byte 4"}, {"{\"a\" 1}", "byte 5"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        teleai__json_problem problem;
        cr_expect(!check(cases[i].text, TELEAI__JSON_OBJECT, &problem));
        cr_expect(strstr(problem.text, cases[i].where) != NULL, "%s: %s; %s was expected", cases[i].text, problem.text,
                  cases[i].where);
    }
}

Test(json, a_nul_is_refused_however_it_is_hidden) {
    static const char *const texts[] = {"{\"a\": \"\\u0000\"}", "{\"\\u0000\": 1}", "{\"a\": \"\\\\\\u0000\"}",
                                        "{\"a\": [\"x\\u0000y\"]}"};
    for (size_t i = 0; i < 4; i++) {
        teleai__json_problem problem;
        cr_assert(!check(texts[i], TELEAI__JSON_OBJECT, &problem), "%s", texts[i]);
        cr_assert(strstr(problem.text, "u0000") != NULL);
    }
}

static const char *nested(int depth) {
    static char text[2100];
    memset(text, '[', (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    text[2 * depth] = '\0';
    return text;
}

Test(json, depth_is_limited_not_crashed_on) {
    teleai__json_problem problem;
    cr_assert(check(nested(200), TELEAI__JSON_ARRAY, &problem), "%s", problem.text);
    cr_assert(!check(nested(1000), TELEAI__JSON_ARRAY, &problem));
    cr_assert(strstr(problem.text, "deep") != NULL, "%s", problem.text);
}

Test(json, of_a_server_is_whole_or_not) {
    static const char *const whole[] = {"{}",
                                        "[]",
                                        "1",
                                        "{\"a\": 1}",
                                        "{\"a\": \"b\", \"c\": 17}",
                                        "{\"a\": \"\", \"\": 10}",
                                        "{\"a\": 0}",
                                        "{\"a\": -1.5e3, \"b\": [true, null]}",
                                        "{\"a\": \"\\\"\", \"b\": {}}",
                                        "{\"\xC3\xA4\": \"\xE2\x82\xAC\"}"};
    static const char *const broken[] = {"",
                                         "{",
                                         "{\"a\": 1",
                                         "{\"a\": 1,}",
                                         "{\"a\": 1, }",
                                         "{\"a\": 1}}",
                                         "{\"a\": 1} x",
                                         "{\"a\": 01}",
                                         "{\"a\": }",
                                         "{\"a\" 1}",
                                         "{a: 1}",
                                         "{\"a\": \"b}",
                                         "{\"a: 1}",
                                         "{\"a\": 1, \"b\"}",
                                         "{\"a\": \"\xC3\"}",
                                         "{\"a\": \"\n\"}"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        cr_assert(teleai__json_is_whole(whole[i], strlen(whole[i])), "%s", whole[i]);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        cr_assert(!teleai__json_is_whole(broken[i], strlen(broken[i])), "%s", broken[i]);
    cr_assert(!teleai__json_is_whole("{\"a\": 1\0}", 9));
    cr_assert(!teleai__json_is_whole("{\"a\": \"b\0\"}", 11));
}
