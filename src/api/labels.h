/* The names of enumeration values. */
#ifndef TELEAI_API_LABELS_H
#define TELEAI_API_LABELS_H

#include "record/row.h"

extern const teleai__labels teleai__user_roles;
extern const teleai__labels teleai__audio_file_statuses;
extern const teleai__labels teleai__transcription_statuses;
extern const teleai__labels teleai__analysis_statuses;

#endif
