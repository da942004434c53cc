"""psycopg 3 with its C module: prepared, binary results."""

import decimal
import enum
import json

import psycopg
from psycopg.types.enum import EnumInfo, register_enum
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

import peer

if psycopg.pq.__impl__ != "c":
    raise SystemExit("psycopg runs without its C module")

GET, LIST, CREATE = peer.get_sql("%s"), peer.list_sql("%s", "%s"), peer.create_sql("%s, %s, %s, %s, %s, %s, %s")
Status = enum.Enum("Status", "uploaded processing ready error")
with psycopg.connect("") as first:
    register_enum(EnumInfo.fetch(first, "audio_file_status"), None, Status)  # of connections that open later
connection = psycopg.connect("", autocommit=True)
pool = ConnectionPool("", min_size=peer.POOL_CONNECTIONS, max_size=peer.POOL_CONNECTIONS, kwargs={"autocommit": True})
pool.wait()
rows = [
    [Status.ready if value == "ready" else value for value in row]
    for row in peer.audio_rows(lambda number: decimal.Decimal(number).scaleb(-2), lambda text: Jsonb(json.loads(text)))
]
TYPES = ("uuid varchar text int8 numeric varchar int4 int4 int4 audio_file_status timestamptz jsonb").split()


def run(sql, parameters, on=connection):
    with on.cursor(binary=True) as cursor:
        return cursor.execute(sql, parameters, prepare=True, binary=True).fetchall()


def w2(turn):
    with pool.connection() as mine:
        return run(GET, (peer.file(turn),), mine)


def w5(_):
    with connection.cursor() as cursor:
        with cursor.copy(f"copy audio_files ({', '.join(peer.COPIED)}) from stdin binary") as copy:
            copy.set_types(TYPES)
            for row in rows:
                copy.write_row(row)
        return cursor.rowcount


def w7(turn):
    with connection.pipeline():
        cursors = []
        for each in peer.gets(turn):
            cursor = connection.cursor(binary=True)
            cursors.append(cursor.execute(GET, (each,), prepare=True, binary=True))
        return sum(len(cursor.fetchall()) for cursor in cursors)


peer.serve(
    f"psycopg {psycopg.__version__} (C)",
    {
        "W1": lambda turn: run(GET, (peer.file(turn),)),
        "W2": w2,
        "W3": lambda turn: run(LIST, (peer.user(turn), peer.NEWEST)),
        "W4": lambda turn: run(CREATE, peer.created(turn)),
        "W5": w5,
        "W6": lambda turn: run(peer.READ_ALL, None),
        "W7": w7,
    },
)
