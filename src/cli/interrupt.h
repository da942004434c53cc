/*
 * Ctrl-C and SIGTERM: one thread waits for them, notes that they came, and has the library stop what it does. So a long
 * query ends at once, and the command ends in good order with its own message; a second Ctrl-C ends it on the spot.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

#include "teleai/client.h"

/* Begins to watch; once, before any other thread. */
void interrupts_watch(void);
/* Whether one came. */
bool interrupted(void);
/* Whose calls to cancel; NULL: nobody's, before it is closed. */
void interrupts_cancel(teleai_client *client);
/* While there is nothing to bring in order, such as during the attempt to connect, the first one ends the command. */
void interrupts_end_at_once(bool yes);
/* A child process that is to be ended along (its process number), 0: none. */
void interrupts_end(int process);

/* Reads a line without echo from the terminal, into a buffer; false when there is no terminal, at its end, or when
 * interrupted. */
bool read_hidden(const char *prompt, char *out, int bytes);

#endif
