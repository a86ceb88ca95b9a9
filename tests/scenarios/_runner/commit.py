"""What one commit says and changes, read with git alone."""
from dataclasses import dataclass

TRAILER = "Lockkeeper-"


@dataclass(frozen=True)
class Change:
    path: str
    kind: str  # A, M, D, T as git has it
    old_mode: str
    new_mode: str
    old: bytes
    new: bytes


@dataclass(frozen=True)
class Commit:
    id: str
    parents: list
    author: str
    author_seconds: int
    committer: str
    committer_seconds: int
    message: str
    trailers: list  # (key, value) of the last paragraph
    changes: list

    @property
    def subject(self):
        return self.message.split("\n", 1)[0]

    def values(self, key):
        return [value for name, value in self.trailers if name == TRAILER + key]

    def bumps(self):
        """(upgrade, cluster, from, to) of each Lockkeeper-Bump; an Upgrade line holds for the bumps after it."""
        found, upgrade = [], ""
        for key, value in self.trailers:
            if key == TRAILER + "Upgrade":
                upgrade = value
            elif key == TRAILER + "Bump":
                words = value.split(" ")
                found.append((upgrade, *words) if len(words) != 4 else (upgrade, words[0], words[1], words[3]))
        return found


    def task_changes(self):
        """(file, from, to) of each Lockkeeper-Task-Change that is one; what stood there already is left out."""
        words = [value.split(" ") for value in self.values("Task-Change")]
        return [(file, old, new) for file, _, old, _, new in words if old != new]


def read_trailers(message):
    last = message.rstrip("\n").rsplit("\n\n", 1)[-1]
    lines = [line.split(": ", 1) for line in last.split("\n")]
    return [tuple(line) for line in lines if len(line) == 2 and line[0].startswith(TRAILER)]


def read_person(line):
    person, seconds, _ = line.rsplit(" ", 2)
    return person, int(seconds)


def read_changes(world, commit, parent):
    arguments = [parent, commit] if parent else ["--root", commit]
    raw = world.git("diff-tree", "-r", "-z", "--no-renames", "--no-commit-id", *arguments).decode().split("\0")
    changes = []
    for head, path in zip(raw[0::2], raw[1::2]):
        old_mode, new_mode, old, new, kind = head.lstrip(":").split(" ")
        blob = lambda name: world.git("cat-file", "blob", name) if name.strip("0") else b""
        changes.append(Change(path, kind, old_mode, new_mode, blob(old), blob(new)))
    return changes


def read_commit(world, name):
    raw = world.git("cat-file", "commit", name).decode()
    head, message = raw.split("\n\n", 1)
    fields = [line.split(" ", 1) for line in head.split("\n") if not line.startswith(" ")]
    parents = [value for key, value in fields if key == "parent"]
    author, author_seconds = read_person(dict(fields)["author"])
    committer, committer_seconds = read_person(dict(fields)["committer"])
    return Commit(name, parents, author, author_seconds, committer, committer_seconds, message, read_trailers(message),
                  read_changes(world, name, parents[0] if parents else None))
