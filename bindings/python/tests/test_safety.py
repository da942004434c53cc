"""Threads, forks, signals, garbage, the end of the interpreter, a server that goes away, another library."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import SOURCE, a_file, sql

import teleai


def run(program: str, connection: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "dev", "-c", program],
        env={**os.environ, "CONNECTION": connection, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_threads(connection: str) -> None:
    with teleai.open(connection, max_connections=4) as db:
        users = [db.users.create(email=f"u{n}@example.org", full_name=f"U{n}") for n in range(16)]

        def work(user: teleai.User) -> bool:
            return all(
                db.users.get(user.id) == user and db.audio_files.create(**a_file(user)).user_id == user.id
                for _ in range(25)
            )

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(work, users))
        assert db.audio_files.count() == 400


def test_closing_waits_for_calls_of_its_own_only(connection: str) -> None:
    """A transaction ends while other threads are inside calls on the client; the client itself waits for them."""
    with teleai.open(connection) as db, teleai.open(connection) as other, ThreadPoolExecutor(1) as pool:
        ann = db.users.create(email="ann@example.org", full_name="Ann")
        with other.transaction() as tx:
            tx.users.update(ann.id, full_name="B")
            blocked = pool.submit(db.users.update, ann.id, full_name="C")
            until_it_waits(connection)
            with db.transaction() as beside, db.scope() as scope, db.batch() as batch:
                assert beside.users.count() == scope.users.count() == 1
                batch.users.count()
            assert db._handles.wait_until_idle(0) is False
            assert not blocked.done()
        assert blocked.result().full_name == "C"
        assert db._handles.wait_until_idle(0)
        inner = db.scope()
        call = inner._require()
        assert not db._handles.idle()
        del call
        assert db._handles.idle()


def test_closing_ends_a_subscription_that_waits(connection: str) -> None:
    for closes_client in (True, False):
        db = teleai.open(connection)
        ears = db.listen("x")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(ears.next, 3600)
            while ears._handles.idle():
                pass
            (db if closes_client else ears).close()
            with pytest.raises(teleai.Closed):
                waiting.result()
        ears.close()
        db.close()


def until_it_waits(connection: str) -> None:
    waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    while sql(connection, waits) == "0":
        pass


def test_cancel(connection: str) -> None:
    """A call that waits for a lock ends with Cancelled."""
    with teleai.open(connection) as db, teleai.open(connection) as other:
        ann = db.users.create(email="ann@example.org", full_name="Ann")
        with other.transaction() as tx, ThreadPoolExecutor(1) as pool:
            tx.users.update(ann.id, full_name="B")
            blocked = pool.submit(db.users.update, ann.id, full_name="C")
            until_it_waits(connection)
            db.cancel()
            with pytest.raises(teleai.Cancelled):
                blocked.result()


def test_fork_beside_other_threads(connection: str) -> None:
    """The parent's threads are not in the child: closing there waits for none of them."""
    program = """
import os, threading, teleai
db = teleai.open(os.environ["CONNECTION"])
ears = db.listen("x")
call = db._require()  # a thread is inside a call
child = os.fork()
if child == 0:
    assert db._handles.idle()
    db.close()
    os._exit(42)
assert not db._handles.idle()
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
del call
ears.close()
db.close()
"""
    done = run(program, connection)
    assert (done.returncode, done.stderr) == (0, "")


def test_fork(connection: str) -> None:
    program = """
import os, teleai
db = teleai.open(os.environ["CONNECTION"])
ann = db.users.create(email="ann@example.org", full_name="Ann")
child = os.fork()
if child == 0:
    try:
        db.users.get(ann.id)
    except teleai.Closed as error:
        with teleai.open(os.environ["CONNECTION"]) as own:
            assert own.users.get(ann.id) == ann
        db.close()
        os._exit(42)
    os._exit(1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
assert db.users.get(ann.id) == ann
db.close()
"""
    done = run(program, connection)
    assert (done.returncode, done.stderr) == (0, "")


