/* The names of enumeration values that several files need. */
#ifndef TELEAI_API_LABELS_H
#define TELEAI_API_LABELS_H

#include "record/row.h"

extern const teleai__labels teleai__user_roles;
extern const teleai__labels teleai__audio_file_statuses;
extern const teleai__labels teleai__transcription_statuses;
extern const teleai__labels teleai__analysis_statuses;
extern const teleai__labels teleai__tenant_statuses;
extern const teleai__labels teleai__severities;
extern const teleai__labels teleai__task_outcomes;

/* The name of a code, as teleai_role_name() and its like give it; NULL: there is no such code. */
const char *teleai__label_name(const teleai__labels *labels, int32_t code);

#endif
