"""Kinds of waiting for the server, for a connection and for other threads: each gives what to call."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import a_file, sql

import teleai

PROMPT_S = 0.1
ASKED = 6  # times, until it is ended
LONG_S = 60.0
TABLES = "tenants, users, sessions, audio_files, transcriptions, analyses"


class Stop(KeyboardInterrupt):
    """Comes from nowhere else."""


class World:
    """A database with a little in it, and ways to be in the way."""

    def __init__(self, connection: str, folder: Path) -> None:
        self.connection, self.folder = connection, folder
        with self.client() as db:
            self.ann = db.users.create(email="ann@example.org", full_name="Ann", password="correct horse battery")
            db.audio_files.create_many([a_file(self.ann)] * 3)

    def client(self, **options: Any) -> teleai.Client:
        given: Any = {"timeout": LONG_S, "max_connections": 2, "password_memory_kib": 19456} | options
        return teleai.open(self.connection, **given)

    @contextmanager
    def doing(self, statement: str) -> Iterator[None]:
        """Has another session do this in a transaction that stays open."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.connection]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as session:
            assert session.stdin is not None
            assert session.stdout is not None
            session.stdin.write(f"begin;\n{statement};\n\\echo done\n")
            session.stdin.flush()
            while (said := session.stdout.readline()) != "done\n":
                assert said, "psql has ended"
            try:
                yield
            finally:
                session.stdin.close()

    def locked(self, tables: str = TABLES) -> AbstractContextManager[None]:
        return self.doing(f"lock table {tables}")

    def left_open(self) -> int:
        """Transactions that were left open."""
        state = "state like 'idle in transaction%' and application_name = 'teleai'"
        return int(
            sql(
                self.connection, f"select count(*) from pg_stat_activity where datname = current_database() and {state}"
            )
        )


def until(holds: Callable[[], bool]) -> None:
    """Waits for a state."""
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.002)


# ---- kinds of waiting: each gives what to call ----

Waiting = Callable[[World], AbstractContextManager[Callable[[], object]]]
KINDS: dict[str, Waiting] = {}


def kind(made: Callable[[World], Iterator[Callable[[], object]]]) -> None:
    KINDS[made.__name__] = contextmanager(made)


def all_is_back(world: World, db: teleai.Client) -> None:
    stats = db.pool_stats()
    assert stats.open_connections == stats.idle_connections
    assert stats.waiting_calls == 0
    assert db.users.count() == 1
    assert world.left_open() == 0


# At the server, whose tables are locked.
AT_THE_SERVER: dict[str, Callable[[World, teleai.Client], object]] = {
    "get": lambda world, db: db.users.get(world.ann.id),
    "get_many": lambda world, db: db.users.get_many([world.ann.id]),
    "update": lambda world, db: db.users.update(world.ann.id, full_name="B"),
    "create": lambda world, db: db.audio_files.create(**a_file(world.ann)),
    "create_list": lambda world, db: db.audio_files.create_list([a_file(world.ann)] * 3),
    "create_many": lambda world, db: db.audio_files.create_many([a_file(world.ann)] * 30),
    "create_many_keep_good": lambda world, db: db.audio_files.create_many([a_file(world.ann)] * 3, keep_good=True),
    "list": lambda world, db: db.users.list(),
    "iterate": lambda world, db: list(db.users.iterate()),
    "count": lambda world, db: db.users.count(),
    "login": lambda world, db: db.users.login("ann@example.org", "correct horse battery"),
    "check_a_session": lambda world, db: db.sessions.check("x" * 43),
    "search": lambda world, db: db.search("heart"),
    "statistics": lambda world, db: db.stats.users(),
    "refresh": lambda world, db: db.stats.refresh_daily_usage(),
    "recount": lambda world, db: db.tenants.recount_usage(),
    "checksums": lambda world, db: db.table_checksums(),
    "health_check": lambda world, db: db.health_check(),
    "maintain": lambda world, db: db.maintain(),
    "migrate_down": lambda world, db: db.migrate_down(),
    "row_security": lambda world, db: db.row_security_enable(),
    "run_in_transaction": lambda world, db: db.run_in_transaction(lambda tx: tx.users.count()),
}  # fmt: skip


def at_the_server(what: Callable[[World, teleai.Client], object]) -> Waiting:
    @contextmanager
    def made(world: World) -> Iterator[Callable[[], object]]:
        with world.client() as db:
            with world.locked():
                yield lambda: what(world, db)
            all_is_back(world, db)

    return made


