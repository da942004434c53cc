"""Pages and streams as tables. What needs pyarrow or pandas is skipped where these are not there."""

from __future__ import annotations

import ctypes
import gc
import pickle
import random
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from conftest import a_file, sql

import teleai
from teleai import _arrow, _record

MOMENT = datetime(2026, 11, 23, 12, 34, 56, 789123, tzinfo=timezone.utc)
WORDS = ["call", "größe", "\N{PILE OF POO}", "", "x" * 300, "žluťoučký"]


def pyarrow() -> Any:
    return pytest.importorskip("pyarrow", minversion="18")


def some_files(db: teleai.Client, user: teleai.User, count: int) -> None:
    chance = random.Random(count)

    def maybe(value: Any) -> Any:
        return value if chance.random() < 0.6 else None

    db.audio_files.create_many(
        a_file(
            user,
            file_name=f"{chance.choice(WORDS)}{i}",
            file_size_bytes=chance.randrange(1, 2**50),
            duration=maybe(timedelta(milliseconds=10 * chance.randrange(1, 10**6))),
            sample_rate_hz=maybe(48000),
            error_message=maybe(chance.choice(WORDS)),
            metadata={"word": chance.choice(WORDS)},
            status=chance.choice(list(teleai.AudioFileStatus)),
            processing_started_at=maybe(MOMENT + timedelta(microseconds=i)),
        )
        for i in range(count)
    )


def as_arrow_has_it(row: teleai.Record) -> dict[str, Any]:
    """A record's fields under the columns' names and in their types."""
    import json

    found = row.as_dict()
    for name in list(found):
        value = found[name]
        if isinstance(value, timedelta) or name in ("duration", "processing_duration"):
            found[f"{name}_ms"] = None if value is None else round(found.pop(name).total_seconds() * 1000)
            found.pop(name, None)
        elif name == "metadata":
            found["metadata_json"] = found.pop(name)
        elif isinstance(value, teleai.AudioFileStatus):
            found[name] = value.name.lower()
    found["metadata_json"] = json.dumps(found["metadata_json"])
    return found


def test_columns_are_the_records(db: teleai.Client, ann: teleai.User) -> None:
    pa = pyarrow()
    some_files(db, ann, 300)
    page = db.audio_files.list(limit=300)
    batch = page.to_arrow()
    batch.validate(full=True)
    assert isinstance(batch, pa.RecordBatch)
    assert batch.num_rows == 300
    for row, column_wise in zip(page, batch.to_pylist(), strict=True):
        import json

        expected = as_arrow_has_it(row)
        expected["metadata_json"] = json.loads(expected["metadata_json"])
        column_wise["metadata_json"] = json.loads(column_wise["metadata_json"])
        assert column_wise == expected


def test_types(db: teleai.Client, call: teleai.AudioFile) -> None:
    pa = pyarrow()
    schema = db.audio_files.list().to_arrow().schema
    assert schema.field("id").type == pa.uuid()
    assert schema.field("created_at").type == pa.timestamp("us", "UTC")
    assert schema.field("duration_ms").type == pa.int64()
    assert schema.field("status").type == pa.dictionary(pa.int8(), pa.utf8())
    assert schema == pa.schema(db.audio_files.list(user_id=UUID(int=1)))


def test_key_phrases_are_lists(db: teleai.Client, ann: teleai.User, call: teleai.AudioFile) -> None:
    pa = pyarrow()
    text = db.transcriptions.create(audio_file_id=call.id, user_id=ann.id, language_code="en", engine="e")
    ids = {
        "transcription_id": text.id,
        "audio_file_id": call.id,
        "user_id": ann.id,
        "analysis_type": "t",
        "engine": "e",
    }
    for phrases in (["größe", "b"], [], None):
        db.analyses.create(**ids, key_phrases=phrases)  # type: ignore[arg-type]
    column = db.analyses.list(order=teleai.Order.OLDEST_FIRST).to_arrow().column("key_phrases")
    assert column.type == pa.list_(pa.utf8())
    assert column.to_pylist() == [["größe", "b"], [], None]


