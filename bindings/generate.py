"""Describes the public headers by machine: bindings/teleai-api.json, from which bindings are made (docs/bindings.md).

    python bindings/generate.py            writes it
    python bindings/generate.py --check    tells whether it is as it should be

pycparser reads the declarations, in their order; the comments are taken from the headers by position; offsets and sizes
are what the C compiler says (LP64). Needs pycparser and a C compiler.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pycparser import CParser, c_ast, c_generator

HERE = Path(__file__).resolve().parent
INCLUDE = HERE.parent / "include"
OUTPUT = HERE / "teleai-api.json"
COMPILER = os.environ.get("CC") or shutil.which("cc") or "cc"
STANDARD = """typedef int int32_t; typedef long int64_t; typedef unsigned char uint8_t; typedef unsigned int uint32_t;
typedef unsigned long uint64_t; typedef unsigned long size_t;
"""
UNITS = ("us", "ms", "bytes", "hz", "bps")

# Parameters that may be NULL where no rule says so: the words of the comment that do. The contract in teleai.h
# lets every options, filter, page and error be NULL.
NULLABLE = {
    ("teleai_activity_list", "user_id"): "(NULL: everybody)",
    ("teleai_local_stop", "out_running"): "`out_running` (may be NULL)",
    ("teleai_notify", "payload"): 'NULL is ""',
    ("teleai_session_revoke_all", "count"): "*count, where not NULL,",
    ("teleai_tenant_usage_recount", "tenant_id"): "`tenant_id` NULL:",
    ("teleai_tenant_usage_recount", "out"): "`out`, which may be NULL,",
    ("teleai_transaction_run", "attempts"): "`attempts` may be NULL",
    ("teleai_user_check_permission", "owner_id"): "`owner_id` (NULL:",
    ("teleai_uuid_equal", "a"): "NULL equals only NULL",
    ("teleai_uuid_equal", "b"): "NULL equals only NULL",
}


def header_tree() -> Any:
    """The declarations of teleai.h. The compiler's preprocessor leaves the lines' places in it."""
    quiet = ("__STDBOOL_H", "_STDBOOL_H", "__STDDEF_H", "_STDDEF_H", "_STDDEF_H_", "_STDINT_H", "_GCC_WRAP_STDINT_H",
             "__CLANG_STDINT_H")  # fmt: skip
    command = [COMPILER, "-E", "-I", str(INCLUDE), "-D__attribute__(x)=", "-Dbool=_Bool", "-U__GNUC__"]
    done = subprocess.run(
        [*command, *(f"-D{name}" for name in quiet), str(INCLUDE / "teleai.h")],
        capture_output=True,
        text=True,
        check=True,
    )
    return CParser().parse(STANDARD + done.stdout)


class Comments:
    """The comments of the headers, found by what they stand beside."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def text(self, path: str) -> str:
        if path not in self.texts:
            self.texts[path] = Path(path).read_text(encoding="utf-8")
        return self.texts[path]

    def place(self, node: Any) -> int:
        """Where a node's line begins in its file."""
        start = 0
        text = self.text(node.coord.file)
        for _ in range(node.coord.line - 1):
            start = text.index("\n", start) + 1
        return start

    def before(self, path: str, place: int) -> str:
        """The comment that ends just before a place, however many blanks lie between."""
        text = self.text(path)[:place].rstrip()
        if not text.endswith("*/"):
            return ""
        comment = text[text.rindex("/*") :]
        return clean(comment[3:-2]) if re.match(r"/\*\*(?!<)", comment) else ""

    def before_function(self, node: Any) -> str:
        text = self.text(node.coord.file)
        end = text.index(node.name, self.place(node)) if node.name else 0
        return self.before(node.coord.file, text.rindex("TELEAI_API", 0, end))

    def before_match(self, node: Any, pattern: str) -> str:
        """The comment before the last match of a pattern that does not begin behind the node's line."""
        text = self.text(node.coord.file)
        line_end = text.index("\n", self.place(node))
        found = [match.start() for match in re.finditer(pattern, text) if match.start() < line_end]
        return self.before(node.coord.file, found[-1]) if found else ""

    def behind(self, node: Any) -> str:
        """The comment behind a member or a value."""
        text = self.text(node.coord.file)
        found = re.compile(
            rf"\b{node.name}\b\s*(?:\[\w*\])?(?:\s*=\s*[^,}}/;\n]*)?\s*[,;]?\s*(?:/\*\*<(?P<said>.*?)\*/)?", re.S
        ).search(text, self.place(node))
        return clean(found["said"] or "") if found else ""


