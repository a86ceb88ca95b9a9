#!/usr/bin/env python3
"""Whether the judge of chaos.py sees what it is there to see: histories with one thing wrong each."""
import json
import pathlib
import sys
import tempfile
import unittest
from datetime import timedelta

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "scenarios")]

from _chaos.daemons import OnceDaemon  # noqa: E402
from _chaos.fleet_files import Lock, People, mark, read  # noqa: E402
from _chaos.git import Git  # noqa: E402
from _chaos.verdict import verdict  # noqa: E402
from _runner.random_fleet import BEGIN, Cluster, Fleet, Schedule, Upgrade  # noqa: E402
from _runner.world import format_instant  # noqa: E402

OPEN, CLOSED = BEGIN + timedelta(hours=9), BEGIN + timedelta(hours=3)
CONTENT = {"audit": {"violations": []}, "status": {"written": [], "removed": [], "problems": []}, "plan": {"decisions": []}}


def people():
    fleet = Fleet("Closed", 0)
    fleet.clusters = {name: Cluster(name, "dev", "1.31.4") for name in ("c0", "c1")}
    fleet.schedules = {"s0": Schedule("s0", "dev", False, (((0, 1, 2, 3, 4, 5, 6), 480, 120),), (), 0)}
    fleet.upgrades = {"u0": Upgrade("u0", "dev", "1.31.7")}
    return People(fleet)


class Judge(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lk-chaos-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.bare = Git(self.folder / "fleet.git", self.folder)
        Git(self.folder, self.folder).run("init", "-q", "--bare", "-b", "main", "fleet.git")
        self.bare.run("config", "core.logAllRefUpdates", "true")
        self.clone = Git(self.folder / "clone", self.folder)
        Git(self.folder, self.folder).run("clone", "-q", "fleet.git", "clone")
        self.people = people()
        self.pushed = [self.push("Begin")]
        self.says = dict(CONTENT)

    def push(self, message, *options):
        for path, text in self.people.files().items():
            (self.folder / "clone" / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / "clone" / path).write_text(text)
        self.clone.run("add", "-A")
        self.clone.run("commit", "-q", "--allow-empty", "-m", message)
        self.clone.run("push", "-q", *options, "origin", "HEAD:main")
        return self.clone.run("rev-parse", "HEAD").strip()

    def bump(self, cluster="c0", old="1.31.4", new="1.31.7", at=OPEN, window=True, target=False):
        base = self.clone.run("rev-parse", "HEAD").strip()
        if cluster in self.people.fleet.clusters:
            self.people.fleet.clusters[cluster].version = new
        lines = ["Lockkeeper-Target: default/u0 v1.31.7 abc"] if target else []
        lines += ["Lockkeeper-Upgrade: default/u0", f"Lockkeeper-Bump: {cluster} v{old} -> v{new}"]
        if window:
            begin, end = BEGIN + timedelta(hours=8), BEGIN + timedelta(hours=10)
            lines.append(f"Lockkeeper-Window: default/s0 {format_instant(begin)}/{format_instant(end)}")
        lines += [f"Lockkeeper-Decided-At: {format_instant(at)}", f"Lockkeeper-Decided-On: {base}"]
        return self.push(f"Upgrade {cluster}\n\n" + "\n".join(lines))

    def breaches(self):
        program = self.folder / "fake"
        cases = "\n".join(f"  {word}) echo '{json.dumps(answer)}' ;;" for word, answer in self.says.items())
        program.write_text(f"#!/bin/sh\ncase \"$5\" in\n{cases}\nesac\n")
        program.chmod(0o700)
        return list(verdict(self.bare, str(program), "fleet.git", format_instant(OPEN), self.pushed))

    def sees(self, words):
        found = self.breaches()
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def test_nothing_wrong(self):
        self.bump()
        self.bump("c1")
        self.assertEqual(self.breaches(), [])

    def test_lost_commit(self):
        self.pushed.append("1" * 40)
        self.sees("is not in main any more")

    def test_forced_push(self):
        first = self.clone.run("rev-parse", "HEAD").strip()
        self.push("Next")
        self.clone.run("reset", "-q", "--hard", first)
        self.push("Instead", "--force")
        self.sees("which does not contain it")

    def test_same_bump_twice(self):
        self.bump()
        self.people.fleet.clusters["c0"].version = "1.31.4"
        self.push("Set back")
        self.bump()
        self.sees("already")

    def test_same_bump_for_another_manifest(self):
        self.bump()
        self.people.fleet.clusters["c0"].version = "1.31.4"
        self.push("Set back")
        self.bump(target=True)
        self.assertEqual(self.breaches(), [])

    def test_outside_its_own_window(self):
        self.bump(at=CLOSED)
        found = self.breaches()
        self.assertEqual(len(found), 2)
        self.assertIn("outside its own window", found[0])
        self.assertIn("it was closed by s0", found[1])

    def test_outside_every_window(self):
        self.bump(at=CLOSED, window=False)
        self.sees("it was closed by s0")

    def test_locked(self):
        self.people.locks["l0"] = Lock("l0", "", BEGIN, BEGIN + timedelta(days=1))
        self.push("Lock")
        self.bump()
        self.sees("it was locked by l0")

    def test_nobody_asked(self):
        del self.people.fleet.clusters["c1"]
        self.clone.run("rm", "-q", "clusters/c1.yaml")
        self.push("Leave")
        self.bump("c1")
        self.sees("nobody had asked for it")

    def test_another_release(self):
        self.bump(new="1.31.9")
        self.sees("v1.31.7 was asked for")

    def test_what_the_program_says(self):
        for word, answer, words in [
            ("audit", {"violations": [{"code": "not-allowed"}]}, "not-allowed"),
            ("status", {"written": ["status/x"], "removed": [], "problems": []}, "status/x"),
            ("status", {"written": [], "removed": [], "problems": ["odd"]}, "odd"),
            ("plan", {"decisions": [{"action": "bump", "cluster": "c0"}]}, "were not made"),
        ]:
            with self.subTest(words=words):
                self.says = {**CONTENT, word: answer}
                self.sees(words)
        self.says = {word: answer for word, answer in CONTENT.items() if word != "audit"}
        self.sees("audit: exit code 0")

    def test_damaged_object(self):
        blob = self.bare.run("rev-parse", "main:clusters/c0.yaml").strip()
        packed = self.folder / "fleet.git/objects" / blob[:2] / blob[2:]
        self.bump()
        packed.chmod(0o600)
        packed.write_bytes(b"nonsense")
        found = self.breaches_or_error()
        self.assertIn(blob, found)

    def breaches_or_error(self):
        try:
            return " ".join(self.breaches())
        except Exception as error:  # the damage may be found while the history is read
            return str(error)

    def test_bad_words_in_a_log(self):
        daemon = OnceDaemon("d", "true", "x", self.folder, None)
        self.assertEqual(list(daemon.complaints()), [])
        daemon.log.write_text("all is well\nInternal error: it should not be so\n")
        self.assertEqual(len(list(daemon.complaints())), 1)

    def test_files_are_read_back(self):
        fleet = self.people.fleet
        things = [fleet.clusters["c0"], fleet.schedules["s0"], Lock("l", "dev", BEGIN, OPEN),
                  Upgrade("u", "", "2.0.0", BEGIN, None, True, 30, OPEN, "s0", 5)]
        for thing in things:
            self.assertEqual(read(mark(thing) + thing.text()), thing)
        self.assertIsNone(read("apiVersion: v1\n"))
        again = People.of(self.people.files().values())
        self.assertEqual(again.files(), self.people.files())


if __name__ == "__main__":
    unittest.main()
