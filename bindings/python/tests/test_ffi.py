"""The declarations: made from the description of the headers, which is what the headers say now."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from teleai import _ffi
from teleai._library import lib

BINDINGS = Path(os.environ.get("TELEAI_SOURCE_DIR", Path(__file__).resolve().parents[3])) / "bindings"
COMPILER = os.environ.get("CC") or shutil.which("cc") or ""


@pytest.fixture(scope="module")
def api() -> Any:
    """The description of the headers."""
    return json.loads((BINDINGS / "teleai-api.json").read_text(encoding="utf-8"))


def made_again(*command: str) -> None:
    done = subprocess.run([sys.executable, *command, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not COMPILER, reason="no C compiler")
def test_description_is_what_the_headers_say() -> None:
    pytest.importorskip("pycparser")
    made_again(str(BINDINGS / "generate.py"))


@pytest.mark.parametrize("tool", ["make_ffi.py", "make_types.py"])
def test_declarations_are_what_the_description_says(tool: str) -> None:
    made_again(str(BINDINGS / "python" / "tools" / tool))


def test_installed_declarations_are_these() -> None:
    assert (BINDINGS / "python" / "src" / "teleai" / "_ffi.py").read_bytes() == Path(_ffi.__file__).read_bytes()


def test_layout(api: Any) -> None:
    """ctypes puts every member where the compiler does."""
    count = 0
    for struct in api["structs"]:
        if not struct["name"].startswith("teleai_"):
            continue
        ours = getattr(_ffi, struct["name"])
        assert ctypes.sizeof(ours) == struct["size"], struct["name"]
        for member in struct["members"]:
            field = getattr(ours, member["name"])
            assert (field.offset, field.size) == (member["offset"], member["size"]), (
                f"{struct['name']}.{member['name']}"
            )
            count += 1
    assert count > 600


def test_nothing_is_missing(api: Any) -> None:
    """The library has every function of the description, and the list of its symbols has no other."""
    names = [function["name"] for function in api["functions"]]
    assert all(hasattr(lib, name) for name in names)
    assert sorted(names) == (BINDINGS.parent / "tests" / "abi" / "symbols.txt").read_text().split()
    assert list(_ffi.FUNCTIONS) == names
