"""The fenced blocks of the documents, each under a comment that says where it is from or what runs it:

    <!-- from FILE -->          the block stands in FILE, in one piece, however far indented; with a main() it is all of FILE
                                but the comment at its top
    <!-- run by FILE -->        every line of the block stands in FILE, which CI runs
    <!-- run by FILE: NAME -->  FILE takes the block from the document by that name, and runs it

blocks.py check SOURCE               complains about every block for which this does not hold
blocks.py show DOCUMENT NAME         prints the blocks of that name
blocks.py shell DOCUMENT FOLDER      writes its blocks of shell commands to files in FOLDER
"""
import glob
import os
import re
import sys
import textwrap

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "examples/README.md", "docs/*.md",
             "database/README.md", "bindings/*/README.md")
BLOCK = re.compile(r"^ *(?:<!-- (.*?) -->\n *)?```(\w*)\n(.*?)^ *```$", re.M | re.S)


def blocks(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for match in BLOCK.finditer(text):
        mark, language, block = match.groups()
        yield text.count("\n", 0, match.start()) + 1, mark, language, textwrap.dedent(block)


def squeeze(text):
    """Lines without the indentation that all of them have."""
    return textwrap.dedent(text).strip("\n")


def stands_in(block, text):
    wanted = squeeze(block).split("\n")
    lines = text.split("\n")
    return any(squeeze("\n".join(lines[start:start + len(wanted)])) == "\n".join(wanted)
               for start in range(len(lines) - len(wanted) + 1))


def complaint(source, mark, block, document):
    match = re.fullmatch(r"(from|run by) ([\w./-]+)(?:: ([\w-]+))?", mark or "")
    if not match:
        return "no comment above it says '<!-- from FILE -->' or '<!-- run by FILE: NAME -->'"
    path = os.path.join(source, match[2])
    if not os.path.isfile(path):
        return f"{match[2]} is not there"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if match[1] == "from":
        if re.search(r"^int main\(", block, re.M):
            whole = re.sub(r"\A(/\*.*?\*/|#[^\n]*)\n", "", text, flags=re.S)
            return None if block == whole else f"it is not all of {match[2]} to the letter"
        return None if stands_in(block, text) else f"it does not stand in {match[2]}"
    if match[3]:
        asked = re.search(rf"\b{match[3]}\b", text) and "blocks.py" in text and os.path.basename(document) in text
        return None if asked else f"{match[2]} does not take '{match[3]}' from {document}"
    if "blocks.py" in text and os.path.basename(document) in text:
        return None
    missing = [line for line in block.strip().split("\n") if line not in text]
    return f"{match[2]} does not run '{missing[0]}'" if missing else None


def check(source):
    count, wrong = 0, 0
    for pattern in DOCUMENTS:
        for path in sorted(glob.glob(os.path.join(source, pattern))):
            document = os.path.relpath(path, source)
            for line, mark, _, block in blocks(path):
                count += 1
                said = complaint(source, mark, block, document)
                if said:
                    print(f"{document}:{line}: this block: {said}")
                    wrong += 1
    print(f"{count} blocks, {wrong} without their source")
    return wrong or count < 10


def show(document, name):
    found = [block for _, mark, _, block in blocks(document) if (mark or "").endswith(": " + name)]
    if not found:
        sys.exit(f"{document} has no block '{name}'")
    print("".join(found), end="")


def shell(document, folder):
    """Writes the blocks of shell commands into a folder, in their order."""
    for number, (_, _, language, block) in enumerate(blocks(document)):
        if language == "sh":
            with open(os.path.join(folder, f"{number:02}.sh"), "w", encoding="utf-8") as file:
                file.write(block)


if __name__ == "__main__":
    sys.exit({"check": check, "show": show, "shell": shell}[sys.argv[1]](*sys.argv[2:]))
