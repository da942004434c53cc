"""Makes the other forms of the nouns of _nouns.py: the same methods, that give promises instead of results.

    python tools/make_forms.py           writes src/teleai/_nouns_batch.py and src/teleai/_nouns_aio.py
    python tools/make_forms.py --check   tells whether they are as they should be

A method that returns X gives a Pending[X] in a batch and is a coroutine on an event loop. What is marked "# blocking"
makes several calls: batches have it not, event loops in a form of their own (_aio_blocking.py). "# local" asks no
server; "# noun" is one of the nouns.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent / "src" / "teleai"
METHOD = re.compile(
    r"    def (?P<name>[a-z]\w*)\((?P<arguments>.*?)\) -> (?P<result>[^\n]*):"
    r"(?P<mark>  # \w+)?\n(?P<body>.*?)(?=\n    def |\n\n\nclass |\Z)",
    re.S,
)
FORMS = {
    "batch": (
        "Pending",
        "in the form for batches: each method queues an operation, and gives its Pending.",
        "    from .batch import Pending\n",
    ),
    "aio": (
        "",
        "in the form for event loops: each method is a coroutine, which queues its operation when it begins.",
        "    from collections.abc import AsyncIterator\n\n",
    ),
}


def transform(source: str, form: str) -> str:
    """The text of one form."""
    wrapper, described, needed = FORMS[form]

    def method(found: re.Match[str]) -> str:
        mark, result, body = found["mark"] or "", found["result"], found["body"]
        if "blocking" in mark:
            if form == "batch":
                return ""
            body = body.replace("_calls.", "_aio_blocking.")
        define = "def"
        if result.startswith(("Iterator", "Stream")):
            result = f"Async{result}"
        elif "local" not in mark and "noun" not in mark:
            if wrapper:
                result = f"{wrapper}[{result}]"
            else:
                define = "async def"
                body = re.sub(r"\n        return (?=self\._|_calls|_aio)", "\n        return await ", body)
                if result == "None":
                    body = body.replace("\n        return await ", "\n        await ")
        return f"    {define} {found['name']}({found['arguments']}) -> {result}:\n{body}"

    text = METHOD.sub(method, source)
    text = re.sub(r' {4}"""(?P<summary>[^"]*?)\n\n +>>>.*?\n +"""', r'    """\g<summary>"""', text, flags=re.S)
    text = re.sub(
        r'\A""".*?"""',
        f'"""The nouns, {described}\n\nMade of _nouns.py by tools/make_forms.py; change that.\n"""',
        text,
        flags=re.S,
    )
    after = "        UserInput,\n    )\n" if form == "batch" else "if TYPE_CHECKING:\n"
    text = text.replace(after, after + needed, 1)
    if form == "aio":
        text = text.replace("    from ._stream import Stream\n", "    from ._aio_long import AsyncStream\n")
        text = text.replace("from . import _calls\n", "from . import _aio_blocking, _calls\n")
        text = move_up(text, "    from ._aio_long import AsyncStream\n", "    from ._bulk import CreateResult\n")
    else:
        text = re.sub(r"    from \._bulk import CreateResult\n    from \._stream import Stream\n", "", text)
    text = text.replace("Iterable, Iterator", "Iterable")
    return re.sub(r"\n{3,}(?=    def )", "\n\n", re.sub(r"\n{3,}(?=class )", "\n\n\n", text))


def move_up(text: str, line: str, before: str) -> str:
    """Puts a line where the order of imports wants it."""
    return text.replace(line, "", 1).replace(before, line + before, 1)


def main() -> int:
    source = (HERE / "_nouns.py").read_text()
    stale = 0
    for form in FORMS:
        path = HERE / f"_nouns_{form}.py"
        text = transform(source, form)
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"{path.name} is not what tools/make_forms.py makes of _nouns.py")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
