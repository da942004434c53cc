"""teleai.aio: the same on an event loop."""

from __future__ import annotations

import asyncio
import gc
import inspect
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from conftest import a_file, sql

import teleai
import teleai.aio

LOOPS: list[Any] = [asyncio.new_event_loop]
with suppress(ImportError):
    import uvloop

    LOOPS.append(uvloop.new_event_loop)


@pytest.fixture(params=LOOPS, ids=lambda make: make.__module__.split(".")[0])
def run(request: pytest.FixtureRequest, connection: str) -> Any:
    """Runs an async function with a client, on each kind of loop."""

    def go(body: Callable[[teleai.aio.Client], Awaitable[None]], **options: Any) -> None:
        async def main() -> None:
            where = options.pop("connection", connection)
            async with teleai.aio.open(where, password_memory_kib=19456, **options) as db:
                await body(db)

        loop = request.param()
        try:
            loop.run_until_complete(asyncio.wait_for(main(), 60))
        finally:
            loop.close()

    return go


async def ann_of(db: teleai.aio.Client) -> teleai.User:
    return await db.users.create(email="ann@example.org", full_name="Ann", password="correct horse battery")


def test_one_turn_is_one_flight(run: Any) -> None:
    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)
        await db.users.get(ann.id)
        before = db.blocking.pool_stats()
        got = await asyncio.gather(*(db.users.get(ann.id) for _ in range(50)), db.users.count(), db.search("heart"))
        assert got[:50] == [ann] * 50
        assert got[50] == 1
        after = db.blocking.pool_stats()
        assert after.acquired - before.acquired == 1
        assert after.open_connections == 1

    run(body)


def test_flights_side_by_side(run: Any) -> None:
    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)

        async def work(turns: int) -> None:
            for _ in range(turns):
                assert await db.users.get(ann.id) == ann

        await asyncio.gather(*(work(20 + n) for n in range(12)))
        assert 1 <= db.blocking.pool_stats().open_connections <= 3

    run(body, max_connections=3)


def test_failures_are_each_operation_s_own(run: Any) -> None:
    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)
        answers = await asyncio.gather(
            db.users.get(ann.id),
            db.users.get(teleai.make_uuid()),
            db.users.create(email="ann@example.org", full_name="Ann"),
            db.users.count(),
            return_exceptions=True,
        )
        assert [type(answer) for answer in answers] == [teleai.User, teleai.NotFound, teleai.AlreadyExists, int]
        with pytest.raises(TypeError, match="did you mean email"):
            await db.users.create(emial="x")  # type: ignore[call-arg]
        with pytest.raises(teleai.InvalidArgument):
            await db.users.create(email="nobody", full_name="X")

    run(body)


def test_cancelled_tasks(run: Any) -> None:
    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)

        async def one() -> teleai.User:
            return await db.users.get(ann.id)

        tasks = [asyncio.create_task(one()) for _ in range(40)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(answer) for answer in answers] == [asyncio.CancelledError, teleai.User] * 20
        assert await db.users.count() == 1

    run(body)


def test_transactions_and_batches(run: Any) -> None:
    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)
        async with db.transaction() as tx:
            one, two = await asyncio.gather(
                tx.audio_files.create(**a_file(ann)), tx.audio_files.create(**a_file(ann, file_name="b"))
            )
            assert await db.audio_files.count() == 0
        assert await db.audio_files.get_many([two.id, one.id]) == [two, one]
        with pytest.raises(ZeroDivisionError):
            async with db.transaction() as tx:
                await tx.users.delete(ann.id)
                raise ZeroDivisionError
        async with db.atomic() as batch:
            made, count = batch.audio_files.create(**a_file(ann)), batch.audio_files.count()
        assert (made.result().file_name, count.result()) == ("call.wav", 3)
        with pytest.raises(teleai.AlreadyExists):
            async with db.atomic() as batch:
                batch.users.create(email="b@example.org", full_name="B")
                batch.users.create(email="ann@example.org", full_name="Ann again")
        assert await db.users.count() == 1
        async with db.scope(timeout=5) as scope:
            assert await scope.users.count() == 1

    run(body)


