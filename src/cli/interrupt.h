/*
 * Ctrl-C and SIGTERM: one thread waits for them, notes that they came, and has the library stop what it does. So a long
 * query ends at once, and the command ends in good order with its own message; a second Ctrl-C ends it on the spot.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>
#include <stddef.h>

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

/* How reading a line went. */
typedef enum line_read { LINE_READ, LINE_NONE, LINE_TOO_LONG, LINE_HAS_NUL } line_read;

/* Reads a line, byte by byte so that nothing of it stays elsewhere, into a buffer, without its end (CR LF, too). LINE_NONE:
 * there is none, or interrupted. */
line_read read_line(int file, char *out, size_t room);
/* The same from the terminal, without echo; *is_there tells whether there is one. */
line_read read_hidden(const char *prompt, char *out, size_t room, bool *is_there);

#endif
