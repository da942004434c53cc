"""Writes the browsable pages: the contract, a page for each header, the guides, and an index to search in."""
import glob
import html
import json
import os
import re
import shutil

from markdown import Markdown
from words import Names

LABELS = {"function": "function", "struct": "struct", "opaque": "type", "type": "type", "enum": "values", "macro": "macro"}
KEYWORDS = r"\b(const|char|void|bool|double|float|int|struct|typedef|enum|u?int\d+_t|size_t|if|for|else|return|sizeof|static)\b"


def text_only(text):
    return html.escape(text, quote=False)


class Site:
    def __init__(self, library, source):
        self.api, self.source = library, source
        self.names = Names(library)
        self.guides = [os.path.splitext(os.path.basename(path))[0]
                       for path in sorted(glob.glob(os.path.join(source, "docs", "*.md")))]
        self.guide_titles = {}

    # ---- text ----

    @staticmethod
    def anchor(item, place=None):
        if place and item.kind == "struct":
            return f"{item.name}.{place}"
        return place or item.name.rstrip("_")

    def href(self, item, place=None):
        return f"{item.header.name}.html#{self.anchor(item, place)}"

    def inline(self, text):
        out = []
        for kind, part, item, place in self.names.tokens(text):
            escaped = text_only(part)
            if kind == "plain":
                out.append(escaped)
            elif kind == "header":
                out.append(f'<a href="{item.name}.html"><code>{escaped}</code></a>')
            elif item is None:
                out.append(f"<code>{escaped}</code>")
            else:
                out.append(f'<a href="{self.href(item, place)}"><code>{escaped}</code></a>')
        return re.sub(r"\bdocs/(\w+)\.md\b", lambda match: f'<a href="guide-{match[1]}.html">{match[0]}</a>'
                      if match[1] in self.guides else match[0], "".join(out))

    def code(self, text, own=None):
        """C, with the library's names linked; comments and strings are left alone."""
        out = []
        for part in re.split(r'(/\*.*?\*/|"(?:\\.|[^"\\])*"|<[\w/]+\.h>)', text, flags=re.S):
            if part.startswith("/*"):
                out.append(f'<span class="c">{text_only(part)}</span>')
                continue
            if part[:1] in ('"', "<") and len(part) > 1 and part[-1] in '">':
                out.append(f'<span class="s">{text_only(part)}</span>')
                continue
            for piece in re.split(r"(\b(?:teleai|TELEAI)_\w+\b)", part):
                item, place = self.names.items.get(piece), None
                if piece in self.names.values:
                    item, place = self.names.values[piece][0], piece
                if item and item is not own:
                    out.append(f'<a href="{self.href(item, place)}">{piece}</a>')
                elif item:
                    out.append(f"<b>{piece}</b>")
                else:
                    out.append(re.sub(KEYWORDS, r'<span class="k">\1</span>', text_only(piece)))
        return "".join(out)

    def blocks(self, blocks):
        out = []
        for kind, block in blocks:
            if kind == "text":
                out.append(f"<p>{self.inline(block)}</p>")
            elif kind == "code":
                out.append(f"<pre>{text_only(block)}</pre>")
            else:
                head = []
                if kind == "table":
                    head, block = block[0], block[1:]
                rows = "".join("<tr>%s</tr>" % "".join(
                    f"<td>{'<code>' + text_only(cell) + '</code>' if i == 0 else self.inline(cell)}</td>"
                    for i, cell in enumerate(row)) for row in block)
                head = f"<thead><tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr></thead>" if head else ""
                out.append(f'<div class="wide"><table>{head}<tbody>{rows}</tbody></table></div>')
        return "\n".join(out)

    # ---- one item ----

    def prototype(self, item):
        start = item.result + item.name + "("
        one = item.declaration
        if len(one) <= 90:
            return self.code(one, item)
        lines = ",\n".join("    " + parameter for parameter in item.parameters)
        return self.code(f"{start}\n{lines});", item)

    def item(self, item):
        anchor = self.anchor(item)
        title = item.name.rstrip("_") + ("_…" if item.kind == "enum" else "")
        out = [f'<section class="item" id="{anchor}"><h3><a class="self" href="#{anchor}">{title}</a>'
               f'<span class="label">{LABELS[item.kind]}</span></h3>']
        if item.kind == "function":
            out.append(f'<pre class="proto">{self.prototype(item)}</pre>')
        elif item.declaration:
            out.append(f'<pre class="proto">{self.code(item.declaration, item)}</pre>')
        out.append(self.blocks(item.blocks))
        if item.tags:
            rows = "".join(f"<div><dt>{tag}</dt><dd>{self.inline(text)}</dd></div>" for tag, text in item.tags.items())
            out.append(f'<dl class="tags">{rows}</dl>')
        if item.members:
            rows = []
            for member in item.members:
                place = member.name
                declaration = self.code(member.declaration)
                if item.kind != "struct":
                    declaration = text_only(member.declaration)
                rows.append(f'<tr id="{self.anchor(item, place)}"><td><code>{declaration}</code></td>'
                            f"<td>{self.inline(member.text)}</td></tr>")
            out.append(f'<div class="wide"><table class="members"><tbody>{"".join(rows)}</tbody></table></div>')
        users = self.users(item)
        if users:
            links = ", ".join(f'<a href="{self.href(user)}"><code>{user.name}</code></a>' for user in users)
            out.append(f'<p class="used">Used by {links}</p>')
        return "\n".join(out) + "</section>"

    def users(self, item):
        """Who takes, gives or holds a type; not of those that nearly everything uses."""
        if item.kind not in ("struct", "opaque", "type") or item.name in (
                "teleai_client", "teleai_error", "teleai_status", "teleai_uuid", "teleai_page"):
            return []
        word = re.compile(rf"\b{item.name}\b")
        return [other for other in self.api.items() if other is not item and (
            word.search(other.declaration) or any(word.search(member.declaration) for member in other.members))]

    # ---- pages ----

    def page(self, name, title, body, contents):
        def menu(heading, entries):
            links = "".join(f'<li><a href="{target}"{" class=here" if target == name + ".html" else ""}>{label}</a></li>'
                            for target, label in entries)
            return f"<h2>{heading}</h2><ul>{links}</ul>"
        navigation = menu("Start", [("index.html", "The contract"), ("quickstart.html", "Five minutes in C")])
        navigation += menu("Headers", [(f"{header.name}.html", text_only(header.title)) for header in self.api.headers])
        navigation += menu("Guides", [(f"guide-{guide}.html", text_only(self.guide_titles[guide])) for guide in self.guides])
        aside = "".join(f'<li class="{kind}"><a href="#{target}">{text_only(label)}</a></li>' for kind, target, label in contents)
        aside = f'<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>{aside}</ul></nav>' if aside else ""
        return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{text_only(title)} · teleai {self.api.version}</title>
