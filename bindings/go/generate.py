"""Makes the generated part of the Go binding from bindings/teleai-api.json.

    python bindings/go/generate.py            writes enums_gen.go, records_gen.go, inputs_gen.go and calls_gen.go
    python bindings/go/generate.py --check    tells whether they are as they should be

Records become structs that hold copies, inputs are put into C memory for the length of a call, and functions become
methods. What may be absent is a pointer, times are time.Time, and everything else keeps the unit in its name. The files
are in gofmt's form but for its columns: "gofmt -w" after writing does the rest, and --check looks past blanks.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from api import API, ENUMERATIONS, HEADERS, INPUTS, LISTS, NOUNS, RECORDS, STRUCTS, enumeration_type  # noqa: E402

HEAD = "// Code generated from bindings/teleai-api.json by bindings/go/generate.py. DO NOT EDIT.\n\npackage teleai\n"
CGO = '\n/*\n#include <teleai.h>\n*/\nimport "C"\n'
INITIALS = {"id": "ID", "json": "JSON", "ip": "IP", "ok": "OK", "uuid": "UUID"}


def camel(name: str) -> str:
    return "".join(INITIALS.get(part, part.capitalize()) for part in name.lower().split("_"))


def lower(name: str) -> str:
    parts = name.split("_")
    word = parts[0] + "".join(INITIALS.get(part, part.capitalize()) for part in parts[1:])
    return f"{word}_" if word in ("type", "range", "func") else word


def comment(text: str, indent: str = "") -> str:
    """A comment of Go's, wrapped."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        if paragraph.startswith("    ") or not paragraph:
            lines.append(paragraph)
            continue
        line = ""
        for word in paragraph.split():
            if line and len(line) + 1 + len(word) > 112 - len(indent):
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        lines.append(line)
    return "".join(f"{indent}// {line}".rstrip() + "\n" for line in lines) if text else ""


def enums() -> str:
    out = HEAD
    names: list[tuple[str, list[tuple[str, str]]]] = []
    for enumeration in ENUMERATIONS:
        kind, prefix = enumeration_type(enumeration["prefix"]), enumeration["prefix"]
        base = "uint64" if enumeration["bits"] else "int32"
        doc = enumeration["doc"] or ("How a call went." if kind == "Status" else "")
        out += (
            "\n"
            + comment(f"{kind}: {doc}" if doc else f"{kind} is an enumeration.")
            + f"type {kind} {base}\n\nconst (\n"
        )
        words = []
        for value in enumeration["values"]:
            bare = value["name"].removeprefix("TELEAI_")
            name = camel(f"STATUS_{bare}" if kind == "Status" else bare)
            out += comment(value["doc"], "\t") + f"\t{name} {kind} = {value['value']}\n"
            word = bare if kind == "Status" else value["name"].removeprefix(prefix).lower()
            words.append((name, word))
        out += ")\n"
        if not enumeration["bits"]:
            names.append((kind, words))
    for kind, words in names:
        unknown = "UNKNOWN" if kind == "Status" else "unknown"
        out += f"\n// String is the value's name; {unknown} for one that this binding does not know.\n"
        out += f"func (v {kind}) String() string {{\n\tswitch v {{\n"
        out += "".join(f'\tcase {name}:\n\t\treturn "{word}"\n' for name, word in words)
        out += f'\t}}\n\treturn "{unknown}"\n}}\n'
    out += "\n// What errors.Is finds in an error: the status of the call.\nconst (\n"
    for name, _ in next(words for kind, words in names if kind == "Status"):
        if name != "StatusOK":
            out += f"\t{name.replace('Status', 'Err', 1)} = {name}\n"
    return out + ")\n"


