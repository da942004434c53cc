"""The examples of the help: every one is a command line that the command takes."""

from __future__ import annotations

import re
import shlex
import subprocess
import unittest

import support
from support import COMMAND, environment


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
            words = words[1 : words.index(">") if ">" in words else None]
            own = words.index("--") if "--" in words else len(words)
            done = subprocess.run([COMMAND, *words[:own], "--help", *words[own:]], capture_output=True, text=True, env=environment())
            self.assertEqual((done.returncode, done.stderr), (0, ""), line)


if __name__ == "__main__":
    support.main()
