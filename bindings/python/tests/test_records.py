"""Records: what they hold, and that nobody can change them."""

from __future__ import annotations

import copy
import pickle
from datetime import date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from conftest import a_file

import teleai
from teleai import AudioFileStatus, Role, Sentiment, TranscriptionStatus


def test_user(ann: teleai.User) -> None:
    assert isinstance(ann.id, UUID)
    assert ann.id.version == 7
    assert ann.tenant_id == teleai.default_tenant_id()
    assert (ann.email, ann.full_name, ann.role, ann.is_active) == ("ann@example.org", "Ann", Role.USER, True)
    assert ann.last_login_at is None
    assert ann.created_at.tzinfo is timezone.utc
    assert abs(datetime.now(timezone.utc) - ann.created_at) < timedelta(hours=1)


def test_every_field_of_an_audio_file(db: teleai.Client, ann: teleai.User) -> None:
    moment = datetime(2026, 11, 23, 12, 34, 56, 789123, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    file = db.audio_files.create(
        **a_file(
            ann,
            duration=timedelta(seconds=57, milliseconds=610),
            sample_rate_hz=48000,
            channels=2,
            bit_rate_bps=320000,
            status=AudioFileStatus.ERROR,
            error_message="fehlerhaft: žluťoučký \N{PILE OF POO}",
            metadata={"a": [1, None, {"b": "ü"}]},
            upload_completed_at=moment,
            processing_started_at=moment + timedelta(microseconds=1),
            processing_completed_at=moment + timedelta(seconds=1),
        )
    )
    assert file == db.audio_files.get(file.id)
    assert file.duration == timedelta(seconds=57, milliseconds=610)
    assert (file.sample_rate_hz, file.channels, file.bit_rate_bps) == (48000, 2, 320000)
    assert file.status is AudioFileStatus.ERROR
    assert file.error_message == "fehlerhaft: žluťoučký \N{PILE OF POO}"
    assert file.metadata == {"a": [1, None, {"b": "ü"}]}
    assert file.upload_completed_at == moment
    assert file.processing_started_at == moment + timedelta(microseconds=1)
    assert file.processing_completed_at == moment + timedelta(seconds=1)


def test_absent_fields_are_none(call: teleai.AudioFile) -> None:
    assert call.duration is None
    assert call.sample_rate_hz is None
    assert call.error_message is None
    assert call.processing_started_at is None
    assert call.metadata == {}


def test_every_field_of_a_transcription_and_an_analysis(db: teleai.Client, call: teleai.AudioFile) -> None:
    heard = db.transcriptions.create(
        audio_file_id=call.id,
        user_id=call.user_id,
        text="Her heart rate is sixty.",
        language_code="pt-BR",
        engine="by hand",
        engine_version="1",
        confidence=0.87,
        word_count=7,
        status=TranscriptionStatus.COMPLETED,
        metadata={"x": 1},
        processing_duration=1.5,
    )
    assert heard == db.transcriptions.get(heard.id)
    assert (heard.text, heard.language_code, heard.engine_version) == ("Her heart rate is sixty.", "pt-BR", "1")
    assert (heard.confidence, heard.word_count, heard.metadata) == (0.87, 7, {"x": 1})
    assert heard.processing_duration == timedelta(seconds=1.5)
    made = db.analyses.create(
        transcription_id=heard.id,
        audio_file_id=call.id,
        user_id=call.user_id,
        analysis_type="full",
        engine="by hand",
        summary="short",
        sentiment_score=-0.25,
        sentiment_label=Sentiment.NEGATIVE,
        key_phrases=["heart rate", "sixty"],
        entities=[{"text": "heart", "type": "organ"}],
        topics=[{"name": "health", "score": 0.5}],
        insights={"calm": True},
    )
    assert made == db.analyses.get(made.id)
    assert made.key_phrases == ("heart rate", "sixty")
    assert made.entities == [{"text": "heart", "type": "organ"}]
    assert made.topics == [{"name": "health", "score": 0.5}]
    assert (made.insights, made.summary, made.sentiment_score) == ({"calm": True}, "short", -0.25)
    assert made.sentiment_label is Sentiment.NEGATIVE
    bare = db.analyses.create(
        transcription_id=heard.id, audio_file_id=call.id, user_id=call.user_id, analysis_type="x", engine="y"
    )
    assert (bare.key_phrases, bare.sentiment_label, bare.sentiment_score, bare.summary) == (None, None, None, None)


def test_records_are_values(db: teleai.Client, ann: teleai.User) -> None:
    again = db.users.get(ann.id)
    assert again == ann
    assert hash(again) == hash(ann)
    assert len({again, ann}) == 1
    assert pickle.loads(pickle.dumps(ann)) == ann
    assert copy.copy(ann) is ann
    assert copy.deepcopy(ann) is ann
    assert ann != db.users.create(email="b@example.org", full_name="B")
    assert ann != ann.email
    with pytest.raises(AttributeError, match="read-only"):
        ann.email = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del ann.email
    with pytest.raises(AttributeError):
        ann.nothing  # type: ignore[attr-defined]  # noqa: B018
    match ann:
        case teleai.User(email=email, role=Role.USER):
            assert email == "ann@example.org"
        case _:
            pytest.fail("no match")


def test_records_outlive_their_client(connection: str) -> None:
    with teleai.open(connection) as client:
        ann = client.users.create(email="ann@example.org", full_name="Ann")
        page = client.users.list()
    assert page[0] == ann
    assert ann.full_name == "Ann"


def test_secrets_are_not_shown(db: teleai.Client, ann: teleai.User) -> None:
    session = db.sessions.create(user_id=ann.id, ip_address="2001:db8::1")
    assert session.token is not None
    assert len(session.token) == 43
    assert session.token not in repr(session)
    assert "token=<hidden>" in repr(session)
    assert db.sessions.get(session.id).token is None
    with pytest.raises(teleai.InvalidArgument) as caught:
        db.users.create(email="x@example.org", full_name="X", password="geheim\0geheim")
    assert "geheim" not in str(caught.value) + repr(caught.value)


def test_unknown_codes_survive() -> None:
    assert Role(77).name == "UNKNOWN_77"
    assert Role(77) == 77


def test_statistics(db: teleai.Client, ann: teleai.User, call: teleai.AudioFile) -> None:
    db.audio_files.start(call.id)
    db.audio_files.complete(call.id)
    db.stats.refresh_daily_usage()
    (today,) = db.stats.daily_usage()
    assert isinstance(today.day, date)
    assert (today.total_uploads, today.total_bytes_uploaded, today.active_users) == (1, 1843200, 1)
    assert db.stats.daily_usage(until=today.day) == []
    assert db.stats.user(ann.id).total_files == 1
    assert [one.email for one in db.stats.users()] == ["ann@example.org"]
    (activity,) = db.stats.activity(ann.id)
    assert (activity.resource_id, activity.activity_type) == (call.id, teleai.ActivityType.AUDIO_UPLOAD)
    (queue,) = db.stats.queue()
    assert (queue.queue_type, queue.status_name, queue.count) == (teleai.QueueType.AUDIO_FILES, "ready", 1)
    (pipeline,) = db.stats.pipeline(unfinished=True)
    assert pipeline.pipeline_status is teleai.PipelineStatus.AUDIO_READY
    assert (pipeline.transcription_id, pipeline.transcription_created_at) == (None, None)


def test_search_marks_are_characters(db: teleai.Client, call: teleai.AudioFile) -> None:
    db.transcriptions.create(
        audio_file_id=call.id,
        user_id=call.user_id,
        language_code="en",
        engine="x",
        text="Žluťoučký \N{PILE OF POO} heart rate, ninety.",
        status=TranscriptionStatus.COMPLETED,
    )
    hits = db.search('"heart rate"', mark_start="<", mark_end=">")
    assert (hits.total, hits.total_is_exact, hits.next_cursor) == (1, True, None)
    assert "heart" in hits.parsed_query
    assert [hits[0].snippet[start:end] for start, end in hits[0].marks] == ["heart", "rate"]
    assert "<heart> <rate>" in hits[0].snippet_marked
    assert db.search_keywords("ninety")[0].user_id == call.user_id
