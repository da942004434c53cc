"""
Drives the measured programs in interleaved rounds and hands what it measured to report.py; bench/run.sh calls it.

Every entry of a workload is a persistent process of its own (subject.h). A round runs each entry once, one after
another; the first round is dropped. A ratio is the first entry's time by an entry's time in the same round.
"""

import argparse
import contextlib
import dataclasses
import datetime
import os
import platform
import shutil
import statistics
import tempfile

import report
from programs import Delay, Program
from server import Server

HERE = os.path.dirname(os.path.abspath(__file__))
DELAYS_MS = (0, 0.5, 5)
ROWS = {"W5": 5000, "W6": 20000, "load_audio_files": 5000, "load_transcriptions": 500}  # of one operation
COUNTED = ("teleai", "libpq", "libzdb", "SOCI", "libpqxx")  # these tell allocations, and valgrind their instructions
COUNTED_TIMES = {"W3": 50, "W7": 20, "W7_get_many": 50}
PYTHON, PYTHON_AIO = "teleai, Python", "teleai, Python, asyncio"
FORMS = {"shown": f"{PYTHON}, fields of a page", "arrow": f"{PYTHON}, Arrow"}  # of W3 and W6
IN_PYTHON = (PYTHON, PYTHON_AIO, "psycopg3", "asyncpg")
ONE_BY_ONE = ("libzdb", "SOCI")  # is how they do W5: over a network that takes minutes


@dataclasses.dataclass
class Entry:
    subject: str  # how the results call it
    program: str  # what runs
    work: str
    database: str = "bench_read"
    role: str = ""  # "": the owner


@dataclasses.dataclass
class Workload:
    name: str
    entries: list  # the first is the measure
    cores: str = "one"  # one: client and server share it; two: one each; free: as the system likes
    before: str = ""  # SQL before every run
    flushed: bool = False  # what the indexes still have pending is part of the time
    delays: tuple = DELAYS_MS
    long: int = 1  # times as long a run


def plain(name, database="bench_read", *more, peers=(), secured=False, **settings):
    entries = [Entry("libpq", "libpq", name, database), *more, Entry("teleai", "teleai", name, database)]
    if secured:
        entries.append(Entry("teleai, row security", "teleai", name, f"{database}_secured", "teleai_app"))
    entries += [Entry(peer, peer, name, database) for peer in peers]
    if PYTHON in peers:
        entries += [Entry(subject, PYTHON, f"{name}_{form}", database) for form, subject in FORMS.items()]
    return Workload(name, entries, **settings)


def workloads(peers):
    empty = {"cores": "two", "before": "truncate audio_files cascade"}
    return [
        plain("W1", "bench_read", Entry("libpq with a deadline", "libpq", "W1_deadline"), peers=peers, secured=True),
        plain("W2", peers=peers, secured=True, cores="free", long=3),
        plain("W3", peers=peers, secured=True),
        plain("W4", "bench_writes", peers=peers, secured=True),
        plain("W5", "bench_bare", peers=peers, **empty),
        plain("W6", "bench_read", Entry("libpq single row", "libpq", "W6_single"), peers=peers, cores="two"),
        plain("W7", "bench_read", Entry("libpq pipeline", "libpq", "W7_pipeline"), peers=peers),
        Workload(
            "W7_get_many",
            [
                Entry("libpq", "libpq", "W7"),
                Entry("libpq any", "libpq", "W7_get_many"),
                Entry("teleai", "teleai", "W7_get_many"),
                *(Entry(peer, peer, "W7_get_many") for peer in peers if peer in IN_PYTHON[:2]),
            ],
        ),
        Workload(
            "search_ranked_common",
            [
                Entry("documented query", "libpq", "search_ranked_common"),
                Entry("teleai", "teleai", "search_ranked_common"),
            ],
            delays=(0,),
        ),
        *(
            Workload(
                name,
                [Entry("older schema", "libpq", name, "bench_older"), Entry("teleai", "teleai", name, "bench_loads")],
                cores="two",
                before=f"truncate {table} cascade",
                flushed=True,
                delays=(0,),
                long=3,
            )
            for name, table in (("load_transcriptions", "transcriptions"), ("load_audio_files", "audio_files"))
        ),
    ]


