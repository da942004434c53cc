"""The examples in docstrings run as they are printed."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

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


def test_there_are_examples() -> None:
    assert len(examples()) >= 10