class Member:
    """How a member is seen from Go."""

    def __init__(self, struct: dict[str, Any], member: dict[str, Any]) -> None:
        self.c_name, self.doc, self.type = member["name"], member["doc"], member["type"]
        self.c = f"_{self.c_name}" if self.c_name == "type" else self.c_name
        self.presence = member.get("presence")
        self.length = member.get("length_in")
        self.is_time = (
            self.type == "int64_t" and self.c_name.endswith("_us") and not self.c_name.endswith("wait_total_us")
        )
        self.name = camel(self.c_name.removesuffix("_us") if self.is_time else self.c_name)
        self.required = member.get("required", False)
        self.input = struct["begins_with_struct_size"] or struct["name"].removeprefix("teleai_") in INPUTS
        self.enumeration = member.get("enumeration")
        self.array = member.get("length")
        self.target = re.sub(r"\bconst\b|\*|\s", "", self.type)

    def null_text(self) -> bool:
        return not self.required if self.input else "NULL" in self.doc

    def scalar(self) -> str:
        if self.is_time:
            return "time.Time"
        if self.enumeration and self.type == "int32_t":
            return enumeration_type(self.enumeration)
        return {"bool": "bool", "double": "float64", "int32_t": "int32", "int64_t": "int64", "size_t": "int"}[self.type]

    def go(self) -> str:
        if self.type == "const char * const *":
            return "[]string"
        if self.type == "const char *":
            return "*string" if self.null_text() else "string"
        if self.type == "teleai_uuid":
            return "*UUID" if self.presence else "UUID"
        if self.type == "const teleai_uuid *":
            return "UUID" if self.required else "*UUID"
        if self.length:
            return f"[]{camel(self.target.removeprefix('teleai_'))}"
        if "*" in self.type:
            return f"*{camel(self.target.removeprefix('teleai_'))}"
        return f"*{self.scalar()}" if self.presence else self.scalar()

    def to_go(self) -> str:
        """The expression or statement that copies it out of C."""
        c, name = f"c.{self.c}", f"r.{self.name}"
        if self.type == "const char * const *":
            return f"{name} = textsFrom(c.{self.c}, c.{self.length})"
        if self.type == "const char *":
            if self.length:
                return f"{name} = C.GoStringN(c.{self.c}, C.int(c.{self.length}))"
            return f"{name} = textFrom(c.{self.c})" if self.null_text() else f"{name} = C.GoString(c.{self.c})"
        if self.type == "teleai_uuid":
            copied = f"uuidFrom(&{c})"
            return f"if c.{self.presence} {{\nv := {copied}\n{name} = &v\n}}" if self.presence else f"{name} = {copied}"
        if self.length:
            kind = self.target.removeprefix("teleai_")
            array = f"unsafe.Slice({c}, int(c.{self.length}))"
            return f"for i := range {array} {{\n{name} = append({name}, *{lower(kind)}From(&{array}[i]))\n}}"
        if "*" in self.type:
            return f"{name} = {lower(self.target.removeprefix('teleai_'))}From({c})"
        value = f"timeFrom({c})" if self.is_time else f"{self.scalar()}({c})"
        return f"if c.{self.presence} {{\nv := {value}\n{name} = &v\n}}" if self.presence else f"{name} = {value}"

    def to_c(self) -> str:
        c, name = f"c.{self.c}", f"in.{self.name}"
        if self.type == "const char * const *":
            return f'{c}, c.{self.length} = a.texts("{self.c_name}", {name})'
        if self.type == "const char *":
            call = "optional" if self.null_text() else "required"
            more = f"\nif {name} != nil {{\nc.{self.length} = C.size_t(len(*{name}))\n}}" if self.length else ""
            return f'{c} = a.{call}("{self.c_name}", {name}, {str(bool(self.length)).lower()}){more}'
        if self.type == "const teleai_uuid *":
            return f"{c} = a.{'uuid' if self.required else 'optionalUUID'}({name})"
        if self.length:
            return (
                f"{c} = (*C.{self.target})(a.array(len({name}), C.sizeof_{self.target}, {name} == nil))\n"
                f"c.{self.length} = C.size_t(len({name}))\n"
                f"for i := range {name} {{\n{name}[i].fill(a, &unsafe.Slice({c}, len({name}))[i])\n}}"
            )
        kind = f"C.{self.type}"
        if self.presence:
            value = f"microseconds(*{name})" if self.is_time else f"{kind}(*{name})"
            return f"if {name} != nil {{\n{c} = {value}\nc.{self.presence} = true\n}}"
        return f"{c} = microseconds({name})" if self.is_time else f"{c} = {kind}({name})"


def members(struct: dict[str, Any]) -> list[Member]:
    """Those that Go sees: not the lengths, the has_... and what is only for C."""
    hidden = (
        {"struct_size"}
        | {m.get("presence") for m in struct["members"]}
        | {m.get("length_in") for m in struct["members"]}
    )
    return [
        Member(struct, member)
        for member in struct["members"]
        if member["name"] not in hidden
        and not member.get("reserved")
        and not member["type"].endswith("_hook")
        and member["type"] != "void *"
    ]


def declaration(struct: dict[str, Any], name: str) -> str:
    out = comment(struct["doc"]) + f"type {name} struct {{\n"
    for member in members(struct):
        if struct["name"] == "teleai_search_hits" and member.c_name == "items":
            out += "\tItems []*SearchHit\n"
            continue
        out += comment(member.doc, "\t") + f"\t{member.name} {member.go()}\n"
    return out + "}\n"


