"""The blocking runner: does a call at once, on any kind of client."""

from __future__ import annotations

import os
import sys
import time
import warnings
import weakref
from ctypes import byref
from typing import Any

from ._call import ClientOwner, Slot, Take
from ._callback import kept, raise_kept
from .errors import Closed


class Handles:
    """Slots to reuse for the calls on one client, and whether calls are inside, also on the clients that come from it.

    A call that is inside refers to the client's owner, as its argument; nothing else does but the list that holds it,
    so that no exception's frames count as a call.
    """

    __slots__ = ("__weakref__", "_children", "_process", "free", "hold")

    def __init__(self) -> None:
        self.free: list[Slot] = []
        self.hold: list[Any] = []
        self._children: list[weakref.ref[Handles]] = []
        self._process = os.getpid()

    def derive(self) -> Handles:
        """Those of a client that comes from this one."""
        made = Handles()
        self._children = [child for child in self._children if child() is not None]
        self._children.append(weakref.ref(made))
        return made

    def take(self) -> Slot:
        """A slot for one call, to be appended to ``free`` after it."""
        try:
            kept.raised  # noqa: B018 (this thread's part of it is made before the call)
            return self.free.pop()
        except IndexError:
            return Slot()

    def idle(self) -> bool:
        """Whether no call is inside. In a forked process none is: the threads that were have stayed behind."""
        if self._process != os.getpid():
            return True
        if any(sys.getrefcount(self.hold[place]) > _AT_REST for place in range(len(self.hold))):
            return False
        return all(child is None or child.idle() for child in [one() for one in self._children])

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether no call is inside any more."""
        until = time.monotonic() + seconds
        while not self.idle():
            if time.monotonic() > until:
                return False
            time.sleep(0.001)
        return True


_AT_REST = sys.getrefcount([object()][0]) + 1  # the list's, and that of who asks


class Held:
    """Something of the library's that is open until it is closed, and the slots of the calls on it.

    The list has its owner, and nothing else but the calls under way: emptying it, or losing it, closes the thing once
    no call is inside.
    """

    _kind = "client"

    def __init__(self, hold: list[Any], handles: Handles) -> None:
        handles.hold = self._hold = hold
        self._handles = handles

    def _require(self) -> Any:
        try:
            return self._hold[0]
        except IndexError:
            raise Closed(f"the {self._kind} is closed") from None

    @property
    def _is_open(self) -> bool:
        return bool(self._hold)

    def _close(self, wait_s: float = 60.0) -> None:
        """Takes it away from new calls, waits for those inside, and closes it."""
        hold, self._hold = self._hold, []
        if not hold:
            return
        if not self._handles.wait_until_idle(wait_s):
            warnings.warn(
                f"a teleai {self._kind} is still in use by another thread and is closed when that is done",
                ResourceWarning,
                3,
            )
            return
        hold.clear()
        if kept.raised is not None:
            raise_kept()


class Runner(Held):
    """A client's handle, and the forms of calls. A call takes its slot first: from then on closing waits for it."""

    def __init__(self, hold: list[Any], handles: Handles) -> None:
        super().__init__(hold, handles)
        self._free = handles.free
        self._slot = handles.take

    def _one(self, function: Any, take: Take, *arguments: Any, keep: Any = None) -> Any:
        """Of what the library hands out through a pointer."""
        slot = self._slot()
        owner = take.owner()
        try:
            if function(self._require(), *arguments, byref(owner), slot.error_ref) or kept.raised is not None:
                raise_kept()
                raise slot.failure()
            return take.read(owner)
        finally:
            self._free.append(slot)
            del owner

    def _own(self, kind: Any, function: Any, *arguments: Any, keep: Any = None) -> list[Any]:
        """Of something that stays open: a list that holds its owner, of this kind."""
        owner = kind(self._hold)
        slot = self._slot()
        try:
            if function(self._require(), *arguments, byref(owner), slot.error_ref) or kept.raised is not None:
                raise_kept()
                raise slot.failure()
            return [owner]
        finally:
            self._free.append(slot)
            del owner

    def _number(self, function: Any, *arguments: Any, keep: Any = None) -> int:
        """Of a count."""
        slot = self._slot()
        try:
            if function(self._require(), *arguments, slot.number_ref, slot.error_ref) or kept.raised is not None:
                raise_kept()
                raise slot.failure()
            return slot.number.value
        finally:
            self._free.append(slot)

    def _nothing(self, function: Any, *arguments: Any, keep: Any = None) -> None:
        """Of no answer but that it is done."""
        slot = self._slot()
        try:
            if function(self._require(), *arguments, slot.error_ref) or kept.raised is not None:
                raise_kept()
                raise slot.failure()
        finally:
            self._free.append(slot)

    def _derive(self, function: Any, *arguments: Any) -> list[Any]:
        """Of a client that comes from this one."""
        return self._own(ClientOwner, function, *arguments)