def test_fork_and_event_loops(connection: str) -> None:
    """A child's clients have threads of their own, also where the parent's have worked before."""
    program = """
import asyncio, os, teleai.aio

async def main():
    async with teleai.aio.open(os.environ["CONNECTION"]) as db:
        async with db.transaction() as tx:
            return await tx.users.count()

asyncio.run(main())
child = os.fork()
if child == 0:
    os._exit(42 if asyncio.run(asyncio.wait_for(main(), 30)) == 0 else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
"""
    done = run(program, connection)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "Deprecation" not in line][:1]) == (0, [])


@pytest.mark.parametrize(
    "ending", ["", "raise SystemExit(0)", "import gc; gc.disable()", "del db", "del tx, batch, scope"]
)
def test_the_end_of_the_interpreter(connection: str, ending: str) -> None:
    program = f"""
import os, warnings, teleai
warnings.simplefilter("ignore", ResourceWarning)
db = teleai.open(os.environ["CONNECTION"])
tx = db.transaction()
batch = db.batch()
pending = batch.users.count()
scope = db.scope()
stream = db.users.stream()
ears = db.listen("x")
cycle = [db, tx, batch, stream]
cycle.append(cycle)
page = db.users.list()
{ending}
"""
    done = run(program, connection)
    assert (done.returncode, done.stderr) == (0, "")


def test_garbage_in_any_order(connection: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        for order in range(6):
            db = teleai.open(connection)
            things: list[object] = [db, db.transaction(), db.batch(), db.scope(), db.users.stream(), db.users.list()]
            del db
            things = things[order:] + things[:order]
            while things:
                del things[0]
                gc.collect()


def test_a_forgotten_client_is_closed_with_a_warning(connection: str) -> None:
    client = teleai.open(connection)
    with pytest.warns(ResourceWarning, match="not closed"):
        del client
        gc.collect()


def test_keyboard_interrupt(connection: str) -> None:
    program = """
import os, signal, threading, teleai
with teleai.open(os.environ["CONNECTION"]) as db:
    with db.listen("x") as ears:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            ears.next()
        except KeyboardInterrupt:
            db.ping()
            print("interrupted")
"""
    done = run(program, connection)
    assert (done.stdout, done.stderr) == ("interrupted\n", "")


def test_a_lost_connection(connection: str, db: teleai.Client, ann: teleai.User) -> None:
    with teleai.open(connection) as other, other.transaction() as tx:
        tx.users.get(ann.id)
        mine = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        sql(connection, f"{mine} and pid <> pg_backend_pid()")
        assert db.users.get(ann.id) == ann  # sent again
        with pytest.raises(teleai.Error) as caught:
            tx.users.get(ann.id)
        assert caught.value.retryable or isinstance(caught.value, (teleai.Unavailable, teleai.Aborted))
        tx.rollback()


FAKE = 'const char *teleai_version(void) { return "%s"; }\n'


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (FAKE % "1.0.0", "is libteleai 1.0.0; this package needs 0."),
        (FAKE % "0.0.9", "is libteleai 0.0.9"),
        (FAKE % "0.1.0", "has no teleai_"),
        ("int nothing;\n", "is no libteleai"),
    ],
)
def test_another_library_is_refused(tmp_path: Path, source: str, says: str) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    (tmp_path / "fake.c").write_text(source)
    library = tmp_path / "libteleai.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(tmp_path / "fake.c")], check=True)
    done = run("import teleai", "", TELEAI_LIBRARY=str(library))
    assert done.returncode == 1
    assert "ImportError" in done.stderr
    assert says in done.stderr


def test_no_library_there(tmp_path: Path) -> None:
    done = run("import teleai", "", TELEAI_LIBRARY=str(tmp_path / "libteleai.so"))
    assert "ImportError: libteleai, which TELEAI_LIBRARY names, cannot be loaded" in done.stderr


def test_the_forms_are_made_of_the_nouns() -> None:
    tool = SOURCE / "bindings" / "python" / "tools" / "make_forms.py"
    subprocess.run([sys.executable, str(tool), "--check"], check=True)


def test_versions_agree() -> None:
    text = (SOURCE / "include" / "teleai" / "base.h").read_text()
    parts = [text.split(f"TELEAI_VERSION_{part} ")[1].split()[0] for part in ("MAJOR", "MINOR", "PATCH")]
    assert teleai.__version__ == ".".join(parts) == teleai.version()
    project = (SOURCE / "bindings" / "python" / "pyproject.toml").read_text()
    assert f'version = "{teleai.__version__}"' in project
