"""Whatever waits answers signals, each kind of call alike: within a tenth of a second, and nothing is lost by it.

The package lets Python run the handlers of signals whenever the library asks whether a call is to end. So it is the
asking that is looked at: how often a call asks while it cannot go on. What follows on a signal is done until one try is
quick, since the machine may be busy with other things; a wait that is built in would make none quick.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import statistics
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import waiting_local  # noqa: F401  its kinds are among KINDS then
from conftest import a_database, a_file
from waiting import ASKED, KINDS, LONG_S, PROMPT_S, Stop, World, absent, all_is_back, silent, until

import teleai
import teleai.aio
from teleai import _callback


@pytest.fixture(scope="module")
def world(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all: each kind leaves it as it was."""
    with a_database(server) as connection:
        yield World(connection, tmp_path_factory.mktemp("world"))


# ---- what holds for all ----

COMPUTING = {"many_passwords"}


def clock_of(name: str) -> Callable[[], float]:
    """What computes is as fast as the machine lets it."""
    return time.thread_time if name in COMPUTING else time.monotonic


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[float]:
    """When the main thread was asked whether its call is to end."""
    return _record(monkeypatch, request, lambda thread: thread is threading.main_thread())


@pytest.fixture
def asked_elsewhere(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[float]:
    """When other threads were."""
    return _record(monkeypatch, request, lambda thread: thread is not threading.main_thread())


def _record(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, counts: Callable[[threading.Thread], bool]
) -> list[float]:
    times: list[float] = []
    name = request.node.callspec.params["name"] if hasattr(request.node, "callspec") else ""
    to_end = _callback.to_end

    def counted(data: object = None) -> bool:
        if counts(threading.current_thread()):
            times.append(clock_of(name)())
        return to_end(data)

    monkeypatch.setattr(_callback, "to_end", counted)
    return times


@pytest.mark.parametrize("name", KINDS)
def test_it_asks_often_enough(name: str, world: World, asked: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times a second at least, also when no signal wakes it up."""
    counted = _callback.to_end

    def ends(data: object = None) -> bool:
        if counted(data):
            return True
        if len(asked) >= ASKED and threading.current_thread() is threading.main_thread():
            raise Stop
        return False

    with KINDS[name](world) as wait:
        monkeypatch.setattr(_callback, "to_end", ends)
        asked.clear()
        begun = clock_of(name)()
        with pytest.raises(Stop):
            wait()
        times = [begun, *asked[:ASKED]]
        monkeypatch.undo()
    assert statistics.median(later - earlier for earlier, later in itertools.pairwise(times)) < PROMPT_S


@contextmanager
def signals(asked: list[float], count: int, number: int = signal.SIGALRM) -> Iterator[list[float]]:
    """Sends signals once a call waits, each when the one before has been handled. When they were sent."""
    sent: list[float] = []
    handled: list[int] = []

    def handle(*_: object) -> None:
        handled.append(1)
        if len(handled) == count:
            raise Stop

    def send() -> None:
        asked.clear()
        with contextlib.suppress(AssertionError):  # the call has ended in another way, which is told
            for turn in range(count):
                before = len(asked)
                until(lambda before=before: len(asked) > before + 1 or over.is_set())  # type: ignore[misc]
                if over.is_set():
                    return
                sent.append(time.monotonic())
                os.kill(os.getpid(), number)
                until(lambda turn=turn: number == signal.SIGINT or len(handled) > turn)  # type: ignore[misc]

    over = threading.Event()
    sender = threading.Thread(target=send)
    before = signal.signal(number, handle) if number != signal.SIGINT else None
    sender.start()
    try:
        yield sent
    finally:
        over.set()
        sender.join()
        if before is not None:
            signal.signal(number, before)


def one_is_prompt(one: Callable[[], float]) -> None:
    """Of several tries, on a machine that may be busy."""
    took: list[float] = []
    while not took or took[-1] >= PROMPT_S:
        assert len(took) < 8, took
        took.append(one())


@pytest.mark.parametrize("name", KINDS)
def test_signals_are_answered(name: str, world: World, asked: list[float]) -> None:
    """Handlers that return let the call go on; one that raises ends it."""

    def one() -> float:
        with KINDS[name](world) as wait:
            with signals(asked, 3) as sent:
                with pytest.raises(Stop):
                    wait()
                ended = time.monotonic()
            return 0.0 if name in COMPUTING else ended - sent[2]

    one_is_prompt(one)


# ---- event loops ----


async def _opened(world: World, use: Callable[[teleai.aio.Client], Coroutine[Any, Any, object]], most: int = 2) -> None:
    async with teleai.aio.open(world.connection, timeout=LONG_S, max_connections=most) as db:
        await use(db)


async def _of_a_full_pool(world: World, use: Callable[[teleai.aio.Client], Coroutine[Any, Any, object]]) -> None:
    async def with_all_in_use(db: teleai.aio.Client) -> None:
        async with db.transaction():
            await use(db)

    await _opened(world, with_all_in_use, 1)


async def _begin(db: teleai.aio.Client) -> None:
    async with db.transaction():
        pass


async def _listen(db: teleai.aio.Client) -> None:
    async with db.listen("quiet"):
        pass


async def _stream(db: teleai.aio.Client) -> None:
    async with db.users.stream() as stream:
        async for _ in stream:
            pass


async def _change(world: World, db: teleai.aio.Client) -> None:
    async with db.transaction() as tx:
        await tx.users.update(world.ann.id, full_name="B")


async def _commit(world: World) -> None:
    with KINDS["commit"](world):
        await _opened(world, lambda db: _change(world, db))


async def _open(where: Callable[[], AbstractContextManager[str]]) -> None:
    with where() as connection:
        async with teleai.aio.open(connection, timeout=LONG_S):
            pass


async def _with_locks(world: World, use: Callable[[teleai.aio.Client], Coroutine[Any, Any, object]]) -> None:
    with world.locked():
        await _opened(world, use)


ON_A_LOOP: dict[str, Callable[[World], Coroutine[Any, Any, object]]] = {
    "open": lambda world: _open(silent),
    "open_an_absent_host": lambda world: _open(absent),
    "ping": lambda world: _of_a_full_pool(world, lambda db: db.ping()),
    "transaction": lambda world: _of_a_full_pool(world, _begin),
    "create_many": lambda world: _of_a_full_pool(world, lambda db: db.audio_files.create_many([a_file(world.ann)] * 9)),
    "login": lambda world: _of_a_full_pool(world, lambda db: db.users.login("ann@example.org", "no good")),
    "commit": _commit,
    "stream": lambda world: _with_locks(world, _stream),
    "maintain": lambda world: _with_locks(world, lambda db: db.maintain()),
    "migrate_down": lambda world: _with_locks(world, lambda db: db.migrate_down()),
    "row_security": lambda world: _with_locks(world, lambda db: db.row_security_enable()),
}


@pytest.mark.parametrize("name", ON_A_LOOP)
def test_the_keyboard_ends_a_loop(name: str, world: World, asked_elsewhere: list[float]) -> None:
    """Ctrl-C while a thread of the loop waits: asyncio.run() itself waits for these threads."""

    def one() -> float:
        with signals(asked_elsewhere, 1, signal.SIGINT) as sent:
            with pytest.raises(KeyboardInterrupt):
                asyncio.run(ON_A_LOOP[name](world))
            ended = time.monotonic()
        assert len(sent) == 1
        return ended - sent[0] - CLEANING_UP_S

    one_is_prompt(one)
    assert world.left_open() == 0


CLEANING_UP_S = 0.2  # psql, and the client's close()


def test_a_call_that_is_not_awaited_any_more_ends(world: World, asked_elsewhere: list[float]) -> None:
    async def main() -> None:
        async with teleai.aio.open(world.connection, max_connections=1, timeout=LONG_S) as db:
            async with db.transaction():
                waiting = asyncio.create_task(db.ping())
                while len(asked_elsewhere) < 2:
                    await asyncio.sleep(0.001)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
                while db.pool_stats().waiting_calls > 0:  # or the loop has no thread left in the end
                    await asyncio.sleep(0.001)
            assert await db.users.count() == 1

    asyncio.run(asyncio.wait_for(main(), 30))


# ---- threads ----


def test_other_threads_go_on(world: World, asked_elsewhere: list[float]) -> None:
    """Handlers run on the main thread, whatever other threads wait for; these wait on."""
    with world.client() as db:
        found: list[int] = []
        with world.locked():
            others = [threading.Thread(target=lambda: found.append(db.users.count())) for _ in range(3)]
            for other in others:
                other.start()
            with signals(asked_elsewhere, 3), pytest.raises(Stop):
                while True:
                    time.sleep(0.01)
            assert all(other.is_alive() for other in others)
            assert not found
        for other in others:
            other.join()
        assert found == [1, 1, 1]
        all_is_back(world, db)
