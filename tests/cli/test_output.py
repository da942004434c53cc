"""What the command writes into files, pipes and tables: it replaces nothing that is no file, and harms nobody who looks at it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
import subprocess
import tempfile
import threading
from pathlib import Path

import support
from support import COMMAND, FAILED, OK, USAGE, Case, Terminal, environment, sql

# Controls of both kinds, what turns writing round, and line separators.
HARMFUL = "\x1b\x07\x7f\x85\x9b\u061c\u200e\u2028\u202e\u2066\u206f"
SHOWN = r"\x1b\x07\x7f\u0085\u009b\u061c\u200e\u2028\u202e\u2066\u206f"


class Files(Case):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def page(self, path: str, **more: str) -> bytes:
        done = subprocess.run([COMMAND, "stats", "--html", path], capture_output=True, cwd=self.folder,
                              env=environment(TELEAI_DATABASE_URL=self.connection))
        self.assertEqual((done.returncode, done.stderr), (OK, b""))
        return done.stdout

    def from_pipe(self, *words: str) -> bytes:
        """What the command writes into a named pipe that its last word names."""
        pipe = self.folder / "pipe"
        if not pipe.exists():
            os.mkfifo(pipe)
        read: list[bytes] = []
        reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
        reader.start()
        out = self.call(*words, str(pipe))
        reader.join()
        self.assertEqual(out, "")
        self.assertTrue(stat.S_ISFIFO(pipe.stat().st_mode))
        return read[0]

    def is_page(self, text: bytes) -> None:
        self.assertTrue(text.startswith(b"<!doctype html>") and text.endswith(b"</html>\n"), text[-200:])

    def test_a_pipe_is_written_through(self) -> None:
        self.is_page(self.from_pipe("stats", "--html"))
        self.assertTrue(self.from_pipe("backup").startswith(b"PGDMP"))

    def test_links_are_followed(self) -> None:
        (self.folder / "there").mkdir()
        target = self.folder / "there" / "target"
        target.write_text("old")
        target.chmod(0o640)
        (self.folder / "link").symlink_to("there/target")
        (self.folder / "over").symlink_to("link")
        self.page("over")
        self.is_page(target.read_bytes())
        self.assertEqual(stat.S_IMODE(target.stat().st_mode), 0o640)
        self.assertEqual(os.readlink(self.folder / "link"), "there/target")
        (self.folder / "dangling").symlink_to("there/new")
        self.page("dangling")
        self.is_page((self.folder / "there" / "new").read_bytes())
        self.assertEqual(sorted(file.name for file in (self.folder / "there").iterdir()), ["new", "target"])
        (self.folder / "dumped").symlink_to("there/dump")
        self.call("backup", str(self.folder / "dumped"))
        self.assertTrue((self.folder / "dumped").is_symlink())
        self.assertTrue((self.folder / "there" / "dump").read_bytes().startswith(b"PGDMP"))

    def test_a_device_stays_one(self) -> None:
        device = self.folder / "null"
        try:
            os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
            device.write_bytes(b"")
        except PermissionError:
            self.skipTest("no right to make a device")
        self.page("null")
        self.assertEqual(self.call("backup", str(device)), "")
        self.assertTrue(stat.S_ISCHR(device.stat().st_mode))
        self.assertEqual([file.name for file in self.folder.iterdir()], ["null"])

    def test_standard_output(self) -> None:
        self.is_page(self.page("-"))
        self.is_page(self.page("/dev/stdout"))
        log = self.folder / "log"
        log.write_text("before\n")
        with log.open("a") as end:  # which is added to, and not replaced
            subprocess.run([COMMAND, "stats", "--html", "/dev/stdout"], stdout=end, check=True, env=environment(TELEAI_DATABASE_URL=self.connection))
        self.assertTrue(log.read_bytes().startswith(b"before\n<!doctype"))
        done = subprocess.run([COMMAND, "backup", "-"], capture_output=True, cwd=self.folder, env=environment(TELEAI_DATABASE_URL=self.connection))
        self.assertEqual((done.returncode, done.stderr, done.stdout[:5]), (OK, b"", b"PGDMP"))
        self.assertEqual([file.name for file in self.folder.iterdir()], ["log"])
        self.fails("stats", "--html", "-", "--json", status=USAGE, says="standard output")
        self.fails("backup", "--verify", "-", status=USAGE, says="cannot be read again")
        terminal = Terminal("backup", "-", TELEAI_DATABASE_URL=self.connection)
        self.assertEqual(terminal.end(), USAGE)

    def test_what_cannot_be_written(self) -> None:
        self.fails("stats", "--html", str(self.folder), status=FAILED, says="Is a directory")
        (self.folder / "loop").symlink_to("loop")
        self.fails("stats", "--html", str(self.folder / "loop"), status=FAILED, says="symbolic links")
        with open("/dev/full", "w") as full:
            done = subprocess.run([COMMAND, "stats", "--html", "-"], stdout=full, stderr=subprocess.PIPE, text=True,
                                  env=environment(TELEAI_DATABASE_URL=self.connection))
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("No space left", done.stderr)


class Text(Case):
    def setUp(self) -> None:
        super().setUp()
        self.ann = self.add_user("ann@example.org", f"A{HARMFUL}n")
        self.file, self.heard = self.add_transcription(self.ann, f"one {HARMFUL} two heart", f"f{HARMFUL}.wav")
        sql(self.connection, f"update audio_files set metadata = jsonb_build_object('k', E'v\x7f\x85\u202e')")

    def commands(self) -> list[list[str]]:
        return [["user", "list"], ["show", self.ann], ["show", self.file], ["show", self.heard], ["queue", "--files"], ["stats", "--refresh"],
                ["search", "heart"], ["search", "heart", "--newest"]]

    def test_nothing_harmful_is_printed(self) -> None:
        forms: list[list[str]] = [[], ["--json"], ["--csv"]]
        for words in self.commands():
            for form in forms:
                text = self.call(*words, *form)
                self.assertFalse(set(HARMFUL) & set(text), (words, form, text))
        page = self.call("stats", "--html", "-", "--title", f"T{HARMFUL}")
        self.assertFalse(set(HARMFUL) & set(page))
        self.assertIn("T" + SHOWN, page)
        out, err = self.call_both("user", "passwd", f"x{HARMFUL}@example.org", status=3)
        self.assertFalse(set(HARMFUL) & set(out + err))

    def test_json_keeps_everything(self) -> None:
        shown = self.json("show", self.file)
        self.assertEqual(shown["audio_files"][0]["file_name"], f"f{HARMFUL}.wav")
        self.assertEqual(shown["audio_files"][0]["metadata"], {"k": "v\x7f\x85\u202e"})
        self.assertEqual(shown["transcriptions"][0]["text"], f"one {HARMFUL} two heart")

    def test_csv_shows_it(self) -> None:
        rows = list(csv.DictReader(io.StringIO(self.call("user", "list", "--csv"))))
        self.assertEqual(rows[0]["full_name"], f"A{SHOWN}n")

    def test_spreadsheets_run_nothing(self) -> None:
        begins = ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\n=", "\r\n=", "\u00a0=", "\u3000@", "\ufeff=", "\uff1d", "\uff0b",
                  "\uff0d", "\uff20", " \uff1d", "\ufe66", "\u2212"]
        for n, begin in enumerate(begins):
            sql(self.connection, "insert into users (email, full_name, password_hash) values "
                f"('u{n}@example.org', convert_from('\\x{(begin + '1+1').encode().hex()}', 'UTF8'), 'x')")
        text = self.call("user", "list", "--csv")
        for row in csv.DictReader(io.StringIO(text, newline="")):
            if row["email"].startswith("u"):
                self.assertTrue(row["full_name"].startswith("'"), row)
        kept = self.json("user", "list")["users"]
        self.assertEqual({user["full_name"] for user in kept if user["email"].startswith("u")}, {begin + "1+1" for begin in begins})

    def test_json_and_csv_do_not_go_together(self) -> None:
        for words in (["user", "list"], ["queue"], ["stats"], ["search", "x"]):
            self.fails(*words, "--json", "--csv", status=USAGE, says="--json and --csv")


class Tables(Case):
    def add_long(self) -> None:
        ann = self.add_user("ann@example.org", "word " * 40 + "end")
        self.add_transcription(ann, "x", "a name of " + "many words " * 20 + "end.wav")

    def test_what_is_piped_is_not_cut(self) -> None:
        self.add_long()
        for words in (["user", "list"], ["queue", "--files"]):
            for columns in ("20", "80", "300"):
                text = self.call(*words, COLUMNS=columns)
                self.assertIn("end", text)
                self.assertNotIn("\u2026", text)
                self.assertEqual(len(text.splitlines()), 2, text)

    def test_the_last_column_goes_on_below(self) -> None:
        """On a terminal: nothing of it is lost, and it stays within its column."""
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "a.txt").write_text("no sound at all")
            self.add_user()
            terminal = Terminal("ingest", folder, "--user", "ann@example.org", "--settle", "0", columns=50, TELEAI_DATABASE_URL=self.connection)
            self.assertEqual(terminal.end(), 5)
        lines = [re.sub(r"\033\[[0-9;]*[mK]", "", line.rstrip("\r\n")) for line in terminal.text.splitlines()]
        at = next(i for i, line in enumerate(lines) if "Not registered, because" in line or line.startswith("File "))
        rest = lines[at:]
        self.assertTrue(all(len(line) <= 50 for line in rest), rest)
        self.assertIn("not a file of sound", " ".join(" ".join(rest).split()))

    def test_times_name_their_zone_and_rates_their_unit(self) -> None:
        ann = self.add_user()
        sql(self.connection, "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, sample_rate, bit_rate, created_at)"
            f" values ('{ann}', 'a.wav', '/a', 1, 'audio/wav', 44100, 256000, '2026-07-01 12:00:00+00')")
        file = self.json("show", ann)["audio_files"][0]["id"]
        for zone, time in (("UTC", "2026-07-01 12:00+00"), ("Europe/Berlin", "2026-07-01 14:00+02"), ("Asia/Kolkata", "2026-07-01 17:30+05:30"),
                           ("America/New_York", "2026-07-01 08:00-04")):
            self.assertIn(time, self.call("show", file, TZ=zone), zone)
        text = self.call("show", file)
        self.assertIn("44,100 Hz", text)
        self.assertIn("256 kbit/s", text)
        self.assertIn("(UTC)", self.call("stats"))
        self.assertEqual(json.loads(self.call("show", file, "--json"))["audio_files"][0]["bit_rate_bps"], 256000)


if __name__ == "__main__":
    support.main()
