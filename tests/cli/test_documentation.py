"""The examples of the help are command lines that the command takes; docs/command.md runs as it stands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
import wave
from pathlib import Path

import support
from support import COMMAND, SOURCE, environment


def examples() -> list[str]:
    """All examples of all commands, by their help."""
    found: list[str] = []

    def walk(words: list[str]) -> None:
        text = subprocess.check_output([COMMAND, *words, "--help"], text=True, env=environment())
        if "\nExamples\n" in text:
            found.extend(line.strip() for line in text.split("\nExamples\n")[1].splitlines())
        if not words or "\nCommands\n" in text:
            part = text.split("\nCommands\n")[-1].split("\nOptions\n")[0]
            for name in re.findall(r"^  ([a-z]+)  ", part, re.M):
                walk([*words, name])

    walk([])
    return found


class Examples(unittest.TestCase):
    def test_each_is_taken(self) -> None:
        lines = [line for line in examples() if "completion" not in line]
        self.assertGreater(len(lines), 20)
        for line in lines:
            words = shlex.split(line[line.index("teleai ") :])
            end = min((words.index(mark) for mark in (">", "||", "|") if mark in words), default=None)
            words = words[1:end]
            own = words.index("--") if "--" in words else len(words)
            done = subprocess.run([COMMAND, *words[:own], "--help", *words[own:]], capture_output=True, text=True, env=environment())
            self.assertEqual((done.returncode, done.stderr), (0, ""), line)


class Walk(unittest.TestCase):
    def walk(self, document: str, name: str) -> tuple[str, set[str]]:
        """Runs the blocks of a document, from the first to the last, in a folder with some recordings; returns what was
        printed, and the files that are there then."""
        show = [sys.executable, str(SOURCE / "tests" / "docs" / "blocks.py"), "show", document, name]
        script = subprocess.check_output(show, cwd=SOURCE, text=True)
        with tempfile.TemporaryDirectory(prefix="teleai-walk-") as folder:
            recordings = Path(folder) / "recordings"
            recordings.mkdir()
            for n in range(3):
                with wave.open(str(recordings / f"{n}.wav"), "wb") as sound:
                    sound.setnchannels(1)
                    sound.setsampwidth(2)
                    sound.setframerate(8000)
                    sound.writeframes(bytes([n]) * 16000)
            path = f"{Path(COMMAND).parent}:{os.environ['PATH']}"
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, capture_output=True, text=True,
                                  env=environment(PATH=path), stdin=subprocess.DEVNULL, timeout=240)
            stop = [COMMAND, "local", "stop", f"{folder}/data"]
            subprocess.run(stop, capture_output=True, env=environment())
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return done.stdout, {file.name for file in Path(folder).iterdir()}

    def test_the_page_of_the_command(self) -> None:
        said, files = self.walk("docs/command.md", "walk")
        self.assertIn("Registered 3 of 3 files", said)
        self.assertLessEqual({"backups", "report.html", "stats.json"}, files)

    def test_the_readme(self) -> None:
        said, files = self.walk("README.md", "terminal")
        self.assertIn("Registered 3 of 3 files", said)
        self.assertIn("report.html", files)


if __name__ == "__main__":
    support.main()
