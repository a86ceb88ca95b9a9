#!/usr/bin/env python3
"""Runs the examples of the documents and compares what they print.

    examples.py ROOT LOCKKEEPER PAGE...    every ```console block of each page, in one shell, on the example of its folder,
                                           or on the demo fleet
    examples.py ROOT LOCKKEEPER --tutorial README.md    the commands of its first upgrade, which must all succeed

A line `$ COMMAND` is run, and the lines after it are what it prints, stderr included. A line `...` stands for any lines.
Ids of objects, versions of libraries and the folder's name are not compared. With LK_GOLDEN=1 the outputs of commands without
such a line are written into the page, and the run reports skipped (77).
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.M | re.S)
SHOWN_FOLDER = "/srv"
END = "\x1e"
LINES_SHOWN_MAX = 60
MASKS = [
    (re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{10,12})\b"), "ID"),
    (re.compile(r"(tzdata|libgit2|yaml-cpp|libfyaml|compiler) +[\w.+~-]+"), r"\1 VERSION"),
]
# The tutorial's window is that of office hours in UTC; this is a Monday.
TUTORIAL_NOW = "2026-03-02T10:00:00Z"


def masked(line):
    for pattern, text in MASKS:
        line = pattern.sub(text, line)
    return line.rstrip()


def matches(expected, actual):
    """Lists of lines; `...` among the expected ones stands for any number of lines."""
    parts, current = [], []
    for line in expected:
        if line.strip() == "...":
            parts.append(current)
            current = []
        else:
            current.append(masked(line))
    parts.append(current)
    lines = [masked(line) for line in actual]
    if len(parts) == 1:
        return lines == parts[0]
    first, last = parts[0], parts[-1]
    if lines[: len(first)] != first or (last and lines[-len(last) :] != last) or len(lines) < len(first) + len(last):
        return False
    at, end = len(first), len(lines) - len(last)
    for part in parts[1:-1]:
        while at + len(part) <= end and lines[at : at + len(part)] != part:
            at += 1
        if at + len(part) > end:
            return False
        at += len(part)
    return True


def split(block):
    """[(command, expected lines)] of one block; a command goes on after a backslash or an open <<END."""
    pairs, lines = [], block.splitlines()
    while lines:
        line = lines.pop(0)
        if not line.startswith("$ "):
            if not pairs:
                raise SystemExit(f"a console block begins with '{line}', which is no command")
            pairs[-1][1].append(line)
            continue
        command = line[2:]
        while command.endswith("\\"):
            command += "\n" + lines.pop(0)
        if "<<END" in command:
            while not command.endswith("\nEND"):
                command += "\n" + lines.pop(0)
        pairs.append((command, []))
    return pairs


def environment(root, binary, home):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOCKKEEPER_", "GIT_"))}
    kept.update(
        PATH=f"{pathlib.Path(binary).resolve().parent}:{os.environ['PATH']}", HOME=home, GIT_CONFIG_NOSYSTEM="1",
        GIT_AUTHOR_NAME="Ada", GIT_AUTHOR_EMAIL="ada@example.com", GIT_COMMITTER_NAME="Ada",
        GIT_COMMITTER_EMAIL="ada@example.com", GIT_AUTHOR_DATE="2026-03-01T12:00:00Z",
        GIT_COMMITTER_DATE="2026-03-01T12:00:00Z", TZ="UTC", LC_ALL="C.UTF-8", NO_COLOR="1", COLUMNS="200", PAGER="cat",
    )
    return kept


def git(folder, env, *arguments):
    subprocess.run(["git", "-C", str(folder), *arguments], env=env, check=True, capture_output=True)


def lay_fleet(root, work, env, example="demo-fleet"):
    """`fleet`, a clone of `fleet.git`, which holds an example's files."""
    shutil.copytree(root / "examples" / example, work / "seed")
    git(work / "seed", env, "init", "-q", "-b", "main")
    git(work / "seed", env, "add", "-A")
    git(work / "seed", env, "commit", "-q", "-m", "A fleet of eight clusters")
    git(work, env, "clone", "-q", "--bare", "seed", "fleet.git")
    git(work, env, "clone", "-q", "fleet.git", "fleet")
    shutil.rmtree(work / "seed")


