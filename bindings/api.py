"""What the generators of bindings take from teleai-api.json alike: which nouns, records and inputs there are, and how
enumerations are called. A new noun is found by its teleai_<noun>_input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

API: dict[str, Any] = json.loads((Path(__file__).resolve().parent / "teleai-api.json").read_text(encoding="utf-8"))
STRUCTS: dict[str, dict[str, Any]] = {struct["name"]: struct for struct in API["structs"]}
PLATFORM_NOUNS = ("tenant",)  # for who runs the platform, from C and Python


def bare(name: str) -> str:
    return name.removeprefix("teleai_")


# Each noun, and the name of its lists: {"audio_file": "audio_files"}.
EVERY_NOUN: dict[str, str] = {
    noun: next(bare(plural["name"]) for plural in API["structs"] if plural.get("list_of") == f"teleai_{noun}")
    for noun in (bare(name).removesuffix("_input") for name in STRUCTS if name.endswith("_input"))
}
NOUNS = {noun: plural for noun, plural in EVERY_NOUN.items() if noun not in PLATFORM_NOUNS}
HEADERS = (*NOUNS, "search", "stats")
# Inputs that belong to no noun, and those that stand in the input of one.
INPUTS = [
    "options",
    "scope_options",
    "transaction_options",
    "page",
    "update_options",
    "entity",
    "topic",
    "search_options",
    "pipeline_filter",
    *(f"{noun}_{kind}" for noun in NOUNS for kind in ("input", "filter")),
]
# Those that stand in others come before these.
RECORDS = [
    "entity",
    "topic",
    *NOUNS,
    "identity",
    "search_mark",
    "search_hit",
    "search_hits",
    "user_stats",
    "daily_usage",
    "activity",
    "queue_status",
    "pipeline",
    "pool_stats",
]
LISTS = [*NOUNS.values(), "users_stats", "daily_usages", "activities", "queue_statuses", "pipelines"]
ENUMERATIONS_LEFT_OUT = ("TENANT", "TENANT_FIELD", "HEALTH", "TASK", "EVENT", "METRICS", "ACTION")
# Those that are not called by their prefix alone.
_NAMES = {
    "": "Status",
    "QUEUE": "QueueType",
    "PIPELINE": "PipelineStatus",
    "ACTIVITY": "ActivityType",
    "SEARCH": "SearchOrder",
    "ERROR": "ErrorFlags",
}


def enumeration_type(prefix: str) -> str:
    """The type that "TELEAI_AUDIO_FILE_" becomes: AudioFileStatus, for the values of a noun are what it may be in."""
    words = prefix.removeprefix("TELEAI_").removesuffix("_")
    made = words.title().replace("_", "")
    return _NAMES.get(words) or (f"{made}Status" if words.lower() in EVERY_NOUN else made)


ENUMERATIONS: list[dict[str, Any]] = [
    enumeration
    for enumeration in API["enumerations"]
    if enumeration["prefix"].removeprefix("TELEAI_").removesuffix("_") not in ENUMERATIONS_LEFT_OUT
]


def bits_of(noun: str) -> dict[str, int]:
    """What an update can set, and its bit: {"file_name": 1}."""
    prefix = f"TELEAI_{noun.upper()}_FIELD_"
    return {
        value["name"].removeprefix(prefix).lower(): value["value"]
        for enumeration in API["enumerations"]
        if enumeration["prefix"] == prefix
        for value in enumeration["values"]
    }
