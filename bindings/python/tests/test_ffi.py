"""The declarations against the C compiler's view of the header: nothing may be missing, and nothing different."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from teleai import _ffi

pycparser = pytest.importorskip("pycparser")

INCLUDE = Path(os.environ.get("TELEAI_SOURCE_DIR", Path(__file__).resolve().parents[3])) / "include"
COMPILER = os.environ.get("CC") or shutil.which("cc") or ""
pytestmark = pytest.mark.skipif(not COMPILER, reason="no C compiler")

KINDS: dict[str, Any] = {
    "_Bool": ctypes.c_bool,
    "double": ctypes.c_double,
    "int32_t": ctypes.c_int32,
    "int64_t": ctypes.c_int64,
    "uint8_t": ctypes.c_uint8,
    "uint32_t": ctypes.c_uint32,
    "uint64_t": ctypes.c_uint64,
    "size_t": ctypes.c_size_t,
    "teleai_status": ctypes.c_int32,
    "char": ctypes.c_char,
}


@pytest.fixture(scope="module")
def header() -> Any:
    """The header as a tree, preprocessed by the compiler; its standard headers' types are declared plainly."""
    plain = "typedef int int32_t; typedef long int64_t; typedef unsigned char uint8_t; typedef unsigned int uint32_t;\n"
    plain += "typedef unsigned long uint64_t; typedef unsigned long size_t;\n"
    text = "".join(
        line
        for name in ("teleai.h", *sorted(f"teleai/{path.name}" for path in (INCLUDE / "teleai").glob("*.h")))
        for line in [f'#include "{name}"\n']
    )
    done = subprocess.run(
        [
            COMPILER, "-E", "-P", "-I", str(INCLUDE), "-D__attribute__(x)=", "-Dbool=_Bool", "-U__GNUC__",
            "-D__STDBOOL_H", "-D_STDBOOL_H", "-D__STDDEF_H", "-D_STDDEF_H", "-D_STDDEF_H_", "-D_STDINT_H",
            "-D_GCC_WRAP_STDINT_H", "-D__CLANG_STDINT_H", "-",
        ],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    return pycparser.CParser().parse(plain + done.stdout)


def declared(header: Any) -> tuple[dict[str, Any], dict[str, int], dict[str, Any], dict[str, Any]]:
    """The structs, enumeration values, functions and callback types of the header."""
    structs, values, functions, callbacks = {}, {}, {}, {}

    def walk(node: Any) -> None:
        if isinstance(node, pycparser.c_ast.Enum) and node.values:
            for value in node.values.enumerators:
                values[value.name] = value.name
        if isinstance(node, pycparser.c_ast.Struct) and node.decls and (node.name or "").startswith("teleai_"):
            structs[node.name] = node.decls
        for _, child in node.children():
            walk(child)

    walk(header)
    for node in header.ext:
        inner = getattr(node, "type", None)
        if isinstance(node, pycparser.c_ast.Decl) and isinstance(inner, pycparser.c_ast.FuncDecl):
            functions[node.name] = inner
        elif (
            isinstance(node, pycparser.c_ast.Typedef)
            and isinstance(inner, pycparser.c_ast.PtrDecl)
            and isinstance(inner.type, pycparser.c_ast.FuncDecl)
        ):
            callbacks[node.name] = inner.type
    return structs, values, functions, callbacks


def kind_of(node: Any) -> Any:
    """The ctypes type that stands for a C type here; "pointer" for all but texts."""
    if isinstance(node, pycparser.c_ast.ArrayDecl):
        return kind_of(node.type) * int(node.dim.value)
    if isinstance(node, pycparser.c_ast.PtrDecl):
        inner = node.type
        is_text = (
            isinstance(inner, pycparser.c_ast.TypeDecl)
            and getattr(inner.type, "names", None) == ["char"]
            and "const" in inner.quals
        )
        return ctypes.c_char_p if is_text else ctypes.c_void_p
    name = node.type.names[0]
    if name == "void":
        return None
    return KINDS.get(name) or getattr(_ffi, name)


def answers(expressions: list[str], folder: Path) -> list[int]:
    """What the compiler makes of integer expressions."""
    lines = "".join(f'    printf("%lld\\n", (long long)({expression}));\n' for expression in expressions)
    source = folder / "ask.c"
    source.write_text(
        '#include <stddef.h>\n#include <stdio.h>\n#include "teleai.h"\nint main(void) {\n'
        + lines
        + "    return 0;\n}\n"
    )
    subprocess.run([COMPILER, "-std=c11", "-I", str(INCLUDE), "-o", str(folder / "ask"), str(source)], check=True)
    return [int(line) for line in subprocess.check_output([str(folder / "ask")], text=True).split()]


def test_structs(header: Any, tmp_path: Path) -> None:
    structs = declared(header)[0]
    ours = {name for name, kind in vars(_ffi).items() if isinstance(kind, type) and issubclass(kind, ctypes.Structure)}
    assert ours - {"Structure"} == set(structs)
    asked, ours_say = [], []
    for name, members in structs.items():
        struct = getattr(_ffi, name)
        assert [field[0] for field in struct._fields_] == [member.name for member in members], name
        asked.append(f"sizeof({name})")
        ours_say.append(ctypes.sizeof(struct))
        for (field, kind), member in zip(struct._fields_, members, strict=True):
            assert kind is kind_of(member.type), f"{name}.{field}"
            asked += [f"offsetof({name}, {field})", f"sizeof((({name} *)0)->{field})"]
            ours_say += [getattr(struct, field).offset, getattr(struct, field).size]
    assert len(asked) > 600
    assert answers(asked, tmp_path) == ours_say


def test_values(header: Any, tmp_path: Path) -> None:
    values = declared(header)[1]
    macros = ("TELEAI_VERSION_MAJOR", "TELEAI_VERSION_MINOR", "TELEAI_VERSION_PATCH", "TELEAI_UUID_TEXT_BYTES")
    ours = {name: value for name, value in vars(_ffi).items() if name.startswith("TELEAI_")}
    assert set(ours) == set(values) | set(macros)
    assert answers(list(ours), tmp_path) == list(ours.values())
    assert len(ours) > 120


def test_functions(header: Any) -> None:
    functions = declared(header)[2]
    assert set(_ffi.FUNCTIONS) == set(functions)
    assert len(functions) > 150
    for name, function in functions.items():
        result, arguments = _ffi.FUNCTIONS[name]
        parameters = [kind_of(p.type) for p in function.args.params]
        assert list(arguments) == [p for p in parameters if p is not None], name
        assert result is kind_of(function.type), name


def test_callbacks(header: Any) -> None:
    callbacks = declared(header)[3]
    for name, function in callbacks.items():
        ours = getattr(_ffi, name)
        assert ours._restype_ is kind_of(function.type), name
        assert list(ours._argtypes_) == [kind_of(p.type) for p in function.args.params], name
    assert len(callbacks) == 5
