"""Passwords, tokens and connection strings, which no traceback with local variables is to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ctypes import c_char_p
from typing import Any

NAMES = frozenset(("password", "connection", "replica_connection", "token"))


class Secret:
    """A value that does not show. Made at the first line of what is given a secret, in the variable's own place."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value: Any = value._value if isinstance(value, Secret) else value

    def __repr__(self) -> str:
        return "<hidden>"

    def __reduce__(self) -> Any:
        raise TypeError("a secret cannot be copied out")

    def encode(self) -> bytes:
        """As UTF-8."""
        encoded: bytes = self._value.encode()
        return encoded

    def has_nul(self) -> bool:
        """Whether C would take it for shorter than it is."""
        return "\0" in self._value

    @property
    def type_name(self) -> str:
        """What kind of value it is."""
        return type(self._value).__name__

    @property
    def is_text(self) -> bool:
        """Whether it is one."""
        return isinstance(self._value, str)


class SecretText(c_char_p):
    """Such a value as C takes it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<hidden>"


def hide(values: Any) -> Any:
    """Hides what is secret in keyword arguments, in their own place."""
    for name in NAMES.intersection(values):
        if values[name] is not None:
            values[name] = Secret(values[name])
    return values


def hide_each(rows: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    """The same in rows, of which it makes others."""
    return (hide(dict(row)) for row in rows)
