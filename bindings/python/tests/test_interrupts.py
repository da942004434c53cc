"""Exceptions that come between any two lines, as from a signal's handler: nothing is lost, freed twice, swallowed."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import a_file, sql

import teleai
import teleai.aio
from teleai import _arrow

PACKAGE = str(Path(teleai.__file__).parent)
NO_PLACE = {"__del__"}  # Python itself prints what is raised there


class Stop(KeyboardInterrupt):
    """Comes from nowhere else."""


def interrupted_at(number: int, work: Callable[[], object]) -> bool:
    """Does some work, interrupted at this line of the package; whether it came so far."""
    left = number

    def line(frame: Any, event: str, _: Any) -> Any:
        nonlocal left
        if event == "line" and left >= 0:
            left -= 1
            if left < 0:
                raise Stop
        return line

    def call(frame: Any, _event: str, _: Any) -> Any:
        code = frame.f_code
        return line if code.co_filename.startswith(PACKAGE) and code.co_name not in NO_PLACE else None

    def apart() -> Iterator[object]:
        # An exception that a trace function raises at the first instruction of a handler leaves the one being handled
        # in the thread's state: CPython pops what it has not pushed. A generator has a state of its own.
        yield work()

    sys.settrace(call)
    try:
        next(apart())
    except Stop:
        return True
    finally:
        sys.settrace(None)
    return False


def everywhere(work: Callable[[], object], check: Callable[[int], None]) -> None:
    """Interrupts some work at every line, one after the other."""
    for number in range(3000):
        if not interrupted_at(number, work):
            assert number > 3
            return
        check(number)
    pytest.fail("this work has no end")


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Python would only print."""
    seen: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", seen.append)
    return seen


@pytest.fixture
def busy(connection: str) -> Iterator[teleai.Client]:
    with teleai.open(connection, max_connections=2, password_memory_kib=19456, call_hook=lambda call: None) as db:
        ann = db.users.create(email="ann@example.org", full_name="Ann", password="correct horse battery")
        db.audio_files.create_list([a_file(ann) for _ in range(3)])
        yield db


def transaction(db: teleai.Client, _: Path) -> None:
    with db.transaction() as tx:
        tx.users.count()


def run_in_transaction(db: teleai.Client, _: Path) -> None:
    db.run_in_transaction(lambda tx: tx.users.count())


def inner_transaction(db: teleai.Client, _: Path) -> None:
    with db.transaction() as tx, tx.transaction() as inner:
        inner.users.count()


def body_that_fails(db: teleai.Client, _: Path) -> None:
    def fails(tx: teleai.Transaction) -> None:
        tx.users.count()
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        db.run_in_transaction(fails)


def nested_bodies(db: teleai.Client, _: Path) -> None:
    def outer(tx: teleai.Transaction) -> int:
        with tx.transaction() as inner, inner.transaction() as innermost:
            innermost.users.count()
            return db.run_in_transaction(lambda other: other.users.count())  # on another connection

    assert db.run_in_transaction(outer) == 1


def batch(db: teleai.Client, _: Path) -> None:
    with db.batch() as batch:
        users, count = batch.users.list(), batch.users.count()
    assert len(users.result()) == count.result()


def batch_in_transaction(db: teleai.Client, _: Path) -> None:
    with db.transaction() as tx, tx.batch() as batch:
        batch.users.list()


def scope(db: teleai.Client, _: Path) -> None:
    with db.scope(timeout=20) as scope:
        scope.users.count()


def stream(db: teleai.Client, _: Path) -> None:
    with db.audio_files.stream(page_size=2) as stream:
        for _row in stream:
            pass


def records(db: teleai.Client, _: Path) -> None:
    user = db.users.get_by_email("ann@example.org")
    db.users.get_many([user.id, teleai.make_uuid()])
    assert len(list(db.audio_files.iterate(page_size=2))) == 3
    assert len(db.search("heart")) == 0


def rest(db: teleai.Client, _: Path) -> None:
    db.pool_stats(), db.metrics_text(), db.slow_calls(), db.migrate_status(), db.migrate_plan()
    teleai.connection_settings("host=nowhere password=x")


def arrow(db: teleai.Client, _: Path) -> None:
    db.audio_files.list().__arrow_c_array__()


