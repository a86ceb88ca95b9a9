#!/usr/bin/env python3
"""Whether serve.py serves: the real git clones and pushes through both servers, and is refused where it must be."""
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from _rig.git_case import GitCase, main  # noqa: E402
from _rig.processes import descendants, wait_until  # noqa: E402
from serve import serving  # noqa: E402

SERVE = str(pathlib.Path(__file__).resolve().parent / "serve.py")


class Rig(GitCase):
    def both_ways(self, url, *config):
        """Clones, commits and pushes; the commit must arrive."""
        name = f"clone{len(list(self.folder.iterdir()))}"
        self.git(*config, "clone", "-q", url, self.folder / name)
        self.commit(name)
        self.git("-C", self.folder / name, *config, "push", "-q", "origin", "HEAD:main")
        self.assertEqual(self.git("-C", self.folder / name, "rev-parse", "HEAD"), self.tip())

    def refused(self, url, *config, says):
        self.assertIn(says, self.git(*config, "ls-remote", url, ok=False))

    def secret(self, name, text):
        (self.folder / name).write_text(text + "\n")
        return str(self.folder / name)


class Http(Rig):
    def test_plain(self):
        with serving("http", str(self.root)) as server:
            self.both_ways(f"{server['url']}/fleet.git")
            self.refused(f"{server['url']}/other.git", says="not found")

    def test_redirects(self):
        with serving("http", str(self.root)) as server:
            self.assertIn("main", self.git("ls-remote", f"{server['url']}/moved/fleet.git"))
            self.assertIn("main", self.git("ls-remote", f"{server['url']}/elsewhere/fleet.git"))

    def test_tls(self):
        with serving("http", str(self.root), "--tls") as server:
            self.both_ways(f"{server['url']}/fleet.git", "-c", f"http.sslCAInfo={server['ca_file']}")
            self.both_ways(f"https://localhost:{server['port']}/fleet.git", "-c", f"http.sslCAInfo={server['ca_file']}")
            self.refused(f"{server['url']}/fleet.git", says="certificate")

    def test_tls_of_another_host(self):
        with serving("http", str(self.root), "--tls", "--san", "DNS:elsewhere.invalid") as server:
            self.refused(f"{server['url']}/fleet.git", "-c", f"http.sslCAInfo={server['ca_file']}", says="does not match target host name")

    def test_client_certificate(self):
        with serving("http", str(self.root), "--tls", "--client-certificate") as server:
            known = ["-c", f"http.sslCAInfo={server['ca_file']}"]
            self.refused(f"{server['url']}/fleet.git", *known, says="unable to access")
            self.both_ways(f"{server['url']}/fleet.git", *known, "-c", f"http.sslCert={server['client_certificate_file']}", "-c",
                           f"http.sslKey={server['client_key_file']}")

    def test_basic(self):
        with serving("http", str(self.root), "--user", "ada", "--password-file", self.secret("password", "s3cret:x")) as server:
            where = f"127.0.0.1:{server['port']}/fleet.git"
            self.both_ways(f"http://ada:s3cret%3Ax@{where}")
            self.refused(f"http://{where}", says="could not read Username")
            self.refused(f"http://ada:wrong@{where}", says="Authentication failed")
            server["tell"](password="fresh")
            self.refused(f"http://ada:s3cret%3Ax@{where}", says="Authentication failed")
            self.both_ways(f"http://ada:fresh@{where}")
            self.assertIn("Basic ", pathlib.Path(server["access_log"]).read_text())

    def test_bearer_and_header(self):
        options = ["--bearer-file", self.secret("token", "tok-1"), "--header", "X-Fleet-Token: abc"]
        with serving("http", str(self.root), *options) as server:
            url = f"{server['url']}/fleet.git"
            self.both_ways(url, "-c", "http.extraHeader=Authorization: Bearer tok-1")
            self.both_ways(url, "-c", "http.extraHeader=X-Fleet-Token: abc")
            self.refused(url, "-c", "http.extraHeader=X-Fleet-Token: abd", says="could not read Username")
            server["tell"](bearer="tok-2")
            self.refused(url, "-c", "http.extraHeader=Authorization: Bearer tok-1", says="could not read Username")
            self.both_ways(url, "-c", "http.extraHeader=Authorization: Bearer tok-2")


