"""Makes the other forms of the nouns: the same methods, that give promises instead of results.

    python tools/make_forms.py           writes src/teleai/<source>_batch.py and <source>_aio.py for each of SOURCES
    python tools/make_forms.py --check   tells whether they are as they should be

A method that returns X gives a Pending[X] in a batch and is a coroutine on an event loop. What is marked "# blocking"
makes several calls: batches have it not, event loops in a form of their own (_aio_blocking.py). "# local" asks no
server; "# noun" is one of the nouns.

The syntax tree says what is changed, and where; the text between stays as it is. Imports are written anew, from what
the form uses.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent / "src" / "teleai"
SOURCES = ("_accounts", "_recordings", "_nouns")
FORMS = {
    "batch": "The form for batches: each method queues an operation, and gives its Pending.",
    "aio": "The form for event loops: each method is a coroutine, which queues its operation when it begins.",
}
# Where the names come from that only the forms have. All but a module are for type checkers.
OWN_IMPORTS = {
    "batch": {"Pending": "._pending"},
    "aio": {"AsyncIterator": "collections.abc", "AsyncStream": "._aio_long", "_aio_blocking": "."},
}
MOST_COLUMNS = 120


class Source:
    """A text with its tree, and what is to be changed in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self.lines = text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.edits: list[tuple[int, int, str]] = []

    def place(self, line: int, column: int) -> int:
        """Where the column of a line is in the text; the tree counts bytes."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def begin(self, node: ast.expr | ast.stmt) -> int:
        return self.place(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.place(node.end_lineno, node.end_col_offset)

    def replace(self, node: ast.expr | ast.stmt, text: str) -> None:
        self.edits.append((self.begin(node), self.end(node), text))

    def edited(self) -> str:
        text = self.text
        for begin, end, new in sorted(self.edits, reverse=True):
            text = text[:begin] + new + text[end:]
        return text


def docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> ast.expr | None:
    first = node.body[0]
    return first.value if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else None


def cut_examples(source: Source, node: ast.ClassDef | ast.FunctionDef) -> None:
    """Examples are of the blocking form. They stand at the end."""
    doc = docstring(node)
    text = source.text[source.begin(doc) : source.end(doc)] if doc is not None else ""
    if doc is not None and "\n\n" in text and ">>>" in text:
        source.replace(doc, text[: text.rindex("\n\n", 0, text.index(">>>"))] + '"""')


def root(node: ast.expr) -> str:
    """The name that an expression such as self._runner.call(...) begins with."""
    while isinstance(node, (ast.Attribute, ast.Call)):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def change_method(source: Source, method: ast.FunctionDef, form: str) -> None:
    assert method.returns is not None
    header_end = source.end(method.returns)
    line_end = source.text.index("\n", header_end)
    mark = source.text[header_end:line_end].partition("  # ")[2]
    if mark == "blocking" and form == "batch":
        start = source.place(min([method.lineno, *(each.lineno for each in method.decorator_list)]), 0)
        end = source.end(method)
        blanks = len(source.text[:start]) - len(source.text[:start].rstrip())
        source.edits.append((start - blanks, end, ""))
        return
    cut_examples(source, method)
    if mark:
        source.edits.append((source.text.index("  # ", header_end), line_end, ""))
    result = source.text[source.begin(method.returns) : header_end]
    if mark == "blocking":
        for node in ast.walk(method):
            if isinstance(node, ast.Name) and node.id == "_calls":
                source.replace(node, "_aio_blocking")
    if root_of_type(method.returns) in ("Iterator", "Stream"):
        source.replace(method.returns, f"Async{result}")
    elif mark in ("local", "noun"):
        pass
    elif form == "batch":
        source.replace(method.returns, f"Pending[{result}]")
    else:
        source.edits.append((source.begin(method), source.begin(method), "async "))
        for node in ast.walk(method):
            if isinstance(node, ast.Return) and node.value is not None and root(node.value) in ("self", "_calls"):
                source.edits.append((source.begin(node), source.begin(node.value), awaited(result)))


def root_of_type(node: ast.expr) -> str:
    return root(node.value) if isinstance(node, ast.Subscript) else root(node)


def awaited(result: str) -> str:
    return "await " if result == "None" else "return await "


# ---- imports ----


def line_of(module: str, names: list[str]) -> str:
    names = sorted(names, key=lambda name: (not name.isupper(), not name.lstrip("_")[:1].isupper(), name))
    line = f"from {module} import {', '.join(names)}\n"
    return (
        line
        if len(line) <= MOST_COLUMNS
        else f"from {module} import (\n{''.join(f'    {n},{chr(10)}' for n in names)})\n"
    )


def section_of(module: str) -> int:
    return 2 if module.startswith(".") else 1 if module == "typing_extensions" else 0


def block(imports: dict[str, str], columns: int = 0) -> str:
    """The lines that import names from modules: of Python, of others, of the package."""
    parts = []
    for section in range(3):
        modules = sorted({module for module in imports.values() if section_of(module) == section})
        lines = [line_of(module, [name for name, of in imports.items() if of == module]) for module in modules]
        parts.append("".join(lines))
    text = "\n".join(part for part in parts if part)
    return re.sub(r"^(?=.)", " " * columns, text, flags=re.M)


def imports_of(body: list[ast.stmt]) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in body:
        if isinstance(node, ast.ImportFrom):
            found |= {alias.name: "." * node.level + (node.module or "") for alias in node.names}
    return found


def write_imports(text: str, form: str) -> str:
    source = Source(text)
    body = [node for node in source.tree.body if not isinstance(node, ast.Expr)]
    first = next(i for i, node in enumerate(body) if isinstance(node, ast.ImportFrom) and node.module != "__future__")
    checked = next(node for node in body if isinstance(node, ast.If))
    used = {node.id for node in ast.walk(source.tree) if isinstance(node, ast.Name)}
    always, typed = imports_of(body[first : body.index(checked)]), imports_of(checked.body)
    for name, module in OWN_IMPORTS[form].items():
        (always if module == "." else typed)[name] = module
    for each in (always, typed):
        for name in set(each) - used:
            del each[name]
        for name, module in each.items():
            if module.lstrip(".") in SOURCES:
                each[name] = f"{module}_{form}"
    made = f"{block(always)}\n"
    made += f"if TYPE_CHECKING:\n{block(typed, 4)}" if typed else ""
    return text[: source.begin(body[first])] + made.rstrip("\n") + text[source.end(checked) :]


def transform(name: str, text: str, form: str) -> str:
    """The text of one form."""
    source = Source(text)
    doc = docstring(source.tree)
    assert doc is not None
    what = source.text[source.begin(doc) : source.end(doc)].partition("\n")[0]
    source.replace(doc, f'{what}\n\n{FORMS[form]}\nMade of {name}.py by tools/make_forms.py; change that.\n"""')
    for noun in source.tree.body:
        if isinstance(noun, ast.ClassDef):
            cut_examples(source, noun)
            for method in noun.body:
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                    change_method(source, method, form)
    return write_imports(re.sub(r"\n{3,}(?=class )", "\n\n\n", source.edited()), form)


def main() -> int:
    stale = 0
    for name in SOURCES:
        source = (HERE / f"{name}.py").read_text(encoding="utf-8")
        for form in FORMS:
            path = HERE / f"{name}_{form}.py"
            text = transform(name, source, form)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
            elif not path.exists() or path.read_text(encoding="utf-8") != text:
                print(f"{path.name} is not what tools/make_forms.py makes of {name}.py")
                stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
