#include "api/labels.h"

#include "teleai/audio_file.h"
#include "teleai/health.h"
#include "teleai/maintain.h"
#include "teleai/tenant.h"
#include "teleai/transcription.h"
#include "teleai/user.h"

static const char *const user_roles[] = {"admin", "user", "viewer"};
static const char *const audio_file_statuses[] = {"uploaded", "processing", "ready", "error"};
static const char *const job_statuses[] = {"pending", "processing", "completed", "failed"};
static const char *const tenant_statuses[] = {"active", "suspended", "deleting"};
static const char *const severities[] = {"ok", "notice", "warning", "critical"};
static const char *const task_outcomes[] = {"done", "not_needed", "skipped"};

const teleai__labels teleai__user_roles = TELEAI__LABELS("user_role", user_roles);
const teleai__labels teleai__audio_file_statuses = TELEAI__LABELS("audio_file_status", audio_file_statuses);
const teleai__labels teleai__transcription_statuses = TELEAI__LABELS("transcription_status", job_statuses);
const teleai__labels teleai__analysis_statuses = TELEAI__LABELS("analysis_status", job_statuses);
const teleai__labels teleai__tenant_statuses = TELEAI__LABELS("tenant_status", tenant_statuses);
const teleai__labels teleai__severities = TELEAI__LABELS("text", severities);
const teleai__labels teleai__task_outcomes = TELEAI__LABELS("text", task_outcomes);

const char *teleai__label_name(const teleai__labels *labels, int32_t code) {
    return code >= 1 && code <= labels->count ? labels->names[code - 1] : NULL;
}

const char *teleai_role_name(int32_t role) { return teleai__label_name(&teleai__user_roles, role); }

const char *teleai_audio_file_status_name(int32_t status) {
    return teleai__label_name(&teleai__audio_file_statuses, status);
}

const char *teleai_transcription_status_name(int32_t status) {
    return teleai__label_name(&teleai__transcription_statuses, status);
}

const char *teleai_tenant_status_name(int32_t status) { return teleai__label_name(&teleai__tenant_statuses, status); }

const char *teleai_health_severity_name(int32_t severity) { return teleai__label_name(&teleai__severities, severity); }

const char *teleai_task_outcome_name(int32_t outcome) { return teleai__label_name(&teleai__task_outcomes, outcome); }
