"""`expect ...`: each yields a message for whatever is not so."""
import re

from .decisions import full_name
from .script import comparisons
from .status import StatusError, read_status
from .world import HUMAN

EXPECTATIONS = {}


def expectation(name):
    def add(function):
        EXPECTATIONS[name] = function
        return function
    return add


def compare(fields, wanted, what):
    wrong = [f"{c} (it is '{fields.get(c.key, '')}')" for c in wanted if not c.holds(fields.get(c.key, ""))]
    if wrong:
        yield f"{what}: not {', '.join(wrong)}\n    all of it: {fields}"


def compare_text(text, step, first, what):
    """contains "..." | lacks "..." | equals <<END"""
    verb = step.one_of(first, "contains", "lacks", "equals")
    wanted = step.text if step.text is not None else step.words[first + 1]
    holds = {"contains": wanted in text, "lacks": wanted not in text, "equals": text == wanted}[verb]
    if not holds:
        yield f"{what} should have it that it {verb} {wanted!r}; it is:\n{text}"


@expectation("exit")
def expect_exit(scene, step):
    negate = step.words[2] == "not"
    code = int(step.words[3 if negate else 2])
    scene.exit_seen = True
    if (scene.last.exit == code) == negate:
        yield scene.last.describe()


@expectation("stdout")
def expect_stdout(scene, step):
    yield from compare_text(scene.last.stdout, step, 2, f"stdout of '{scene.last.command}'")


@expectation("stderr")
def expect_stderr(scene, step):
    yield from compare_text(scene.last.stderr, step, 2, f"stderr of '{scene.last.command}'")


@expectation("commits")
def expect_commits(scene, step):
    if len(scene.made) != int(step.words[2]):
        yield f"{len(scene.made)} commits: {[c.subject for c in scene.commits()]}"


@expectation("bumps")
def expect_bumps(scene, step):
    bumps = [b for c in scene.commits() for b in c.bumps()]
    if len(bumps) != int(step.words[2]):
        yield f"{len(bumps)} bumps: {bumps}"


@expectation("no")
def expect_no(scene, step):
    what = step.one_of(2, "commit", "bump", "decision", "status", "file")
    if what == "commit" and scene.made:
        yield f"commits were made: {[c.subject for c in scene.commits()]}"
    if what == "bump":
        bumps = [b for c in scene.commits() for b in c.bumps()]
        if bumps:
            yield f"bumps were made: {bumps}"
    if what == "decision" and (full_name(step.words[3]), step.words[4]) in scene.plan().decisions:
        yield f"there is one: {scene.plan().decisions[full_name(step.words[3]), step.words[4]]}"
    if what == "file" and scene.world.read(step.words[3]) is not None:
        yield f"there is a file {step.words[3]}"
    if what == "status":
        _, clusters = load_status(scene, step, 3) or ({}, {})
        if (len(step.words) == 4 and clusters) or (len(step.words) > 4 and step.words[4] in clusters):
            yield f"there is a status: {clusters}"


@expectation("bump")
def expect_bump(scene, step):
    upgrade, cluster, old, new = full_name(step.words[2]), *step.words[3:6]
    bumps = [b for c in scene.commits() for b in c.bumps()]
    if (upgrade, cluster, old, new) not in bumps:
        yield f"the last pass bumped {bumps or 'nothing'}"


@expectation("subject")
def expect_subject(scene, step):
    subjects = [c.subject for c in scene.commits()]
    if step.words[2] not in subjects:
        yield f"the subjects are {subjects}"


@expectation("message")
def expect_message(scene, step):
    text = "\n".join(c.message for c in scene.commits())
    yield from compare_text(text, step, 2, "what the commits of the last pass say")


@expectation("trailer")
def expect_trailer(scene, step):
    key, value = step.words[2].split(": ", 1)
    if not any((key, value) in c.trailers for c in scene.commits()):
        yield f"the trailers are {[t for c in scene.commits() for t in c.trailers]}"


@expectation("author")
def expect_author(scene, step):
    authors = {c.author for c in scene.commits()}
    if authors != {step.words[2]}:
        yield f"the authors are {authors}"


@expectation("decision")
def expect_decision(scene, step):
    name = (full_name(step.words[2]), step.words[3])
    decision = scene.plan().decisions.get(name)
    if decision is None:
        yield f"the plan has no decision for {name}; it has {sorted(scene.plan().decisions)}"
    else:
        yield from compare(decision, comparisons(step, 4), f"the decision for {' '.join(name)}")


