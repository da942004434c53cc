"""When a transaction is worth another try, and how long to wait before it; as teleai_transaction_run() has it."""

from __future__ import annotations

import random
import time

from .enums import Status
from .errors import Error

_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.005, 0.5


class Retries:
    """The tries of one transaction, until the client's time limit has passed."""

    def __init__(self, patience_s: float) -> None:
        self._until = time.monotonic() + patience_s
        self._pause_s = _SHORTEST_PAUSE_S

    def heals(self, error: Error, inside: bool) -> bool:
        """Whether another try can heal it. ``inside``: the commit was not sent, so that what is lost is undone."""
        if error.status not in (Status.ABORTED, Status.UNAVAILABLE) or time.monotonic() >= self._until:
            return False
        if inside and error.status == Status.UNAVAILABLE:
            return True
        return error.retryable and not error.outcome_unknown

    def pause_s(self) -> float:
        """How long to wait before the next one: longer each time."""
        chosen = self._pause_s * random.uniform(0.5, 1.5)
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        return max(0.0, min(chosen, self._until - time.monotonic()))

    def pause(self) -> None:
        time.sleep(self.pause_s())
