#!/usr/bin/env python3
"""Random fleets, random people, a random clock: what the program does is held against the laws of every scenario and
against a slow opinion of its own on who may be bumped when.

    random_test.py --lockkeeper PROGRAM [--seed N] [--count N] [--passes N]

A failure names its seed; --seed repeats it alone. LK_KEEP=1 keeps its repository.
"""
import argparse
import os
import random
import sys
from dataclasses import dataclass
from datetime import timedelta

from _runner import laws
from _runner.commit import read_commit
from _runner.decisions import PlanError, read_plan
from _runner.random_fleet import BEGIN, Dice
from _runner.world import World, WorldError, format_instant, parse_instant

# A bump that nobody verifies counts as under way for a minute at least, and for the runway.
UNDER_WAY_MIN, UNDER_WAY_MAX = timedelta(minutes=1), timedelta(minutes=120)


@dataclass(frozen=True)
class Bump:
    spec: object  # of its upgrade
    version: str
    at: object


class Life:
    """One fleet from its first commit to its last pass."""

    def __init__(self, program, seed):
        self.world = World(program)
        self.random = random.Random(seed)
        self.dice = Dice(self.random)
        self.fleet = self.dice.fleet()
        self.written = {}
        self.clock = BEGIN
        self.log, self.breaches = [], []
        self.seen = {}       # upgrade -> its spec at the last pass
        self.over = set()    # (upgrade, cluster) bumped for this spec: not again
        self.unsure = set()  # (upgrade, cluster) that ended in another way: this model does not say whether it goes on
        self.last = {}       # cluster -> its last Bump
        self.ever = set()    # all clusters there ever were

    def say(self, text):
        self.log.append(f"{format_instant(self.clock)} {text}")

    def breach(self, text):
        self.say(f"BREACH: {text}")
        self.breaches.append(text)

    def commit(self, message):
        files = self.fleet.files()
        for path in self.written.keys() - files.keys():
            self.world.pending[path] = None
        for path, text in files.items():
            if self.written.get(path) != text:
                self.world.pending[path] = ("100644", text.encode())
        self.written = files
        if self.world.pending:
            self.world.commit(message, self.clock)
            self.say(message)

    def notice_changes(self):
        """A changed spec opens what was over; what is gone and comes back is anybody's guess."""
        for name, upgrade in self.fleet.upgrades.items():
            if name in self.seen and self.seen[name] != upgrade:
                self.over = {pair for pair in self.over if pair[0] != name}
                self.unsure = {pair for pair in self.unsure if pair[0] != name}
            self.seen[name] = upgrade
        for pair in list(self.over):
            if pair[0] not in self.fleet.upgrades or pair[1] not in self.fleet.clusters:
                self.over.discard(pair)
                self.unsure.add(pair)
        for name in self.seen.keys() - self.fleet.upgrades.keys():
            self.unsure |= {(name, cluster) for cluster in self.ever}
        self.unsure |= {(name, cluster) for name in self.seen for cluster in self.ever - self.fleet.clusters.keys()}
        self.ever |= self.fleet.clusters.keys()

    def expected(self):
        """(upgrade, cluster) -> why not; empty: it may be bumped now."""
        return {(u.name, c.name): "over for it" if (u.name, c.name) in self.over else self.fleet.why_not(u, c, self.clock)
                for u in self.fleet.upgrades.values() for c in self.fleet.clusters.values() if u.selects(c)}

    def judge(self, bumps):
        expected = self.expected()
        for upgrade, cluster, old, new in bumps:
            name = upgrade.removeprefix("default/")
            why = expected.get((name, cluster), "not selected")
            if why:
                self.breach(f"{name} bumped {cluster} although it is {why}")
            elif (old, new) != (f"v{self.fleet.clusters[cluster].version}", f"v{self.fleet.upgrades[name].target}"):
                self.breach(f"{name} bumped {cluster} from {old} to {new}")
        clusters = [cluster for _, cluster, _, _ in bumps]
        if len(clusters) != len(set(clusters)):
            self.breach(f"a cluster was bumped twice in one pass: {bumps}")
        self.judge_places(set(clusters))
        self.judge_delays(expected, set(clusters))

    def under_way(self):
        """Clusters that were bumped just now, where nobody has changed anything about it since."""
        return {name for name, bump in self.last.items()
                if self.clock < bump.at + UNDER_WAY_MIN and name in self.fleet.clusters
                and self.fleet.clusters[name].version == bump.version
                and self.fleet.upgrades.get(bump.spec.name) == bump.spec}

    def judge_places(self, clusters):
        busy = self.under_way()
        if busy & clusters:
            self.breach(f"{busy & clusters} bumped while under way")
        if self.fleet.concurrency and clusters and len(busy | clusters) > self.fleet.concurrency:
            self.breach(f"{busy | clusters} are under way together; {self.fleet.concurrency} may be")

    def judge_delays(self, expected, clusters):
        """What may be bumped is bumped, where no other upgrade and no limit can be the reason that it is not."""
        for cluster in self.fleet.clusters:
            open_ = [pair for pair, why in expected.items() if pair[1] == cluster and why != "over for it"]
            if len(open_) > 1:
                self.unsure |= set(open_)
            if len(open_) != 1 or expected[open_[0]] or self.fleet.concurrency or open_[0] in self.unsure:
                continue
            resting = cluster in self.last and self.clock < self.last[cluster].at + UNDER_WAY_MAX
            if cluster not in clusters and not resting:
                self.breach(f"{open_[0][0]} should have bumped {cluster}")

    def take_in(self, bumps):
        for upgrade, cluster, _, new in bumps:
            if cluster not in self.fleet.clusters or upgrade.removeprefix("default/") not in self.fleet.upgrades:
                continue
            self.fleet.clusters[cluster].version = new.removeprefix("v")
            name = upgrade.removeprefix("default/")
            self.over.add((name, cluster))
            self.last[cluster] = Bump(self.fleet.upgrades[name], self.fleet.clusters[cluster].version, self.clock)
            path = f"clusters/{cluster}.yaml"
            self.written[path] = self.fleet.clusters[cluster].text()
            if self.world.read(path) != self.written[path].encode():
                self.breach(f"{path} is not what it was with another release")
        for (name, cluster), why in self.expected().items():
            if why in ("at or past the target", "past the deadline"):
                self.unsure.add((name, cluster))

    def once(self):
        before = read_plan(self.world.call(["plan", "-o", "json"], self.clock))
        run = self.world.call(["once", "-o", "json"], self.clock)
        if run.exit != 0:
            self.breach(run.describe())
            return
        made = self.world.commits_between(run.before, run.after)
        for message in laws.pass_breaches(self.world, run, made, before, self.clock, "status/"):
            self.breach(message)
        bumps = [bump for name in made for bump in read_commit(self.world, name).bumps()]
        self.say(f"pass: {len(made)} commits, bumps {bumps}")
        self.notice_changes()
        self.judge(bumps)
        self.take_in(bumps)
        again = self.world.call(["once", "-o", "json"], self.clock)
        if again.before != again.after:
            said = self.world.git("log", "-p", "--format=%B", f"{again.before}..{again.after}").decode()
            self.breach(f"a second pass at the same instant made commits:\n{said}")
        for message in laws.wake_breaches(self.world, self.clock):
            self.breach(message)

    def step(self):
        if self.random.random() < 0.35:
            self.commit(self.dice.change(self.fleet))
        else:
            wake = read_plan(self.world.call(["plan", "-o", "json"], self.clock)).next_wake
            if wake and self.random.random() < 0.7:
                self.clock = parse_instant(wake)
            else:
                self.clock += timedelta(minutes=self.random.choice([1, 30, 600, 3000]), seconds=self.random.choice([0, 0, 1]))
        self.once()

    def live(self, passes):
        try:
            self.world.create()
            self.commit("begin")
            self.once()
            for _ in range(passes):
                if self.breaches:
                    return
                self.step()
            for message in laws.final_breaches(self.world, self.clock, True):
                self.breach(message)
        except PlanError as error:
            self.breach(str(error))


def run(program, seed, passes):
    life = Life(program, seed)
    try:
        life.live(passes)
        if life.breaches:
            print(f"seed {seed}:")
            print("\n".join("  " + line for line in life.log))
            if os.environ.get("LK_KEEP") == "1":
                print(f"  kept in {life.world.folder}")
        return not life.breaches
    finally:
        if not (life.breaches and os.environ.get("LK_KEEP") == "1"):
            life.world.remove()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--lockkeeper", required=True)
    arguments.add_argument("--seed", type=int, default=1, help="the first seed")
    arguments.add_argument("--count", type=int, default=1, help="how many seeds")
    arguments.add_argument("--passes", type=int, default=12, help="of each fleet")
    options = arguments.parse_args()
    try:
        good = [run(options.lockkeeper, seed, options.passes) for seed in range(options.seed, options.seed + options.count)]
    except (WorldError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{sum(good)} of {len(good)} fleets as they should be")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
