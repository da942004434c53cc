"""Reads the public headers: their comments and declarations, as values that manual.py and site.py write out.

Only the form that the headers have is understood; anything else is an error that names the file, so that nothing that is
declared can be missing from the documentation.

By hand: a parser of C, such as pycparser's, drops what this is about, which is comments, macros and the order of all three, so
that most of this file would stay, with a preprocessor before it and types for pycparser to know; and everyone who installs the
library would need it for the manual. That both read the same declarations is a test: tests/docs/check_readers.sh.
"""
import os
import re
from dataclasses import dataclass, field

TAGS = ("Returns", "Owns", "Blocks")


@dataclass
class Member:
    declaration: str  # "const char *email", or "TELEAI_ROLE_USER = 2"
    name: str
    text: str


@dataclass
class Item:
    kind: str  # function, struct, opaque, type, enum, macro
    name: str  # of an enumeration what its names begin with, "TELEAI_ROLE_"
    blocks: list  # of the comment
    tags: dict = field(default_factory=dict)  # "Returns": "OK; usual."
    members: list = field(default_factory=list)
    declaration: str = ""
    result: str = ""  # of a function: "teleai_status"
    parameters: list = field(default_factory=list)  # of a function: "teleai_client *client"
    header: "Header" = None

    @property
    def title(self):
        """The first sentence of the comment, or what comes before its first ';' or ':' outside of parentheses."""
        first = self.blocks[0][1] if self.blocks and self.blocks[0][0] == "text" else ""
        depth = 0
        for place, letter in enumerate(first):
            depth += (letter == "(") - (letter == ")")
            if depth == 0 and letter in ".;:" and first[place + 1:place + 2] in ("", " "):
                return first[:place].rstrip(".")
        return first


@dataclass
class Header:
    name: str  # "user"
    title: str  # "Users"
    summary: str  # "accounts, logging in, and what each role may do"
    parts: list = field(default_factory=list)  # ("section", title), ("prose", blocks) or ("item", Item), in order


@dataclass
class Library:
    version: str
    title: str
    about: list  # blocks
    ideas: list  # (term, text)
    contract: list  # (term, text)
    headers: list

    def items(self):
        return [part for header in self.headers for kind, part in header.parts if kind == "item"]


def join(lines):
    return re.sub(r"\s+", " ", " ".join(lines)).strip()


def comment_lines(comment):
    """The lines of a comment without its frame, indentation kept."""
    body = re.sub(r"^/\*+<?|\*+/$", "", re.sub(r"^/\*+/$", "", comment.strip()))
    lines = [re.sub(r"^\s*\* ?", "", line).rstrip() if i else line.strip() for i, line in enumerate(body.split("\n"))]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def columns_of(lines):
    """Where columns begin: everywhere a word begins on every line, and on some line after a gap."""
    found = []
    for column in range(2, max(map(len, lines))):
        words = [line for line in lines if len(line) > column and line[column] != " " and line[column - 1] == " "]
        gaps = [line for line in words if line[column - 2] == " "]
        if len(words) == len(lines) and gaps:
            found.append((column, len(gaps)))
    return found


def example(lines):
    """An indented part of a comment: ("rows", [[cell, cell ...] ...]) where it has columns, else ("code", text)."""
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    lines = [line[margin:] for line in lines]
    columns = columns_of(lines)
    often = [column for column, gaps in columns if gaps * 2 > len(lines)]
    if len(often) > 1:
        rows = []
        for line in lines:
            cells = [line[start:end].strip() for start, end in zip([0] + often, often + [None])]
            rows.append(cells[:-1] + re.split(r"\s{2,}", cells[-1]))
        width = max(map(len, rows))
        return ("table", [row + [""] * (width - len(row)) for row in rows])
    if columns:
        column = columns[0][0]
        rows = []
        for line in lines:
            term, text = line[:column].strip(), line[column:].strip()
            if term or not rows:
                rows.append([term, text])
            else:
                rows[-1][1] += " " + text
        return ("rows", rows)
    return ("code", "\n".join(lines))