@expectation("gate")
def expect_gate(scene, step):
    name = (full_name(step.words[2]), step.words[3], step.words[4])
    gate = scene.plan().gates.get(name)
    if gate is None:
        yield f"the plan shows no gate {name}"
    else:
        yield from compare(gate, comparisons(step, 5), f"the gate {' '.join(name)}")


@expectation("next-wake")
def expect_next_wake(scene, step):
    wanted = "" if step.words[2] == "none" else step.words[2]
    if scene.plan().next_wake != wanted:
        yield f"the next wake is '{scene.plan().next_wake}'"


def load_status(scene, step, first):
    namespace, name = full_name(step.words[first]).split("/", 1)
    blob = scene.world.read(f"{scene.status_path}{namespace}/{name}.yaml")
    if blob is None:
        return None
    try:
        return read_status(blob.decode())
    except StatusError as error:
        step.fail(str(error))


@expectation("status")
def expect_status(scene, step):
    found = load_status(scene, step, 2)
    if found is None:
        yield f"there is no status file of {step.words[2]}"
        return
    upgrade, clusters = found
    if re.match(r"^\w+(=|!=|~|>=|<=)", step.words[3]):
        yield from compare(upgrade, comparisons(step, 3), f"the status of {step.words[2]}")
    elif step.words[3] not in clusters:
        yield f"the status of {step.words[2]} has no cluster {step.words[3]}, only {sorted(clusters)}"
    else:
        yield from compare(clusters[step.words[3]], comparisons(step, 4), f"the status of {' '.join(step.words[2:4])}")


@expectation("file")
def expect_file(scene, step):
    blob = scene.world.read(step.words[2])
    if blob is None:
        yield f"there is no file {step.words[2]}"
    else:
        yield from compare_text(blob.decode(), step, 3, step.words[2])


@expectation("unchanged")
def expect_unchanged(scene, step):
    """The last pass left this file alone."""
    for change in (change for c in scene.commits() for change in c.changes):
        if change.path == step.words[2]:
            yield f"it changed:\n{change.old.decode()}\nbecame\n{change.new.decode()}"


@expectation("ref-diff")
def expect_ref_diff(scene, step):
    """The last pass changed just these bytes of the file, at one place, and nothing else."""
    path, old, new = step.words[2], step.words[3].encode(), step.words[4].encode()
    changes = [change for c in scene.commits() for change in c.changes if change.path == path]
    if len(changes) != 1:
        yield f"{len(changes)} commits of the last pass change {path}"
        return
    before, after = changes[0].old, changes[0].new
    starts = [m.start() for m in re.finditer(b"(?=" + re.escape(old) + b")", before)]
    if not any(before[:s] + new + before[s + len(old):] == after for s in starts):
        yield f"{path} is not what it was with one '{old.decode()}' made '{new.decode()}':\n{after.decode()}"


@expectation("audit")
def expect_audit(scene, step):
    """CODE..., in the order in which audit tells them; `clean`: none."""
    run = scene.world.call(["audit", "-o", "json"], scene.clock)
    answer = run.json()
    if answer is None:
        yield run.describe()
        return
    wanted = [] if step.words[2:] == ["clean"] else step.words[2:]
    scene.forged |= set(wanted)
    found = [violation["code"] for violation in answer["violations"]]
    if found != wanted:
        told = "\n".join(f"    {v['code']} {v['upgrade']} {v['cluster']}: {v['message']}" for v in answer["violations"])
        yield f"audit should find {wanted}; it found {found}\n{told}"
    if run.exit != (1 if found else 0):
        yield run.describe()


@expectation("work-tree")
def expect_work_tree(scene, step):
    if step.words[2] == "clean":
        status = scene.world.git("status", "--porcelain").decode()
        if status:
            yield f"the work tree is not clean:\n{status}"
        return
    text = (scene.world.place / step.words[2]).read_text()
    yield from compare_text(text, step, 3, f"{step.words[2]} in the work tree")


@expectation("history")
def expect_history(scene, step):
    """A person's commit with this subject is still in the branch's history, by that person."""
    log = scene.world.git("log", "--format=%an <%ae>%x09%s", scene.world.head()).decode().split("\n")
    if f"{HUMAN}\t{step.words[2]}" not in log:
        yield f"the history is {log}"
