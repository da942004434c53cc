"""Writes RESULTS.md and results.json from what compare.py measured."""

import json
import os

WHAT = {
    "W1": "get by id, one connection",
    "W2": "the same, 8 workers over 4 connections",
    "W3": "newest 50 of a user",
    "W4": "insert returning the row",
    "W5": "bulk insert into a bare table",
    "W6": "read 20,000 transcriptions",
    "W7": "64 gets on one connection",
    "W7_get_many": "the same 64 in one call",
    "search_ranked_common": "ranked top 20 of a word in 31 % of the transcriptions",
    "load_transcriptions": "transcriptions into the full schema",
    "load_audio_files": "audio files into the full schema",
}

# Workload, delay, what is asked of teleai, whether more is better, the limit.
GOALS = [
    ("W1", 0, "ratio", True, 0.97),
    ("W1", 0, "instructions", False, 16800),
    ("W1", 0, "allocations", False, 4),
    ("W2", 0, "ratio", True, 1.10),
    ("W2", 0, "p99_us", False, 1200),
    ("W2", 5, "ratio", True, 1.25),
    ("W3", 0, "ratio", True, 0.97),
    ("W3", 0, "instructions", False, 202000),
    ("W3", 0, "allocations", False, 24),
    ("W4", 0, "ratio", True, 0.97),
    ("W5", 0, "ratio", True, 0.97),
    ("W5", 0, "cpu_us", False, 2),
    ("W6", 0, "ratio", True, 1.08),
    ("W7", 0, "ratio", True, 1.95),
    ("W7", 5, "ratio", True, 52),
    ("W7_get_many", 0, "ratio", True, 4.2),
    ("load_audio_files", 0, "ratio", True, 1.5),
    ("load_transcriptions", 0, "ratio", True, 1.3),
    ("load_transcriptions", 0, "wal_share", False, 0.5),
    ("search_ranked_common", 0, "ms", False, 10),
    ("search_ranked_common", 0, "buffers", False, 2000),
]
# The same of the Python package, whose records are read field by field.
PYTHON = "teleai, Python"
PYTHON_GOALS = [
    ("W1", 0, "ratio", True, 0.72),
    ("W2", 0, "ratio", True, 0.75),
    ("W3", 0, "ratio", True, 0.70),
    ("W5", 0, "ratio", True, 0.93),
    ("W6", 0, "ratio", True, 1.08),
    ("W7_get_many", 0, "ratio", True, 1.4),
]
PYTHON_WHY = {
    "W1": "warm, the interpreter takes 5 µs: 1.5 for the call, 1.5 to read the record, 2 for its 18 fields; shared with the "
    "server, whose turn leaves the processor's caches cold, twice that, of the 5 that the goal leaves beside the library",
    "W2": "as W1",
    "W3": "18 fields of 50 rows are 900 values: 1.1 µs a row to read, 1.9 to look at; a program that shows five of them, or "
    "takes the page as an Arrow table, does not pay that",
    "W5": "the server needs 3 µs a row; to check 12 Python values and lay them out takes the client more, while it works",
    "W6": "all values of a text's row become Python's on the processor that also receives; the server is faster than that",
}
ASKED = {
    "ratio": "ratio",
    "instructions": "client instructions",
    "allocations": "allocations",
    "p99_us": "p99, µs",
    "cpu_us": "client time a row, µs",
    "wal_share": "WAL, older schema = 1",
    "ms": "ms",
    "buffers": "buffers",
}

# Why a goal is missed, as measured; shown only while it is. By workload, or workload and what is asked.
WHY = {
    "W1": "a time limit for the wait costs libpq by hand too (see \"libpq with a deadline\"); callgrind: of 17,110 "
    "instructions libpq and libc take 15,200, 300 of them for the tenant as a second parameter, decoding 18 columns "
    "680, and 1,070 go to borrowing and returning the connection, the deadline, and the error that every call fills: "
    "130 cache lines of code against 28 by hand, cold again after each turn of the server on the same processor",
    "W3": "callgrind: 15,000 instructions more than by hand for 50 records that outlive the call; the rest as W1",
    "W4": "callgrind: checking and encoding the 16 fields of the input takes 820 instructions; the rest as W1",
    "W5": "every field of every row is checked: 2,810 instructions a row against 590 by hand, while the server works",
    "W7": "as far as libpq's own pipeline mode by hand in the same run: the machine's share of a flight",
    "load_audio_files": "the server's index maintenance: WAL a row is nearly that of the older schema",
    "load_transcriptions": "the text index, which both schemas have: all but 1 µs a row is the server's time",
    "search_ranked_common": "the newest 1,000 matches are ranked, and each text is taken apart anew for that, some 1 ms "
    "a text; needs stored tsvectors or tiers",
}


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    shown = f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 4}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def ratio(found):
    if "ratio" not in found:
        return ""
    if found["low"] == found["high"] == 1:
        return "1"
    return f"**{found['ratio']:.2f}** ({found['low']:.2f} to {found['high']:.2f})"


