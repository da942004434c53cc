"""Makes the generated part of the Node.js binding from bindings/teleai-api.json.

    python bindings/node/generate.py            writes lib/generated.js and index.d.ts
    python bindings/node/generate.py --check    tells whether they are as they should be

lib/generated.js holds tables: where each member lies, what each function takes. index.js reads and writes by them.
index.d.ts has the same as types, with the comments of the headers.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from api import (  # noqa: E402
    API,
    ENUMERATIONS,
    HEADERS,
    INPUTS,
    LISTS,
    NOUNS,
    RECORDS,
    STRUCTS,
    bits_of,
    enumeration_type,
)

MARK = "Generated from bindings/teleai-api.json by bindings/node/generate.py. Do not edit."


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.removeprefix("teleai_").split("_"))


def target_of(kind: str) -> str:
    return re.sub(r"\bconst\b|\*|\s", "", kind)


def members(name: str) -> list[dict[str, Any]]:
    """Those that JavaScript sees, with what index.js has to know of them."""
    struct = STRUCTS[f"teleai_{name}"]
    places = {member["name"]: member["offset"] for member in struct["members"]}
    hidden = {"struct_size"}
    hidden |= {member.get(key) for member in struct["members"] for key in ("presence", "length_in")}
    bits, found = bits_of(name.removesuffix("_input")) if name.endswith("_input") else {}, []
    for member in struct["members"]:
        c_name, kind = member["name"], member["type"]
        if c_name in hidden or member.get("reserved") or kind.endswith("_hook") or kind == "void *":
            continue
        made: dict[str, Any] = {"name": camel(c_name), "kind": "", "at": member["offset"], "field": c_name}
        if "presence" in member:
            made["has"] = places[member["presence"]]
        if "length_in" in member:
            made["count"] = places[member["length_in"]]
        bare = re.sub(r"_(json|us|ms|bytes|hz|bps)$", "", c_name)
        bit = bits.get(c_name) or bits.get(bare)
        if bit:
            made["bit"] = bit
        target = target_of(kind)
        if kind == "const char * const *":
            made["kind"] = "texts"
        elif kind == "const char *":
            made["kind"] = "text"
        elif target == "teleai_uuid":
            made["kind"] = "uuidPointer" if "*" in kind else "uuid"
        elif "count" in made:
            made |= {"kind": "records" if kind.count("*") == 2 else "structs", "of": target}
        elif "*" in kind:
            made |= {"kind": "record", "of": target}
        elif kind == "int32_t" and member.get("enumeration"):
            made |= {"kind": "enumeration", "of": enumeration_type(member["enumeration"])}
        elif kind == "int64_t" and c_name.endswith("_us") and c_name != "wait_total_us":
            made["kind"] = "time"
        else:
            made["kind"] = {
                "int64_t": "int64",
                "size_t": "int64",
                "int32_t": "int32",
                "double": "double",
                "bool": "bool",
            }[kind]
        made["doc"] = member["doc"]
        made["required"] = member.get("required", False)
        found.append(made)
    return found


def functions() -> list[dict[str, Any]]:
    """The methods: of which noun, and what each argument of the C function is."""
    headers = {f"teleai/{name}.h" for name in HEADERS}
    found = []
    for function in API["functions"]:
        name = function["name"]
        if name != "teleai_ping" and (
            function["header"] not in headers
            or name.endswith(("_free", "_name", "_stream", "_stream_next", "_check_permission"))
        ):
            continue
        bare = name.removeprefix("teleai_")
        noun = function["header"].removeprefix("teleai/").removesuffix(".h")
        on = camel(NOUNS[noun]) if noun in NOUNS else ""
        made: dict[str, Any] = {"on": on, "name": camel(bare.removeprefix(f"{noun}_") if on else bare), "c": name}
        arguments, counted = [], False
        for parameter in function["parameters"]:
            called, kind = parameter["name"], parameter["type"]
            target = target_of(kind)
            argument: dict[str, Any] = {"kind": "", "name": camel(called), "field": called}
            if called in ("client", "error"):
                argument["kind"] = called
            elif called == "count" and counted:
                argument["kind"] = "count"
            elif "length_in" in parameter:
                counted = True
                argument |= {"kind": "uuids"} if target == "teleai_uuid" else {"kind": "inputs", "of": target}
            elif target == "teleai_create_many_options":
                argument["kind"] = "null"
            elif target == "teleai_uuid":
                argument |= {"kind": "uuid", "nullable": parameter.get("nullable", False)}
            elif kind == "const char *":
                argument["kind"] = "text"
            elif kind == "uint64_t":
                argument["kind"] = "fields"
            elif kind == "int64_t":
                argument["kind"] = "time"
            elif parameter["direction"] == "out":
                argument["kind"] = "out"
                made["out"] = "int64" if kind == "int64_t *" else target
            else:
                argument |= {"kind": "input", "of": target, "nullable": parameter.get("nullable", False)}
            arguments.append(argument)
        made["arguments"] = arguments
        if "out_freed_by" in function:
            made["free"] = function["out_freed_by"]
        made["doc"] = f"{function['doc']}\n\nReturns: {function['returns']}"
        found.append(made)
    return found


def enumerations() -> dict[str, dict[str, Any]]:
    return {enumeration_type(one["prefix"]): one for one in ENUMERATIONS if not one["bits"]}


def value_name(enumeration: dict[str, Any], value: dict[str, Any]) -> str:
    bare: str = value["name"].removeprefix(enumeration["prefix"])
    return bare if enumeration["prefix"] == "TELEAI_" else bare.lower()


def script() -> str:
    def rows(items: list[dict[str, Any]], indent: str) -> str:
        hidden = ("doc", "required", "nullable")
        plain = [{key: value for key, value in item.items() if key not in hidden} for item in items]
        return "".join(f"{indent}{json.dumps(item)},\n" for item in plain)

    out = f"// {MARK}\n'use strict';\n\nexports.version = {json.dumps(API['version'])};\n\nexports.enumerations = {{\n"
    for name, enumeration in enumerations().items():
        values = {value_name(enumeration, value): value["value"] for value in enumeration["values"]}
        out += f"  {name}: {json.dumps(values)},\n"
    out += "};\n\nexports.structs = {\n"
    for name in dict.fromkeys((*RECORDS, *LISTS, *INPUTS)):
        struct = STRUCTS[f"teleai_{name}"]
        sized = str(struct["begins_with_struct_size"]).lower()
        out += f"  teleai_{name}: {{ size: {struct['size']}, sized: {sized}, members: [\n"
        out += f"{rows(members(name), '    ')}  ] }},\n"
    out += "};\n\nexports.functions = [\n"
    for function in functions():
        arguments = function.pop("arguments")
        head = json.dumps({key: value for key, value in function.items() if key != "doc"})
        out += f'  {head[:-1]}, "arguments": [\n{rows(arguments, "    ")}  ]}},\n'
    error = {member["name"]: member["offset"] for member in STRUCTS["teleai_error"]["members"]}
    size = STRUCTS["teleai_error"]["size"]
    return out + f"];\n\nexports.error = {{ size: {size}, at: {json.dumps(error)} }};\n"


def comment(text: str, indent: str) -> str:
    if not text:
        return ""
    lines = "".join(f"{indent} * {line}".rstrip() + "\n" for line in text.replace("*/", "* /").split("\n"))
    return f"{indent}/**\n{lines}{indent} */\n" if "\n" in text else f"{indent}/** {text} */\n"


def script_type(member: dict[str, Any], given: bool) -> str:
    kind = member["kind"]
    plain: str = {
        "text": "string",
        "texts": "string[]",
        "uuid": "string",
        "uuidPointer": "string",
        "int64": "number",
        "int32": "number",
        "double": "number",
        "bool": "boolean",
        "time": "bigint | Date" if given else "bigint",
    }.get(kind, "")
    if kind in ("enumeration", "record"):
        plain = pascal(member["of"]) if kind == "record" else member["of"]
    elif kind in ("records", "structs"):
        plain = f"{pascal(member['of'])}[]"
    if given:
        return plain if member["required"] else f"{plain} | null"
    absent = "has" in member or kind in ("enumeration", "texts") or (kind == "text" and "NULL" in member["doc"])
    return f"{plain} | null" if absent else plain


def types() -> str:
    out = f"// {MARK}\n\n"
    out += (
        "/** Microseconds since 1970-01-01 UTC; the first and last bigint of 64 bits are PostgreSQL's infinities. */\n"
    )
    out += "export type Microseconds = bigint;\n"
    for name, enumeration in enumerations().items():
        names = " | ".join(f"'{value_name(enumeration, value)}'" for value in enumeration["values"])
        out += "\n" + comment(enumeration["doc"], "") + f"export type {name} = {names};\n"
    for name in dict.fromkeys((*RECORDS, *LISTS, *INPUTS)):
        given = name in INPUTS
        out += "\n" + comment(STRUCTS[f"teleai_{name}"]["doc"], "") + f"export interface {pascal(name)} {{\n"
        for member in members(name):
            if name in ("entity", "topic"):
                line = f"{member['name']}?: {script_type(member | {'required': False}, True)}"
            elif given:
                line = f"{member['name']}?: {script_type(member, True)}"
            else:
                line = f"readonly {member['name']}: {script_type(member, False)}"
            out += comment(member["doc"], "  ") + f"  {line};\n"
        out += "}\n"
    made = functions()
    for noun, plural in NOUNS.items():
        out += (
            f"\nexport interface {pascal(noun)}Calls {{\n"
            + "".join(map(method, [f for f in made if f["on"] == camel(plural)]))
            + "}\n"
        )
    out += "\n" + (HERE / "lib" / "client.d.ts.in").read_text(encoding="utf-8")
    nouns = "".join(f"  readonly {camel(plural)}: {pascal(noun)}Calls;\n" for noun, plural in NOUNS.items())
    return out.replace("  // GENERATED\n", nouns + "".join(method(f) for f in made if not f["on"]))


def method(function: dict[str, Any]) -> str:
    takes = []
    for argument in function["arguments"]:
        kind, mark = argument["kind"], "?" if argument.get("nullable") else ""
        if kind in ("uuid", "text"):
            takes.append(f"{argument['name']}{': string | null' if mark else ': string'}")
        elif kind == "uuids":
            takes.append(f"{argument['name']}: string[]")
        elif kind == "inputs":
            takes.append(f"{argument['name']}: {pascal(argument['of'])}[]")
        elif kind == "time":
            takes.append(f"{argument['name']}: bigint | Date | null")
        elif kind == "input":
            takes.append(f"{argument['name']}{mark}: {pascal(argument['of'])}{' | null' if mark else ''}")
    takes.append("call?: CallOptions")
    result = function.get("out", "void")
    result = {"void": "void", "int64": "number"}.get(result) or pascal(result)
    return comment(function["doc"], "  ") + f"  {function['name']}({', '.join(takes)}): Promise<{result}>;\n"


def main() -> None:
    made = {"lib/generated.js": script(), "index.d.ts": types()}
    wrong = []
    for name, text in made.items():
        path = HERE / name
        if sys.argv[1:] == ["--check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                wrong.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if wrong:
        sys.exit(f"not what teleai-api.json says: {', '.join(wrong)}; run python bindings/node/generate.py")


if __name__ == "__main__":
    main()