def arrow_stream(db: teleai.Client, _: Path) -> None:
    db.audio_files.list().__arrow_c_stream__()
    with db.audio_files.stream(page_size=2) as stream:
        stream.__arrow_c_stream__()
    with db.audio_files.stream(page_size=2) as stream:
        reader = stream.to_arrow()
        assert [batch.num_rows for batch in reader] == [2, 1]


def half_a_stream(db: teleai.Client, _: Path) -> None:
    with db.audio_files.stream(page_size=1) as stream:
        next(iter(stream))


def iterated_ears(db: teleai.Client, _: Path) -> None:
    with db.listen("x") as ears:
        db.notify("x", "said")
        for said in ears:
            assert said.payload == "said"
            break


def bulk(db: teleai.Client, _: Path) -> None:
    user = db.users.get_by_email("ann@example.org")
    with db.transaction() as tx:
        tx.audio_files.create_list([a_file(user)] * 2)
        tx.rollback()


def listen(db: teleai.Client, _: Path) -> None:
    with db.listen("x") as ears:
        with pytest.raises(teleai.Timeout):
            ears.next(0)


def export(db: teleai.Client, folder: Path) -> None:
    with db.export_tenant(teleai.default_tenant_id(), folder / os.urandom(8).hex()) as job:
        job.run()


WORK = [
    transaction, run_in_transaction, body_that_fails, nested_bodies, inner_transaction, batch, batch_in_transaction,
    scope, stream, half_a_stream, records, rest, arrow, arrow_stream, bulk, listen, iterated_ears, export,
]  # fmt: skip


@pytest.mark.parametrize("work", WORK, ids=lambda work: work.__name__)
def test_at_every_line(
    work: Callable[[teleai.Client, Path], None], busy: teleai.Client, tmp_path: Path, unraisable: list[Any]
) -> None:
    """Afterwards no connection is in use, what is raised is what was raised, and it works."""

    def check(number: int) -> None:
        stats = busy.pool_stats()
        assert stats.open_connections == stats.idle_connections, number
        assert not unraisable, (number, unraisable)
        assert not _arrow._alive, number

    gc.disable()  # nothing is to be left to it
    try:
        everywhere(lambda: work(busy, tmp_path), check)
    finally:
        gc.enable()
    assert busy.users.count() == 1


def sessions(connection: str) -> int:
    mine = "datname = current_database() and pid <> pg_backend_pid()"
    return int(sql(connection, f"select count(*) from pg_stat_activity where {mine}"))


def until_sessions(connection: str, expected: int) -> None:
    """The server takes its time to end those that are closed."""
    until = time.monotonic() + 20
    while sessions(connection) != expected:
        gc.collect()  # event loops that are left as they are leave cycles
        assert time.monotonic() < until, sessions(connection)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_opening_at_every_line(connection: str, unraisable: list[Any]) -> None:
    def work() -> None:
        with teleai.open(connection, connection_hook=lambda: connection):
            pass

    everywhere(work, lambda number: None)
    gc.collect()
    until_sessions(connection, 0)
    assert [one for one in unraisable if not inspect.isgenerator(one.object)] == []  # those that end


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_event_loop_at_every_line(connection: str, unraisable: list[Any]) -> None:
    """asyncio's own ways of running are in between: what holds is that nothing stays open."""

    async def main() -> None:
        async with teleai.aio.open(connection, max_connections=1) as db:
            await asyncio.gather(db.users.count(), db.users.list())
            async with db.transaction() as tx:
                await tx.users.count()

    def work() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(asyncio.wait_for(main(), 30))

    for number in range(0, 1200, 7):
        if not interrupted_at(number, work):
            break
    gc.collect()
    until_sessions(connection, 0)


