"""Writes the manual: a page for each function and each header, teleai(3) for the contract, and for each type a link to its
header's page. The language is man(7), with tbl(1) for tables."""
import os
import re
import textwrap

from words import Names, text_of

WIDTH = 70  # of prototypes, at 80 columns


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("^", "\\(ha").replace("~", "\\(ti")
    text = text.replace("`", "\\(ga").replace("'", "\\(aq").replace('"', "\\(dq")
    return re.sub(r"(?m)^\.", "\\&.", text)


class Manual:
    def __init__(self, library, date):
        self.api = library
        self.names = Names(library)
        self.date = date
        functions = {item.name for item in library.items() if item.kind == "function"}
        self.pages = {header.name: "teleai_" + header.name + ("_h" if "teleai_" + header.name in functions else "")
                      for header in library.headers}

    def page_of(self, item):
        return item.name if item.kind == "function" else self.pages[item.header.name]

    def inline(self, text):
        out = []
        for kind, part, item, _ in self.names.tokens(text):
            if kind == "plain":
                out.append(escape(part))
            elif kind == "code":
                out.append(f"\\fI{escape(part)}\\fP")
            elif kind == "header":
                out.append(f"\\fB{self.pages[item.name]}\\fP(3)")
            elif item.kind == "function":
                out.append(f"\\fB{item.name}\\fP(3)")
            else:
                out.append(f"\\fB{escape(part)}\\fP")
        return re.sub(r"^(\\&)?(?=[.'])", r"\\&", "".join(out))

    def blocks(self, blocks, first=False):
        """Paragraphs; no .PP in front of the first where a heading is."""
        out = []
        for kind, block in blocks:
            if out or not first:
                out.append(".PP")
            if kind == "text":
                out.append(self.inline(block))
            elif kind == "code":
                out += [".RS 4", ".EX", escape(block), ".EE", ".RE"]
            elif kind == "rows":
                if out:
                    out.pop() if out[-1] == ".PP" else None
                for term, text in block:
                    out += [".TP", f"\\fB{escape(term)}\\fP", self.inline(text)]
            elif kind == "table":
                out += [".TS", "l" + " l" * (len(block[0]) - 1) + "x."]
                for row in block:
                    out.append("\t".join(f"T{{\n{self.inline(cell)}\nT}}" if len(cell) > 20 else self.inline(cell)
                                         for cell in row))
                out.append(".TE")
        return out

    def members(self, item):
        out = [".RS 4", ".PD 0"]
        for member in item.members:
            out += [".TP 4", f"\\fB{escape(member.declaration)}\\fP"] + ([self.inline(member.text)] if member.text else [])
        return out + [".PD", ".RE"]

    def type(self, item):
        """A type with its members, as a part of a page."""
        heading = {"enum": item.name + "..."}.get(item.kind, item.name)
        out = [f".SS {escape(heading)}"]
        if item.kind in ("type", "opaque", "macro"):
            out += [".nf", *(f"\\fB{escape(line)}\\fP" for line in self.fold(item.declaration)), ".fi"]
            if item.blocks:
                out.append(".PP")
        out += self.blocks(item.blocks, first=True)
        if item.members:
            if not item.blocks and item.kind != "type":
                out.append({"enum": "Values:"}.get(item.kind, "Members:"))
            out += self.members(item)
        return out

    @staticmethod
    def fold(declaration):
        match = re.match(r"(.*?\b\w+|.*\(\*\w+\))\((.*)\);$", declaration)
        if len(declaration) <= WIDTH or not match:
            return textwrap.wrap(declaration, WIDTH, subsequent_indent="    ", break_long_words=False)
        start = match[1] + "("
        # A no-break space keeps each parameter together.
        parameters = ", ".join(part.replace(" ", "\u00a0") for part in re.split(r", (?![^()]*\))", match[2])) + ");"
        for first, indent in ((start, " " * len(start)), ("", "    ")):
            lines = textwrap.wrap(parameters, WIDTH, initial_indent=first or indent, subsequent_indent=indent,
                                  break_long_words=False, break_on_hyphens=False)
            if max(map(len, lines)) <= WIDTH:
                break
        lines = lines if first else [start] + lines
        return [line.replace("\u00a0", " ") for line in lines]

    def head(self, name, what, header, names=()):
        include = f"teleai/{header}.h" if header else "teleai.h"
        names = ", ".join([name] + [other for other in names if other != name])
        return ["'\\\" t", ".\\\" Made from the public headers by docs/reference/generate.py.",
                f'.TH {name} 3 {self.date} "teleai {self.api.version}" "Library Functions Manual"',
                ".SH NAME", f"{escape(names)} \\- {escape(what)}", ".SH LIBRARY",
                "teleai (\\fIlibteleai\\fP, \\fI\\-lteleai\\fP)", ".SH SYNOPSIS", ".nf", f"\\fB#include <{include}>\\fP"]

    def see_also(self, names):
        names = sorted(set(names))
        return [".SH SEE ALSO", ",\n".join(f"\\fB{name}\\fP(3)" for name in names)]

    def function(self, item):
        out = self.head(item.name, item.title.replace("`", ""), item.header.name)
        out += [".PP", *(f"\\fB{escape(line)}\\fP" for line in self.fold(item.declaration)), ".fi", ".SH DESCRIPTION"]
        out += self.blocks(item.blocks, first=True)
        out += [".SH RETURN VALUE", self.inline(item.tags.get("Returns", ""))]
        explained = [token[1] for token in self.names.tokens(item.tags.get("Returns", "")) if token[0] == "status"]
        for name in dict.fromkeys(explained):
            if name != "OK":
                out += [".TP", f"\\fBTELEAI_{name}\\fP", self.inline(self.names.statuses[name].text)]
        if re.search(r"\busual\b", item.tags.get("Returns", "")):
            out += [".TP", "usual", f"what every call that reaches the server may return: {self.inline(self.names.usual)}"]
        for tag, heading in (("Owns", "OWNERSHIP"), ("Blocks", "BLOCKING")):
            if tag in item.tags:
                out += [f".SH {heading}", self.inline(item.tags[tag])]
        types, texts = [], [text_of(item)]
        for parameter in item.parameters:
            kind = self.names.type_of(parameter)
            if kind and kind.kind in ("struct", "type") and kind.name not in ("teleai_error", "teleai_uuid", "teleai_status"):
                if "**" not in parameter and kind not in types:
                    types.append(kind)
        for kind in list(types):
            texts.append(text_of(kind))
            for member in kind.members:
                hook = self.names.type_of(member.declaration)
                if hook and hook.kind == "type" and "(" in hook.declaration and hook not in types:
                    types.append(hook)
        enumerations = self.names.enumerations(*texts)
        for parameter in item.parameters: # int32_t action: TELEAI_ACTION_...
            named = self.names.items.get(f"TELEAI_{parameter.split()[-1].upper()}_")
            if named and named not in enumerations:
                enumerations.append(named)
        for heading, kinds in (("TYPES", types), ("ENUMERATIONS", enumerations)):
            if kinds:
                out.append(f".SH {heading}")
            for kind in kinds:
                out += self.type(kind)
        also = ["teleai", self.pages[item.header.name]]
        for kind, _, named, _ in self.names.tokens(" ".join(texts)):
            if kind == "name" and named is not item:
                also.append(self.page_of(named))
        for parameter in item.parameters:
            if self.names.type_of(parameter):
                also.append(self.page_of(self.names.type_of(parameter)))
        return out + self.see_also(also)

    def header(self, header):
        items = [part for kind, part in header.parts if kind == "item"]
        types = [item for item in items if item.kind != "function"]
        aliases = [item.name for item in types if item.kind in ("struct", "opaque", "type")
                   and item.name.startswith("teleai_")]
        out = self.head(self.pages[header.name], f"{header.title}: {header.summary}", header.name, aliases)
        out += [".fi", ".SH DESCRIPTION"]
        prose = [block for kind, part in header.parts if kind == "prose" for block in part]
        out += self.blocks(prose, first=True) or [f"{escape(header.title)}: {self.inline(header.summary)}."]
        out += [".PP", "What holds for every function is in \\fBteleai\\fP(3)."]
        if any(item.kind == "function" for item in items):
            out.append(".SH FUNCTIONS")
        for kind, part in header.parts:
            if kind == "section" and any(item.kind == "function" for item in self.section(header, part)):
                out.append(f".SS {escape(part[0].upper() + part[1:])}")
            elif kind == "item" and part.kind == "function":
                out += [".TP", f"\\fB{part.name}\\fP(3)", self.inline(part.title)]
        for heading, kinds in (("TYPES", ("struct", "opaque", "type")), ("ENUMERATIONS", ("enum",)), ("MACROS", ("macro",))):
            chosen = [item for item in types if item.kind in kinds]
            if chosen:
                out.append(f".SH {heading}")
            for item in chosen:
                out += self.type(item)
        others = [self.page_of(self.names.items[name]) for item in types for kind, _, named, _ in
                  self.names.tokens(text_of(item)) if kind == "name" and named.header is not header for name in [named.name]]
        return out + self.see_also(["teleai", *others])

    @staticmethod
    def section(header, title):
        inside, found = False, []
        for kind, part in header.parts:
            if kind == "section":
                inside = part == title
            elif kind == "item" and inside:
                found.append(part)
        return found

    def contract(self):
        library = self.api
        out = self.head("teleai", library.title, None)
        out += [".PP", "\\fBcc\\fP \\fIprogram.c\\fP \\fB$(pkg\\-config \\-\\-cflags \\-\\-libs teleai)\\fP", ".fi",
                ".SH DESCRIPTION"]
        out += self.blocks(library.about, first=True) + [".SS Three ideas"]
        for term, text in library.ideas:
            out += [".TP", f"\\fB{escape(term)}\\fP", self.inline(text)]
        out.append(".SH CONTRACT")
        for term, text in library.contract:
            out += [".TP", f"\\fB{escape(term)}\\fP", self.inline(text)]
        out.append(".SH HEADERS")
        for header in library.headers:
            out += [".TP", f"\\fB{self.pages[header.name]}\\fP(3)", f"{escape(header.title)}: {self.inline(header.summary)}"]
        return out + self.see_also(self.pages[header.name] for header in library.headers)

    def write(self, folder):
        pages, others = {"teleai": self.contract()}, {}
        for header in self.api.headers:
            page = self.pages[header.name]
            pages[page] = self.header(header)
            for kind, item in header.parts:
                if kind == "item" and item.kind == "function":
                    pages[item.name] = self.function(item)
                elif kind == "item" and item.kind in ("struct", "opaque", "type") and item.name.startswith("teleai_"):
                    others[item.name] = page
        others = {name: page for name, page in others.items() if name not in pages}
        os.makedirs(folder, exist_ok=True)
        for name, lines in pages.items():
            with open(os.path.join(folder, name + ".3"), "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
        for name, page in others.items():
            os.symlink(page + ".3", os.path.join(folder, name + ".3"))
        return len(pages) + len(others)
