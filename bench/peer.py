"""What the Python peers share; subject.h tells what they read and answer, and which rows they write."""

import datetime
import inspect
import sys
import threading
import time
import uuid

GETS, AUDIO_ROWS, NEWEST, POOL_CONNECTIONS, POOL_WORKERS = 64, 5000, 50, 4, 8

AUDIO = (
    "id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, "
    "status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, "
    "updated_at"
)
SPEECH = (
    "id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, "
    "engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, "
    "created_at, updated_at"
)
READ_ALL = f"select {SPEECH} from transcriptions order by created_at desc, id desc limit 20000"
COPIED = (
    "user_id", "file_name", "file_path", "file_size_bytes", "duration_seconds", "mime_type", "sample_rate", "channels",
    "bit_rate", "status", "upload_completed_at", "metadata",
)  # fmt: skip


def get_sql(place):
    return f"select {AUDIO} from audio_files where id = {place}"


def list_sql(user, limit):
    return f"select {AUDIO} from audio_files where user_id = {user} order by created_at desc, id desc limit {limit}"


def create_sql(places):
    return (
        "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, sample_rate, channels)"
        f" values ({places}) returning {AUDIO}"
    )


def _ids(name):
    with open(f"{sys.argv[-1]}/{name}", encoding="ascii") as file:
        return [uuid.UUID(line.strip()) for line in file]


USERS, FILES = _ids("users.txt"), _ids("files.txt")


def user(turn):
    return USERS[turn % len(USERS)]


def file(turn):
    return FILES[turn * 7919 % len(FILES)]


def gets(turn):
    first = turn * GETS % (len(FILES) - GETS + 1)
    return FILES[first : first + GETS]


def created(turn):
    return (user(turn), "call.wav", "/calls/call.wav", 1843200, "audio/wav", 16000, 1)


def audio_rows(duration, metadata):
    """The rows of W5; `duration` and `metadata` make of hundredths of seconds and of JSON what the peer takes."""
    uploaded = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    return [
        (
            user(i), f"call-{i}.wav", f"/calls/2026/call-{i}.wav", 100000 + i, duration(3000 + i), "audio/wav", 16000,
            1, 256000, "ready", uploaded, metadata('{"campaign": "spring", "agent": 17}'),
        )
        for i in range(AUDIO_ROWS)
    ]  # fmt: skip


def _answer(took, times, latencies):
    latencies.sort()
    done = len(latencies)
    print(f"{took * times / done:.9f} {latencies[done * 99 // 100] * 1e6:.1f}", flush=True)


def _commands(version, works):
    print(version)
    print(*works, flush=True)
    for line in sys.stdin:
        name, times = line.split()
        workers = POOL_WORKERS if name == "W2" else 1
        yield works[name], int(times), workers, -(-int(times) // workers)


def serve(version, works):
    """Runs works that are functions of the turn; W2 in threads."""

    def share(work, first, each, latencies):
        before = time.perf_counter()
        for turn in range(first, first + each):
            if not work(turn):
                raise SystemExit("nothing was read or written")
            now = time.perf_counter()
            latencies.append(now - before)
            before = now

    for work, times, workers, each in _commands(version, works):
        latencies = []
        threads = [threading.Thread(target=share, args=(work, i * each, each, latencies)) for i in range(1, workers)]
        before = time.perf_counter()
        for thread in threads:
            thread.start()
        share(work, 0, each, latencies)
        for thread in threads:
            thread.join()
        _answer(time.perf_counter() - before, times, latencies)


async def serve_async(version, works):
    """Runs works that are coroutine functions of the turn; W2 in tasks."""
    import asyncio

    async def share(work, first, each, latencies):
        before = time.perf_counter()
        for turn in range(first, first + each):
            if not await work(turn):
                raise SystemExit("nothing was read or written")
            now = time.perf_counter()
            latencies.append(now - before)
            before = now

    assert all(inspect.iscoroutinefunction(work) for work in works.values())
    for work, times, workers, each in _commands(version, works):
        latencies = []
        before = time.perf_counter()
        await asyncio.gather(*(share(work, i * each, each, latencies) for i in range(workers)))
        _answer(time.perf_counter() - before, times, latencies)
