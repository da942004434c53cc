"""Subscriptions: being told at once, with LISTEN and NOTIFY, that there is something to look at."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from ctypes import c_char_p
from typing import TYPE_CHECKING

from ._call import SubscriptionOwner
from ._inputs import milliseconds
from ._library import lib
from ._noun import text_array
from ._runner import Handles, Runner
from ._server_records import Notification
from .errors import Closed, Timeout

if TYPE_CHECKING:
    from ._types import Duration

_PIECE_MS = 500


class Subscription(Runner):
    """Ears on some channels, for one thread at a time (any may close it), on a connection of its own.

    >>> with db.listen("jobs") as jobs:
    ...     db.notify("jobs", "a new one")
    ...     jobs.next(timeout=10).payload
    'a new one'
    """

    _kind = "subscription"

    def __init__(self, runner: Runner, channels: Sequence[str]) -> None:
        array = text_array("channels", channels)
        hold = runner._own(SubscriptionOwner, lib.teleai_subscription_open, array, len(array), keep=(array, c_char_p))
        # Handles of its own, and not of the client, whose close() does not wait for it but ends it.
        super().__init__(hold, Handles())

    def next(self, timeout: Duration | None = None) -> Notification:
        """The next notification; Timeout when nothing was said meanwhile, None waits for ever (interruptibly)."""
        left = None if timeout is None else milliseconds("timeout", timeout)
        while True:  # in pieces, so that close() and a signal such as Ctrl-C are heeded
            piece = _PIECE_MS if left is None else min(left, _PIECE_MS)
            try:
                return self._next(piece)
            except Timeout:
                if left is not None:
                    left -= piece
                    if left <= 0:
                        raise

    def _next(self, timeout_ms: int) -> Notification:
        return self._one(lib.teleai_subscription_next, Notification._take, timeout_ms)

    def __iter__(self) -> Iterator[Notification]:
        while self._is_open:
            try:
                said = self.next()
            except Closed:
                if not self._is_open:
                    return
                raise
            yield said

    def fileno(self) -> int:
        """The socket to watch for reading, -1 while there is none; when it is ready call ``next(0)``."""
        if not self._is_open:
            return -1
        return int(lib.teleai_subscription_socket(self._require()))

    def close(self) -> None:
        """Stops listening; a ``next()`` that waits in another thread raises Closed within half a second."""
        self._close()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if self.__dict__.get("_hold"):
            warnings.warn("a teleai subscription was not closed", ResourceWarning, 2)
