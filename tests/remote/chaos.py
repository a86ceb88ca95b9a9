#!/usr/bin/env python3
"""Three daemons, three people and everything that can go wrong, on one repository behind a real server; then its history is
read, and must hold no trace of it.

    chaos.py [--seed N] [--seconds S] [--local] [--once] PROGRAM

The daemons (`lockkeeper run`) reach the server through a proxy that fails, are killed by SIGKILL and start again; the server
restarts; the clock goes on by minutes to hours; people push releases, upgrades, schedules and locks. --local: the daemons work
on the repository's folder. --once: passes of `lockkeeper once` there in place of daemons. A failure prints its seed; LK_KEEP=1 keeps its folder.
Exit code 77, with a message, where a program is missing.
"""
import argparse
import contextlib
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time
from datetime import timedelta

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "scenarios")]

from _chaos.clock import Clock  # noqa: E402
from _chaos.daemons import OnceDaemon, RunDaemon  # noqa: E402
from _chaos.fleet_files import Chances  # noqa: E402
from _chaos.git import Git  # noqa: E402
from _chaos.verdict import History, verdict  # noqa: E402
from _chaos.writer import Writer  # noqa: E402
from _rig.processes import SKIPPED, Missing, RigError, wait_until  # noqa: E402
from fault_proxy import proxying  # noqa: E402
from serve import serving  # noqa: E402

DAEMONS, WRITERS = 3, 3
FAULTS = 0.12              # of the daemons' requests; who is denied comes again after half a minute, too late for this
CALM_SECONDS = 90          # until every daemon has had a pass once nothing fails any more
STEP_SECONDS = (0.3, 4.0)  # the clock goes on when a pass has ended, and not later than this


class Server:
    """The repositories behind apache2, which may go and come back; the two proxies before it stay."""

    def __init__(self, root, seed, log, stack):
        self.root, self.restarts = root, 0
        self.context = serving("http", str(root))
        port = self.context.__enter__()["port"]
        stack.callback(lambda: self.context.__exit__(None, None, None))
        self.failing = stack.enter_context(proxying("http", port, "--seed", str(seed), "--log", str(log)))
        self.honest = stack.enter_context(proxying("http", port))

    def restart(self):
        self.context.__exit__(None, None, None)
        self.context = serving("http", str(self.root))
        port = self.context.__enter__()["port"]
        for proxy in (self.failing, self.honest):
            proxy.tell(to=f"127.0.0.1:{port}")
        self.restarts += 1


