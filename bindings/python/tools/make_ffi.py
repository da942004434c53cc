"""Makes src/teleai/_ffi.py, the declarations for ctypes, from bindings/teleai-api.json.

    python tools/make_ffi.py           writes it
    python tools/make_ffi.py --check   tells whether it is as it should be

Pointers become void pointers, but for texts that are handed over (``c_char_p``) and hooks, which have types of their
own. The structs of Arrow's interface are not this library's: _arrow.py has them.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent
OUTPUT = PACKAGE / "src" / "teleai" / "_ffi.py"
DESCRIPTION = PACKAGE.parent / "teleai-api.json"
SCALARS = {
    "void": "None",
    "bool": "c_bool",
    "char": "c_char",
    "double": "c_double",
    "int32_t": "c_int32",
    "int64_t": "c_int64",
    "size_t": "c_size_t",
    "uint8_t": "c_uint8",
    "uint32_t": "c_uint32",
    "uint64_t": "c_uint64",
    "const char *": "c_char_p",
}
HEAD = '''"""What the public header declares, for ctypes: constants, structs, functions; nothing else.

Generated from bindings/teleai-api.json, do not edit: run bindings/generate.py, then tools/make_ffi.py. Pointers are
void pointers, but for texts that are handed over (``c_char_p``).
"""

from __future__ import annotations

from ctypes import (
    {imports},
)
from typing import Any
'''
WIDTH = 120


def place_of(name: str) -> tuple[bool, list[tuple[str, int]]]:
    """Where ruff wants an import: c_uint8 before c_uint32."""
    return name.islower(), [(letters, int(digits or 0)) for letters, digits in re.findall(r"(\D+)(\d*)", name)]


class Maker:
    """Writes the text, and knows which of ctypes' types it needs."""

    def __init__(self, api: dict[str, Any]) -> None:
        self.api = api
        self.plain = SCALARS | {kind["name"]: SCALARS[kind["type"]] for kind in api["types"]}
        self.named = {item["name"] for item in (*api["structs"], *api["function_pointers"])}
        self.used = {"CFUNCTYPE", "Structure"}

    def kind(self, c_type: str, length: int | None = None) -> str:
        """The ctypes type that stands for a C type here."""
        python = self.plain.get(c_type) or ("c_void_p" if "*" in c_type else c_type)
        if python.startswith("c_"):
            self.used.add(python)
        elif python != "None" and python not in self.named:
            raise SystemExit(f"no type of ctypes stands for {c_type}")
        return f"{python} * {length}" if length is not None else python

    def arguments(self, item: dict[str, Any]) -> list[str]:
        return [self.kind(parameter["type"]) for parameter in item["parameters"]]

    def header(self, name: str) -> str:
        """What one header declares, hooks before the structs that hold them."""

        def here(key: str) -> list[dict[str, Any]]:
            return [item for item in self.api[key] if item["header"] == name]

        values = [*here("constants"), *(value for item in here("enumerations") for value in item["values"])]
        lines = [f"{value['name']} = {value['value']}" for value in values if value["name"].startswith("TELEAI_")]
        for hook in here("function_pointers"):
            types = ", ".join([self.kind(hook["returns_type"]), *self.arguments(hook)])
            lines.append(f"{hook['name']} = CFUNCTYPE({types})")
        text = "".join(f"{line}\n" for line in lines)
        for struct in here("structs"):
            if struct["name"].startswith("teleai_"):
                text += f"\n\nclass {struct['name']}(Structure):\n    _fields_ = [\n"
                for member in struct["members"]:
                    text += f'        ("{member["name"]}", {self.kind(member["type"], member.get("length"))}),\n'
                text += "    ]\n"
        return text

    def function(self, item: dict[str, Any]) -> str:
        arguments = self.arguments(item)
        listed = f"({', '.join(arguments)}{',' if len(arguments) == 1 else ''})"
        result = self.kind(item["returns_type"])
        line = f'    "{item["name"]}": ({result}, {listed}),\n'
        if len(line) <= WIDTH + 1:
            return line
        return f'    "{item["name"]}": (\n        {result},\n        {listed},\n    ),\n'

    def module(self) -> str:
        text = ""
        for name in self.api["headers"]:
            declared = self.header(name)
            if declared:
                gap = "\n\n" if text.endswith("    ]\n") else "\n"
                text += f"{gap}# ---- {name.removeprefix('teleai/')} ----\n{declared}"
        functions = "".join(self.function(item) for item in self.api["functions"])
        text += "\n\n# ---- functions: result, arguments ----\n\n"
        text += f"FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {{\n{functions}}}\n"
        return HEAD.format(imports=",\n    ".join(sorted(self.used, key=place_of))) + text


def main() -> None:
    text = Maker(json.loads(DESCRIPTION.read_text(encoding="utf-8"))).module()
    if sys.argv[1:] == ["--check"]:
        if OUTPUT.read_text(encoding="utf-8") != text:
            sys.exit(f"{OUTPUT.name} is not what teleai-api.json says: run python tools/make_ffi.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        OUTPUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
