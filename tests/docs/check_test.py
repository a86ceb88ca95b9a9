#!/usr/bin/env python3
"""Breaks each thing that check.py and examples.py hold, one at a time, and sees that they notice."""
import pathlib
import shutil
import tempfile
import unittest

import check
import examples

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEPT = ["cmake/LockkeeperDependencies.cmake", "dev", "tests/layering/check.py", "reconciler/core/plan/gate.cc",
        "reconciler/core/plan/decision.cc", "reconciler/core/status/trailers.cc", "server/metrics.cc", "schemas/openapi.json", "LICENSE", "examples", "docs", "bench/README.md",
        "tests/scenarios/README.md", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
FOLDERS = ["schemas", "reconciler", "net", "gitops", "server", "packaging", "tests", "bench"]


class FakeProgram(check.Program):
    """The commands and options of docs/commands.md, so that this test needs no program."""

    def __init__(self):
        super().__init__("")
        self.more_commands, self.more_options = [], set()
        self.text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")

    def commands(self):
        first = self.text.split("\n## Exit codes", 1)[1]
        return [name for name in check.re.findall(r"^##+ ([a-z][a-z ]*)$", first, check.re.M)] + self.more_commands

    def options(self, command):
        shared = {"--" + word.lower().replace("_", "-") for word in check.re.findall(r"\| `LOCKKEEPER_(\w+)` \|", self.text)}
        return shared | ({"--dry-run"} if command == "once" else set()) | (self.more_options if command == "plan" else set())


class CheckTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name).resolve()
        for folder in FOLDERS:
            for path in [ROOT / folder, *(p for p in (ROOT / folder).rglob("*") if p.is_dir() and "data" not in p.parts)]:
                (self.root / path.relative_to(ROOT)).mkdir(parents=True, exist_ok=True)
        for name in KEPT:
            target = self.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, target, dirs_exist_ok=True)
            else:
                shutil.copy(ROOT / name, target)
        self.program = FakeProgram()

    def breaches(self):
        return [f"{path}: {why}" for path, _, why in check.check(self.root, self.program)]

    def replace(self, name, old, new):
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new), encoding="utf-8")

    def append(self, name, text):
        path = self.root / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    def expect(self, part):
        found = self.breaches()
        self.assertTrue(any(part in breach for breach in found), f"{part!r} is not in {found}")

    def test_untouched_documents_are_right(self):
        # Links into folders that are not copied here are not this test's.
        self.assertEqual([b for b in self.breaches() if "leads nowhere" not in b], [])

    def test_each_breach_is_found(self):
        rows = [
            ("a command that is not there", lambda: self.append("README.md", "\n    lockkeeper upgrade --now x\n"), "'lockkeeper upgrade'"),
            ("one behind an option", lambda: self.append("README.md", "\n`lockkeeper --repo x.git upgrade`\n"), "'lockkeeper upgrade'"),
            ("one in a fenced block", lambda: self.append("README.md", "\n```console\n$ cd x && lockkeeper upgrade\n```\n"), "'lockkeeper upgrade'"),
            ("a command below a command", lambda: self.append("README.md", "\n`lockkeeper status repair`\n"), "'lockkeeper status repair'"),
            ("a command that nobody describes", lambda: self.program.more_commands.append("sing"), "command 'sing' has no heading"),
            ("a metric that nobody describes", lambda: self.replace("server/metrics.cc", '"bumps_total"', '"jumps_total"'), "lockkeeper_jumps_total is None here"),
            ("a label of another name", lambda: self.replace("docs/api.md", "| `result` | passes", "| `outcome` | passes"), "the metric lockkeeper_passes_total"),
            ("a route that nobody describes", lambda: self.replace("schemas/openapi.json", '"/readyz": {', '"/steadyz": {'), "the route /steadyz"),
            ("a parameter that nobody describes", lambda: self.replace("docs/api.md", "`schedule`, `cluster`, `from`", "`cluster`, `from`"), "a parameter schedule"),
            ("an option that nobody describes", lambda: self.program.more_options.add("--why"), "'plan' does not describe --why"),
            ("a variable", lambda: self.replace("docs/commands.md", "`LOCKKEEPER_CACHE`", "`CACHE`"), "variable LOCKKEEPER_CACHE"),
            ("a gate", lambda: self.replace("docs/planning.md", "| `min-interval` |", "| `interval` |"), "its table has the gates"),
            ("gates in another order", lambda: self.replace("reconciler/core/plan/gate.cc", '"manifest", "suspend"', '"suspend", "manifest"'), "its table has the gates"),
            ("an action", lambda: self.replace("reconciler/core/plan/decision.cc", '"observe"', '"watch"'), "action watch"),
            ("a trailer", lambda: self.replace("docs/planning.md", "Lockkeeper-Overran", "Lockkeeper-Late"), "trailer Lockkeeper-Overran"),
            ("a library that is not listed", lambda: self.append("cmake/LockkeeperDependencies.cmake", "find_package(Boost REQUIRED)\n"), "CMake name Boost"),
            ("a package that is not listed", lambda: self.replace("dev", "bench_packages=(libbenchmark-dev)", "bench_packages=(libbenchmark-dev perf)"), "package perf of ./dev"),
            ("a package that is no more", lambda: self.replace("dev", " lcov\n", "\n"), "package lcov is not in ./dev"),
            ("a link", lambda: self.append("README.md", "\n[x](docs/nothing.md)\n"), "docs/nothing.md leads nowhere"),
            ("a heading", lambda: self.append("README.md", "\n[x](docs/planning.md#nothing)\n"), "no heading #nothing"),
            ("a heading of the page itself", lambda: self.append("docs/planning.md", "\n[x](#nothing)\n"), "no heading #nothing"),
            ("an arrow", lambda: self.replace("ARCHITECTURE.md", "| `gitops` | `schemas`, `net` |", "| `gitops` | `schemas`, `reconciler/core` |"), "gitops may include"),
            ("a folder", lambda: (self.root / "schemas/poems").mkdir(), "schemas/poems/ is not in the code map"),
            ("the licence", lambda: (self.root / "LICENSE").unlink(), "LICENSE: is missing"),
            ("a page", lambda: (self.root / "docs/planning.md").unlink(), "docs/planning.md: is missing"),
        ]
        for name, spoil, part in rows:
            with self.subTest(name):
                self.setUp()
                spoil()
                self.expect(part)


