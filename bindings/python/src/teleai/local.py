"""The private PostgreSQL of ``local:DIR``, kept running for programs that come and go; and connection strings."""

from __future__ import annotations

import os
from ctypes import addressof, byref, c_bool
from typing import TYPE_CHECKING, Any, Union

from . import _ffi
from ._call import Slot
from ._inputs import InputType, path_bytes, text_bytes
from ._library import lib
from .records import ConnectionSetting, LocalStatus

if TYPE_CHECKING:
    from ._record import Page
    from ._types import Duration

Folder = Union[str, "os.PathLike[str]"]
_options = InputType(_ffi.teleai_local_options, "local")


def _run(function: Any, folder: Folder, values: dict[str, Any], *outs: Any) -> None:
    made, slot = _options.make(values), Slot()
    if function(path_bytes("folder", folder), addressof(made), *outs, slot.error_ref):
        raise slot.failure()


def local_start(folder: Folder, *, timeout: Duration | None = None) -> None:
    """Starts the server of a folder, made on first use, and keeps it running until ``local_stop()``."""
    _run(lib.teleai_local_start, folder, {"timeout": timeout})


def local_stop(folder: Folder, *, stop_in_use: bool = False, timeout: Duration | None = None) -> bool:
    """Stops it, once no program has the folder open (with ``stop_in_use`` at once); whether it still runs."""
    running = c_bool()
    _run(lib.teleai_local_stop, folder, {"timeout": timeout, "stop_in_use": stop_in_use}, byref(running))
    return running.value


def local_status(folder: Folder, *, timeout: Duration | None = None) -> LocalStatus:
    """How it stands; starts nothing."""
    slot = Slot()
    made = _options.make({"timeout": timeout})
    if lib.teleai_local_status_get(path_bytes("folder", folder), addressof(made), slot.out_ref, slot.error_ref):
        raise slot.failure()
    return LocalStatus._take(slot.out.value or 0)


def connection_settings(connection: str) -> Page[ConnectionSetting]:
    """The parts of a libpq connection string, to hand to PostgreSQL's programs: passwords in the environment.

    >>> sorted((part.keyword, part.variable) for part in teleai.connection_settings("host=db password=secret"))
    [('host', 'PGHOST'), ('password', 'PGPASSWORD')]
    """
    slot = Slot()
    if lib.teleai_connection_settings_read(text_bytes("connection", connection), slot.out_ref, slot.error_ref):
        raise slot.failure()
    return ConnectionSetting._take_list(slot.out.value or 0)
