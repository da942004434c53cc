"""Taking a tenant out, in and away, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import addressof
from typing import TYPE_CHECKING, Any

from . import _ffi
from ._library import lib
from .records import TenantProgress

if TYPE_CHECKING:
    from ._runner import Runner


class TenantJob:
    """Work on all rows of a tenant: iterate to do it, and to see how far it is; or ``run()`` it to its end."""

    _handle: int | None = None

    def __init__(self, runner: Runner, function: Any, *arguments: Any) -> None:
        self._runner = runner
        self._handle = runner._one(function, lambda address: address, *arguments)

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
        slot = self._runner._slot()
        try:
            if lib.teleai_tenant_job_step(self._handle, addressof(made), slot.error_ref):
                raise slot.failure()
        finally:
            self._runner._free.append(slot)
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
        handle, self._handle = self._handle, None
        if handle is not None:
            lib.teleai_tenant_job_close(handle)

    def __enter__(self) -> TenantJob:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()