<link rel="stylesheet" href="style.css">
<script src="names.js" defer></script>
<script src="search.js" defer></script>
</head>
<body>
<header class="top"><a class="brand" href="index.html">teleai <small>{self.api.version}</small></a>
<div class="search"><input type="search" id="search" placeholder="Search names   /" aria-label="Search names" autocomplete="off"
 spellcheck="false" role="combobox" aria-expanded="false" aria-controls="found"><ol id="found" role="listbox" hidden></ol></div>
<label class="menu" for="open">Menu</label></header>
<input type="checkbox" id="open" aria-label="Menu">
<div class="columns">
<nav class="pages" aria-label="Pages">{navigation}</nav>
<main>
{body}
</main>
{aside}
</div>
</body>
</html>
"""

    def header_page(self, header):
        body = [f"<h1>{text_only(header.title)}</h1>", f'<p class="lead">{self.inline(header.summary[0].upper() + header.summary[1:])}.</p>',
                f'<pre class="proto">{self.code(f"#include <teleai/{header.name}.h>")}</pre>']
        contents = []
        functions = [part for kind, part in header.parts if kind == "item" and part.kind == "function"]
        if functions:
            rows = "".join(f'<tr><td><a href="#{item.name}"><code>{item.name}</code></a></td><td>{self.inline(item.title)}</td></tr>'
                           for item in functions)
            body.append(f'<div class="wide"><table class="summary"><tbody>{rows}</tbody></table></div>')
        for kind, part in header.parts:
            if kind == "section":
                title = part[0].upper() + part[1:]
                body.append(f'<h2 id="{self.section(part)}">{text_only(title)}</h2>')
                contents.append(("part", self.section(part), title))
            elif kind == "prose":
                body.append(self.blocks(part))
            else:
                body.append(self.item(part))
                label = re.sub(r"^(teleai|TELEAI)_", "", part.name.rstrip("_")) + ("_…" if part.kind == "enum" else "")
                contents.append((part.kind, self.anchor(part), label))
        return self.page(header.name, header.title, "\n".join(body), contents)

    @staticmethod
    def section(title):
        return "part-" + re.sub(r"\W+", "-", title.lower()).strip("-")

    def index_page(self):
        library = self.api

        def rows(entries):
            return "".join(f'<div id="{self.section(term)}"><dt>{text_only(term)}</dt><dd>{self.inline(text)}</dd></div>'
                           for term, text in entries)
        headers = "".join(f'<tr><td><a href="{header.name}.html"><code>{header.name}.h</code></a></td><td>{text_only(header.title)}: '
                          f"{self.inline(header.summary)}</td></tr>" for header in library.headers)
        title = library.title[0].upper() + library.title[1:]
        body = [f'<h1>teleai</h1><p class="lead">{text_only(title)}.</p>', self.blocks(library.about),
                f'<pre class="proto">{self.code("#include <teleai.h>")}</pre>',
                f'<h2 id="ideas">Three ideas</h2><dl class="terms">{rows(library.ideas)}</dl>',
                f'<h2 id="contract">The contract</h2><dl class="terms">{rows(library.contract)}</dl>',
                f'<h2 id="headers">Headers</h2><div class="wide"><table class="summary"><tbody>{headers}</tbody></table></div>']
        contents = [("part", "ideas", "Three ideas"), ("part", "contract", "The contract")]
        contents += [("term", self.section(term), term) for term, _ in library.contract]
        return self.page("index", "The contract", "\n".join(body), contents + [("part", "headers", "Headers")])

    def quickstart_page(self):
        with open(os.path.join(self.source, "examples", "quickstart.c"), encoding="utf-8") as file:
            program = file.read()
        body = ("<h1>Five minutes in C</h1><p class=lead>A database in a folder, a user, a recording, a transcription, a search."
                f"</p><pre>{self.code(program)}</pre><p>Built with</p>"
                "<pre>cc quickstart.c $(pkg-config --cflags --libs teleai)</pre>")
        return self.page("quickstart", "Five minutes in C", body, [])

    def guide_link(self, target, label):
        path, _, place = target.partition("#")
        name = os.path.splitext(os.path.basename(path))[0]
        place = "#" + place if place else ""
        if not path or re.match(r"\w+://", target):
            return f'<a href="{html.escape(target)}">{label}</a>'
        if path.endswith(".md") and "/" not in path.strip("./") and name in self.guides:
            return f'<a href="guide-{name}.html{place}">{label}</a>'
        if path.endswith(".h") and name in self.names.headers:
            return f'<a href="{name}.html">{label}</a>'
        return f"<code>{label}</code>" # a file of the source tree

    def guide_name(self, text):
        return self.inline(text) if re.fullmatch(r"(teleai|TELEAI)_\w+(\(\))?(\.\w+)?", text) and "<a" in self.inline(text) \
            else f"<code>{text_only(text)}</code>"

    def names_index(self):
        rows = []
        for item in self.api.items():
            rows.append([item.name.rstrip("_"), LABELS[item.kind], self.href(item)])
            for member in item.members:
                name = f"{item.name}.{member.name}" if item.kind == "struct" else member.name
                rows.append([name, "member" if item.kind == "struct" else "value", self.href(item, member.name)])
        rows += [[header.title, "header", f"{header.name}.html"] for header in self.api.headers]
        rows += [[title, "guide", f"guide-{guide}.html"] for guide, title in self.guide_titles.items()]
        return f"const names = {json.dumps(rows, ensure_ascii=False, separators=(',', ':'))};\n"

    def write(self, folder):
        markdown = Markdown(self.guide_link, self.guide_name, lambda code: f"<pre>{self.code(code)}</pre>")
        guides = {}
        for guide in self.guides:
            with open(os.path.join(self.source, "docs", guide + ".md"), encoding="utf-8") as file:
                guides[guide] = markdown.page(file.read())
            self.guide_titles[guide] = guides[guide][0].replace("`", "")
        pages = {"index": self.index_page(), "quickstart": self.quickstart_page()}
        pages.update((header.name, self.header_page(header)) for header in self.api.headers)
        for guide, (title, body, headings) in guides.items():
            contents = [("part", place, heading.replace("`", "")) for place, heading in headings]
            pages["guide-" + guide] = self.page("guide-" + guide, self.guide_titles[guide], f"<h1>{markdown.inline(title)}</h1>{body}", contents)
        os.makedirs(folder, exist_ok=True)
        for name, text in pages.items():
            with open(os.path.join(folder, name + ".html"), "w", encoding="utf-8") as file:
                file.write(text)
        with open(os.path.join(folder, "names.js"), "w", encoding="utf-8") as file:
            file.write(self.names_index())
        for name in ("style.css", "search.js"):
            shutil.copyfile(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), os.path.join(folder, name))
        return len(pages)
