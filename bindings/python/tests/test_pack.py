"""Arrays of inputs, made column by column, are what they are when made one by one; mistakes are told alike."""

from __future__ import annotations

import ctypes
import random
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from conftest import a_file

import teleai
from teleai import _accounts, _recordings
from teleai._inputs import InputType

INPUTS = {
    "audio_files": _recordings.AudioFiles._table.input,
    "transcriptions": _recordings.Transcriptions._table.input,
    "analyses": _recordings.Analyses._table.input,
    "users": _accounts.Users._table.input,
    "sessions": _accounts.Sessions._table.input,
}
BERLIN = timezone(timedelta(hours=1))


def a_value(chance: random.Random, keyword: str, input_type: InputType) -> Any:
    member = next(member for name, member, _ in input_type.places if name == keyword)
    kind = {name: kind for name, kind, *_ in input_type.c_struct._fields_}[member]
    if member.endswith("_json"):
        return chance.choice([{"a": [1, 2.5, None, True, {"ü": '\N{PILE OF POO}\n"'}]}, {}, [], "text", 7, 1e300])
    if member.endswith("_us"):
        zone = chance.choice([timezone.utc, BERLIN])
        return datetime(chance.randrange(1900, 2300), 5, 17, 3, 4, 5, chance.randrange(10**6), zone)
    if member.endswith("_ms"):
        return timedelta(milliseconds=chance.randrange(1, 10**7), microseconds=chance.choice([0, 499, 500, 501, 1500]))
    if kind is ctypes.c_char_p:
        return chance.choice(["", "a", "größe", "x" * 1000, "\N{PILE OF POO}", str(chance.random())])
    if kind is ctypes.c_void_p:
        return UUID(int=chance.getrandbits(128))
    if kind is ctypes.c_bool:
        return chance.random() < 0.5
    if kind is ctypes.c_double:
        return chance.choice([0, 1, 0.25, -1.5])
    return chance.randrange(1, 2**31 - 1)


def members(made: Any) -> list[dict[str, Any]]:
    """What the library will see of an array, with what pointers point to."""
    found = []
    for struct in made:
        values: dict[str, Any] = {}
        for name, kind, *_ in struct._fields_:
            value = getattr(struct, name)
            if kind is ctypes.c_void_p and value and name not in ("key_phrases", "entities", "topics"):
                value = ctypes.string_at(value, 16)
            values[name] = value if not isinstance(value, ctypes.Array) else bytes(value)
        found.append(values)
    return found


@pytest.mark.parametrize("noun", INPUTS)
@pytest.mark.parametrize("seed", range(20))
def test_both_ways_give_the_same(noun: str, seed: int) -> None:
    input_type = INPUTS[noun]
    chance = random.Random(f"{noun} {seed}")
    keywords = chance.sample(sorted(input_type.setters), chance.randrange(2, len(input_type.setters) + 1))
    absent = chance.choice([0.0, 0.3])
    rows: list[dict[str, Any]] = []
    for _ in range(chance.randrange(2, 40)):
        chance.shuffle(keywords)
        rows.append(
            {name: None if chance.random() < absent else a_value(chance, name, input_type) for name in keywords}
        )
    packed = input_type.packer.array(rows)
    assert packed is not None
    assert members(packed) == members(input_type.array_one_by_one(rows))


GOOD = {"user_id": UUID(int=1), "file_name": "a", "file_size_bytes": 1, "status": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"file_name": "a\0b"},
        {"file_name": "\ud800"},
        {"file_name": b"a"},
        {"file_size_bytes": True},
        {"file_size_bytes": 2**63},
        {"file_size_bytes": 1.0},
        {"user_id": "00000000-0000-0000-0000-000000000001"},
        {"status": 2**31},
        {"filename": "a"},
    ],
)
def test_mistakes_are_told_as_of_one(wrong: dict[str, Any]) -> None:
    input_type = INPUTS["audio_files"]
    bad = {name: value for name, value in GOOD.items() if "filename" not in wrong or name != "file_name"} | wrong
    with pytest.raises((TypeError, teleai.InvalidArgument)) as alone:
        input_type.make(bad)
    with pytest.raises(type(alone.value)) as among_others:
        input_type.array([GOOD, bad, GOOD])
    assert str(among_others.value) == str(alone.value)


@pytest.mark.parametrize("value", [float("nan"), object(), {1: {2}}])
def test_what_is_no_json(value: Any) -> None:
    rows = [{"file_name": "a", "metadata": {"a": value}}] * 3
    with pytest.raises(teleai.InvalidArgument, match="metadata"):
        INPUTS["audio_files"].array(rows)
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(teleai.InvalidArgument, match="metadata"):
        INPUTS["audio_files"].array([{"file_name": "a", "metadata": ring}] * 3)


def test_times_without_a_zone_and_other_durations() -> None:
    input_type = INPUTS["audio_files"]
    with pytest.raises(teleai.InvalidArgument, match="time zone"):
        input_type.array([{"file_name": "a", "upload_completed_at": datetime(2026, 1, 1)}] * 2)
    made = input_type.array([{"file_name": "a", "duration": 1.5}, {"file_name": "b", "duration": timedelta(seconds=2)}])
    assert [one.duration_ms for one in made] == [1500, 2000]


def test_rows_that_differ(db: teleai.Client, ann: teleai.User) -> None:
    rows = [a_file(ann, file_name=str(i), **({"channels": 2} if i % 3 == 0 else {})) for i in range(20)]
    made = db.audio_files.create_list(rows)
    assert [(row.file_name, row.channels) for row in made] == [(r["file_name"], r.get("channels")) for r in rows]


def test_chunks_overlap_and_stay_in_order(db: teleai.Client, ann: teleai.User) -> None:
    done = db.audio_files.create_many((a_file(ann, file_name=str(i)) for i in range(95)), chunk_rows=10)
    assert done == (95, [])
    rows = db.audio_files.list(limit=100, order=teleai.Order.OLDEST_ID_FIRST)
    assert [row.file_name for row in rows] == [str(i) for i in range(95)]

    def broken() -> Any:
        yield from (a_file(ann) for _ in range(25))
        raise RuntimeError("the source is broken")

    with pytest.raises(RuntimeError, match="broken"):
        db.audio_files.create_many(broken(), chunk_rows=10)
    assert db.audio_files.count() == 95
    bad = [a_file(ann, file_size_bytes=-1 if i in (13, 38) else 1) for i in range(40)]
    with pytest.raises(teleai.InvalidArgument) as one:
        db.audio_files.create_many(bad, chunk_rows=10)
    assert one.value.item == 13
    done = db.audio_files.create_many(bad, chunk_rows=10, keep_good=True)
    assert (done.created, [failure.item for failure in done.failures]) == (38, [13, 38])
