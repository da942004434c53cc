/* What the values of enumerations are called. */
#include "cli/names.h"

#include <string.h>

const name_list role_names = {3, {"admin", "user", "viewer"}};
const name_list file_status_names = {4, {"uploaded", "processing", "ready", "error"}};
const name_list status_names = {4, {"pending", "processing", "completed", "failed"}};
const name_list sentiment_names = {4, {"positive", "negative", "neutral", "mixed"}};
const name_list queue_titles = {3, {"audio files", "transcriptions", "analyses"}};
const name_list queue_keys = {3, {"audio_files", "transcriptions", "analyses"}};

const char *name_of(const name_list *all, int32_t code) {
    return code >= 1 && code <= all->count ? all->values[code - 1] : "?";
}

int32_t code_of(const arguments *given, const char *option, const name_list *all) {
    const char *value = value_of(given, option);
    for (int32_t code = 1; value != NULL && code <= all->count; code++)
        if (strcmp(value, name_of(all, code)) == 0)
            return code;
    return 0;
}

row_state state_of(const char *status) {
    if (strcmp(status, "ready") == 0 || strcmp(status, "completed") == 0)
        return STATE_DONE;
    if (strcmp(status, "error") == 0 || strcmp(status, "failed") == 0)
        return STATE_FAILED;
    return strcmp(status, "processing") == 0 ? STATE_WORKING : STATE_WAITING;
}
