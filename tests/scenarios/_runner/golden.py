"""The whole history as text, ids replaced: people's commits are H1, H2 ..., lockkeeper's C1, C2 ..."""
import difflib
import re

from .commit import read_commit
from .world import BRANCH, format_instant
from datetime import datetime, timezone

WORD = re.compile(r"\b[0-9a-f]{7,40}\b")
HASH = re.compile(r"\b(?:sha256:)?[0-9a-f]{16,64}\b")


class Names:
    """Short names for ids, and for the hashes of specs in the order in which they turn up."""

    def __init__(self):
        self.commits, self.specs = {}, {}

    def replace(self, text):
        def name(match):
            word = match.group(0)
            return next((self.commits[c] for c in self.commits if c.startswith(word)), word)

        def spec(match):
            return self.specs.setdefault(match.group(0), f"<spec {len(self.specs) + 1}>")

        return HASH.sub(spec, WORD.sub(name, text))


def patch_of(world, commit):
    raw = world.git("diff-tree", "-p", "-U1", "--no-commit-id", "--no-renames", "--no-ext-diff", "--no-color", "--text",
                    commit.parents[0], commit.id)
    lines = raw.decode(errors="replace").split("\n")
    kept = [line for line in lines if not re.match(r"^(index|diff --git) ", line)]
    return "\n".join(kept).replace("\r", "<CR>")


def render(world, branches=(BRANCH,)):
    out = []
    for branch in branches:
        names = Names()
        people = ours = 0
        for name in world.commits_between("", world.head(branch)):
            commit = read_commit(world, name)
            at = format_instant(datetime.fromtimestamp(commit.committer_seconds, timezone.utc))
            if name in world.human_commits:
                people += 1
                out.append(f"=== H{people} {at} {commit.subject}\n")
                names.commits[name] = f"H{people}"
                continue
            ours += 1
            message = names.replace(commit.message.rstrip("\n"))
            out.append(f"=== C{ours} {at} {commit.author}\n\n{message}\n\n{names.replace(patch_of(world, commit))}\n")
            names.commits[name] = f"C{ours}"
    return "".join(out)


def difference(expected, actual):
    return "".join(difflib.unified_diff(expected.splitlines(True), actual.splitlines(True), "expected", "what happened"))