def subjects_of(results, names):
    every = dict.fromkeys(subject for (workload, _, subject) in results if workload in names)
    first = [name for name in ("libpq", "teleai") if name in every]
    return first + [name for name in every if name not in first]


def ratios(results, names, delay_ms):
    measured = {workload for (workload, delay, _), found in results.items() if delay == delay_ms and "ratio" in found}
    names = [name for name in names if name in measured]
    rows = []
    for subject in subjects_of(results, names):
        cells = [ratio(results.get((name, delay_ms, subject), {})) for name in names]
        if any(cells):
            rows.append([subject, *cells])
    return table(["", *names], rows) if rows else ""


def figures(results, names, key, subjects=None):
    """One figure of every subject and workload."""
    names = [name for name in names if any(each[0] == name and key in results[each] for each in results)]
    rows = []
    for subject in subjects or subjects_of(results, names):
        found = [results.get((name, 0, subject), {}).get(key) for name in names]
        if any(value is not None for value in found):
            rows.append([subject, *("" if value is None else number(value) for value in found)])
    return table(["", *names], rows) if rows else ""


def asked(results, workload, delay_ms, what, subject):
    found = results.get((workload, delay_ms, subject), {})
    if what == "cpu_us":
        return found["cpu_seconds"] * 1e6 if "cpu_seconds" in found else None
    if what == "ms":
        return found["seconds"] * 1e3 if "seconds" in found else None
    if what == "wal_share":
        older = results.get((workload, delay_ms, "older schema"), {})
        return found["wal_bytes"] / older["wal_bytes"] if "wal_bytes" in found else None
    return found.get(what)


def goals(results, limits, reasons, subject="teleai"):
    rows = []
    for workload, delay_ms, what, more, limit in limits:
        measured = asked(results, workload, delay_ms, what, subject)
        met = measured is not None and (measured >= limit if more else measured <= limit)
        why = "" if met else reasons.get((workload, delay_ms, what), reasons.get(workload, ""))
        name = workload + (f" at {delay_ms} ms" if delay_ms else "")
        rows.append([
            name,
            ASKED[what],
            ("≥ " if more else "≤ ") + number(limit),
            "" if measured is None else number(measured),
            "yes" if met else "no" if measured is not None else "not measured",
            why,
        ])  # fmt: skip
    return table(["", "asked", "must", "measured", "met", "why not"], rows)


def others(results):
    """What is measured against something else than libpq."""
    rows = []
    for (workload, _, subject), found in results.items():
        if "ratio" not in found or workload not in ("search_ranked_common", "load_transcriptions", "load_audio_files"):
            continue
        loads = workload.startswith("load")
        rows.append([
            f"{workload}: {WHAT[workload]}", subject, ratio(found),
            f"{1 / found['seconds']:,.0f} rows/s" if loads else f"{found['seconds'] * 1e3:,.1f} ms",
            f"{found['wal_bytes']:,.0f} bytes of WAL a row" if loads else f"{found.get('buffers', 0):,.0f} buffers",
        ])  # fmt: skip
    return table(["", "", "ratio", "", ""], rows) if rows else ""


