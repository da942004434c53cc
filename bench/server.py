"""The server that bench/run.sh started: its databases, its cores, its statistics."""

import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
FLUSH = (
    "select count(gin_clean_pending_list(i.indexrelid)) from pg_index i join pg_class c on c.oid = i.indexrelid"
    " join pg_am a on a.oid = c.relam where a.amname = 'gin' and i.indrelid::regclass::text !~ '^pg_'"
)


class Server:
    def __init__(self, folder):
        with open(f"{folder}/connection", encoding="utf-8") as file:
            fields = dict(field.split("=", 1) for field in file.read().split())
        self.socket_folder = fields["host"]
        self.environment = dict(os.environ, PGHOST=fields["host"], PGPORT="5432", PGUSER=fields["user"])
        self.environment.update(PGSSLMODE="disable", PGGSSENCMODE="disable")
        self.environment.update(PGOPTIONS="-c client_min_messages=warning")
        self.cores = sorted(os.sched_getaffinity(0))

    def psql(self, database, *arguments, text=None):
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, *arguments]
        return subprocess.run(
            command, env=self.environment, input=text, check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()

    def sql(self, database, text):
        return self.psql(database, "-c", text)

    def version(self):
        return self.sql("postgres", "show server_version").split()[0]

    def pin(self, cores):
        """Backends that start from now on run there."""
        with open(f"{self.socket_folder}/cluster/postmaster.pid", encoding="utf-8") as file:
            os.sched_setaffinity(int(file.readline()), cores)

    def fill(self, ids, users):
        for setting in (
            "autovacuum = off", "synchronize_seqscans = off", "max_parallel_workers_per_gather = 0",
            "max_wal_size = '8GB'", "checkpoint_timeout = '1h'", "jit = off",
        ):  # fmt: skip
            self.sql("postgres", f"alter system set {setting}")
        self.sql("postgres", "select pg_reload_conf()")
        self.sql("postgres", "create database bench_read template teleai_template")
        self.psql("bench_read", "-v", f"users={users}", "-f", f"{HERE}/data.sql")
        for name, query in (("users", "users"), ("files", "audio_files")):
            found = self.sql("bench_read", f"select id from {query} order by id limit 10000")
            with open(f"{ids}/{name}.txt", "w", encoding="ascii") as file:
                file.write(found + "\n")
        for name in ("writes", "bare", "loads"):
            self.sql("postgres", f"create database bench_{name} template bench_read")
        self._strip("bench_bare")
        for name in ("writes", "bare"):  # peers leave the id to the server: let that be cheap
            self.sql(f"bench_{name}", "alter table audio_files alter id set default gen_random_uuid()")
        self.sql("postgres", "create database bench_older template template0")
        self.psql("bench_older", "-f", f"{HERE}/older_schema.sql")
        for table in ("users", "audio_files"):
            columns = self.sql(
                "bench_older",
                "select string_agg(attname, ', ' order by attnum) from pg_attribute"
                f" where attrelid = '{table}'::regclass and attnum > 0",
            )
            rows = self.sql("bench_read", f"copy {table} ({columns}) to stdout")
            self.psql("bench_older", "-c", f"copy {table} ({columns}) from stdin", text=rows + "\n")
        for name in ("read", "writes"):
            self.sql("postgres", f"create database bench_{name}_secured template bench_{name}")
            self.psql(f"bench_{name}_secured", "-f", f"{HERE}/../database/row_security/enable.sql")

    def _strip(self, database):
        """audio_files without secondary indexes and foreign keys."""
        self.sql(database, "truncate audio_files cascade")
        drops = self.sql(
            database,
            "select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint"
            " where contype = 'f' and 'audio_files'::regclass in (conrelid, confrelid) union all "
            "select format('alter table audio_files drop constraint %I', conname) from pg_constraint"
            " where contype = 'u' and conrelid = 'audio_files'::regclass union all "
            "select format('drop index %s', indexrelid::regclass) from pg_index"
            " where indrelid = 'audio_files'::regclass and not indisprimary and not indisunique",
        )
        for drop in drops.splitlines():
            self.sql(database, drop)

    def ready(self):
        secured = ("bench_read_secured", "bench_writes_secured")
        for database in ("bench_read", "bench_writes", "bench_loads", "bench_older", *secured):
            self.sql(database, FLUSH)
            self.sql(database, "vacuum analyze")
        self.sql("postgres", "checkpoint")

    def wal(self):
        return int(self.sql("postgres", "select pg_current_wal_insert_lsn() - '0/0'"))

    def flush(self, database):
        """Seconds that the server needs for it."""
        timed = self.psql(database, text=f"\\timing on\n{FLUSH};\n")
        return float(timed.split("Time: ")[1].split()[0]) / 1e3

    def buffers(self, database):
        sql = f"select blks_hit + blks_read from pg_stat_database where datname = '{database}'"
        return int(self.sql("postgres", sql))
