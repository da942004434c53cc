"""The examples in docstrings, and the blocks of the README, run as they are printed."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SOURCE

import teleai

MODULES = sorted(f"teleai.{module.name}" for module in pkgutil.iter_modules(teleai.__path__))


def examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder()
    found = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    return list({test.name: test for test in found}.values())


@pytest.mark.parametrize("test", examples(), ids=lambda test: test.name)
def test_example(test: doctest.DocTest, db: teleai.Client, connection: str) -> None:
    test.globs = {"db": db, "connection": connection, "teleai": teleai}
    output: list[str] = []
    failures, tried = doctest.DocTestRunner().run(test, out=output.append)
    assert tried
    assert not failures, "".join(output)


def test_the_readme(
    db: teleai.Client,
    connection: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    db.users.create(email="ann@example.org", full_name="Ann")
    blocks: list[str | Path] = [
        sys.executable,
        SOURCE / "tests" / "docs" / "blocks.py",
        "show",
        SOURCE / "bindings/python/README.md",
    ]
    for name in ("errors", "together", "loop", "tables"):
        shown = subprocess.run([*blocks, name], check=True, capture_output=True, text=True).stdout
        exec(compile(shown, name, "exec"), {"db": db, "connection": connection, "teleai": teleai})
    assert capsys.readouterr().out == "users_email_key is taken\n0 1\n1 0\n"
    assert (tmp_path / "transcriptions.parquet").exists()


def test_there_are_examples() -> None:
    assert len(examples()) >= 10