class ExamplesTest(unittest.TestCase):
    def test_matches(self):
        rows = [
            (["a", "b"], ["a", "b"], True),
            (["a", "b"], ["a"], False),
            (["a"], ["a", "b"], False),
            ([], ["a"], False),
            (["a  "], ["a"], True),
            (["at 0123456789ab"], ["at ba9876543210"], True),
            (["at 0123456789ab"], ["at 0123"], False),
            (["a", "..."], ["a", "b", "c"], True),
            (["b", "..."], ["a", "b", "c"], False),
            (["a", "...", "c"], ["a", "c"], True),
            (["a", "...", "c"], ["a", "b"], False),
            (["a", "...", "b", "...", "c"], ["a", "x", "b", "y", "c"], True),
            (["a", "...", "z", "...", "c"], ["a", "x", "b", "y", "c"], False),
            (["a", "...", "a"], ["a"], False),
        ]
        for expected, actual, right in rows:
            with self.subTest(expected=expected, actual=actual):
                self.assertEqual(examples.matches(expected, actual), right)

    def test_split(self):
        self.assertEqual(examples.split("$ a \\\n  b\nout\n$ cat <<END\nx\nEND\n$ c\n"),
                         [("a \\\n  b", ["out"]), ("cat <<END\nx\nEND", []), ("c", [])])

    def test_tutorial_has_its_steps(self):
        steps = examples.tutorial_steps((ROOT / "README.md").read_text(encoding="utf-8"))
        self.assertEqual(sum(step.startswith("cat > upgrades/") for step in steps), 1)
        for command in ("init", "validate", "plan", "explain", "once --dry-run", "once", "history"):
            self.assertTrue(any(f"lockkeeper {command}" in step for step in steps), command)


if __name__ == "__main__":
    unittest.main()