class Ssh(Rig):
    def test_key(self):
        with serving("ssh", str(self.root)) as server:
            self.use_ssh(server)
            self.both_ways(f"{server['url']}/fleet.git")
            self.refused(f"{server['url']}/other.git", says="does not appear to be a git repository")
            self.refused(f"{server['url']}/../root/fleet.git", says="no such repository")

    def test_passphrase(self):
        with serving("ssh", str(self.root)) as server:
            self.use_ssh(server, key="passphrase_key_file", passphrase=server["passphrase_file"])
            self.both_ways(f"{server['url']}/fleet.git")

    def test_refuses_strangers(self):
        with serving("ssh", str(self.root)) as server:
            self.use_ssh(server, key="stranger_key_file")
            self.refused(f"{server['url']}/fleet.git", says="Permission denied")
            self.use_ssh(server, known_hosts="wrong_known_hosts_file")
            self.refused(f"{server['url']}/fleet.git", says="REMOTE HOST IDENTIFICATION HAS CHANGED")

    def test_only_git(self):
        with serving("ssh", str(self.root)) as server:
            self.use_ssh(server)
            done = subprocess.run([*self.environment["GIT_SSH_COMMAND"].split(), "-p", str(server["port"]),
                                   f"{server['user']}@127.0.0.1", "id"], env=self.environment, capture_output=True, text=True,
                                  timeout=30, check=False)
            self.assertEqual((done.returncode, done.stdout), (128, ""))


class Life(Rig):
    KINDS = ("http", "ssh")

    def start(self, kind, *options):
        process = subprocess.Popen([sys.executable, "-B", SERVE, kind, "--root", str(self.root), *options],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdin.close)
        return process, json.loads(process.stdout.readline())

    @staticmethod
    def folder_of(answer):
        return pathlib.Path(answer.get("error_log") or answer["log"]).parent

    @staticmethod
    def gone(pids):
        return all(not pathlib.Path(f"/proc/{pid}").exists() or
                   pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z" for pid in pids)

    def test_leaves_nothing(self):
        for kind in self.KINDS:
            for how in ("stdin", signal.SIGTERM):
                with self.subTest(kind=kind, how=how):
                    process, answer = self.start(kind)
                    below = descendants(process.pid)
                    self.assertTrue(below)
                    process.stdin.close() if how == "stdin" else process.send_signal(how)
                    self.assertEqual(process.wait(timeout=30), 0)
                    self.assertTrue(self.gone(below))
                    self.assertFalse(self.folder_of(answer).exists())

    def test_servers_end_when_it_is_killed(self):
        for kind in self.KINDS:
            with self.subTest(kind=kind):
                process, answer = self.start(kind)
                below = descendants(process.pid)
                process.kill()
                process.wait()
                self.addCleanup(shutil.rmtree, self.folder_of(answer), True)
                wait_until(lambda: self.gone(below), "the end of the servers", 20)

    def test_sessions_end_too(self):
        """A client that keeps a session open must not keep the server."""
        process, answer = self.start("ssh")
        session = subprocess.Popen(
            ["ssh", "-F", "/dev/null", "-i", answer["key_file"], "-p", str(answer["port"]), "-o", "BatchMode=yes", "-o",
             f"UserKnownHostsFile={answer['known_hosts_file']}", f"{answer['user']}@127.0.0.1", "git-receive-pack '/fleet.git'"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(session.stdout.close)
        self.addCleanup(session.stdin.close)
        self.assertTrue(session.stdout.read(4))
        below = descendants(process.pid)
        process.stdin.close()
        self.assertEqual(process.wait(timeout=30), 0)
        self.assertTrue(self.gone(below))
        session.wait(timeout=30)

    def test_says_when_the_server_dies(self):
        process, _ = self.start("http")
        os.kill(min(descendants(process.pid)), signal.SIGKILL)
        self.assertEqual(process.wait(timeout=30), 1)

    def test_comes_back_at_its_port(self):
        for kind in self.KINDS:
            with self.subTest(kind=kind):
                with serving(kind, str(self.root)) as server:
                    port = server["port"]
                with serving(kind, str(self.root), "--port", str(port)) as server:
                    self.assertEqual(server["port"], port)

    @unittest.skipIf(os.geteuid() != 0 or not os.path.exists("/usr/bin/python3"), "needs root, and a Python for others")
    def test_as_another_user(self):
        # A copy, since the project's folder may be closed to others.
        here = self.folder / "remote"
        shutil.copytree(pathlib.Path(__file__).resolve().parent, here)
        # Into an account without a shell sshd lets nobody.
        people = [entry for entry in pwd.getpwall() if entry.pw_uid >= 100 and entry.pw_shell.endswith("sh")]
        user = people[0].pw_uid if people else 65534
        subprocess.run(["chown", "-R", f"{user}:{user}", self.folder], check=True)
        for test in ["Http.test_basic", "Http.test_tls"] + (["Ssh.test_key"] if people else []):
            with self.subTest(test=test):
                done = subprocess.run(
                    ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
                     "/usr/bin/python3", "-B", here / "serve_test.py", test],
                    env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"}, capture_output=True, text=True, timeout=120,
                    check=False)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_misuse(self):
        for arguments in (["http", "--root", "/nonexistent"], ["http", "--root", str(self.root), "--user", "a"], ["smb"]):
            with self.subTest(arguments=arguments):
                done = subprocess.run([sys.executable, "-B", SERVE, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                                      timeout=30, check=False)
                self.assertEqual((done.returncode, done.stdout), (2, b""))


if __name__ == "__main__":
    main()
