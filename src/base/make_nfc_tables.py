#!/usr/bin/env python3
"""Writes src/base/nfc_tables.inc from the Unicode data that Python brings: python3 src/base/make_nfc_tables.py

What is normalised once stays so in all later versions of Unicode (its stability policy), so the table can be made anew whenever
there are new characters."""
import pathlib
import sys
import unicodedata

HANGUL = range(0xAC00, 0xD7A4)  # by arithmetic
characters = [c for c in range(sys.maxunicode + 1) if not 0xD800 <= c <= 0xDFFF and c not in HANGUL]


def rows(values):
    line = ""
    for value in values:
        if len(line) + len(value) > 118:
            yield line.rstrip()
            line = ""
        line += value + " "
    yield line.rstrip()


decomposed, composed = [], []
for c in characters:
    said = unicodedata.decomposition(chr(c))
    if said and not said.startswith("<"):
        parts = [int(part, 16) for part in said.split()]
        decomposed.append(f"{{{c:#x},{parts[0]:#x},{parts[1] if len(parts) == 2 else 0:#x}}},")
        if len(parts) == 2 and unicodedata.normalize("NFC", chr(c)) == chr(c):
            composed.append((parts[0], parts[1], c))
classes = [f"{{{c:#x},{unicodedata.combining(chr(c))}}}," for c in characters if unicodedata.combining(chr(c))]
composed = [f"{{{a:#x},{b:#x},{c:#x}}}," for a, b, c in sorted(composed)]

with open(pathlib.Path(__file__).with_name("nfc_tables.inc"), "w") as out:
    out.write(f"/* Made by make_nfc_tables.py, of Unicode {unicodedata.unidata_version}. */\n")
    for kind, name, values in (
        ("decomposition", "decompositions", decomposed),
        ("combining_class", "combining_classes", classes),
        ("composition", "compositions", composed),
    ):
        out.write(f"static const {kind} {name}[] = {{\n" + "\n".join(rows(values)) + "\n};\n")
