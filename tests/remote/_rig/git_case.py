"""A test with a bare repository of one commit, and the real git that is held apart from its user's settings."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from .processes import SKIPPED, Missing, find_program

PROGRAMS = [("apache2", "apache2-bin"), ("sshd", "openssh-server"), ("ssh", "openssh-client"), ("git", "git"),
            ("openssl", "openssl")]


class GitCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lk-serve-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.root = self.folder / "root"
        self.root.mkdir()
        self.commits = 0
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1",
                            "GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "false"}
        for who in ("AUTHOR", "COMMITTER"):
            self.environment |= {f"GIT_{who}_NAME": "a", f"GIT_{who}_EMAIL": "a@example.com"}
        self.git("init", "-q", "--bare", "-b", "main", self.root / "fleet.git")
        self.git("clone", "-q", self.root / "fleet.git", self.folder / "seed")
        self.commit("seed")
        self.git("-C", self.folder / "seed", "push", "-q", "origin", "HEAD:main")

    def git(self, *command, ok=True):
        """What it says: on stdout where it is to go well, on stderr where it is to fail."""
        done = subprocess.run(["git", *map(str, command)], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors="replace", timeout=60, check=False)
        self.assertEqual(done.returncode == 0, ok, f"git {command}: {done.stdout}{done.stderr}")
        return done.stdout.strip() if ok else done.stderr

    def commit(self, clone):
        # Two of the same parent and second would be one.
        self.commits += 1
        self.git("-C", self.folder / clone, "commit", "-q", "--allow-empty", "-m", f"commit {self.commits}")
        return self.git("-C", self.folder / clone, "rev-parse", "HEAD")

    def tip(self):
        return self.git("-C", self.root / "fleet.git", "rev-parse", "main")

    def use_ssh(self, server, key="key_file", known_hosts="known_hosts_file", passphrase=None):
        if passphrase:
            ask = self.folder / "ask"
            ask.write_text(f"#!/bin/sh\ncat {passphrase}\n")
            ask.chmod(0o700)
            self.environment |= {"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
        batch = "no" if passphrase else "yes"
        self.environment["GIT_SSH_COMMAND"] = (
            f"ssh -F /dev/null -i {server[key]} -o IdentitiesOnly=yes -o BatchMode={batch} -o StrictHostKeyChecking=yes "
            f"-o GlobalKnownHostsFile=none -o UserKnownHostsFile={server[known_hosts]}")


def main():
    try:
        for name, package in PROGRAMS:
            find_program(name, package)
    except Missing as missing:
        print(f"skipped: {missing}")
        sys.exit(SKIPPED)
    unittest.main()