def records() -> str:
    out = HEAD + CGO + '\nimport (\n\t"time"\n\t"unsafe"\n)\n'
    for name in RECORDS:
        struct, kind = STRUCTS[f"teleai_{name}"], camel(name)
        out += "\n" + declaration(struct, kind)
        out += f"\nfunc {lower(name)}From(c *C.teleai_{name}) *{kind} {{\n"
        out += f"\tif c == nil {{\n\t\treturn nil\n\t}}\n\tr := &{kind}{{}}\n"
        for member in members(struct):
            if name == "search_hits" and member.c_name == "items":
                line = "for _, item := range unsafe.Slice(c.items, int(c.count)) {\n"
                line += "r.Items = append(r.Items, searchHitFrom(item))\n}"
            else:
                line = member.to_go()
            out += "".join(f"\t{part}\n" for part in line.split("\n"))
        out += "\treturn r\n}\n"
    for name in LISTS:
        struct = STRUCTS[f"teleai_{name}"]
        item = struct["list_of"].removeprefix("teleai_")
        out += f"\nfunc {lower(name)}From(c *C.teleai_{name}) *List[{camel(item)}] {{\n"
        out += f"\tlist := &List[{camel(item)}]{{}}\n\tfor _, item := range unsafe.Slice(c.items, int(c.count)) {{\n"
        out += f"\t\tlist.Items = append(list.Items, {lower(item)}From(item))\n\t}}\n"
        if any(member["name"] == "next_cursor" for member in struct["members"]):
            out += "\tlist.NextCursor = textFrom(c.next_cursor)\n"
        out += "\treturn list\n}\n"
    return out


def inputs() -> str:
    out = HEAD + CGO + '\nimport (\n\t"time"\n\t"unsafe"\n)\n'
    for name in INPUTS:
        struct, kind = STRUCTS[f"teleai_{name}"], camel(name)
        if name not in RECORDS:
            out += "\n" + declaration(struct, kind)
        out += f"\nfunc (in *{kind}) fill(a *arena, c *C.teleai_{name}) {{\n"
        if struct["begins_with_struct_size"]:
            out += f"\tc.struct_size = C.sizeof_teleai_{name}\n"
        for member in members(struct):
            out += "".join(f"\t{part}\n" for part in member.to_c().split("\n"))
        out += "}\n"
        if struct["begins_with_struct_size"]:
            out += f"\nfunc (in *{kind}) toC(a *arena) *C.teleai_{name} {{\n\tif in == nil {{\n\t\treturn nil\n\t}}\n"
            out += f"\tc := (*C.teleai_{name})(a.alloc(C.sizeof_teleai_{name}))\n\tin.fill(a, c)\n\treturn c\n}}\n"
    out += "\n// The sizes that the C compiler gives these structs, for the tests.\nvar sizes = map[string]uintptr{\n"
    for name in dict.fromkeys((*RECORDS, *LISTS, *INPUTS, "error", "uuid")):
        out += f'\t"teleai_{name}": C.sizeof_teleai_{name},\n'
    return out + "}\n"


