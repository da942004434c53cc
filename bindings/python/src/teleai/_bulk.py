"""Creating any number of rows in the memory of some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from ctypes import addressof, sizeof
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _ffi
from .errors import Error, from_c

if TYPE_CHECKING:
    from ._noun import Noun


class CreateResult(NamedTuple):
    """What became of a create_many(): how many rows were made, and with ``keep_good`` why others were not.

    An error's ``item`` is the place of its row in the iterable, from 0.
    """

    created: int
    failures: list[Error]


def create_many(noun: Noun, rows: Iterable[Mapping[str, Any]], keep_good: bool, chunk_rows: int) -> CreateResult:
    """See Noun.create_many: one transaction around all chunks, or with keep_good one each."""
    if not isinstance(chunk_rows, int) or chunk_rows < 1:
        raise ValueError("chunk_rows was expected to be 1 or more")
    source = iter(rows)
    chunk = list(islice(source, chunk_rows))
    if len(chunk) < chunk_rows or keep_good:
        return _in_chunks(noun, noun._runner, chunk, source, keep_good, chunk_rows)
    with noun._runner.transaction() as transaction:
        return _in_chunks(noun, transaction, chunk, source, keep_good, chunk_rows)


def _in_chunks(
    noun: Noun, runner: Any, rows: list[Mapping[str, Any]], source: Any, keep_good: bool, chunk_rows: int
) -> CreateResult:
    """One chunk after the other; the next is made ready while the server writes one."""
    if not rows:
        return CreateResult(0, [])
    chunk = _Chunk(noun, rows, keep_good, 0)
    if len(rows) < chunk_rows:
        return CreateResult(*chunk.write(runner))
    created, failures = 0, []
    with ThreadPoolExecutor(1, "teleai-create-many") as writer:
        while True:
            writing = writer.submit(chunk.write, runner)
            try:
                rows = list(islice(source, chunk_rows))
                following = _Chunk(noun, rows, keep_good, chunk.before + chunk.count)
            finally:
                made, bad = writing.result()
            created += made
            failures += bad
            if not rows:
                return CreateResult(created, failures)
            chunk = following


class _Chunk:
    """Some rows as the library takes them; `before` so many of the same create_many()."""

    def __init__(self, noun: Noun, rows: list[Mapping[str, Any]], keep_good: bool, before: int) -> None:
        self.table, self.keep_good, self.before, self.count = noun._table, keep_good, before, len(rows)
        self.inputs = self.table.input.array(rows, "create_many")

    def write(self, runner: Any) -> tuple[int, list[Error]]:
        """How many were made, and what was wrong with the others."""
        count = self.count
        options = _ffi.teleai_create_many_options()
        options.struct_size = sizeof(options)
        errors = (_ffi.teleai_error * count)() if self.keep_good else None
        if errors is not None:
            options.keep_good = True
            options.errors = addressof(errors)
        try:
            runner._nothing(
                self.table.create_many, addressof(self.inputs), count, addressof(options), None, keep=self.inputs
            )
        except Error as error:
            if error.item is not None and not self.keep_good:
                error.item += self.before
            if not self.keep_good or not any(e.status for e in errors or ()):
                raise
        if errors is None:
            return count, []
        failures = []
        for place, error_ in enumerate(errors):
            if error_.status:
                failure = from_c(error_)
                failure.item = self.before + place
                failures.append(failure)
        return count - len(failures), failures
