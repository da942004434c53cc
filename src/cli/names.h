/* Names and states of enumeration values, beside the names that the library gives. */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include "cli/arguments.h"
#include "teleai/stats.h"

/* What a queue is called for eyes; programs get teleai_queue_type_name(). */
const char *queue_title(int32_t type);
/* The code of the value of an option with choices; 0 when it was not given. */
int32_t code_of(const arguments *given, const char *option, name_function *names);

/* How it goes with rows that are in a status. */
typedef enum row_state { STATE_WAITING, STATE_WORKING, STATE_DONE, STATE_FAILED, STATE_COUNT } row_state;
row_state state_of(const teleai_queue_status *queue);

#endif
