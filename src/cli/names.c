#include "cli/names.h"

#include <string.h>

#include "teleai/analysis.h"
#include "teleai/audio_file.h"
#include "teleai/transcription.h"

const char *queue_title(int32_t type) {
    return type == TELEAI_QUEUE_AUDIO_FILES ? "audio files" : teleai_queue_type_name(type);
}

int32_t code_of(const arguments *given, const char *option, name_function *names) {
    const char *value = value_of(given, option);
    for (int32_t code = 1; value != NULL && names(code) != NULL; code++)
        if (strcmp(value, names(code)) == 0)
            return code;
    return 0;
}

row_state state_of(const teleai_queue_status *queue) {
    _Static_assert((int)TELEAI_TRANSCRIPTION_PROCESSING == (int)TELEAI_ANALYSIS_PROCESSING &&
                       (int)TELEAI_TRANSCRIPTION_COMPLETED == (int)TELEAI_ANALYSIS_COMPLETED &&
                       (int)TELEAI_TRANSCRIPTION_FAILED == (int)TELEAI_ANALYSIS_FAILED,
                   "jobs have the same statuses");
    bool is_file = queue->queue_type == TELEAI_QUEUE_AUDIO_FILES;
    if (queue->status == (is_file ? TELEAI_AUDIO_FILE_READY : TELEAI_TRANSCRIPTION_COMPLETED))
        return STATE_DONE;
    if (queue->status == (is_file ? TELEAI_AUDIO_FILE_ERROR : TELEAI_TRANSCRIPTION_FAILED))
        return STATE_FAILED;
    return queue->status == (is_file ? TELEAI_AUDIO_FILE_PROCESSING : TELEAI_TRANSCRIPTION_PROCESSING) ? STATE_WORKING
                                                                                                       : STATE_WAITING;
}
