"""psycopg2: text, statements prepared by SQL."""

import io
import threading

import psycopg2
import psycopg2.extras
import psycopg2.pool

import peer

psycopg2.extras.register_uuid()
PREPARE = f"""prepare get (uuid) as {peer.get_sql("$1")};
prepare list (uuid, bigint) as {peer.list_sql("$1", "$2")};
prepare create_one (uuid, varchar, text, bigint, varchar, integer, integer) as
{peer.create_sql("$1, $2, $3, $4, $5, $6, $7")}"""


def open_one(*_, **__):
    opened = psycopg2.connect("")
    opened.autocommit = True
    opened.cursor().execute(PREPARE)
    return opened


class Pool(psycopg2.pool.ThreadedConnectionPool):
    def _connect(self, key=None):
        opened = open_one()
        self._pool.append(opened)
        return opened


connection = open_one()
pool = Pool(peer.POOL_CONNECTIONS, peer.POOL_CONNECTIONS)
free = threading.Semaphore(peer.POOL_CONNECTIONS)  # the pool fails when it is empty
rows = peer.audio_rows(lambda hundredths: hundredths / 100, str)


def run(sql, parameters=None, on=connection):
    with on.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def get(id, on=connection):
    return run("execute get (%s)", (id,), on)


def w2(turn):
    with free:
        mine = pool.getconn()
        found = get(peer.file(turn), mine)
        pool.putconn(mine)
        return found


def w5(_):
    lines = io.StringIO()
    for row in rows:
        lines.write("\t".join(map(str, row)) + "\n")
    lines.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"copy audio_files ({', '.join(peer.COPIED)}) from stdin", lines)
        return cursor.rowcount


peer.serve(
    f"psycopg2 {psycopg2.__version__.split()[0]}",
    {
        "W1": lambda turn: get(peer.file(turn)),
        "W2": w2,
        "W3": lambda turn: run("execute list (%s, %s)", (peer.user(turn), peer.NEWEST)),
        "W4": lambda turn: run("execute create_one (%s, %s, %s, %s, %s, %s, %s)", peer.created(turn)),
        "W5": w5,
        "W6": lambda turn: run(peer.READ_ALL),
        "W7": lambda turn: sum(len(get(each)) for each in peer.gets(turn)),
    },
)