def read_comment(comment):
    """The blocks and the tags of a comment."""
    blocks, tags, text, code, tag = [], {}, [], [], None

    def end():
        if text and tag is None:
            blocks.append(("text", join(text)))
        if code:
            blocks.append(example(code))
        text.clear()
        code.clear()

    for line in comment_lines(comment):
        match = re.match(r"(%s): (.*)" % "|".join(TAGS), line)
        if match:
            end()
            tag = match[1]
            tags[tag] = match[2]
        elif not line:
            end()
            tag = None
        elif tag is not None:
            tags[tag] += " " + line.strip()
        elif line.startswith("    "):
            if text:
                end()
            code.append(line)
        else:
            if code:
                end()
            text.append(line)
    end()
    return blocks, tags


def split_parameters(text):
    """Parameters, apart at the commas that are not in parentheses."""
    parts = re.split(r",\s*(?![^()]*\))", text)
    return [] if parts == ["void"] else parts


def read_members(body, where):
    """Of a struct: what ends in ';' with the comment behind it, or before it."""
    members = []
    pattern = r"\s*(?:/\*\*(?!<)(.*?)\*/\s*)?([^;/]+);[ \t]*(/\*\*<.*?\*/)?"
    rest = re.sub(pattern, lambda match: members.append(match) or "", body, flags=re.S)
    if rest.strip():
        raise SystemExit(f"{where}: a member that is not understood: {rest.strip()[:80]}")
    result = []
    for before, declaration, after in (match.groups() for match in members):
        declaration = join([declaration])
        if re.search(r",(?![^(]*\))", declaration):
            raise SystemExit(f"{where}: a declaration of several members: {declaration}")
        text = join(comment_lines(after or f"/*{before or ''}*/"))
        function = re.search(r"\(\*(\w+)\)", declaration)
        name = function[1] if function else re.findall(r"\w+", re.sub(r"\[.*?\]", "", declaration))[-1]
        result.append(Member(declaration, name, text))
    return result


def read_enumerators(body, where):
    result, position = [], 0
    pattern = re.compile(r"\s*(?:/\*\*(?!<)(.*?)\*/\s*)?(\w+(?:\s*=\s*[^,/]+?)?)\s*(?:,|(?=/\*|$))\s*(/\*\*<.*?\*/)?", re.S)
    body = body.strip()
    while position < len(body):
        match = pattern.match(body, position)
        if not match:
            raise SystemExit(f"{where}: an enumerator that is not understood: {body[position:position + 80]}")
        before, declaration, after = match.groups()
        text = join(comment_lines(after or f"/*{before or ''}*/"))
        result.append(Member(join([declaration]), declaration.split()[0], text))
        position = match.end()
    return result


def declaration_item(text, comment, where):
    """What a declaration, up to its ';', declares."""
    flat = join([text])
    blocks, tags = read_comment(comment) if comment else ([], {})
    match = re.match(r"TELEAI_API (.*?)(teleai_\w+)\((.*)\);$", flat)
    if match:
        if not comment:
            raise SystemExit(f"{where}: {match[2]} has no comment")
        return Item("function", match[2], blocks, tags, declaration=flat.removeprefix("TELEAI_API "),
                    result=match[1].strip() + ("" if match[1].endswith("*") else " "),
                    parameters=split_parameters(match[3]))
    match = re.match(r"(?:typedef )?struct (\w+) \{(.*)\}", text, re.S)
    if match:
        return Item("struct", match[1], blocks, members=read_members(match[2], where))
    match = re.match(r"(?:typedef )?enum\s*\w* \{(.*)\}\s*(\w*)", text, re.S)
    if match:
        members = read_enumerators(match[1], where)
        prefix = os.path.commonprefix([member.name for member in members])
        return Item("enum", match[2] or prefix[:prefix.rindex("_") + 1], blocks, members=members)
    match = re.match(r"typedef struct (\w+) \1;$", flat)
    if match:
        return Item("opaque", match[1], blocks, declaration=flat)
    match = re.match(r"typedef .*?(?:\(\*(\w+)\)\(.*\)|(\w+));$", flat)
    if match:
        return Item("type", match[1] or match[2], blocks, declaration=flat)
    raise SystemExit(f"{where}: a declaration that is not understood: {flat[:80]}")


