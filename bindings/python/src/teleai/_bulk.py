"""Creating any number of rows in the memory of some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    noun: Noun, runner: Any, chunk: list[Mapping[str, Any]], source: Any, keep_good: bool, chunk_rows: int
) -> CreateResult:
    created, before, failures = 0, 0, []
    while chunk:
        made, bad = _one_chunk(noun, runner, chunk, keep_good, before)
        created += made
        failures += bad
        before += len(chunk)
        chunk = list(islice(source, chunk_rows))
    return CreateResult(created, failures)


def _one_chunk(
    noun: Noun, runner: Any, chunk: list[Mapping[str, Any]], keep_good: bool, before: int
) -> tuple[int, list[Error]]:
    table = noun._table
    inputs = table.input.array(chunk, len(chunk))
    options = _ffi.teleai_create_many_options()
    options.struct_size = sizeof(options)
    errors = (_ffi.teleai_error * len(chunk))() if keep_good else None
    if errors is not None:
        options.keep_good = True
        options.errors = addressof(errors)
    try:
        runner._nothing(table.create_many, addressof(inputs), len(chunk), addressof(options), None, keep=inputs)
    except Error as error:
        if error.item is not None and not keep_good:
            error.item += before
        if not keep_good or not any(e.status for e in errors or ()):
            raise
    if errors is None:
        return len(chunk), []
    failures = []
    for place, error_ in enumerate(errors):
        if error_.status:
            failure = from_c(error_)
            failure.item = before + place
            failures.append(failure)
    return len(chunk) - len(failures), failures
