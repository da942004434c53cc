"""Calls: a function of the library, its arguments, and what to make of what comes back.

A runner does a call: the client at once (client.py), a batch when it is flushed (batch.py), an event loop when the
server has answered (aio). The four forms below are all that there are; nouns only put them together.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import byref, c_int64, c_void_p
from typing import Any

from . import _ffi
from .errors import Error, from_c


class Slot:
    """Where the library writes an answer: a pointer or number, and an error. Lives until the call is answered."""

    __slots__ = ("__weakref__", "error", "error_ref", "number", "number_ref", "out", "out_ref")

    def __init__(self) -> None:
        self.error = _ffi.teleai_error()
        self.out = c_void_p()
        self.number = c_int64()
        self.error_ref = byref(self.error)
        self.out_ref = byref(self.out)
        self.number_ref = byref(self.number)

    def failure(self) -> Error:
        return from_c(self.error)


Take = Callable[[Any], Any]
"""From an address that the library handed out to what the caller gets; frees what is there."""
