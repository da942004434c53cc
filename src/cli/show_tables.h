/* Tables of whole records, with all their fields. */
#ifndef CLI_SHOW_TABLES_H
#define CLI_SHOW_TABLES_H

#include "cli/table.h"
#include "teleai.h"

table *user_table(const teleai_user *user);
table *session_table(const teleai_session *session);
table *file_table(void);
void add_file(table *to, const teleai_audio_file *file);
table *transcription_table(void);
void add_transcription(table *to, const teleai_transcription *heard);
table *analysis_table(void);
void add_analysis(table *to, const teleai_analysis *analysis);

#endif