def test_every_list_has_columns(db: teleai.Client, ann: teleai.User, call: teleai.AudioFile) -> None:
    pyarrow()
    stats = db.stats
    pages: list[teleai.Page[Any]] = [
        db.users.list(), db.sessions.list(), db.audio_files.list(), db.transcriptions.list(), db.analyses.list(),
        db.tenants.list(), db.tenants.stats_list(), stats.users(), stats.daily_usage(), stats.activity(), stats.queue(),
        stats.pipeline(), db.search("heart"), db.search_keywords("heart"),
    ]  # fmt: skip
    for page in pages:
        batch = page.to_arrow()
        batch.validate(full=True)
        assert batch.num_rows == len(page)
        assert batch.num_columns >= 5


def test_no_token_among_the_columns(db: teleai.Client, ann: teleai.User) -> None:
    pyarrow()
    page = db.sessions.create_list([{"user_id": ann.id}])
    token = page[0].token
    assert token is not None
    batch = page.to_arrow()
    assert "token" not in batch.schema.names
    assert token not in str(batch.to_pylist())


def test_columns_outlive_everything(connection: str) -> None:
    pyarrow()
    with teleai.open(connection, password_memory_kib=19456) as client:
        client.users.create(email="ann@example.org", full_name="Ann")
        batch = client.users.list().to_arrow()
    gc.collect()
    assert batch.column("full_name").to_pylist() == ["Ann"]


def test_streams(db: teleai.Client, ann: teleai.User) -> None:
    pyarrow()
    some_files(db, ann, 250)
    with db.audio_files.stream(page_size=100) as stream:
        reader = stream.to_arrow()
        sizes = [batch.num_rows for batch in reader]
    assert sizes == [100, 100, 50]
    with db.audio_files.stream(page_size=100) as stream:
        table = stream.to_arrow().read_all()
    assert table.column("id").to_pylist() == [row.id for row in db.audio_files.list(limit=1000)]
    assert list(reader) == []  # the end is the end


def test_a_stream_that_fails_says_why(db: teleai.Client, ann: teleai.User) -> None:
    pa = pyarrow()
    some_files(db, ann, 10)
    with db.audio_files.stream(page_size=2) as stream:
        reader = stream.to_arrow()
        reader.read_next_batch()
    for _ in range(2):
        with pytest.raises(teleai.Closed):
            reader.read_all()
    with db.audio_files.stream(page_size=2) as stream:
        reader = pa.RecordBatchReader.from_stream(stream)
        assert reader.read_next_batch().num_rows == 2
        with pytest.raises(teleai.InvalidArgument, match="released"):
            pa.RecordBatchReader.from_stream(stream)
    for _ in range(2):
        with pytest.raises(OSError, match="the stream is closed"):
            reader.read_next_batch()


def test_others_read_streams_by_themselves(db: teleai.Client, ann: teleai.User) -> None:
    pa = pyarrow()
    some_files(db, ann, 25)
    ids = [row.id for row in db.audio_files.list(limit=100)]
    with db.audio_files.stream(page_size=10) as stream:
        assert (
            pa.schema(stream)
            == pa.RecordBatchReader.from_stream(stream).schema
            == db.audio_files.list().to_arrow().schema
        )
        gc.collect()
        reader = pa.RecordBatchReader.from_stream(stream)
        first = reader.read_next_batch()
        del reader
        table = pa.table(stream)  # goes on behind what was read
    assert first.column("id").to_pylist() + table.column("id").to_pylist() == ids
    page = db.audio_files.list(limit=100)
    assert pa.RecordBatchReader.from_stream(page).read_all().to_batches() == [page.to_arrow()]


def test_pandas(db: teleai.Client, ann: teleai.User) -> None:
    pyarrow()
    pandas = pytest.importorskip("pandas")
    some_files(db, ann, 30)
    page = db.audio_files.list()
    frame = page.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["id"]) == [row.id for row in page]
    assert list(frame["file_size_bytes"]) == [row.file_size_bytes for row in page]
    assert [time.to_pydatetime() for time in frame["created_at"]] == [row.created_at for row in page]
    with db.audio_files.stream(page_size=7) as stream:
        assert list(stream.to_pandas()["id"]) == list(frame["id"])