def run_shell(commands, work, env):
    """What each command prints, all in one shell, so that `export` and `cd` hold."""
    script = "".join(f"{command}\nprintf '{END}'\n" for command in commands)
    run = subprocess.run(["bash", "-c", script], cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=100)
    text = run.stdout.decode("utf-8", "replace").replace(str(work), SHOWN_FOLDER)
    outputs = text.split(END)
    if len(outputs) != len(commands) + 1:
        raise SystemExit(f"the shell ended after {len(outputs) - 1} of {len(commands)} commands:\n{outputs[-1]}")
    return [output.splitlines() for output in outputs[:-1]]


def page_breaches(root, binary, path):
    """[(line, command, expected, actual)], and the page with the actual outputs."""
    text = path.read_text(encoding="utf-8")
    blocks = [(match, split(match.group(1))) for match in BLOCK.finditer(text)]
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder).resolve() / "srv"
        work.mkdir()
        env = environment(root, binary, folder)
        lay_fleet(root, work, env, path.parent.name if path.parent.parent == root / "examples" else "demo-fleet")
        outputs = iter(run_shell([command for _, pairs in blocks for command, _ in pairs], work, env))
    breaches, fresh, end = [], "", 0
    for match, pairs in blocks:
        fresh += text[end : match.start()]
        end = match.end()
        for command, expected in pairs:
            actual = next(outputs)
            right = matches(expected, actual)
            if not right:
                breaches.append((text.count("\n", 0, match.start()) + 1, command, expected, actual))
            keep = right or any(line.strip() == "..." for line in expected)
            fresh += "".join(f"{line.rstrip()}\n" for line in [f"$ {command}", *(expected if keep else actual)])
    if not blocks:
        breaches.append((1, "", ["a console block"], ["none"]))
    return breaches, fresh + text[end:]


def run_pages(root, binary, paths):
    golden = os.environ.get("LK_GOLDEN") == "1"
    failed = False
    for path in paths:
        breaches, fresh = page_breaches(root, binary, path)
        if golden:
            path.write_text(fresh, encoding="utf-8")
            continue
        for line, command, expected, actual in breaches:
            failed = True
            print(f"{path}:{line}: $ {command}\n--- the page says\n" + "\n".join(expected) + "\n--- it prints\n" + "\n".join(actual[:LINES_SHOWN_MAX]))
    return SKIPPED if golden else int(failed)


def tutorial_steps(text):
    """The commands of the README's first upgrade, in their order; its YAML becomes the file that is named before it."""
    section = re.search(r"^## A first upgrade.*?$(.*?)^## ", text, re.M | re.S).group(1)
    steps = []
    for match in re.finditer(r"^    (\S.*)$|`(upgrades/[\w.-]+)`:\n\n```yaml\n([\s\S]*?)^```$", section, re.M):
        if match.group(1):
            steps.append(match.group(1))
        else:
            steps.append(f"cat > {match.group(2)} <<'END'\n{match.group(3)}END")
    return steps


def run_tutorial(root, binary, path):
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder).resolve() / "srv"
        work.mkdir()
        env = environment(root, binary, folder)
        env["LOCKKEEPER_NOW"] = TUTORIAL_NOW
        lay_fleet(root, work, env)
        # As it was before anybody had heard of lockkeeper.
        git(work / "fleet", env, "rm", "-rq", "lockkeeper.yaml", "upgrades", "releases")
        git(work / "fleet", env, "commit", "-q", "-m", "Clusters alone")
        git(work / "fleet", env, "push", "-q")
        steps = [step.replace("--bare FLEET", f"--bare {work}/fleet.git") for step in tutorial_steps(path.read_text(encoding="utf-8"))]
        script = "set -e\n" + "".join(f"echo {shlex.quote('$ ' + step)}\n{step}\n" for step in steps)
        run = subprocess.run(["bash", "-c", script], cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=100)
        bumps = subprocess.run(["git", "-C", str(work / "try.git"), "log", "--format=%s", "--grep=^Lockkeeper-Bump: "],
                               env=env, capture_output=True, text=True).stdout.splitlines()
    if run.returncode == 0 and len(bumps) == 1:
        return 0
    print(run.stdout)
    print(f"{path}: its first upgrade ended with exit code {run.returncode} and {len(bumps)} bumps instead of one")
    return 1


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    root, binary = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    if sys.argv[3] == "--tutorial":
        sys.exit(run_tutorial(root, binary, root / sys.argv[4]))
    sys.exit(run_pages(root, binary, [root / page for page in sys.argv[3:]]))


if __name__ == "__main__":
    main()
