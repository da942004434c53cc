"""Texts and their form C, for test_nfc.c: each character, each with marks, and random ones. Python's Unicode may be newer than
the tables; then the characters that they do not know are left out."""
import pathlib
import random
import re
import sys
import unicodedata

head = (pathlib.Path(__file__).parents[2] / "src/base/nfc_tables.inc").read_text()[:200]
known = tuple(int(part) for part in re.search(r"of Unicode ([0-9.]+)\.", head).group(1).split("."))
if tuple(int(part) for part in unicodedata.unidata_version.split(".")) < known:
    sys.exit(1)  # Python's are older
newer = tuple(int(part) for part in unicodedata.unidata_version.split(".")) != known
old = unicodedata.ucd_3_2_0


def is_told(text):
    return not newer or all(old.category(c) != "Cn" for c in text)


def say(text):
    if is_told(text):
        print(text.encode().hex(), unicodedata.normalize("NFC", text).encode().hex(), sep="\t")


characters = [chr(c) for c in range(1, sys.maxunicode + 1) if not 0xD800 <= c <= 0xDFFF]
for c in characters:
    say(c)
    if unicodedata.decomposition(c):
        say(unicodedata.normalize("NFD", c))
chosen = random.Random(1)
marks = [c for c in characters if unicodedata.combining(c)]
special = marks + [c for c in characters if unicodedata.decomposition(c)] + [chr(c) for c in range(0x1100, 0x1200)]
for _ in range(100000):
    say("".join(chosen.choice(special if chosen.random() < 0.8 else characters) for _ in range(chosen.randrange(1, 9))))
for mark in marks:
    for base in "aäのक":
        say(base + mark)
        say(base + "\u0323" + mark + "\u0301")
say("a" + "\u0301\u0323" * 100)
