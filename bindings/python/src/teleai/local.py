"""The private PostgreSQL of ``local:DIR``, kept running for programs that come and go; and connection strings."""

from __future__ import annotations

import os
from ctypes import addressof, byref, c_bool
from typing import TYPE_CHECKING, Any, Union

from . import _ffi
from ._call import Slot
from ._callback import interrupt_hook, kept, raise_kept
from ._inputs import InputType, path_bytes, text_bytes
from ._library import lib
from ._secret import Secret
from ._server_records import ConnectionSetting, LocalStatus

if TYPE_CHECKING:
    from ._record import Page
    from ._types import Duration

Folder = Union[str, "os.PathLike[str]"]
_options = InputType(_ffi.teleai_local_options, "local")


def _do(function: Any, *arguments: Any) -> None:
    slot = Slot()
    raise_kept()  # of this thread, whose part is made before the call
    if function(*arguments, slot.error_ref) or kept.raised is not None:
        raise_kept()
        raise slot.failure()


def _run(function: Any, folder: Folder, values: dict[str, Any], *outs: Any) -> None:
    made = _options.make(values)
    made.interrupt_hook = interrupt_hook
    _do(function, path_bytes("folder", folder), addressof(made), *outs)


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
    owner = LocalStatus._take.owner()
    _run(lib.teleai_local_status_get, folder, {"timeout": timeout}, byref(owner))
    return LocalStatus._take.read(owner)


def connection_settings(connection: str) -> Page[ConnectionSetting]:
    """The parts of a libpq connection string, to hand to PostgreSQL's programs: passwords in the environment.

    >>> sorted((part.keyword, part.variable) for part in teleai.connection_settings("host=db password=secret"))
    [('host', 'PGHOST'), ('password', 'PGPASSWORD')]
    """
    given = Secret(connection)
    del connection
    owner = ConnectionSetting._take_list.owner()
    _do(lib.teleai_connection_settings_read, text_bytes("connection", given), byref(owner))
    return ConnectionSetting._take_list.read(owner)
