"""What holds in every scenario, whatever it is about (SPEC 1, 4, 5)."""
import re
from datetime import timedelta

from .commit import read_commit
from .decisions import PlanError, read_plan
from .world import format_instant, parse_instant

WORD = re.compile(rb"([0-9A-Za-z.+_-]+)")
DIGIT = re.compile(rb"[0-9]")
FAR = timedelta(days=366)


def plan_at(world, clock):
    return read_plan(world.call(["plan", "-o", "json"], clock))


def only_versions_differ(old, new):
    """Words of the characters that versions are made of may differ where they have digits; nothing else may."""
    before, after = WORD.split(old), WORD.split(new)
    return len(before) == len(after) and all(
        a == b or (place % 2 == 1 and DIGIT.search(a) and DIGIT.search(b))
        for place, (a, b) in enumerate(zip(before, after)))


def is_made(change, recorded):
    """A new manifest of a policy, in a commit that records its upgrade."""
    folder, _, name = change.path.rpartition("/")
    return (change.kind == "A" and "generated" in folder.split("/") and name.endswith(".yaml")
            and name.removesuffix(".yaml") in recorded)


def file_breaches(change):
    if change.kind != "M" or change.old_mode != change.new_mode:
        yield f"{change.path}: lockkeeper may only change bytes of a file that people wrote"
        return
    old, new = change.old.split(b"\n"), change.new.split(b"\n")
    if len(old) != len(new):
        yield f"{change.path}: {len(old)} lines became {len(new)}"
        return
    for number, (before, after) in enumerate(zip(old, new), 1):
        if before != after and not only_versions_differ(before, after):
            yield f"{change.path}:{number}: more than a version changed: {before!r} became {after!r}"


def scalar_breaches(change, scalars):
    """A file that a task changes: nothing differs but its values, each once."""
    if change.kind != "M" or change.old_mode != change.new_mode:
        yield f"{change.path}: lockkeeper may only change bytes of a file that people wrote"
        return
    old, new = change.old.decode().split("\n"), change.new.decode().split("\n")
    if len(old) != len(new):
        yield f"{change.path}: {len(old)} lines became {len(new)}"
        return
    left = list(scalars)
    for number, (before, after) in enumerate(zip(old, new), 1):
        while before != after and (done := next((s for s in left if s[0] in before and s[1] in after), None)):
            left.remove(done)
            before = before.replace(*done, 1)
        if before != after:
            yield f"{change.path}:{number}: more than the task's values changed: {before!r} became {after!r}"


def commit_breaches(world, name, clock, base, status_path):
    """What is wrong with one of lockkeeper's commits."""
    commit = read_commit(world, name)
    where = f"commit '{commit.subject}': "
    if len(commit.parents) != 1:
        yield where + f"{len(commit.parents)} parents"
    if commit.author != commit.committer or commit.author_seconds != commit.committer_seconds:
        yield where + "author and committer differ"
    if commit.committer_seconds != int(clock.timestamp()):
        yield where + "its date is not the instant of the decision"
    if commit.values("Decided-At") != [format_instant(clock)]:
        yield where + f"Lockkeeper-Decided-At is {commit.values('Decided-At')}, not {format_instant(clock)}"
    if commit.values("Decided-On") != [base]:
        yield where + f"Lockkeeper-Decided-On is {commit.values('Decided-On')}, not the commit planned from, {base}"
    recorded = {value.split(" ")[0].split("/")[-1] for value in commit.values("Target")}
    made = {change.path for change in commit.changes if is_made(change, recorded)}
    people = [c for c in commit.changes if not c.path.startswith(status_path) and c.path not in made]
    scalars = commit.task_changes()
    by_task = {file for file, _, _ in scalars}
    for missing in by_task - {c.path for c in people}:
        yield where + f"has a Lockkeeper-Task-Change but does not change {missing}"
    for change in [c for c in people if c.path in by_task]:
        for breach in scalar_breaches(change, [(old, new) for file, old, new in scalars if file == change.path]):
            yield where + breach
    people = [c for c in people if c.path not in by_task]
    if people and not commit.bumps():
        yield where + f"changes {people[0].path} without a Lockkeeper-Bump"
    if commit.bumps() and not people:
        yield where + "has a Lockkeeper-Bump but changes no file"
    if len(people) + len(made) + len(by_task) == len(commit.changes):
        yield where + "records nothing in " + status_path
    for change in people:
        for breach in file_breaches(change):
            yield where + breach


