"""What is shown and said: names of values, tables, messages, and what is never shown."""

from __future__ import annotations

import asyncio
import traceback
import warnings
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from conftest import a_file, sql

import teleai
import teleai.aio

EARLIEST, LATEST = (moment.replace(tzinfo=timezone.utc) for moment in (datetime.min, datetime.max))


def test_values_by_name(db: teleai.Client, ann: teleai.User) -> None:
    db.audio_files.create(**a_file(ann, status="Ready"))
    page = db.audio_files.list(status="ready")
    assert [row.as_dict()["status"] for row in page] == page.to_arrow().column("status").to_pylist() == ["ready"]
    assert str(page[0].status) == "ready"
    assert (
        db.audio_files.count(status="READY")
        == db.audio_files.create_many([a_file(ann, status="error")] * 2).created - 1
    )
    with pytest.raises(teleai.InvalidArgument, match="status is none of uploaded, processing, ready, error"):
        db.audio_files.list(status="done")
    assert db.users.list(order="oldest_first") == db.users.list()


def test_messages_say_what_was_called(db: teleai.Client) -> None:
    for call, says in (
        (lambda: db.users.iterate(emial="x"), r"users.iterate\(\) got an unexpected"),  # type: ignore[call-arg]
        (lambda: db.users.stream(limit=2), r"users.stream\(\) got an unexpected"),  # type: ignore[call-arg]
        (lambda: db.users.count(limit=2), r"users.count\(\)"),  # type: ignore[call-arg]
        (lambda: db.users.iterate(page_size="x"), "page_size is a str"),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError, match=says):
            call()
    with pytest.raises(teleai.InvalidArgument, match="page_size"):
        db.users.iterate(page_size=10001)
    assert len(list(db.users.iterate(limit=2, page_size=1))) == 0


def test_limits_of_iteration(db: teleai.Client, ann: teleai.User) -> None:
    db.audio_files.create_many([a_file(ann)] * 7)
    sizes = {limit: len(list(db.audio_files.iterate(limit=limit, page_size=2))) for limit in (0, 1, 4, 5, 7, 9)}
    assert sizes == {0: 0, 1: 1, 4: 4, 5: 5, 7: 7, 9: 7}


def test_messages_in_the_words_of_this_package(connection: str, db: teleai.Client) -> None:
    with pytest.raises(teleai.InvalidArgument, match=r"\btimeout is -1; 0.001 to 2147483.647 \(seconds\)") as caught:
        teleai.open(connection, timeout=-1)
    assert caught.value.field == "timeout"
    with db.listen("x") as ears, pytest.raises(teleai.Timeout, match=r"within timeout\Z"):
        ears.next(0)
    user = db.users.create(email="bob@example.org", full_name="B")
    with pytest.raises(teleai.InvalidArgument, match="expires_at is in the past"):
        db.sessions.create(user_id=user.id, expires_at=datetime(2001, 1, 1, tzinfo=timezone.utc))


def test_tables_in_notebooks(db: teleai.Client) -> None:
    user = db.users.create(email="bob@example.org", full_name="<b>&")
    page = db.users.list()
    assert "&lt;b&gt;&amp;" in page._repr_html_()
    assert "&lt;b&gt;&amp;" in user._repr_html_()
    assert repr(page) == f"Page([{user!r}])"
    session = db.sessions.create(user_id=user.id)
    assert session.token is not None
    assert session.token not in session._repr_html_()


def test_infinite_times(connection: str, db: teleai.Client, ann: teleai.User) -> None:
    files = [db.audio_files.create(**a_file(ann)) for _ in range(3)]
    for file, moment in zip(files, ("infinity", "-infinity", "20000-01-01"), strict=True):
        sql(connection, f"update audio_files set upload_completed_at = '{moment}' where id = '{file.id}'")
    got = [db.audio_files.get(file.id) for file in files]
    assert [file.upload_completed_at for file in got] == [LATEST, EARLIEST, LATEST]
    assert "9999" in repr(got)
    assert sorted(file.upload_completed_at for file in got if file.upload_completed_at)[0] == EARLIEST
    assert got[0].as_dict()["upload_completed_at"] == LATEST
    db.audio_files.list().to_pandas()
    from teleai._values import _duration_of, us_of

    assert (us_of(LATEST), us_of(EARLIEST)) == (2**63 - 1, -(2**63))
    assert (_duration_of(2**63 - 1), _duration_of(-(2**63))) == (timedelta.max, timedelta.min)


SECRET = "a very secret word"


def shown(call: Callable[[], object]) -> str:
    """A traceback with the variables of all frames but this file's."""
    with pytest.raises((teleai.Error, TypeError)) as caught:
        call()
    summary = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frames = [frame for frame in summary.stack if frame.filename != __file__]
    assert frames
    return "\n".join(str(frame.locals) for frame in frames) + str(caught.value)


def test_secrets_do_not_show(db: teleai.Client, ann: teleai.User) -> None:
    host = f"host=/nowhere password='{SECRET}'"

    def with_loop() -> None:
        async def main() -> None:
            async with teleai.aio.open(host):
                pass

        asyncio.run(main())

    rows: list[Any] = [{"email": "no", "full_name": "X", "password": SECRET}] * 2
    calls: list[Callable[[], object]] = [
        lambda: teleai.open(host),
        lambda: teleai.open(f"{host} nonsense=1"),
        lambda: teleai.open(host + "\0"),
        lambda: teleai.open("host=/nowhere", replica_connection=host),
        lambda: teleai.connection_settings(f"{host} nonsense=1"),
        with_loop,
        lambda: db.users.login("ann@example.org", SECRET),
        lambda: db.users.login("ann@example.org", SECRET + "\0"),
        lambda: db.users.create(email="no", full_name="X", password=SECRET),
        lambda: db.users.create(nonsense=1, password=SECRET),  # type: ignore[call-arg]
        lambda: db.users.update(ann.id, email="no", password=SECRET),
        lambda: db.users.create_list(rows),
        lambda: db.users.create_many(rows),
        lambda: db.sessions.check(SECRET),
    ]
    for place, call in enumerate(calls):
        assert SECRET not in shown(call), place


def test_what_asyncio_takes(connection: str) -> None:
    async def main() -> None:
        async with await teleai.aio.open(connection) as db:
            counts = [asyncio.create_task(db.users.count()) for _ in range(20)]
            before = db.blocking.pool_stats().acquired
            assert await asyncio.gather(*counts) == [0] * 20
            assert db.blocking.pool_stats().acquired - before == 1  # one flight
            assert await asyncio.wait_for(asyncio.shield(db.users.count()), 10) == 0
            tx = await db.transaction()
            assert await tx.users.count() == 0
            await tx.close()
        again = await asyncio.create_task(teleai.aio.open(connection))
        await again.ping()
        await again.close()
        opening = teleai.aio.open(connection)
        with pytest.raises(AttributeError, match=r"teleai.aio.open\(\) was not awaited"):
            opening.users  # noqa: B018
        with pytest.warns(RuntimeWarning, match="was not awaited"):
            del opening

    asyncio.run(main())


def test_a_coroutine_that_nobody_awaits(connection: str) -> None:
    async def main() -> None:
        async with teleai.aio.open(connection) as db:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                forgotten = db.users.count()
                del forgotten
            assert "Users.count" in str(caught[0].message)
            assert await db.users.count() == 0

    asyncio.run(main())
