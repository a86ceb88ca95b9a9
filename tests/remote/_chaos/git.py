"""The real git, held apart from its user's settings."""
import os
import subprocess


class GitError(Exception):
    """git ended with an error; the message holds what it said."""


def environment(home, name="ann"):
    return {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "TZ": "UTC",
            "LC_ALL": "C.UTF-8", **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
                                    for what, value in (("NAME", name), ("EMAIL", f"{name}@example.com"))}}


class Git:
    def __init__(self, folder, home, name="ann"):
        self.folder, self.environment = folder, environment(home, name)

    def run(self, *command, seconds=60, text=None):
        done = subprocess.run(["git", "-C", str(self.folder), *map(str, command)], env=self.environment, input=text,
                              stdin=subprocess.DEVNULL if text is None else None, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, errors="replace", timeout=seconds, check=False)
        if done.returncode != 0:
            raise GitError(f"git {' '.join(map(str, command))}: exit code {done.returncode}: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def lines(self, *command):
        return self.run(*command).splitlines()
