/* All commands, in the order of the help. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

extern const command migrate_command;
extern const command user_command;
extern const command search_command;
extern const command show_command;
extern const command stats_command;
extern const command queue_command;

extern const command ingest_command;
extern const command backup_command;
extern const command restore_command;
extern const command doctor_command;
extern const command maintain_command;
extern const command local_command;
extern const command completion_command;
extern const command version_command; /* in main.c */
extern const command manual_command;  /* makes the manual page; not in the help */

extern const command *const commands[]; /* ends with NULL; in main.c */

#endif
