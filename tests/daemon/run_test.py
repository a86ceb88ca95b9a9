"""`lockkeeper run` as whoever starts it sees it: signals, reloading, words.

    run_test.py LOCKKEEPER
"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.request

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else "lockkeeper"

FLEET = """apiVersion: lockkeeper.dev/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  inventory: [{profile: capi-topology, include: ["clusters/**"]}]
"""


class RunTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        self.repo = self.root / "repo"
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.root), "GIT_CONFIG_GLOBAL": "/dev/null",
                    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
                    **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}}
        self.git("init", "-q", "-b", "main", str(self.repo))
        (self.repo / "lockkeeper.yaml").write_text(FLEET)
        self.git("-C", str(self.repo), "add", ".")
        self.git("-C", str(self.repo), "commit", "-qm", "Begin")
        self.config = self.root / "lockkeeper.conf"
        self.config.write_text('log-level = "debug"\n')

    def git(self, *arguments):
        subprocess.run(["git", *arguments], check=True, env=self.env)

    def command(self, *arguments):
        return [PROGRAM, "--repo", str(self.repo), "--config", str(self.config), "--log-format", "json", "run", *arguments]

    def start(self, *arguments):
        process = subprocess.Popen(self.command("--listen", "none", *arguments), stderr=subprocess.PIPE, text=True, env=self.env)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.wait_for(process, "pass done")
        return process

    def wait_for(self, process, message):
        """The next line with this message; the test's own time limit ends it if none comes."""
        for line in process.stderr:
            event = json.loads(line)
            if event["message"] == message:
                return event
        self.fail(f"it ended without saying {message!r}")

    def test_sigterm_ends_it_with_0(self):
        process = self.start()
        process.send_signal(signal.SIGTERM)
        self.wait_for(process, "stopped")
        self.assertEqual(process.wait(), 0)

    def test_sigint_too(self):
        process = self.start()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(), 0)

    def test_sighup_takes_the_new_configuration(self):
        process = self.start()
        self.config.write_text('log-level = "debug"\n[run]\npoll-interval = "7s"\n')
        process.send_signal(signal.SIGHUP)
        self.wait_for(process, "reloading")
        self.wait_for(process, "started")
        self.wait_for(process, "pass done")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)

    def test_sigterm_during_a_reload_ends_it(self):
        # A server that takes a call and says nothing, so that the step at hand lasts as long as it is to.
        with socket.create_server(("127.0.0.1", 0)) as silent:
            process = subprocess.Popen(
                [PROGRAM, "--repo", f"http://127.0.0.1:{silent.getsockname()[1]}/fleet.git", "--cache", str(self.root / "cache"),
                 "--log-format", "json", "run", "--listen", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True, env=self.env)
            self.addCleanup(process.stderr.close)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            caller, _ = silent.accept()
            # The kernel hands over the one with the lower number first, which SIGHUP is.
            process.send_signal(signal.SIGHUP)
            process.send_signal(signal.SIGTERM)
            self.wait_for(process, "asked to stop; the step at hand is finished")
            caller.close()
            self.wait_for(process, "stopped")
            self.assertEqual(process.wait(), 0)

    def test_sighup_with_a_broken_configuration_changes_nothing(self):
        process = self.start()
        self.config.write_text('[run]\npoll-interval = "never"\n')
        process.send_signal(signal.SIGHUP)
        event = self.wait_for(process, "not reloaded; the configuration as it was holds")
        self.assertIn("--poll-interval", event["problem"])
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)

    def test_systemd_hears_how_it_is(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
            heard.bind(str(self.root / "notify"))
            heard.settimeout(60)
            self.env |= {"NOTIFY_SOCKET": str(self.root / "notify"), "WATCHDOG_USEC": "200000"}

            def until(word):
                seen = ""
                while word not in seen:
                    seen = heard.recv(4096).decode()
                return seen

            process = self.start()
            until("READY=1")
            until("WATCHDOG=1")
            until("WATCHDOG=1")
            process.send_signal(signal.SIGHUP)
            self.assertIn("MONOTONIC_USEC=", until("RELOADING=1"))
            until("READY=1")
            process.send_signal(signal.SIGTERM)
            until("STOPPING=1")
            self.assertEqual(process.wait(), 0)

    def test_it_answers_over_http(self):
        process = subprocess.Popen(self.command("--listen", "127.0.0.1:0"), stderr=subprocess.PIPE, text=True, env=self.env)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        address = self.wait_for(process, "started")["listen"]
        self.wait_for(process, "pass done")
        with urllib.request.urlopen(f"http://{address}/api/v1/clusters", timeout=20) as answer:
            self.assertEqual(json.load(answer)["clusters"], [])
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=20) as answer:
            self.assertEqual(answer.status, 200)
        # Somebody else listens there already.
        second = subprocess.run(self.command("--listen", address), env=self.env, capture_output=True, text=True)
        self.assertEqual(second.returncode, 1)
        self.assertIn("--listen", second.stderr)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)

    def test_check_says_whether_it_would_start(self):
        self.assertEqual(subprocess.run(self.command("--check"), env=self.env).returncode, 0)
        self.config.write_text('[run]\npoll-interval = "never"\n')
        checked = subprocess.run(self.command("--check"), env=self.env, capture_output=True, text=True)
        self.assertEqual(checked.returncode, 2)
        self.assertIn("--poll-interval", checked.stderr)
        self.config.write_text("")
        checked = subprocess.run(self.command("--check", "--listen", "nowhere at all"), env=self.env, capture_output=True, text=True)
        self.assertEqual(checked.returncode, 1)
        self.assertIn("--listen", checked.stderr)

    def test_a_wrong_repository_is_said_at_once(self):
        ended = subprocess.run([PROGRAM, "--repo", str(self.root / "nothing"), "run"], env=self.env, capture_output=True,
                               text=True)
        self.assertEqual(ended.returncode, 3)
        self.assertIn("no such folder", ended.stderr)

    def test_a_typo_in_a_manifest_is_told_with_its_place(self):
        (self.repo / "upgrades").mkdir()
        (self.repo / "upgrades/nights.yaml").write_text(
            "apiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedule\nmetadata: {name: nights}\n"
            "spec: {timeZone: Europe/Berln, matchers: []}\n")
        self.git("-C", str(self.repo), "add", ".")
        self.git("-C", str(self.repo), "commit", "-qm", "Mistype a zone")
        process = subprocess.Popen(self.command("--listen", "none"), stderr=subprocess.PIPE, text=True, env=self.env)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        finding = self.wait_for(process, "finding")["finding"]
        self.assertIn("upgrades/nights.yaml:4:18: error[unknown-time-zone]", finding)
        self.assertIn("Europe/Berln", finding)

    def test_now_is_refused(self):
        ended = subprocess.run(self.command("--now", "2026-01-01"), env=self.env, capture_output=True, text=True)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("--clock", ended.stderr)


if __name__ == "__main__":
    unittest.main()
