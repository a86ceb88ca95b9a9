"""A person with a clone of their own, who changes something and pushes it, again and again."""
import pathlib
import random
import subprocess
import threading

from .fleet_files import Chances, People
from .git import Git, GitError

PAUSE_SECONDS = (0.05, 0.8)


class Writer(threading.Thread):
    """`pushed` holds the ids of what git said had arrived; a push whose answer was lost may have arrived all the same."""

    def __init__(self, name, folder, url, clock, seed):
        super().__init__(name=name, daemon=True)
        self.folder, self.url, self.clock = pathlib.Path(folder) / name, url, clock
        self.random = random.Random(f"{seed}/{name}")
        self.chances = Chances(self.random)
        self.git = Git(self.folder, folder, name)
        self.stopped, self.resting, self.at_rest = threading.Event(), threading.Event(), threading.Event()
        self.pushed, self.failed, self.conflicts, self.number, self.broken = [], 0, 0, 0, None

    def run(self):
        try:
            while not self.stopped.is_set():
                if self.resting.is_set():
                    self.at_rest.set()
                    self.stopped.wait(0.02)
                    continue
                self.at_rest.clear()
                self.attempt()
                self.stopped.wait(self.random.uniform(*PAUSE_SECONDS))
        except Exception as error:  # in a thread nobody else would ever hear of it
            self.broken = f"{self.name}: {type(error).__name__}: {error}"
        finally:
            self.at_rest.set()

    def attempt(self):
        """One thing done, pulled under and pushed; where it does not go through it is done anew on what is there then."""
        try:
            if not (self.folder / ".git").exists():
                self.folder.mkdir(exist_ok=True)
                self.git.run("init", "-q", "-b", "main")
                self.git.run("remote", "add", "origin", self.url)
            self.git.run("fetch", "-q", "origin")
            self.git.run("reset", "-q", "--hard", "origin/main")
            if not self.change():
                return
            for _ in range(5):
                if self.push():
                    return
        except (GitError, subprocess.TimeoutExpired):
            self.failed += 1
            self.clean_up()

    def change(self):
        texts = {str(path.relative_to(self.folder)): path.read_text() for path in self.folder.rglob("*.yaml")}
        people = People.of(texts.values())
        before = people.files()
        what = self.chances.act(people, self.clock.now())
        after = people.files()
        for path in before.keys() - after.keys():
            (self.folder / path).unlink()
        for path, text in after.items():
            if before.get(path) != text:
                (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / path).write_text(text)
        self.git.run("add", "-A")
        if not self.git.run("status", "--porcelain").strip():
            return False
        self.number += 1
        self.git.run("commit", "-q", "-m", f"{what.capitalize()}\n\nWriter: {self.name}-{self.number}")
        return True

    def push(self):
        try:
            self.git.run("push", "-q", "origin", "HEAD:main")
            self.pushed.append(self.git.run("rev-parse", "HEAD").strip())
            return True
        except GitError:
            self.git.run("fetch", "-q", "origin")
            try:
                self.git.run("rebase", "-q", "origin/main")
            except GitError:
                self.conflicts += 1
                raise
            # What a lost answer has hidden: it is there already.
            return not self.git.run("rev-list", "origin/main..HEAD").strip()

    def clean_up(self):
        for lock in (self.folder / ".git").glob("*.lock"):
            lock.unlink()
        try:
            self.git.run("rebase", "--abort")
        except GitError:
            pass  # there was none

    def rest(self, rest):
        if rest:
            self.at_rest.clear()
            self.resting.set()
        else:
            self.resting.clear()

    def stop(self):
        self.stopped.set()
        self.join(timeout=120)
