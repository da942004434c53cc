"""The processes that compare.py talks to: the subjects (subject.h) and the network (delay.c)."""

import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


class Program:
    """A running subject."""

    def __init__(self, bench, entry, cores, port=None, wrapper=()):
        self.entry = entry
        environment = dict(bench.server.environment, PGDATABASE=entry.database)
        if entry.role:
            environment["PGUSER"] = entry.role
        environment.update(TELEAI_BENCH_NODE=bench.node, NODE_NO_WARNINGS="1")
        environment.update(PYTHONPATH=f"{HERE}/../bindings/python/src", TELEAI_LIBRARY=f"{bench.build}/libteleai.so.0")
        if port:
            environment.update(PGHOST="127.0.0.1", PGPORT=port)
        self.process = subprocess.Popen(
            [*wrapper, *bench.commands[entry.program], bench.ids],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        self.version = self.process.stdout.readline().strip()
        self.works = self.process.stdout.readline().split()
        if not self.works:
            self.close()
            raise RuntimeError(f"{entry.subject} does not start")

    def run(self, times):
        self.process.stdin.write(f"{self.entry.work} {times}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.entry.subject} failed at {self.entry.work}")
        return [float(number) for number in answer.split()]

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) / 1e9

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Delay:
    """The network in between."""

    def __init__(self, bench, milliseconds):
        self.process = subprocess.Popen(
            [bench.program("delay"), str(int(milliseconds * 1000)), f"{bench.server.socket_folder}/.s.PGSQL.5432"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = self.process.stdout.readline().strip()

    def round_trips(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
