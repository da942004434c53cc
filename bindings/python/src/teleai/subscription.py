"""Subscriptions: being told at once, with LISTEN and NOTIFY, that there is something to look at."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from ctypes import c_char_p
from typing import TYPE_CHECKING

from ._library import lib
from ._noun import text_array
from .errors import Timeout
from .records import Notification

if TYPE_CHECKING:
    from ._runner import Runner
    from ._types import Duration


class Subscription:
    """Ears on some channels, for one thread at a time, on a connection of its own.

    >>> with db.listen("jobs") as jobs:
    ...     db.notify("jobs", "a new one")
    ...     jobs.next(timeout=10).payload
    'a new one'
    """

    _handle: int | None = None

    def __init__(self, runner: Runner, channels: Sequence[str]) -> None:
        self._runner = runner
        array = text_array("channels", channels)
        self._handle = runner._one(
            lib.teleai_subscription_open, lambda address: address, array, len(array), keep=(array, c_char_p)
        )

    def next(self, timeout: Duration | None = None) -> Notification:
        """The next notification; Timeout when nothing was said meanwhile, None waits for ever (interruptibly)."""
        from ._inputs import milliseconds

        if timeout is not None:
            return self._next(milliseconds("timeout", timeout))
        while True:  # in pieces, so that a signal such as Ctrl-C is heeded
            try:
                return self._next(500)
            except Timeout:
                continue

    def _next(self, timeout_ms: int) -> Notification:
        return self._runner._one_of(lib.teleai_subscription_next, Notification._take, self._handle, timeout_ms)

    def __iter__(self) -> Iterator[Notification]:
        while self._handle is not None:
            yield self.next()

    def fileno(self) -> int:
        """The socket to watch for reading, -1 while there is none; when it is ready call ``next(0)``."""
        return int(lib.teleai_subscription_socket(self._handle))

    def close(self) -> None:
        """Stops listening."""
        handle, self._handle = self._handle, None
        if handle is not None:
            lib.teleai_subscription_close(handle)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if self._handle is not None:
            warnings.warn("a teleai subscription was not closed", ResourceWarning, 2)
            self.close()