def text(results, machine, date, versions, skipped, rounds, transcripts):
    plain = [name for name in WHAT if name.startswith("W")]
    sections = [
        "# Measured\n\n"
        "Written by `bash bench/run.sh`; do not edit, run it.\n\n"
        f"{date}, {machine}. Peers: {', '.join(sorted(set(versions.values()) - {'teleai'}))}."
        + (f" Not installed, so not measured: {', '.join(skipped)}." if skipped else "")
        + "\n",
        "## Speed, bare libpq = 1\n\n"
        f"Higher is better; median of {rounds} interleaved rounds (lowest to highest round).\n",
    ]
    for delay_ms in sorted({delay for (_, delay, _) in results}):
        found = ratios(results, plain, delay_ms)
        if found:
            where = f"Over a network of {delay_ms} ms round trip" if delay_ms else "Over a unix socket"
            sections.append(f"{where}:\n\n{found}")
    sections.append("\n".join(f"- {name}: {WHAT[name]}" for name in plain) + "\n")
    if any("p99_us" in found for found in results.values()):
        sections.append("99th percentile of a call, µs:\n\n" + figures(results, ["W1", "W2", "W3", "W4"], "p99_us"))
    if others(results):
        sections.append(
            "## Loads and search\n\nLoads: COPY into the older tooling's indexes = 1, against `create_many` into the "
            "full schema; pending index entries are included. Search: the documented query, ranked, = 1; "
            f"{transcripts:,} transcriptions of 300 words.\n\n{others(results)}"
        )
    counts = [
        f"{title}\n\n{figures(results, plain, key)}"
        for key, title in (
            ("instructions", "Client instructions an operation (W5, W6: a row), libpq's included:"),
            ("allocations", "Allocations an operation (W5, W6: a row), libpq's included:"),
            ("round_trips", "Round trips an operation (W5: 5,000 rows; W6: 20,000):"),
        )
        if figures(results, plain, key)
    ]
    if counts:
        sections.append("## Counts\n\nThese do not depend on the machine's mood.\n\n" + "\n".join(counts))
    sections.append("## Goals\n\n" + goals(results, GOALS, WHY))
    if any(subject == PYTHON for (_, _, subject) in results):
        sections.append("Of the Python package:\n\n" + goals(results, PYTHON_GOALS, PYTHON_WHY, PYTHON))
    sections.append(METHOD)
    return "\n".join(sections)


METHOD = """## How it is measured

- The measure is libpq by hand: prepared once, binary both ways, every column decoded into a struct; W2 a mutex and a
  condition around 4 connections; W5 and the loads COPY BINARY; W6 the whole result; W7 one by one. "libpq pipeline",
  "libpq any" and "libpq single row" are what else libpq can do by hand; "libpq with a deadline" does W1 with a time limit
  for its wait, as teleai does, where the measure would wait for ever.
- Each subject is a persistent process and decodes every column into what its language has. All read the same ids in
  the same order, and do the same number of operations in a round. Rounds go A, B, C, A, B, C; the first is dropped; a
  ratio is taken within its round.
- W1, W3, W4 and W7 share one processor with the server, because waking an idle one costs more than the call. W5, W6
  and the loads have one each. W2, and everything over the network, goes where the system puts it.
- The Python package makes the fields of a record when they are looked at: every one is, of every record; "fields of a
  page" looks at five, "Arrow" hands the page over as columns. psycopg and asyncpg make all values at once, and are
  given and asked for what their own documentation recommends: prepared, binary, COPY for W5.
- The server is one of its own: no fsync, autovacuum, jit, parallel workers or synchronized scans.
- 100,000 audio files of 1,000 users. W4 has a copy of its own; W5 writes 5,000 rows at a time into an emptied table
  without foreign keys and secondary indexes. Where a peer leaves the id to the server, its default is cheap there.
- The network is `delay.c`: half of the round trip each way; what is sent together arrives together. It sees a round
  trip when a client sends after it received something. It and its two more hops cost every subject the same.
- Instructions: `valgrind --tool=callgrind`, those of 2 N operations less those of N. Allocations: calls of malloc,
  calloc and realloc. Buffers of a search: what the database counts for 4 less what it counts for 2.
"""


def write(folder, results, machine, date, **facts):
    with open(os.path.join(folder, "RESULTS.md"), "w", encoding="utf-8") as file:
        file.write(text(results, machine, date, **facts))
    shown = ("ratio", "low", "high", "instructions", "allocations", "round_trips", "p99_us")
    records = []
    for (workload, delay_ms, subject), found in results.items():
        record = {"workload": workload, "delay_ms": delay_ms, "subject": subject}
        record.update((key, round(found[key], 3)) for key in shown if key in found)
        records.append({**record, "machine": machine, "date": date})
    with open(os.path.join(folder, "results.json"), "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join("  " + json.dumps(record) for record in records) + "\n]\n")
    print(f"\nwritten: {os.path.relpath(folder)}/RESULTS.md and results.json")
