"""Turns the guides (docs/*.md) into HTML: the part of Markdown that they use, which is headings, paragraphs, lists, tables,
blocks of code, links, emphasis and code in text.

By hand: with markdown-it-py the hooks for links, names and programs, the headings, tables and the title would be as long as this
is, and everyone who installs the library would need it. That both read the guides alike is a test: tests/docs/check_readers.sh."""
import html
import re


def anchor(heading):
    """As GitHub makes it, so that links into a guide hold in both places."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


class Markdown:
    def __init__(self, link, name, program):
        self.link, self.name, self.program = link, name, program  # a target, code in a text, a block of C: to HTML

    def inline(self, text):
        parts = re.split(r"(`[^`]+`|\[[^\]]+\]\([^)\s]+\)|\*\*[^*]+\*\*)", text)
        return "".join(self.part(part) for part in parts)

    def part(self, part):
        if part.startswith("`"):
            return self.name(part[1:-1])
        match = re.fullmatch(r"\[([^\]]+)\]\(([^)\s]+)\)", part)
        if match:
            return self.link(match[2], self.inline(match[1]))
        if part.startswith("**"):
            return f"<strong>{self.inline(part[2:-2])}</strong>"
        return html.escape(part, quote=False)

    def table(self, lines):
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
        head = "" if not any(rows[0]) else "<thead><tr>%s</tr></thead>" % "".join(
            f"<th>{self.inline(cell)}</th>" for cell in rows[0])
        body = "".join("<tr>%s</tr>" % "".join(f"<td>{self.inline(cell)}</td>" for cell in row) for row in rows[2:])
        return f'<div class="wide"><table>{head}<tbody>{body}</tbody></table></div>'

    def list(self, lines):
        kind = "ol" if re.match(r"\d+\.", lines[0]) else "ul"
        items = []
        for line in lines:
            start = re.match(r"(?:-|\d+\.) +(.*)", line)
            if start:
                items.append(start[1])
            else:
                items[-1] += " " + line.strip()
        return f"<{kind}>{''.join(f'<li>{self.inline(item)}</li>' for item in items)}</{kind}>"

    @staticmethod
    def split(text):
        """Blocks as lists of lines: those of code with their fences, a heading alone, else what stands together."""
        blocks, block, fenced = [], [], False
        for line in text.split("\n"):
            alone = not fenced and (not line.strip() or line.startswith("#"))
            opens = not fenced and line.startswith("```")
            if (alone or opens) and block:
                blocks.append(block)
                block = []
            if line.strip() or fenced:
                block.append(line)
            closes = fenced and line.startswith("```")
            fenced = opens or fenced and not closes
            if (alone or closes) and block:
                blocks.append(block)
                block = []
        return blocks + ([block] if block else [])

    def page(self, text):
        """(title, HTML, [(anchor, heading) ...])."""
        title, out, headings = "", [], []
        for lines in self.split(re.sub(r"<!--.*?-->\n?", "", text, flags=re.S)):
            first = lines[0]
            if first.startswith("```"):
                code = "\n".join(lines[1:-1])
                out.append(self.program(code) if first == "```c" else f"<pre>{html.escape(code, quote=False)}</pre>")
            elif first.startswith("# "):
                title = first[2:]
            elif first.startswith("#"):
                heading = first.lstrip("#").strip()
                headings.append((anchor(heading), heading))
                out.append(f'<h2 id="{anchor(heading)}">{self.inline(heading)}</h2>')
            elif first.startswith("|"):
                out.append(self.table(lines))
            elif re.match(r"- |\d+\. ", first):
                out.append(self.list(lines))
            elif first.startswith("    "):
                code = "\n".join(line[4:] for line in lines)
                out.append(f"<pre>{html.escape(code, quote=False)}</pre>")
            else:
                out.append(f"<p>{self.inline(' '.join(lines))}</p>")
        return title, "\n".join(out), headings
