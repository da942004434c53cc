"""What help() and editors show of methods that take the fields of an input: each field as a keyword, with its type."""

from __future__ import annotations

import inspect
import re
from typing import Any

from . import _types

_UNPACK = re.compile(r"Unpack\[(\w+)\]")


def show_fields(cls: type) -> None:
    """Gives the methods of a class the signatures that they are called with."""
    for function in vars(cls).values():
        if inspect.isfunction(function) and function.__code__.co_flags & inspect.CO_VARKEYWORDS:
            _show(function)


def _show(function: Any) -> None:
    signature = inspect.signature(function)
    *before, rest = signature.parameters.values()
    found = _UNPACK.fullmatch(str(rest.annotation))
    if found is None:
        return
    fields = vars(_types)[found[1]].__annotations__
    made = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_default(kind), annotation=_plain(kind))
        for name, kind in fields.items()
    ]
    function.__signature__ = signature.replace(parameters=before + made)


def _text(kind: Any) -> str:
    return str(getattr(kind, "__forward_arg__", kind))


def _default(kind: Any) -> Any:
    return inspect.Parameter.empty if _text(kind).startswith("Required[") else ...


def _plain(kind: Any) -> str:
    return _text(kind).removeprefix("Required[").removesuffix("]") if "Required[" in _text(kind) else _text(kind)
