"""docs/reference reads the headers and the guides by code of its own, so that an installation needs nothing but Python. What it
reads is what libraries for the two read: pycparser in the headers, markdown-it-py in the guides. readers.py SOURCE [FILE ...]"""

import glob
import html
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from pycparser import CParser, c_ast, c_generator

source = sys.argv[1]
sys.path.insert(0, os.path.join(source, "docs", "reference"))
from headers import read_library  # noqa: E402
from markdown import Markdown  # noqa: E402

wrong = []


def compare(where, ours, theirs):
    """Of two lists the first place where they differ."""
    if ours == theirs:
        return
    place = next((i for i, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1]), min(len(ours), len(theirs)))
    wrong.append(f"{where}:\n  read:    {ours[place : place + 3]}\n  library: {theirs[place : place + 3]}")


# ---- guides ----


class Events(HTMLParser):
    """What a reader sees: texts, and the elements that matter."""

    def __init__(self, text):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(text)
        self.end_text()

    def end_text(self):
        if text := re.sub(r"\s+", " ", self.text).strip():
            self.found.append(text)
        self.text = ""

    def handle_data(self, data):
        self.text += data

    def handle_starttag(self, tag, attributes):
        if tag in ("p", "li", "td", "th", "pre", "h2", "ul", "ol", "table", "tr", "strong", "em", "a"):
            self.end_text()
            self.found.append((tag, dict(attributes).get("href")))
        elif tag == "code":
            self.text += "`"

    def handle_endtag(self, tag):
        if tag in ("p", "li", "td", "th", "pre", "h2", "ul", "ol", "table", "tr", "strong", "em", "a"):
            self.end_text()
        elif tag == "code":
            self.text += "`"


def guide_of_library(text):
    made = MarkdownIt("commonmark").enable("table").render(re.sub(r"<!--.*?-->\n?", "", text, flags=re.S))
    made = re.sub(r"<h1>.*?</h1>", "", made)  # the title, which is not part of the text
    made = re.sub(r"<(/?)h[3-6]>", r"<\1h2>", made)
    made = re.sub(r"<pre><code[^>]*>(.*?)</code></pre>", r"<pre>\1</pre>", made, flags=re.S)
    made = re.sub(r"<thead>\s*<tr>(\s*<th></th>)*\s*</tr>\s*</thead>", "", made)
    return Events(re.sub(r"<li>\s*<p>(.*?)</p>\s*</li>", r"<li>\1</li>", made, flags=re.S)).found


def guide_of_ours(text):
    def pre(code):
        return f"<pre>{html.escape(code)}</pre>"

    reader = Markdown(
        lambda target, text: f'<a href="{target}">{text}</a>', lambda code: f"<code>{html.escape(code)}</code>", pre
    )
    return Events(reader.page(text)[1]).found


# ---- headers ----

TYPES = """typedef int int32_t; typedef long int64_t; typedef unsigned char uint8_t; typedef unsigned int uint32_t;
typedef unsigned long uint64_t; typedef unsigned long size_t; typedef _Bool bool;
"""


def plain(text):
    """A declaration without its spaces."""
    return re.sub(r"\s+", "", text).replace("_Bool", "bool")


def headers_of_library():
    """Lines that say what is declared: (name), and (name, member or parameter)."""
    include = os.path.join(source, "include")
    empty = {f"<{name}>": "" for name in ("stdbool.h", "stddef.h", "stdint.h")}
    text = ""
    for name in re.findall(r'#include "(teleai/\w+\.h)"', open(os.path.join(include, "teleai.h")).read()):
        with open(os.path.join(include, name), encoding="utf-8") as file:
            text += "".join(line for line in file if not line.startswith("#include") or line.split()[1] not in empty)
    done = subprocess.run(
        ["cc", "-E", "-P", "-xc", "-", "-D__attribute__(x)="],
        input=re.sub(r'#include "[^"]*"', "", text),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    write = c_generator.CGenerator().visit
    found = set()
    for node in CParser().parse(TYPES + done.stdout).ext:
        if isinstance(node, c_ast.Decl) and isinstance(node.type, c_ast.FuncDecl):
            found.add(node.name)
            for place, each in enumerate(node.type.args.params):
                if plain(write(each)) != "void":
                    found.add((node.name, place, plain(write(each))))
        elif isinstance(node, c_ast.Typedef) and (node.name.startswith("teleai_") or node.name.startswith("Arrow")):
            found.add(node.name)
        kind = node.type.type if isinstance(node, c_ast.Typedef) and isinstance(node.type, c_ast.TypeDecl) else node.type
        if isinstance(kind, c_ast.Struct) and kind.decls:
            found.add(kind.name)
            for each in kind.decls:
                found.add((kind.name, plain(write(each))))
        elif isinstance(kind, c_ast.Enum):
            found.update(each.name for each in kind.values.enumerators)
    return found


def headers_of_ours():
    found = set()
    for item in read_library(os.path.join(source, "include")).items():
        if item.kind == "function":
            found.update((item.name, i, plain(each)) for i, each in enumerate(item.parameters))
        elif item.kind == "struct":
            found.update((item.name, plain(member.declaration)) for member in item.members)
        else:  # of a type, too, whose values follow it
            found.update(member.name for member in item.members)
        if item.kind not in ("macro", "enum"):
            found.add(item.name)
    return found


guides = sys.argv[2:] or [os.path.join(source, "README.md"), *glob.glob(os.path.join(source, "docs", "*.md"))]
for guide in guides:
    with open(guide, encoding="utf-8") as file:
        text = file.read()
    compare(os.path.relpath(guide, source), guide_of_ours(text), guide_of_library(text))
ours, theirs = headers_of_ours(), headers_of_library()
for each in ours ^ theirs:
    wrong.append(f"include/teleai: {each} is read only by {'headers.py' if each in ours else 'pycparser'}")
print("\n".join(wrong) if wrong else f"{len(guides)} guides and {len(ours)} declarations are read alike")
sys.exit(bool(wrong))