def read_header(path):
    name = os.path.splitext(os.path.basename(path))[0]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"#ifdef __cplusplus\n.*?#endif\n", "", text, flags=re.S)
    first = re.match(r"/\*(?!\*)(.*?)\*/", text, re.S)
    if not first:
        raise SystemExit(f"{path}: begins with no comment that says what it is about")
    blocks, _ = read_comment(first[0])
    heading, _, summary = blocks[0][1].rstrip(".").partition(": ")
    if not summary:
        heading, summary = name.replace("_", " ").capitalize(), heading[0].lower() + heading[1:]
    header = Header(name, heading, summary)
    if blocks[1:]:
        header.parts.append(("prose", blocks[1:]))
    text, position, comment = text[first.end():], 0, None
    token = re.compile(r"\s*(?:(/\*.*?\*/)|(#(?:[^\n]*\\\n)*[^\n]*)|"
                       r"([^;{]*(?:\{(?:/\*.*?\*/|[^}])*\}[^;]*)?;))", re.S)
    while text[position:].strip():
        match = token.match(text, position)
        if not match:
            raise SystemExit(f"{path}: not understood: {text[position:].strip()[:80]}")
        position = match.end()
        remark, directive, declaration = match.groups()
        item = None
        if remark:
            section = re.match(r"/\* -+ (.*?) -+ \*/", remark)
            if section:
                header.parts.append(("section", section[1]))
            elif not remark.startswith("/**"):
                header.parts.append(("prose", read_comment(remark)[0]))
            comment = remark if remark.startswith("/**") else None
        elif directive:
            match = re.match(r"#define (TELEAI_\w+) +(\S.*)", directive)
            if match and match[1] != "TELEAI_API":
                blocks = read_comment(comment)[0] if comment else []
                item = Item("macro", match[1], blocks, declaration=join([directive]))
            comment = None
        else:
            item = declaration_item(declaration.strip(), comment, path)
            comment = None
            last = header.parts[-1][1] if header.parts and header.parts[-1][0] == "item" else None
            if item.kind == "enum" and not item.blocks and last and last.kind == "type" and "(" not in last.declaration:
                last.members = item.members # an integer type, and its values behind it
                continue
        if item:
            item.header = header
            header.parts.append(("item", item))
    return header


def read_entries(lines):
    """The contract: terms at the margin, which may go on in the next line, with their text in a column beside them."""
    entries = []
    for part in re.split(r"\n{2,}", "\n".join(lines).strip()):
        part = part.split("\n")
        column = columns_of(part)[0][0] if columns_of(part) else re.match(r"\S+\s+", part[0]).end()
        entries.append((join(line[:column] for line in part), join(line[column:] for line in part)))
    return entries


def read_library(include):
    path = os.path.join(include, "teleai.h")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    lines = comment_lines(re.match(r"/\*.*?\*/", text, re.S)[0])
    try:
        ideas, contract = lines.index("THREE IDEAS"), lines.index("THE CONTRACT")
    except ValueError:
        raise SystemExit(f"{path}: THREE IDEAS and THE CONTRACT are not there") from None
    about = read_comment("/*\n" + "\n".join(" * " + line for line in lines[:ideas]) + "*/")[0]
    headers = [read_header(os.path.join(include, name)) for name in re.findall(r'#include "(teleai/\w+\.h)"', text)]
    missing = set(os.listdir(os.path.join(include, "teleai"))) - {header.name + ".h" for header in headers}
    if missing:
        raise SystemExit(f"{path} does not include {', '.join(sorted(missing))}")
    defines = dict(re.findall(r"#define TELEAI_VERSION_(\w+) (\d+)",
                              open(os.path.join(include, "teleai", "base.h"), encoding="utf-8").read()))
    return Library(".".join(defines[part] for part in ("MAJOR", "MINOR", "PATCH")),
                   about[0][1].rstrip(".").partition(": ")[2], about[1:],
                   example([line for line in lines[ideas + 1:contract] if line])[1], read_entries(lines[contract + 1:]),
                   headers)
