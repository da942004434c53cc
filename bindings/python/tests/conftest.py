"""A database of its own for each test, on the server that the test suite has started (or one of its own)."""

from __future__ import annotations

import itertools
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import teleai

SOURCE = Path(os.environ.get("TELEAI_SOURCE_DIR", Path(__file__).resolve().parents[3]))
_number = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The connection string of a server, without the database."""
    folder = os.environ.get("TELEAI_TEST_SERVER")
    if folder is not None:
        yield (Path(folder) / "connection").read_text().strip()
        return
    script = SOURCE / "tests" / "support" / "server.sh"
    with tempfile.TemporaryDirectory(prefix="teleai-py-") as own:
        started = subprocess.run(["bash", str(script), "start", own], check=False)
        if started.returncode == 77:
            pytest.skip("no PostgreSQL server programs")
        started.check_returncode()
        try:
            yield (Path(own) / "connection").read_text().strip()
        finally:
            subprocess.run(["bash", str(script), "stop", own], check=True)


def sql(connection: str, statement: str) -> str:
    """What psql says to a statement."""
    done = subprocess.run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", statement],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@contextmanager
def a_database(server: str) -> Iterator[str]:
    """The connection string of an empty database with the schema."""
    name = f"python_{os.getpid()}_{next(_number)}"
    sql(f"{server} dbname=postgres", f"create database {name} template teleai_template")
    yield f"{server} dbname={name}"
    sql(f"{server} dbname=postgres", f"drop database {name}")


@pytest.fixture
def connection(server: str) -> Iterator[str]:
    """The connection string of a database of the test's own."""
    with a_database(server) as made:
        yield made


@pytest.fixture
def db(connection: str) -> Iterator[teleai.Client]:
    """A client on a database of its own."""
    with teleai.open(connection, password_memory_kib=19456) as client:
        yield client


@pytest.fixture
def ann(db: teleai.Client) -> teleai.User:
    """A user."""
    return db.users.create(email="ann@example.org", full_name="Ann", password="correct horse battery")


@pytest.fixture
def call(db: teleai.Client, ann: teleai.User) -> teleai.AudioFile:
    """An audio file of that user's."""
    return db.audio_files.create(**a_file(ann))


def a_file(user: teleai.User, **more: Any) -> Any:
    """What an audio file is made from."""
    given = {
        "user_id": user.id,
        "file_name": "call.wav",
        "file_path": "/calls/call.wav",
        "mime_type": "audio/wav",
        "file_size_bytes": 1843200,
    }
    return given | more
