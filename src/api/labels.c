#include "api/labels.h"

static const char *const user_roles[] = {"admin", "user", "viewer"};
static const char *const audio_file_statuses[] = {"uploaded", "processing", "ready", "error"};
static const char *const job_statuses[] = {"pending", "processing", "completed", "failed"};

const teleai__labels teleai__user_roles = TELEAI__LABELS("user_role", user_roles);
const teleai__labels teleai__audio_file_statuses = TELEAI__LABELS("audio_file_status", audio_file_statuses);
const teleai__labels teleai__transcription_statuses = TELEAI__LABELS("transcription_status", job_statuses);
const teleai__labels teleai__analysis_statuses = TELEAI__LABELS("analysis_status", job_statuses);
