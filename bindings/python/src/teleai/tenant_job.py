"""Taking a tenant out, in and away, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import addressof
from typing import Any

from . import _ffi
from ._call import JobOwner
from ._library import lib
from ._runner import Runner
from .records import TenantProgress


class TenantJob(Runner):
    """Work on all rows of a tenant: iterate to do it, and to see how far it is; or ``run()`` it to its end."""

    _kind = "job"

    def __init__(self, runner: Runner, function: Any, *arguments: Any) -> None:
        super().__init__(runner._own(JobOwner, function, *arguments), runner._handles.derive())

    def __iter__(self) -> Iterator[TenantProgress]:
        while True:
            progress = self.step()
            yield progress
            if progress.done:
                self.close()
                return

    def step(self) -> TenantProgress:
        """Does some of it, a second's work at most as a rule."""
        made = _ffi.teleai_tenant_progress()
        self._nothing(lib.teleai_tenant_job_step, addressof(made), keep=made)
        return TenantProgress._of(TenantProgress._layout.read(addressof(made)))

    def run(self) -> TenantProgress:
        """Does all of it, and tells the final count."""
        progress = self.step()
        while not progress.done:
            progress = self.step()
        self.close()
        return progress

    def close(self) -> None:
        """Ends it."""
        self._close()

    def __enter__(self) -> TenantJob:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
