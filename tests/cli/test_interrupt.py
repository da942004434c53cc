"""Ctrl-C, wherever the command just is: it ends in good order, says so, and its exit status is 130."""

from __future__ import annotations

import fcntl
import signal
import socket
import struct
import subprocess
import termios
import time

import support
from support import COMMAND, INTERRUPTED, Case, Terminal, environment, sql


class Interrupt(Case):
    def start(self, *words: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        env = environment(TELEAI_DATABASE_URL=getattr(self, "connection", ""))
        return subprocess.Popen([COMMAND, *words], stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=env)

    def ends(self, command: subprocess.Popen[str], number: int = signal.SIGINT) -> str:
        """Interrupts it; returns what it printed."""
        command.send_signal(number)
        assert command.stdin is not None
        self.assertEqual(command.wait(60), INTERRUPTED)
        out, err = command.communicate()
        self.assertNotIn("Sanitizer", err)
        self.assertIn(err, ("teleai: interrupted\n", ""))
        return out

    def wait_for(self, statement: str) -> None:
        while sql(self.connection, statement) != "t":
            time.sleep(0.05)

    def test_while_the_server_works(self) -> None:
        self.add_user()
        holder = subprocess.Popen(["psql", "-Xq", "-d", self.connection], stdin=subprocess.PIPE, text=True)
        assert holder.stdin is not None
        holder.stdin.write("begin; lock users;\n")
        holder.stdin.flush()
        self.wait_for("select exists (select from pg_locks where mode = 'AccessExclusiveLock' and granted "
                      "and relation = 'users'::regclass)")
        waits = "exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())"
        command = self.start("user", "list", "--timeout", "3600")
        self.wait_for(f"select {waits}")
        self.assertEqual(self.ends(command), "")
        self.assertEqual(sql(self.connection, f"select {waits}"), "f")
        holder.communicate("rollback;\n")

    def test_while_a_server_is_waited_for(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            command = self.start("user", "list", "-d", f"host=127.0.0.1 port={mute.getsockname()[1]} user=x", "--timeout", "3600")
            accepted = mute.accept()
            self.assertEqual(self.ends(command, signal.SIGTERM), "")
            accepted[0].close()

    def test_while_a_password_is_waited_for(self) -> None:
        command = self.start("user", "add", "ann@example.org", "Ann", "--password-stdin")
        self.wait_for("select exists (select from pg_stat_activity where application_name = 'teleai user add' "
                      "and datname = current_database() and state = 'idle')")
        self.assertEqual(self.ends(command), "")
        terminal = Terminal("user", "add", "ann@example.org", "Ann", TELEAI_DATABASE_URL=self.connection)
        terminal.read_until("Password: ")
        terminal.type("\x03")
        self.assertEqual(terminal.end(), INTERRUPTED)
        self.assertIn("teleai: interrupted", terminal.text)
        self.assertEqual(sql(self.connection, "select count(*) from users"), "0")

    def test_while_it_asks(self) -> None:
        before = self.json("migrate", "status")
        terminal = Terminal("migrate", "down", TELEAI_DATABASE_URL=self.connection)
        terminal.read_until("[y/N] ")
        terminal.type("\x03")
        self.assertEqual(terminal.end(), INTERRUPTED)
        self.assertEqual(self.json("migrate", "status"), before)

    def test_while_nobody_reads_its_output(self) -> None:
        ann = self.add_user()
        sql(self.connection, "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type) "
            f"select '{ann}', repeat('x', 200), '/x', 1, 'audio/wav' from generate_series(1, 10000)")
        command = self.start("show", ann, "-n", "10000", "--json")
        assert command.stdout is not None
        there = b""
        while struct.unpack("i", there or bytes(4))[0] < 65536:  # a pipe is full
            there = fcntl.ioctl(command.stdout, termios.FIONREAD, bytes(4))
            time.sleep(0.05)
        self.ends(command)

    def test_twice(self) -> None:
        """The second one does not wait for anything."""
        command = self.start("queue", "--watch", "1000")
        assert command.stdout is not None
        command.stdout.readline()
        command.send_signal(signal.SIGINT)
        command.send_signal(signal.SIGTERM)
        self.assertEqual(command.wait(60), INTERRUPTED)
        command.communicate()


if __name__ == "__main__":
    support.main()