def clean(comment: str) -> str:
    """A comment's text: a paragraph is one line, and what is set off by four blanks stays as it is."""
    lines = [re.sub(r"^ *\* ?", "", line).rstrip() for line in comment.split("\n")]
    if len(lines) == 1 or not comment.startswith("\n"):
        lines = [line.strip() for line in comment.split("\n")]
    out: list[str] = []
    for line in lines:
        follows = out and out[-1] and line and not line.startswith("    ") and not out[-1].startswith("    ")
        if follows and not re.match(r"(Returns|Owns|Blocks): ", line):
            out[-1] += " " + line.strip()
        else:
            out.append(line)
    return "\n".join(out).strip()


def sections(doc: str) -> dict[str, str]:
    """A function's comment in its parts."""
    parts = re.split(r"(?:^|\n)(Returns|Owns|Blocks): ", doc)
    found = {"doc": parts[0].strip()}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        found[name.lower()] = text.strip()
    return found


def c_type(node: Any) -> str:
    """A type as it is written in C, without what it names."""
    nameless = c_ast.Typename(None, [], None, node)
    return re.sub(r"\s+", " ", rename(c_generator.CGenerator().visit(nameless), node)).replace("_Bool", "bool").strip()


def rename(text: str, node: Any) -> str:
    while not isinstance(node, c_ast.TypeDecl):
        node = node.type
    return re.sub(rf"\b{node.declname}\b", "", text) if node.declname else text


def ask_compiler(expressions: list[str]) -> list[int]:
    """What the compiler makes of integer expressions."""
    lines = "".join(f'    printf("%lld\\n", (long long)({expression}));\n' for expression in expressions)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "ask.c"
        source.write_text(
            '#include <stddef.h>\n#include <stdio.h>\n#include "teleai.h"\n'
            '_Static_assert(sizeof(void *) == 8 && sizeof(long) == 8, "not LP64");\n'
            f"int main(void) {{\n{lines}    return 0;\n}}\n"
        )
        program = str(Path(folder) / "ask")
        subprocess.run([COMPILER, "-std=c11", "-I", str(INCLUDE), "-o", program, str(source)], check=True)
        return [int(line) for line in subprocess.check_output([program], text=True).split()]


