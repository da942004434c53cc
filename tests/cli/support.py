"""What the tests of the command share: a database for each, and ways to call the command."""

from __future__ import annotations

import itertools
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path
from typing import NoReturn

SOURCE = Path(os.environ.get("TELEAI_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ.get("TELEAI_BUILD_DIR", SOURCE / "build" / "test"))
COMMAND = str(BUILD / "src" / "cli" / "teleai")
SERVER = Path(os.environ.get("TELEAI_TEST_SERVER", BUILD / "tests" / "server")) / "connection"
_number = itertools.count(1)

OK, FAILED, USAGE, NOTHING, UNREACHABLE, WARNINGS, CRITICAL, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 130


def skip(why: str) -> NoReturn:
    """Skips the test, or fails it in CI, where everything is there."""
    if os.environ.get("CI"):
        raise AssertionError(why)
    raise unittest.SkipTest(why)


def environment(**more: str) -> dict[str, str]:
    """The environment without what would change the output."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "TELEAI_DATABASE")) and k != "NO_COLOR"}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm", "COLUMNS": "100", **more}


def sql(connection: str, statement: str) -> str:
    done = subprocess.run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", statement],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def drop(server: str, name: str) -> None:
    """A database, with whoever is still in it, on any version."""
    sql(f"{server} dbname=postgres", f"alter database {name} allow_connections false")
    gone = f"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{name}'"
    while sql(f"{server} dbname=postgres", gone).strip() != "0":
        time.sleep(0.02)
    sql(f"{server} dbname=postgres", f"drop database {name}")


class Case(unittest.TestCase):
    """A test with a database of its own; `template` is what it is a copy of."""

    template = "teleai_template"
    maxDiff = None

    def setUp(self) -> None:
        if not SERVER.exists():
            skip("no server")
        self.server = SERVER.read_text().strip()
        name = f"cli_{os.getpid()}_{next(_number)}"
        sql(f"{self.server} dbname=postgres", f"create database {name} template {self.template}")
        self.addCleanup(drop, self.server, name)
        self.connection = f"{self.server} dbname={name}"

    def call(self, *words: str, status: int = OK, said: str = "", **more: str) -> str:
        """What the command prints; its exit status and that nothing is said on stderr are checked."""
        out, err = self.call_both(*words, status=status, said=said, **more)
        self.assertEqual(err, "", words)
        return out

    def call_both(self, *words: str, status: int = OK, said: str = "", **more: str) -> tuple[str, str]:
        done = subprocess.run(
            [COMMAND, *words], input=said, capture_output=True, text=True, timeout=120,
            env=environment(TELEAI_DATABASE_URL=getattr(self, "connection", "")) | more,
        )  # fmt: skip
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        self.assertNotIn("Sanitizer", done.stderr)
        return done.stdout, done.stderr

    def fails(self, *words: str, status: int, says: str, **more: str) -> str:
        """That it fails, with words on stderr and nothing on stdout."""
        out, err = self.call_both(*words, status=status, **more)
        self.assertEqual(out, "", words)
        self.assertIn(says, err, words)
        self.assertTrue(err.startswith("teleai: "), err)
        return err

    def json(self, *words: str, **more: object) -> dict:
        return json.loads(self.call(*words, "--json", **more))  # type: ignore[arg-type]

    def add_user(self, email: str = "ann@example.org", name: str = "Ann Example") -> str:
        """Adds a user, and returns the id."""
        made = self.json("user", "add", email, name, "--password-stdin", said="correct horse battery\n")
        return made["users"][0]["id"]

    def add_transcription(self, user: str, text: str, file_name: str = "call.wav") -> tuple[str, str]:
        """Adds a file and a transcription of it, and returns their ids."""
        file = sql(
            self.connection,
            "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, status) values "
            f"('{user}', $${file_name}$$, '/x', 1000, 'audio/wav', 'ready') returning id",
        )
        heard = sql(
            self.connection,
            "insert into transcriptions (audio_file_id, user_id, transcription_text, language_code, engine,"
            f" status) values ('{file}', '{user}', $${text}$$, 'en', 'x', 'completed') returning id",
        )
        return file, heard


class Terminal:
    """The command on a terminal of so many columns: what it printed, and a way to type."""

    def __init__(self, *words: str, columns: int = 80, **more: str) -> None:
        self.child, self.screen = pty.fork()
        if self.child == 0:
            env = environment(**more)
            env.pop("COLUMNS")
            os.execve(COMMAND, [COMMAND, *words], env)
        import fcntl
        import struct
        import termios

        fcntl.ioctl(self.screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.text = ""

    def read_until(self, what: str | None) -> str:
        """Reads until something is there, or (None) until the end."""
        until = time.monotonic() + 60
        while what is None or what not in self.text:
            if not select.select([self.screen], [], [], max(0.0, until - time.monotonic()))[0]:
                raise AssertionError(f"{what!r} did not come: {self.text!r}")
            try:
                part = os.read(self.screen, 65536)
            except OSError:  # the other side is closed
                part = b""
            if not part:
                break
            self.text += part.decode(errors="replace")
        return self.text

    def type(self, text: str) -> None:
        os.write(self.screen, text.encode())

    def end(self) -> int:
        """Reads the rest, and returns the exit status."""
        self.read_until(None)
        os.close(self.screen)
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])

    def interrupt(self) -> None:
        os.kill(self.child, signal.SIGINT)


def main() -> None:
    """Runs the tests of the program. Where some cannot be run here, the others are, and the program counts as skipped."""
    result = unittest.main(verbosity=1, exit=False).result
    for test, why in result.skipped:
        print(f"skipped: {test}: {why}")
    sys.exit(1 if not result.wasSuccessful() else 77 if result.skipped else 0)
