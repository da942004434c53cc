"""No modules of the package import each other in a circle, also not for type checkers or inside functions."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import teleai


def imported(text: str, names: set[str]) -> set[str]:
    """The modules of the package, of these names, that a module's text imports."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found |= {node.module} if node.module else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("teleai."):
            found.add((node.module or "").removeprefix("teleai."))
        elif isinstance(node, ast.ImportFrom) and node.module == "teleai":
            found |= {alias.name for alias in node.names}
    return found & names


def in_order(texts: dict[str, str]) -> list[str]:
    """The modules, each behind those that it imports."""
    return list(TopologicalSorter({name: imported(text, set(texts)) for name, text in texts.items()}).static_order())


def test_no_circles() -> None:
    files = [path for path in Path(teleai.__file__).parent.glob("*.py") if path.stem != "__init__"]
    texts = {path.stem: path.read_text(encoding="utf-8") for path in files}
    order = in_order(texts)
    assert set(order) == set(texts)
    assert order.index("_ffi") < order.index("_record") < order.index("client")


def test_a_circle_is_seen() -> None:
    texts = {
        "a": "from .b import x",
        "b": "def f():\n    from . import c",
        "c": "if TYPE_CHECKING:\n    from teleai.a import y",
    }
    with pytest.raises(CycleError):
        in_order(texts)
    del texts["c"]
    assert in_order(texts) == ["b", "a"]
