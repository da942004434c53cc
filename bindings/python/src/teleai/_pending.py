"""What an operation gives that is not sent yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ._call import Queued
from .errors import Error

T = TypeVar("T")


class Pending(Generic[T]):
    """What a queued operation will give: ``result()``, once the batch is flushed."""

    __slots__ = ("_answer", "_error", "_looked_at", "_read", "_slot", "_writes")

    def __init__(self, slot: Queued, read: Callable[[Queued], Any], writes: bool) -> None:
        self._slot: Queued | None = slot
        self._read = read
        self._writes = writes
        self._answer: Any = None
        self._error: Error | None = None
        self._looked_at = False

    def done(self) -> bool:
        """Whether it is answered."""
        return self._slot is None

    def result(self) -> T:
        """The record, or whatever the operation gives; raises what went wrong with it."""
        error = self.error()
        if error is not None:
            raise error
        return self._answer

    def error(self) -> Error | None:
        """What went wrong with it; None: nothing did."""
        if self._slot is not None:
            raise RuntimeError("this operation is not answered yet: flush the batch, or leave its with statement")
        self._looked_at = True
        return self._error

    def _resolve(self) -> None:
        slot = self._slot
        assert slot is not None
        if slot.error.status:
            self._error = slot.failure()
        else:
            self._answer = self._read(slot)
        self._slot = None