def test_lists(run: Any) -> None:
    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)
        result = await db.audio_files.create_many(a_file(ann, file_name=f"{n}.wav") for n in range(70))
        assert result.created == 70
        assert len([file async for file in db.audio_files.iterate(page_size=20, user_id=ann.id)]) == 70
        async with db.audio_files.stream() as stream:
            assert len([file async for file in stream]) == 70
        page = await db.audio_files.list(limit=50)
        assert page.next_cursor is not None
        assert len(await db.audio_files.list(cursor=page.next_cursor)) == 20

    run(body)


def test_login_and_listen(run: Any) -> None:
    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)
        assert (await db.users.login("ann@example.org", "correct horse battery")).id == ann.id
        async with db.listen("jobs") as ears:
            waiting = asyncio.create_task(ears.next())
            await asyncio.sleep(0.05)
            await db.notify("jobs", "one")
            assert (await waiting).payload == "one"
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(ears.next(), 0.05)
        assert (await db.migrate_status()).dirty is False
        await db.ping()

    run(body)


def test_a_killed_connection(run: Any, connection: str) -> None:
    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)
        kill = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        sql(connection, f"{kill} and pid <> pg_backend_pid()")
        assert await db.users.get(ann.id) == ann

    run(body)


def test_a_socket_of_the_same_number(run: Any, connection: str) -> None:
    """The first host refuses, and the socket to the second one gets the number of the first: it is watched anew."""
    host = dict(part.split("=") for part in connection.split())["host"]
    hosts = connection.replace(f"host={host}", f"host=127.0.0.1,{host} port=1,5432")

    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)
        with db.blocking.transaction() as tx:
            tx.users.update(ann.id, full_name="B")
            blocked = asyncio.ensure_future(db.users.update(ann.id, full_name="C"))
            await asyncio.sleep(0.01)
            assert await db.users.count() == 1
            assert not blocked.done()
        assert (await blocked).full_name == "C"

    run(body, connection=hosts, timeout=10)


def test_inner_transactions(run: Any) -> None:
    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)
        async with db.transaction() as tx:
            queued = tx.audio_files.create(**a_file(ann))
            with pytest.raises(ZeroDivisionError):
                async with tx.transaction() as inner:
                    await inner.audio_files.create(**a_file(ann))
                    raise ZeroDivisionError
            await queued
            await tx.commit()
        assert await db.audio_files.count() == 1
        async with db.transaction() as tx:
            await tx.users.delete(ann.id)
            await tx.rollback()
        assert await db.users.count() == 1

    run(body)


def test_run_in_transaction(run: Any) -> None:
    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)
        tries = []

        async def work(tx: teleai.aio.Transaction) -> str:
            tries.append((await tx.audio_files.create(**a_file(ann))).id)
            if len(tries) < 3:
                raise teleai.Aborted("again", retryable=True, sqlstate="40001")
            return "done"

        assert await db.run_in_transaction(work, isolation=teleai.Isolation.SERIALIZABLE) == "done"
        assert (len(tries), await db.audio_files.count()) == (3, 1)

        async def fails(tx: teleai.aio.Transaction) -> None:
            await tx.users.delete(ann.id)
            raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            await db.run_in_transaction(fails)
        assert await db.users.count() == 1

    run(body)


def test_cancelled_in_a_thread(run: Any) -> None:
    """What a thread was about to give to a task that is cancelled is closed again; what it is inside of, not before."""

    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)
        await db.audio_files.create_list([a_file(ann) for _ in range(50)])

        async def transaction() -> None:
            async with db.transaction() as tx:
                await tx.users.count()

        async def stream() -> None:
            async with db.audio_files.stream(page_size=1) as stream:
                async for _ in stream:
                    pass

        for turns in range(12):
            tasks = [asyncio.create_task(work()) for work in (transaction, stream)]
            for _ in range(turns):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await db.pool_drain(20)
        assert db.pool_stats().open_connections == 0

    run(body, max_connections=3)


def test_more_transactions_than_threads(run: Any) -> None:
    """Those that wait to begin must not keep those that hold a connection from going on and ending."""

    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)

        async def work(file: Any) -> None:
            async with db.transaction() as tx:
                await tx.audio_files.create(**file)
                async with tx.transaction() as inner:
                    await inner.ping()
                await tx.audio_files.create_many([file])

        await asyncio.gather(*(work(a_file(ann)) for _ in range(100)))
        assert await db.audio_files.count() == 200

    run(body, max_connections=2)


