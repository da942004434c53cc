"""The types that type checkers see are those that are taken at run time."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import teleai
from teleai import _calls, _types, client
from teleai._accounts import Sessions, Tenants, Users
from teleai._inputs import InputType
from teleai._recordings import Analyses, AudioFiles, Transcriptions

NOUNS = {
    "User": Users,
    "Session": Sessions,
    "AudioFile": AudioFiles,
    "Transcription": Transcriptions,
    "Analysis": Analyses,
    "Tenant": Tenants,
}


@pytest.mark.parametrize("name", NOUNS)
def test_nouns(name: str) -> None:
    table = NOUNS[name]._table
    assert set(vars(_types)[f"{name}Input"].__annotations__) == set(table.input.setters)
    assert set(vars(_types)[f"{name}Change"].__annotations__) == set(table.change.bits)
    assert set(vars(_types)[f"{name}Filter"].__annotations__) == set(table.filter.setters)


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("SearchOptions", _calls._search_options),
        ("PipelineFilter", _calls._pipeline_filter),
        ("ScopeOptions", client._scope_options),
        ("HealthOptions", client._health_options),
    ],
)
def test_options(name: str, taken: InputType) -> None:
    assert set(vars(_types)[name].__annotations__) == set(taken.setters)


def test_help_shows_the_fields() -> None:
    for name, kind in NOUNS.items():
        noun: Any = kind
        shown = inspect.signature(noun.create).parameters
        assert set(shown) - {"self"} == set(vars(teleai)[f"{name}Input"].__annotations__)
        assert set(inspect.signature(noun.count).parameters) > {"self", "created_from"}
    text = str(inspect.signature(Transcriptions.create))
    assert "audio_file_id: 'UUID'" in text
    assert "confidence: 'float | None' = Ellipsis" in text


def test_open_options() -> None:
    hooks = {f"{name}{end}" for name in ("connection_hook", "call_hook", "interrupt_hook") for end in ("", "_data")}
    assert set(_types.OpenOptions.__annotations__) == set(client._open_options.setters) - hooks
