"""What the command says when something goes wrong is said for the terminal: with what was typed and with what puts it right,
and with no name of the C interface or of a constraint."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import wave
from pathlib import Path

import support
from support import COMMAND, FAILED, NOTHING, SOURCE, UNREACHABLE, USAGE, Case, environment, skip, sql

SOMEBODY = "01a2176c-584d-71b4-913c-438196854194"
PASSWORD = "correct horse battery\n"


def names_of_c() -> set[str]:
    """The functions of the headers, and the members whose name is no word of any language. What is left out is called the
    same by PostgreSQL, which people at a terminal do set."""
    found: set[str] = set()
    for header in (SOURCE / "include").rglob("*.h"):
        text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
        found.update(re.findall(r"\b(teleai_[a-z0-9_]+)\(", text))
        found.update(name for name in re.findall(r"\b([a-z0-9_]+)(?:\[[^\]]*\])?;", text) if "_" in name)
        found.update(re.findall(r"\b(TELEAI_[A-Z0-9_]+)\b", text))
    return found - {"audio_files", "max_connections", "statement_timeout", "TELEAI_DATABASE_URL", "TELEAI_PG_BINDIR"}


NAMES = names_of_c()

# Every command that opens a database, in a form that is right.
ALL = (
    ["user", "add", "ann@example.org", "Ann", "--no-password"],
    ["user", "list"],
    ["user", "passwd", "ann@example.org", "--password-stdin"],
    ["user", "deactivate", "ann@example.org"],
    ["show", "ann@example.org"],
    ["search", "heart"],
    ["queue"],
    ["stats"],
    ["maintain"],
    ["doctor"],
    ["ingest", "--user", "ann@example.org", "--settle", "0", "call.wav"],
    ["migrate", "status"],
    ["migrate", "up"],
    ["migrate", "down", "--yes"],
    ["migrate", "adopt"],
    ["backup", "{folder}/kept.dump"],
    ["restore", "{folder}/kept.dump"],
)


class Words(Case):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix="teleai-words-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        with wave.open(f"{self.folder}/call.wav", "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(8000 * 2 * 5))
        self.constraints = set(
            sql(
                self.connection,
                "select conname from pg_constraint where connamespace = 'public'::regnamespace union"
                " select c.relname from pg_class c join pg_index i on i.indexrelid = c.oid and i.indisunique"
                " where c.relnamespace = 'public'::regnamespace",
            ).split()
        ) | {"users_email_exact_key"}  # of databases that were adopted

    def check(self, words: list[str], text: str) -> None:
        said = set(re.findall(r"[A-Za-z0-9_]+", re.sub(r'column "\w+"', "", text)))  # the server's words
        self.assertEqual(said & NAMES, set(), (words, text))
        self.assertEqual(said & self.constraints, set(), (words, text))
        self.assertNotRegex(text, r"teleai_\w+\(|TELEAI_(?!DATABASE_URL|PG_BINDIR)|struct_size|SQLSTATE|\(null\)", words)

    def says(self, words: list[str], *parts: str, status: int | None = None, said: str = PASSWORD, **more: str) -> str:
        """What a command says on both streams, in which no name of C and no constraint is."""
        words = [word.format(folder=self.folder) for word in words]
        done = subprocess.run([COMMAND, *words], input=said, capture_output=True, text=True, timeout=120, errors="replace",
                              cwd=self.folder, env=environment(TELEAI_DATABASE_URL=self.connection) | more)  # fmt: skip
        if status is not None:
            self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        text = done.stdout + done.stderr
        self.check(words, text)
        for part in parts:
            self.assertIn(part, " ".join(text.split()), words)  # doctor breaks lines
        return text

    def all_say(self, *parts: str, but: tuple[str, ...] = (), **more: str) -> None:
        """That all commands fail with these words; those that are named are only looked at."""
        for words in ALL:
            self.says(words, *(() if words[0] in but or " ".join(words[:2]) in but else parts), **more)

    # ---- the connection ----

    def test_no_connection(self) -> None:
        elsewhere = {"TELEAI_DATABASE_URL": "host=/nowhere"}
        self.all_say("could not connect", "--database", but=("doctor", "backup", "restore"), **elsewhere)
        self.says(["user", "list"], "local:DIR", status=UNREACHABLE, **elsewhere)
        self.says(["user", "list", "-d", "nonsense"], "connection string cannot be read", status=USAGE)

    def test_no_such_database_and_no_such_role(self) -> None:
        self.all_say("does not exist", but=("restore",), TELEAI_DATABASE_URL=f"{self.server} dbname=nowhere")
        self.says(["user", "list"], "createdb", status=UNREACHABLE, TELEAI_DATABASE_URL=f"{self.server} dbname=nowhere")
        self.all_say("does not exist", but=("restore",), TELEAI_DATABASE_URL=f"{self.connection} user=nobody_here")

    def test_a_wrong_password(self) -> None:
        """On a private server, whose pg_hba.conf is ours to change."""
        data = f"{self.folder}/data"
        started = subprocess.run([COMMAND, "local", "start", data], capture_output=True, text=True, env=environment())
        if started.returncode != 0:
            skip(started.stderr)
        self.addCleanup(subprocess.run, [COMMAND, "local", "stop", data, "--now"], capture_output=True, env=environment())
        at = self.json("local", "status", data)["servers"][0]["connection"]
        sql(at, "create role guarded login password 'right'")
        rules = Path(data) / "cluster" / "pg_hba.conf"
        rules.write_text("local all guarded scram-sha-256\n" + rules.read_text())
        sql(at, "select pg_reload_conf()")
        wrong = {"TELEAI_DATABASE_URL": f"host={data} user=guarded dbname=teleai", "PGPASSWORD": "wrong"}
        self.all_say("password authentication failed", but=("restore",), **wrong)
        text = self.says(["user", "list"], ".pgpass", status=UNREACHABLE, **wrong)
        self.assertNotIn("wrong", text)
        self.says(["user", "list"], "no password", status=UNREACHABLE, **{**wrong, "PGPASSWORD": ""})

    def test_a_server_that_is_full(self) -> None:
        role = f"full_{os.getpid()}"
        sql(self.connection, f"create role {role} login connection limit 0")
        self.addCleanup(sql, f"{self.server} dbname=postgres", f"drop role {role}")
        full = {"TELEAI_DATABASE_URL": f"{self.connection} user={role}"}
        self.all_say("too many connections", but=("restore",), **full)
        self.says(["user", "list"], "try again", status=UNREACHABLE, **full)

    # ---- the schema ----

    def test_schemas_that_are_not_the_one(self) -> None:
        migrates = ("migrate", "doctor", "backup", "restore")
        sql(self.connection, "update schema_migrations set version = 12")
        self.all_say("version 12, this version of teleai needs", "run `teleai migrate up`"[5:], but=migrates)
        sql(self.connection, "update schema_migrations set version = 999")
        self.all_say("version 999, newer than", "use a newer teleai", but=migrates)
        self.says(["migrate", "up"], "newer than", status=FAILED)
        self.says(["doctor"], "999")
        sql(self.connection, "update schema_migrations set version = 20, dirty = true")
        self.all_say("dirty", "`teleai migrate force VERSION`", but=migrates)
        self.says(["migrate", "up"], "dirty", status=FAILED)
        sql(self.connection, "drop table schema_migrations; create table schema_migrations (id text)")
        self.all_say("another tool's", "`teleai migrate adopt`", but=migrates)
        self.says(["doctor"], "another tool's")

    def test_a_damaged_schema(self) -> None:
        sql(self.connection, "drop table analyses cascade; alter table users rename column full_name to called")
        self.says(["user", "list"], "not the one that this version of teleai needs", "`teleai migrate status`", status=FAILED)
        self.all_say()

    # ---- the server refuses ----

    def test_a_time_out(self) -> None:
        self.add_user()
        holder = subprocess.Popen(["psql", "-XAtq", "-d", self.connection], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert holder.stdin is not None and holder.stdout is not None
        holder.stdin.write("begin; lock users, transcriptions, audio_files, analyses; select 'held';\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline(), "held\n")
        try:
            for words in (["user", "list"], ["user", "add", "eve@example.org", "Eve", "--no-password"], ["search", "heart"]):
                self.says([*words, "--timeout", "1"], "--timeout SECONDS allows more time", status=FAILED)
        finally:
            holder.communicate("rollback;\n")

    def test_a_role_without_rights(self) -> None:
        role = f"bare_{os.getpid()}"
        self.add_user()
        sql(self.connection, f"create role {role} login; grant usage on schema public to {role}; grant select on schema_migrations to {role}")
        self.addCleanup(sql, f"{self.server} dbname=postgres", f"drop role {role}")
        self.addCleanup(sql, self.connection, f"drop owned by {role}")
        bare = {"TELEAI_DATABASE_URL": f"{self.connection} user={role}"}
        self.all_say(**bare)
        text = self.says(["user", "list"], "permission denied for table users", status=FAILED, **bare)
        self.assertIn(f"grant select, insert, update, delete on users to {role};", text)
        self.assertNotIn("on audio_files to", text)
        for words, table in ((["search", "heart"], "transcriptions"), (["queue"], "processing_queue_status")):
            self.assertRegex(self.says(words, status=FAILED, **bare), rf"grant select.* on {table} to {role}")
        sql(self.connection, f"grant select on users to {role}")
        text = self.says(["user", "deactivate", "ann@example.org"], status=FAILED, **bare)
        remedy = re.search(r"^ +(grant .*;)", text, re.M)
        assert remedy is not None, text
        self.assertEqual(remedy[1], f"grant insert, update, delete on users to {role};")
        sql(self.connection, remedy[1] + f" grant delete, select on sessions to {role}")
        self.says(["user", "deactivate", "ann@example.org"], "cannot log in any more", status=0, **bare)
        self.says(["stats", "--refresh"], "must be owner", "name the owner", status=FAILED, **bare)
        self.says(["migrate", "down", "--yes"], "the role that owns the tables", status=FAILED, **bare)
        empty = {"TELEAI_DATABASE_URL": f"{self.connection} user={role} options='-c search_path=made'"}
        sql(self.connection, f"create schema made; grant usage on schema made to {role}")
        text = self.says(["migrate", "up"], "permission denied for schema made", "grant create on schema", status=FAILED, **empty)
        self.assertNotIn("teleai doctor", text)

    def test_a_server_that_takes_no_changes(self) -> None:
        self.add_user()
        name = self.connection.rsplit("dbname=", 1)[1]
        sql(self.connection, f"alter database {name} set default_transaction_read_only = on")
        self.all_say()
        for words in (["user", "add", "eve@example.org", "Eve", "--no-password"], ["user", "deactivate", "ann@example.org"]):
            self.says(words, "takes no changes", "name the primary", status=FAILED)

    # ---- values ----

    def test_an_address_that_is_taken(self) -> None:
        self.add_user()
        add = ["user", "add", "Ann@example.org", "Ann", "--no-password"]
        wanted = ["Ann@example.org is taken", "`teleai user passwd Ann@example.org`"]
        self.says(add, *wanted, status=FAILED)
        sql(self.connection, "drop index users_email_key; create unique index users_email_exact_key on users (email)")
        add[2] = "ann@example.org"
        self.says(add, *(text.replace("Ann@", "ann@") for text in wanted), status=FAILED)

    def test_who_is_not_there(self) -> None:
        for user in ("eve@example.org", SOMEBODY):
            for command in ("passwd", "deactivate", "activate"):
                words = ["user", command, user, *(["--password-stdin"] if command == "passwd" else [])]
                self.says(words, f"there is no user {user}", "`teleai user list`", status=NOTHING)
            self.says(["ingest", "--user", user, "call.wav"], f"there is no user {user}", "`teleai user add`", status=NOTHING)
        self.says(["user", "list", "--tenant", "nowhere"], "there is no tenant nowhere", "--tenant", status=NOTHING)
        self.says(["user", "add", "eve@example.org", "Eve", "--no-password", "--tenant", SOMEBODY],
                  f"there is no tenant {SOMEBODY}", status=FAILED)  # fmt: skip
        self.all_say(TELEAI_DATABASE_URL=self.connection)

    def test_values_that_are_wrong(self) -> None:
        nobody = ["user", "add", "nobody", "X", "--no-password"]
        self.says(nobody, "nobody is not an e-mail address", "ann@example.org", status=USAGE)
        self.says(["user", "add", "n" * 300 + "@example.org", "X", "--no-password"], "the e-mail address has 312", status=USAGE)
        self.says(["user", "add", "n@example.org", "", "--no-password"], "the name has 0 characters", status=USAGE)
        self.says(["user", "add", "n@example.org", "N", "--password-stdin"], "the password has 5", "8", status=USAGE, said="short\n")
        self.says(["user", "add", "n\udcff@example.org", "N", "--no-password"], "the e-mail address is not valid UTF-8", status=USAGE)
        self.says(["user", "add", "n@example.org", "N\udcff", "--no-password"], "the name is not valid UTF-8", status=USAGE)
        self.says(["user", "list", "--cursor", "x"], "x is not a cursor", status=USAGE)
        page = "".join(f"('{n}@example.org', '{n}', '!'),"[0:] for n in range(3)).rstrip(",")
        sql(self.connection, f"insert into users (email, full_name, password_hash) values {page}")
        cursor = self.json("user", "list", "-n1")["next_cursor"]
        self.says(["queue", "--files", "--cursor", cursor], "another list", status=USAGE)
        for words, part in (
            (["--language", "klingonklingon"], "--language is klingonklingon"),
            (["--language", "\udcff"], "--language is not valid UTF-8"),
            (["--engine", "\udcff"], "--engine is not valid UTF-8"),
            (["--from", "2026-02-02", "--until", "2026-01-01"], "--from is later than --until"),
            (["--cursor", "\udcff"], "is not a cursor"),
        ):
            self.says(["search", "heart", *words], part, status=USAGE)
        for query, part in (("-heart", "only leaves words out"), ("or", "the search is empty"), ('"heart', "a quotation mark")):
            self.says(["search", "--", query], part, status=USAGE)
        self.says(["search", "\udcff"], "the search is not valid UTF-8", status=USAGE)
        self.says(["search", "x" * 5000], "the search has 5000 bytes", status=USAGE)
        self.says(["migrate", "to", "999"], "there is no version 999", "`teleai migrate status`", status=USAGE)
        self.says(["migrate", "force", "999", "--yes"], "there is no version 999", status=USAGE)

    def test_what_a_rule_of_the_database_refuses(self) -> None:
        sql(self.connection, "alter table users add constraint users_email_rule check (email not like 'eve@%')")
        sql(self.connection, "alter table users drop constraint users_email_check")
        sql(self.connection, "alter table users rename constraint users_email_rule to users_email_check")
        self.says(["user", "add", "eve@example.org", "Eve", "--no-password"], "does not take the e-mail address eve@example.org")

    def test_an_owner_that_has_gone(self) -> None:
        """Which happens between two statements; a trigger refuses here as the reference does then."""
        self.add_user()
        for constraint, says in (
            ("audio_files_tenant_user_id_fkey", "there is no user ann@example.org"),
            ("audio_files_tenant_id_fkey", "there is no tenant"),
        ):
            sql(self.connection, "create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception "
                f"using errcode = '23503', table = 'audio_files', constraint = '{constraint}'; end $$; create or replace trigger "
                "refuse before insert on audio_files for each row execute function refuse()")  # fmt: skip
            self.says(["ingest", "--user", "ann@example.org", "--settle", "0", "call.wav"], says, status=support.WARNINGS)

    def test_each_function_that_messages_name_has_words(self) -> None:
        """But those that only programs can call wrongly, and those of SQL."""
        for_programs = {"teleai_open", "teleai_transaction_begin", "teleai_batch_open", "teleai_cancel", "teleai_client_cancel"}
        told = (SOURCE / "src" / "cli" / "words.c").read_text()
        for room in ("base", "db", "api", "local"):
            for file in (SOURCE / "src" / room).rglob("*.[ch]"):
                text = re.sub(r"/\*.*?\*/|//[^\n]*", "", file.read_text(), flags=re.S)
                for literal in re.findall(r'"((?:[^"\\\n]|\\.)*)"', text):
                    for name in set(re.findall(r"\b(teleai_[a-z_]+)\(\)", literal)) & NAMES - for_programs:
                        self.assertIn(f"{name}()", told, (file.name, literal))

    def test_tenants(self) -> None:
        sql(self.connection, "insert into tenants (slug, name, max_users) values ('acme', 'Acme', 1)")
        of = ["--tenant", "acme"]
        self.says(["user", "add", "ann@example.org", "Ann", "--no-password", *of], status=0)
        self.says(["user", "add", "bob@example.org", "Bob", "--no-password", *of], "as many users as it may have", status=FAILED)
        sql(self.connection, "update tenants set status = 'suspended', max_users = null, max_audio_seconds = 1 where slug = 'acme'")
        for words in ALL:
            if words[0] not in ("migrate", "backup", "restore"):
                self.says([*words, *of])
        self.says(["ingest", "--user", "ann@example.org", "--settle", "0", ".", *of], "as many hours of audio as it may have")

    def test_private_servers(self) -> None:
        nowhere = f"{self.folder}/nowhere"
        self.says(["local", "stop", nowhere], "no private server", f"`teleai local start {nowhere}`", status=NOTHING)
        self.says(["local", "status", nowhere], "no private server", status=NOTHING)
        self.says(["local", "psql", nowhere], "no private server", status=NOTHING)
        self.says(["local", "start", "/nowhere/at/all"], "does not exist")
        Path(nowhere).write_text("")
        self.says(["local", "start", nowhere], "is a file", status=USAGE)
        for command in ("stop", "status", "psql"):
            self.says(["local", command, nowhere])
        self.says(["user", "list", "-d", "local:"], "no folder is named", status=USAGE)
        other = Path(self.folder, "other")
        other.mkdir()
        (other / "thing").write_text("")
        self.says(["local", "start", str(other)], "holds other things", status=USAGE)
        self.says(["local", "start", str(other / "sub")], TELEAI_PG_BINDIR="/nowhere")


if __name__ == "__main__":
    support.main()