def pass_breaches(world, run, made, planned, clock, status_path):
    """What is wrong with one `once`: its commits, its answer, and how it compares with the plan just before it."""
    human = [c for c in world.commits_between(run.before, run.after) if c not in made]
    base = human[-1] if human else run.before
    for name in made:
        yield from commit_breaches(world, name, clock, base, status_path)
    bumped = sorted(bump for name in made for bump in read_commit(world, name).bumps())
    if planned is not None and not human and run.exit == 0 and planned.bumps() != bumped:
        yield f"plan said {planned.bumps()}, once bumped {bumped}"
    answer = run.json()
    if run.exit == 0 and (answer is None or not {"commit", "pushed", "bumps", "retries"} <= answer.keys()):
        yield f"once -o json gave no answer as SPEC 6 has it: {run.stdout[:200]!r}"
    elif run.exit == 0:
        pushed = [p.get("new") for p in answer["pushed"]]
        if pushed != ([run.after] if made else []):
            yield f"once said it pushed {pushed}, but the branch went from {run.before} to {run.after}"


def wake_breaches(world, clock):
    """nextWake is the next instant at which time alone changes the plan: not later, and not earlier."""
    try:
        now = plan_at(world, clock)
        if not now.next_wake:
            later = plan_at(world, clock + FAR).outline()
            if later != now.outline():
                yield f"nextWake is empty, but a year later {first_difference(now.outline(), later)}"
            return
        wake = parse_instant(now.next_wake)
        if wake <= clock:
            yield f"nextWake {now.next_wake} is not after {format_instant(clock)}"
            return
        before = plan_at(world, wake - timedelta(seconds=1))
        if before.outline() != now.outline():
            yield f"the plan changes before nextWake {now.next_wake}: {first_difference(now.outline(), before.outline())}"
        if plan_at(world, wake).details() == before.details():
            yield f"nothing changes at nextWake {now.next_wake}"
    except (PlanError, ValueError) as error:
        yield str(error)


def first_difference(a, b):
    for name in sorted(a.keys() | b.keys()):
        if a.get(name) != b.get(name):
            return f"{' '.join(name)}: {a.get(name)} became {b.get(name)}"
    return "nothing"


def audit_breaches(world, clock, forged):
    """What lockkeeper did is what it would do again, and whoever else touches its status files is found out. `forged`:
    what the scenario expects audit to find."""
    run = world.call(["audit", "-o", "json"], clock)
    answer = run.json()
    if answer is None:
        yield run.describe()
        return
    violations = answer["violations"]
    if run.exit != (1 if violations else 0):
        yield f"audit found {len(violations)} violations and ended with exit code {run.exit}"
    for violation in violations:
        commit = read_commit(world, violation["commit"])
        if violation["code"] in forged:
            continue
        if violation["code"] != "altered-status" or commit.values("Decided-At"):
            yield f"audit of '{commit.subject}': {violation['code']}: {violation['message']}"


def final_breaches(world, clock, healthy, forged=()):
    """After the last step. `healthy`: the repository has a Fleet, so commands are expected to work."""
    if not world.place.is_dir():
        return
    fsck = world.run_git(["fsck", "--strict", "--no-dangling", "--no-progress"], may_fail=True)
    if world.head() and (fsck.returncode != 0 or fsck.stdout or fsck.stderr):
        yield f"git fsck --strict: {(fsck.stdout + fsck.stderr).decode().strip()}"
    for words in (["once"], ["status", "rebuild"], ["plan", "-o", "json"]):
        run = world.call(words, clock)
        if run.before != run.after:
            made = world.commits_between(run.before, run.after)
            patch = world.git("log", "-p", "--format=%B", f"{run.before}..{run.after}").decode(errors="replace")
            yield f"'{run.command}' at the same instant made {len(made)} commits:\n{patch}"
        if healthy and run.exit != 0:
            yield run.describe()
    if healthy:
        yield from audit_breaches(world, clock, forged)
        texts = [world.call(["plan", "-o", "json"], clock).stdout for _ in range(2)]
        if texts[0] != texts[1]:
            yield "two plans of one instant differ"
        yield from wake_breaches(world, clock)
    for folder in ("elsewhere", "tmp"):
        left = sorted(str(p.relative_to(world.folder)) for p in (world.folder / folder).rglob("*"))
        if left:
            yield f"the program left files behind: {', '.join(left)}"
