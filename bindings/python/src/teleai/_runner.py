"""The blocking runner: does a call at once, on any kind of client."""

from __future__ import annotations

import time
import warnings
from typing import Any

from ._call import Slot, Take
from ._library import lib
from .errors import Closed


class Handles:
    """What the clients that come from one teleai_open() share: slots, which tell how many calls are inside."""

    def __init__(self) -> None:
        self.free: list[Slot] = []
        self.made = 0

    def more(self) -> Slot:
        self.made += 1
        return Slot()

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether no call is inside any more."""
        until = time.monotonic() + seconds
        while len(self.free) < self.made:
            if time.monotonic() > until:
                return False
            time.sleep(0.001)
        return True


class Runner:
    """A client's handle, and the forms of calls."""

    _kind = "client"

    def __init__(self, handle: int | None, handles: Handles) -> None:
        self._handle = handle
        self._handles = handles
        self._free = handles.free

    def _slot(self) -> Slot:
        try:
            return self._free.pop()
        except IndexError:
            return self._handles.more()

    def _one(self, function: Any, take: Take, *arguments: Any, keep: Any = None) -> Any:
        """Of what the library hands out through a pointer."""
        return self._one_of(function, take, self._require(), *arguments)

    def _one_of(self, function: Any, take: Take, handle: int | None, *arguments: Any) -> Any:
        slot = self._slot()
        try:
            if function(handle, *arguments, slot.out_ref, slot.error_ref):
                raise slot.failure()
            address = slot.out.value
        finally:
            self._free.append(slot)
        return take(address)

    def _number(self, function: Any, *arguments: Any, keep: Any = None) -> int:
        """Of a count."""
        slot = self._slot()
        try:
            if function(self._require(), *arguments, slot.number_ref, slot.error_ref):
                raise slot.failure()
            return slot.number.value
        finally:
            self._free.append(slot)

    def _nothing(self, function: Any, *arguments: Any, keep: Any = None) -> None:
        """Of no answer but that it is done."""
        slot = self._slot()
        try:
            if function(self._require(), *arguments, slot.error_ref):
                raise slot.failure()
        finally:
            self._free.append(slot)

    def _require(self) -> int:
        handle = self._handle
        if handle is None:
            raise Closed(f"the {self._kind} is closed")
        return handle

    def _close(self, wait_s: float = 60.0) -> None:
        """Takes the handle away from new calls, waits for those inside, and closes it."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        if not self._handles.wait_until_idle(wait_s):
            warnings.warn(
                f"a teleai {self._kind} is still in use by another thread and was not closed", ResourceWarning, 3
            )
            return
        lib.teleai_close(handle)
