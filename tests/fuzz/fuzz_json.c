/* base/json and api/analysis_json: JSON from callers, and JSON from a server, which is walked through once it is whole. */
#include "api/analysis_json.h"
#include "base/json.h"
#include "fuzz.h"
#include "teleai/base.h"

/* What was read is written, and that is whole and says as much. */
static void there_and_back(const char *json, teleai__arena *arena) {
    const teleai_entity *entities, *again;
    const teleai_topic *topics, *topics_again;
    const char *written = NULL;
    size_t count, count_again;
    teleai_error error;
    MUST(teleai__entities_read(json, arena, &entities, &count));
    if (teleai__entities_write(entities, count, arena, &written, &error) == TELEAI_OK && written != NULL) {
        MUST(teleai__json_is_whole(written, strlen(written)));
        MUST(teleai__entities_read(written, arena, &again, &count_again) && count_again == count);
    }
    written = NULL;
    MUST(teleai__topics_read(json, arena, &topics, &count));
    if (teleai__topics_write(topics, count, arena, &written, &error) == TELEAI_OK && written != NULL) {
        MUST(teleai__json_is_whole(written, strlen(written)));
        MUST(teleai__topics_read(written, arena, &topics_again, &count_again) && count_again == count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_bytes from = {data, size};
    enum teleai__json_shape shape = fuzz_take(&from) % 3;
    size_t bytes = from.left;
    char *text = fuzz_text(&from);
    void *block = teleai__arena_make(0, 0);
    teleai__arena *arena = teleai__arena_of(block);
    teleai__json_problem problem = {""};
    bool right = teleai__json_check(text, bytes, shape, &problem), whole = teleai__json_is_whole(text, bytes);
    MUST(right || problem.text[0] != '\0');
    MUST(!right || whole || !fuzz_is_text(text)); /* a caller's is looked at as text before */
    if (whole)
        there_and_back(text, arena);
    if (whole && text[strspn(text, " \t\r\n")] == '[') {
        const char *literal = NULL;
        teleai_error error;
        (void)teleai__phrases_read_json(text, arena, &literal, &error);
    }
    const char *at = text; /* of anything, however broken, the walk ends */
    teleai__json_slice name, value;
    for (size_t steps = 0; teleai__json_next(&at, shape == TELEAI__JSON_OBJECT ? &name : NULL, &value); steps++)
        MUST(steps <= bytes && value.start >= text && value.start + value.length <= text + bytes);
    teleai__arena_free(block);
    free(text);
    return 0;
}
