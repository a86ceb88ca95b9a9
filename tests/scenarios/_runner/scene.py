"""Carries out the steps of one scenario, one after the other, and collects everything that is not as it should be."""
import os
import pathlib

from . import laws
from .commit import read_commit
from .decisions import PlanError, read_plan
from .expectations import EXPECTATIONS
from .script import ScriptError
from .world import BRANCH, parse_instant

FIRST_INSTANT = "2026-03-01T00:00:00Z"
MODES = {"executable": "100755", "symlink": "120000"}

# The words of `observe`, as --observed writes them.
SEEN = {"ready": "ready: true", "not-ready": "ready: false", "success": "outcome: success", "failure": "outcome: failure"}


class Skip(Exception):
    """Something that the scenario needs is not on this machine."""


class Scene:
    def __init__(self, world, folder):
        self.world, self.folder = world, pathlib.Path(folder)
        self.clock = parse_instant(FIRST_INSTANT)
        self.breaches = []
        self.last = None      # the last call of the program
        self.exit_seen = True  # whether the scenario has said that its exit code is right
        self.made = []        # lockkeeper's commits of the last pass
        self.settled = False  # whether a pass was made since anything last changed
        self.healthy = True
        self.status_path = "status/"
        self.created = False
        self.plans = {}
        self.observed = {}    # (upgrade, cluster) -> what the caller sees of them, a line of --observed
        self.forged = set()   # codes that audit is expected to find

    # What expectations ask for

    def breach(self, step, message):
        where = f"steps:{step.line}" if step else "after the last step"
        self.breaches.append(f"{where}: {message}")

    def plan(self):
        """The plan at this commit and instant, made once."""
        self.before_program()
        key = (self.world.head(), self.clock, *sorted(self.observed.values()))
        if key not in self.plans:
            run = self.world.call(["plan", "-o", "json", *self.observed_words()], self.clock)
            if run.before != run.after:
                raise PlanError("plan made a commit")
            self.plans[key] = read_plan(run)
        return self.plans[key]

    def commits(self):
        return [read_commit(self.world, name) for name in self.made]

    # Steps

    def create(self):
        if self.created:
            return
        self.created = True
        self.world.create()

    def lay_tree(self, root):
        root = pathlib.Path(root)
        for path in sorted(root.rglob("*")):
            if path.is_file():
                self.world.pending[path.relative_to(root).as_posix()] = ("100644", path.read_bytes())

    def do_repository(self, step):
        if self.created:
            step.fail("the repository exists already; say this first")
        for index in range(1, len(step.words)):
            step.one_of(index, "bare", "checked-out", "by-url", "absent")
        self.created = True
        if "absent" not in step.words:
            self.world.create("checked-out" not in step.words, "by-url" in step.words)

    def do_fleet(self, step):
        root = self.folder.parent / "_fleets" / step.words[1]
        if not root.is_dir():
            step.fail(f"no fleet {root}")
        self.lay_tree(root)

    def do_example(self, step):
        root = self.folder.parents[2] / "examples" / step.words[1]
        if not root.is_dir():
            step.fail(f"no example {root}")
        self.lay_tree(root)

    def do_shared(self, step):
        shared = pathlib.Path(os.environ.get("LK_SHARED", "/nonexistent")) / step.words[1]
        if not shared.is_file():
            raise Skip(f"{step.words[1]} of the shared fixtures is not here (LK_SHARED)")
        self.world.pending[step.words[2]] = ("100644", shared.read_bytes())

    def do_put(self, step):
        if step.text is None:
            step.fail("put PATH <<END ... END")
        text, mode = step.text, "100644"
        for index in range(2, len(step.words)):
            option = step.one_of(index, "crlf", "bom", "no-newline", *MODES)
            text = text.replace("\n", "\r\n") if option == "crlf" else text
            text = "\ufeff" + text if option == "bom" else text
            text = text.rstrip("\r\n") if option == "no-newline" else text
            mode = MODES.get(option, mode)
        self.world.pending[step.words[1]] = (mode, text.encode())

    def do_replace(self, step):
        path, old, new = step.words[1], *(word.replace("\\n", "\n") for word in step.words[2:4])
        before = self.world.read_pending(path)
        if before is None or before.count(old.encode()) != 1:
            step.fail(f"'{old}' must stand exactly once in {path}")
        self.world.pending[path] = ("100644", before.replace(old.encode(), new.encode()))

    def do_remove(self, step):
        path = step.words[1]
        if self.world.read_pending(path) is None:
            step.fail(f"there is no {path}")
        if self.world.head() and self.world.read(path) is not None:
            self.world.pending[path] = None
        else:
            del self.world.pending[path]

    def do_commit(self, step):
        if not self.world.pending:
            step.fail("nothing to commit")
        self.create()
        message = step.words[1]
        if step.text is not None:
            message += "\n\n" + step.text.replace("@HEAD@", self.world.head() or "")
        self.world.commit(message, self.clock, step.words[2] if len(step.words) > 2 else BRANCH)
        self.settled = False

    def do_config(self, step):
        self.create()
        self.world.git("config", step.words[1], step.words[2])

    def do_hook(self, step):
        self.create()
        hook = self.world.place / ("" if self.world.bare else ".git") / "hooks" / step.words[1]
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(step.text)
        hook.chmod(0o755)

    def do_edit(self, step):
        """A change in the work tree that nobody has committed."""
        (self.world.place / step.words[1]).write_text(step.text)

    def do_status_path(self, step):
        self.status_path = step.words[1]

    def do_at(self, step):
        word = step.words[1]
        if word == "next-wake":
            word = self.plan().next_wake
            if not word:
                self.breach(step, "there is no next wake")
                return
        clock = parse_instant(word)
        if clock < self.clock and self.world.head():
            step.fail("the clock goes back")
        self.settled = self.settled and clock == self.clock
        self.clock = clock

    def do_once(self, step):
        """A text is what the caller saw of the clusters."""
        self.check_exit()
        self.make_pass(step, self.observed_words(step.text))

    def do_observe(self, step):
        """What the caller sees of a cluster from now on."""
        if step.words[1] == "nothing":
            self.observed = {}
            return
        upgrade, cluster = step.words[1], step.words[2]
        fields = [SEEN[step.one_of(index, *SEEN)] for index in range(3, max(4, len(step.words)))]
        self.observed[upgrade, cluster] = f"- {{upgrade: {upgrade}, cluster: {cluster}, {', '.join(fields)}}}\n"

    def observed_words(self, text=None):
        """The option that hands over what is seen, or the text instead."""
        text = text if text is not None else "".join(self.observed.values())
        if not text:
            return []
        observed = self.world.folder / "observed.yaml"
        observed.write_text(text)
        return ["--observed", str(observed)]

    def do_plan(self, step):
        self.call(step, ["plan", *step.words[1:], *self.observed_words()])

    def do_explain(self, step):
        self.call(step, ["explain", *step.words[1:], *self.observed_words()])

    def do_lockkeeper(self, step):
        self.call(step, step.words[1:])

    def do_expect(self, step):
        name = step.words[1] if len(step.words) > 1 else ""
        if name not in EXPECTATIONS:
            step.fail(f"nothing is known of 'expect {name}'")
        try:
            for message in EXPECTATIONS[name](self, step):
                self.breach(step, message)
        except IndexError:
            step.fail("a word is missing")

    def call(self, step, arguments):
        self.before_program()
        self.check_exit()
        self.last, self.exit_seen = self.world.call(arguments, self.clock), False
        if arguments[0] in ("once", "plan") and self.last.exit != 2:
            self.healthy = self.last.exit == 0
        if self.last.before != self.last.after:
            self.settled = False
            self.made = self.ours(self.last)

    def ours(self, run):
        return [c for c in self.world.commits_between(run.before, run.after) if c not in self.world.human_commits]

    def before_program(self):
        """The first tree is committed by itself; later changes are somebody's, who says why."""
        if not self.world.pending:
            return
        if self.world.head():
            raise ScriptError("there are changes that nobody committed; say commit MESSAGE")
        self.create()
        self.world.commit("The repository as it was", self.clock)

    def make_pass(self, step, words=()):
        """`once`, held against the plan just before it."""
        self.before_program()
        first = self.world.call(["plan", "-o", "json", *words], self.clock)
        planned = None
        try:
            planned = read_plan(first) if first.exit == 0 else None
        except PlanError as error:
            self.breach(step, str(error))
        self.last, self.exit_seen = self.world.call(["once", "-o", "json", *words], self.clock), False
        self.healthy = self.last.exit == 0
        self.made = self.ours(self.last)
        self.settled = True
        for message in laws.pass_breaches(self.world, self.last, self.made, planned, self.clock, self.status_path):
            self.breach(step, message)

    def check_exit(self):
        """A program that failed is a breach unless the scenario expected just that."""
        if not self.exit_seen and self.last.exit != 0:
            self.breaches.append(self.last.describe())
        self.exit_seen = True

    def run(self, steps):
        for step in steps:
            action = getattr(self, "do_" + step.words[0].replace("-", "_"), None)
            if action is None:
                step.fail(f"there is no step '{step.words[0]}'")
            try:
                action(step)
            except IndexError:
                step.fail("a word is missing")
            except PlanError as error:
                self.breach(step, str(error))
        self.before_program()
        self.check_exit()
        if not self.settled and self.healthy:
            self.make_pass(None)
            self.check_exit()
        self.breaches += [f"after the last step: {m}" for m in laws.final_breaches(self.world, self.clock, self.healthy, self.forged)]
