"""On a terminal: colours, widths, passwords that are typed, dumb terminals, completion."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import unittest

import support
from support import BUILD, COMMAND, OK, USAGE, Case, Terminal, environment, sql

ESCAPE = re.compile(r"\033\[[0-9;]*[mK]")


class OnATerminal(Case):
    def on(self, *words: str, columns: int = 80, **more: str) -> str:
        terminal = Terminal(*words, columns=columns, **{"TELEAI_DATABASE_URL": self.connection, **more})
        self.assertEqual(terminal.end(), OK, terminal.text)
        return terminal.text

    def test_colours(self) -> None:
        ann = self.add_user()
        self.add_transcription(ann, "Her heart rate is sixty.")
        self.assertIn("\033[1mheart", self.on("search", "heart"))
        for more in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotIn("\033", self.on("search", "heart", **more))
        self.assertNotIn("\033", self.on("search", "heart", "--color", "never"))
        self.assertIn("\033", self.on("search", "heart", "--color=always", TERM="dumb"))
        self.assertNotIn("\033", self.call("search", "heart"))

    def test_forty_columns(self) -> None:
        ann = self.add_user("ann.with.a.long.address@mail.example.org", "Ann With A Name That Is Longer Than Most")
        self.add_transcription(ann, "Her heart rate is sixty and " + "very " * 60 + "regular.")
        for words in (["user", "list"], ["queue"], ["queue", "--files"], ["stats", "--refresh"], ["search", "heart"], ["show", ann], ["migrate", "status"]):
            for more in ({}, {"TERM": "dumb"}, {"LC_ALL": "C"}):
                text = ESCAPE.sub("", self.on(*words, columns=40, **more))
                for line in text.splitlines():
                    if "-" * 3 not in line and not re.search(r"\S{28}", line):  # ids and addresses are not broken
                        self.assertLessEqual(len(line), 40, (words, more, line))
        self.assertIn("#", self.on("stats", columns=40, LC_ALL="C"))

    def test_a_password_is_typed_twice_and_not_shown(self) -> None:
        terminal = Terminal("user", "add", "ann@example.org", "Ann", TELEAI_DATABASE_URL=self.connection)
        terminal.read_until("Password: ")
        terminal.type("correct horse battery\n")
        terminal.read_until("Once more: ")
        terminal.type("correct horse battery\n")
        self.assertEqual(terminal.end(), OK, terminal.text)
        self.assertNotIn("horse", terminal.text)
        self.assertIn("was added", terminal.text)

        terminal = Terminal("user", "passwd", "ann@example.org", TELEAI_DATABASE_URL=self.connection)
        terminal.read_until("Password: ")
        terminal.type("correct horse battery\n")
        terminal.read_until("Once more: ")
        terminal.type("another horse battery\n")
        self.assertEqual(terminal.end(), USAGE, terminal.text)
        self.assertIn("not the same", terminal.text)

    def test_asks_before_rows_are_dropped(self) -> None:
        terminal = Terminal("migrate", "down", TELEAI_DATABASE_URL=self.connection)
        terminal.read_until("[y/N] ")
        terminal.type("n\n")
        self.assertEqual(terminal.end(), 1)
        before = self.json("migrate", "status")["current_version"]
        terminal = Terminal("migrate", "down", TELEAI_DATABASE_URL=self.connection)
        terminal.read_until("[y/N] ")
        terminal.type("y\n")
        self.assertEqual(terminal.end(), OK, terminal.text)
        self.assertEqual(self.json("migrate", "status", status=5)["current_version"], before - 1)


class Completion(unittest.TestCase):
    def complete(self, line: str) -> list[str]:
        """What bash would offer at the end of a line."""
        words = line.split(" ")
        script = (
            f"source <({COMMAND} completion bash)\nCOMP_WORDS=({' '.join(word or chr(39) * 2 for word in words)})\n"
            f"COMP_CWORD={len(words) - 1}\n_teleai\necho \"${{COMPREPLY[*]}}\"\n"
        )
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment(), check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_bash(self) -> None:
        self.assertIn("migrate", self.complete("teleai m"))
        self.assertNotIn("search", self.complete("teleai m"))
        self.assertEqual(self.complete("teleai migrate st"), ["status"])
        self.assertIn("--dry-run", self.complete("teleai migrate up --"))
        self.assertIn("--language", self.complete("teleai search --"))
        self.assertEqual(self.complete("teleai user passwd ann --pass"), ["--password-stdin"])
        self.assertEqual(self.complete("teleai user list -d x --inac"), ["--inactive"])
        self.assertEqual(self.complete("teleai help user act"), ["activate"])
        self.assertEqual(self.complete("teleai search --status "), ["pending", "processing", "completed", "failed"])
        self.assertEqual(self.complete("teleai search x --status p"), ["pending", "processing"])
        self.assertEqual(self.complete("teleai user add --role v"), ["viewer"])
        self.assertEqual(self.complete("teleai user list --role = a"), ["admin"])  # as bash splits --role=a
        self.assertEqual(self.complete("teleai backup --scratch "), ["server", "local"])
        self.assertEqual(self.complete("teleai queue --color n"), ["never"])
        self.assertEqual(self.complete("teleai completion "), ["bash", "zsh", "fish"])
        self.assertEqual(self.complete("teleai --color "), ["auto", "always", "never"])
        self.assertEqual(self.complete("teleai -d local user l"), ["list"])  # the value is no command
        self.assertIn("--tenant", self.complete("teleai --t"))
        self.assertEqual(self.complete("teleai show "), [])  # then the shell's own: files

    def other(self, shell: str, *words: str) -> str:
        """What another shell prints."""
        if shutil.which(shell) is None:
            support.skip(f"no {shell}")
        done = subprocess.run([shell, *words], capture_output=True, text=True, env=environment())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_zsh(self) -> None:
        script = BUILD / "src" / "cli" / "_teleai"
        for words, offered in (
            ("teleai migrate ''", "status:show which migrations the database has"),
            ("teleai show abc --js", "--json:print JSON, for programs"),
            ("teleai ''", "help:tell more about a command"),
            ("teleai show ''", "files"),
            ("teleai search --status ''", "completed"),
            ("teleai user add --role ''", "viewer"),
            ("teleai completion ''", "zsh"),
            ("teleai --co", "--color:auto, always or never; NO_COLOR is heeded"),
        ):
            last = words.split()[-1]
            text = self.other("zsh", "-fc", f"words=({words}); CURRENT=$#words; PREFIX={last}; _describe() {{ print -l -- "
                              f"${{(P)@[-1]}}; }}; _files() {{ print files; }}; try() {{ source {script}; }}; try")
            self.assertIn(offered, text.splitlines(), words)

    def test_fish(self) -> None:
        script = BUILD / "src" / "cli" / "teleai.fish"
        for line, offered in (
            ("teleai migrate st", "status\tshow which migrations the database has"),
            ("teleai show abc --js", "--json\tprint JSON, for programs"),
            ("teleai sea", "search\tfind transcriptions by their words"),
            ("teleai search --status comp", "completed"),
            ("teleai user add --role v", "viewer"),
            ("teleai completion f", "fish"),
        ):
            text = self.other("fish", "--no-config", "-c", f"source {script}; complete -C '{line}'")
            self.assertTrue(any(each == offered or each.startswith(offered + "\t") for each in text.splitlines()), (line, text))


class Manual(unittest.TestCase):
    def test_page(self) -> None:
        page = BUILD / "src" / "cli" / "teleai.1"
        text = page.read_text()
        for command in ("migrate up", "user add", "search", "stats", "queue", "show"):
            self.assertIn(f"teleai {command}", text.replace("\\-", "-"))
        if os.path.exists("/usr/bin/mandoc"):
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(page)], capture_output=True, text=True)
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    support.main()
