"""Makes src/teleai/_noun_types.py, what each noun takes, from bindings/teleai-api.json.

    python tools/make_types.py           writes it
    python tools/make_types.py --check   tells whether it is as it should be

What a keyword is called and takes follows from the member as in src/teleai/_inputs.py.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from textwrap import fill
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PACKAGE.parent))
from api import EVERY_NOUN, STRUCTS, bits_of, enumeration_type  # noqa: E402

OUTPUT = PACKAGE / "src" / "teleai" / "_noun_types.py"
HEAD = '''"""What can be given to create(), update() and the filters of each noun, for type checkers and for readers.

Generated from bindings/teleai-api.json, do not edit: run bindings/generate.py, then tools/make_types.py.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Union
from uuid import UUID

from .enums import (
    {enumerations},
)

if TYPE_CHECKING:
    from typing_extensions import Required as Required
    from typing_extensions import TypedDict as TypedDict
else:
    from typing import TypedDict

    class Required:
        def __class_getitem__(cls, item: Any) -> Any:
            return item


Path = Union[str, "os.PathLike[str]"]
Duration = Union[timedelta, float]
"""A duration: a timedelta, or seconds."""
Json = Any
'''
WIDTH = 117
UNITS = ("_us", "_ms", "_json")  # which a keyword does without
PLAIN = {"bool": "bool", "double": "float", "int32_t": "int", "int64_t": "int", "const char *": "str"}


class Keyword:
    """How a member of an input or filter is given in Python."""

    def __init__(self, member: dict[str, Any]) -> None:
        name, kind = member["name"], member["type"]
        self.name = name
        self.required = member.get("required", False)
        self.may_be_none = not self.required and (kind != "bool" or "presence" in member)
        for unit in UNITS:
            self.name = self.name.removesuffix(unit)
        if "enumeration" in member:
            self.kind = f"{enumeration_type(member['enumeration'])} | str"
        elif name.endswith("_us"):
            self.kind = "datetime"
        elif name.endswith("_ms"):
            self.kind = "Duration"
        elif name.endswith("_json"):
            self.kind, self.may_be_none = "Json", False
        elif kind == "const teleai_uuid *":
            self.kind = "UUID"
        else:
            self.kind = "Path" if name == "file_path" else PLAIN[kind]

    def line(self) -> str:
        kind = f"Required[{self.kind}]" if self.required else self.kind + " | None" * self.may_be_none
        return f"    {self.name}: {kind}\n"


def keywords(struct: dict[str, Any]) -> list[Keyword]:
    beside = {member.get(key) for member in struct["members"] for key in ("presence", "length_in")}
    typed = {member["name"]: member["type"] for member in struct["members"]}
    made = []
    for member in struct["members"]:
        if member["name"] in beside | {"struct_size"} or member.get("reserved") or f"{member['name']}_json" in typed:
            continue
        made.append(Keyword(member))
        if typed.get(made[-1].name) == "const char * const *":  # the typed form of this JSON
            made[-1].kind, made[-1].may_be_none = "Sequence[str]", True
    return made


def dictionary(name: str, doc: str, lines: list[Keyword]) -> str:
    doc = fill(doc, WIDTH, initial_indent='    """', subsequent_indent="    ")
    doc += '\n    """' if "\n" in doc else '"""'
    return f"\n\nclass {name}(TypedDict, total=False):\n{doc}\n\n" + "".join(row.line() for row in lines)


def noun_types(noun: str, plural: str) -> str:
    title = noun.title().replace("_", "")
    given = STRUCTS[f"teleai_{noun}_input"]
    made = keywords(given)
    needed = ", ".join(f"``{row.name}``" for row in made if row.required)
    what = re.split(r"( or|,) changed to|\.", given["doc"])[0]
    text = dictionary(f"{title}Input", f"{what}. Required: {needed}.", made)
    bits = {re.sub(r"[^a-z]", "", name) for name in bits_of(noun)}
    changed = []
    for row in keywords(given):
        plain = re.sub(r"_(bytes|hz|bps)$", "", row.name)
        if {re.sub(r"[^a-z]", "", name) for name in (row.name, plain)} & bits:
            row.required = False
            changed.append(row)
    text += dictionary(f"{title}Change", f"What ``{plural}.update()`` can change.", changed)
    which = STRUCTS[f"teleai_{noun}_filter"]
    return text + dictionary(f"{title}Filter", which["doc"].split(".")[0] + ".", keywords(which))


def main() -> None:
    text = "".join(noun_types(noun, plural) for noun, plural in EVERY_NOUN.items())
    used = sorted(set(re.findall(r"(\w+) \| str\b", text)))
    text = HEAD.format(enumerations=",\n    ".join(used)) + text
    if sys.argv[1:] == ["--check"]:
        if OUTPUT.read_text(encoding="utf-8") != text:
            sys.exit(f"{OUTPUT.name} is not what teleai-api.json says: run python tools/make_types.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        OUTPUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