def test_signals_are_answered_while_a_call_waits(connection: str) -> None:
    """Within a tenth of a second, also before there is a connection, and the exception is the handler's own."""
    with teleai.open(connection) as other, teleai.open(connection, max_connections=1) as db:
        ann = other.users.create(email="ann@example.org", full_name="Ann")

        def raises(*_: object) -> None:
            came.append(time.monotonic())
            raise Stop

        before = signal.signal(signal.SIGALRM, raises)
        try:
            with other.transaction() as lock:
                lock.users.update(ann.id, full_name="C")
                held = db.transaction()
                for waits in (
                    lambda: held.users.update(ann.id, full_name="B"),  # for a lock at the server
                    lambda: db.users.count(),  # for a connection
                    lambda: db.transaction(),
                    lambda: db.users.stream(),
                    lambda: other.listen("x").next(),
                ):
                    came: list[float] = []
                    signal.setitimer(signal.ITIMER_REAL, 0.15)
                    with pytest.raises(Stop):
                        waits()
                    assert came
                    assert time.monotonic() - came[0] < 1
                    signal.setitimer(signal.ITIMER_REAL, 0)
                held.close()
            assert db.users.count() == 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def test_handlers_that_return_let_the_call_go_on(connection: str) -> None:
    with teleai.open(connection) as db, teleai.open(connection) as other:
        ann = db.users.create(email="ann@example.org", full_name="Ann")
        lock = other.transaction()
        lock.users.update(ann.id, full_name="C")
        seen: list[int] = []

        def counts(*_: object) -> None:
            seen.append(db.users.count())  # a handler may make calls
            if len(seen) == 3:
                lock.close()

        before = signal.signal(signal.SIGALRM, counts)
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        try:
            assert db.users.update(ann.id, full_name="B").full_name == "B"
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        assert seen[:3] == [1, 1, 1]


@pytest.mark.parametrize("work", [transaction, run_in_transaction, batch, stream], ids=lambda work: work.__name__)
def test_real_signals(
    work: Callable[[teleai.Client, Path], None], busy: teleai.Client, tmp_path: Path, unraisable: list[Any]
) -> None:
    def raises(*_: object) -> None:
        raise Stop

    before = signal.signal(signal.SIGALRM, raises)
    try:
        for turn in range(60):
            with pytest.raises(Stop):
                signal.setitimer(signal.ITIMER_REAL, 0.0003 + turn % 40 * 0.00005)
                while True:
                    work(busy, tmp_path)
                    assert not unraisable  # or it goes on for ever
            stats = busy.pool_stats()
            assert stats.open_connections == stats.idle_connections
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not unraisable


def test_hooks_raise_out_of_the_call(connection: str) -> None:
    def tell(call: teleai.Call) -> None:
        if call.operation == "user_count":
            raise KeyError("mine")

    with teleai.open(connection, call_hook=tell) as db:
        with pytest.raises(KeyError, match="mine"):
            db.users.count()
        assert len(db.users.list()) == 0
        threads = [threading.Thread(target=db.users.list) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def test_what_is_dropped_is_closed_at_once(connection: str) -> None:
    gc.disable()
    try:
        with teleai.open(connection, max_connections=1, timeout=5) as db:
            tx = db.transaction()
            tx.users.count()
            users = tx.users
            del tx
            assert users.count() == 0
            del users
            stats = db.pool_stats()
            assert (stats.open_connections, stats.idle_connections) == (1, 1)
    finally:
        gc.enable()


@pytest.mark.parametrize("by_itself", [False, True], ids=["to_arrow", "from_stream"])
def test_a_table_is_whole_or_not_there(busy: teleai.Client, by_itself: bool, unraisable: list[Any]) -> None:
    """Whenever a signal's handler raises: it is not taken for the end, also not by who goes on reading."""
    pyarrow = pytest.importorskip("pyarrow")

    def raises(*_: object) -> None:
        raise Stop

    def read() -> None:
        with busy.audio_files.stream(page_size=1) as stream:
            reader = pyarrow.RecordBatchReader.from_stream(stream) if by_itself else stream.to_arrow()
            assert reader.read_all().num_rows == 3

    before = signal.signal(signal.SIGALRM, raises)
    try:
        for turn in range(80):
            with pytest.raises(Stop):
                signal.setitimer(signal.ITIMER_REAL, 0.0003 + turn % 40 * 0.00005)
                while True:
                    read()
                    assert not unraisable
            stats = busy.pool_stats()
            assert stats.open_connections == stats.idle_connections
            assert not _arrow._alive
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not unraisable


def test_no_end_after_an_interrupt(busy: teleai.Client) -> None:
    """A reader that was interrupted at any line ends behind the last row, or says that some may be missing."""
    pytest.importorskip("pyarrow")
    for number in range(1000):
        with busy.audio_files.stream(page_size=1) as stream:
            reader = stream.to_arrow()
            sizes: list[int] = []

            def read(reader: Any = reader, sizes: list[int] = sizes) -> None:
                sizes.extend(batch.num_rows for batch in reader)

            if not interrupted_at(number, read):
                assert number > 3
                return
            with contextlib.suppress(teleai.Closed):
                read()
                assert sum(sizes) == 3
    pytest.fail("reading has no end")
