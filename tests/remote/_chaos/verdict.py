"""What must be true of a history afterwards, whatever happened while it was made. Read with git, from the repository alone."""
import json
import subprocess

from _runner.commit import read_trailers
from _runner.world import parse_instant

from .fleet_files import People
from .git import GitError

PREFIX = "Lockkeeper-"


class History:
    def __init__(self, git):
        self.git = git
        self.ids = git.lines("rev-list", "--reverse", "--topo-order", "main")
        self.messages = {}
        for entry in git.run("log", "--format=%H%n%B%x00", "main").split("\0"):
            name, _, message = entry.strip("\n").partition("\n")
            self.messages[name] = message
        self.people = {}

    def trailers(self, name):
        return [(key.removeprefix(PREFIX), value) for key, value in read_trailers(self.messages[name])]

    def people_at(self, name):
        if name not in self.people:
            entries = [entry.split("\t") for entry in self.git.run("ls-tree", "-r", "-z", name).split("\0") if entry]
            texts = [self.git.run("cat-file", "blob", head.split()[2]) for head, path in entries
                     if path.endswith(".yaml") and not path.startswith("status/")]
            self.people[name] = People.of(texts)
        return self.people[name]

    def bumps_of(self, name):
        """(commit, upgrade, cluster, from, to, its trailers)"""
        trailers = self.trailers(name)
        upgrade = ""
        for key, value in trailers:
            if key == "Upgrade":
                upgrade = value
            elif key == "Bump":
                cluster, old, _, new = value.split(" ")
                yield name, upgrade, cluster, old, new, trailers

    def bumps(self):
        return [bump for name in self.ids for bump in self.bumps_of(name)]


def lost_commits(history, pushed):
    there = set(history.ids)
    for name in pushed:
        if name not in there:
            yield f"commit {name}, which somebody had pushed, is not in main any more"


def rewinds(git):
    """The server's own record of the branch: each step stands on the one before."""
    steps = [line.split()[0] for line in git.lines("reflog", "show", "--format=%H", "main")]
    for new, old in zip(steps, steps[1:]):
        try:
            git.run("merge-base", "--is-ancestor", old, new)
        except GitError:
            yield f"main went from {old} to {new}, which does not contain it"


def repeated_bumps(history):
    """At most one of each upgrade, cluster and release, until the upgrade's manifest is another one."""
    done = {}
    for name in history.ids:
        for key, value in history.trailers(name):
            if key == "Target":
                done = {known: at for known, at in done.items() if known[0] != value.split(" ")[0]}
        for commit, upgrade, cluster, old, new, _ in history.bumps_of(name):
            known = (upgrade, cluster, new)
            if known in done:
                yield f"{upgrade} bumped {cluster} from {old} to {new} in {commit}, and in {done[known]} already"
            done[known] = commit


def untimely_bumps(history):
    for commit, upgrade, cluster, old, new, trailers in history.bumps():
        where = f"commit {commit}: bump of {cluster} from {old} to {new} by {upgrade}: "
        said = dict(trailers)
        at = parse_instant(said["Decided-At"])
        if "Window" in said:
            begin, _, end = said["Window"].split(" ")[1].partition("/")
            if begin != ".." and at < parse_instant(begin) or end != ".." and at >= parse_instant(end):
                yield where + f"at {said['Decided-At']}, outside its own window {said['Window']}"
        people = history.people_at(said["Decided-On"])
        name = upgrade.removeprefix("default/")
        if name not in people.fleet.upgrades or cluster not in people.fleet.clusters:
            yield where + "nobody had asked for it in the commit that it was decided on"
            continue
        wanted, thing = people.fleet.upgrades[name], people.fleet.clusters[cluster]
        why = people.why_not(wanted, thing, at)
        if why:
            yield where + f"at {said['Decided-At']} it was {why}"
        elif (old, new) != (f"v{thing.version}", f"v{wanted.target}"):
            yield where + f"it ran v{thing.version}, and v{wanted.target} was asked for"


def command_breaches(program, repository, now):
    """What the program itself says of it: nothing to complain of, nothing left to do."""
    def call(*words):
        done = subprocess.run([program, "--repo", repository, "--now", now, *words, "-o", "json"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300, check=False)
        try:
            return done.returncode, json.loads(done.stdout), done.stderr
        except ValueError:
            return done.returncode, None, done.stdout + done.stderr

    code, answer, said = call("audit")
    if code != 0 or answer is None or answer["violations"]:
        yield f"audit: exit code {code}: {json.dumps(answer and answer['violations'])[:3000]} {said}"
    code, answer, said = call("status", "rebuild", "--dry-run")
    if code != 0 or answer is None or answer["written"] or answer["removed"] or answer["problems"]:
        yield f"status rebuild: exit code {code}: {json.dumps(answer)} {said}"
    code, answer, said = call("plan")
    due = [] if answer is None else [d for d in answer["decisions"] if d["action"] == "bump"]
    if code != 0 or answer is None or due:
        yield f"plan: exit code {code}: bumps that are due and were not made: {json.dumps(due)[:2000]} {said}"


def verdict(git, program, repository, now, pushed):
    """Every breach, in words."""
    history = History(git)
    yield from lost_commits(history, pushed)
    yield from rewinds(git)
    yield from repeated_bumps(history)
    yield from untimely_bumps(history)
    yield from command_breaches(program, repository, now)
    try:
        said = git.run("fsck", "--strict", "--no-dangling", "--no-progress", seconds=300)
        if said.strip():
            yield f"git fsck: {said}"
    except GitError as error:
        yield str(error)
