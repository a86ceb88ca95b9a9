"""A small fleet made of dice, and a plain, slow opinion of its own on who may be bumped when (SPEC 2.3, 2.4, 4).

Times are whole minutes in UTC, so that being open can be asked minute by minute.
"""
from dataclasses import dataclass, field, replace
from datetime import timedelta

from .world import format_instant, parse_instant

BEGIN = parse_instant("2026-03-02T00:00:00Z")  # a Monday
MINUTE = timedelta(minutes=1)
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
STAGES = ["dev", "prod"]
VERSIONS = ["1.31.4", "1.31.7", "1.31.9", "1.32.1", "1.32.6", "2.0.0"]


def key(version):
    return [int(part) for part in version.split(".")]


def level(old, new):
    a, b = key(old), key(new)
    return "major" if a[0] != b[0] else "minor" if a[1] != b[1] else "patch"


@dataclass
class Cluster:
    name: str
    stage: str
    version: str
    tested: str = VERSIONS[0]  # a version beside the ref, which nobody changes

    def text(self):
        return f"# {self.name}, once at v{self.tested}\nmetadata:\n  name: {self.name}\n  labels: {{stage: {self.stage}}}\n" \
               f"spec: {{release: v{self.version}, tested: v{self.tested}}}\n"


@dataclass(frozen=True)
class Schedule:
    name: str
    stage: str | None  # None: whom it is named by; "": everybody
    default: bool
    windows: tuple     # (days, start minute, length in minutes)
    freezes: tuple     # (from, to, scopes)
    runway: int

    def text(self):
        out = f"apiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedule\nmetadata: {{name: {self.name}}}\nspec:\n"
        if self.stage is not None:
            out += "  matchers: []\n" if self.stage == "" else f"  matchers: [{{name: stage, value: {self.stage}}}]\n"
        out += f"  default: {'true' if self.default else 'false'}\n"
        out += f"  runway: {self.runway}m\n" if self.runway else ""
        out += "  maintenanceWindows:\n" if self.windows else ""
        for days, start, length in self.windows:
            first = BEGIN - timedelta(days=7) + start * MINUTE
            out += f"  - {{startTime: {format_instant(first)}, duration: {length}m," \
                   f" recurrence: 'FREQ=WEEKLY;BYDAY={','.join(DAYS[d] for d in days)}'}}\n"
        out += "  maintenanceExclusions:\n" if self.freezes else ""
        for begin, end, scopes in self.freezes:
            scope = f", scope: [{', '.join(scopes)}]" if scopes else ""
            out += f"  - {{startTime: {format_instant(begin)}, endTime: {format_instant(end)}{scope}}}\n"
        return out

    def is_open(self, at, change):
        if any(begin <= at < end and (not scopes or change in scopes) for begin, end, scopes in self.freezes):
            return False
        return not self.windows or any(self.covers(window, at) for window in self.windows)

    @staticmethod
    def covers(window, at):
        days, start, length = window
        for back in range(-(-(start + length) // 1440) + 1):
            day = (at - timedelta(days=back)).replace(hour=0, minute=0, second=0)
            begin = day + start * MINUTE
            if day.weekday() in days and begin <= at < begin + length * MINUTE:
                return True
        return False


@dataclass(frozen=True)
class Upgrade:
    name: str
    stage: str  # "": both
    target: str
    start: object = None
    deadline: object = None
    suspend: bool = False
    runway: int = 0
    override: object = None
    schedule: str = ""
    priority: int = 0

    def selects(self, cluster):
        return self.stage in ("", cluster.stage)

    def text(self):
        value = self.stage or "dev|prod"
        out = f"apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {{name: {self.name}}}\nspec:\n" \
              f"  matchers: [{{name: stage, value: '{value}', isRegex: true}}]\n  releaseRef: {{name: v{self.target}}}\n" \
              f"  suspend: {'true' if self.suspend else 'false'}\n  priority: {self.priority}\n"
        out += f"  startTime: {format_instant(self.start)}\n" if self.start else ""
        out += f"  startDeadline: {format_instant(self.deadline)}\n" if self.deadline else ""
        out += f"  runway: {self.runway}m\n" if self.runway else ""
        out += f"  maintenanceScheduleRef: {{name: {self.schedule}}}\n" if self.schedule else ""
        if self.override:
            out += f"  override: {{windows: true, reason: dice, by: ann, until: {format_instant(self.override)}}}\n"
        return out


@dataclass
class Fleet:
    unscheduled: str
    concurrency: int
    clusters: dict = field(default_factory=dict)
    schedules: dict = field(default_factory=dict)
    upgrades: dict = field(default_factory=dict)

    def text(self):
        return f"""apiVersion: lockkeeper.dev/v1alpha1
kind: Fleet
metadata: {{name: dice}}
spec:
  unscheduled: {self.unscheduled}
  limits: {{maxConcurrency: {self.concurrency}}}
  inventory:
  - {{name: own, include: ["clusters/*.yaml"], cluster: metadata.name, refs: [{{path: spec.release}}]}}
"""

    def files(self):
        out = {"lockkeeper.yaml": self.text()}
        out.update({f"clusters/{c.name}.yaml": c.text() for c in self.clusters.values()})
        out.update({f"upgrades/{o.name}.yaml": o.text() for o in [*self.schedules.values(), *self.upgrades.values()]})
        return out

    def governing(self, upgrade, cluster):
        found = [s for s in self.schedules.values()
                 if s.stage in ("", cluster.stage) or s.name == upgrade.schedule]
        return found or [s for s in self.schedules.values() if s.default]

    def why_closed(self, upgrade, cluster, now):
        """Empty: an upgrade may start now as far as schedules go."""
        schedules = self.governing(upgrade, cluster)
        if upgrade.override and now < upgrade.override:
            return ""
        if not schedules:
            free = self.unscheduled == "Open" or (self.unscheduled == "RequireStartTime" and upgrade.start)
            return "" if free else "no schedule"
        change = level(cluster.version, upgrade.target)
        runway = max([upgrade.runway, *(s.runway for s in schedules)])
        minutes = [now + i * MINUTE for i in range(runway)] or [now]
        if now.second:
            minutes.append(now + runway * MINUTE - timedelta(seconds=1))
        closed = [s.name for s in schedules for at in minutes if not s.is_open(at, change)]
        return f"closed by {closed[0]}" if closed else ""

    def why_not(self, upgrade, cluster, now):
        """Why this cluster may not be bumped now, other upgrades and limits apart; empty: it may."""
        if upgrade.suspend:
            return "suspended"
        if key(cluster.version) >= key(upgrade.target):
            return "at or past the target"
        if upgrade.start and now < upgrade.start:
            return "before startTime"
        if upgrade.deadline and upgrade.deadline <= now:
            return "past the deadline"
        if upgrade.schedule and upgrade.schedule not in self.schedules:
            return "names no schedule"
        return self.why_closed(upgrade, cluster, now)


class Dice:
    """Makes fleets and the things that people do to them."""

    def __init__(self, random):
        self.random = random

    def maybe(self, chance, value):
        return value() if self.random.random() < chance else None

    def instant(self, days=14):
        return BEGIN + timedelta(hours=self.random.randrange(days * 24), minutes=self.random.choice([0, 0, 30]))

    def schedule(self, name):
        pick = self.random
        windows = tuple((tuple(sorted(pick.sample(range(7), pick.randint(1, 5)))), pick.randrange(0, 1440, 30),
                         pick.choice([60, 240, 600, 1440, 2000])) for _ in range(pick.randint(0, 2)))
        freezes = []
        for _ in range(pick.choice([0, 0, 1, 2])):
            begin = self.instant()
            freezes.append((begin, begin + timedelta(hours=pick.choice([1, 20, 90])),
                            tuple(sorted(pick.sample(["major", "minor", "patch"], pick.randint(0, 2))))))
        default = pick.random() < 0.2
        stage = None if default else pick.choice([None, "", "dev", "prod"])
        return Schedule(name, stage, default, windows, tuple(freezes), pick.choice([0, 0, 45, 90]))

    def upgrade(self, name, schedules):
        pick = self.random
        return Upgrade(name, pick.choice(["", "dev", "prod"]), pick.choice(VERSIONS[1:]), self.maybe(0.4, self.instant),
                       self.maybe(0.15, self.instant), pick.random() < 0.1, pick.choice([0, 0, 30, 120]),
                       self.maybe(0.15, self.instant), pick.choice([*schedules, ""]) if schedules else "", pick.choice([0, 0, 5]))

    def fleet(self):
        pick = self.random
        fleet = Fleet(pick.choice(["Open", "Closed", "RequireStartTime"]), pick.choice([0, 0, 1, 2]))
        for i in range(pick.randint(1, 4)):
            fleet.clusters[f"c{i}"] = Cluster(f"c{i}", pick.choice(STAGES), pick.choice(VERSIONS[:4]))
        for i in range(pick.randint(0, 3)):
            fleet.schedules[f"s{i}"] = self.schedule(f"s{i}")
        for i in range(pick.randint(1, 3)):
            fleet.upgrades[f"u{i}"] = self.upgrade(f"u{i}", sorted(fleet.schedules))
        return fleet

    def change(self, fleet):
        """Something that a person does; says what."""
        pick = self.random
        kind = pick.choice(["suspend", "target", "schedule", "upgrade", "remove", "join", "leave", "release", "deadline"])
        if kind == "upgrade" or not fleet.upgrades:
            name = f"u{pick.randint(0, 3)}"
            fleet.upgrades[name] = self.upgrade(name, sorted(fleet.schedules))
            return f"ask for {name}"
        name = pick.choice(sorted(fleet.upgrades))
        upgrade = fleet.upgrades[name]
        if kind == "suspend":
            fleet.upgrades[name] = replace(upgrade, suspend=not upgrade.suspend)
        elif kind == "target":
            fleet.upgrades[name] = replace(upgrade, target=pick.choice(VERSIONS[1:]))
        elif kind == "deadline":
            fleet.upgrades[name] = replace(upgrade, deadline=self.maybe(0.5, self.instant))
        elif kind == "remove":
            del fleet.upgrades[name]
        elif kind == "schedule":
            name = f"s{pick.randint(0, 2)}"
            kind = "write"
            fleet.schedules[name] = self.schedule(name)
        elif kind == "join" or not fleet.clusters:
            kind = "join"
            name = f"c{pick.randint(0, 6)}"
            fleet.clusters.setdefault(name, Cluster(name, pick.choice(STAGES), pick.choice(VERSIONS[:4])))
        elif kind == "leave" and len(fleet.clusters) > 1:
            name = pick.choice(sorted(fleet.clusters))
            del fleet.clusters[name]
        else:
            kind, name = "release", pick.choice(sorted(fleet.clusters))
            fleet.clusters[name].version = pick.choice(VERSIONS)
        return f"{kind} {name}"
