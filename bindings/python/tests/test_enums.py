"""The names of enumeration values: what the library calls them is what the members of the package are called."""

from __future__ import annotations

import pytest

from teleai import _ffi, enums
from teleai._library import lib

NAMED: dict[str, type[enums.Code]] = {
    "teleai_activity_type_name": enums.ActivityType,
    "teleai_analysis_status_name": enums.AnalysisStatus,
    "teleai_audio_file_status_name": enums.AudioFileStatus,
    "teleai_health_severity_name": enums.Severity,
    "teleai_pipeline_status_name": enums.PipelineStatus,
    "teleai_queue_type_name": enums.QueueType,
    "teleai_role_name": enums.Role,
    "teleai_sentiment_name": enums.Sentiment,
    "teleai_task_outcome_name": enums.TaskOutcome,
    "teleai_tenant_status_name": enums.TenantStatus,
    "teleai_transcription_status_name": enums.TranscriptionStatus,
}


def test_every_name_function_has_its_enumeration() -> None:
    there = {name for name in _ffi.FUNCTIONS if name.endswith("_name")}
    assert there == NAMED.keys() | {"teleai_status_name"}


@pytest.mark.parametrize("function", NAMED)
def test_names(function: str) -> None:
    name_of = getattr(lib, function)
    codes = [int(member) for member in NAMED[function]]
    assert codes == list(range(1, len(codes) + 1))
    assert [name_of(code).decode() for code in codes] == NAMED[function].labels()
    assert [name_of(code) for code in (0, -1, len(codes) + 1, 2**31 - 1, -(2**31))] == [None] * 5


def test_status_names() -> None:
    assert [lib.teleai_status_name(int(status)).decode() for status in enums.Status] == [s.name for s in enums.Status]
    assert lib.teleai_status_name(len(enums.Status)) == b"UNKNOWN"
