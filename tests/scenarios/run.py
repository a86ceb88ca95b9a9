#!/usr/bin/env python3
"""Runs one scenario against the program. README.md says what a scenario is.

    run.py --lockkeeper PROGRAM FOLDER

Exit code 0: all is as the scenario says; 1: it is not, and what is not; 2: the scenario cannot be read or run; 77: skipped.
LK_GOLDEN=1 rewrites FOLDER/expected (if everything else holds) and skips. LK_KEEP=1 keeps the repository and says where.
"""
import argparse
import os
import pathlib
import sys

from _runner import golden
from _runner.scene import Scene, Skip
from _runner.script import ScriptError, parse
from _runner.world import World, WorldError

SKIPPED = 77


def hold_golden(scene, folder):
    """The breach, or None; rewrites where that was asked for."""
    path, actual = folder / "expected", golden.render(scene.world)
    if os.environ.get("LK_GOLDEN") == "1":
        path.write_text(actual)
        return None
    if not path.is_file():
        return f"{path} is missing; LK_GOLDEN=1 writes it, then read it"
    if path.read_text() == actual:
        return None
    return f"the history is not the expected one:\n{golden.difference(path.read_text(), actual)}"


def run(program, folder):
    steps = parse((folder / "steps").read_text())
    world = World(program)
    try:
        scene = Scene(world, folder)
        if (folder / "repo").is_dir():
            scene.lay_tree(folder / "repo")
        scene.run(steps)
        if not scene.breaches:
            breach = hold_golden(scene, folder)
            scene.breaches += [breach] if breach else []
        for breach in scene.breaches:
            print(f"{folder.name}: {breach}")
        if scene.breaches:
            return 1
        return SKIPPED if os.environ.get("LK_GOLDEN") == "1" else 0
    except Skip as reason:
        print(f"{folder.name}: skipped: {reason}")
        return SKIPPED
    finally:
        if os.environ.get("LK_KEEP") == "1":
            print(f"{folder.name}: kept in {world.folder}")
        else:
            world.remove()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--lockkeeper", required=True, help="the program under test")
    arguments.add_argument("folder", type=pathlib.Path, help="the scenario")
    options = arguments.parse_args()
    folder = options.folder.resolve()
    try:
        return run(options.lockkeeper, folder)
    except (ScriptError, WorldError, OSError) as error:
        print(f"{folder.name}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
