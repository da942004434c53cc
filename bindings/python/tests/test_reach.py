"""Whatever the header offers can be reached from Python, but for what is listed here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import teleai
from teleai import _ffi
from teleai._noun import Noun, Table
from teleai._record import Record

ON_PURPOSE = {
    "teleai_uuid_parse": "uuid.UUID does",
    "teleai_uuid_format": "str(uuid.UUID) does",
    "teleai_uuid_equal": "uuid.UUID compares",
    "teleai_transaction_run": "run_in_transaction() does the same around a function of Python (_retry.py)",
    "teleai_batch_pending": "a batch of Python keeps its Pendings itself",
    "teleai_metrics_text": "teleai_metrics_text_as() gives that form too",
}


def every(kind: type[Any]) -> set[type[Any]]:
    return {kind}.union(*(every(sub) for sub in kind.__subclasses__()))


def reached() -> set[str]:
    """Functions that the package names, and those that it puts together from the names of nouns and records."""
    source = "".join(path.read_text() for path in Path(teleai.__file__).parent.glob("*.py") if path.name != "_ffi.py")
    named = set(re.findall(r"(?:\blib\.|[\"'])(teleai_\w+)", source))
    tables = [noun._table for noun in every(Noun) if isinstance(getattr(noun, "_table", None), Table)]
    made = [value for table in tables for value in vars(table).values()]
    made += [getattr(record, "_to_arrow", None) for record in every(Record)]
    return named | {value.__name__ for value in made if hasattr(value, "__name__")}


def test_every_function_is_reached() -> None:
    names = {name for name in _ffi.FUNCTIONS if name.endswith("_name")}  # members of enums.py name themselves
    assert _ffi.FUNCTIONS.keys() - reached() == ON_PURPOSE.keys() | names


def test_every_function_of_a_noun_has_a_method() -> None:
    """And not only a place in a table."""
    for noun in every(Noun):
        table = getattr(noun, "_table", None)
        if not isinstance(table, Table) or noun.__module__ not in ("teleai._accounts", "teleai._recordings"):
            continue
        for verb in ("create", "create_many", "get", "get_many", "update", "delete", "list", "count", "stream"):
            names = {verb, "create_list"} if verb == "create_many" else {verb}
            if getattr(table, verb) is not None:
                assert names & vars(noun).keys(), (noun.__name__, verb)