KINDS.update({name: at_the_server(what) for name, what in AT_THE_SERVER.items()})


@kind
def batch(world: World) -> Iterator[Callable[[], object]]:
    def flush() -> None:
        with db.batch() as batch:
            batch.users.list()

    with world.client() as db:
        with world.locked():
            yield flush
        all_is_back(world, db)


@kind
def in_a_transaction(world: World) -> Iterator[Callable[[], object]]:
    with world.client() as db:
        with db.transaction() as tx, world.locked():
            yield tx.users.count
            tx.rollback()
        all_is_back(world, db)


@kind
def of_a_scope(world: World) -> Iterator[Callable[[], object]]:
    with world.client() as db:
        with db.scope(actor_id=world.ann.id) as scope, world.locked():
            yield scope.users.count
        all_is_back(world, db)


@kind
def rows_of_a_stream(world: World) -> Iterator[Callable[[], object]]:
    def read() -> None:
        with db.audio_files.stream() as stream:
            list(stream)

    with world.client() as db:
        with world.locked():
            yield read
        all_is_back(world, db)


@kind
def rows_for_pyarrow(world: World) -> Iterator[Callable[[], object]]:
    pytest.importorskip("pyarrow")

    def read() -> None:
        with db.audio_files.stream() as stream:
            stream.to_arrow().read_all()

    with world.client() as db:
        with world.locked():
            yield read
        all_is_back(world, db)


@kind
def rows_for_others(world: World) -> Iterator[Callable[[], object]]:
    """They raise an OSError, since they know no exceptions of Python's: ours comes at the end of the with."""
    pyarrow = pytest.importorskip("pyarrow")

    def read() -> None:
        with db.audio_files.stream() as stream:
            pyarrow.RecordBatchReader.from_stream(stream).read_all()

    with world.client() as db:
        with world.locked():
            yield read
        all_is_back(world, db)


@kind
def commit(world: World) -> Iterator[Callable[[], object]]:
    sql(
        world.connection,
        "create or replace function waits() returns trigger language plpgsql as "
        "'begin perform pg_advisory_xact_lock(1); return null; end'; drop trigger if exists waits on users; "
        "create constraint trigger waits after update on users deferrable initially deferred "
        "for each row execute function waits()",
    )

    def change() -> None:
        with db.transaction() as tx:
            tx.users.update(world.ann.id, full_name="B")

    with world.client() as db:
        with world.doing("select pg_advisory_xact_lock(1)"):
            yield change
        all_is_back(world, db)
    sql(world.connection, "drop trigger waits on users; drop function waits")


@kind
def export(world: World) -> Iterator[Callable[[], object]]:
    def run() -> None:
        with db.export_tenant(teleai.default_tenant_id(), world.folder / os.urandom(8).hex()) as job:
            job.run()

    with world.client() as db:
        with world.locked():
            yield run
        all_is_back(world, db)


@kind
def deletion(world: World) -> Iterator[Callable[[], object]]:
    def run() -> None:
        with db.delete_tenant(other.id) as job:
            job.run()

    with world.client() as db:
        other = db.tenants.create(name="Other", slug=f"other-{os.urandom(4).hex()}")
        with world.locked():
            yield run
        all_is_back(world, db)


def migration_key(connection: str) -> int:
    database = sql(connection, "select current_database()")
    return zlib.crc32(f"public\0schema_migrations\0/{database}".encode()) * 1486364155 % 2**32


@kind
def migrations_of_others(world: World) -> Iterator[Callable[[], object]]:
    with world.client() as db:
        with world.doing(f"select pg_advisory_xact_lock({migration_key(world.connection)})"):
            yield db.migrate_up
        all_is_back(world, db)


@kind
def the_version(world: World) -> Iterator[Callable[[], object]]:
    with world.client() as db:
        with world.locked("schema_migrations"):
            yield db.migrate_up
        all_is_back(world, db)


# For a connection of the pool, the only one of which is in use.
FOR_A_CONNECTION: dict[str, Callable[[World, teleai.Client], object]] = {
    "count": lambda world, db: db.users.count(),
    "ping": lambda world, db: db.ping(),
    "update": lambda world, db: db.users.update(world.ann.id, full_name="Ann"),
    "transaction": lambda world, db: db.transaction(),
    "run_in_transaction": lambda world, db: db.run_in_transaction(lambda tx: tx.users.count()),
    "stream": lambda world, db: db.users.stream(),
    "create_many": lambda world, db: db.audio_files.create_many([a_file(world.ann)] * 30),
    "search": lambda world, db: db.search("heart"),
    "migrate_up": lambda world, db: db.migrate_up(),
    "export": lambda world, db: db.export_tenant(teleai.default_tenant_id(), world.folder / "never").run(),
}


