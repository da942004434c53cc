"""Each command: what it prints for people and for programs, its exit status, and what it says when it cannot."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import unittest

import support
from support import COMMAND, FAILED, INTERRUPTED, NOTHING, UNREACHABLE, USAGE, WARNINGS, Case, environment, sql


class CommandLine(unittest.TestCase):
    call_both, call, fails = Case.call_both, Case.call, Case.fails

    def test_help(self) -> None:
        overview = self.call()
        self.assertEqual(overview, self.call("--help"))
        self.assertIn("TELEAI_DATABASE_URL", overview)
        self.assertIn("Exit status", overview)
        self.assertEqual(self.call("help", "user", "add"), self.call("user", "add", "--help"))
        for words in (["user"], ["user", "add"], ["migrate", "to"], ["stats"], ["search"]):
            text = self.call(*words, "--help")
            self.assertIn("Options", text)
            self.assertTrue("Examples" in text or "Commands" in text, words)
            self.assertTrue(all(len(line) <= 100 for line in text.splitlines()), words)
        self.assertRegex(self.call("--version"), r"^teleai \d+\.\d+\.\d+\n$")
        self.assertEqual(self.call("version"), self.call("-V"))
        self.assertEqual(self.call("--color", "never", "--help"), overview)

    def test_wrong_usage(self) -> None:
        for words, says in (
            (["serach"], "did you mean `teleai search`?"),
            (["user", "lits"], "did you mean `teleai user list`?"),
            (["frobnicate"], "unknown command frobnicate"),
            (["user"], "needs a command"),
            (["--nonsense"], "unknown option"),
            (["user", "list", "--limt", "5"], "did you mean --limit?"),
            (["user", "list", "-x"], "unknown option -x"),
            (["user", "list", "--limit"], "needs a value"),
            (["user", "list", "--json=yes"], "takes no value"),
            (["user", "list", "--limit", "0"], "a number from 1"),
            (["user", "list", "--limit", "5x"], "a number from 1"),
            (["user", "list", "extra"], "unexpected argument extra; `teleai user list` takes none"),
            (["user", "add", "ann@example.org", "Ann", "Example"], "quotation marks"),
            (["user", "add", "ann@example.org"], "teleai: NAME is missing: teleai user add EMAIL NAME"),
            (["user", "add"], "teleai: EMAIL is missing"),
            (["user", "list", "--role", "boss"], "admin, user or viewer"),
            (["migrate", "to", "-- -1"], "unknown option"),
            (["migrate", "to", "x"], "x is not a version"),
            (["search", "x", "--from", "soon"], "a time such as"),
            (["search", "x", "--min-confidence", "2"], "from 0 to 1"),
            (["stats", "--from", "2026-02-02", "--until", "2026-01-01"], "--from must be"),
            (["queue", "--color", "pink"], "auto, always or never"),
            (["search", "x", "--from", "2026-02-31"], "a time such as"),
            (["-d", "x"], "no command is given"),
            (["-x", "queue"], "unknown option -x"),
            (["--limit", "3", "user", "list"], "unknown option --limit"),
            (["-d"], "-d needs a value"),
            (["users"], "did you mean `teleai user`?"),
            (["list"], "did you mean `teleai user list`?"),
            (["user", "remove"], "`teleai user` has: add, list"),
            (["verison"], "did you mean `teleai version`?"),
            (["user", "list", "--lim", "5"], "did you mean --limit?"),
            (["user", "list", "--role", "Admin"], "did you mean admin? admin, user or viewer was expected"),
            (["search", "x", "--status", "completd"], "did you mean completed?"),
            (["queue", "--color", "alway"], "did you mean always?"),
            (["backup", "--scratch", "servr"], "did you mean server?"),
            (["completion", "bsh"], "did you mean bash?"),
            (["user", "list", "--active", "--inactive"], "--active and --inactive do not go together"),
            (["user", "add", "a@b.org", "A", "--no-password", "--password-stdin"], "do not go together"),
            (["restore", "x", "--create", "y", "--clean"], "do not go together"),
            (["search", "x", "--from", "2026-11-26T10:15:00+1"], "a time such as"),
            (["search", "x", "--from", "2026-11-26T25:15"], "a time such as"),
            (["s\033[31m"], "unknown command s\\x1b[31m"),
            (["user", "list", "--role", "\udcff\n"], "\\xff\\x0a"),
            (["completion", "tcsh"], "bash, zsh or fish"),
        ):
            self.fails(*words, status=USAGE, says=says)

    def test_no_database(self) -> None:
        err = self.fails("queue", status=UNREACHABLE, says="could not connect", PGHOST="/nowhere")
        self.assertIn("TELEAI_DATABASE_URL", err)
        self.assertIn("local:DIR", err)
        for connection in ("password=geheim", "postgresql://ann:geheim@db.example.org/x", "host=x password = 'geheim'",
                           "host=x password\n=geheim", "postgresql://db.example.org/x?password=geheim", "sslpassword=geheim"):
            err = self.fails("queue", "-d", connection, status=USAGE, says="password in it")
            self.assertNotIn("geheim", err)
            self.assertIn(".pgpass", err)

    def test_a_connection_string_that_is_wrong(self) -> None:
        for connection in ("geheim", "postgresql://ann:geheim@[x/y", "host=x nonsense=geheim"):
            done = subprocess.run([COMMAND, "queue", "-d", connection], capture_output=True, text=True, env=environment())
            self.assertIn(done.returncode, (USAGE, UNREACHABLE), connection)
            self.assertNotIn("geheim", done.stdout + done.stderr)

    def test_output_that_cannot_be_written(self) -> None:
        for words in (["--help"], ["--version"], ["help", "user"], ["completion", "bash"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([COMMAND, *words], stdout=full, stderr=subprocess.PIPE, text=True, env=environment())
            self.assertEqual((done.returncode, done.stderr), (FAILED, "teleai: the output could not be written\n"))

    def test_a_reader_that_goes_away(self) -> None:
        """As with all programs: it ends quietly, even where whoever calls it ignores SIGPIPE."""
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([COMMAND, "--help"], stdout=writer, stderr=subprocess.PIPE, env=environment(), restore_signals=False)
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, b""))


class Unmigrated(Case):
    template = "template0"

    def test_migrations(self) -> None:
        err = self.fails("user", "list", status=FAILED, says="schema")
        self.assertIn("teleai migrate up", err)
        now = self.json("migrate", "status", status=WARNINGS)
        newest = len(now["migrations"])
        self.assertEqual((now["current_version"], {row["applied"] for row in now["migrations"]}), (0, {False}))
        steps = self.call("migrate", "up", "--dry-run")
        self.assertIn("apply 001 create_initial_tables", steps)
        self.assertEqual(self.json("migrate", "status", status=WARNINGS), now)
        self.assertEqual(self.call("migrate", "up"), f"The database is at version {newest} now (it was at 0).\n")
        self.assertIn("already", self.call("migrate", "up"))
        self.assertEqual(self.json("migrate", "status")["current_version"], newest)
        self.assertIn("drops what it takes back", self.fails("migrate", "down", status=FAILED, says="--yes"))
        self.assertIn("take back", self.call("migrate", "down", "--dry-run"))
        self.assertIn("locks", self.call("migrate", "to", "3", "--dry-run"))
        self.call("migrate", "down", "--yes")
        self.call("migrate", "to", "0", "-y")
        self.fails("migrate", "down", "-y", status=NOTHING, says="no migration is applied")
        self.fails("migrate", "to", "999", status=USAGE, says="version")
        plan = self.json("migrate", "up", "--dry-run")["steps"]
        self.assertEqual(plan[0]["version"], 1)


class Commands(Case):
    def test_users(self) -> None:
        self.assertIn("user add", self.call("user", "list"))
        ann = self.add_user()
        self.assertEqual(len(ann), 36)
        self.call("user", "add", "bot@example.org", "Recorder 7", "--role", "viewer", "--no-password")
        self.fails("user", "add", "ANN@example.org", "Ann", "--no-password", status=FAILED, says="ANN@example.org is taken")
        self.fails("user", "add", "nobody", "X", "--no-password", status=USAGE, says="nobody is not an e-mail address")
        listed = self.json("user", "list")
        self.assertEqual([user["email"] for user in listed["users"]], ["bot@example.org", "ann@example.org"])
        self.assertEqual(listed["users"][0]["role"], "viewer")
        page = self.json("user", "list", "-n1")
        self.assertEqual(self.json("user", "list", "--cursor", page["next_cursor"])["users"][0]["id"], ann)
        rows = list(csv.DictReader(io.StringIO(self.call("user", "list", "--csv"))))
        self.assertEqual(rows[1]["id"], ann)
        self.assertEqual(rows[1]["last_login_at"], "")
        text = self.call("user", "list", "--role", "viewer")
        self.assertIn("Recorder 7", text)
        self.assertNotIn("ann@", text)

        sql(self.connection, f"insert into sessions (user_id, token_hash, expires_at) values ('{ann}', repeat('0', 64), now() + interval '1 h')")
        self.assertIn("1 session was ended", self.call("user", "deactivate", "ann@example.org"))
        self.assertEqual([u["id"] for u in self.json("user", "list", "--inactive")["users"]], [ann])
        self.assertIn("log in again", self.call("user", "activate", ann))
        before = sql(self.connection, f"select password_hash from users where id = '{ann}'")
        self.assertIn("new password", self.call("user", "passwd", "ann@example.org", "--password-stdin", said="other horse battery\n"))
        self.assertNotEqual(sql(self.connection, f"select password_hash from users where id = '{ann}'"), before)
        err = self.fails("user", "passwd", "eve@example.org", "--password-stdin", status=NOTHING, says="no user eve@example.org")
        self.assertIn("teleai user list", err)
        self.fails("user", "add", "eve@example.org", "Eve", "--password-stdin", status=USAGE, says="a line with the password")

    def test_what_all_commands_share_may_stand_before_them(self) -> None:
        self.add_user()
        wanted = self.json("user", "list")
        elsewhere = {"TELEAI_DATABASE_URL": "host=/nowhere"}
        for words in (
            ["-d", self.connection, "--json", "user", "list"],
            [f"--database={self.connection}", "user", "--json", "list"],
            ["user", "-d", self.connection, "--timeout", "5", "list", "--json"],
            ["--color", "never", "-d", self.connection, "user", "list", "-n", "9", "--json"],
        ):
            self.assertEqual(json.loads(self.call(*words, **elsewhere)), wanted, words)
        self.assertEqual(self.call("-d", "x", "help", "user"), self.call("user", "--help"))
        self.fails("-d", "x", "local", "status", "y", status=USAGE, says="unknown option -d")

    def test_passwords_of_any_form(self) -> None:
        """What is read is what was written, or it is refused; nothing is cut."""
        self.add_user()
        change = ["user", "passwd", "ann@example.org", "--password-stdin"]

        def give(text: bytes) -> str:
            done = subprocess.run([COMMAND, *change], input=text, capture_output=True, env=environment(TELEAI_DATABASE_URL=self.connection))
            self.assertIn(done.returncode, (0, USAGE))
            return done.stderr.decode()

        self.assertIn("NUL", give(b"correct1\0 horse battery\n"))
        self.assertIn("NUL", give(b"correct horse battery\0\n"))
        self.assertIn("too long", give(b"x" * 1026 + b"\n"))
        self.assertIn("too long", give(b"x" * 100000))
        self.assertIn("a line with the password", give(b""))
        for text in (b"x" * 1024 + b"\r\n", b"correct horse battery", b"correct horse battery\r\n", b"correct horse battery\nmore\n"):
            self.assertEqual(give(text), "")

    def test_search_for_words_that_begin_with_a_dash(self) -> None:
        ann = self.add_user()
        self.add_transcription(ann, "Her heart rate is sixty.", "a.wav")
        self.add_transcription(ann, "The heart drill at noon.", "b.wav")
        for words in (["-drill heart"], ["heart", "-drill"], ["heart -drill"], ["heart", "-noon", "-n5"], ["-d", self.connection, "heart", "-drill"],
                      [f"-d{self.connection}", "heart", "-drill"], ["heart", "-drill", "-uann@example.org"], ["heart", "-len", "-drill"]):
            self.assertEqual([hit["file_name"] for hit in self.json("search", *words)["hits"]], ["a.wav"], words)

    def test_times_that_were_printed_are_taken(self) -> None:
        self.add_transcription(self.add_user(), "heart")
        made = self.json("search", "heart")["hits"][0]["created_at"]
        for time in (made, made.replace("Z", "+00:00"), made.replace("T", " "), made.replace("Z", "0001234+0000"), "2020-01-01 10:15+05:30"):
            self.assertEqual(self.json("search", "heart", "--from", time)["total"], 1, time)
        self.assertEqual(self.json("search", "heart", "--until", made, status=NOTHING)["total"], 0)
        for time in ("2026-07-01T12:00Z", "2026-07-01T14:00+02", "2026-07-01T17:30+0530", "2026-07-01T08:00:00-04:00"):
            days = self.json("stats", "--from", time, "--until", "2026-07-03")["days"]
            self.assertEqual(days[0]["date"], "2026-07-01", time)
        self.assertEqual(self.json("stats", "--from", "2026-07-01T23:30-02", "--until", "2026-07-03")["days"][0]["date"], "2026-07-02")

    def test_search(self) -> None:
        ann = self.add_user()
        self.add_transcription(ann, "Her heart rate is sixty.", "a\033[31m.wav")
        self.add_transcription(ann, "The drill at noon.", "b.wav")
        text = self.call("search", "heart", "rates")
        self.assertIn("Her [heart] [rate] is sixty", text)
        self.assertIn("a\\x1b[31m.wav", text)
        self.assertNotIn("\033", text)
        self.assertIn("1 found", text)
        found = self.json("search", '"heart rate"', "--user", "ann@example.org", "-l", "en")
        self.assertEqual((found["total"], found["total_is_exact"], len(found["hits"])), (1, True, 1))
        self.assertEqual(found["hits"][0]["file_name"], "a\033[31m.wav")
        self.fails("search", "nothing of the kind", status=NOTHING, says="nothing found")
        self.fails("search", "the of", status=NOTHING, says="not indexed")
        self.fails("search", "--", "-drill", status=USAGE, says="only leaves words out")
        self.fails("search", "\udcff", status=USAGE, says="not valid UTF-8")
        self.fails("user", "add", "eve@example.org", "\udcffve", "--no-password", status=USAGE, says="the name is not valid UTF-8")
        self.fails("search", "x", "--user", "eve@example.org", status=NOTHING, says="no user eve@example.org")
        self.assertEqual(self.json("search", "xyz", status=NOTHING)["hits"], [])
        self.assertEqual(self.json("search", "drill", "--from", "1h", "--newest")["total"], 1)
        self.assertEqual(self.json("search", "drill", "--until", "2020-01-01", status=NOTHING)["total"], 0)

    def test_show(self) -> None:
        ann = self.add_user()
        file, heard = self.add_transcription(ann, "Her heart rate is sixty.\nAnd a second line.")
        for id in (file, heard):
            text = self.call("show", id)
            self.assertIn("Her heart rate is sixty.", text)
        self.assertIn("call.wav", self.call("show", "ann@example.org"))
        shown = self.json("show", file)
        self.assertEqual(shown["audio_files"][0]["id"], file)
        self.assertEqual(shown["transcriptions"][0]["text"], "Her heart rate is sixty.\nAnd a second line.")
        self.assertEqual(shown["analyses"], [])
        self.fails("show", "00000000-0000-7000-8000-00000000000f", status=NOTHING, says="has the id")
        self.fails("show", "\033]0;x\a", status=NOTHING, says="is called \\x1b]0;x\\x07")

    def test_queue_and_stats(self) -> None:
        self.assertEqual(self.call("queue"), "Nothing waits.\n")
        self.assertIn("0 users", self.call("stats"))
        ann = self.add_user()
        self.add_transcription(ann, "x")
        sql(self.connection, "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, created_at) "
            f"values ('{ann}', 'w.wav', '/w', 5, 'audio/wav', now() - interval '3 h')")
        queues = {(row["queue"], row["status"]): row["count"] for row in self.json("queue")["queues"]}
        self.assertEqual(queues[("audio_files", "uploaded")], 1)
        self.assertIn("3 h 00 min", self.call("queue", "--waiting"))
        self.assertIn("1 ready file is not counted", self.call("stats"))
        text = self.call("stats", "--refresh", "--days", "3")
        self.assertNotIn("not counted", text)
        self.assertIn("ann@example.org", text)
        stats = self.json("stats", "--days", "7")
        self.assertEqual([len(stats["days"]), stats["days"][-1]["uploads"]], [7, 1])
        self.assertEqual({(row["queue"], row["status"]) for row in stats["pipeline"]}, set(queues) | {("audio_files", "ready")})
        self.assertEqual(stats["totals"], [{"users": 1, "audio_files": 2, "transcriptions": 1, "analyses": 0}])
        rows = list(csv.DictReader(io.StringIO(self.call("stats", "--csv", "--days", "7"))))
        self.assertEqual([int(row["uploads"]) for row in rows], [day["uploads"] for day in stats["days"]])

    def test_csv_keeps_what_it_is_given_and_runs_nothing(self) -> None:
        ann = self.add_user(name='Ann, "the \r\nother"')
        self.add_user("bob@example.org", "=1+2")
        rows = {row["email"]: row["full_name"] for row in csv.DictReader(io.StringIO(self.call("user", "list", "--csv"), newline=""))}
        self.assertEqual(rows["bob@example.org"], "'=1+2")
        self.assertEqual(rows["ann@example.org"].replace("\n", "\r\n").replace("\r\r\n", "\r\n"), 'Ann, "the \r\nother"')
        self.assertEqual(self.json("show", ann)["users"][0]["full_name"], 'Ann, "the \r\nother"')

    def test_tenants(self) -> None:
        self.add_user()
        sql(self.connection, "insert into tenants (name, slug) values ('Acme', 'acme')")
        self.call("user", "add", "bob@example.org", "Bob", "--no-password", "--tenant", "acme")
        self.assertEqual([u["email"] for u in self.json("user", "list", "--tenant", "acme")["users"]], ["bob@example.org"])
        self.assertEqual([u["email"] for u in self.json("user", "list")["users"]], ["ann@example.org"])
        self.fails("user", "list", "--tenant", "nobody", status=NOTHING, says="tenant")

    def test_another_database(self) -> None:
        """--database comes before the environment; one that is not there is no connection."""
        self.add_user()
        self.fails("user", "list", "-d", f"{self.server} dbname=nowhere", status=UNREACHABLE, says='"nowhere" does not exist')
        self.fails("user", "list", "-d", f"{self.server} dbname=postgres", status=FAILED, says="schema")
        out = self.call("user", "list", f"--database={self.connection}", TELEAI_DATABASE_URL="host=/nowhere")
        self.assertIn("ann@example.org", out)

    def test_passwords_are_not_shown(self) -> None:
        out, err = self.call_both("user", "add", "x@example.org", "X", "--password-stdin", said="geheim\n", status=USAGE)
        self.assertNotIn("geheim", out + err)
        self.assertIn("password", err)

    def test_watch(self) -> None:
        command = subprocess.Popen([COMMAND, "queue", "--watch", "1"], stdout=subprocess.PIPE, text=True,
                                   env=environment(TELEAI_DATABASE_URL=self.connection))
        assert command.stdout is not None
        lines = [command.stdout.readline() for _ in range(4)]  # the second time under an empty line and the time
        self.assertEqual([lines[0], lines[1], lines[3]], ["Nothing waits.\n", "\n", "Nothing waits.\n"])
        command.send_signal(signal.SIGTERM)
        command.communicate(timeout=60)
        self.assertEqual(command.returncode, INTERRUPTED)

    def test_watch_by_programs(self) -> None:
        self.add_transcription(self.add_user(), "x")
        for form in ("--json", "--csv"):
            command = subprocess.Popen([COMMAND, "queue", "--watch", "1", form], stdout=subprocess.PIPE, text=True,
                                       env=environment(TELEAI_DATABASE_URL=self.connection))
            assert command.stdout is not None
            lines = [command.stdout.readline() for _ in range(2 if form == "--json" else 6)]
            command.send_signal(signal.SIGTERM)
            command.communicate(timeout=60)
            if form == "--json":
                self.assertEqual([len(json.loads(line)["queues"]) for line in lines], [2, 2])
            else:
                self.assertEqual([line.count(",") for line in lines], [5] * 6)

    def test_json_of_anything(self) -> None:
        ann = self.add_user(name='quo"te \\ back\ttab \u00e4 \U0001f4a9 \x7f')
        self.assertEqual(self.json("show", ann)["users"][0]["full_name"], 'quo"te \\ back\ttab \u00e4 \U0001f4a9 \x7f')
        sql(self.connection, "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, metadata) "
            f"values ('{ann}', 'a\033[31m\u202e.wav', '/x', 1, 'audio/wav', '{{\"a\": [1, null]}}')")
        file = self.json("show", ann)["audio_files"][0]
        self.assertEqual((file["file_name"], file["metadata"]), ("a\033[31m\u202e.wav", {"a": [1, None]}))
        self.assertIn("a\\x1b[31m\\u202e.wav", self.call("show", ann))
        for words in (["queue"], ["queue", "--files"], ["stats"], ["migrate", "status"], ["user", "list"], ["show", file["id"]]):
            self.assertIsInstance(self.json(*words), dict)

    def test_json_has_the_members_that_docs_promise(self) -> None:
        """docs/command.md, "For programs"."""
        ann = self.add_user()
        file, heard = self.add_transcription(ann, "heart")
        for words, members in (
            (["user", "list"], "users next_cursor"),
            (["user", "activate", ann], "users"),
            (["search", "heart"], "hits total total_is_exact parsed_query next_cursor"),
            (["show", ann], "users transcriptions_total analyses_total open_sessions_total audio_files audio_files_total"),
            (["show", file], "audio_files transcriptions transcriptions_total analyses analyses_total"),
            (["show", heard], "transcriptions analyses analyses_total"),
            (["queue"], "queues"),
            (["queue", "--files"], "files next_cursor"),
            (["stats"], "totals days pipeline top_users"),
            (["migrate", "status"], "migrations current_version"),
            (["migrate", "down", "--dry-run"], "steps"),
        ):
            self.assertEqual(set(self.json(*words)), set(members.split()), words)

    def test_the_files_that_are_not_through(self) -> None:
        self.assertEqual(self.call("queue", "--files"), "Every file is through.\n")
        file, heard = self.add_transcription(self.add_user(), "x")
        files = self.json("queue", "--files")
        self.assertEqual(files["next_cursor"], None)
        self.assertEqual([(row["audio_file_id"], row["stage"], row["transcription_id"], row["analysis_id"]) for row in files["files"]],
                         [(file, "transcription_completed", heard, None)])
        sql(self.connection, f"update transcriptions set status = 'failed' where id = '{heard}'")
        self.assertRegex(self.call("queue", "--files"), rf"call.wav +failed .* {file}")
        self.add_transcription(self.json("user", "list")["users"][0]["id"], "y", "late.wav")
        first = self.json("queue", "--files", "-n1")
        self.assertEqual([row["file_name"] for row in first["files"]], ["late.wav"])
        rest = self.call("queue", "--files", "--csv", "--cursor", first["next_cursor"])
        self.assertEqual([row["file_name"] for row in csv.DictReader(io.StringIO(rest))], ["call.wav"])

    def test_days_are_utc_wherever_one_is(self) -> None:
        for zone in ("UTC", "Asia/Tokyo", "America/Los_Angeles"):
            days = self.json("stats", "--from", "2026-11-01", "--until", "2026-11-03", TZ=zone)["days"]
            self.assertEqual([day["date"] for day in days], ["2026-11-01", "2026-11-02"], zone)


if __name__ == "__main__":
    support.main()
