#!/usr/bin/env python3
"""`lockkeeper run` on a real server, as whoever runs it unattended sees it: over TLS with a token that changes, over ssh with a
key and its passphrase, with a webhook, and while the branch is rewritten or the repository is another one.

    daemon_test.py LOCKKEEPER
"""
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from _rig.processes import SKIPPED, Missing  # noqa: E402
from serve import serving  # noqa: E402

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else "lockkeeper"
CANARY = "canary-4f1d-never-shown"

FILES = {
    "lockkeeper.yaml": """apiVersion: lockkeeper.dev/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  inventory: [{profile: capi-topology, include: ["clusters/**"]}]
""",
    "upgrades/schedule.yaml": """apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: mornings}
spec:
  matchers: []
  maintenanceWindows:
  - {name: morning, startTime: 2026-01-05T06:00:00Z, duration: 4h, recurrence: FREQ=DAILY}
""",
    "upgrades/up.yaml": """apiVersion: lockkeeper.dev/v1alpha1
kind: ClusterUpgrade
metadata: {name: up}
spec:
  matchers: [{key: cluster, value: c.*, isRegex: true}]
  releaseRef: {apiVersion: lockkeeper.dev/v1alpha1, kind: Release, name: v1.32.0}
""",
    "clusters/c1.yaml": """apiVersion: cluster.x-k8s.io/v1beta1
kind: Cluster
metadata: {name: c1}
spec: {topology: {class: c, version: v1.31.0}}
""",
}


class Daemon:
    """One process, and its log line by line."""

    def __init__(self, test, repository, *options, run=()):
        self.test = test
        command = [PROGRAM, "--repo", repository, "--cache", str(test.root / "cache"), "--log-format", "json", "--log-level", "debug",
                   *options, "run", "--clock", str(test.clock), "--listen", "127.0.0.1:0", *run]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=test.env)
        self.lines = []
        test.addCleanup(self.process.stderr.close)
        test.addCleanup(self.process.wait)
        test.addCleanup(self.process.kill)
        self.address = self.wait_for("started")["listen"]

    def wait_for(self, message, **fields):
        """The next line with this message and these fields; ctest's time limit ends it if none comes."""
        for line in self.process.stderr:
            self.lines.append(line)
            event = json.loads(line)
            if event["message"] == message and all(event.get(key) == value for key, value in fields.items()):
                return event
        self.test.fail(f"it ended without saying {message!r}:\n{''.join(self.lines)}")

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=20) as answer:
            return answer.read().decode()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.lines += self.process.stderr.readlines()
        self.test.assertEqual(self.process.wait(), 0)
        self.test.assertNotIn(CANARY, "".join(self.lines))


class DaemonTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.served = self.root / "served"
        self.served.mkdir()
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.root), "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
                    **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
                    **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}}
        self.clock = self.root / "now"
        self.set_clock("2026-03-02T06:00:00Z")
        self.bare = self.served / "fleet.git"
        self.make(self.bare)

    def make(self, bare):
        work = self.root / f"work-{bare.name}"
        self.git("init", "-q", "-b", "main", str(work))
        for name, text in FILES.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(text)
        self.git("-C", str(work), "add", ".")
        self.git("-C", str(work), "commit", "-qm", f"Begin {bare.name}")
        self.git("clone", "-q", "--bare", str(work), str(bare))
        self.git("-C", str(bare), "config", "http.receivepack", "true")

    def git(self, *arguments):
        return subprocess.run(["git", *arguments], check=True, env=self.env, capture_output=True, text=True).stdout

    def set_clock(self, instant):
        new = self.root / "now.new"
        new.write_text(instant + "\n")
        new.rename(self.clock)

    def bumps(self):
        return self.git("-C", str(self.bare), "log", "--format=%B", "main").count("Lockkeeper-Bump:")

    def serve(self, kind, *options):
        context = serving(kind, str(self.served), *options)
        served = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return served

    def secret(self, name, text=CANARY):
        path = self.root / name
        path.write_text(text + "\n")
        path.chmod(0o600)
        return str(path)

    def test_over_tls_with_a_token_that_changes(self):
        password = self.secret("password")
        served = self.serve("http", "--tls", "--user", "bot", "--password-file", password)
        token = self.secret("token", "wrong-" + CANARY)
        daemon = Daemon(self, f"{served['url']}/fleet.git", "--username", "bot", "--token-file", token, "--ca-file", served["ca_file"],
                        run=["--webhook-secret-file", self.secret("hook"), "--poll-interval", "1h"])
        self.assertEqual(daemon.wait_for("pass failed")["kind"], "denied")
        with self.assertRaises(urllib.error.HTTPError) as unready:
            daemon.get("/readyz")
        self.assertEqual(unready.exception.code, 503)
        # The right one is taken as soon as it is there; a webhook says that it is worth a look.
        self.secret("token")
        body = json.dumps({"ref": "refs/heads/main"}).encode()
        request = urllib.request.Request(f"http://{daemon.address}/webhook/gitea", body, {
            "X-Gitea-Event": "push", "Content-Type": "application/json",
            "X-Gitea-Signature": hmac.new(CANARY.encode(), body, hashlib.sha256).hexdigest()})
        with urllib.request.urlopen(request, timeout=20) as answer:
            self.assertEqual(answer.status, 202)
        daemon.wait_for("bump pushed", cluster="c1")
        daemon.wait_for("pass done", commits="0")
        self.assertEqual(self.bumps(), 1)
        self.assertIn("passes=", daemon.get("/readyz"))
        self.assertEqual(json.loads(daemon.get("/api/v1/status"))["commit"], self.git("-C", str(self.bare), "rev-parse", "main").strip())
        self.assertIn('lockkeeper_remote_errors_total{operation="fetch",kind="denied"} 1', daemon.get("/metrics"))
        daemon.stop()

    def test_the_name_in_the_url_is_shown_nowhere(self):
        served = self.serve("http")
        url = served["url"].replace("://", f"://{CANARY}@")
        daemon = Daemon(self, f"{url}/fleet.git", run=["--poll-interval", "1s"])
        daemon.wait_for("bump pushed", cluster="c1")
        daemon.wait_for("pass done", commits="0")
        work = self.root / "work-fleet.git"
        self.git("-C", str(work), "pull", "-q", str(self.bare), "main")
        self.git("-C", str(work), "rm", "-q", "lockkeeper.yaml")
        self.git("-C", str(work), "commit", "-qm", "Take the Fleet away")
        self.git("-C", str(work), "push", "-q", str(self.bare), "main")
        daemon.wait_for("pass failed")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            daemon.get("/api/v1/plan")
        self.assertNotIn(CANARY, refused.exception.read().decode())
        daemon.stop()

    def test_a_certificate_that_nobody_vouches_for_is_refused(self):
        served = self.serve("http", "--tls")
        daemon = Daemon(self, f"{served['url']}/fleet.git")
        event = daemon.wait_for("pass failed")
        self.assertEqual(event["kind"], "denied")
        self.assertIn("certificate", event["error"].lower())
        daemon.stop()

    def test_over_ssh_with_a_key_and_its_passphrase(self):
        served = self.serve("ssh")
        daemon = Daemon(self, f"{served['url']}/fleet.git", "--ssh-key-file", served["passphrase_key_file"],
                        "--ssh-passphrase-file", served["passphrase_file"], "--known-hosts-file", served["known_hosts_file"])
        daemon.wait_for("bump pushed", cluster="c1")
        daemon.wait_for("pass done", commits="0")
        daemon.stop()
        self.assertEqual(self.bumps(), 1)

    def test_an_unknown_host_is_refused_with_words(self):
        served = self.serve("ssh")
        nobody = self.root / "nobody"
        nobody.write_text("")
        daemon = Daemon(self, f"{served['url']}/fleet.git", "--ssh-key-file", served["key_file"], "--known-hosts-file", str(nobody))
        event = daemon.wait_for("pass failed")
        self.assertEqual(event["kind"], "denied")
        self.assertIn("known", event["error"])
        daemon.stop()

    def test_a_rewritten_branch_and_another_repository(self):
        served = self.serve("http")
        begin = self.git("-C", str(self.bare), "rev-parse", "main").strip()
        daemon = Daemon(self, f"{served['url']}/fleet.git", run=["--poll-interval", "1s"])
        daemon.wait_for("bump pushed", cluster="c1")
        daemon.wait_for("pass done", commits="0")
        self.git("-C", str(self.bare), "update-ref", "refs/heads/main", begin)
        event = daemon.wait_for("the branch was rewritten; what it says now counts")
        self.assertEqual(event["to"], begin)
        daemon.wait_for("bump pushed", cluster="c1")
        daemon.wait_for("pass done", commits="0")
        # Gone, and then one that has nothing in common with it.
        self.bare.rename(self.root / "old.git")
        self.assertEqual(daemon.wait_for("pass failed")["kind"], "denied")
        self.make(self.served / "other.git")
        (self.served / "other.git").rename(self.bare)
        daemon.wait_for("works again after errors")
        daemon.wait_for("bump pushed", cluster="c1")
        daemon.wait_for("pass done", commits="0")
        daemon.stop()
        self.assertEqual(self.bumps(), 1)
        self.git("-C", str(self.bare), "fsck", "--strict")

    def test_the_api_goes_on_after_an_outage(self):
        served = self.serve("http")
        daemon = Daemon(self, f"{served['url']}/fleet.git", run=["--poll-interval", "1s"])
        daemon.wait_for("bump pushed", cluster="c1")
        daemon.wait_for("pass done", commits="0")
        before = self.git("-C", str(self.bare), "rev-parse", "main").strip()
        self.assertEqual(json.loads(daemon.get("/api/v1/status"))["commit"], before)
        # So many errors that the daemon opens the repository again.
        self.git("-C", str(self.bare), "update-ref", "-d", "refs/heads/main")
        for in_a_row in "1234":
            daemon.wait_for("pass failed", in_a_row=in_a_row)
        self.git("-C", str(self.bare), "update-ref", "refs/heads/main", before)
        daemon.wait_for("works again after errors")
        work = self.root / "work-fleet.git"
        self.git("-C", str(work), "pull", "-q", str(self.bare), "main")
        (work / "clusters/c2.yaml").write_text(FILES["clusters/c1.yaml"].replace("c1", "c2"))
        self.git("-C", str(work), "add", ".")
        self.git("-C", str(work), "commit", "-qm", "Add c2")
        self.git("-C", str(work), "push", "-q", str(self.bare), "main")
        daemon.wait_for("bump pushed", cluster="c2")
        daemon.wait_for("pass done", commits="0")
        after = self.git("-C", str(self.bare), "rev-parse", "main").strip()
        self.assertEqual(json.loads(daemon.get("/api/v1/status"))["commit"], after)
        daemon.stop()

    def test_the_clone_is_deleted_while_it_runs(self):
        served = self.serve("http")
        daemon = Daemon(self, f"{served['url']}/fleet.git", run=["--poll-interval", "1s"])
        daemon.wait_for("bump pushed", cluster="c1")
        daemon.wait_for("pass done", commits="0")
        shutil.rmtree(self.root / "cache")
        work = self.root / "work-fleet.git"
        self.git("-C", str(work), "pull", "-q", str(self.bare), "main")
        (work / "clusters/c2.yaml").write_text(FILES["clusters/c1.yaml"].replace("c1", "c2"))
        self.git("-C", str(work), "add", ".")
        self.git("-C", str(work), "commit", "-qm", "Add c2")
        self.git("-C", str(work), "push", "-q", str(self.bare), "main")
        daemon.wait_for("bump pushed", cluster="c2")
        daemon.wait_for("pass done", commits="0")
        daemon.stop()
        self.assertEqual(self.bumps(), 2)

    def test_it_signs_and_heeds_who_may_sign(self):
        if shutil.which("ssh-keygen") is None:
            self.skipTest("ssh-keygen is not installed")
        key, allowed = self.root / "key", self.root / "allowed"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bot", "-f", str(key)], check=True)
        line = "bot " + key.with_suffix(".pub").read_text()
        allowed.write_text(line)
        sign = ["-c", "gpg.format=ssh", "-c", f"user.signingKey={key}", "-c", "commit.gpgSign=true"]
        work = self.root / "work-fleet.git"
        (work / "lockkeeper.yaml").write_text(FILES["lockkeeper.yaml"] + "  commit: {signing: ssh}\n")
        for name in FILES:
            with (work / name).open("a") as file:
                file.write("# signed\n")
        self.git("-C", str(work), *sign, "commit", "-qam", "Sign everything")
        self.git("-C", str(work), "push", "-q", str(self.bare), "main")
        served = self.serve("http")
        daemon = Daemon(self, f"{served['url']}/fleet.git", "--signing-key", str(key), "--allowed-signers", str(allowed),
                        run=["--poll-interval", "1s"])
        bump = daemon.wait_for("bump pushed", cluster="c1")
        daemon.wait_for("pass done", commits="0")
        self.git("-C", str(self.bare), "-c", f"gpg.ssh.allowedSignersFile={allowed}", "verify-commit", bump["commit"])
        # From now on nobody is: without a new commit, and at once.
        allowed.with_suffix(".new").write_text("# nobody\n")
        allowed.with_suffix(".new").rename(allowed)
        daemon.wait_for("pass failed", kind="invalid")
        daemon.stop()

    def test_a_second_daemon_on_the_same_clone_is_told_so(self):
        served = self.serve("http")
        daemon = Daemon(self, f"{served['url']}/fleet.git")
        daemon.wait_for("pass done", commits="0")
        second = Daemon(self, f"{served['url']}/fleet.git")
        event = second.wait_for("pass failed")
        self.assertIn(str(daemon.process.pid), event["error"])
        second.stop()
        daemon.stop()


if __name__ == "__main__":
    try:
        with serving("http", tempfile.gettempdir()):
            pass
    except Missing as missing:
        print(f"skipped: {missing}", file=sys.stderr)
        sys.exit(SKIPPED)
    unittest.main()
