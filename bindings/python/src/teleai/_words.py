"""The library's messages in the words of this package: its parameters and its methods, durations in seconds."""

from __future__ import annotations

import re
from ctypes import Structure

from . import _ffi

_UNITS = ("_us", "_ms", "_json")
_members = {
    name
    for struct in vars(_ffi).values()
    if isinstance(struct, type) and issubclass(struct, Structure)
    for name, *_ in getattr(struct, "_fields_", ())
    if name.endswith(_UNITS)
}
_RENAMED = {name: name.rsplit("_", 1)[0] for name in sorted(_members)}
_names = re.compile(rf"\b({'|'.join(_RENAMED)})\b")
_bounds = re.compile(r"\b(\w+)_ms is (-?\d+); (-?\d+) (to (\d+)|or more)")
_calls = re.compile(r"\bteleai_((?:migrate|row_security|pool|open|local)\w*)\(\)")


def _seconds(ms: str) -> str:
    return f"{int(ms) / 1000:.15g}"


def _in_seconds(found: re.Match[str]) -> str:
    most = f"to {_seconds(found[5])}" if found[5] else found[4]
    return f"{found[1]} is {_seconds(found[2])}; {_seconds(found[3])} {most} (seconds)"


def parameter(name: str) -> str:
    """What a member of a struct is called here."""
    return _RENAMED.get(name, name)


def message(text: str) -> str:
    """A message of the library's."""
    if "_" not in text:
        return text
    text = _bounds.sub(_in_seconds, text).replace("; milliseconds were expected", "; seconds were expected")
    text = _names.sub(lambda found: _RENAMED[found[1]], text)
    return _calls.sub(lambda found: ("teleai.open" if found[1] == "open" else found[1]) + "()", text)