class Reader:
    """Reads the tree into plain values."""

    def __init__(self) -> None:
        self.comments = Comments()
        self.tree = header_tree()
        self.constants: list[dict[str, Any]] = []
        self.enumerations: list[dict[str, Any]] = []
        self.handles: list[dict[str, Any]] = []
        self.structs: list[dict[str, Any]] = []
        self.types: list[dict[str, Any]] = []
        self.hooks: list[dict[str, Any]] = []
        self.functions: list[dict[str, Any]] = []

    def header(self, node: Any) -> str:
        return str(Path(node.coord.file).resolve().relative_to(INCLUDE))

    def read(self) -> dict[str, Any]:
        opaque = []
        for node in self.tree.ext:
            if node.coord is None or not str(node.coord.file).startswith(str(INCLUDE)):
                continue
            inner: Any = getattr(node, "type", None)
            if isinstance(inner, c_ast.FuncDecl):
                self.functions.append(self.function(node))
            elif isinstance(inner, c_ast.Enum):
                self.enumerations.append(self.enumeration(inner))
            elif isinstance(inner, c_ast.Struct):
                self.structs.append(self.struct(inner))
            elif isinstance(node, c_ast.Typedef) and isinstance(inner, c_ast.PtrDecl):
                self.hooks.append(self.hook(node))
            elif isinstance(node, c_ast.Typedef) and isinstance(inner.type, c_ast.Struct):
                if inner.type.decls:
                    self.structs.append(self.struct(inner.type))
                else:
                    opaque.append(node)
            elif isinstance(node, c_ast.Typedef):
                doc = self.comments.before_match(node, rf"typedef \w+ {node.name};")
                self.types.append({"name": node.name, "header": self.header(node), "type": c_type(inner), "doc": doc})
            else:
                raise SystemExit(f"{node.coord}: what is this?")
        for node in opaque:
            doc = self.comments.before_match(node, rf"typedef struct {node.name} {node.name};")
            self.handles.append({"name": node.name, "header": self.header(node), "doc": doc})
        self.read_constants()
        self.measure()
        self.no_gaps()
        self.directions()
        self.frees()
        self.every_comment()
        version = {constant["name"]: constant["value"] for constant in self.constants}
        return {
            "library": "teleai",
            "version": ".".join(str(version[f"TELEAI_VERSION_{part}"]) for part in ("MAJOR", "MINOR", "PATCH")),
            "data_model": "LP64",
            "headers": self.headers(),
            "types": self.types,
            "constants": self.constants,
            "enumerations": self.enumerations,
            "handles": self.handles,
            "structs": self.structs,
            "function_pointers": self.hooks,
            "functions": self.functions,
        }

    def headers(self) -> list[str]:
        included: list[str] = re.findall(r'#include "(.*?)"', (INCLUDE / "teleai.h").read_text(encoding="utf-8"))
        there = {f"teleai/{path.name}" for path in (INCLUDE / "teleai").glob("*.h")}
        if set(included) != there:
            raise SystemExit(f"teleai.h does not include {sorted(there - set(included))}")
        return included

    def enumeration(self, node: Any) -> dict[str, Any]:
        names = [value.name for value in node.values.enumerators]
        first, last = min(names), max(names)
        same = next((i for i, letter in enumerate(first) if last[i : i + 1] != letter), len(first))
        prefix = first[: first.rindex("_", 0, same) + 1]
        values = [
            {"name": value.name, "value": value.name, "doc": self.comments.behind(value)}
            for value in node.values.enumerators
        ]
        doc = self.comments.before_match(node, r"enum \{")
        bits = doc.startswith("Bits of") or any(
            isinstance(value.value, c_ast.BinaryOp) for value in node.values.enumerators
        )
        return {"prefix": prefix, "header": self.header(node), "bits": bits, "doc": doc, "values": values}

    def struct(self, node: Any) -> dict[str, Any]:
        opening = rf"(?:typedef )?struct {node.name} \{{"
        members = []
        for member in node.decls:
            inner, length = member.type, None
            if isinstance(inner, c_ast.ArrayDecl):
                inner, length = inner.type, int(inner.dim.value)
            one = {"name": member.name, "type": c_type(inner), "offset": None, "size": None}
            if length is not None:
                one["length"] = length
            doc = self.comments.behind(member)
            members.append(one | self.member_says(doc) | {"doc": doc})
        names = [member["name"] for member in members]
        for member in members:
            self.relate(member, names)
        doc = self.comments.before_match(node, opening)
        return {
            "name": node.name,
            "header": self.header(node),
            "size": None,
            "begins_with_struct_size": names[0] == "struct_size",
            "doc": doc,
            "members": members,
        }

    def member_says(self, doc: str) -> dict[str, Any]:
        enumerations = re.findall(r"\b(TELEAI_[A-Z_]+_)\.\.\.", doc)
        says: dict[str, Any] = {"enumeration": enumerations[0]} if len(enumerations) == 1 else {}
        if re.match(r"required\b", doc):
            says["required"] = True
        return says

    def relate(self, member: dict[str, Any], names: list[str]) -> None:
        """Which other member says whether this one is there, and how many there are."""
        name, doc = member["name"], member["doc"]
        if name == "reserved":
            member["reserved"] = True
        bare = re.sub(rf"_(?:{'|'.join(UNITS)})$", "", name)
        said = re.search(r"\bwith (has_\w+)", doc)
        presence = said[1] if said else next((f"has_{n}" for n in (name, bare) if f"has_{n}" in names), None)
        if presence:
            if presence not in names:
                raise SystemExit(f"{name}: its comment names {presence}, which is not there")
            member["presence"] = presence
        if "*" in member["type"]:
            counted = re.match(r"(\w+_count) of them|(\w+_count) texts", doc)
            count = next((found for found in (counted[1] or counted[2] if counted else None,) if found), None)
            count = count or ("count" if name == "items" and "count" in names else None)
            count = count or (f"{name[:-1]}_count" if f"{name[:-1]}_count" in names else None)
            count = count or (f"{name}_bytes" if f"{name}_bytes" in names else None)
            if count:
                member["length_in"] = count
        member["doc"] = member.pop("doc")  # last

    def parameters(self, node: Any) -> list[dict[str, Any]]:
        found = []
        for parameter in node.args.params if node.args else []:
            if isinstance(parameter, c_ast.Typename):  # (void)
                continue
            found.append({"name": parameter.name, "type": c_type(parameter.type)})
        names = [parameter["name"] for parameter in found]
        for parameter in found:
            if parameter["name"] in ("ids", "inputs", "channels") and "count" in names:
                parameter["length_in"] = "count"
            elif parameter["name"] == "out" and "bytes" in names:
                parameter["length_in"] = "bytes"
        return found

    def function(self, node: Any) -> dict[str, Any]:
        return {
            "name": node.name,
            "header": self.header(node),
            "returns_type": c_type(node.type.type),
            "parameters": self.parameters(node.type),
            **sections(self.comments.before_function(node)),
        }

    def hook(self, node: Any) -> dict[str, Any]:
        inner = node.type.type
        doc = self.comments.before_match(node, rf"typedef [\w ]+\(\*{node.name}\)")
        return {
            "name": node.name,
            "header": self.header(node),
            "returns_type": c_type(inner.type),
            "parameters": self.parameters(inner),
            "doc": doc,
        }

    def read_constants(self) -> None:
        for header in self.headers():
            path = str(INCLUDE / header)
            for found in re.finditer(r"^#define ((?:TELEAI|ARROW)_\w+) (\d+)$", self.comments.text(path), re.M):
                doc = self.comments.before(path, found.start())
                self.constants.append({"name": found[1], "header": header, "value": found[1], "doc": doc})

    def measure(self) -> None:
        """Puts in the numbers that the compiler knows."""
        wanted: list[tuple[dict[str, Any], str, str]] = []
        wanted += [(constant, "value", constant["name"]) for constant in self.constants]
        for enumeration in self.enumerations:
            wanted += [(value, "value", value["name"]) for value in enumeration["values"]]
        for struct in self.structs:
            name = struct["name"] if struct["name"].startswith("teleai_") else f"struct {struct['name']}"
            wanted.append((struct, "size", f"sizeof({name})"))
            for member in struct["members"]:
                wanted.append((member, "offset", f"offsetof({name}, {member['name']})"))
                wanted.append((member, "size", f"sizeof((({name} *)0)->{member['name']})"))
        for (item, key, _), number in zip(wanted, ask_compiler([text for _, _, text in wanted]), strict=True):
            item[key] = number

    def no_gaps(self) -> None:
        """Each member begins where the one before it ends: what lies between would not be looked at, nor zeroed."""
        for struct in self.structs:
            end = 0
            for member in struct["members"]:
                if member["offset"] != end:
                    raise SystemExit(f"{struct['name']} has {member['offset'] - end} bytes before {member['name']}")
                end += member["size"]
            if end != struct["size"]:
                raise SystemExit(f"{struct['name']} ends with {struct['size'] - end} bytes that no member has")

    def directions(self) -> None:
        """Says of each parameter whether it is read or written, and whether it may be NULL."""
        handles = {handle["name"] for handle in self.handles}
        used = set()
        for function in self.functions:
            name, doc = function["name"], function["doc"]
            gives_back = name.endswith(("_free", "_close"))
            for parameter in function["parameters"]:
                kind, called = parameter["type"], parameter["name"]
                target = kind.removesuffix("*").strip()
                arrow = target.startswith("struct Arrow") and called != "out"
                if "*" not in kind or kind.startswith("const ") or target in handles or target == "void" or gives_back:
                    parameter["direction"] = "in"
                elif arrow and not name.endswith("_to_arrow"):
                    parameter["direction"] = "inout"
                else:
                    parameter["direction"] = "out"
                because = NULLABLE.get((name, called))
                if because:
                    if because not in doc:
                        raise SystemExit(f"{name}: its comment no longer says '{because}' of {called}")
                    used.add((name, called))
                if because or self.may_be_null(function, called, kind):
                    parameter["nullable"] = True
        if used != set(NULLABLE):
            raise SystemExit(f"no such parameters: {set(NULLABLE) - used}")
        for hook in self.hooks:
            for parameter in hook["parameters"]:
                kind = parameter["type"]
                reads = "*" not in kind or kind.startswith("const ") or kind in ("void *", "teleai_client *")
                parameter["direction"] = "in" if reads else "out"

    @staticmethod
    def may_be_null(function: dict[str, Any], called: str, kind: str) -> bool:
        doc, name = function["doc"], function["name"]
        if "*" not in kind:
            return False
        if called in ("options", "filter", "page", "error"):
            return True
        if called == "out" and re.search(r"\bout`? may be NULL", doc):
            return True
        if called == "out" and "without `out`" in function.get("blocks", ""):
            return True
        if called in ("schema", "array") and name.endswith("_to_arrow"):
            return True  # "Either of schema and array may be NULL", above them all
        alone = len(function["parameters"]) == 1
        return alone and re.search(r"NULL (is|and a schema that was released are) fine", doc) is not None

    def every_comment(self) -> None:
        """Every comment behind a member or value is taken, and every function is described."""
        there = sum(text.count("/**<") for text in self.comments.texts.values())
        inner = [row for item in self.structs for row in item["members"]]
        inner += [row for item in self.enumerations for row in item["values"]]
        taken = sum(1 for row in inner if row["doc"])
        if there != taken:
            raise SystemExit(f"the headers have {there} comments behind members and values, {taken} were taken")
        for function in self.functions:
            if not all(function.get(part) for part in ("doc", "returns", "blocks")):
                raise SystemExit(f"{function['name']}: its comment lacks a part")

    def frees(self) -> None:
        """Who frees what: as the names and the comments say, which must agree."""
        functions = {function["name"]: function for function in self.functions}
        freers: dict[str, str] = {}
        for name, function in functions.items():
            if name.endswith(("_free", "_close", "_release")):
                target = function["parameters"][0]["type"].removesuffix("*").strip()
                function["frees"] = target
                freers[target] = name
        for item in (*self.handles, *self.structs):
            by = freers.get(item["name"]) or freers.get(f"struct {item['name']}")
            if by:
                item["freed_by"] = by
        for function in self.functions:
            said = re.search(r"(teleai_\w+)\(\)", function.get("owns", ""))
            out = next((p for p in function["parameters"] if p["name"] == "out" and p["type"].endswith("**")), None)
            by = freers.get(out["type"].replace("*", "").strip()) if out else None
            if by != (said[1] if said else by) or (out and not by):
                raise SystemExit(
                    f"{function['name']}: {by} frees *out by its type, its comment says {said and said[1]}"
                )
            if by:
                function["out_freed_by"] = by
        for struct in self.structs:
            items = next((member for member in struct["members"] if member["name"] == "items"), None)
            if items:
                struct["list_of"] = re.sub(r"\bconst\b|\*", "", items["type"]).strip()
        order = ("name", "header", "size", "begins_with_struct_size", "freed_by", "list_of", "doc", "members")
        self.structs[:] = [{key: struct[key] for key in order if key in struct} for struct in self.structs]


def dump(description: dict[str, Any]) -> str:
    """JSON with a line for each scalar of an item, and for each member, value or parameter."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def item(value: dict[str, Any]) -> str:
        parts = []
        for key, inner in value.items():
            if isinstance(inner, list) and inner:
                rows = ",\n".join(f"        {line(row)}" for row in inner)
                parts.append(f"      {line(key)}: [\n{rows}\n      ]")
            else:
                parts.append(f"      {line(key)}: {line(inner)}")
        return "    {\n" + ",\n".join(parts) + "\n    }"

    parts = []
    for key, value in description.items():
        if isinstance(value, list):
            rows = ",\n".join(item(row) if isinstance(row, dict) else f"    {line(row)}" for row in value)
            parts.append(f"  {line(key)}: [\n{rows}\n  ]")
        else:
            parts.append(f"  {line(key)}: {line(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    text = dump(Reader().read())
    if sys.argv[1:] == ["--check"]:
        if OUTPUT.read_text(encoding="utf-8") != text:
            sys.exit(f"{OUTPUT.name} is not what the headers say: run python bindings/generate.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        OUTPUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
