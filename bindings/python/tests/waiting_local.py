"""Kinds of waiting for a private server, local:DIR."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from waiting import KINDS, LONG_S, Waiting, World, kind, until

import teleai

needs_a_server = pytest.mark.skipif(not shutil.which("psql"), reason="no PostgreSQL")


@contextmanager
def folder() -> Iterator[Path]:
    """For a private server: the user that it runs as must reach it."""
    made = tempfile.mkdtemp(prefix="teleai-py-")
    try:
        yield Path(made) / "data"
    finally:
        with contextlib.suppress(teleai.Error):
            teleai.local_stop(Path(made) / "data")
        shutil.rmtree(made, ignore_errors=True)


def on_a_folder(what: Callable[[Path], object]) -> Waiting:
    """Which another program opens or closes."""

    @contextmanager
    def made(_world: World) -> Iterator[Callable[[], object]]:
        with folder() as data:
            (data / "cluster").mkdir(parents=True)
            (data / "cluster" / "PG_VERSION").write_text("15\n")
            with open(data / "change.lock", "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield lambda: what(data)

    return made


KINDS["open_local"] = on_a_folder(lambda data: teleai.open(f"local:{data}", timeout=LONG_S))
KINDS["local_start"] = on_a_folder(lambda data: teleai.local_start(data, timeout=LONG_S))
KINDS["local_stop"] = on_a_folder(lambda data: teleai.local_stop(data, timeout=LONG_S))
KINDS["local_status"] = on_a_folder(lambda data: teleai.local_status(data, timeout=LONG_S))


@kind
def making_a_local_server(_world: World) -> Iterator[Callable[[], object]]:
    with folder() as data:
        yield lambda: teleai.local_start(data, timeout=LONG_S)


@contextmanager
def stopped(process: int) -> Iterator[None]:
    """Has a process stand still."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@kind
def closing_a_local_server(_world: World) -> Iterator[Callable[[], object]]:
    with folder() as data:
        db = teleai.open(f"local:{data}", timeout=LONG_S)
        process = teleai.local_status(data).process_id
        with stopped(process):
            yield db.close
        until(lambda: not teleai.local_status(data).running)  # all the same


@kind
def stopping_a_local_server(_world: World) -> Iterator[Callable[[], object]]:
    with folder() as data:
        teleai.local_start(data, timeout=LONG_S)
        with stopped(teleai.local_status(data).process_id):
            yield lambda: teleai.local_stop(data, timeout=LONG_S)
        until(lambda: not teleai.local_status(data).running)