class Chaos:
    def __init__(self, options, folder, stack):
        self.options, self.folder = options, folder
        self.random = random.Random(options.seed)
        self.root = folder / "root"
        self.root.mkdir()
        self.repository = self.root / "fleet.git"
        self.git = Git(self.repository, folder)
        self.pushed, self.breaches = [], []
        self.begin_repository()
        self.clock = Clock(folder / "now")
        self.server = Server(self.root, options.seed, folder / "proxy.log", stack)
        url = f"{self.server.honest.url}/fleet.git"
        self.writers = [Writer(f"writer-{n}", folder, url, self.clock, options.seed) for n in range(WRITERS)]
        self.daemons = [self.make_daemon(n) for n in range(DAEMONS)]

    def begin_repository(self):
        Git(self.root, self.folder).run("init", "-q", "--bare", "-b", "main", self.repository)
        # The reflog is the witness of every step of the branch. A collection in the background would outlive the test.
        for name, value in (("core.logAllRefUpdates", "true"), ("gc.autoDetach", "false")):
            self.git.run("config", name, value)
        first = self.folder / "first"
        for path, text in Chances(random.Random(self.options.seed)).begin().files().items():
            (first / path).parent.mkdir(parents=True, exist_ok=True)
            (first / path).write_text(text)
        git = Git(first, self.folder)
        git.run("init", "-q", "-b", "main")
        git.run("add", "-A")
        git.run("commit", "-q", "-m", "Begin")
        git.run("push", "-q", self.repository, "main")
        self.pushed += git.lines("rev-parse", "main")

    def make_daemon(self, number):
        name, options = f"daemon-{number}", self.options
        if options.once:
            return OnceDaemon(name, options.program, str(self.repository), self.folder, self.clock)
        repository = str(self.repository) if options.local else f"{self.server.failing.url}/fleet.git"
        cache = ["--cache", str(self.folder / f"cache-{number}")]
        return RunDaemon(name, options.program, repository, self.folder, self.clock, options=cache)

    def step_clock(self):
        pick = self.random
        step = timedelta(minutes=pick.choice([1, 5, 30, 60, 240, 600]), seconds=pick.choice([0, 0, 1]))
        self.clock.set(self.clock.now() + step)

    def rage(self, seconds):
        """Until the time is over: each kind of trouble at moments of its own."""
        gaps = {"kill": (0.2, 1.2), "restart": (4, 9), "drop": (2, 5), "refuse": (5, 9)}
        due = {what: time.monotonic() + self.random.uniform(*gap) for what, gap in gaps.items()}
        end = time.monotonic() + seconds
        stepped = time.monotonic()
        while time.monotonic() < end:
            now = time.monotonic()
            for what, when in due.items():
                if now >= when:
                    getattr(self, f"do_{what}")()
                    due[what] = time.monotonic() + self.random.uniform(*gaps[what])
            passed = any(daemon.knows(self.clock.text()) for daemon in self.daemons)
            if now - stepped > STEP_SECONDS[0 if passed else 1]:
                self.step_clock()
                stepped = now
            time.sleep(0.05)

    def do_kill(self):
        self.random.choice(self.daemons).kill()

    def do_restart(self):
        self.server.restart()

    def do_drop(self):
        self.server.failing.tell(drop=True)

    def do_refuse(self):
        self.server.failing.tell(refuse=True)
        time.sleep(self.random.uniform(0.1, 0.5))
        self.server.failing.tell(refuse=False)

    def calm(self):
        """Nothing fails and nobody writes any more: every daemon must come to rest, with nothing left to do."""
        self.server.failing.tell(clear=True)
        for writer in self.writers:
            writer.rest(True)
        for writer in self.writers:
            if not writer.at_rest.wait(timeout=CALM_SECONDS):
                self.breaches.append(f"{writer.name} does not come to rest")
        now = self.clock.text()
        for daemon in self.daemons:
            def rests(daemon=daemon):
                return daemon.broken or daemon.at_rest(self.git.run("rev-parse", "main").strip(), now)
            try:
                wait_until(rests, daemon.name, CALM_SECONDS)
            except RigError:
                self.breaches.append(f"{daemon.name} does not come to rest within {CALM_SECONDS} seconds without a fault; "
                                     f"its last pass: {daemon.last}")
            for path in ("/healthz", "/readyz"):
                if daemon.answers(path) != 200:
                    self.breaches.append(f"{daemon.name} {path}: {daemon.answers(path)}")

    def run(self):
        for actor in (*self.writers, *self.daemons):
            actor.start()
        try:
            rounds = max(1, round(self.options.seconds / 20))
            for _ in range(rounds):
                self.server.failing.tell(chaos=FAULTS, denials=False)
                for writer in self.writers:
                    writer.rest(False)
                self.rage(self.options.seconds / rounds)
                self.calm()
                if self.breaches:
                    break
                self.breaches += [daemon.broken for daemon in self.daemons if daemon.broken]
        finally:
            for actor in (*self.writers, *self.daemons):
                actor.stop()
        self.judge()

    def judge(self):
        for writer in self.writers:
            self.pushed += writer.pushed
            if writer.broken:
                self.breaches.append(writer.broken)
        for daemon in self.daemons:
            self.breaches += daemon.complaints()
        self.breaches += verdict(self.git, self.options.program, str(self.repository), self.clock.text(), self.pushed)
        self.done = {
            "seed": self.options.seed, "until": self.clock.text(), "commits of people": len(self.pushed),
            "bumps": len(History(self.git).bumps()), "passes": sum(d.passes for d in self.daemons),
            "refused": sum(d.refused for d in self.daemons), "kills": sum(d.kills for d in self.daemons),
            "restarts": self.server.restarts, "conflicts": sum(w.conflicts for w in self.writers),
            "faults": self.server.failing.tell(count=True)["made"],
        }
        # A run in which nothing happens proves nothing.
        for what in ("bumps", "kills", "restarts"):
            if self.done[what] == 0:
                self.breaches.append(f"no {what} in this run: it proves nothing")
        if len(self.pushed) < 5:
            self.breaches.append(f"people pushed {len(self.pushed)} commits only: it proves nothing")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--local", action="store_true")
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    options.program = str(pathlib.Path(options.program).resolve())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lk-chaos-"))
    good = False
    try:
        with contextlib.ExitStack() as stack:
            chaos = Chaos(options, folder, stack)
            chaos.run()
            print(json.dumps(chaos.done))
        for breach in chaos.breaches:
            print(f"seed {options.seed}: {breach}")
        good = not chaos.breaches
    except Missing as missing:
        print(f"skipped: {missing}")
        return SKIPPED
    finally:
        if good or os.environ.get("LK_KEEP") != "1":
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"kept in {folder}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
