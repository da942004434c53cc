/* Looking up the row that an operand stands for: by the beginning of its id, an e-mail address, a file's name or path. */
#ifndef CLI_LOOKUP_H
#define CLI_LOOKUP_H

#include "teleai.h"

typedef enum row_kind { ROW_USER, ROW_SESSION, ROW_FILE, ROW_TRANSCRIPTION, ROW_ANALYSIS, ROW_KINDS } row_kind;

/* What a row of a kind is called: "audio file". */
const char *kind_name(row_kind kind);

/* The one row that a text means. False, having said why, when there is none or when it may mean several; then *status is
 * the exit status. */
bool look_up(teleai_client *client, const char *text, teleai_uuid *out, int *status);

#endif
