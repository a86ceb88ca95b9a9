"""The repository of one scenario, the people who commit to it, and the program under test."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime, timezone

PROGRAM_SECONDS_MAX = 60
ID = re.compile(r"[0-9a-f]{40}")
BRANCH = "main"
HUMAN = "Ann Operator <ann@example.com>"


class WorldError(Exception):
    """The surroundings failed (git, the file system), not the program under test."""


def parse_instant(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


def format_instant(instant):
    return instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Run:
    """One call of the program."""
    command: str
    exit: int
    stdout: str
    stderr: str
    before: str  # the branch's commit, empty where there is none
    after: str

    def describe(self):
        out = f"'{self.command}' ended with exit code {self.exit}"
        for name in ("stdout", "stderr"):
            text = getattr(self, name).strip()
            if text:
                out += f"\n  {name}:\n" + "\n".join("    " + line for line in text.split("\n")[-40:])
        return out

    def json(self):
        try:
            return json.loads(self.stdout)
        except ValueError:
            return None


class World:
    def __init__(self, program):
        self.program = str(pathlib.Path(program).resolve())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lk-scenario-"))
        self.place = self.folder / "fleet.git"
        self.bare = True
        self.by_url = False
        self.pending = {}  # path -> (mode, bytes), or None where it goes
        self.human_commits = []
        for name in ("home", "elsewhere", "tmp"):
            (self.folder / name).mkdir()
        self.environment = {
            **{k: v for k, v in os.environ.items() if k == "PATH" or k.endswith("SAN_OPTIONS") or k.startswith("LLVM_")},
            "HOME": str(self.folder / "home"), "XDG_CACHE_HOME": str(self.folder / "home/cache"),
            "TMPDIR": str(self.folder / "tmp"), "TZ": "UTC", "LANG": "C", "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ann Operator", "GIT_AUTHOR_EMAIL": "ann@example.com",
            "GIT_COMMITTER_NAME": "Ann Operator", "GIT_COMMITTER_EMAIL": "ann@example.com",
        }

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    # The repository

    def create(self, bare=True, by_url=False):
        self.bare, self.by_url = bare, by_url
        self.place = self.folder / ("fleet.git" if bare else "fleet")
        self.run_git(["init", "--quiet", f"--initial-branch={BRANCH}"] + (["--bare"] if bare else []) + [str(self.place)],
                     cwd=self.folder)

    def run_git(self, arguments, stdin=b"", cwd=None, may_fail=False):
        done = subprocess.run(["git", *arguments], input=stdin, cwd=cwd or self.place, env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PROGRAM_SECONDS_MAX)
        if done.returncode != 0 and not may_fail:
            raise WorldError(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace').strip()}")
        return done

    def git(self, *arguments, stdin=b""):
        return self.run_git(list(arguments), stdin).stdout

    def head(self, branch=BRANCH):
        if not self.place.is_dir():
            return ""
        done = self.run_git(["rev-parse", "--quiet", "--verify", f"refs/heads/{branch}"], may_fail=True)
        return done.stdout.decode().strip()

    def read(self, path, commit=None):
        """A file's bytes at a commit (default: the branch's), None where it is not there."""
        done = self.run_git(["cat-file", "blob", f"{commit or self.head()}:{path}"], may_fail=True)
        return done.stdout if done.returncode == 0 else None

    def read_pending(self, path):
        if path in self.pending:
            return self.pending[path][1] if self.pending[path] else None
        return self.read(path) if self.head() else None

    def commit(self, message, clock, branch=BRANCH):
        """Commits what is pending on top of the main branch, as a person would; `branch` is where it goes."""
        seconds = int(clock.timestamp())
        person = f"{HUMAN} {seconds} +0000".encode()
        base = self.head()
        out = [b"commit refs/heads/" + branch.encode(), b"author " + person, b"committer " + person,
               b"data %d" % len(message.encode()), message.encode()]
        if base:
            out.append(b"from " + base.encode())
        for path, entry in sorted(self.pending.items()):
            if entry is None:
                out.append(b"D " + path.encode())
            else:
                out += [b"M %s inline %s" % (entry[0].encode(), path.encode()), b"data %d" % len(entry[1]), entry[1]]
        self.git("fast-import", "--quiet", "--force", stdin=b"\n".join(out) + b"\n")
        self.pending = {}
        self.human_commits.append(self.head(branch))
        if not self.bare and branch == BRANCH:
            self.git("reset", "--quiet", "--hard")

    def commits_between(self, before, after):
        """First-parent commits that `after` has and `before` has not, oldest first."""
        if not after or before == after:
            return []
        span = f"{before}..{after}" if before else after
        return self.git("rev-list", "--reverse", "--first-parent", span).decode().split()

    # The program

    def location(self):
        return f"file://{self.place}" if self.by_url else str(self.place)

    def call(self, arguments, clock):
        before = self.head()
        command = [self.program, "--repo", self.location(), "--now", format_instant(clock), *arguments]
        try:
            done = subprocess.run(command, cwd=self.folder / "elsewhere", env=self.environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PROGRAM_SECONDS_MAX)
        except subprocess.TimeoutExpired as error:
            raise WorldError(f"'{' '.join(arguments)}' did not end within {PROGRAM_SECONDS_MAX} s") from error
        except OSError as error:
            raise WorldError(f"{self.program}: {error.strerror}") from error
        return Run(" ".join(arguments), done.returncode, done.stdout.decode(errors="replace"),
                   done.stderr.decode(errors="replace"), before, self.head())
