#!/usr/bin/env python3
"""The runner must see what is wrong: one breach after the other, made by a stand-in for the program."""
import contextlib
import io
import os
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import run as runner
from _runner.script import ScriptError

CLUSTER = "# mine\nmetadata: {name: dev1}\nversion: v1.31.4\nold: v1.31.4\n"
# What the runner must take for right.
GOOD = """# Bumps when the window opens.
at 2026-03-02T06:00:00Z
once
expect no commit
expect no bump
expect decision up dev1 action=wait reason=window until=2026-03-02T08:00:00Z until>=2026-03-02T07:59:59Z action!=bump
expect gate up dev1 window verdict=wait message~m
expect next-wake 2026-03-02T08:00:00Z
observe up dev1 success ready
observe up dev2 failure
observe up dev2 not-ready
expect gate up dev1 window message~"- {upgrade: up, cluster: dev1, outcome: success, ready: true}"
expect gate up dev1 window message~"- {upgrade: up, cluster: dev2, ready: false}"
once
expect stdout contains "cluster: dev2"
once <<END
only this
END
expect stdout lacks "cluster: dev2"
expect stdout contains "only this"
plan
expect stdout contains "cluster: dev1"
observe nothing
expect gate up dev1 window message=m
at next-wake
once
expect stdout lacks "cluster: dev2"
expect commits 1
expect bumps 1
expect bump up dev1 v1.31.4 v1.31.7
expect subject "Upgrade dev1 from v1.31.4 to v1.31.7"
expect message contains "Body."
expect trailer "Lockkeeper-Decided-At: 2026-03-02T08:00:00Z"
expect author "Fleet Bot <bot@example.com>"
expect ref-diff clusters/dev1.yaml v1.31.4 v1.31.7
expect unchanged lockkeeper.yaml
expect status up state=finished
expect status up dev1 state=finished message="said: \\"done\\""
expect no status up dev2
expect no decision up dev2
expect file clusters/dev1.yaml contains "old: v1.31.4"
expect file clusters/dev1.yaml lacks "version: v1.31.4"
expect file clusters/dev1.yaml equals <<END
# mine
metadata: {name: dev1}
version: v1.31.7
old: v1.31.4
END
expect no file clusters/new.yaml
expect next-wake none
expect history "The repository as it was"
plan
expect exit 0
expect exit not 1
expect stdout contains nextWake
expect stderr equals ""
"""
# After the same steps: each line is wrong, and must be reported.
WRONG = """expect commits 2
expect bumps 0
expect no commit
expect no bump
expect no decision up dev1
expect no status up dev1
expect no file clusters/dev1.yaml
expect bump up dev1 v1.31.4 v1.31.8
expect bump other dev1 v1.31.4 v1.31.7
expect subject "Upgrade dev1"
expect message lacks "Body."
expect trailer "Lockkeeper-Decided-At: 2026-03-02T08:00:01Z"
expect author "Ann Operator <ann@example.com>"
expect decision up dev1 action=bump
expect decision up dev1 action!=finish
expect decision up dev1 until>=2026-03-02T08:00:00Z
expect decision up dev2 action=bump
expect gate up dev1 window verdict=wait
expect gate up dev1 lock verdict=pass
expect next-wake 2026-03-02T08:00:00Z
expect status up state=running
expect status up dev1 state=running
expect status up dev2 state=finished
expect status other state=finished
expect file clusters/dev1.yaml contains "nothing"
expect file clusters/dev1.yaml lacks "mine"
expect file clusters/dev1.yaml equals "mine"
expect file clusters/dev2.yaml contains "mine"
expect unchanged clusters/dev1.yaml
expect ref-diff clusters/dev1.yaml v1.31.4 v1.31.8
expect ref-diff clusters/dev1.yaml mine yours
expect ref-diff lockkeeper.yaml v1.31.4 v1.31.7
expect history "Another commit"
expect exit 1
expect exit not 0
expect audit not-allowed
expect stdout contains "nothing of the kind"
expect stderr contains "anything"
"""
# The law, and words of the breach that must be reported.
BROKEN_LAWS = {
    "never_settles": "at the same instant made 1 commits",
    "no_bump_trailer": "without a Lockkeeper-Bump",
    "no_record": "records nothing in status/",
    "wrong_instant": "Lockkeeper-Decided-At is",
    "wrong_base": "not the commit planned from",
    "touches_another_line": "more than a version changed",
    "loses_a_line": "lines became",
    "adds_a_file": "may only change bytes of a file that people wrote",
    "makes_an_unrecorded_manifest": "may only change bytes of a file that people wrote",
    "other_author": "author and committer differ",
    "plan_hides_the_bump": "once bumped",
    "wakes_late": "the plan changes before nextWake",
    "wakes_for_nothing": "nothing changes at nextWake",
    "two_plans_differ": "two plans of one instant differ",
    "no_next_wake": "has no 'nextWake'",
    "leaves_a_file": "left files behind",
    "damages_the_repository": "git fsck",
    "hides_the_push": "once said it pushed",
    "audit_finds": "audit of 'Upgrade dev1 from v1.31.4 to v1.31.7': not-allowed: made up",
    "audit_ends_well": "audit found 1 violations and ended with exit code 0",
    "rebuild_differs": "'status rebuild' at the same instant",
    "fails": "ended with exit code 1",
}
# Scenarios that are no scenarios.
UNREADABLE = {
    "no_comment": ("once\n", "begin with a comment"),
    "no_steps": ("# x\n", "no scenario"),
    "unknown_step": ("# x\nonec\n", "no step 'onec'"),
    "unknown_expectation": ("# x\nexpect luck\n", "nothing is known of"),
    "open_text": ("# x\nput a <<END\ntext\n", "no line 'END'"),
    "clock_goes_back": ("# x\nat 2026-03-02T00:00:00Z\nonce\nat 2026-03-01T00:00:00Z\n", "clock goes back"),
    "left_uncommitted": ("# x\nonce\nput a <<END\nEND\nonce\n", "nobody committed"),
    "missing_word": ("# x\nexpect commits\n", "a word is missing"),
    "nothing_compared": ("# x\nexpect decision up dev1\n", "nothing is compared"),
    "sees_what_is_not": ("# x\nobserve up dev1 readdy\n", "'readdy' stands where one of"),
    "sees_nothing_of_it": ("# x\nobserve up dev1\n", "'nothing' stands where one of"),
    "no_such_text": ("# x\nreplace clusters/dev1.yaml nothing something\n", "must stand exactly once"),
}