def test_answers_that_nobody_waits_for_in_a_transaction(run: Any) -> None:
    async def body(db: teleai.aio.Client) -> None:
        async with db.transaction() as tx:
            forgotten = asyncio.ensure_future(tx.users.create(email="ann@example.org", full_name="Ann"))
            await asyncio.sleep(0)
            forgotten.cancel()
        assert await db.users.count() == 1

    run(body)


def test_the_rest_of_a_client(run: Any, tmp_path: Any) -> None:
    async def body(db: teleai.aio.Client) -> None:
        acme = await db.tenants.create(name="Acme", slug="acme")
        async with db.scope(tenant_id=acme.id) as scope:
            await scope.users.create(email="bob@example.org", full_name="Bob")
        async with db.export_tenant(acme.id, tmp_path / "out") as job:
            assert [progress.done async for progress in job][-1]
        async with db.delete_tenant(acme.id) as job:
            assert (await job.run()).tables["users"] == 1
        async with db.import_tenant(tmp_path / "out") as job:
            assert (await job.run()).tables["users"] == 1
        newest = (await db.migrate_status()).current_version
        assert await db.migrate_plan() == []
        assert not (await db.migrate_plan(newest - 1))[0].up
        await db.migrate_up()
        await db.pool_maintain()
        db.pool_resize(0, 3)
        assert db.pool_stats().max_connections == 3
        assert "teleai_calls_total" in db.metrics_text()
        assert isinstance(db.slow_calls(), teleai.Page)
        await db.pool_drain(10)
        with pytest.raises(teleai.Closed):
            await db.users.count()

    run(body, metrics=True, slow_call=0.001)


def test_cancel(run: Any) -> None:
    async def body(db: teleai.aio.Client) -> None:
        ann = await ann_of(db)
        with db.blocking.transaction() as tx:
            tx.users.update(ann.id, full_name="B")
            blocked = asyncio.ensure_future(db.users.update(ann.id, full_name="C"))
            await asyncio.sleep(0.05)
            await db.cancel()
            with pytest.raises(teleai.Cancelled):
                await blocked

    run(body)


def test_a_loop_that_ends_first(connection: str) -> None:
    """The client, flights under way and all, may be collected after its loop."""
    kept = []

    async def main() -> None:
        db = await teleai.aio.open(connection)
        kept.append((db, asyncio.ensure_future(db.users.count()), asyncio.ensure_future(db.audio_files.count())))
        await asyncio.sleep(0)

    asyncio.run(main())
    with pytest.warns(ResourceWarning, match="not closed"):
        kept.clear()
        gc.collect()


def test_closing_ends_what_is_under_way(connection: str) -> None:
    async def main() -> None:
        db = await teleai.aio.open(connection)
        waiting = db.users.count()
        await db.close()
        with pytest.raises((teleai.Cancelled, teleai.Closed)):
            await waiting
        with pytest.raises(teleai.Closed):
            await db.users.count()

    asyncio.run(main())


def test_a_client_belongs_to_its_loop(connection: str) -> None:
    clients = []

    async def first() -> None:
        clients.append(await teleai.aio.open(connection))

    async def second() -> None:
        with pytest.raises(RuntimeError, match="another event loop"):
            await clients[0].users.count()
        await clients[0].close()

    asyncio.run(first())
    asyncio.run(second())


def test_the_same_methods() -> None:
    from teleai import _nouns, _nouns_aio, _nouns_batch

    for name in ("Users", "Sessions", "AudioFiles", "Transcriptions", "Analyses", "Tenants", "Stats", "Nouns"):
        methods = {
            method: list(inspect.signature(function).parameters)
            for method, function in vars(vars(_nouns)[name]).items()
            if inspect.isfunction(function)
        }
        for form in (_nouns_aio, _nouns_batch):
            for method, parameters in methods.items():
                other = getattr(vars(form)[name], method, None)
                if other is None:
                    assert form is _nouns_batch
                    assert method in ("iterate", "stream", "create_many", "login", "recount_usage")
                else:
                    assert list(inspect.signature(other).parameters) == parameters
    for kind in ("Client", "Scope", "Transaction"):
        ours, theirs = (
            {name for name in dir(getattr(module, kind)) if not name.startswith("_")} for module in (teleai.aio, teleai)
        )
        assert theirs - ours == {"batch"}  # every flight is one
        assert ours - theirs <= {"atomic", "blocking"}
