"""Finds libteleai, loads it, and refuses one that does not fit these declarations."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from pathlib import Path

from . import _ffi

_NAMES = ("libteleai.so.0", "libteleai.0.dylib")
_WANTED = (_ffi.TELEAI_VERSION_MAJOR, _ffi.TELEAI_VERSION_MINOR)


def _open() -> tuple[ctypes.CDLL, str]:
    """The library beside this file, else where TELEAI_LIBRARY says, else where the system looks."""
    here = Path(__file__).parent
    for name in _NAMES:
        if (here / name).exists():
            return _load(str(here / name), "which this package carries"), str(here / name)
    chosen = os.environ.get("TELEAI_LIBRARY")
    if chosen:
        return _load(chosen, "which TELEAI_LIBRARY names"), chosen
    tried = [name for name in (*_NAMES, ctypes.util.find_library("teleai")) if name]
    for name in tried:
        try:
            return ctypes.CDLL(name), name
        except OSError:
            continue
    raise ImportError(
        f"libteleai is not found (tried {', '.join(tried)}). Install it (cmake --install, or the package libteleai0) "
        "and run ldconfig, install a wheel that carries it, or set TELEAI_LIBRARY to the file"
    )


def _load(file: str, whence: str) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(file)
    except OSError as error:
        raise ImportError(f"libteleai, {whence}, cannot be loaded: {error}") from None


def _check(library: ctypes.CDLL, name: str) -> None:
    try:
        version = library.teleai_version
    except AttributeError:
        raise ImportError(f"{name} is no libteleai: it has no teleai_version()") from None
    version.restype = ctypes.c_char_p
    text = version().decode()
    major, minor = (int(part) for part in text.split(".")[:2])
    if major != _WANTED[0] or minor < _WANTED[1]:
        raise ImportError(
            f"{name} is libteleai {text}; this package needs {_WANTED[0]}.{_WANTED[1]} or a later {_WANTED[0]}.x. "
            "Install both of the same version, or point TELEAI_LIBRARY to another file"
        )


def load() -> ctypes.CDLL:
    """Loads the library and tells it the types of all functions."""
    library, name = _open()
    _check(library, name)
    for function, (result, arguments) in _ffi.FUNCTIONS.items():
        try:
            declared = getattr(library, function)
        except AttributeError:
            raise ImportError(
                f"{name} has no {function}(); install the version that this package was made for"
            ) from None
        declared.restype = result
        declared.argtypes = arguments
    return library


lib = load()
