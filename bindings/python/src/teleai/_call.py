"""Calls: a function of the library, its arguments, and what to make of what comes back.

A runner does a call: the client at once (client.py), a batch when it is flushed (batch.py), an event loop when the
server has answered (aio). The forms below are all that there are; nouns only put them together.

What the library hands out is freed by its owner: the very variable that the library writes into, made before the call.
An exception can come between any two instructions of Python (a signal's handler may raise): wherever it comes, the
owner goes, and with it what it owns. There is no moment at which the address is somebody's and nobody's.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import PYFUNCTYPE, byref, c_int64, c_void_p, py_object, pythonapi
from typing import Any

from . import _ffi
from ._library import lib
from .enums import Status
from .errors import Error, from_c

# Makes a C function a method. As __del__ it runs no Python, so that nothing can interrupt it.
method_of = PYFUNCTYPE(py_object, py_object)(("PyInstanceMethod_New", pythonapi))


def owner_of(free: str) -> Any:
    """The class of variables that hold what this function of the library frees, and free it when they go."""
    return type(
        f"owner of what {free}() frees", (c_void_p,), {"__slots__": (), "__del__": method_of(getattr(lib, free))}
    )


class HandleOwner(c_void_p):
    """Owns what stays open. ``parent`` is what must not be closed before it, ``slots`` what it still writes into."""

    __slots__ = ("parent", "slots")
    parent: Any
    slots: Any

    def __init__(self, parent: Any = None) -> None:
        super().__init__()
        self.parent = parent


class ClientOwner(HandleOwner):
    """Owns a client."""

    __slots__ = ()
    __del__ = method_of(lib.teleai_close)


class StreamOwner(HandleOwner):
    """Owns a stream."""

    __slots__ = ()
    __del__ = method_of(lib.teleai_stream_close)


class SubscriptionOwner(HandleOwner):
    """Owns a subscription."""

    __slots__ = ()
    __del__ = method_of(lib.teleai_subscription_close)


class JobOwner(HandleOwner):
    """Owns work on a tenant."""

    __slots__ = ()
    __del__ = method_of(lib.teleai_tenant_job_close)


class Take:
    """What becomes of what a function hands out: the class of its owner, and what reads it there."""

    __slots__ = ("owner", "read")

    def __init__(self, free: str, read: Callable[[Any], Any]) -> None:
        self.owner = owner_of(free)
        self.read = read

    def or_none(self) -> Take:
        """The same, of a function that may hand out nothing."""
        made = object.__new__(Take)
        read = self.read
        made.owner, made.read = self.owner, lambda owner: read(owner) if owner.value else None
        return made


class Slot:
    """Where the library writes a number, and an error. Lives until the call is answered."""

    __slots__ = ("__weakref__", "error", "error_ref", "number", "number_ref")

    def __init__(self) -> None:
        self.error = _ffi.teleai_error()
        self.number = c_int64()
        self.error_ref = byref(self.error)
        self.number_ref = byref(self.number)

    def failure(self) -> Error:
        return from_c(self.error)


class Queued(Slot):
    """The slot of an operation of a batch, and the owner of its answer. Until it is queued it counts as cancelled."""

    __slots__ = ("owner",)

    def __init__(self, owner: Any = None) -> None:
        super().__init__()
        self.error.status = Status.CANCELLED
        self.owner = owner
