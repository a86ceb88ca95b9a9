"""The small fleets of tests/scenarios/_runner/random_fleet.py as files that can be read back from any commit.

Each file begins with a comment that holds what it was made from, so that who reads a commit needs no parser of YAML, and
no opinion of lockkeeper's, to know what people wanted there.
"""
import json
import re
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from _runner.random_fleet import Cluster, Dice, Fleet, Schedule, Upgrade
from _runner.world import format_instant, parse_instant

MARK = "# made from: "
RELEASE = re.compile(r"release: v([\d.]+)")


@dataclass(frozen=True)
class Lock:
    name: str
    stage: str  # "": every cluster
    begin: object
    end: object

    def holds(self, cluster, at):
        return self.stage in ("", cluster.stage) and self.begin <= at < self.end

    def text(self):
        matchers = f"\n  - {{name: stage, value: {self.stage}}}" if self.stage else " []"
        return f"apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterLock\nmetadata: {{name: {self.name}}}\nspec:\n" \
               f"  matchers:{matchers}\n  reason: dice\n  startTime: {format_instant(self.begin)}\n" \
               f"  expiresAt: {format_instant(self.end)}\n  createdBy: dice\n"


KINDS = {kind.__name__: kind for kind in (Cluster, Schedule, Upgrade, Lock, Fleet)}


def plain(value):
    if isinstance(value, datetime):
        return {"instant": format_instant(value)}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value


def rich(value):
    if isinstance(value, dict):
        return parse_instant(value["instant"])
    return tuple(rich(part) for part in value) if isinstance(value, list) else value


def mark(thing):
    kept = {field.name: plain(getattr(thing, field.name)) for field in fields(thing)
            if not (isinstance(thing, Fleet) and field.name in ("clusters", "schedules", "upgrades"))
            and not (isinstance(thing, Cluster) and field.name == "version")}  # stands in the text, where it is bumped
    return f"{MARK}{json.dumps([type(thing).__name__, kept])}\n"


def read(text):
    """What a file was made from; None for a file without the comment."""
    first, _, rest = text.partition("\n")
    if not first.startswith(MARK):
        return None
    kind, kept = json.loads(first.removeprefix(MARK))
    if kind == "Cluster":
        kept["version"] = RELEASE.search(rest)[1]
    return KINDS[kind](**{name: rich(value) for name, value in kept.items()})


class People:
    """A fleet with its locks."""

    def __init__(self, fleet, locks=()):
        self.fleet, self.locks = fleet, {lock.name: lock for lock in locks}

    @classmethod
    def of(cls, texts):
        """From the texts of files; others than ours count for nothing."""
        things = [thing for thing in map(read, texts) if thing is not None]
        fleet = next(thing for thing in things if isinstance(thing, Fleet))
        fleet.clusters = {thing.name: thing for thing in things if isinstance(thing, Cluster)}
        fleet.schedules = {thing.name: thing for thing in things if isinstance(thing, Schedule)}
        fleet.upgrades = {thing.name: thing for thing in things if isinstance(thing, Upgrade)}
        return cls(fleet, [thing for thing in things if isinstance(thing, Lock)])

    def files(self):
        fleet = self.fleet
        out = {"lockkeeper.yaml": fleet}
        out.update({f"clusters/{thing.name}.yaml": thing for thing in fleet.clusters.values()})
        out.update({f"upgrades/{thing.name}.yaml": thing for thing in [*fleet.schedules.values(), *fleet.upgrades.values()]})
        out.update({f"upgrades/locks/{thing.name}.yaml": thing for thing in self.locks.values()})
        return {path: mark(thing) + thing.text() for path, thing in out.items()}

    def why_not(self, upgrade, cluster, at):
        """Why this cluster may not be bumped at this instant; empty: it may."""
        for lock in self.locks.values():
            if lock.holds(cluster, at):
                return f"locked by {lock.name}"
        return self.fleet.why_not(upgrade, cluster, at)


class Chances(Dice):
    """What people do to a fleet, in the course of about as many days as the windows are random in."""

    def begin(self):
        people = People(self.fleet())
        fleet = people.fleet
        while len(fleet.clusters) < 6:
            name = f"c{len(fleet.clusters)}"
            fleet.clusters[name] = Cluster(name, self.random.choice(["dev", "prod"]), "1.31.4")
        # Something must be going on, whatever the dice say.
        fleet.schedules["s0"] = Schedule("s0", "dev", False, (((0, 1, 2, 3, 4, 5, 6), 360, 900),), (), 0)
        fleet.upgrades["u0"] = Upgrade("u0", "dev", "1.31.7")
        return people

    def act(self, people, now):
        """Says what was done."""
        fleet, pick = people.fleet, self.random
        dice = pick.random()
        if dice < 0.15:
            name = f"l{pick.randint(0, 1)}"
            if name in people.locks and pick.random() < 0.7:
                del people.locks[name]
                return f"unlock {name}"
            people.locks[name] = Lock(name, pick.choice(["", "dev", "prod"]), now, now + timedelta(hours=pick.randint(1, 6)))
            return f"lock {name}"
        if dice < 0.45 and fleet.clusters:
            # Back to an old release, so that there is something to do again.
            name = pick.choice(sorted(fleet.clusters))
            fleet.clusters[name].version = pick.choice(["1.31.4", "1.31.7"])
            return f"set back {name}"
        if dice < 0.7:
            name = f"u{pick.randint(0, 3)}"
            fleet.upgrades[name] = self.upgrade(name, sorted(fleet.schedules))
            return f"ask for {name}"
        return self.change(fleet)