# ---- without any of them ----


def test_capsules_nobody_takes_are_released(db: teleai.Client, ann: teleai.User) -> None:
    page = db.users.list()
    before = len(_arrow._alive)
    schema, array = page.__arrow_c_array__()
    assert "arrow_schema" in repr(schema)
    assert "arrow_array" in repr(array)
    stream = page.__arrow_c_stream__()
    assert len(_arrow._alive) == before + 3
    del schema, array, stream
    assert len(_arrow._alive) == before
    with db.users.stream() as users:
        for _ in range(3):  # once at a time
            users.__arrow_c_stream__()
    assert len(_arrow._alive) == before


def test_the_structs_say_what_is_there(db: teleai.Client, ann: teleai.User) -> None:
    _, capsule = db.users.list().__arrow_c_array__()
    pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", ctypes.pythonapi)
    )
    array = _arrow.Array.from_address(pointer(capsule, b"arrow_array") or 0)
    assert (array.length, array.null_count, array.n_children) == (1, 0, 9)


def test_pages_that_were_made_otherwise(db: teleai.Client, ann: teleai.User) -> None:
    page = db.users.list()
    again = pickle.loads(pickle.dumps(page))
    assert again == page
    assert again.next_cursor == page.next_cursor
    with pytest.raises(ValueError, match="unpickled"):
        again.__arrow_c_array__()
    hits = db.search("heart")
    assert pickle.loads(pickle.dumps(hits)).parsed_query == hits.parsed_query


def test_without_pyarrow_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import teleai\n"
        "try: teleai.Page([]).to_arrow()\n"
        "except ImportError as e: print(e)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "teleai[arrow]" in said


# ---- reading pages ----


def test_rows_side_by_side_and_apart_are_read_alike(db: teleai.Client, ann: teleai.User) -> None:
    some_files(db, ann, 200)
    page = db.audio_files.list(limit=200)
    ids = [row.id for row in page]
    assert list(page) == [db.audio_files.get(id) for id in ids] == db.audio_files.get_many(ids)
    backwards = db.audio_files.get_many([*reversed(ids), UUID(int=1)])
    assert backwards == [*reversed(list(page)), None]


def test_long_pages_are_read_like_short_ones(
    db: teleai.Client, ann: teleai.User, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_files(db, ann, 400)
    sql(connection, "alter type audio_file_status add value 'archived'")
    sql(connection, "update audio_files set status = 'archived' where sample_rate is null")
    for i, file in enumerate(db.audio_files.list(limit=40)):
        db.transcriptions.create(
            audio_file_id=file.id, user_id=ann.id, language_code="en", engine="e", text=WORDS[i % len(WORDS)] or "a",
            confidence=0.25 if i % 2 else None, engine_version="1" if i % 3 else None,
            status=teleai.TranscriptionStatus.COMPLETED,
        )  # fmt: skip

    def pages() -> list[list[Any]]:
        stats = db.stats
        return [
            list(page)
            for page in (
                db.users.list(), db.audio_files.list(limit=400), db.transcriptions.list(), db.tenants.list(),
                db.tenants.stats_list(), stats.users(), stats.daily_usage(), stats.activity(limit=300), stats.queue(),
                stats.pipeline(limit=400), db.search("call"), db.audio_files.list(user_id=UUID(int=1)),
            )
        ]  # fmt: skip

    monkeypatch.setattr(_record, "LEAST_COLUMN_ROWS", 10**9)
    one_by_one = pages()
    monkeypatch.setattr(_record, "LEAST_COLUMN_ROWS", 0)
    assert pages() == one_by_one
    assert [bool(kind._reader) for kind in (teleai.AudioFile, teleai.Transcription, teleai.Pipeline)] == [True] * 3
    assert {row.status for row in one_by_one[1]} > {teleai.AudioFileStatus.READY}
    assert 0 in {int(row.status) for row in one_by_one[1]}
