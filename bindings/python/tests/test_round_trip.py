"""Round trips of every field of every noun, with whatever hypothesis thinks of."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from conftest import a_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import teleai

EASY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
NAME = TEXT.filter(lambda text: len(text.strip()) >= 1)
# From 1900 to 2200: what recordings have, and some more on both sides.
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(timezone.utc))
POSITIVE = st.integers(1, 2**31 - 1)
JSON = st.dictionaries(
    TEXT,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)
DURATIONS = st.integers(1, 10**6).map(lambda hundredths: timedelta(milliseconds=10 * hundredths))


def optional(**fields: Any) -> Any:
    return st.fixed_dictionaries({}, optional={name: st.none() | field for name, field in fields.items()})


def holds(record: Any, values: dict[str, Any], **defaults: Any) -> None:
    for name, value in values.items():
        wanted = defaults.get(name) if value is None else value
        assert getattr(record, name) == wanted, name


@EASY
@given(
    values=st.fixed_dictionaries(
        {"full_name": NAME}, optional={"role": st.sampled_from(teleai.Role), "is_active": st.booleans()}
    )
)
def test_users(db: teleai.Client, values: dict[str, Any]) -> None:
    user = db.users.create(email=f"u{teleai.make_uuid().hex}@example.org", **values)
    holds(user, values)
    assert db.users.get(user.id) == user == db.users.list(limit=1)[0]


@EASY
@given(
    values=optional(
        duration=DURATIONS,
        sample_rate_hz=POSITIVE,
        channels=POSITIVE,
        bit_rate_bps=POSITIVE,
        error_message=TEXT,
        metadata=JSON,
        upload_completed_at=TIMES,
        processing_started_at=TIMES,
        processing_completed_at=TIMES,
        status=st.sampled_from(teleai.AudioFileStatus),
    ),
    needed=st.fixed_dictionaries({"file_name": NAME, "file_path": NAME, "file_size_bytes": st.integers(1, 2**63 - 1)}),
)
def test_audio_files(db: teleai.Client, values: dict[str, Any], needed: dict[str, Any]) -> None:
    ann = db.users.create(email=f"u{teleai.make_uuid().hex}@example.org", full_name="Ann")
    file = db.audio_files.create(**a_file(ann, **values, **needed))
    holds(file, values, metadata={}, status=teleai.AudioFileStatus.UPLOADED)
    holds(file, needed)
    assert db.audio_files.get(file.id) == file == db.audio_files.list(user_id=ann.id)[0]
    changes = {name: value for name, value in values.items() if name in db.audio_files._table.change.bits}
    if changes:
        holds(db.audio_files.update(file.id, **changes), changes, metadata={})


@pytest.mark.usefixtures("call")
@EASY
@given(
    values=optional(
        text=TEXT,
        engine_version=TEXT.map(lambda text: text[:20]),
        confidence=st.integers(0, 100).map(lambda hundredths: hundredths / 100),
        word_count=st.integers(0, 2**31 - 1),
        error_message=TEXT,
        metadata=JSON,
        processing_started_at=TIMES,
        processing_completed_at=TIMES,
        processing_duration=st.integers(1, 2**31 - 1).map(lambda ms: timedelta(milliseconds=ms)),
    )
)
def test_transcriptions(db: teleai.Client, values: dict[str, Any]) -> None:
    call = db.audio_files.list()[0]
    heard = db.transcriptions.create(
        audio_file_id=call.id, user_id=call.user_id, language_code="en", engine="x", **values
    )
    holds(heard, {k: v for k, v in values.items() if k != "word_count" or v is not None}, text="", metadata={})
    assert db.transcriptions.get(heard.id) == heard == db.transcriptions.list(limit=1)[0]


@pytest.mark.usefixtures("call")
@EASY
@given(
    values=optional(
        summary=TEXT,
        sentiment_score=st.integers(-100, 100).map(lambda hundredths: hundredths / 100),
        sentiment_label=st.sampled_from(teleai.Sentiment),
        key_phrases=st.lists(TEXT, max_size=4).map(tuple),
        entities=st.lists(JSON, max_size=3),
        topics=st.lists(JSON, max_size=3),
        insights=JSON,
        metadata=JSON,
    )
)
def test_analyses(db: teleai.Client, values: dict[str, Any]) -> None:
    call = db.audio_files.list()[0]
    heard = db.transcriptions.create(audio_file_id=call.id, user_id=call.user_id, language_code="en", engine="x")
    made = db.analyses.create(
        transcription_id=heard.id, audio_file_id=call.id, user_id=call.user_id, analysis_type="x", engine="y", **values
    )
    holds(made, values, entities=[], topics=[], insights={}, metadata={})
    assert db.analyses.get(made.id) == made == db.analyses.list(transcription_id=heard.id)[0]


@EASY
@given(
    values=optional(
        settings=JSON,
        max_users=st.integers(0, 2**63 - 1),
        max_storage_bytes=st.integers(0, 2**63 - 1),
        max_audio=DURATIONS,
    ),
    name=NAME,
)
def test_tenants(db: teleai.Client, values: dict[str, Any], name: str) -> None:
    tenant = db.tenants.create(name=name, slug=f"t{teleai.make_uuid().hex}", **values)
    holds(tenant, values, settings={})
    assert db.tenants.get(tenant.id) == tenant


@pytest.mark.usefixtures("ann")
@EASY
@given(agent=st.none() | TEXT, ip=st.ip_addresses())
def test_sessions(db: teleai.Client, agent: str | None, ip: Any) -> None:
    ann = db.users.list()[0]
    session = db.sessions.create(user_id=ann.id, user_agent=agent, ip_address=str(ip))
    assert (session.user_agent, session.ip_address) == (agent, str(ip))
