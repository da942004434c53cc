/* What the values of enumerations are called, for eyes, for programs and on the command line. */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include "cli/arguments.h"

extern const name_list role_names;
extern const name_list file_status_names; /* of audio files */
extern const name_list status_names;      /* of transcriptions and analyses */
extern const name_list sentiment_names;
extern const name_list queue_titles; /* of TELEAI_QUEUE_..., for eyes */
extern const name_list queue_keys;   /* and for programs */

/* "?" for a code that is not known. */
const char *name_of(const name_list *all, int32_t code);
/* The code of the value of an option with choices; 0 when it was not given. */
int32_t code_of(const arguments *given, const char *option, const name_list *all);

/* How it goes with rows that are in a status. */
typedef enum row_state { STATE_WAITING, STATE_WORKING, STATE_DONE, STATE_FAILED, STATE_COUNT } row_state;
row_state state_of(const char *status);

#endif
