#!/usr/bin/env python3
"""One daemon for as many passes as the time allows: its memory, its open files, its threads and its clone must stay as they are.

    soak.py [--seconds S] [--local] PROGRAM

The clock is set to the daemon's next wake as soon as it has none left to do, so nothing waits for real time; people push
something new to do all the while. What was taken after a warm-up is compared with what was taken at the end. Exit code 77,
with a message, where a program is missing.
"""
import argparse
import contextlib
import json
import os
import pathlib
import queue
import sys
import tempfile
import time
from datetime import timedelta

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "scenarios")]

from _chaos.clock import Clock  # noqa: E402
from _chaos.daemons import RunDaemon  # noqa: E402
from _chaos.git import Git, GitError  # noqa: E402
from _rig.processes import SKIPPED, Missing, RigError  # noqa: E402
from _runner.random_fleet import Fleet  # noqa: E402
from _runner.world import format_instant, parse_instant  # noqa: E402
from serve import serving  # noqa: E402

CLUSTERS = 8
WARM_UP = 0.4            # of the time
SAMPLES = 20             # of memory, to be looked at
MEMORY_GROWTH = 0.15     # of what it was, or
MEMORY_GROWTH_MIN = 6e6  # bytes
FILES_GROWTH = 4         # a conversation may be under way
FILES_OF_PACKS = 80      # of a repository on this machine, whose packs are its owner's to collect: 64 of these are kept open
CLONE_GROWTH = 2         # times what the server has when it is collected, and
CLONE_BYTES = 20e6       # so much more: then the clone is made anew. It takes some 5,000 passes to get there
PACKS_MAX = 40
PASS_SECONDS = 60
PASSES_MIN = 40          # a slow machine, or a sanitizer; some 300 are usual in 25 seconds
PUSHES_MAX = 20


class ListenedTo(RunDaemon):
    """Says each of its passes to whoever waits for one."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.heard = queue.Queue()

    def take_in(self, line):
        before = self.passes
        super().take_in(line)
        if self.passes != before:
            self.heard.put(self.last)

    def next_pass(self):
        try:
            return self.heard.get(timeout=PASS_SECONDS)
        except queue.Empty:
            raise RigError(f"no pass for {PASS_SECONDS} seconds; {self.broken or 'it runs'}; see {self.log}") from None


class People:
    """Who ask for an upgrade of each cluster, a minute after each other, and take it back when it is done."""

    def __init__(self, folder, url):
        self.git = Git(folder / "clone", folder)
        self.number, self.starts = 0, {}
        (folder / "clone").mkdir()
        self.git.run("init", "-q", "-b", "main")
        self.git.run("remote", "add", "origin", url)
        self.write("lockkeeper.yaml", Fleet("Open", 0).text())

    def write(self, path, text):
        file = self.git.folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def ask(self, name, start):
        self.starts[name] = start
        self.write(f"clusters/{name}.yaml", f"metadata: {{name: {name}}}\nspec: {{release: v1.31.4}}\n")
        self.write(f"upgrades/{name}.yaml", f"apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {{name: {name}}}\n"
                   f"spec:\n  matchers: [{{name: cluster, value: {name}}}]\n  releaseRef: {{name: v1.31.7}}\n"
                   f"  startTime: {format_instant(start)}\n")

    def push(self):
        self.number += 1
        self.git.run("add", "-A")
        self.git.run("commit", "-q", "-m", f"Ask again, {self.number}")
        for _ in range(PUSHES_MAX):
            self.git.run("fetch", "-q", "origin")
            if self.git.run("for-each-ref", "refs/remotes/origin/main").strip():
                # Of a file that both have changed people's version counts: they set the release back.
                self.git.run("rebase", "-q", "-X", "theirs", "origin/main")
            try:
                self.git.run("push", "-q", "origin", "HEAD:main")
                return
            except GitError:
                continue  # the daemon was first
        raise RigError(f"people could not push for {PUSHES_MAX} times")


def size_of(folder):
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file()) if folder.exists() else 0


def measure(daemon, cache):
    place = pathlib.Path(f"/proc/{daemon.process.pid}")
    status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
    return {"memory": int(status["RssAnon"].split()[0]) * 1024, "threads": int(status["Threads"]),
            "files": len(list((place / "fd").iterdir())), "clone": size_of(cache),
            "packs": len(list(cache.rglob("*.pack"))) if cache.exists() else 0, "passes": daemon.passes}


def sanitized(program):
    """Their memory is not the program's."""
    data = pathlib.Path(program).read_bytes()
    return b"__tsan_init" in data or b"__asan_init" in data