class Bench:
    def __init__(self, options):
        self.build, self.quick = options.build, options.quick
        self.server = Server(options.server)
        self.node = f"{self.build}/node"
        self.ids = tempfile.mkdtemp(dir=self.build)
        self.rounds = 5 if self.quick else 11
        self.seconds = 0.03 if self.quick else 0.2
        self.commands = {name: [self.program(name)] for name in ("teleai", "libpq")}
        self.skipped = []
        self.results = {}  # (workload, delay, subject) -> what was measured
        self.versions = {}

    def program(self, name):
        return f"{self.build}/bench/bench_{name}"

    def find_peers(self, only=None):
        """Those that start; for the others the results say that they are missing."""
        python = f"{self.build}/venv/bin/python"
        own = [python, f"{HERE}/teleai_peer.py"]
        for name, command in {
            PYTHON: own,
            PYTHON_AIO: [own[0], own[1], "--aio"],
            "libzdb": [self.program("zdb")],
            "SOCI": [self.program("soci")],
            "libpqxx": [self.program("pqxx")],
            "psycopg3": [python, f"{HERE}/psycopg_peer.py"],
            "psycopg2": [python, f"{HERE}/psycopg2_peer.py"],
            "asyncpg": [python, f"{HERE}/asyncpg_peer.py"],
            "pg": ["node", f"{HERE}/node_pg.mjs"],
            "postgres.js": ["node", f"{HERE}/node_postgres.mjs"],
        }.items():
            if only and name not in only:
                continue
            self.commands[name] = command
            try:
                Program(self, Entry(name, name, "W1"), self.server.cores).close()
            except (OSError, RuntimeError) as error:
                print(f"left out: {name}: {error}")
                self.skipped.append(name)
                del self.commands[name]

    def peers(self):
        return [name for name in self.commands if name not in ("teleai", "libpq")]

    def cores(self, kind):
        """Where server and client run."""
        every = self.server.cores
        return {"one": (every[:1], every[:1]), "two": (every[:1], every[1:2] or every), "free": (every, every)}[kind]

    @contextlib.contextmanager
    def running(self, workload, delay_ms, entries=None):
        """The programs of a workload that know it, and the network they go through."""
        server_cores, client_cores = self.cores(workload.cores if delay_ms == 0 else "free")
        self.server.pin(server_cores)
        network = Delay(self, delay_ms) if delay_ms else None
        started = [
            Program(self, entry, client_cores, network and network.port)
            for entry in (entries or workload.entries)
            if not (delay_ms and workload.name == "W5" and entry.program in ONE_BY_ONE)
        ]
        try:
            programs = [program for program in started if program.entry.work in program.works]
            for program in programs:
                self.versions[program.entry.program] = program.version
            yield programs, network
        finally:
            for program in started:
                program.close()
            if network:
                network.close()

    def record(self, workload, delay_ms, entry):
        return self.results.setdefault((workload.name, delay_ms, entry.subject), {})

    def once(self, workload, program, times):
        """One run: seconds, p99, client processor time and WAL, all but p99 of one row or operation."""
        database = program.entry.database
        seconds = p99 = cpu = wal = 0
        for _ in range(times if workload.before else 1):
            if workload.before:
                self.server.sql(database, workload.before)
            wal_before = self.server.wal() if workload.flushed else 0
            cpu_before = program.cpu_seconds()
            took, p99 = program.run(1 if workload.before else times)[:2]
            cpu += program.cpu_seconds() - cpu_before
            seconds += took + (self.server.flush(database) if workload.flushed else 0)
            wal += (self.server.wal() if workload.flushed else 0) - wal_before
        units = times * ROWS.get(workload.name, 1)
        return seconds / units, p99, cpu / units, wal / units

    def time(self, workload, delay_ms):
        wanted = self.seconds * workload.long / (2 if delay_ms else 1)
        with self.running(workload, delay_ms) as (programs, _):
            for program in programs:
                self.once(workload, program, 1)  # everybody has prepared and made its rows
            one = self.once(workload, programs[0], 1)[0] * ROWS.get(workload.name, 1)
            times = max(1, round(wanted / one))
            if times > 50:  # the first was no good guide
                one = self.once(workload, programs[0], times // 5)[0] * ROWS.get(workload.name, 1)
                times = max(1, round(wanted / one))
            rounds = [[self.once(workload, program, times) for program in programs] for _ in range(1 + self.rounds)][1:]
        for i, program in enumerate(programs):
            seconds, p99, cpu, wal = (statistics.median(round[i][kind] for round in rounds) for kind in range(4))
            ratios = [round[0][0] / round[i][0] for round in rounds]
            found = self.record(workload, delay_ms, program.entry)
            found.update(ratio=statistics.median(ratios), low=min(ratios), high=max(ratios))
            found.update(seconds=seconds, cpu_seconds=cpu)
            if workload.name not in ROWS:
                found.update(p99_us=p99)
            if workload.flushed:
                found.update(wal_bytes=wal)
            print(
                f"{workload.name:21} {delay_ms:>4} ms  {program.entry.subject:21} {found['ratio']:7.3f}"
                f"  ({found['low']:.3f} to {found['high']:.3f})  {seconds * 1e6:12.1f} us",
                flush=True,
            )

    def count(self, workload):
        """Allocations, round trips and, where valgrind is there, instructions."""
        rows = ROWS.get(workload.name, 1)
        times, few = (COUNTED_TIMES.get(workload.name, 200), 8) if rows == 1 else (1, 1)
        with self.running(workload, 5) as (programs, network):
            for program in programs:
                self.once(workload, program, 1)
                before = network.round_trips()
                program.run(few)
                self.record(workload, 0, program.entry)["round_trips"] = (network.round_trips() - before) / few
        with self.running(workload, 0) as (programs, _):
            for program in programs:
                if program.entry.program in COUNTED:
                    program.run(1)
                    self.record(workload, 0, program.entry)["allocations"] = program.run(times)[2] / rows
        if workload.name == "W2" or shutil.which("valgrind") is None:
            return
        for entry in [program.entry for program in programs if program.entry.program in COUNTED]:
            one, two = (self.instructions(workload, entry, times * factor) for factor in (1, 2))
            self.record(workload, 0, entry)["instructions"] = (two - one) / times / rows

    def instructions(self, workload, entry, times):
        log = f"{self.ids}/callgrind.log"
        wrapper = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--log-file={log}"]
        if workload.before:
            self.server.sql(entry.database, workload.before)
        program = Program(self, entry, self.server.cores, wrapper=wrapper)
        program.run(2)
        program.run(times)
        program.close()
        with open(log, encoding="utf-8") as file:
            return int(file.read().split("Collected : ")[1].split()[0])

    def search_buffers(self, workload):
        """Buffers of a search: what 1 + 4 read less what 1 + 2 read; a backend tells when it ends."""
        for entry in workload.entries:
            read = []
            for times in (2, 4):
                before = self.server.buffers(entry.database)
                with self.running(workload, 0, [entry]) as (programs, _):
                    programs[0].run(1)
                    programs[0].run(times)
                read.append(self.server.buffers(entry.database) - before)
            self.record(workload, 0, entry)["buffers"] = (read[1] - read[0]) / 2


def machine(server):
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(": ", 1)[1].strip() for line in file if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    system = f"{platform.system()} {platform.release()}, PostgreSQL {server.version()}"
    return f"{len(server.cores)} cores of {model}, {system}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--counts-only", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--python", action="store_true", help="the clients for Python only")
    parser.add_argument("--only", help="workloads, separated by commas; writes into the build folder")
    options = parser.parse_args()
    bench = Bench(options)
    transcripts = int(os.environ.get("TELEAI_BENCH_TRANSCRIPTS", 1000 if bench.quick else 20000))
    ROWS["W6"] = min(ROWS["W6"], transcripts)
    bench.server.fill(bench.ids, 100 if bench.quick else 1000)
    loader = Program(bench, Entry("teleai", "teleai", "fill"), bench.server.cores)
    loader.run(-(-transcripts // ROWS["load_transcriptions"]))
    loader.close()
    bench.server.ready()
    if options.python or not (bench.quick or options.no_peers):
        bench.find_peers(IN_PYTHON if options.python else None)
    chosen = [each for each in workloads(bench.peers()) if not options.only or each.name in options.only.split(",")]
    if not options.counts_only:
        for delay_ms in DELAYS_MS:
            for workload in chosen:
                if delay_ms in workload.delays:
                    bench.time(workload, delay_ms)
    for workload in chosen:
        if workload.delays != DELAYS_MS:
            continue
        if not bench.quick or workload.name == "W1":
            bench.count(workload)
    for workload in chosen:
        if workload.name == "search_ranked_common" and not options.counts_only:
            bench.search_buffers(workload)
    whole = not (bench.quick or options.only or options.counts_only or options.python)
    report.write(
        HERE if whole else bench.build,
        bench.results,
        machine=machine(bench.server),
        date=datetime.date.today().isoformat(),
        versions=bench.versions,
        skipped=bench.skipped,
        rounds=bench.rounds,
        transcripts=transcripts,
    )


main()