def call(function: dict[str, Any]) -> str:
    """A function as a method."""
    bare = function["name"].removeprefix("teleai_")
    noun = function["header"].removeprefix("teleai/").removesuffix(".h")
    receiver, method = "c *Client", camel(bare)
    if noun in NOUNS:
        receiver, method = f"s {camel(noun)}Calls", camel(bare.removeprefix(f"{noun}_"))
    client = "s.client" if noun in NOUNS else "c"
    takes, prepares, passes, result = ["ctx context.Context"], "", [], None
    for parameter in function["parameters"]:
        name, kind = parameter["name"], parameter["type"]
        target = re.sub(r"\bconst\b|\*|\s", "", kind).removeprefix("teleai_")
        word = lower(name)
        if name == "client":
            passes.append("client")
        elif name == "error":
            passes.append("e")
        elif name == "count" and "length_in" in str(function["parameters"]):
            passes.append(f"C.size_t(len({lower(function['parameters'][1]['name'])}))")
        elif parameter.get("length_in") and target == "uuid":
            takes.append(f"{word} []UUID")
            passes.append(f"uuidsPointer({word})")
        elif parameter.get("length_in"):
            takes.append(f"{word} []{camel(target)}")
            prepares += (
                f"\tcInputs := (*C.teleai_{target})(a.array(len({word}), C.sizeof_teleai_{target}, {word} == nil))\n"
            )
            prepares += (
                f"\tfor i := range {word} {{\n\t\t{word}[i].fill(&a, &unsafe.Slice(cInputs, len({word}))[i])\n\t}}\n"
            )
            passes.append("cInputs")
        elif target == "create_many_options":
            passes.append("nil")
        elif kind == "const teleai_uuid *":
            takes.append(f"{word} {'*' if parameter.get('nullable') else ''}UUID")
            passes.append(f"uuidPointer({'' if parameter.get('nullable') else '&'}{word})")
        elif kind == "const char *":
            takes.append(f"{word} string")
            prepares += f'\t{word}C := a.text("{name}", {word}, false)\n'
            passes.append(f"{word}C")
        elif kind == "uint64_t":
            takes.append(f"{word} {camel(noun)}Field")
            passes.append(f"C.uint64_t({word})")
        elif kind == "int64_t" and name.endswith("_us"):
            word = lower(name.removesuffix("_us"))
            takes.append(f"{word} time.Time")
            passes.append(f"microseconds({word})")
        elif parameter["direction"] == "out":
            result = (kind, target)
            passes.append("&out")
        else:
            takes.append(f"{word} *{camel(target)}")
            passes.append(f"{word}.toC(&a)")
    doc = comment(f"{method}: {function['doc']}\n\nReturns: {function['returns']}")
    gives, before, after, fails = "error", "", "return nil", "return err"
    if result and result[0] == "int64_t *":
        gives, before, after, fails = (
            "(int64, error)",
            "\tvar out C.int64_t\n",
            "return int64(out), nil",
            "return 0, err",
        )
    elif result:
        target = result[1]
        item = STRUCTS[f"teleai_{target}"].get("list_of")
        kind = f"List[{camel(item.removeprefix('teleai_'))}]" if item and target in LISTS else camel(target)
        gives, before, fails = f"(*{kind}, error)", f"\tvar out *C.teleai_{target}\n", "return nil, err"
        after = f"defer C.{function['out_freed_by']}(out)\n\treturn {lower(target)}From(out), nil"
    passed = []
    for argument in passes:
        if argument.endswith(".toC(&a)"):
            prepares += f"\t{argument.split('.')[0]}C := {argument}\n"
            argument = f"{argument.split('.')[0]}C"
        passed.append(argument)
    arena = "\tvar a arena\n\tdefer a.free()\n" if prepares else ""
    given = "&a" if prepares else "nil"
    return (
        f"\n{doc}func ({receiver}) {method}({', '.join(takes)}) {gives} {{\n{arena}{prepares}{before}"
        f"\terr := {client}.run(ctx, {given}, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {{\n"
        f"\t\treturn C.{function['name']}({', '.join(passed)})\n\t}})\n"
        f"\tif err != nil {{\n\t\t{fails}\n\t}}\n\t{after}\n}}\n"
    )


def calls() -> str:
    out = HEAD + CGO + '\nimport (\n\t"context"\n\t"time"\n\t"unsafe"\n)\n'
    out += "\n// The calls about each noun, in Client.\ntype (\n"
    out += "".join(f"\t{camel(noun)}Calls struct{{ client *Client }}\n" for noun in NOUNS) + ")\n"
    out += (
        "\ntype nouns struct {\n"
        + "".join(f"\t{camel(plural)} {camel(noun)}Calls\n" for noun, plural in NOUNS.items())
        + "}\n"
    )
    out += "\nfunc nounsOf(c *Client) nouns {\n\treturn nouns{"
    out += ", ".join(f"{camel(noun)}Calls{{c}}" for noun in NOUNS) + "}\n}\n"
    headers = {f"teleai/{name}.h" for name in HEADERS}
    for function in API["functions"]:
        name = function["name"]
        if name == "teleai_ping" or (
            function["header"] in headers
            and not name.endswith(("_free", "_name", "_stream", "_stream_next", "_check_permission"))
        ):
            out += call(function)
    return out


def main() -> None:
    made = {"enums_gen.go": enums(), "records_gen.go": records(), "inputs_gen.go": inputs(), "calls_gen.go": calls()}
    wrong = []
    for name, text in made.items():
        path = HERE / name
        if sys.argv[1:] == ["--check"]:
            if not path.exists() or "".join(path.read_text(encoding="utf-8").split()) != "".join(text.split()):
                wrong.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if wrong:
        sys.exit(f"not what teleai-api.json says: {', '.join(wrong)}; run python bindings/go/generate.py and gofmt -w")


if __name__ == "__main__":
    main()
