"""Batches: many operations in one round trip."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._call import Slot, Take
from ._library import lib
from ._nouns_batch import Nouns
from ._runner import Handles, Runner
from .enums import Status
from .errors import Error

if TYPE_CHECKING:
    pass

T = TypeVar("T")


class Pending(Generic[T]):
    """What a queued operation will give: ``result()``, once the batch is flushed."""

    __slots__ = ("_answer", "_error", "_keep", "_read", "_slot")

    def __init__(self, slot: Slot, read: Callable[[Slot], Any]) -> None:
        self._slot: Slot | None = slot
        self._read = read
        self._answer: Any = None
        self._error: Error | None = None

    def done(self) -> bool:
        """Whether it is answered."""
        return self._slot is None

    def result(self) -> T:
        """The record, or whatever the operation gives; raises what went wrong with it."""
        if self._slot is not None:
            raise RuntimeError("this operation is not answered yet: flush the batch, or leave its with statement")
        if self._error is not None:
            raise self._error
        return self._answer

    def _resolve(self) -> None:
        slot, self._slot = self._slot, None
        assert slot is not None
        if slot.error.status:
            self._error = slot.failure()
        else:
            self._answer = self._read(slot)


class Batch(Runner, Nouns):
    """Operations queued here are sent together by ``flush()``, or when the ``with`` statement ends.

    Each call returns a Pending. See ``Client.batch()``. For one thread at a time.
    """

    _kind = "batch"

    def __init__(self, handle: int, handles: Handles) -> None:
        super().__init__(handle, handles)
        self._pending: list[Pending[Any]] = []
        self._have_nouns()

    def flush(self) -> None:
        """Sends what is queued and waits until all is answered; raises the first failure (``item`` tells which)."""
        slot = Slot()
        try:
            failed = lib.teleai_batch_flush(self._require(), slot.error_ref)
        finally:
            self._settle()
        if failed:
            raise slot.failure()

    def _settle(self) -> None:
        """Reads the answers that are there."""
        waiting: list[Pending[Any]] = []
        for pending in self._pending:
            if pending._slot is not None and pending._slot.error.status == Status.QUEUED:
                waiting.append(pending)
            elif pending._slot is not None:
                pending._resolve()
        self._pending = waiting

    def _one(self, function: Any, take: Take, *arguments: Any, keep: Any = None) -> Any:
        def read(slot: Slot) -> Any:
            return take(slot.out.value)

        return self._queue(function, read, arguments, "out_ref")

    def _number(self, function: Any, *arguments: Any, keep: Any = None) -> Any:
        return self._queue(function, lambda slot: slot.number.value, arguments, "number_ref")

    def _nothing(self, function: Any, *arguments: Any, keep: Any = None) -> Any:
        return self._queue(function, lambda slot: None, arguments, None)

    def _queue(self, function: Any, read: Callable[[Slot], Any], arguments: tuple[Any, ...], out: str | None) -> Any:
        slot = Slot()
        outs = () if out is None else (getattr(slot, out),)
        if function(self._require(), *arguments, *outs, slot.error_ref):
            raise slot.failure()
        pending: Pending[Any] = Pending(slot, read)
        self._pending.append(pending)
        return pending

    def close(self) -> None:
        """Drops what is queued, and closes the batch."""
        self._close()
        self._settle()

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            self.close()

    def __del__(self) -> None:
        handle, self._handle = self.__dict__.get("_handle"), None
        if handle is not None:
            lib.teleai_close(handle)