def judge(warm, end, server_bytes, options):
    program = options.program
    allowed = max(warm["memory"] * MEMORY_GROWTH, MEMORY_GROWTH_MIN)
    if not sanitized(program) and end["memory"] > warm["memory"] + allowed:
        yield f"memory grew from {warm['memory']} to {end['memory']} bytes in {end['passes'] - warm['passes']} passes"
    # Packs come until they are made one; each may be open.
    allowed = FILES_OF_PACKS if options.local else warm["files"] - warm["packs"] + end["packs"] + FILES_GROWTH
    if end["files"] > allowed:
        yield f"open files grew from {warm['files']} with {warm['packs']} packs to {end['files']} with {end['packs']}"
    if end["threads"] > warm["threads"]:
        yield f"threads grew from {warm['threads']} to {end['threads']}"
    if end["clone"] > CLONE_GROWTH * server_bytes + CLONE_BYTES:
        yield f"the clone has {end['clone']} bytes, where the server needs {server_bytes}"
    if end["packs"] > PACKS_MAX:
        yield f"the clone has {end['packs']} packs"
    if end["passes"] < PASSES_MIN:
        yield f"{end['passes']} passes prove nothing; {PASSES_MIN} would"


def soak(options, folder, stack):
    root = folder / "root"
    root.mkdir()
    Git(root, folder).run("init", "-q", "--bare", "-b", "main", "fleet.git")
    bare = Git(root / "fleet.git", folder)
    bare.run("config", "gc.autoDetach", "false")
    url = str(root / "fleet.git")
    if not options.local:
        url = stack.enter_context(serving("http", str(root)))["url"] + "/fleet.git"
    clock = Clock(folder / "now")
    people = People(folder, str(root / "fleet.git"))
    for number in range(CLUSTERS):
        people.ask(f"c{number}", clock.now() + timedelta(minutes=number + 1))
    people.push()
    cache = folder / "cache"
    daemon = ListenedTo("daemon", options.program, url, folder, clock, options=["--cache", str(cache)])
    daemon.start()
    stack.callback(daemon.stop)
    begin, warm, bumps, series = time.monotonic(), None, 0, []
    while time.monotonic() < begin + options.seconds:
        last = daemon.next_pass()
        if last.wrote or not daemon.heard.empty():
            continue  # another one follows by itself
        done = [name for name, start in people.starts.items() if last.wake == "none" or start + timedelta(minutes=1) <= clock.now()]
        if len(done) >= CLUSTERS // 2:
            latest = max(people.starts.values())
            for place, name in enumerate(done):
                people.ask(name, max(latest, clock.now()) + timedelta(minutes=place + 1))
            people.push()
            bumps += len(done)
        if last.wake != "none":
            clock.set(max(parse_instant(last.wake), clock.now()))
        if len(series) < SAMPLES * (time.monotonic() - begin) / options.seconds:
            series.append((daemon.passes, measure(daemon, cache)["memory"]))
        if warm is None and time.monotonic() > begin + WARM_UP * options.seconds:
            warm = measure(daemon, cache)
    end = measure(daemon, cache)
    bare.run("gc", "-q", seconds=300)
    breaches = list(judge(warm or end, end, size_of(root), options)) + list(daemon.complaints())
    if bumps < CLUSTERS:
        breaches.append(f"{bumps} upgrades went through; it proves nothing")
    print(json.dumps({"upgrades": bumps, "warm": warm, "end": end, "server": size_of(root), "memory after passes": series}))
    return breaches


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--local", action="store_true", help="on the repository's folder, without a server")
    options = parser.parse_args()
    options.program = str(pathlib.Path(options.program).resolve())
    try:
        with tempfile.TemporaryDirectory(prefix="lk-soak-") as folder, contextlib.ExitStack() as stack:
            breaches = soak(options, pathlib.Path(folder), stack)
            if breaches and os.environ.get("LK_KEEP") == "1":
                print((pathlib.Path(folder) / "daemon.log").read_text()[-5000:])
    except Missing as missing:
        print(f"skipped: {missing}")
        return SKIPPED
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