def for_a_connection(what: Callable[[World, teleai.Client], object]) -> Waiting:
    @contextmanager
    def made(world: World) -> Iterator[Callable[[], object]]:
        with world.client(max_connections=1) as db:
            with db.transaction() as tx:
                yield lambda: what(world, db)
                tx.users.count()
            all_is_back(world, db)

    return made


KINDS.update({f"{name}_for_a_connection": for_a_connection(what) for name, what in FOR_A_CONNECTION.items()})


@kind
def drain(world: World) -> Iterator[Callable[[], object]]:
    with world.client(max_connections=1) as db, db.transaction():
        yield lambda: db.pool_drain(LONG_S)


@kind
def notifications(world: World) -> Iterator[Callable[[], object]]:
    with world.client() as db, db.listen("quiet") as ears:
        yield ears.next
        db.notify("quiet", "still there")
        assert ears.next(LONG_S).payload == "still there"


@kind
def another_thread_of_a_transaction(world: World) -> Iterator[Callable[[], object]]:
    waiting = "wait_event_type = 'Lock' and datname = current_database()"
    with world.client() as db:
        with db.transaction() as tx:
            with world.locked():
                thread = threading.Thread(target=tx.users.count)
                thread.start()
                until(lambda: sql(world.connection, f"select count(*) from pg_stat_activity where {waiting}") == "1")
                yield tx.transaction
            thread.join()
        all_is_back(world, db)


# ---- connecting ----


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"host=127.0.0.1 port={server.getsockname()[1]} user=x dbname=x sslmode=disable"


@contextmanager
def absent() -> Iterator[str]:
    """A host that does not answer: there is no room in its queue."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as stack:
        for _ in range(4):
            knock = stack.enter_context(socket.socket())
            knock.setblocking(False)
            knock.connect_ex(server.getsockname())
        yield f"host=127.0.0.1 port={server.getsockname()[1]} user=x dbname=x sslmode=disable"


@contextmanager
def several() -> Iterator[str]:
    with silent() as first, absent() as second:
        ports = [dict(part.split("=") for part in one.split())["port"] for one in (first, second)]
        yield f"host=127.0.0.1,127.0.0.1 port={','.join(ports)} user=x dbname=x sslmode=disable"


def opening(where: Callable[[], AbstractContextManager[str]]) -> Waiting:
    @contextmanager
    def made(_world: World) -> Iterator[Callable[[], object]]:
        with where() as connection:
            yield lambda: teleai.open(connection, timeout=LONG_S)

    return made


KINDS["open_a_silent_server"] = opening(silent)
KINDS["open_an_absent_host"] = opening(absent)
KINDS["open_one_of_several"] = opening(several)


# With a connection in use, and no other to be had.
WHEN_IT_CONNECTS: dict[str, Callable[[teleai.Client], object]] = {
    "count": lambda db: db.users.count(),
    "transaction": lambda db: db.transaction(),
    "listen": lambda db: db.listen("quiet"),
    "stream": lambda db: db.users.stream(),
    "pool_maintain": lambda db: db.pool_maintain(),
}


def when_it_connects(what: Callable[[teleai.Client], object]) -> Waiting:
    @contextmanager
    def made(world: World) -> Iterator[Callable[[], object]]:
        with silent() as nowhere:
            where = [world.connection]
            with world.client(connection_hook=lambda: where[0], min_connections=2) as db:
                with db.transaction():
                    where[0] = nowhere
                    yield lambda: what(db)
                    where[0] = world.connection
                all_is_back(world, db)

    return made


KINDS.update({f"{name}_when_it_connects": when_it_connects(what) for name, what in WHEN_IT_CONNECTS.items()})


@kind
def open_and_migrate(world: World) -> Iterator[Callable[[], object]]:
    with world.doing(f"select pg_advisory_xact_lock({migration_key(world.connection)})"):
        yield lambda: world.client(schema="migrate")


# ---- passwords ----


@kind
def many_passwords(world: World) -> Iterator[Callable[[], object]]:
    with world.client() as db:
        rows: list[Any] = [
            {"email": f"{number}@example.org", "full_name": "X", "password": "correct horse battery"}
            for number in range(3000)
        ]
        yield lambda: db.users.create_list(rows)
        all_is_back(world, db)
