/* What the values of enumerations are called, for eyes, for programs and on the command line. */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include "cli/arguments.h"

typedef struct name_list {
    int32_t count;
    const char *values[4]; /* of the codes from 1 */
} name_list;

extern const name_list role_names;
extern const name_list file_status_names; /* of audio files */
extern const name_list status_names;      /* of transcriptions and analyses */
extern const name_list sentiment_names;
extern const name_list queue_titles; /* of TELEAI_QUEUE_..., for eyes */
extern const name_list queue_keys;   /* and for programs */

/* "?" for a code that is not known. */
const char *name_of(const name_list *all, int32_t code);
/* The code that an option names; 0 when it was not given. False, having said what is wrong, when it names none. */
bool code_of(const arguments *given, const char *option, const name_list *all, int32_t *out);

/* How it goes with rows that are in a status. */
typedef enum row_state { STATE_WAITING, STATE_WORKING, STATE_DONE, STATE_FAILED, STATE_COUNT } row_state;
row_state state_of(const char *status);

#endif
