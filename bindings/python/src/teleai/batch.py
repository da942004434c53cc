"""Batches: many operations in one round trip."""

from __future__ import annotations

import re
from collections.abc import Callable
from ctypes import byref
from typing import Any

from ._call import Queued, Slot, Take
from ._callback import kept, raise_kept
from ._library import lib
from ._nouns_batch import Nouns
from ._pending import Pending
from ._runner import Handles, Runner
from .enums import Status
from .errors import BatchError

# What changes nothing: when it fails, only who wants its result needs to know.
_READS = re.compile(r"_(get|get_many|get_by_\w+|list|count|check)\Z|\Ateleai_(search|ping)")


class Batch(Runner, Nouns):
    """Operations queued here are sent together by ``flush()``, or when the ``with`` statement ends.

    Each call returns a Pending, which has the operation's own result or error. A read that fails (NotFound) tells only
    who takes its result. Writes that failed, and whose ``result()`` or ``error()`` was not looked at, raise BatchError
    at the end of the ``with`` statement. See ``Client.batch()``. For one thread at a time.
    """

    _kind = "batch"

    def __init__(self, hold: list[Any], handles: Handles, atomic: bool) -> None:
        super().__init__(hold, handles)
        self._pending: list[Pending[Any]] = []
        self._failed: list[Pending[Any]] = []  # writes
        self._atomic, self._entered = atomic, False
        # The library writes into the slots until the batch is closed: its owner keeps them.
        self._slots: set[Queued] = set()
        hold[0].slots = self._slots

    def flush(self) -> None:
        """Sends what is queued and waits until all is answered; then each Pending has its result or error.

        Raises what undid an atomic batch. Outside of a ``with`` statement it raises BatchError for writes that failed.
        """
        slot = Slot()
        try:
            failed = lib.teleai_batch_flush(self._require(), slot.error_ref)
        finally:
            answered = self._settle()
        raise_kept()
        if failed:
            self._raise(slot, answered)

    def _raise(self, slot: Slot, answered: list[Pending[Any]]) -> None:
        """Raises what went wrong with all, or what nothing else would tell."""
        writes = [pending for pending in answered if pending._error is not None and pending._writes]
        if (self._atomic and writes) or not any(pending._error for pending in answered):
            self._failed = [pending for pending in self._failed if pending not in writes]
            raise slot.failure()
        if not self._entered:
            self._raise_unseen()

    def _settle(self) -> list[Pending[Any]]:
        """Reads the answers that are there, and returns whose they are."""
        waiting: list[Pending[Any]] = []
        answered: list[Pending[Any]] = []
        for pending in self._pending:
            slot = pending._slot
            if slot is None:
                continue
            if slot.error.status == Status.QUEUED:
                waiting.append(pending)
                continue
            pending._resolve()
            self._slots.discard(slot)
            answered.append(pending)
            if pending._error is not None and pending._writes:
                self._failed.append(pending)
        self._pending = waiting
        return answered

    def _one(self, function: Any, take: Take, *arguments: Any, keep: Any = None) -> Any:
        slot = Queued(take.owner())
        return self._queue(function, slot, lambda slot: take.read(slot.owner), *arguments, byref(slot.owner))

    def _number(self, function: Any, *arguments: Any, keep: Any = None) -> Any:
        slot = Queued()
        return self._queue(function, slot, lambda slot: slot.number.value, *arguments, slot.number_ref)

    def _nothing(self, function: Any, *arguments: Any, keep: Any = None) -> Any:
        return self._queue(function, Queued(), lambda slot: None, *arguments)

    def _queue(self, function: Any, slot: Queued, read: Callable[[Queued], Any], *arguments: Any) -> Any:
        pending: Pending[Any] = Pending(slot, read, _READS.search(function.__name__) is None)
        self._slots.add(slot)
        self._pending.append(pending)
        if function(self._require(), *arguments, slot.error_ref) or kept.raised is not None:
            raise_kept()
            self._pending.remove(pending)
            self._slots.discard(slot)
            raise slot.failure()
        return pending

    def close(self) -> None:
        """Drops what is queued, and closes the batch."""
        self._close()
        self._settle()

    def _raise_unseen(self) -> None:
        failed, self._failed = self._failed, []
        unseen = [pending._error for pending in failed if pending._error is not None and not pending._looked_at]
        if unseen:
            raise BatchError(unseen)

    def __enter__(self) -> Batch:
        self._entered = True
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            self.close()
        if kind is None:
            self._raise_unseen()
