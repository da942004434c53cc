"""teleai's own Python package, blocking; with --aio its event loop form, on uvloop. Every field of every record is read.

W3_shown and W6_shown read the fields that a page shows: records make those when they are looked at."""

import datetime
import json
import operator
import sys

import teleai

import peer

every = operator.attrgetter(*teleai.AudioFile._fields)
every_of_speech = operator.attrgetter(*teleai.Transcription._fields)
shown = operator.attrgetter("id", "file_name", "duration", "status", "created_at")
shown_of_speech = operator.attrgetter("id", "text", "language_code", "status", "created_at")


def created(turn):
    user, name, path, size, mime, rate, channels = peer.created(turn)
    return {
        "user_id": user, "file_name": name, "file_path": path, "file_size_bytes": size, "mime_type": mime,
        "sample_rate_hz": rate, "channels": channels,
    }  # fmt: skip


NAMES = (
    "user_id", "file_name", "file_path", "file_size_bytes", "duration", "mime_type", "sample_rate_hz", "channels",
    "bit_rate_bps", "status", "upload_completed_at", "metadata",
)  # fmt: skip


def audio_rows():
    for row in peer.audio_rows(lambda number: datetime.timedelta(milliseconds=10 * number), json.loads):
        given = dict(zip(NAMES, row, strict=True))
        given["status"] = teleai.AudioFileStatus.READY
        yield given


def read_all(db, read):
    count = 0
    with db.transcriptions.stream(page_size=256) as stream:
        for piece in stream.pages():
            for row in piece:
                read(row)
            count += len(piece)
            if count >= 20000:
                break
    return count


def blocking():
    db = teleai.open("", max_connections=1)
    pool = teleai.open("", max_connections=peer.POOL_CONNECTIONS)
    rows = list(audio_rows())
    files = db.audio_files
    peer.serve(
        f"teleai {teleai.version()} (Python)",
        {
            "W1": lambda turn: every(files.get(peer.file(turn))),
            "W2": lambda turn: every(pool.audio_files.get(peer.file(turn))),
            "W3": lambda turn: [every(row) for row in files.list(user_id=peer.user(turn), limit=peer.NEWEST)],
            "W3_shown": lambda turn: [shown(row) for row in files.list(user_id=peer.user(turn), limit=peer.NEWEST)],
            "W3_arrow": lambda turn: files.list(user_id=peer.user(turn), limit=peer.NEWEST).__arrow_c_array__(),
            "W4": lambda turn: every(files.create(**created(turn))),
            "W5": lambda turn: files.create_many(rows).created,
            "W6": lambda turn: read_all(db, every_of_speech),
            "W6_shown": lambda turn: read_all(db, shown_of_speech),
            "W7": lambda turn: batch(db, turn),
            "W7_get_many": lambda turn: [every(row) for row in files.get_many(peer.gets(turn))],
        },
    )


def batch(db, turn):
    with db.batch() as made:
        pending = [made.audio_files.get(id) for id in peer.gets(turn)]
    return [every(one.result()) for one in pending]


async def on_event_loop():
    import asyncio

    import teleai.aio

    async with (
        teleai.aio.open("", max_connections=1) as db,
        teleai.aio.open("", max_connections=peer.POOL_CONNECTIONS) as pool,
    ):
        files = db.audio_files

        async def w1(turn):
            return every(await files.get(peer.file(turn)))

        async def w2(turn):
            return every(await pool.audio_files.get(peer.file(turn)))

        async def w3(turn):
            return [every(row) for row in await files.list(user_id=peer.user(turn), limit=peer.NEWEST)]

        async def w4(turn):
            return every(await files.create(**created(turn)))

        async def w7(turn):
            return [every(row) for row in await asyncio.gather(*map(files.get, peer.gets(turn)))]

        async def get_many(turn):
            return [every(row) for row in await files.get_many(peer.gets(turn))]

        await peer.serve_async(
            f"teleai.aio {teleai.version()} (uvloop)",
            {"W1": w1, "W2": w2, "W3": w3, "W4": w4, "W7": w7, "W7_get_many": get_many},
        )


if sys.argv[1] == "--aio":
    import uvloop

    uvloop.run(on_event_loop())
else:
    blocking()