class RunnerTest(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.TemporaryDirectory(prefix="lk-runner-")
        self.addCleanup(self.root.cleanup)
        self.folder = pathlib.Path(self.root.name) / "case"
        (self.folder / "repo/clusters").mkdir(parents=True)
        (self.folder / "repo/clusters/dev1.yaml").write_text(CLUSTER)
        (self.folder / "repo/lockkeeper.yaml").write_text("kind: Fleet\n")
        os.environ.pop("LK_GOLDEN", None)

    def program(self, breaks=""):
        path = pathlib.Path(self.root.name) / "program"
        path.write_text((HERE / "_runner/fake_lockkeeper.py").read_text().replace("@BREAKS@", breaks))
        path.chmod(0o755)
        return str(path)

    def run_steps(self, steps, breaks="", golden=False):
        (self.folder / "steps").write_text(steps)
        out = io.StringIO()
        os.environ["LK_GOLDEN"] = "1" if golden else "0"
        with contextlib.redirect_stdout(out):
            code = runner.run(self.program(breaks), self.folder)
        return code, out.getvalue()

    def test_what_is_right_passes(self):
        self.assertEqual(self.run_steps(GOOD, golden=True), (77, ""))
        self.assertEqual(self.run_steps(GOOD), (0, ""))
        text = (self.folder / "expected").read_text()
        self.assertIn("=== H1 2026-03-02T06:00:00Z The repository as it was\n", text)
        self.assertIn("=== C1 2026-03-02T08:00:00Z Fleet Bot <bot@example.com>\n", text)
        self.assertIn("Lockkeeper-Decided-On: H1\n", text)
        self.assertIn("-version: v1.31.4\n+version: v1.31.7\n", text)

    def test_each_wrong_expectation_is_reported(self):
        code, out = self.run_steps(GOOD + WRONG)
        first = GOOD.count("\n") + 1
        reported = [int(line.split("steps:")[1].split(":")[0]) for line in out.split("\n") if line.startswith("case: steps:")]
        self.assertEqual(reported, list(range(first, first + WRONG.count("\n"))), out)
        self.assertEqual(code, 1)

    def test_each_broken_law_is_reported(self):
        steps = "# x\nat 2026-03-02T06:00:00Z\nonce\nat 2026-03-02T08:00:00Z\nonce\n"
        early = "# x\nat 2026-03-02T06:00:00Z\nonce\n"
        for breaks, words in BROKEN_LAWS.items():
            with self.subTest(breaks):
                code, out = self.run_steps(early if "wakes" in breaks else steps, breaks)
                self.assertIn(words, out)
                self.assertEqual(code, 1)

    def test_a_wake_that_never_comes_is_reported(self):
        code, out = self.run_steps("# x\nat 2026-03-02T06:00:00Z\nonce\nat next-wake\n", "never_wakes")
        self.assertIn("there is no next wake", out)
        self.assertEqual(code, 1)

    def test_another_history_than_expected_is_reported(self):
        steps = "# x\nat 2026-03-02T08:00:00Z\nonce\n"
        code, out = self.run_steps(steps)
        self.assertIn("is missing; LK_GOLDEN=1 writes it", out)
        self.assertEqual(code, 1)
        self.assertEqual(self.run_steps(steps, golden=True)[0], 77)
        self.assertEqual(self.run_steps(steps), (0, ""))
        (self.folder / "expected").write_text((self.folder / "expected").read_text().replace("Body.", "Corpse."))
        code, out = self.run_steps(steps)
        self.assertIn("-Corpse.\n+Body.", out)
        self.assertEqual(code, 1)

    def test_a_golden_is_not_written_from_a_wrong_run(self):
        self.assertEqual(self.run_steps("# x\nat 2026-03-02T08:00:00Z\nonce\nexpect no commit\n", golden=True)[0], 1)
        self.assertFalse((self.folder / "expected").exists())

    def test_a_lost_commit_of_a_person_is_reported(self):
        steps = "# x\nat 2026-03-02T08:00:00Z\nonce\nput a <<END\nEND\ncommit \"Mine\"\nonce\nexpect history \"Theirs\"\n"
        self.assertIn("the history is", self.run_steps(steps)[1])

    def test_what_is_missing_here_skips(self):
        code, out = self.run_steps("# x\nshared no/such/file.yaml a\nonce\n")
        self.assertEqual(code, 77)
        self.assertIn("skipped", out)

    def test_what_is_no_scenario_is_refused(self):
        for name, (steps, words) in UNREADABLE.items():
            with self.subTest(name), self.assertRaises(ScriptError) as raised:
                self.run_steps(steps)
            self.assertIn(words, str(raised.exception))

    def test_nothing_is_left_behind(self):
        # A folder of its own: other scenarios run at the same time.
        place = pathlib.Path(self.root.name) / "tmp"
        place.mkdir()
        with unittest.mock.patch.object(tempfile, "tempdir", str(place)):
            self.run_steps("# x\nat 2026-03-02T08:00:00Z\nonce\n")
        self.assertEqual(list(place.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
